/* fields.c - one field of a text: where it begins and ends (RFC 4180; blanks around it are passed over).
 *
 *   field = blanks (plain | '"' (any | '""')* '"') blanks,      then a delimiter or a line end ("\n", "\r\n", the end) */
#include <stdlib.h>
#include <string.h>

#include "io/text.h"

static bool is_blank(char delimiter, char c)
{
    return c == ' ' || (c == '\t' && delimiter != '\t');
}

bool pass_delimiter(char delimiter, const char *p, const char *end, const char **next, bool *ends_row)
{
    const char *s = p;
    while (s < end && is_blank(delimiter, *s))
        s++;
    const bool carriage = s < end && *s == '\r' && (s + 1 == end || s[1] == '\n');
    *ends_row = s == end || *s == '\n' || carriage;
    if (*ends_row) {
        s += carriage;
        *next = s < end ? s + 1 : end;
        return true;
    }
    if (delimiter == ' ') {
        *next = s;
        return s > p;
    }
    *next = s + 1;
    return *s == delimiter;
}

const char *pass_blank_line(char delimiter, const char *p, const char *end)
{
    const char *next;
    bool ends_row;
    if (p < end && (unsigned char)*p > ' ')
        return NULL;
    pass_delimiter(delimiter, p, end, &next, &ends_row);
    return ends_row ? next : NULL;
}

const char *field_status_text(enum field_status status)
{
    static const char *const texts[] = {[FIELD_UNCLOSED] = "a quote that is never closed",
                                        [FIELD_TRAILS] = "text after a closing quote",
                                        [FIELD_RETURN] = "a carriage return within a field (lines end with LF or CR LF)",
                                        [FIELD_NUL] = "a NUL byte (is this a text?)"};
    return texts[status];
}

static enum field_status find_nul(const struct field *f)
{
    return memchr(f->begin, 0, (size_t)(f->end - f->begin)) ? FIELD_NUL : FIELD_OK;
}

static enum field_status take_quoted(char delimiter, const char *p, const char *end, struct field *f)
{
    f->quoted = true;
    f->begin = ++p;
    while ((p = memchr(p, '"', (size_t)(end - p)))) {
        if (p + 1 < end && p[1] == '"') {
            f->doubled = true;
            p += 2;
            continue;
        }
        f->end = p;
        return pass_delimiter(delimiter, p + 1, end, &f->next, &f->ends_row) ? find_nul(f) : FIELD_TRAILS;
    }
    f->end = end;
    return FIELD_UNCLOSED;
}

enum field_status take_field(char delimiter, const char *p, const char *end, struct field *f)
{
    *f = (struct field){0};
    while (p < end && is_blank(delimiter, *p))
        p++;
    if (p < end && *p == '"')
        return take_quoted(delimiter, p, end, f);
    f->begin = p;
    while (p < end && *p != delimiter && *p != '\n' && !(delimiter == ' ' && *p == '\t'))
        p++;
    f->end = p;
    if (p > f->begin && p[-1] == '\r' && (p == end || *p == '\n'))
        f->end--;
    while (f->end > f->begin && is_blank(delimiter, f->end[-1]))
        f->end--;
    pass_delimiter(delimiter, f->end, end, &f->next, &f->ends_row);
    return find_nul(f);
}

static bool make_room(struct texts *t, size_t bytes)
{
    const size_t need = t->used + bytes;
    if (need <= t->room)
        return true;
    const size_t room = need > 2 * t->room ? need + 64 : 2 * t->room;
    char *larger = realloc(t->bytes, room);
    if (!larger)
        return false;
    t->bytes = larger;
    t->room = room;
    return true;
}

bool texts_add(struct texts *t, const char *s, const char *end, bool doubled)
{
    if (!make_room(t, (size_t)(end - s) + 1))
        return false;
    for (const char *p = s; p < end; p++) {
        t->bytes[t->used++] = *p;
        if (doubled && *p == '"')
            p++;
    }
    t->bytes[t->used++] = 0;
    t->count++;
    return true;
}

bool texts_join(struct texts *t, const struct texts *more)
{
    if (more->count == 0)
        return true;
    if (!make_room(t, more->used))
        return false;
    memcpy(t->bytes + t->used, more->bytes, more->used);
    t->used += more->used;
    t->count += more->count;
    return true;
}

char **texts_release(struct texts *t)
{
    char **list = malloc(t->count * sizeof *list + t->used + 1);
    if (list) {
        char *p = (char *)(list + t->count);
        if (t->used)
            memcpy(p, t->bytes, t->used);
        for (size_t i = 0; i < t->count; i++, p += strlen(p) + 1)
            list[i] = p;
    }
    texts_clear(t);
    return list;
}

void texts_clear(struct texts *t)
{
    free(t->bytes);
    *t = (struct texts){0};
}
