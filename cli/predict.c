/* predict.c - kmu predict: the nearest centroid of every row, as exact as in the fit. */
#include <stdlib.h>
#include <string.h>

#include "cli/applied.h"
#include "io/format.h"

/* Row j as numbers, each with a delimiter behind it. */
static kmu_status write_numbers(struct output *out, const struct table *t, size_t j, char delimiter, kmu_error *error)
{
    kmu_status status = KMU_OK;
    for (size_t l = 0; l < t->d && status == KMU_OK; l++) {
        char number[33];
        size_t length = number_write(number, table_number(t, j, l), t->type == KMU_F32 ? KMU_F32 : KMU_F64);
        number[length++] = delimiter;
        status = output_write(out, number, length, error);
    }
    return status;
}

/* The rows as they were written (a text) or read (numbers), and behind each its cluster. */
static kmu_status write_rows(struct output *out, const struct table *t, const struct table *original, const int32_t *index,
                             size_t m, kmu_error *error)
{
    const char delimiter = t->delimiter ? t->delimiter : ',';
    kmu_status status = KMU_OK;
    for (size_t i = 0; t->fields && i < t->field_count && status == KMU_OK; i++) {
        status = field_write(out, t->fields[i], delimiter, error);
        if (status == KMU_OK)
            status = output_write(out, &delimiter, 1, error);
    }
    if (t->fields && status == KMU_OK)
        status = output_write(out, "cluster\n", 8, error);
    for (size_t j = 0; j < t->n && status == KMU_OK; j++) {
        if (t->lines)
            status = output_write(out, t->lines[j], strlen(t->lines[j]), error);
        else
            status = write_numbers(out, original, j, delimiter, error);
        if (status == KMU_OK && t->lines)
            status = output_write(out, &delimiter, 1, error);
        if (status == KMU_OK)
            status = output_printf(out, error, "%d\n", (int)index[j * m]);
    }
    return status;
}

static kmu_status write_matrix(struct output *out, const char *path, void *x, kmu_type type, size_t n, size_t m,
                               kmu_error *error)
{
    struct table t = {.type = type, .n = n, .d = m, .x = x, .row = (ptrdiff_t)m, .col = 1, .flat = m == 1};
    return table_write(out, path, strcmp(path, "-") == 0 ? "csv" : NULL, &t, error);
}

/* Where the labels, or with --append the rows, go. */
static const char *labels_of(const struct job *job)
{
    return job->output ? job->output : job->distances && !job->append ? NULL : "-";
}

/* Rows as they were written are text, whatever the suffix says. */
static bool is_text(const char *path)
{
    const char *slash = strrchr(path, '/'), *point = strrchr(slash ? slash : path, '.');
    return !point || strstr(".csv.gz .tsv.gz .txt.gz .dat.gz .tab.gz .csv.zst .tsv.zst .txt.zst .dat.zst .tab.zst", point);
}

/* What the command line alone tells. */
static kmu_status check(struct job *job, kmu_error *error)
{
    const char *path[] = {labels_of(job), job->distances};
    job->in.keep_lines = job->append;
    kmu_status status = outputs_differ(path, 2, false, error);
    if (status == KMU_OK && job->append && job->top > 1)
        return table_fail(error, KMU_EUSAGE, "--append writes one cluster a row; leave out --top");
    if (status == KMU_OK && job->append && !is_text(path[0]))
        return table_fail(error, KMU_EUSAGE, "--append writes rows as text (csv, tsv), not %s", path[0]);
    if (status == KMU_OK && path[0] && !job->append)
        status = table_writable(path[0], NULL, KMU_I32, error);
    if (status == KMU_OK && job->distances)
        status = table_writable(job->distances, NULL, (kmu_type)0, error);
    return status;
}

static kmu_status predict(struct job *job, struct model *m, struct table *t, kmu_points *p, kmu_error *error)
{
    struct output *out[2];
    const char *labels = labels_of(job);
    size_t outputs = 0, top = (size_t)job->top;
    const kmu_type type = t->type == KMU_F32 ? KMU_F32 : KMU_F64;
    int32_t *index = NULL;
    void *distance = NULL;
    struct table original = {0};
    kmu_status status = model_take_points(m, job, t, error);
    if (status == KMU_OK && top > m->k)
        status = table_fail(error, KMU_EUSAGE, "--top %zu: %s has %zu centroids", top, job->model, m->k);
    if (status == KMU_OK && top > 1 && m->splits)
        status = table_fail(error, KMU_EUSAGE, "--top %zu: the tree of %s names one cluster a row", top, job->model);
    if (status == KMU_OK && job->distances)
        status = table_writable(job->distances, NULL, type, error);
    watch_all(job); /* from here on there are temporary files */
    if (status == KMU_OK && labels && (status = output_open(labels, &out[outputs], error)) == KMU_OK)
        outputs++;
    if (status == KMU_OK && job->distances && (status = output_open(job->distances, &out[outputs], error)) == KMU_OK)
        outputs++;
    if (status == KMU_OK) {
        index = malloc(t->n * top * sizeof *index);
        distance = job->distances ? malloc(t->n * top * kmu_type_bytes(type)) : NULL;
        if (!index || (job->distances && !distance))
            status = out_of_memory(error);
    }
    job->o.k = m->k;
    if (status == KMU_OK && job->append && m->scaling.shift && !t->lines)
        status = table_copy(t, KMU_F64, &original, error);
    if (status == KMU_OK) {
        scaling_apply(&m->scaling, t);
        status = m->splits               ? kmu_walk(p, &job->o, m->splits, m->child, m->split_mu, index, distance, error)
                 : top == 1 && !distance ? kmu_assign(p, &job->o, m->mu, index, NULL, error)
                                         : kmu_nearest(p, &job->o, m->mu, top, index, distance, error);
        if (status == KMU_EDATA)
            name_place(job->data, error);
    }
    if (status == KMU_OK && labels)
        status = job->append ? write_rows(out[0], t, original.x ? &original : t, index, top, error)
                             : write_matrix(out[0], labels, index, KMU_I32, t->n, top, error);
    if (status == KMU_OK && job->distances)
        status = write_matrix(out[outputs - 1], job->distances, distance, type, t->n, top, error);
    if (status == KMU_OK && watch_end(job))
        status = KMU_EABANDONED;
    if (status == KMU_OK)
        status = output_commit(out, outputs, error);
    else
        output_discard(out, outputs);
    table_free(&original);
    free(index);
    free(distance);
    return status;
}

int command_predict(struct job *job)
{
    return apply_model(job, &(struct application){check, predict});
}
