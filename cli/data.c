/* data.c - tables to points, centroids, labels and weights. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/format.h"

bool is_file(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 || (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

double table_number(const struct table *t, size_t j, size_t l)
{
    return load_number(t->x, (size_t)((ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col), t->type);
}

void name_place(const char *path, kmu_error *error)
{
    char what[sizeof error->text], place[SHOWN_PATH];
    size_t j, l;
    int at = 0;
    memcpy(what, error->text, sizeof what);
    shown_path(place, strcmp(path, "-") ? path : "standard input");
    if (sscanf(what, "point %zu, coordinate %zu %n", &j, &l, &at) == 2 && at) /* counted from 0; rows of files are from 1 */
        table_fail(error, KMU_EDATA, "%s: row %zu, column %zu %s%s", place, j + 1, l + 1, what + at,
                   strstr(what + at, "beyond") ? "" : "; leave out the row or fill it in");
    else
        table_fail(error, KMU_EDATA, "%s: %s", place, what);
}

kmu_status read_text(const char *path, char *name, char **text, size_t *length, kmu_error *error)
{
    struct stream *stream;
    void *block = NULL;
    kmu_status status = stream_open(path, false, &stream, error);
    if (status != KMU_OK)
        return status;
    strcpy(name, stream_name(stream));
    status = stream_take(stream, PTRDIFF_MAX, &block, length, error);
    status = stream_end(stream, status, error);
    if (status == KMU_OK && !(*text = realloc(block, *length + 1)))
        status = out_of_memory(error);
    if (status == KMU_OK)
        (*text)[*length] = 0;
    else
        free(block);
    return status;
}

/* "-", or the file that standard output was sent to. */
static bool is_standard(const char *path)
{
    struct stat s, out;
    return strcmp(path, "-") == 0 || (stat(path, &s) == 0 && S_ISREG(s.st_mode) && fstat(STDOUT_FILENO, &out) == 0 &&
                                      s.st_dev == out.st_dev && s.st_ino == out.st_ino);
}

kmu_status outputs_differ(const char *const *path, size_t count, bool json, kmu_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct stat s;
        if (!path[i] || (stat(path[i], &s) == 0 && !S_ISREG(s.st_mode)))
            continue;
        const bool standard = is_standard(path[i]);
        bool twice = standard && json;
        for (size_t a = 0; a < i; a++)
            if (path[a] && is_standard(path[a]) == standard)
                twice |= standard || outputs_meet(path[a], path[i]);
        if (twice)
            return table_fail(
                error, KMU_EUSAGE,
                standard ? "standard output: two outputs cannot go there" : "%s: two outputs cannot go to one file", path[i]);
    }
    return KMU_OK;
}

/* The threads that read a text. Only parsing is shared out: the file is read, and rows are joined, by one thread, so more
 * than a few would wait for it. */
static int readers(const struct job *job)
{
    enum { MOST_UNASKED = 8 };
    const int cpus = kmu_cpus();
    return job->o.threads > 0 ? (int)job->o.threads : cpus < MOST_UNASKED ? cpus : MOST_UNASKED;
}

