/* rows.c - a chunk of lines becomes numbers, or an error with its place.
 *
 * Nearly every field is a number with a delimiter or a line end directly behind it: quick_number takes it in one go.
 * All else (blanks, quotes, texts, errors) goes through take_field. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/number.h"
#include "io/text.h"

/* Notes the error in column i (from 0) of the line that is being read; NULL. */
__attribute__((format(printf, 3, 4))) static const char *refuse(struct chunk *c, size_t i, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(c->what, sizeof c->what, format, list);
    va_end(list);
    c->status = KMU_EDATA;
    c->line = c->lines + 1;
    c->field = i + 1;
    return NULL;
}

static const char *no_memory(struct chunk *c)
{
    c->status = KMU_EMEMORY;
    return NULL;
}

static inline const char *read_number(struct chunk *c, const char *p, const char *end, kmu_type type, double *x)
{
    bool rounded;
    if (type == KMU_F64)
        return number_read(p, end, c->layout->point, x);
    const char *next = number_read_f32(p, end, c->layout->point, x, &rounded);
    c->rounded += rounded;
    return next;
}

/* "12,5" in a text with decimal points. */
static bool has_decimal_comma(const char *s, const char *end)
{
    const char *comma = memchr(s, ',', (size_t)(end - s));
    return comma && is_number(',', s, end);
}

static bool is_missing(const char *s, const char *end)
{
    static const char *const marks[] = {"NA", "N/A", "NULL", "None", "nil", "missing", "?", "-", "."};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strlen(marks[i]) == (size_t)(end - s) && strncasecmp(s, marks[i], (size_t)(end - s)) == 0)
            return true;
    return false;
}

/* Says why f is no number; x is what its text reads as, if any. */
static const char *refuse_number(struct chunk *c, size_t i, const struct field *f, bool whole, double x)
{
    const struct layout *a = c->layout;
    char text[200];
    if (f->begin == f->end)
        return refuse(c, i, "an empty field%s", i > 0 && i + 1 == a->fields ? " (a delimiter at the end of the line?)" : "");
    shown(text, 40, f->begin, f->end);
    if (whole && isinf(x) && !strpbrk(text, "nN"))
        return refuse(c, i, "%s is beyond the range of %s", text, type_name(a->type));
    if (whole)
        return refuse(c, i, "%s is not finite; leave out the row or fill it in", text);
    return refuse(c, i, "\"%s\" is not a number%s", text,
                  a->point == '.' && has_decimal_comma(f->begin, f->end) ? " (a decimal comma? --decimal=,)"
                  : is_missing(f->begin, f->end)                         ? " (a missing value? leave out the row or fill it in)"
                                                                         : "");
}

/* A number with its delimiter or line end directly behind it. */
static inline bool quick_number(struct chunk *c, const char *p, double *x, const char **next, bool *ends_row)
{
    const char delimiter = c->layout->delimiter;
    const char *q = read_number(c, p, c->end, c->layout->type, x);
    if (q == p || !isfinite(*x))
        return false;
    if (q < c->end && (*q == '\n' || (*q == delimiter && delimiter != ' '))) {
        *ends_row = *q == '\n';
        *next = q + 1;
        return true;
    }
    return pass_delimiter(delimiter, q, c->end, next, ends_row);
}

/* Any field, in column i; returns what is behind it, or NULL. */
static const char *read_field(struct chunk *c, size_t i, const char *p, double *row, bool *ends_row)
{
    const struct layout *a = c->layout;
    const struct column *column = &a->column[i];
    struct field f;
    double x = 0;
    enum field_status wrong = take_field(a->delimiter, p, c->end, &f);
    if (wrong == FIELD_UNCLOSED && !c->complete)
        return NULL;
    if (wrong)
        return refuse(c, i, "%s", field_status_text(wrong));
    const bool asked = column->role != SKIPPED && column->role != ID && f.begin < f.end;
    const kmu_type type = column->role == COORDINATE ? a->type : KMU_F64;
    const bool whole = asked && read_number(c, f.begin, f.end, type, &x) == f.end;
    switch (column->role) {
    case ASIDE:
        if (whole) {
            c->aside = true;
            return refuse(c, i, "a number in a column of texts");
        }
        break;
    case SKIPPED:
        break;
    case ID:
        if (!texts_add(&c->id, f.begin, f.end, f.doubled))
            return no_memory(c);
        break;
    case WEIGHT:
    case COORDINATE:
        if (!whole || !isfinite(x))
            return refuse_number(c, i, &f, whole, x);
        *(column->role == WEIGHT ? &c->weight[c->rows] : &row[column->at]) = x;
        break;
    }
    for (const char *s = f.begin; f.quoted && (s = memchr(s, '\n', (size_t)(f.end - s))); s++)
        c->lines++;
    *ends_row = f.ends_row;
    return f.next;
}

static const char *read_row(struct chunk *c, const char *p)
{
    const struct layout *a = c->layout;
    double *row = c->x + c->rows * a->d;
    const size_t last = a->fields - 1;
    for (size_t i = 0; i <= last; i++) {
        const struct column *column = &a->column[i];
        const char *next;
        bool ends_row;
        if (column->role != COORDINATE || !quick_number(c, p, &row[column->at], &next, &ends_row)) {
            next = read_field(c, i, p, row, &ends_row);
            if (!next)
                return NULL;
        }
        if (ends_row && i < last)
            return refuse(c, i + 1, "the row ends after %zu of %zu fields", i + 1, a->fields);
        if (!ends_row && i == last)
            return refuse(c, i + 1, "the row has more than %zu field%s", a->fields, a->fields > 1 ? "s" : "");
        p = next;
    }
    c->lines++;
    return p;
}

static bool make_room(struct chunk *c)
{
    const struct layout *a = c->layout;
    if (c->rows < c->room)
        return true;
    const size_t room = 2 * c->room + (a->d < 1000 ? 1000 : 1);
    double *x = realloc(c->x, room * a->d * sizeof *x);
    if (!x)
        return false;
    c->x = x;
    double *weight = a->has_weight ? realloc(c->weight, room * sizeof *weight) : NULL;
    if (a->has_weight && !weight)
        return false;
    c->weight = weight;
    c->room = room;
    return true;
}

/* Keeps a row as it was written, without its line end. */
static bool keep_line(struct chunk *c, const char *p, const char *end)
{
    end -= end > p && end[-1] == '\n';
    end -= end > p && end[-1] == '\r';
    return texts_add(&c->written, p, end, false);
}

void read_rows(struct chunk *c)
{
    const struct layout *a = c->layout;
    for (c->stop = c->begin; c->stop < c->end;) {
        const char *next = pass_blank_line(a->delimiter, c->stop, c->end);
        if (next) {
            c->lines++;
            if (a->fields == 1 && !c->blank)
                c->blank = c->lines;
            c->stop = next;
            continue;
        }
        if (c->blank) {
            c->lines = c->blank - 1;
            refuse(c, 0, "an empty field");
            return;
        }
        const size_t lines = c->lines, rounded = c->rounded, used = c->id.used;
        next = make_room(c) ? read_row(c, c->stop) : no_memory(c);
        if (next && a->keep_lines && !keep_line(c, c->stop, next))
            next = no_memory(c);
        if (!next) { /* as if the row had not begun */
            c->lines = lines;
            c->rounded = rounded;
            c->id.used = used;
            c->id.count = a->has_id ? c->rows : 0;
            return;
        }
        c->stop = next;
        c->rows++;
    }
}
