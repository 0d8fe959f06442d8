/* data.c - tables to points, centroids, labels and weights. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "io/format.h"

double table_number(const struct table *t, size_t j, size_t l)
{
    return load_number(t->x, (size_t)((ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col), t->type);
}

/* A file with one number a row (or one row of numbers), n of them. */
static kmu_status read_column(const char *path, const char *what, size_t n, double **numbers, kmu_error *error)
{
    struct table t;
    struct table_options plain = {0};
    kmu_status status = table_read(path, &plain, &t, error);
    if (status != KMU_OK)
        return status;
    if ((t.d != 1 || t.n != n) && (t.n != 1 || t.d != n)) {
        snprintf(error->text, sizeof error->text, "%s: %zu x %zu numbers, but %zu %s are needed", path, t.n, t.d, n, what);
        table_free(&t);
        return KMU_EDATA;
    }
    double *v = malloc(n * sizeof *v);
    for (size_t j = 0; v && j < n; j++)
        v[j] = t.d == 1 ? table_number(&t, j, 0) : table_number(&t, 0, j);
    table_free(&t);
    *numbers = v;
    return v ? KMU_OK : out_of_memory(error);
}

kmu_status read_points(struct job *job, struct table *t, kmu_points *p, kmu_error *error)
{
    struct stat s;
    bool file = job->weights && stat(job->weights, &s) == 0;
    job->in.weight = file ? NULL : job->weights;
    job->in.threads = (int)job->o.threads;
    if (job->scale != SCALE_NONE && !job->in.dtype)
        job->in.dtype = KMU_F64; /* standardised numbers are fractions, whatever the file holds */
    kmu_status status = table_read(job->data, &job->in, t, error);
    if (status != KMU_OK)
        return status;
    if (file)
        status = read_column(job->weights, "weights", t->n, &t->weight, error);
    if (status != KMU_OK) {
        table_free(t);
        return status;
    }
    for (size_t i = 0; i < t->left_out_count; i++)
        note(job, "column \"%s\" holds no numbers and is set aside", t->left_out[i]);
    if (t->rounded)
        note(job, "%zu numbers were rounded to %s", t->rounded, kmu_type_name(t->type));
    *p = (kmu_points){
        .size = sizeof *p, .type = t->type, .n = t->n, .d = t->d, .x = t->x, .row = t->row, .col = t->col, .w = t->weight};
    return KMU_OK;
}

kmu_status read_centers(const char *path, kmu_type type, size_t d, struct table *t, kmu_error *error)
{
    struct table_options how = {0};
    kmu_status status = table_read(path, &how, t, error);
    if (status == KMU_OK && t->text && type == KMU_F32) { /* text has no type: it is rounded once, to that of the points */
        table_free(t);
        how.dtype = KMU_F32;
        status = table_read(path, &how, t, error);
    }
    if (status != KMU_OK)
        return status;
    if (t->d != d) {
        snprintf(error->text, sizeof error->text, "%s: centroids of %zu coordinates for points of %zu", path, t->d, d);
        table_free(t);
        return KMU_EDATA;
    }
    bool narrow = type == KMU_F32 && t->type == KMU_F32;
    double *mu = malloc(t->n * d * sizeof *mu);
    if (!mu) {
        table_free(t);
        return out_of_memory(error);
    }
    for (size_t i = 0; i < t->n; i++)
        for (size_t l = 0; l < d; l++)
            if (narrow)
                ((float *)mu)[i * d + l] = (float)table_number(t, i, l);
            else
                mu[i * d + l] = table_number(t, i, l);
    free(t->x);
    t->x = mu;
    t->type = narrow ? KMU_F32 : KMU_F64;
    t->row = (ptrdiff_t)d;
    t->col = 1;
    return KMU_OK;
}

kmu_status table_copy(const struct table *t, struct table *copy, kmu_error *error)
{
    double *x = malloc(t->n * t->d * sizeof *x);
    if (!x)
        return out_of_memory(error);
    for (size_t j = 0; j < t->n; j++)
        for (size_t l = 0; l < t->d; l++)
            x[j * t->d + l] = table_number(t, j, l);
    *copy = (struct table){.type = KMU_F64, .n = t->n, .d = t->d, .x = x, .row = (ptrdiff_t)t->d, .col = 1};
    return KMU_OK;
}

kmu_status read_labels(const char *path, size_t n, int32_t **c, kmu_error *error)
{
    double *v;
    kmu_status status = read_column(path, "labels", n, &v, error);
    if (status != KMU_OK)
        return status;
    *c = malloc(n * sizeof **c);
    if (!*c)
        status = out_of_memory(error);
    for (size_t j = 0; j < n && status == KMU_OK; j++) {
        if (!(v[j] >= 0 && v[j] <= INT32_MAX && v[j] == floor(v[j]))) {
            snprintf(error->text, sizeof error->text, "%s: label %zu is %.17g, not an integer of at least 0", path, j, v[j]);
            status = KMU_EDATA;
        } else {
            (*c)[j] = (int32_t)v[j];
        }
    }
    free(v);
    if (status != KMU_OK)
        free(*c);
    return status;
}
