/* slow.h - numbers of any size, added a bit at a time: the judge of src/exact.
 *
 *     S = sum_i digit_i 2^(16 i + BOTTOM),     digits of either sign and any size
 *
 * Nothing here divides or rounds: a rounded quotient is judged by what it must be (is_rounded). */
#ifndef KMU_TESTS_SLOW_H
#define KMU_TESTS_SLOW_H

#include "exact/sum.h"

enum { SLOW_DIGITS = 700, SLOW_BOTTOM = -5600 };

struct slow {
    int64_t digit[SLOW_DIGITS];
};

/* s += +-m 2^e */
static inline void slow_add(struct slow *s, bool negative, kmu__u128 m, int e)
{
    for (int b = e - SLOW_BOTTOM; m; m >>= 1, b++)
        if (m & 1)
            s->digit[b / 16] += (negative ? -1 : 1) * (1 << b % 16);
}

/* x = m 2^*e, m an integer */
static inline int64_t slow_parts(double x, int *e)
{
    int64_t m = (int64_t)ldexp(frexp(x, e), 53);
    *e -= 53;
    return m;
}

static inline kmu__u128 slow_size(int64_t m)
{
    return (kmu__u128)(m < 0 ? -(uint64_t)m : (uint64_t)m);
}

/* s += +-x y */
static inline void slow_add_product(struct slow *s, bool negative, double x, double y)
{
    int e, g;
    int64_t m = slow_parts(x, &e), n = slow_parts(y, &g);
    slow_add(s, negative ^ (m < 0) ^ (n < 0), slow_size(m) * slow_size(n), e + g);
}

/* s += +-x y z */
static inline void slow_add_product3(struct slow *s, bool negative, double x, double y, double z)
{
    int e, f, g;
    int64_t m = slow_parts(x, &e), n = slow_parts(y, &f), q = slow_parts(z, &g);
    kmu__u128 xy = slow_size(m) * slow_size(n), size = slow_size(q);
    for (int half = 0; half < 2; half++) /* of 53 bits by 106: the low 64 of these first */
        slow_add(s, negative ^ (m < 0) ^ (n < 0) ^ (q < 0), size * (uint64_t)(xy >> 64 * half), e + f + g + 64 * half);
}

/* s += +-b f 2^e, f below 2^64 */
static inline void slow_add_big(struct slow *s, bool negative, const struct big *b, uint64_t f, int e)
{
    for (int i = 0; i < b->n; i++)
        slow_add(s, negative ^ b->negative, (kmu__u128)b->limb[i] * f, b->e + 64 * i + e);
}

/* s += +-a */
static inline void slow_add_wide(struct slow *s, bool negative, const struct wide *a)
{
    for (int side = 0; side < 2; side++)
        for (int i = a->lo; i < a->hi; i++)
            slow_add(s, negative ^ side, a->limb[side][i], 64 * i + KMU__WIDE_BOTTOM);
}

/* s += +-||x - y||^2 w */
static inline void slow_add_distance(struct slow *s, bool negative, const double *x, const double *y, size_t d, double w)
{
    for (size_t l = 0; l < d; l++) {
        slow_add_product3(s, negative, x[l], x[l], w);
        slow_add_product3(s, !negative, 2 * w, x[l], y[l]);
        slow_add_product3(s, negative, y[l], y[l], w);
    }
}

static inline int slow_sign(const struct slow *s)
{
    int64_t up = 0;
    bool any = false;
    for (int i = 0; i < SLOW_DIGITS; i++) {
        up += s->digit[i];
        any |= (up & 65535) != 0;
        up >>= 16;
    }
    return up < 0 ? -1 : up > 0 || any;
}

/* The sign of |num| - M 2^E |den|. */
static inline int slow_against(const struct slow *num, const struct big *den, uint64_t M, int E)
{
    struct slow s = *num;
    bool negative = slow_sign(num) < 0;
    for (int i = 0; negative && i < SLOW_DIGITS; i++)
        s.digit[i] = -s.digit[i];
    slow_add_big(&s, true, den, M, E);
    return slow_sign(&s);
}

/* Whether r is num / den rounded to type, to nearest, ties to even: with r = m 2^e on its grid, num / den must lie between
 * (m - 1/2) 2^e and (m + 1/2) 2^e, and only for an even m on them; below a power of two the grid is twice as fine. */
static inline bool is_rounded(double r, const struct slow *num, const struct big *den, kmu_type type)
{
    const int p = type == KMU_F32 ? 24 : 53, least = type == KMU_F32 ? -149 : -1074, most = type == KMU_F32 ? 104 : 971;
    int e, sign = slow_sign(num);
    if (r == 0)
        return !signbit(r) && (sign == 0 || slow_against(num, den, 1, least - 1) <= 0);
    if ((r > 0) != (sign > 0))
        return false;
    frexp(r, &e);
    e = isinf(r) ? most : e - p < least ? least : e - p;
    if (e > most)
        return false;
    uint64_t m = isinf(r) ? 1ull << p : (uint64_t)ldexp(fabs(r), -e);
    if (ldexp((double)m, e) != fabs(r) && !isinf(r))
        return false; /* not a number of the type */
    bool fine = m == 1ull << (p - 1) && e > least;
    int over = isinf(r) ? -1 : slow_against(num, den, 2 * m + 1, e - 1);
    int under = fine ? slow_against(num, den, 4 * m - 1, e - 2) : slow_against(num, den, 2 * m - 1, e - 1);
    return m % 2 ? over < 0 && under > 0 : over <= 0 && under >= 0;
}

static const struct big ONE = {.n = 1, .limb = {1}};

#endif
