/* applied.h - a model and the points it is applied to. */
#ifndef KMU_CLI_APPLIED_H
#define KMU_CLI_APPLIED_H

#include "cli/cli.h"
#include "report/plot.h"

/* A command that applies a model to points: what the command line alone tells, and then the work. */
struct application {
    kmu_status (*check)(struct job *, kmu_error *);
    kmu_status (*work)(struct job *, struct model *, struct table *, kmu_points *, kmu_error *);
};
/* The exit code of the command; what is wrong has been said. */
int apply_model(struct job *, const struct application *);

/* The model of -m; it decides in which type the points are read. */
kmu_status model_open(struct job *, struct model *, kmu_error *);

/* The image that --image tells of, if it does, is made of these points. */
kmu_status check_image(const struct job *, const struct table *, kmu_error *);

/* What is drawn of points, but for labels and centroids. */
struct plot plot_of(const struct job *, const struct table *, const kmu_points *, const struct scaling *);

/* Writes to -o what a picture shows of a model and the points, labelled by it; context is the writer's. */
typedef kmu_status picture_writer(struct job *, const struct model *, const struct table *, struct plot *, const void *context,
                                  struct output *, kmu_error *);
kmu_status picture_model(struct job *, struct model *, struct table *, kmu_points *, picture_writer *, const void *context,
                         kmu_error *);
#endif
