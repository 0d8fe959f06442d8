/* plot.c - kmu plot: points, clusters and cells as a picture. */
#include "cli/applied.h"
#include "io/format.h"

static kmu_status check(struct job *job, kmu_error *error)
{
    enum kind kind;
    if (!job->output)
        return table_fail(error, KMU_EUSAGE, "-o is missing: where to? (F.svg, F.png or F.pdf)");
    return drawing_kind(job->output, &kind, error);
}

static kmu_status draw(struct job *job, const struct model *m, const struct table *t, struct plot *plot, const void *context,
                       struct output *out, kmu_error *error)
{
    (void)m, (void)t, (void)context;
    plot->theme = (enum theme)job->theme;
    kmu_status status = drawing_kind(job->output, &plot->kind, error);
    return status == KMU_OK ? plot_write(plot, out, error) : status;
}

static kmu_status plot(struct job *job, struct model *m, struct table *t, kmu_points *p, kmu_error *error)
{
    return picture_model(job, m, t, p, draw, NULL, error);
}

int command_plot(struct job *job)
{
    return apply_model(job, &(struct application){check, plot});
}
