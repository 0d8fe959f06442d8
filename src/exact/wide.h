/* wide.h - the long accumulator: a real number that is a sum of products of up to five floats, held exactly.
 *
 * A fixed-point number from 2^-5440 to 2^5440: five binary64 factors reach from 2^-5370 to 2^5120, products of limbs begin up
 * to 63 bits lower, and the rest is room for 2^100 of them and the carry (N8). What is added and what is taken away are kept
 * apart, so no borrow ever runs through the number and an addition touches three limbs and a carry. Only limbs lo .. hi - 1
 * have been used; the others are zero.
 *
 * Kulisch and Miranker 1986, "The arithmetic of the digital computer: a new approach", doi:10.1137/1028001. */
#ifndef KMU_EXACT_WIDE_H
#define KMU_EXACT_WIDE_H

#include "float.h"

enum { KMU__WIDE_LIMBS = 170, KMU__WIDE_BOTTOM = -5440 };

struct wide {
    int lo, hi;
    uint64_t limb[2][KMU__WIDE_LIMBS]; /* [0] added, [1] taken away */
};

/* a := 0, whatever it was; the first time on memory of any content. */
void kmu__wide_zero(struct wide *a);

/* a += +-m 2^e */
void kmu__wide_add(struct wide *a, bool negative, kmu__u128 m, int e);

/* a += +-b 2^e f, f an integer */
void kmu__wide_add_wide(struct wide *a, bool negative, const struct wide *b, uint64_t f, int e);

/* a += x y, and a += -x y */
static inline void kmu__wide_add_product(struct wide *a, bool negative, double x, double y)
{
    struct parts p = kmu__parts(x), q = kmu__parts(y);
    if (p.m && q.m)
        kmu__wide_add(a, negative ^ p.negative ^ q.negative, (kmu__u128)p.m * q.m, p.e + q.e);
}

/* a += ||x - y||^2 */
void kmu__wide_add_distance(struct wide *a, const double *x, const double *y, size_t d);

/* a += b c, all the bits of it; the exponents must fit. */
void kmu__wide_multiply_add(struct wide *a, bool negative, const struct wide *b, const struct wide *c);

/* -1, 0 or 1: the sign of a. */
int kmu__wide_sign(const struct wide *a);

/* -1, 0 or 1: the sign of a - b. */
int kmu__wide_compare(const struct wide *a, const struct wide *b);

/* |a| = m 2^e + something below 2^e (inexact says whether anything), m with 128 bits unless a is shorter. */
kmu__u128 kmu__wide_leading(const struct wide *a, int *e, bool *inexact, bool *negative);

/* a rounded once to f64. */
double kmu__wide_round(const struct wide *a);

#endif
