/* columns.c - what the options say about the columns of a text, and what is left to each of them.
 *
 *   --columns = item (, item)*,   item = name | number | number-number      numbers from 1; a name goes before a number
 *
 * Without --columns every column that is no id and no weight is a coordinate, except those that a header names and whose
 * first row is no number: they are set aside, and rows.c refuses a number in them later. */
#include <stdlib.h>
#include <string.h>

#include "io/text.h"

/* What is looked up, for messages. */
struct request {
    struct layout *layout;
    const char *file, *option;
    kmu_error *error;
};

/* [s, s + length) as a number of 1 .. fields, or 0. */
static size_t column_number(const struct request *r, const char *s, size_t length)
{
    size_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (s[i] < '0' || s[i] > '9' || number > r->layout->fields)
            return 0;
        number = 10 * number + (size_t)(s[i] - '0');
    }
    return number <= r->layout->fields ? number : 0;
}

static kmu_status no_column(const struct request *r, const char *s, size_t length)
{
    char show[200];
    shown(show, 40, s, s + length);
    const bool digits = length && strspn(s, "0123456789-") >= length;
    if (digits)
        return table_fail(r->error, KMU_EUSAGE, "%s: %s has %zu columns, no %s", r->option, r->file, r->layout->fields, show);
    return table_fail(r->error, KMU_EUSAGE, "%s: %s has no column \"%s\"%s", r->option, r->file, show,
                      r->layout->names ? "" : " (it has no header)");
}

/* The column that [s, s + length) names: *column from 0. */
static kmu_status find_column(const struct request *r, const char *s, size_t length, size_t *column)
{
    const struct layout *a = r->layout;
    size_t found = 0;
    for (size_t i = 0; a->names && i < a->names_count; i++)
        if (strlen(a->names[i]) == length && memcmp(a->names[i], s, length) == 0) {
            found++;
            *column = i;
        }
    char show[200];
    if (found > 1)
        return table_fail(r->error, KMU_EUSAGE, "%s: %s has %zu columns \"%s\"; give its number", r->option, r->file, found,
                          shown(show, 40, s, s + length));
    if (found)
        return KMU_OK;
    const size_t number = column_number(r, s, length);
    *column = number - 1;
    return number ? KMU_OK : no_column(r, s, length);
}

static kmu_status give_role(const struct request *r, size_t column, enum role role)
{
    struct column *c = &r->layout->column[column];
    if (c->role != SKIPPED)
        return table_fail(r->error, KMU_EUSAGE, "%s: column %zu of %s is asked for twice", r->option, column + 1, r->file);
    *c = (struct column){.role = role, .at = role == COORDINATE ? r->layout->d++ : 0};
    return KMU_OK;
}

static kmu_status give_named_role(const struct request *r, const char *name, enum role role)
{
    size_t column;
    kmu_status status = find_column(r, name, strlen(name), &column);
    return status ? status : give_role(r, column, role);
}

/* One item of --columns. */
static kmu_status choose(const struct request *r, const char *s, size_t length)
{
    size_t column;
    const char *dash = memchr(s, '-', length);
    const size_t from = dash ? column_number(r, s, (size_t)(dash - s)) : 0;
    const size_t to = dash ? column_number(r, dash + 1, length - (size_t)(dash + 1 - s)) : 0;
    kmu_error ignored;
    const struct request quiet = {r->layout, r->file, r->option, &ignored};
    if (!from || to < from || find_column(&quiet, s, length, &column) == KMU_OK) {
        kmu_status status = find_column(r, s, length, &column);
        return status ? status : give_role(r, column, COORDINATE);
    }
    kmu_status status = KMU_OK;
    for (column = from - 1; column < to && !status; column++)
        status = give_role(r, column, COORDINATE);
    return status;
}

static kmu_status choose_all(const struct request *r, const char *list)
{
    kmu_status status = KMU_OK;
    for (const char *p = list;; p++) {
        const size_t length = strcspn(p, ",");
        if ((status = choose(r, p, length)))
            return status;
        p += length;
        if (!*p)
            return KMU_OK;
    }
}

/* The roles that no option gives. */
static void choose_rest(struct layout *a)
{
    for (size_t i = 0; i < a->fields; i++) {
        struct column *c = &a->column[i];
        if (c->role != SKIPPED)
            continue;
        const bool text = a->names && i < a->first_count && !looks_like_number(a->point, a->first[i]);
        *c = (struct column){.role = text ? ASIDE : COORDINATE, .at = text ? 0 : a->d++};
    }
}

static kmu_status no_numbers(const struct request *r)
{
    const struct layout *a = r->layout;
    char show[200];
    if (!a->names)
        return table_fail(r->error, KMU_EDATA, "%s: no column of numbers", r->file);
    const char *first = a->first_count ? a->first[0] : "";
    return table_fail(r->error, KMU_EDATA, "%s:%zu:1: \"%s\" is not a number, nor is anything in the row after the header%s",
                      r->file, a->lines + 1, shown(show, 40, first, first + strlen(first)),
                      a->first_count == a->fields ? " (two headers?)" : "");
}

kmu_status assign_roles(struct layout *a, const struct stream *s, const struct table_options *o, kmu_error *error)
{
    struct request r = {a, stream_name(s), "--id", error};
    kmu_status status = KMU_OK;
    a->column = malloc(a->fields * sizeof *a->column);
    if (!a->column)
        return table_no_memory(s, error);
    for (size_t i = 0; i < a->fields; i++)
        a->column[i] = (struct column){.role = SKIPPED};
    a->has_id = o->id != NULL;
    a->keep_lines = o->keep_lines;
    a->has_weight = o->weight != NULL;
    if (o->id)
        status = give_named_role(&r, o->id, ID);
    r.option = "--weights";
    if (!status && o->weight)
        status = give_named_role(&r, o->weight, WEIGHT);
    r.option = "--columns";
    if (!status && o->columns)
        status = choose_all(&r, o->columns);
    else if (!status)
        choose_rest(a);
    if (!status && a->d == 0)
        status = no_numbers(&r);
    return status;
}
