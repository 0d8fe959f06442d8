/* objective.c - J without touching the points.
 *
 *   J = sum_i sum_{x_j in C_i} w_j ||x_j - mu_i||^2 = Q - 2 sum_i mu_i . S_i + sum_i m_i ||mu_i||^2       (T5)
 *
 * with Q = sum_j w_j ||x_j||^2, which no label changes. The three terms cancel almost wholly far from the origin; in the
 * long accumulator (exact/wide.h) that costs nothing, and J is right in its last digit.
 *
 * For the record of a turn, pairs of binary64 numbers come first: where the bound of their error leaves one answer, that is J
 * rounded once (N18). The run that is kept is chosen by the exact J.
 *
 * Time: Q 0.5 to 2 ns a coordinate, once (update/squares.c); J about 1 ns a coordinate of mu, 10 to 20 ns when it has to be
 * exact. */
#include "objective.h"

#include <math.h>

#include "../kernel/digits.h"
#include "squares.h"
#include "tally.h"

struct objective {
    struct fit *f;
    const double *mu;
    size_t rows; /* of a chunk: points or clusters */
};

static void weighted_squares(struct fit *f, size_t from, size_t to, double *buffer, struct wide *Q)
{
    for (size_t j = from; j < to; j++) {
        struct parts w = kmu__parts(f->original->w[j]);
        if (!w.m)
            continue;
        const double *x = kmu__stored(f->original, j, buffer);
        const size_t count = kmu__stored_count(f->original, j);
        struct wide square;
        kmu__wide_zero(&square);
        for (size_t l = 0; l < count; l++)
            kmu__wide_add_product(&square, false, x[l], x[l]);
        kmu__wide_add_wide(Q, false, &square, w.m, w.e);
    }
}

static void square_chunk(void *context, size_t chunk, int thread)
{
    struct objective *t = context;
    struct fit *f = t->f;
    const size_t n = f->original->n, from = chunk * t->rows, to = from + t->rows < n ? from + t->rows : n;
    (f->original->w ? weighted_squares : kmu__squares)(f, from, to, f->row + (size_t)thread * f->row_stride,
                                                       &f->partial[thread]);
}

/* The threads' parts into a; they are left empty. */
static void collect(struct fit *f, struct wide *a)
{
    for (int t = 0; t < kmu__pool_threads(f->pool); t++) {
        kmu__wide_add_wide(a, false, &f->partial[t], 1, 0);
        kmu__wide_zero(&f->partial[t]);
    }
}

void kmu__objective_prepare(struct fit *f)
{
    const size_t n = f->original->n; /* whose weights are not merged */
    double cost = (f->original->w ? 20.0 : 2.0) * (double)f->d;
    struct objective t = {.f = f, .rows = kmu__rows_per_chunk(n, cost / 8)};
    for (int i = 0; i < kmu__pool_threads(f->pool); i++)
        kmu__wide_zero(&f->partial[i]);
    kmu__parallel(f->pool, (n + t.rows - 1) / t.rows, cost * (double)n, square_chunk, &t);
    kmu__wide_zero(f->Q);
    collect(f, f->Q);
    struct wide rest;
    struct parts q = kmu__parts(kmu__wide_round(f->Q));
    kmu__wide_zero(&rest);
    kmu__wide_add_wide(&rest, false, f->Q, 1, 0);
    if (isfinite(kmu__wide_round(f->Q)))
        kmu__wide_add(&rest, true, q.m, q.e);
    f->Q_rest = kmu__wide_round(&rest);
}

void kmu__objective_cluster(const struct fit *f, size_t i, const double *mu, struct wide *a)
{
    struct wide square;
    struct big mass;
    kmu__wide_zero(&square);
    for (size_t l = 0; l < f->d; l++) {
        kmu__wide_add_product(&square, false, mu[l], mu[l]);
        kmu__sum_times(&f->sum, f->sums.S + i * f->sum.words, l, mu[l], true, 1, a);
    }
    kmu__mass(f, i, &mass);
    for (int t = 0; t < mass.n; t++)
        kmu__wide_add_wide(a, false, &square, mass.limb[t], mass.e + 64 * t);
}

