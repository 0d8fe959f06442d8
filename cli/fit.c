/* fit.c - kmu fit: data to centroids, labels, a model, a trace and a table that a person likes to read. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { OUTPUTS = 4 };

/* Where the results go: opened before the work, so that a place that cannot be written is known at once. */
struct targets {
    struct output *out[OUTPUTS];
    size_t count;
};

static const char *const *paths_of(const struct job *job, const char *path[OUTPUTS])
{
    path[0] = job->output, path[1] = job->labels, path[2] = job->centers, path[3] = job->trace;
    return path;
}

/* What cannot be written, or would be written twice, is known before the work. */
static kmu_status check_targets(const char *const path[OUTPUTS], kmu_type type, kmu_error *error)
{
    for (size_t i = 0; i < OUTPUTS; i++)
        for (size_t h = 0; path[i] && h < i; h++)
            if (path[h] && strcmp(path[h], path[i]) == 0) {
                snprintf(error->text, sizeof error->text, "%s: two outputs cannot go to one file", path[i]);
                return KMU_EUSAGE;
            }
    kmu_status status = path[1] ? table_writable(path[1], NULL, KMU_I32, error) : KMU_OK;
    return status == KMU_OK && path[2] ? table_writable(path[2], NULL, type, error) : status;
}

static kmu_status open_targets(const struct job *job, kmu_type type, struct targets *t, kmu_error *error)
{
    const char *path[OUTPUTS];
    paths_of(job, path);
    kmu_status status = check_targets(path, type, error);
    for (size_t i = 0; i < OUTPUTS && status == KMU_OK; i++) {
        if (!path[i])
            continue;
        status = output_open(path[i], &t->out[t->count], error);
        t->count += status == KMU_OK;
    }
    if (status != KMU_OK) {
        output_discard(t->out, t->count);
        t->count = 0;
    }
    return status;
}

/* The start that a file gives: centroids, or a model's. Its k and the option must agree; its scale is the fit's. */
static kmu_status read_start(struct job *job, const struct table *t, struct table *start, struct model *m, kmu_error *error)
{
    kmu_status status;
    bool warm = model_is_one(job->init_file);
    if (warm) {
        status = model_read(job->init_file, m, error);
        if (status == KMU_OK && m->d != t->d) {
            snprintf(error->text, sizeof error->text, "%s: a model of %zu columns for points of %zu", job->init_file, m->d,
                     t->d);
            status = KMU_EMODEL;
        }
        if (status != KMU_OK)
            return status;
        job->o.start = m->mu;
        job->o.start_type = m->type;
    } else {
        status = read_centers(job->init_file, t->type == KMU_F32 ? KMU_F32 : KMU_F64, t->d, start, error);
        if (status != KMU_OK)
            return status;
        job->o.start = start->x;
        job->o.start_type = start->type;
    }
    size_t k = warm ? m->k : start->n;
    if (job->o.k == 0)
        job->o.k = k;
    job->o.init = KMU_GIVEN;
    if (job->o.k == k)
        return KMU_OK;
    snprintf(error->text, sizeof error->text, "%s: %zu centroids, but -k %zu", job->init_file, k, job->o.k);
    return KMU_EDATA;
}

static kmu_status write_labels(struct output *out, const char *path, const kmu_result *r, kmu_error *error)
{
    struct table t = {.type = KMU_I32, .n = r->n, .d = 1, .x = r->c, .row = 1, .col = 1, .flat = true};
    return table_write(out, path, NULL, &t, error);
}

/* Centroids in the units of the data, under the columns' names. */
static kmu_status write_centers(struct output *out, const char *path, const kmu_result *r, const struct table *data,
                                const struct scaling *s, kmu_error *error)
{
    size_t bytes = r->k * r->d * kmu_type_bytes(r->type);
    struct table t = {
        .type = r->type, .n = r->k, .d = r->d, .x = malloc(bytes), .row = (ptrdiff_t)r->d, .col = 1, .names = data->names};
    if (!t.x)
        return out_of_memory(error);
    memcpy(t.x, r->mu, bytes);
    scaling_undo(s, t.x, r->k, r->d, r->type);
    kmu_status status = table_write(out, path, NULL, &t, error);
    free(t.x);
    return status;
}

