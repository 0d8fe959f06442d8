/* batch.h - one step of mini-batch k-means. */
#ifndef KMU_DESCEND_BATCH_H
#define KMU_DESCEND_BATCH_H

#include "../fit.h"

/* What goes from batch to batch, besides mu. */
struct batches {
    double *v;            /* k x KMU_MASS_PARTS: the mass that each centroid has taken in */
    int64_t steps, since; /* batches, and points since centroids were last looked over */
    double average;       /* of a fit: J of a point of the batches, smoothed */
    double J;             /* of an unlabelled one: J of all points as the average has it */
};

/* One step with the points that f is open for, which count as `size`: mu, v and the record f->turn follow. The first words of
 * the random stream are those of a run. Time O(n k d) of these points. */
kmu_status kmu__batch(struct fit *f, struct batches *, size_t size, uint32_t run, kmu_error *);

#endif
