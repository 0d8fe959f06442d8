/* status.c - one line of text for the caller. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>

kmu_status kmu__fail(kmu_error *error, kmu_status status, const char *format, ...)
{
    if (error) {
        va_list list;
        va_start(list, format);
        vsnprintf(error->text, sizeof error->text, format, list);
        va_end(list);
    }
    return status;
}
