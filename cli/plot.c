/* plot.c - kmu plot: points, clusters and cells as a picture. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "io/format.h"
#include "report/plot.h"

double *widen(const void *x, size_t count, kmu_type type)
{
    double *wide = malloc((count + 1) * sizeof *wide);
    for (size_t a = 0; wide && a < count; a++)
        wide[a] = load_number(x, a, type);
    return wide;
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

const char *title_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(path, "-") == 0 ? "standard input" : slash && slash[1] ? slash + 1 : path;
}

kmu_status model_labels(struct job *job, const struct model *m, const kmu_points *p, int32_t *c, kmu_error *error)
{
    job->o.k = m->k;
    kmu_status status = m->splits ? kmu_walk(p, &job->o, m->splits, m->child, m->split_mu, c, NULL, error)
                                  : kmu_assign(p, &job->o, m->mu, c, NULL, error);
    if (status == KMU_EDATA)
        name_place(job->data, error);
    return status;
}

static kmu_status plot(struct job *job, enum kind kind, struct model *m, struct table *t, kmu_points *p, kmu_error *error)
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
    status = c && mu && split_mu ? model_labels(job, m, p, c, error) : out_of_memory(error);
    if (status == KMU_OK)
        status = output_open(job->output, &out, error);
    const struct plot picture = {.name = title_of(job->data),
                                 .kind = kind,
                                 .theme = (enum theme)job->theme,
                                 .points = p,
                                 .c = c,
                                 .k = m->k,
                                 .mu = mu,
                                 .mass = m->mass,
                                 .splits = m->splits,
                                 .child = m->child,
                                 .split_mu = split_mu,
                                 .names = t->names ? t->names : m->names,
                                 .shift = m->scaling.shift,
                                 .unit = m->scaling.unit,
                                 .image_height = job->image[0],
                                 .image_width = job->image[1]};
    if (status == KMU_OK)
        status = plot_write(&picture, out, error);
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

int command_plot(struct job *job)
{
    struct table t;
    struct model m;
    kmu_points p;
    kmu_error error = {""};
    enum kind kind;
    kmu_status status = KMU_OK;
    if (!job->model)
        status = table_fail(&error, KMU_EUSAGE, "-m is missing: which model?");
    else if (!job->output)
        status = table_fail(&error, KMU_EUSAGE, "-o is missing: where to? (F.svg, F.png or F.pdf)");
    else
        status = drawing_kind(job->output, &kind, &error);
    if (status == KMU_OK)
        status = model_read(job->model, &m, &error);
    if (status != KMU_OK)
        return say(job, status, &error);
    if (m.type == KMU_F64 && !job->in.dtype)
        job->in.dtype = KMU_F64;
    job->in.text_type = m.type; /* rounded as for the fit, so that its rows get its labels */
    status = read_points(job, &t, &p, &error);
    if (status == KMU_OK) {
        status = plot(job, kind, &m, &t, &p, &error);
        table_free(&t);
    }
    model_free(&m);
    return watch_ended(job, status) ? 128 + watch_end(job) : say(job, status, &error);
}
