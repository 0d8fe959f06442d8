/* say.c - how this room says no: one line of text, fit for a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/format.h"

kmu_status table_fail(kmu_error *error, kmu_status status, const char *format, ...)
{
    if (error) {
        va_list list;
        va_start(list, format);
        vsnprintf(error->text, sizeof error->text, format, list);
        va_end(list);
    }
    return status;
}

kmu_status table_no_memory(const struct stream *s, kmu_error *error)
{
    return table_fail(error, KMU_EMEMORY, "%s: not enough memory", stream_name(s));
}

/* The bytes of the UTF-8 character at s that a terminal may see; 0 if it must not (RFC 3629, C0 and C1 controls). */
static size_t harmless(const unsigned char *s, const unsigned char *end)
{
    if (*s < 0x80)
        return *s >= 0x20 && *s != 0x7f;
    const size_t bytes = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
    if (*s < 0xc2 || *s > 0xf4 || (size_t)(end - s) < bytes)
        return 0;
    for (size_t i = 1; i < bytes; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    const bool overlong = (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xf0 && s[1] < 0x90);
    const bool beyond = (*s == 0xed && s[1] > 0x9f) || (*s == 0xf4 && s[1] > 0x8f);
    const bool control = *s == 0xc2 && s[1] < 0xa0;
    return overlong || beyond || control ? 0 : bytes;
}

char *shown(char *text, size_t most, const char *from, const char *to)
{
    const unsigned char *s = (const unsigned char *)from, *end = (const unsigned char *)to;
    const unsigned char *last = (size_t)(to - from) > most ? s + most : end;
    char *p = text;
    while (s < last) {
        size_t bytes = harmless(s, end);
        if (bytes > (size_t)(last - s))
            break;
        if (bytes)
            memcpy(p, s, bytes);
        p += bytes ? bytes : (size_t)sprintf(p, "\\x%02x", *s);
        s += bytes ? bytes : 1;
    }
    strcpy(p, s < end ? "..." : "");
    return text;
}

void shown_path(char text[SHOWN_PATH], const char *path)
{
    const char *end = path + strlen(path), *from = end - path > LONGEST_PATH ? end - LONGEST_PATH : path;
    while (from > path && from < end && (*from & 0xc0) == 0x80)
        from++; /* not in the middle of a character */
    strcpy(text, from > path ? "..." : "");
    shown(text + strlen(text), LONGEST_PATH, from, end);
}
