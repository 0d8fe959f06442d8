/* status.c - one line of text for the caller, the same in every locale of a host. */
#include "status.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>

kmu_status kmu__fail(kmu_error *error, kmu_status status, const char *format, ...)
{
    if (error) {
        const locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), found = uselocale(c); /* without one it stays */
        va_list list;
        va_start(list, format);
        vsnprintf(error->text, sizeof error->text, format, list);
        va_end(list);
        uselocale(found);
        if (c)
            freelocale(c);
    }
    return status;
}
