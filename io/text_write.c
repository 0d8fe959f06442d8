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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether s would not be read back without quotes: blanks around a plain field are passed over, a tab ends one where the
 * delimiter is a blank, and a line of nothing is no row. */
static bool needs_quotes(const char *s, char delimiter)
{
    const char special[] = {delimiter, '"', '\n', '\r', delimiter == ' ' ? '\t' : delimiter, 0};
    return !*s || strpbrk(s, special) || is_blank(*s) || is_blank(s[strlen(s) - 1]);
}

kmu_status field_write(struct output *out, const char *s, char delimiter, kmu_error *error)
{
    if (!needs_quotes(s, delimiter))
        return output_write(out, s, strlen(s), error);
    kmu_status status = output_write(out, "\"", 1, error);
    for (const char *p; (p = strchr(s, '"')) && !status; s = p + 1) {
        status = output_write(out, s, (size_t)(p + 1 - s), error);
        if (!status)
            status = output_write(out, "\"", 1, error);
    }
    if (!status)
        status = output_write(out, s, strlen(s), error);
    return status ? status : output_write(out, "\"", 1, error);
}

static void put_text(struct writer *w, const char *s)
{
    if (!w->status)
        w->status = field_write(w->out, s, w->delimiter, w->error);
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
