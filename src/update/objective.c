/* objective.c - J without touching the points.
 *
 *   J = sum_i sum_{x_j in C_i} w_j ||x_j - mu_i||^2 = Q - 2 sum_i mu_i . S_i + sum_i m_i ||mu_i||^2       (T5)
 *
 * with Q = sum_j w_j ||x_j||^2, which no label changes. The three terms cancel almost wholly far from the origin; in the
 * long accumulator (exact/wide.h) that costs nothing, and J is right in its last digit.
 *
 * Time: Q 0.5 to 2 ns a coordinate, once (update/squares.c); J about 10 ns a coordinate of mu. */
#include "objective.h"

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
        struct parts w = kmu__parts(f->points->w[j]);
        if (!w.m)
            continue;
        const double *x = kmu__row(f->points, j, buffer);
        struct wide square;
        kmu__wide_zero(&square);
        for (size_t l = 0; l < f->d; l++)
            kmu__wide_add_product(&square, false, x[l], x[l]);
        kmu__wide_add_wide(Q, false, &square, w.m, w.e);
    }
}

static void square_chunk(void *context, size_t chunk, int thread)
{
    struct objective *t = context;
    struct fit *f = t->f;
    size_t from = chunk * t->rows, to = from + t->rows < f->n ? from + t->rows : f->n;
    (f->points->w ? weighted_squares : kmu__squares)(f, from, to, f->row + (size_t)thread * f->row_stride, &f->partial[thread]);
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
    double cost = (f->points->w ? 20.0 : 2.0) * (double)f->d;
    struct objective t = {.f = f, .rows = kmu__rows_per_chunk(f->n, cost / 8)};
    for (int i = 0; i < kmu__pool_threads(f->pool); i++)
        kmu__wide_zero(&f->partial[i]);
    kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost * (double)f->n, square_chunk, &t);
    kmu__wide_zero(f->Q);
    collect(f, f->Q);
}

/* a += m_i ||mu_i||^2 - 2 mu_i . S_i */
static void add_cluster(const struct fit *f, size_t i, const double *mu, struct wide *a)
{
    struct wide square;
    struct big mass;
    kmu__wide_zero(&square);
    for (size_t l = 0; l < f->d; l++) {
        kmu__wide_add_product(&square, false, mu[l], mu[l]);
        kmu__sum_times(&f->sum, f->S + i * f->sum.words, l, mu[l], true, 1, a);
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
        if (f->count[i])
            add_cluster(f, i, t->mu + i * f->d, &f->partial[thread]);
}

double kmu__objective(struct fit *f, const double *mu)
{
    double cost = 20.0 * (double)f->d;
    struct objective t = {.f = f, .mu = mu, .rows = kmu__rows_per_chunk(f->k, cost)};
    kmu__parallel(f->pool, (f->k + t.rows - 1) / t.rows, cost * (double)f->k, cluster_chunk, &t);
    kmu__wide_zero(f->J);
    kmu__wide_add_wide(f->J, false, f->Q, 1, 0);
    collect(f, f->J);
    return kmu__wide_round(f->J);
}
