/* means.c - step (B): each centroid becomes the mean of its points.
 *
 *   mu_i = (1 / m_i) sum_{x_j in C_i} w_j x_j,      m_i = sum_{x_j in C_i} w_j        (T3)
 *
 * The sums are integers (exact/sum.h), so points may be added and removed in any order, by any thread, and the mean is
 * rounded once. A quotient of numbers of up to 126 and 63 bits is divided as it is; longer ones by exact/quotient.c.
 *
 * The kernel takes whole rows: it divides S = a + b, a sum of two binary64 numbers, with a remainder, and names the columns in
 * which that leaves two answers (N17). For the others, and for a binary32 result a quotient of binary64 numbers comes first: S
 * and m are each rounded once (2^-53), the division rounds once more, so q (1 - 2^-51) < mean < q (1 + 2^-51); where both ends
 * round to the same binary32, so does the mean.
 *
 * Time O(k d), 2 to 40 ns a coordinate. */
#include "means.h"

#include <math.h>

#include "../kernel/digits.h"
#include "tally.h"

/* The mean when sum and mass are short: +-s 2^low over m. */
static double short_mean(bool negative, kmu__u128 s, int low, uint64_t m, kmu_type type)
{
    if (s == 0)
        return 0.0;
    if (type == KMU_F32) {
        double q = kmu__f64(s) / (double)m;
        float under = (float)ldexp(q * (1 - 0x1p-51), low), over = (float)ldexp(q * (1 + 0x1p-51), low);
        if (under == over && low > -900)
            return negative ? 0.0 - (double)over : (double)over; /* never -0 */
    }
    int up = 127 - kmu__bits128(s);
    s <<= up;
    return kmu__round(negative, s / m, low - up, s % m != 0, type);
}

double kmu__mean(const struct fit *f, size_t i, size_t l, const struct big *mass)
{
    bool negative;
    kmu__u128 s;
    const int64_t *S = f->sums.S + i * f->sum.words;
    if (mass->n == 1 && mass->limb[0] >> 63 == 0 && kmu__sum_short(&f->sum, S, l, &negative, &s))
        return short_mean(negative, s, f->sum.low[l] - mass->e, mass->limb[0], f->points->type);
    struct big sum;
    kmu__sum_big(&f->sum, S, l, &sum);
    return kmu__quotient(&sum, mass, f->points->type);
}

/* mu_i := the mean, column by column where it has to be. */
static void mean(struct fit *f, size_t i, uint32_t *doubt)
{
    struct big mass;
    double *mu = f->mu + i * f->d;
    const struct sum_layout *s = &f->sum;
    kmu__mass(f, i, &mass);
    const double m =
        mass.n == 1 && mass.limb[0] >> 53 == 0 && mass.e > -900 && mass.e < 900 ? (double)mass.limb[0] * kmu__power(mass.e) : 0;
    if (!f->digits || !s->calm || !(m >= 0x1p-400 && m <= 0x1p400)) {
        for (size_t l = 0; l < f->d; l++)
            mu[l] = kmu__mean(f, i, l, &mass);
        return;
    }
    const int64_t *S = f->sums.S + i * s->words;
    const size_t doubts = f->digits->means(S, s->narrow == 2 ? S + f->d : NULL, s->unit, m, f->points->type, mu, doubt, f->d);
    for (size_t a = 0; a < doubts; a++)
        mu[doubt[a]] = kmu__mean(f, i, doubt[a], &mass);
}

struct means {
    struct fit *f;
    size_t clusters; /* of a chunk */
};

/* The sum of the squared steps of a centroid, or -1 if there is none. */
static double move(const double *now, const double *last, size_t d)
{
    double sum[8] = {0};
    if (memcmp(now, last, d * sizeof *now) == 0)
        return -1;
    for (size_t l = 0; l < d; l++)
        sum[l % 8] += (now[l] - last[l]) * (now[l] - last[l]);
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

static void mean_chunk(void *context, size_t chunk, int thread)
{
    struct means *t = context;
    struct fit *f = t->f;
    uint32_t *doubt = (uint32_t *)(f->row + (size_t)thread * f->row_stride);
    size_t end = (chunk + 1) * t->clusters < f->k ? (chunk + 1) * t->clusters : f->k;
    for (size_t i = chunk * t->clusters; i < end; i++) {
        memcpy(f->last + i * f->d, f->mu + i * f->d, f->d * sizeof *f->mu);
        if (f->sums.count[i]) /* else it is empty, with nobody to take: it keeps its place */
            mean(f, i, doubt);
        f->moves[i] = move(f->mu + i * f->d, f->last + i * f->d, f->d);
    }
}

void kmu__means(struct fit *f)
{
    double cost = 20.0 * (double)f->d;
    struct means t = {.f = f, .clusters = kmu__rows_per_chunk(f->k, cost)};
    kmu__parallel(f->pool, (f->k + t.clusters - 1) / t.clusters, cost * (double)f->k, mean_chunk, &t);
    f->changed = 0;
    f->turn.shift = 0;
    for (size_t i = 0; i < f->k; i++)
        if (f->moves[i] >= 0) {
            f->changed++;
            f->turn.shift += f->moves[i];
        }
}
