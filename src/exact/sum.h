/* sum.h - exact sums of w_j x_jl: carry-free digits on a grid chosen per column.
 *
 * If every w x of column l is a multiple of 2^g and below 2^h in magnitude, then a sum of n of them is an integer
 * below 2^(h-g) n in units of 2^g. It is kept as signed 64-bit digits, digit t worth 2^(g + 48 t):
 *
 *     S = sum_t digit_t 2^(g + 48 t)
 *
 * The digits of a term are below 2^48 (the top one's sum is below 2^62 by the choice of their number), so up to 2^14
 * terms may be added or taken away with no carry at all, in any order, by any thread or machine; then kmu__sum_carry
 * moves what exceeds 48 bits up. Digits add like numbers: tables of them may be summed word by word.
 *
 * Nearly all data need one digit (integers, images) or two (normal f32 and f64): these run over all columns at once in
 * f64 arithmetic that is exact. A column that needs more (1e-300 among ones, real weights) goes digit by digit.
 *
 * Time 1-2 ns a coordinate, 10 ns in a wide column. Memory 8 (digits d + the wide columns' digits) bytes a sum. */
#ifndef KMU_EXACT_SUM_H
#define KMU_EXACT_SUM_H

#include "wide.h"
#include "../ground/memory.h"

enum {
    KMU__DIGIT = 48,         /* payload bits */
    KMU__TERMS = 1 << 14,    /* terms between two carries */
    KMU__DIGITS = 6600 / 48, /* of the widest column: w x of two binary64, and n */
};

/* What is known of the numbers of a column: nonzero magnitudes are multiples of 2^low and below 2^high; low > high: all 0. */
struct range {
    int low, high;
};

struct sum_layout {
    size_t d;
    int narrow;               /* digits of every column that is not wide: 1 or 2 */
    double *unit, *inverse;   /* 2^g and 2^-g; both 0 in a wide column */
    int *low;                 /* g */
    int *digits;              /* of the column: narrow, or more */
    size_t *at;               /* where a wide column's digits begin in a sum */
    size_t *wide, wide_count; /* the wide columns */
    size_t words;             /* int64 words of one sum */
    bool calm;                /* no column is wide, and all sums and their products are what kernel/digits.h asks for */
};

/* An exact number S = +- sum_i limb[i] 2^(64 i + e). */
enum { KMU__BIG_LIMBS = 110 };
struct big {
    bool negative;
    int n, e; /* limbs used: limb[n-1] != 0, n = 0 for zero */
    uint64_t limb[KMU__BIG_LIMBS];
};

/* What a number is, as a range; {1, 0} for 0. */
struct range kmu__range_of(double x);
/* What holds for both, and for products. */
struct range kmu__range_join(struct range, struct range);

void kmu__sum_wish(struct sum_layout *, size_t d, struct memory *);

/* Fixes the layout from the ranges of x per column and of w, for sums of n terms. */
void kmu__sum_fix(struct sum_layout *, const struct range *x, struct range w, size_t n);

/* S += w x, or -= when negative, in columns from .. to - 1. At most KMU__TERMS times between two carries. */
void kmu__sum_add(const struct sum_layout *, int64_t *S, const double *x, double w, bool negative, size_t from, size_t to);

/* The same for the x of column l alone. */
void kmu__sum_add_one(const struct sum_layout *, int64_t *S, size_t l, double x, double w, bool negative);

/* Moves carries up in columns from .. to - 1; the value does not change. */
void kmu__sum_carry(const struct sum_layout *, int64_t *S, size_t from, size_t to);

/* Digits of column l as a number of up to 126 bits: +-m 2^low; false if it is longer. */
bool kmu__sum_short(const struct sum_layout *, const int64_t *S, size_t l, bool *negative, kmu__u128 *m);

/* Column l as a number of any length. */
void kmu__sum_big(const struct sum_layout *, const int64_t *S, size_t l, struct big *);

/* a += +-S_l y 2^e */
void kmu__sum_times(const struct sum_layout *, const int64_t *S, size_t l, double y, bool negative, int e, struct wide *a);

/* num / den rounded once to type, to nearest, ties to even; den > 0. */
double kmu__quotient(const struct big *num, const struct big *den, kmu_type type);
double kmu__wide_quotient(const struct wide *num, const struct wide *den, kmu_type type);

#endif
