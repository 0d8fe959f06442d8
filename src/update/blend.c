/* blend.c - a mean that takes in more points.
 *
 *   mu_i := (v_i mu_i + S_i) / (v_i + m_i),    v_i := v_i + m_i                                                     (T12)
 *
 * v_i is the exact mass of all points that mu_i has taken in, S_i and m_i are those of the points that come now. Where v_i and
 * v_i + m_i are binary64 numbers the kernel takes whole rows and names the columns in which it leaves two answers (N23); for
 * these, and for longer masses, the quotient of two long accumulators decides.
 *
 * Time O(k d), 1 ns a coordinate; 300 ns where it has to be exact. */
#include "blend.h"

#include <math.h>

#include "../kernel/digits.h"
#include "tally.h"

bool kmu__mass_parts(const struct wide *a, double *v)
{
    struct wide rest = *a;
    memset(v, 0, KMU_MASS_PARTS * sizeof *v);
    for (int t = 0; t < KMU_MASS_PARTS && kmu__wide_sign(&rest); t++) {
        v[t] = kmu__wide_round(&rest);
        const struct parts p = kmu__parts(v[t]);
        if (!isfinite(v[t]))
            return false;
        kmu__wide_add(&rest, !p.negative, p.m, p.e);
    }
    return true;
}

void kmu__mass_of_parts(const double *v, struct wide *a)
{
    kmu__wide_zero(a);
    for (int t = 0; t < KMU_MASS_PARTS && v[t] != 0; t++) {
        const struct parts p = kmu__parts(v[t]);
        kmu__wide_add(a, p.negative, p.m, p.e);
    }
}

int kmu__mass_compare(const double *v, const double *w)
{
    for (int t = 0; t < KMU_MASS_PARTS; t++)
        if (v[t] != w[t])
            return v[t] < w[t] ? -1 : 1;
    return 0;
}

/* The sum of cluster i in column l, taken in by mu. */
static double blended(const struct fit *f, size_t i, size_t l, const double *v, const struct wide *mass)
{
    struct wide sum;
    kmu__wide_zero(&sum);
    kmu__sum_times(&f->sum, f->sums.S + i * f->sum.words, l, 1, false, 0, &sum);
    for (int t = 0; t < KMU_MASS_PARTS && v[t] != 0; t++)
        kmu__wide_add_product(&sum, false, v[t], f->mu[i * f->d + l]);
    return kmu__wide_quotient(&sum, mass, f->points->type);
}

/* mu_i takes in S_i, column by column where it has to. now: v_i + m_i. */
static void take_in(struct fit *f, size_t i, const double *v, const double *now, const struct wide *mass, uint32_t *doubt)
{
    const struct sum_layout *s = &f->sum;
    const int64_t *S = f->sums.S + i * s->words, *high = s->narrow == 2 ? S + f->d : NULL;
    double *mu = f->mu + i * f->d;
    const double m = now[0];
    const bool whole = f->digits && s->calm && v[1] == 0 && now[1] == 0 && m >= 0x1p-100 && m <= 0x1p100;
    size_t doubts = f->d;
    if (whole && v[0] == 0)
        doubts = f->digits->means(S, high, s->unit, m, f->points->type, mu, doubt, f->d);
    else if (whole && v[0] >= 0x1p-100)
        doubts = f->digits->blend(S, high, s->unit, v[0], m, f->points->type, mu, doubt, f->d);
    else
        for (size_t l = 0; l < f->d; l++)
            doubt[l] = (uint32_t)l;
    for (size_t a = 0; a < doubts; a++)
        mu[doubt[a]] = blended(f, i, doubt[a], v, mass);
}

struct blend {
    struct fit *f;
    double *v;
    size_t clusters; /* of a chunk */
};

static void blend_chunk(void *context, size_t chunk, int thread)
{
    const struct blend *t = context;
    struct fit *f = t->f;
    uint32_t *doubt = (uint32_t *)(f->row + (size_t)thread * f->row_stride);
    const size_t end = (chunk + 1) * t->clusters < f->k ? (chunk + 1) * t->clusters : f->k;
    for (size_t i = chunk * t->clusters; i < end; i++) {
        double *v = t->v + i * KMU_MASS_PARTS, now[KMU_MASS_PARTS];
        struct wide mass, more;
        if (f->sums.count[i] == 0)
            continue;
        kmu__mass_of_parts(v, &mass);
        kmu__mass_wide(f, i, &more);
        kmu__wide_add_wide(&mass, false, &more, 1, 0);
        if (kmu__mass_parts(&mass, now))
            take_in(f, i, v, now, &mass, doubt);
        memcpy(v, now, sizeof now);
    }
}

bool kmu__blend(struct fit *f, double *v)
{
    const double cost = 5.0 * (double)f->d + 300;
    struct blend t = {.f = f, .v = v, .clusters = kmu__rows_per_chunk(f->k, cost)};
    bool within = true;
    kmu__parallel(f->pool, (f->k + t.clusters - 1) / t.clusters, cost * (double)f->k, blend_chunk, &t);
    for (size_t i = 0; i < f->k; i++)
        within &= isfinite(v[i * KMU_MASS_PARTS]) != 0;
    return within;
}
