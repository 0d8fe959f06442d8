/* bisecting.h - how mu moves: points are split in two, part by part. */
#ifndef KMU_DESCEND_BISECTING_H
#define KMU_DESCEND_BISECTING_H

#include "../fit.h"

/* From all points as one part to k parts, or as many as there are when it is told to finish. Fills in what a result says of
 * parts and of the tree; *seeding takes the seconds of that. Every turn is handed to `record`. */
kmu_status kmu__bisecting(const struct points *, struct pool *, const kmu_options *, kmu_result *, double *seeding,
                          kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context, kmu_error *);

#endif