/* A file with one number a row (or one row of numbers), n of them. */
static kmu_status read_column(const struct job *job, const char *path, const char *what, size_t n, double **numbers,
                              kmu_error *error)
{
    struct table t;
    const struct table_options plain = {.threads = readers(job)};
    kmu_status status = table_read(path, &plain, &t, error);
    if (status != KMU_OK)
        return status;
    if ((t.d != 1 || t.n != n) && (t.n != 1 || t.d != n)) {
        table_fail(error, KMU_EDATA, "%zu x %zu numbers, but %zu %s are needed", t.n, t.d, n, what);
        name_place(path, error);
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

/* Weights as the library wants them: finite, not negative, not all 0. */
static kmu_status check_weights(const char *path, const struct table *t, kmu_error *error)
{
    double most = 0;
    for (size_t j = 0; j < t->n; j++) {
        const double w = t->weight[j];
        if (!(w >= 0 && isfinite(w))) {
            snprintf(error->text, sizeof error->text, "the weight of row %zu is %.15g; weights are finite and at least 0",
                     j + 1, w);
            name_place(path, error);
            return KMU_EDATA;
        }
        most = fmax(most, w);
    }
    if (most > 0)
        return KMU_OK;
    snprintf(error->text, sizeof error->text, "all %zu weights are 0", t->n);
    name_place(path, error);
    return KMU_EDATA;
}

kmu_status read_points(struct job *job, struct table *t, kmu_points *p, kmu_error *error)
{
    const bool file = job->weights && (strcmp(job->weights, "-") == 0 || is_file(job->weights));
    job->in.weight = file ? NULL : job->weights;
    job->in.threads = readers(job);
    if (job->scale != SCALE_NONE && !job->in.dtype)
        job->in.dtype = KMU_F64; /* standardised numbers are fractions, whatever the file holds */
    kmu_status status = table_read(job->data, &job->in, t, error);
    if (status == KMU_EUSAGE && job->in.weight && strstr(error->text, "weights") &&
        (strstr(error->text, " no ") || strstr(error->text, "is for text")))
        table_fail(error, status, "--weights %s: neither a file nor a column of the data", job->weights);
    if (status != KMU_OK)
        return status;
    if (file)
        status = read_column(job, job->weights, "weights", t->n, &t->weight, error);
    if (status == KMU_OK && t->weight)
        status = check_weights(file ? job->weights : job->data, t, error);
    if (status != KMU_OK) {
        table_free(t);
        return status;
    }
    for (size_t i = 0; i < t->left_out_count; i++)
        note(job, "column \"%s\" holds no numbers and is set aside", t->left_out[i]);
    if (t->rounded)
        note(job, "%zu number%s rounded to %s", t->rounded, t->rounded == 1 ? " was" : "s were", kmu_type_name(t->type));
    *p = (kmu_points){
        .size = sizeof *p, .type = t->type, .n = t->n, .d = t->d, .x = t->x, .row = t->row, .col = t->col, .w = t->weight};
    return KMU_OK;
}

kmu_status read_centers(const struct job *job, const char *path, const struct table *data, struct table *t, kmu_error *error)
{
    /* text has no type: it is rounded once, to that of the points */
    const kmu_type type = data->type == KMU_F32 ? KMU_F32 : KMU_F64;
    const size_t d = data->d;
    const struct table_options how = {.text_type = type, .names = data->names, .d = d, .threads = readers(job)};
    kmu_status status = table_read(path, &how, t, error);
    if (status != KMU_OK)
        return status;
    if (t->d != d) {
        table_fail(error, KMU_EDATA, "centroids of %zu coordinates for points of %zu", t->d, d);
        name_place(path, error);
        table_free(t);
        return KMU_EDATA;
    }
    bool narrow = type == KMU_F32 && t->type == KMU_F32;
    double *mu = malloc(t->n * d * sizeof *mu);
    if (!mu) {
        table_free(t);
        return out_of_memory(error);
    }
    for (size_t i = 0; i < t->n * d; i++)
        if (!isfinite(table_number(t, i / d, i % d))) {
            table_fail(error, KMU_EDATA, "row %zu, column %zu is %g; centroids are finite", i / d + 1, i % d + 1,
                       table_number(t, i / d, i % d));
            name_place(path, error);
            free(mu);
            table_free(t);
            return KMU_EDATA;
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

kmu_status table_copy(const struct table *t, kmu_type type, struct table *copy, kmu_error *error)
{
    void *x = malloc(t->n * t->d * kmu_type_bytes(type));
    if (!x)
        return out_of_memory(error);
    for (size_t j = 0; j < t->n; j++)
        for (size_t l = 0; l < t->d; l++)
            store_number(x, j * t->d + l, type, table_number(t, j, l));
    *copy = (struct table){.type = type, .n = t->n, .d = t->d, .x = x, .row = (ptrdiff_t)t->d, .col = 1};
    return KMU_OK;
}

kmu_status read_labels(const struct job *job, const char *path, size_t n, size_t k, int32_t **c, kmu_error *error)
{
    double *v;
    *c = NULL;
    kmu_status status = read_column(job, path, "labels", n, &v, error);
    if (status != KMU_OK)
        return status;
    *c = malloc(n * sizeof **c);
    if (!*c)
        status = out_of_memory(error);
    for (size_t j = 0; j < n && status == KMU_OK; j++) {
        if (!(v[j] >= 0 && v[j] < (double)k && v[j] == floor(v[j]))) {
            status = table_fail(error, KMU_EDATA, "the label of row %zu is %.15g; labels are integers, 0 .. %zu", j + 1, v[j],
                                k - 1);
            name_place(path, error);
        } else {
            (*c)[j] = (int32_t)v[j];
        }
    }
    free(v);
    if (status != KMU_OK) {
        free(*c);
        *c = NULL;
    }
    return status;
}
