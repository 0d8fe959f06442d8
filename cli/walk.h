/* walk.h - from the centroids of the turns to the steps that a report shows. */
#ifndef KMU_CLI_WALK_H
#define KMU_CLI_WALK_H

#include "cli/cli.h"
#include "report/page.h"

/* The steps of the run kept; count stays 0 where the method has none. mu: the result's centroids in f64. */
kmu_status walk_steps(struct steps *, struct walk *, const struct job *, const kmu_points *, const kmu_result *,
                      const double *mu, kmu_error *);
void steps_free(struct steps *);
#endif
