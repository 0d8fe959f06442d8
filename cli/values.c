/* values.c - from the text of an option to a field of the job. */
#include "cli/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

kmu_status usage(kmu_error *error, const char *format, const char *a, const char *b)
{
    snprintf(error->text, sizeof error->text, format, a, b);
    return KMU_EUSAGE;
}

/* The place of value in a list of choices, or -1. */
static int choice(const char *choices, const char *value)
{
    int i = 0;
    for (const char *a = choices; *a; a = strchr(a, ',') + 1, i++)
        if (strncmp(a, value, strlen(value)) == 0 && a[strlen(value)] == ',')
            return i;
    return -1;
}

/* "N,D", both at least 1. */
static bool read_shape(const char *s, size_t *n, size_t *d)
{
    char *end = NULL;
    errno = 0;
    *n = *s >= '0' && *s <= '9' ? strtoull(s, &end, 10) : 0;
    if (*n == 0 || *end != ',' || end[1] < '0' || end[1] > '9')
        return false;
    *d = strtoull(end + 1, &end, 10);
    return *d > 0 && *end == 0 && errno == 0;
}

static kmu_status set_choice(int *field, const struct row *r, const char *value, kmu_error *error)
{
    char known[64] = "";
    *field = choice(r->choices, value);
    if (*field >= 0)
        return KMU_OK;
    for (size_t i = 0; r->choices[i + 1] && i + 1 < sizeof known; i++)
        known[i] = (char)(r->choices[i] == ',' ? ' ' : r->choices[i]);
    snprintf(error->text, sizeof error->text, "--%s %s: not one of %s", r->name, value, known);
    return KMU_EUSAGE;
}

static kmu_status set_character(char *field, const struct row *r, const char *value, kmu_error *error)
{
    const bool tab = strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0;
    *field = tab ? '\t' : value[0];
    if (!tab && (!value[0] || value[1]))
        return usage(error, "--%s %s: not one character", r->name, value);
    return isalnum((unsigned char)*field) || strchr("+-\"\r\n", *field)
               ? usage(error, "--%s %s: letters, digits, quotes, line ends, + and - mean something else", r->name, value)
               : KMU_OK;
}

static kmu_status set_init(struct job *job, const char *value, kmu_error *error)
{
    kmu_error ignored;
    job->init_file = NULL;
    if (kmu_options_set(&job->o, "init", value, &ignored) == KMU_OK)
        return KMU_OK;
    if (strcmp(value, "-") != 0 && !is_file(value))
        return usage(error, "--init %s: neither kmeans++, kmeans||, random, first nor a file%s", value, "");
    job->init_file = value;
    return KMU_OK;
}

/* k; for select LOW:HIGH. */
static kmu_status set_clusters(struct job *job, const char *value, kmu_error *error)
{
    char low[24];
    const char *colon = strchr(value, ':');
    if (strcmp(job->command, "select") != 0)
        return kmu_options_set(&job->o, "k", value, error);
    if (!colon || snprintf(low, sizeof low, "%.*s", (int)(colon - value), value) >= (int)sizeof low ||
        kmu_options_set(&job->o, "k", colon + 1, error) != KMU_OK)
        return usage(error, "-k %s: not LOW:HIGH, two integers of at least 1, such as 2:20%s", value, "");
    job->most = job->o.k;
    if (kmu_options_set(&job->o, "k", low, error) != KMU_OK)
        return usage(error, "-k %s: not LOW:HIGH, two integers of at least 1, such as 2:20%s", value, "");
    return job->o.k <= job->most ? KMU_OK : usage(error, "-k %s: the range is reversed; LOW:HIGH, such as 2:20%s", value, "");
}

kmu_status set_row(struct job *job, const struct row *r, const char *value, kmu_error *error)
{
    void *field = (char *)job + r->offset;
    char *end;
    switch (r->kind) {
    case TEXT:
        *(const char **)field = value;
        return KMU_OK;
    case FLAG:
        *(bool *)field = true;
        return KMU_OK;
    case INIT:
        return set_init(job, value, error);
    case CLUSTERS:
        return set_clusters(job, value, error);
    case LIBRARY:
        return kmu_options_set(&job->o, r->name, value, error);
    case NUMBER:
    case COUNT:
        errno = 0;
        *(int64_t *)field = strtoll(value, &end, 10);
        if (end > value && !*end && !errno && *(int64_t *)field >= (r->kind == NUMBER))
            return KMU_OK;
        return usage(error,
                     r->kind == NUMBER ? "--%s %s: not an integer of at least 1" : "--%s %s: not an integer of at least 0",
                     r->name, value);
    case CHARACTER:
        return set_character(field, r, value, error);
    case HEADER:
        *(int *)field = strcmp(value, "yes") == 0 ? 1 : 2;
        return !strcmp(value, "yes") || !strcmp(value, "no") ? KMU_OK
                                                             : usage(error, "--%s %s: neither yes nor no", r->name, value);
    case DTYPE:
        *(kmu_type *)field = (kmu_type)0;
        for (int t = KMU_F32; t <= KMU_I64; t++)
            if (strcmp(kmu_type_name((kmu_type)t), value) == 0)
                *(kmu_type *)field = (kmu_type)t;
        return *(kmu_type *)field ? KMU_OK
                                  : usage(error, "--%s %s: not a type: f32, f64 (raw: f16, u8 .. i64)", r->name, value);
    case SHAPE:
        return read_shape(value, field, (size_t *)field + 1)
                   ? KMU_OK
                   : usage(error, "--%s %s: not N,D, two integers of at least 1", r->name, value);
    case CHOICE:
        return set_choice(field, r, value, error);
    }
    return KMU_EBUG;
}
