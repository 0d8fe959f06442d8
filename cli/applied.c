/* applied.c - a model and the points it is applied to: how predict, plot and report come by both, and verify by the first. */
#include <stdlib.h>
#include <string.h>

#include "cli/applied.h"
#include "io/format.h"

kmu_status model_open(struct job *job, struct model *m, kmu_error *error)
{
    kmu_status status = model_read(job->model, m, error);
    if (status == KMU_OK && m->type == KMU_F64 && !job->in.dtype)
        job->in.dtype = KMU_F64;
    job->in.text_type = m->type; /* rounded as for the fit, so that its rows get its labels */
    return status;
}

int apply_model(struct job *job, const struct application *a)
{
    struct table t;
    struct model m;
    kmu_points p;
    kmu_error error = {""};
    kmu_status status = job->model ? a->check(job, &error) : table_fail(&error, KMU_EUSAGE, "-m is missing: which model?");
    if (status == KMU_OK)
        status = model_open(job, &m, &error);
    if (status != KMU_OK)
        return say(job, status, &error);
    status = read_points(job, &t, &p, &error);
    if (status == KMU_OK) {
        status = a->work(job, &m, &t, &p, &error);
        table_free(&t);
    }
    model_free(&m);
    return watch_ended(job, status) ? 128 + watch_end(job) : say(job, status, &error);
}

/* The label of every point by the model: its nearest centroid, or where the tree sends it. */
static kmu_status label(struct job *job, const struct model *m, const kmu_points *p, int32_t *c, kmu_error *error)
{
    job->o.k = m->k;
    kmu_status status = m->splits ? kmu_walk(p, &job->o, m->splits, m->child, m->split_mu, c, NULL, error)
                                  : kmu_assign(p, &job->o, m->mu, c, NULL, error);
    if (status == KMU_EDATA)
        name_place(job->data, error);
    return status;
}

kmu_status check_image(const struct job *job, const struct table *t, kmu_error *error)
{
    const size_t height = job->image[0], width = job->image[1];
    if (!height)
        return KMU_OK;
    kmu_status status = KMU_OK;
    if (t->d != 1 && t->d != 3)
        status = table_fail(error, KMU_EDATA, "%zu columns; a pixel has 1 (grey) or 3 (red, green, blue)", t->d);
    else if (t->n / width != height || t->n % width)
        status = table_fail(error, KMU_EDATA, "%zu rows, but --image %zu,%zu has %s of pixels", t->n, height, width,
                            "another number");
    if (status != KMU_OK)
        name_place(job->data, error);
    return status;
}

double *widen(const void *x, size_t count, kmu_type type)
{
    double *wide = malloc((count + 1) * sizeof *wide);
    for (size_t a = 0; wide && a < count; a++)
        wide[a] = load_number(x, a, type);
    return wide;
}

const char *title_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(path, "-") == 0 ? "standard input" : slash && slash[1] ? slash + 1 : path;
}

struct plot plot_of(const struct job *job, const struct table *t, const kmu_points *p, const struct scaling *s)
{
    return (struct plot){.name = title_of(job->data),
                         .points = p,
                         .names = t->names,
                         .shift = s->shift,
                         .unit = s->unit,
                         .image_height = job->image[0],
                         .image_width = job->image[1]};
}

kmu_status picture_model(struct job *job, struct model *m, struct table *t, kmu_points *p, picture_writer *write,
                         const void *context, kmu_error *error)
{
    struct output *out = NULL;
    kmu_status status = model_take_points(m, job, t, error);
    if (status == KMU_OK)
        status = check_image(job, t, error);
    if (status != KMU_OK)
        return status;
    watch_all(job); /* from here on there is a temporary file */
    scaling_apply(&m->scaling, t);
    int32_t *c = malloc(t->n * sizeof *c);
    double *mu = widen(m->mu, m->k * m->d, m->type), *split_mu = widen(m->split_mu, 2 * m->splits * m->d, m->type);
    status = c && mu && split_mu ? output_open(job->output, &out, error) : out_of_memory(error);
    if (status == KMU_OK)
        status = label(job, m, p, c, error);
    struct plot plot = plot_of(job, t, p, &m->scaling);
    plot.c = c;
    plot.k = m->k;
    plot.mu = mu;
    plot.mass = m->mass;
    plot.splits = m->splits;
    plot.child = m->child;
    plot.split_mu = split_mu;
    plot.names = t->names ? t->names : m->names;
    if (status == KMU_OK)
        status = write(job, m, t, &plot, context, out, error);
    if (status == KMU_OK && watch_end(job))
        status = KMU_EABANDONED;
    if (status == KMU_OK)
        status = output_commit(&out, 1, error);
    else
        output_discard(&out, 1);
    free(c);
    free(mu);
    free(split_mu);
    return status;
}
