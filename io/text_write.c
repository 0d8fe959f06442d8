/* text_write.c - a table as text (RFC 4180, "\n" as line end): each number as short as reads back to the same bits.
 *
 * A header is written when there are names; the id comes first, a weight last. */
#include <string.h>

#include "io/format.h"

struct writer {
    struct output *out;
    char delimiter;
    kmu_status status; /* the first error; nothing is written after it */
    kmu_error *error;
};

static void put(struct writer *w, const char *s, size_t bytes)
{
    if (!w->status)
        w->status = output_write(w->out, s, bytes, w->error);
}

/* A text, in quotes if it needs them. */
static void put_text(struct writer *w, const char *s)
{
    const char special[] = {w->delimiter, '"', '\n', '\r', 0};
    const size_t length = strlen(s);
    if (!strpbrk(s, special) && *s != ' ' && (length == 0 || s[length - 1] != ' ')) {
        put(w, s, length);
        return;
    }
    put(w, "\"", 1);
    for (const char *p; (p = strchr(s, '"')); s = p + 1) {
        put(w, s, (size_t)(p + 1 - s));
        put(w, "\"", 1);
    }
    put(w, s, strlen(s));
    put(w, "\"", 1);
}

static size_t write_integer(char *text, int64_t v, bool negative)
{
    char reversed[24];
    size_t count = 0, length = 0;
    for (uint64_t size = negative ? -(uint64_t)v : (uint64_t)v; size || !count; size /= 10)
        reversed[count++] = (char)('0' + size % 10);
    if (negative)
        text[length++] = '-';
    while (count)
        text[length++] = reversed[--count];
    return length;
}

static size_t write_number(char *text, const struct table *t, size_t j, size_t l)
{
    const size_t at = (size_t)((ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col);
    if (!is_integer(t->type))
        return number_write(text, load_number(t->x, at, t->type), t->type);
    const int64_t v = load_integer(t->x, at, t->type);
    return write_integer(text, v, t->type != KMU_U64 && v < 0);
}

static void write_header(struct writer *w, const struct table *t)
{
    if (t->id) {
        put_text(w, "id");
        put(w, &w->delimiter, 1);
    }
    for (size_t l = 0; l < t->d; l++) {
        put(w, &w->delimiter, l > 0);
        put_text(w, t->names[l]);
    }
    if (t->weight) {
        put(w, &w->delimiter, 1);
        put_text(w, "weight");
    }
    put(w, "\n", 1);
}

static void write_row(struct writer *w, const struct table *t, size_t j)
{
    char text[40];
    if (t->id) {
        put_text(w, t->id[j]);
        put(w, &w->delimiter, 1);
    }
    for (size_t l = 0; l < t->d; l++) {
        size_t length = write_number(text, t, j, l);
        text[length++] = l + 1 < t->d || t->weight ? w->delimiter : '\n';
        put(w, text, length);
    }
    if (t->weight) {
        size_t length = number_write(text, t->weight[j], KMU_F64);
        text[length++] = '\n';
        put(w, text, length);
    }
}

kmu_status text_write(struct output *out, int delimiter, const struct table *t, kmu_error *error)
{
    struct writer w = {.out = out, .delimiter = delimiter ? (char)delimiter : ',', .error = error};
    if (t->names)
        write_header(&w, t);
    for (size_t j = 0; j < t->n && !w.status; j++)
        write_row(&w, t, j);
    return w.status;
}
