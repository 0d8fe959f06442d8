/* compare.h - which of two centroids is nearer, over the real numbers. */
#ifndef KMU_EXACT_COMPARE_H
#define KMU_EXACT_COMPARE_H

#include "float.h"

/* The sign (-1, 0, 1) of ||x - a||^2 - ||x - b||^2. */
int kmu__compare_distances(const double *x, const double *a, const double *b, size_t d);

#endif
