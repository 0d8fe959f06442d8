/* layout.c - what the first lines of a text say: the delimiter, and whether there is a header.
 *
 * The delimiter is the one under which the largest part of the fields are numbers, in the first few rows behind the
 * first. A decimal comma counts as a number here, so that "1,5;2,5" is split at the semicolon; a row that has not as many
 * fields as the first row counts as one without numbers, so that "1 000" between commas is split at the commas. Equal
 * parts: the first of tab ; , | blank. A first row without any number is a header. */
#include <stdlib.h>
#include <string.h>

#include "io/text.h"

enum { SAMPLE_ROWS = 8, SAMPLE_BYTES = 64 << 10 };

bool is_number(char point, const char *s, const char *end)
{
    double x;
    return s < end && number_read(s, end, point, &x) == end;
}

bool looks_like_number(char point, const char *s)
{
    const char *end = s + strlen(s);
    return is_number(point, s, end) || is_number(',', s, end);
}

/* Rows that end with CR alone would be lost in a header. */
static enum field_status find_return(const struct field *f)
{
    return !f->quoted && memchr(f->begin, '\r', (size_t)(f->end - f->begin)) ? FIELD_RETURN : FIELD_OK;
}

/* The texts of the row at p; NULL: no memory, or a field that is not as it should be (*field, *wrong). */
static const char *take_row(char delimiter, const char *p, const char *end, struct texts *texts, size_t *field,
                            enum field_status *wrong)
{
    struct field f = {0};
    for (*field = 1; !f.ends_row; ++*field, p = f.next)
        if ((*wrong = take_field(delimiter, p, end, &f)) || (*wrong = find_return(&f)) ||
            !texts_add(texts, f.begin, f.end, f.doubled))
            return NULL;
    return p;
}

/* What a delimiter makes of a few rows. */
struct sample {
    size_t rows, fields, numbers;
};

/* Counts the numbers in rows of `width` fields (0: of any); the last row may be cut short. */
static struct sample count_numbers(char delimiter, char point, const char *p, const char *end, size_t width)
{
    struct sample s = {0};
    size_t fields = 0, numbers = 0; /* of this row */
    while (p < end && s.rows < SAMPLE_ROWS) {
        const char *next = fields ? NULL : pass_blank_line(delimiter, p, end);
        struct field f;
        if (next) {
            p = next;
            continue;
        }
        if (take_field(delimiter, p, end, &f))
            break;
        fields++;
        numbers += is_number(point, f.begin, f.end) || (delimiter != ',' && is_number(',', f.begin, f.end));
        p = f.next;
        if (!f.ends_row)
            continue;
        s.rows++;
        s.fields += fields;
        s.numbers += !width || fields == width || (p == end && fields < width) ? numbers : 0;
        fields = numbers = 0;
    }
    s.fields += fields;
    s.numbers += numbers;
    return s;
}

static char guess_delimiter(char point, const char *p, const char *end)
{
    static const char candidates[] = "\t;,| ";
    if (end - p > SAMPLE_BYTES)
        end = p + SAMPLE_BYTES;
    const char *second = memchr(p, '\n', (size_t)(end - p)), *first = p;
    if (second && second + 1 < end)
        p = second + 1;
    char best = ',';
    struct sample most = {0};
    for (const char *c = candidates; *c; c++) {
        const struct sample head = count_numbers(*c, point, first, p, 0);
        const struct sample s = count_numbers(*c, point, p, end, head.rows ? head.fields : 0);
        if (*c == point || s.fields <= s.rows || (most.fields && s.numbers * most.fields <= most.numbers * s.fields))
            continue;
        best = *c;
        most = s;
    }
    return best;
}

/* The start of the first line that holds anything. */
static const char *pass_blank_lines(struct layout *a, const char *p, const char *end)
{
    const char *next;
    while (p < end && (next = pass_blank_line(a->delimiter, p, end))) {
        p = next;
        a->lines++;
    }
    return p;
}

static bool holds_number(const struct layout *a)
{
    bool any = false;
    for (size_t i = 0; i < a->first_count && !any; i++)
        any = looks_like_number(a->point, a->first[i]);
    return any;
}

