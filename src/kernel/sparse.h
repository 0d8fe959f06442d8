/* sparse.h - products of CSR rows with centroids that stand side by side.
 *
 *   add    s[i] := half[i] + sum_a x[a] c[column[a] stride + i], i < stride, in the order of a, with each product rounded by
 *          itself: of `count` numbers, half is met by count + 1 roundings, a product by no more. stride: a multiple of
 *          KMU__ABREAST, c, half and s on lines of the cache. Behind the last centroid half is -infinity and c 0
 *   best   the largest of s, the first that has it, and the one after it, -infinity where there is none (kernel.h) */
#ifndef KMU_KERNEL_SPARSE_H
#define KMU_KERNEL_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

enum { KMU__ABREAST = 16 };

struct sparse_kernel {
    void (*add)(const float *x, const int32_t *column, size_t count, const float *c, const float *half, size_t stride, float *s);
    int32_t (*best)(const float *s, size_t stride, float *first, float *second);
};

const struct sparse_kernel *kmu__sparse_kernel(kmu_isa isa);

#endif
