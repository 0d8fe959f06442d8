/* tolerance.c - the stopping rule of scikit-learn, decided over the real numbers.
 *
 *   sum_i ||mu_i - last_i||^2 <= tol V,     V = (1/d) sum_l [ sum_j w_j x_jl^2 / W - (sum_j w_j x_jl / W)^2 ]
 *
 * Times W^2 d, both sides are sums of products of floats:
 *
 *   shift W^2 d <= tol (W Q - sum_l T_l^2),       T_l = sum_j w_j x_jl,  Q = sum_j w_j ||x_j||^2
 *
 * so the test is one comparison of two long accumulators. It is made only when f64 cannot tell: turn.shift, a sum of k d
 * squares, is within (k d + 3) 2^-53 of the true shift unless it is tiny or overflows, and the limit within 2^-51.
 *
 * Time O(k d) a turn, O(n + k d) once. */
#include <math.h>

#include "objective.h"
#include "tally.h"

#define TINY 0x1p-900 /* below it, squares may have lost bits to underflow */

static void add_big(struct wide *a, const struct big *b)
{
    for (int t = 0; t < b->n; t++)
        kmu__wide_add(a, b->negative, b->limb[t], b->e + 64 * t);
}

/* f->bound := the right side, and W^2 d; f->limit := their quotient in f64. T and W are the same for all labels. */
void kmu__tolerance_prepare(struct fit *f)
{
    struct wide W, T, sum;
    struct big part;
    kmu__wide_zero(&W);
    for (size_t i = 0; i < f->k; i++) {
        kmu__mass(f, i, &part);
        add_big(&W, &part);
    }
    kmu__wide_zero(&sum);
    kmu__wide_multiply_add(&sum, false, f->Q, &W);
    for (size_t l = 0; l < f->d; l++) {
        kmu__wide_zero(&T);
        for (size_t i = 0; i < f->k; i++) {
            kmu__sum_big(&f->sum, f->sums.S + i * f->sum.words, l, &part);
            add_big(&T, &part);
        }
        kmu__wide_multiply_add(&sum, true, &T, &T);
    }
    struct parts tol = kmu__parts(f->options->tol);
    kmu__wide_zero(&f->bound[0]);
    kmu__wide_add_wide(&f->bound[0], false, &sum, tol.m, tol.e);
    kmu__wide_zero(&sum);
    kmu__wide_multiply_add(&sum, false, &W, &W);
    kmu__wide_zero(&f->bound[1]);
    kmu__wide_add_wide(&f->bound[1], false, &sum, f->d, 0);
    double left = kmu__wide_round(&f->bound[0]), right = kmu__wide_round(&f->bound[1]);
    f->limit = left > TINY && right > TINY && isfinite(left) && isfinite(right) ? left / right : 0; /* 0: f64 cannot tell */
    f->limit_known = true;
}

bool kmu__within_tolerance(struct fit *f)
{
    if (f->options->tol <= 0)
        return false;
    if (!f->limit_known)
        kmu__tolerance_prepare(f);
    double slack = 0x1p-52 * ((double)f->k * (double)f->d + 16), low = f->turn.shift * (1 - slack),
           high = f->turn.shift * (1 + slack);
    if (f->turn.shift > TINY && f->limit > TINY && isfinite(high) && isfinite(f->limit)) {
        if (high < f->limit)
            return true;
        if (low > f->limit)
            return false;
    }
    struct wide shift, left;
    kmu__wide_zero(&shift);
    for (size_t i = 0; i < f->k; i++)
        kmu__wide_add_distance(&shift, f->mu + i * f->d, f->last + i * f->d, f->d);
    kmu__wide_zero(&left);
    kmu__wide_multiply_add(&left, false, &shift, &f->bound[1]);
    return kmu__wide_compare(&left, &f->bound[0]) <= 0;
}