static kmu_status write_targets(const struct job *job, struct targets *t, const struct table *data, const kmu_result *r,
                                const struct scaling *s, kmu_error *error)
{
    const char *path[OUTPUTS];
    paths_of(job, path);
    kmu_status status = KMU_OK;
    for (size_t i = 0, at = 0; i < OUTPUTS && status == KMU_OK; i++) {
        if (!path[i])
            continue;
        struct output *out = t->out[at++];
        if (i == 0) {
            struct model m = {.type = r->type,
                              .n = r->n,
                              .d = r->d,
                              .k = r->k,
                              .mu = r->mu,
                              .mass = r->mass,
                              .J = r->J,
                              .iterations = r->iterations,
                              .seed = job->o.seed,
                              .names = data->names,
                              .scaling = *s};
            snprintf(m.stop, sizeof m.stop, "%s", kmu_stop_name(r->stop));
            status = model_write(out, &m, error);
        } else if (i == 1) {
            status = write_labels(out, path[i], r, error);
        } else if (i == 2) {
            status = write_centers(out, path[i], r, data, s, error);
        } else {
            status = write_trace(out, path[i], r, error);
        }
    }
    if (status == KMU_OK)
        status = output_commit(t->out, t->count, error);
    else
        output_discard(t->out, t->count);
    t->count = 0;
    return status;
}

/* From data in memory to files and words; *strict: whether --strict was not met. */
static kmu_status fit(struct job *job, struct table *data, kmu_points *p, double read, bool *strict, int *signal_number,
                      kmu_error *error)
{
    struct targets targets = {.count = 0};
    struct table start = {0};
    struct model model = {.type = 0};
    struct scaling scaling = {0};
    kmu_result *r = NULL;
    kmu_status status = open_targets(job, p->type == KMU_F32 ? KMU_F32 : KMU_F64, &targets, error);
    if (status == KMU_OK && job->init_file)
        status = read_start(job, data, &start, &model, error);
    if (status == KMU_OK && model.scaling.shift) {
        scaling = model.scaling;
        model.scaling = (struct scaling){0};
    } else if (status == KMU_OK && job->scale != SCALE_NONE) {
        status = scaling_learn(&scaling, job->scale, data, error);
    }
    if (status == KMU_OK) {
        scaling_apply(&scaling, data);
        watch_begin(job);
        status = kmu_fit(p, &job->o, &r, error);
        *signal_number = watch_end(job);
    }
    double begin = seconds_now();
    if (status == KMU_OK) {
        *strict = r->stop == KMU_FIXPOINT && r->distinct == r->k;
        status = write_targets(job, &targets, data, r, &scaling, error);
    }
    if (status == KMU_OK && job->json)
        status = write_json(job, data, r, read, seconds_now() - begin, error);
    else if (status == KMU_OK && !job->output && !job->labels && !job->centers && !job->trace)
        status = print_fit(job, data, p, r, &scaling, error);
    output_discard(targets.out, targets.count);
    kmu_result_free(r);
    table_free(&start);
    model_free(&model);
    scaling_free(&scaling);
    return status;
}

int command_fit(struct job *job)
{
    struct table data;
    kmu_points p;
    kmu_error error = {""};
    double begin = seconds_now();
    bool strict = true;
    int signal_number = 0;
    if (job->o.k == 0 && !job->init_file) {
        snprintf(error.text, sizeof error.text, "-k is missing: how many clusters?");
        return say(job, KMU_EUSAGE, &error);
    }
    kmu_status status = read_points(job, &data, &p, &error);
    if (status != KMU_OK)
        return say(job, status, &error);
    status = fit(job, &data, &p, seconds_now() - begin, &strict, &signal_number, &error);
    table_free(&data);
    if (status == KMU_EABANDONED)
        return 128 + signal_number;
    if (status != KMU_OK)
        return say(job, status, &error);
    if (signal_number)
        return 128 + signal_number;
    if (job->strict && !strict) {
        note(job, "--strict: not at a fixpoint with k clusters");
        return 6;
    }
    return 0;
}
