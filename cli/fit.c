/* fit.c - kmu fit: data to centroids, labels, a model, a trace, a report and a table that a person likes to read. */
#include <stdlib.h>
#include <string.h>

#include "cli/applied.h"
#include "io/format.h"

enum { OUTPUTS = 5 }; /* and --json */

/* Where the results go: opened before the work, so that a place that cannot be written is known at once. */
struct targets {
    struct output *out[OUTPUTS + 1];
    size_t count;
};

static const char *const *paths_of(const struct job *job, const char *path[OUTPUTS])
{
    path[0] = job->output, path[1] = job->labels, path[2] = job->centers, path[3] = job->trace, path[4] = job->report;
    return path;
}

/* What cannot be written, or would be written twice, is known before the work; the type of the data (or 0) after reading. */
static kmu_status check_targets(const struct job *job, kmu_type type, kmu_error *error)
{
    const char *path[OUTPUTS];
    kmu_status status = outputs_differ(paths_of(job, path), OUTPUTS, job->json, error);
    if (status == KMU_OK && job->labels)
        status = table_writable(job->labels, NULL, KMU_I32, error);
    if (status == KMU_OK && job->centers)
        status = table_writable(job->centers, NULL, type, error);
    if (status == KMU_OK && job->trace)
        status = trace_writable(job->trace, error);
    if (status == KMU_OK && job->report)
        status = report_writable(job->report, error);
    return status;
}

