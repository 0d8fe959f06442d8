/* typed.h - centroids as callers hand them in and get them: in a type. */
#ifndef KMU_LAYOUT_TYPED_H
#define KMU_LAYOUT_TYPED_H

#include "../fit.h"

/* Checks k x d given centroids and rounds them once to the points' type into mu; -0 becomes +0. */
kmu_status kmu__centroids_enter(double *mu, const void *given, kmu_type type, size_t k, const struct points *, kmu_error *);

/* count coordinates of centroids in the type of the result. */
void kmu__centroids_leave(void *out, const double *mu, size_t count, kmu_type type);

#endif