static void cluster_chunk(void *context, size_t chunk, int thread)
{
    struct objective *t = context;
    struct fit *f = t->f;
    size_t end = (chunk + 1) * t->rows < f->k ? (chunk + 1) * t->rows : f->k;
    for (size_t i = chunk * t->rows; i < end; i++)
        if (f->sums.count[i])
            kmu__objective_cluster(f, i, t->mu + i * f->d, &f->partial[thread]);
}

void kmu__objective_exact(struct fit *f, const double *mu)
{
    double cost = 20.0 * (double)f->d;
    struct objective t = {.f = f, .mu = mu, .rows = kmu__rows_per_chunk(f->k, cost)};
    kmu__parallel(f->pool, (f->k + t.rows - 1) / t.rows, cost * (double)f->k, cluster_chunk, &t);
    kmu__wide_zero(f->J);
    kmu__wide_add_wide(f->J, false, f->Q, 1, 0);
    collect(f, f->J);
}

/* ---- the same in pairs of binary64 numbers ---------------------------------------------------------------------------- */

/* sum += what cluster i adds to J; false if its mass is not a binary64 number, or so large that it brings up what squares of mu
 * lose to underflow. */
static bool add_twofold(const struct fit *f, size_t i, const double *mu, struct twofold *sum)
{
    struct twofold mu_S, mu_mu;
    struct big mass;
    const int64_t *S = f->sums.S + i * f->sum.words;
    kmu__mass(f, i, &mass);
    if (mass.n != 1 || mass.limb[0] >> 53 || mass.e < -400 || mass.e > 140)
        return false;
    const double m = (double)mass.limb[0] * kmu__power(mass.e);
    f->digits->product(S, f->sum.narrow == 2 ? S + f->d : NULL, f->sum.unit, mu, f->d, &mu_S, &mu_mu);
    const double p = m * mu_mu.high;
    kmu__twofold_add(sum, p);
    kmu__twofold_add(sum, -2 * mu_S.high);
    sum->low += fma(m, mu_mu.high, -p) + m * mu_mu.low - 2 * mu_S.low;
    sum->size += m * mu_mu.size + 2 * mu_S.size;
    return true;
}

static void twofold_chunk(void *context, size_t chunk, int thread)
{
    struct objective *t = context;
    struct fit *f = t->f;
    size_t end = (chunk + 1) * t->rows < f->k ? (chunk + 1) * t->rows : f->k;
    for (size_t i = chunk * t->rows; i < end; i++)
        if (f->sums.count[i] && !add_twofold(f, i, t->mu + i * f->d, &f->twofold[thread]))
            f->twofold[thread].size = INFINITY;
}

/* J rounded once, if pairs of binary64 numbers can tell: the true J lies within slack of high + low (N18). */
static bool by_twofold(struct fit *f, const double *mu, double *J)
{
    struct twofold sum = {0};
    const double cost = 4.0 * (double)f->d;
    struct objective t = {.f = f, .mu = mu, .rows = kmu__rows_per_chunk(f->k, cost)};
    const double q = kmu__wide_round(f->Q);
    if (!f->digits || !f->sum.calm || !(q > 0x1p-700 && q < 0x1p800))
        return false;
    memset(f->twofold, 0, (size_t)kmu__pool_threads(f->pool) * sizeof *f->twofold);
    kmu__parallel(f->pool, (f->k + t.rows - 1) / t.rows, cost * (double)f->k, twofold_chunk, &t);
    kmu__twofold_add(&sum, q);
    sum.low += f->Q_rest;
    for (int a = 0; a < kmu__pool_threads(f->pool); a++) {
        const double size = sum.size + f->twofold[a].size;
        kmu__twofold_add(&sum, f->twofold[a].high);
        sum.low += f->twofold[a].low;
        sum.size = size;
    }
    const double slack = sum.size * kmu__twofold_slack(f->d + f->k + (size_t)kmu__pool_threads(f->pool));
    const double nearest = sum.high + sum.low, part = nearest - sum.high,
                 rest = (sum.high - (nearest - part)) + (sum.low - part);
    *J = nearest;
    return nearest > 0x1p-700 && isfinite(slack) && nearest + (rest - slack) == nearest && nearest + (rest + slack) == nearest;
}

double kmu__objective(struct fit *f, const double *mu)
{
    double J;
    if (by_twofold(f, mu, &J))
        return J;
    kmu__objective_exact(f, mu);
    return kmu__wide_round(f->J);
}
