/* distance.h - a squared distance in f64, and how wrong it can be.
 *
 *   D^ = D (1 + t),  |t| <= (d + 2) u / (1 - (d + 2) u),  u = 2^-53      (Higham 2002, section 3.1,
 * doi:10.1137/1.9780898718027)
 *
 * for any order of the sum: each difference and each square is rounded once, a term takes part in at most d - 1 additions.
 * Squares below 2^-1022 lose at most 2^-1075 each besides. Bounds are used as D^ (1 - slack) - tiny <= D <= D^ (1 + slack)
 * + tiny with slack = (d + 8) 2^-52, twice what is needed, which pays for their own rounding. An infinite or NaN D^ bounds
 * nothing: the comparisons below are false for it (N2). */
#ifndef KMU_EXACT_DISTANCE_H
#define KMU_EXACT_DISTANCE_H

#include "sum.h"

static inline double kmu__distance_slack(size_t d)
{
    return 0x1p-52 * (double)(d + 8);
}

static inline double kmu__distance_tiny(size_t d)
{
    return 0x1p-1073 * (double)d;
}

/* The grid rule: let x and y be multiples of 2^g below 2^h, and R = h - g. Differences are multiples of 2^g below 2^(h+1),
 * squares integers below 2^(2R+2) in units of 2^(2g), sums of d of them below 2^(2R+2) d; if that is at most 2^53 and
 * nothing over- or underflows, every operation of kmu__distance is exact (N3). */
static inline bool kmu__distances_are_exact(struct range r, size_t d)
{
    return r.low > r.high || (2 * (r.high - r.low) + 2 + kmu__bits(d) <= 53 && r.low >= -500 && r.high <= 480);
}

/* ||x - y||^2 in f64; the same bits for the same rows. */
static inline double kmu__distance(const double *restrict x, const double *restrict y, size_t d)
{
    double sum[8] = {0}, tail = 0;
    size_t l = 0;
    for (; l + 8 <= d; l += 8)
        for (size_t t = 0; t < 8; t++) {
            double step = x[l + t] - y[l + t];
            sum[t] += step * step;
        }
    for (; l < d; l++) {
        double step = x[l] - y[l];
        tail += step * step;
    }
    return (((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]))) + tail;
}

#endif
