/* scan.h - one pass over numbers: what bits they have, and the digits of their squares.
 *
 *   rows     for `rows` rows of d numbers, `row` apart: least[l] and most[l] take in, as bits, the least lowest set bit and the
 *            largest magnitude of column l; zeros are passed over
 *   squares  sum[t][.] += digit t, of 48 bits, of (x inverse)^2 for count numbers, integers of up to `digits` digits; numbers go
 *            to the sums in turn, so none gets more than count / KMU__SQUARE_SUMS + KMU__SQUARE_SUMS of them */
#ifndef KMU_KERNEL_SCAN_H
#define KMU_KERNEL_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

enum { KMU__SQUARE_DIGITS = 3, KMU__SQUARE_SUMS = 8 };

struct scan_kernel {
    void (*rows_f32)(const float *x, size_t row, size_t rows, size_t d, int32_t *least, int32_t *most);
    void (*rows_f64)(const double *x, size_t row, size_t rows, size_t d, int64_t *least, int64_t *most);
    void (*squares)(const float *x, size_t count, double inverse, int digits, int64_t sum[KMU__SQUARE_DIGITS][KMU__SQUARE_SUMS]);
};

const struct scan_kernel *kmu__scan_kernel(kmu_isa isa);

#endif