static kmu_status open_targets(const struct job *job, kmu_type type, struct targets *t, kmu_error *error)
{
    const char *path[OUTPUTS + 1];
    paths_of(job, path);
    path[OUTPUTS] = job->json ? "-" : NULL;
    kmu_status status = check_targets(job, type, error);
    for (size_t i = 0; i <= OUTPUTS && status == KMU_OK; i++) {
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

/* A model to start from is read before the data, for its scale decides how they are read. */
static kmu_status read_warm_start(struct job *job, struct model *m, kmu_error *error)
{
    bool is_model = false;
    *m = (struct model){.type = 0};
    kmu_status status = job->init_file ? model_is_one(job->init_file, &is_model, error) : KMU_OK;
    if (status != KMU_OK || !is_model)
        return status;
    status = model_read(job->init_file, m, error);
    if (status != KMU_OK || !m->scaling.shift)
        return status;
    if (job->scale != SCALE_NONE && job->scale != m->scaling.kind) {
        model_free(m);
        return table_fail(error, KMU_EUSAGE, "--scale: %s is a model of data that were standardised otherwise", job->init_file);
    }
    if (!job->in.dtype)
        job->in.dtype = m->type;
    return KMU_OK;
}

/* The start that a file gives: centroids, or a model's. Its k and the option must agree. */
static kmu_status take_start(struct job *job, const struct table *t, struct table *start, const struct model *m,
                             kmu_error *error)
{
    if (m->mu && m->d != t->d) {
        table_fail(error, KMU_EMODEL, "a model of %zu columns for points of %zu", m->d, t->d);
        name_place(job->init_file, error);
        return KMU_EMODEL;
    }
    kmu_status status = m->mu ? model_compare_names(m, job->init_file, t, job->data, error)
                              : read_centers(job, job->init_file, t, start, error);
    if (status != KMU_OK)
        return status;
    job->o.start = m->mu ? m->mu : start->x;
    job->o.start_type = m->mu ? m->type : start->type;
    size_t k = m->mu ? m->k : start->n;
    if (job->o.k == 0)
        job->o.k = k;
    job->o.init = KMU_GIVEN;
    if (job->o.k == k)
        return KMU_OK;
    table_fail(error, KMU_EDATA, "%zu centroids, but -k %zu", k, job->o.k);
    name_place(job->init_file, error);
    return KMU_EDATA;
}

/* The scale of the fit: that of the model it starts from, or a new one, in which a start in units of the data is put too. */
static kmu_status choose_scaling(const struct job *job, const struct table *data, struct table *start, struct model *m,
                                 struct scaling *s, kmu_error *error)
{
    if (m->scaling.shift) {
        *s = m->scaling;
        m->scaling = (struct scaling){0};
        return KMU_OK;
    }
    if (job->scale == SCALE_NONE)
        return KMU_OK;
    kmu_status status = scaling_learn(s, job->scale, data, error);
    struct table model = {.type = m->type, .n = m->k, .d = m->d, .x = m->mu, .row = (ptrdiff_t)m->d, .col = 1};
    if (status == KMU_OK && job->o.init == KMU_GIVEN)
        scaling_apply(s, m->mu ? &model : start);
    return status;
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

static kmu_status write_targets(struct job *job, struct targets *t, const struct table *data, const kmu_points *p,
                                const kmu_result *r, const struct scaling *s, struct walk *walk, double read, kmu_error *error)
{
    const char *path[OUTPUTS];
    const double begin = seconds_now();
    paths_of(job, path);
    kmu_status status = KMU_OK;
    size_t at = 0;
    for (size_t i = 0; i < OUTPUTS && status == KMU_OK; i++) {
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
                              .scaling = *s,
                              .splits = r->splits,
                              .child = r->child,
                              .split_mu = r->split_mu};
            snprintf(m.stop, sizeof m.stop, "%s", kmu_stop_name(r->stop));
            snprintf(m.method, sizeof m.method, "%s", kmu_method_name(job->o.method));
            status = model_write(out, &m, error);
        } else if (i == 1) {
            status = write_labels(out, path[i], r, error);
        } else if (i == 2) {
            status = write_centers(out, path[i], r, data, s, error);
        } else if (i == 3) {
            status = write_trace(out, path[i], r, error);
        } else {
            status = write_report(out, job, data, p, r, s, walk, error);
        }
    }
    if (status == KMU_OK && job->json)
        status = write_json(t->out[at], job, data, r, read, seconds_now() - begin, error);
    if (status == KMU_OK)
        status = output_commit(t->out, t->count, error);
    else
        output_discard(t->out, t->count);
    t->count = 0;
    return status;
}

/* From data in memory to files and words; *strict: whether --strict was not met. */
static kmu_status fit(struct job *job, struct table *data, kmu_points *p, struct model *model, double read, bool *strict,
                      int *signal_number, kmu_error *error)
{
    struct targets targets = {.count = 0};
    struct table start = {0};
    struct scaling scaling = {0};
    struct walk walk = {.mu = NULL};
    kmu_result *r = NULL;
    kmu_status status = check_image(job, data, error);
    if (status == KMU_OK && job->init_file)
        status = take_start(job, data, &start, model, error);
    watch_begin(job); /* from here on there are temporary files */
    if (status == KMU_OK)
        status = open_targets(job, p->type == KMU_F32 ? KMU_F32 : KMU_F64, &targets, error);
    if (status == KMU_OK && job->report)
        status = walk_begin(&walk, job, data->d, error);
    if (status == KMU_OK)
        status = choose_scaling(job, data, &start, model, &scaling, error);
    if (status == KMU_OK) {
        scaling_apply(&scaling, data);
        status = kmu_fit(p, &job->o, &r, error);
        *signal_number = watch_end(job);
        if (status == KMU_EDATA)
            name_place(job->data, error);
    }
    if (status == KMU_OK) {
        *strict = r->stop == KMU_FIXPOINT && r->distinct == job->o.k;
        status = write_targets(job, &targets, data, p, r, &scaling, &walk, read, error);
    }
    if (status == KMU_OK && !job->json && !job->output && !job->labels && !job->centers && !job->trace && !job->report)
        status = print_fit(job, data, p, r, &scaling, error);
    output_discard(targets.out, targets.count);
    kmu_result_free(r);
    walk_free(&walk);
    table_free(&start);
    scaling_free(&scaling);
    return status;
}

/* An option that the method does not heed was meant for another one. */
static kmu_status method_heeds(const struct job *job, kmu_error *error)
{
    const kmu_method method = job->o.method;
    for (size_t i = 0; kmu_option_at(i); i++) {
        const kmu_option *o = kmu_option_at(i);
        char others[64] = "";
        if (!(job->named >> i & 1) || o->methods >> method & 1)
            continue;
        for (int a = 0; kmu_method_name((kmu_method)a); a++)
            if (o->methods >> a & 1)
                snprintf(others + strlen(others), sizeof others - strlen(others), " %s", kmu_method_name((kmu_method)a));
        return table_fail(error, KMU_EUSAGE, "--%s: --method %s has no use for it; it is for%s", o->name,
                          kmu_method_name(method), others);
    }
    if (method == KMU_BISECTING && job->init_file)
        return table_fail(error, KMU_EUSAGE, "--init %s: bisecting starts every split anew, and takes no centroids",
                          job->init_file);
    if (method == KMU_MINIBATCH && job->strict)
        return table_fail(error, KMU_EUSAGE, "--strict: mini-batch has no fixpoint to stop at");
    return KMU_OK;
}

int command_fit(struct job *job)
{
    struct table data;
    struct model model;
    kmu_points p;
    kmu_error error = {""};
    double begin = seconds_now();
    bool strict = true;
    int signal_number = 0;
    if (job->o.k == 0 && !job->init_file) {
        snprintf(error.text, sizeof error.text, "-k is missing: how many clusters?");
        return say(job, KMU_EUSAGE, &error);
    }
    kmu_status status = method_heeds(job, &error);
    if (status == KMU_OK && job->watch && (job->verbose || job->quiet || job->progress == PROGRESS_JSON))
        status = table_fail(&error, KMU_EUSAGE, "--watch: %s has it otherwise", job->verbose ? "-v" : job->quiet ? "-q" : "--progress json");
    if (status == KMU_OK && job->image[0] && !job->report)
        status = table_fail(&error, KMU_EUSAGE, "--image: it is shown in a report (--report F.html)");
    if (status == KMU_OK)
        status = check_targets(job, (kmu_type)0, &error);
    if (status == KMU_OK)
        status = read_warm_start(job, &model, &error);
    if (status != KMU_OK)
        return say(job, status, &error);
    status = read_points(job, &data, &p, &error);
    if (status == KMU_OK) {
        status = fit(job, &data, &p, &model, seconds_now() - begin, &strict, &signal_number, &error);
        table_free(&data);
    }
    model_free(&model);
    if (watch_ended(job, status))
        return 128 + watch_end(job);
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
