/* digits.h - the inner loops of step (B): sums in digits (exact/sum.h), means and J from them, several columns at a time.
 *
 * A column's sum is S = unit (low + 2^48 high) with integers low and high, high not there where one digit is enough; inverse is
 * 1 / unit, both powers of two. The contract, for columns 0 .. count - 1:
 *
 *   add      low, high += the digits of w x, by the rounding of exact/digit.h, bit for bit as exact/sum.c does it; the numbers at
 *            next, or NULL, are asked for meanwhile
 *   rows     the same of the rows which[0 .. rows - 1], of `row` numbers each: row j adds to the sums of cluster c[j], at S +
 *            c[j] words with high behind low if there are two; nothing where c[j] is negative
 *   means    mu := S / m, rounded once to type; a column in which binary64 cannot tell (N17) is named in doubt instead;
 *            returns how many
 *   blend    mu := (v mu + S) / m, rounded once to type, or named in doubt (N23), as it was; 2^-100 <= v <= m <= 2^100
 *   product  sum_l mu_l S_l and sum_l mu_l^2, each as a sum of two numbers that is off by at most size times
 *            kmu__twofold_slack(count), and by count 2^-973 and count 2^-1074 where something underflows (N18); what
 *            overflows leaves inf or NaN
 *
 * For means and product the digits are as a carry leaves them, below 2^51 (62 bits where there is one only), and units and m
 * lie within 2^-400 .. 2^400. mu may be anything finite.
 *
 * An ISA without FMA has none of these: exact/sum.c is the portable text, and the judge. */
#ifndef KMU_KERNEL_DIGITS_H
#define KMU_KERNEL_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

/* high + low; size is no less than the sum of the magnitudes of what was added. */
struct twofold {
    double high, low, size;
};

/* What a twofold sum of count products is off, as a part of its size. */
static inline double kmu__twofold_slack(size_t count)
{
    return ((double)count + 32) * ((double)count + 32) * 0x1p-103;
}

/* t += x */
static inline void kmu__twofold_add(struct twofold *t, double x)
{
    const double sum = t->high + x, part = sum - t->high;
    t->low += (t->high - (sum - part)) + (x - part);
    t->high = sum;
    t->size += x < 0 ? -x : x;
}

struct digits {
    void (*add_f32)(int64_t *low, int64_t *high, const float *x, const float *next, const double *inverse, double w,
                    size_t count);
    void (*add_f64)(int64_t *low, int64_t *high, const double *x, const double *next, const double *inverse, double w,
                    size_t count);
    void (*rows_f32)(int64_t *S, size_t words, bool two, const float *x, size_t row, const uint16_t *which, size_t rows,
                     const int32_t *c, const double *inverse, double w, size_t count);
    void (*rows_f64)(int64_t *S, size_t words, bool two, const double *x, size_t row, const uint16_t *which, size_t rows,
                     const int32_t *c, const double *inverse, double w, size_t count);
    size_t (*means)(const int64_t *low, const int64_t *high, const double *unit, double m, kmu_type type, double *mu,
                    uint32_t *doubt, size_t count);
    size_t (*blend)(const int64_t *low, const int64_t *high, const double *unit, double v, double m, kmu_type type, double *mu,
                    uint32_t *doubt, size_t count);
    void (*product)(const int64_t *low, const int64_t *high, const double *unit, const double *mu, size_t count,
                    struct twofold *mu_S, struct twofold *mu_mu);
};

#if defined __x86_64__
extern const struct digits kmu__digits_avx2, kmu__digits_avx512;
#endif

/* NULL for an ISA that has none. */
const struct digits *kmu__digits(kmu_isa isa);

#endif
