/* names.c - whether a file is a model, and whether points are what it was fitted to: columns, names, type. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "io/format.h"

/* Only a regular file can be looked into and then read from its start. */
kmu_status model_is_one(const char *path, bool *is, kmu_error *error)
{
    struct stat info;
    struct stream *s;
    *is = false;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return KMU_OK;
    kmu_status status = strcmp(path, "-") ? stream_open(path, false, &s, error) : KMU_OK;
    if (status != KMU_OK || strcmp(path, "-") == 0)
        return status;
    size_t bytes;
    const unsigned char *head = stream_head(s, &bytes);
    *is = bytes >= strlen(MODEL_MAGIC) && memcmp(head, MODEL_MAGIC, strlen(MODEL_MAGIC)) == 0;
    stream_close(s);
    return KMU_OK;
}

/* Whether a column's name is that of the model, which has blanks for line breaks. */
static bool is_called(const char *name, const char *in_model)
{
    for (; *name; name++, in_model++)
        if (*name != *in_model && !(*in_model == ' ' && (*name == '\n' || *name == '\r')))
            return false;
    return !*in_model;
}

kmu_status model_compare_names(const struct model *m, const char *path, const struct table *t, const char *data,
                               kmu_error *error)
{
    for (size_t l = 0; t->names && m->names && l < m->d; l++) {
        char own[200], other[200];
        if (is_called(t->names[l], m->names[l]))
            continue;
        shown(own, 40, t->names[l], t->names[l] + strlen(t->names[l]));
        shown(other, 40, m->names[l], m->names[l] + strlen(m->names[l]));
        table_fail(error, KMU_EDATA, "coordinate %zu is \"%s\", that of %s is \"%s\" (--columns chooses and orders them)",
                   l + 1, own, path, other);
        name_place(data, error);
        return KMU_EDATA;
    }
    return KMU_OK;
}

/* *x := its count numbers in another type. */
static bool turn_into(void **x, size_t count, kmu_type type)
{
    double *numbers = malloc(count * sizeof *numbers);
    for (size_t i = 0; numbers && i < count; i++)
        if (type == KMU_F32)
            ((float *)numbers)[i] = (float)((const double *)*x)[i];
        else
            numbers[i] = ((const float *)*x)[i];
    if (!numbers)
        return false;
    free(*x);
    *x = numbers;
    return true;
}

kmu_status model_match_type(struct model *m, kmu_type type, kmu_error *error)
{
    if (m->type == type)
        return KMU_OK;
    if (!turn_into(&m->mu, m->k * m->d, type) || (m->splits && !turn_into(&m->split_mu, 2 * m->splits * m->d, type)))
        return out_of_memory(error);
    m->type = type;
    return KMU_OK;
}

kmu_status model_take_points(struct model *m, const struct job *job, struct table *t, kmu_error *error)
{
    kmu_status status = model_match_type(m, t->type == KMU_F32 ? KMU_F32 : KMU_F64, error);
    if (status == KMU_OK && t->d != m->d) {
        status = table_fail(error, KMU_EMODEL, "points of %zu columns for a model of %zu%s", t->d, m->d,
                            t->d > m->d && !job->in.columns ? " (--columns chooses and orders them)" : "");
        name_place(job->data, error);
    }
    return status == KMU_OK ? model_compare_names(m, job->model, t, job->data, error) : status;
}
