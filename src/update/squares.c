/* squares.c - sum of ||x_j||^2, exactly, in two ways.
 *
 * The square of a binary32 number is a binary64 number. Where all x are multiples of 2^g below 2^h, x^2 is an integer below
 * 2^(2 (h - g)) in units of 2^(2g); up to 3 digits of 48 bits hold it, and are taken off from above by adding and subtracting
 * 1.5 2^52: f64 arithmetic that is exact, in vectors. 2^14 digits may be added before they are put away.
 *
 * Else squares of significands of one exponent are integers on one grid: one bin of 128 bits an exponent.
 *
 * Time 0.2 ns a coordinate and digit; 2 ns with bins. */
#include "squares.h"

#include "../exact/digit.h"
#include "../kernel/kernel.h"
#include "../kernel/scan.h"

enum {
    DIGITS = KMU__SQUARE_DIGITS,
    SUMS = KMU__SQUARE_SUMS,
    TERMS = 1 << 14, /* digits below 2^48 in a sum of 63 bits */
    EXPONENTS = 2047,
    SQUARES = 1 << 21, /* squares below 2^106 in a bin of 128 bits */
};

/* Q += the sums, which become 0. */
static void put_away(int64_t sum[DIGITS][SUMS], int g, struct wide *Q)
{
    for (int t = 0; t < DIGITS; t++)
        for (int s = 0; s < SUMS; s++) {
            int64_t v = sum[t][s];
            if (v)
                kmu__wide_add(Q, v < 0, v < 0 ? -(uint64_t)v : (uint64_t)v, 2 * g + KMU__DIGIT * t);
            sum[t][s] = 0;
        }
}

static void by_digits(const struct points *p, const struct scan_kernel *kernel, size_t from, size_t to, int digits, struct wide *Q)
{
    int64_t sum[DIGITS][SUMS] = {{0}};
    size_t terms = 0;
    double inverse = kmu__power(-p->all.low);
    const bool whole = !kmu__are_sparse(p) && p->row == p->d; /* rows without gaps are one */
    for (size_t j = from; j < (whole ? from + 1 : to); j++) {
        const size_t run = whole ? (to - from) * p->d : kmu__stored_count(p, j);
        for (size_t l = 0, more; l < run; l += more) {
            const float *x = (const float *)p->x + kmu__stored_at(p, j) + l;
            more = run - l < TERMS ? run - l : TERMS;
            terms += more / SUMS + SUMS;
            if (terms > TERMS) {
                put_away(sum, p->all.low, Q);
                terms = more / SUMS + SUMS;
            }
            kernel->squares(x, more, inverse, digits, sum);
        }
    }
    put_away(sum, p->all.low, Q);
}

/* Sums of squares of significands, one for each exponent; only least .. most have been used. */
struct squares {
    kmu__u128 bin[EXPONENTS];
    int least, most;
    size_t terms;
};

static void empty_bins(struct squares *s, struct wide *Q)
{
    for (int e = s->least; e <= s->most; e++) {
        if (s->bin[e])
            kmu__wide_add(Q, false, s->bin[e], 2 * (e + KMU__LEAST_EXPONENT));
        s->bin[e] = 0;
    }
    s->least = EXPONENTS;
    s->most = -1;
    s->terms = 0;
}

static void put_in_bins(struct squares *s, const double *x, size_t count, struct wide *Q)
{
    for (size_t l = 0; l < count; l++) {
        struct parts p = kmu__parts(x[l]);
        if (!p.m)
            continue;
        int e = p.e - KMU__LEAST_EXPONENT;
        s->bin[e] += (kmu__u128)p.m * p.m;
        s->least = e < s->least ? e : s->least;
        s->most = e > s->most ? e : s->most;
        if (++s->terms == SQUARES)
            empty_bins(s, Q);
    }
}

static void by_bins(struct fit *f, size_t from, size_t to, double *buffer, struct wide *Q)
{
    struct squares s = {.least = EXPONENTS, .most = -1};
    for (size_t j = from; j < to; j++)
        put_in_bins(&s, kmu__stored(f->original, j, buffer), kmu__stored_count(f->original, j), Q);
    empty_bins(&s, Q);
}

void kmu__square(const double *x, size_t count, struct wide *Q)
{
    struct squares s = {.least = EXPONENTS, .most = -1};
    put_in_bins(&s, x, count, Q);
    empty_bins(&s, Q);
}

void kmu__squares(struct fit *f, size_t from, size_t to, double *buffer, struct wide *Q)
{
    const struct points *p = f->original;
    struct range r = p->all;
    int bits = r.low > r.high ? 1 : 2 * (r.high - r.low), digits = (bits + 1 + KMU__DIGIT - 1) / KMU__DIGIT;
    if (p->stored == KMU_F32 && digits <= DIGITS && r.low > -400 && r.low < 400)
        by_digits(p, kmu__scan_kernel(f->kernels->isa), from, to, digits, Q);
    else
        by_bins(f, from, to, buffer, Q);
}
