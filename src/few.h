/* few.h - (A) of a few points, without memory and threads. */
#ifndef KMU_FEW_H
#define KMU_FEW_H

#include <stdbool.h>

#include "kmu.h"

/* Whether there are so few points, coordinates and centroids, and no weights, that kmu__assign_few takes them. */
bool kmu__are_few(const kmu_points *, const kmu_options *);

/* kmu_assign, for c alone. Time O(n k d), memory 20 KiB of the caller's stack. */
kmu_status kmu__assign_few(const kmu_points *, const kmu_options *, const void *mu, int32_t *c, kmu_error *);

#endif
