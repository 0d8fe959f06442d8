/* walk.h - from the centroids of the turns, or the tree of the splits, to the steps that a report shows. */
#ifndef KMU_CLI_WALK_H
#define KMU_CLI_WALK_H

#include "cli/cli.h"
#include "report/page.h"

/* The steps of the run kept, by turns or by batches; count stays 0 where none are shown. mu: the result's centroids in f64. */
kmu_status walk_steps(struct steps *, struct walk *, const struct job *, const kmu_points *, const kmu_result *,
                      const double *mu, kmu_error *);
/* The splits of bisecting; mu and split_mu: the result's in f64. */
kmu_status split_steps(struct steps *, const struct job *, const kmu_points *, const kmu_result *, const double *mu,
                       const double *split_mu, kmu_error *);
/* Room for so many steps of k centroids; the sample is chosen, *few are its points, and *x their numbers, to be freed. */
kmu_status steps_begin(struct steps *, size_t count, size_t k, const kmu_points *, kmu_type, void **x, kmu_points *few,
                       kmu_error *);
void steps_free(struct steps *);

enum { MOST_STEPS = 100, MOST_SITES = 6000 }; /* steps, and centroids in all of them together */
/* How many steps of k centroids are shown, the first ones. */
size_t most_steps(size_t k);
#endif