/* Whether the first row is the names that the options know. */
static bool holds_names(const struct layout *a, const struct table_options *o)
{
    bool same = o->names && o->d == a->first_count;
    for (size_t i = 0; same && i < o->d; i++)
        same = strcmp(a->first[i], o->names[i]) == 0;
    return same;
}

/* Takes the row at p into a->first; *next is behind it. A row that is not as it should be is left to whoever reads it. */
static kmu_status learn_row(struct layout *a, const struct stream *s, const char *p, const char *end, bool complete,
                            const char **next, bool *more, bool header, kmu_error *error)
{
    struct texts texts = {0};
    size_t field;
    enum field_status wrong = FIELD_OK;
    *next = take_row(a->delimiter, p, end, &texts, &field, &wrong);
    *more = !complete && (p == end || wrong == FIELD_UNCLOSED);
    kmu_status status = KMU_OK;
    if (!*next && wrong == FIELD_OK)
        status = table_no_memory(s, error);
    else if (!*next && header && !*more)
        status = table_fail(error, KMU_EDATA, "%s:%zu:%zu: %s", stream_name(s), a->lines + 1, field, field_status_text(wrong));
    a->first_count = texts.count;
    if (status || *more)
        texts_clear(&texts);
    else if (!(a->first = texts_release(&texts)))
        status = table_no_memory(s, error);
    return status;
}

static size_t count_lines(const char *p, const char *end)
{
    size_t lines = 0;
    for (; (p = memchr(p, '\n', (size_t)(end - p))); p++)
        lines++;
    return lines;
}

/* The first row, which may be a header, and then the one behind it. */
static kmu_status learn_rows(struct layout *a, const struct stream *s, const struct table_options *o, const char *p,
                             const char *end, bool complete, const char **rows, bool *more, kmu_error *error)
{
    const char *next;
    p = pass_blank_lines(a, p, end);
    *rows = p;
    if (p == end && complete)
        return table_fail(error, KMU_EDATA, "%s: no rows", stream_name(s));
    kmu_status status = learn_row(a, s, p, end, complete, &next, more, true, error);
    if (status || *more)
        return status;
    a->fields = a->first_count;
    if (o->header == 2 || (o->header == 0 && holds_number(a) && !holds_names(a, o)))
        return KMU_OK;
    a->names = a->first;
    a->names_count = a->first_count;
    a->first = NULL;
    a->lines += count_lines(p, next);
    *rows = p = pass_blank_lines(a, next, end);
    if (p == end && complete)
        return table_fail(error, KMU_EDATA, "%s: no rows after the header", stream_name(s));
    return learn_row(a, s, p, end, complete, &next, more, false, error);
}

kmu_status learn_layout(struct layout *a, const struct stream *s, const struct table_options *o, int delimiter,
                        const char *text, const char *end, bool complete, const char **rows, bool *more, kmu_error *error)
{
    const kmu_type own = o->text_type ? o->text_type : KMU_F64;
    *a = (struct layout){.point = o->decimal ? o->decimal : '.', .type = o->dtype ? o->dtype : own};
    const size_t bytes = (size_t)(end - text);
    if (bytes >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 || !text[0] != !text[1]))
        return table_fail(error, KMU_EDATA, "%s:1:1: UTF-16 (kmu reads UTF-8 and ASCII)", stream_name(s));
    if (a->type != KMU_F32 && a->type != KMU_F64)
        return table_fail(error, KMU_EUSAGE, "%s: --dtype is f32 or f64 (%s is for raw files)", stream_name(s),
                          type_name(a->type));
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    a->delimiter = o->delimiter ? o->delimiter : delimiter ? (char)delimiter : guess_delimiter(a->point, text, end);
    if (a->delimiter == a->point)
        return table_fail(error, KMU_EUSAGE, "%s: --delimiter and --decimal are both '%c'", stream_name(s), a->point);
    kmu_status status = learn_rows(a, s, o, text, end, complete, rows, more, error);
    if (!status && !*more)
        status = assign_roles(a, s, o, error);
    if (status || *more)
        clear_layout(a);
    return status;
}

void clear_layout(struct layout *a)
{
    free(a->column);
    free(a->names);
    free(a->first);
    *a = (struct layout){0};
}
