/* silhouette.c - how much nearer points are to their own cluster than to the next one.
 *
 *   s_j = (b_j - a_j) / max(a_j, b_j)      in -1 .. 1; 0 where a_j = b_j
 *
 * Simplified: a_j = ||x_j - mu_c||, b_j the least distance to another centroid that owns a point. Time O(n k d).
 * True: a_j = the mean distance to the rest of its own cluster, b_j the least mean distance to another one; s_j = 0 where j is
 * alone. All of it is O(n^2 d), so some rows are drawn by weight, with replacement, each is held against all n, and
 *
 *   mean s  +-  sqrt(sum (s - mean s)^2 / (m (m - 1)))      m rows drawn
 *
 * is an unbiased estimate of the mean by weight with its standard error. Time O(m n d). What a row weighs counts for the
 * others, not for itself. f64 with compensated sums; neither threads nor their number change a bit.
 *
 * Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7; simplified: Vendramin, Campello, Hruschka 2010, doi:10.1002/sam.10080. */
#include <math.h>

#include "../exact/distance.h"
#include "../ground/random.h"
#include "../ground/status.h"
#include "judge.h"

/* Numbers summed with what roundings left out (Neumaier 1974). */
struct sum {
    double value, lost, weight;
};

static void add(struct sum *s, double w, double x)
{
    const double term = w * x, next = s->value + term;
    s->lost += fabs(s->value) >= fabs(term) ? (s->value - next) + term : (term - next) + s->value;
    s->value = next;
    s->weight += w;
}

static double mean_of(const struct sum *s)
{
    return s->weight > 0 ? (s->value + s->lost) / s->weight : NAN;
}

static double silhouette(double a, double b)
{
    return a == b ? 0 : (b - a) / fmax(a, b);
}

/* What both need: per row drawn, or for all of them, its silhouette s. */
struct judged {
    struct fit *f;
    size_t count, rows, *drawn; /* rows: of a chunk; drawn: count rows, or NULL for all */
    double *s, *mass, *wide, *from;
    struct sum *of;
    struct memory memory;
};

/* The mass of every cluster; false: fewer than two own a point. */
static bool weigh(struct judged *t)
{
    size_t own = 0;
    for (size_t j = 0; j < t->f->n; j++)
        t->mass[t->f->c[j]] += kmu__weight(t->f->points, j);
    for (size_t i = 0; i < t->f->k; i++)
        own += t->mass[i] > 0;
    return own > 1;
}

static void simplified_chunk(void *context, size_t chunk, int thread)
{
    const struct judged *t = context;
    const struct fit *f = t->f;
    const size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const double *x = kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride);
        double a = 0, b = INFINITY;
        for (size_t i = 0; i < f->k; i++) {
            const double D = t->mass[i] > 0 ? kmu__distance(x, f->mu + i * f->d, f->d) : INFINITY;
            if (i == (size_t)f->c[j])
                a = D;
            else
                b = fmin(b, D);
        }
        t->s[j] = silhouette(sqrt(a), sqrt(b));
    }
}

kmu_status kmu__silhouettes(struct fit *f, double *cluster, double *mean, kmu_error *error)
{
    const double cost = (double)f->k * (double)f->d + 10;
    struct judged t = {.f = f, .rows = kmu__rows_per_chunk(f->n, cost), .memory = kmu__memory(f->options)};
    kmu__wish(&t.memory, &t.s, f->n, sizeof *t.s);
    kmu__wish(&t.memory, &t.mass, f->k, sizeof *t.mass);
    kmu__wish(&t.memory, &t.of, f->k, sizeof *t.of);
    kmu_status status = kmu__grant(&t.memory, error);
    if (status != KMU_OK)
        return status;
    const bool some = weigh(&t);
    if (some)
        kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost * (double)f->n, simplified_chunk, &t);
    struct sum all = {0, 0, 0};
    for (size_t j = 0; some && j < f->n; j++) {
        const double w = kmu__weight(f->points, j);
        if (w == 0)
            continue;
        add(&all, w, t.s[j]);
        add(&t.of[f->c[j]], w, t.s[j]);
    }
    *mean = mean_of(&all);
    for (size_t i = 0; cluster && i < f->k; i++)
        cluster[i] = mean_of(&t.of[i]);
    kmu__give_back(&t.memory);
    return kmu__told(f->pool) == KMU_ABANDON ? kmu__fail(error, KMU_EABANDONED, "abandoned") : KMU_OK;
}

/* One row against all others. */
static void true_chunk(void *context, size_t chunk, int thread)
{
    const struct judged *t = context;
    const struct fit *f = t->f;
    const size_t j = t->drawn ? t->drawn[chunk] : chunk, own = (size_t)f->c[j];
    double *far = f->near + (size_t)thread * f->near_stride, *wide = t->wide + (size_t)thread * f->d, b = INFINITY;
    const double *x = kmu__row(f->points, j, wide);
    for (size_t i = 0; i < f->k; i++)
        far[i] = 0;
    for (size_t l = 0; l < f->n; l++) {
        const double w = kmu__weight(f->points, l);
        if (w > 0 && l != j)
            far[f->c[l]] += w * sqrt(kmu__distance(x, kmu__row(f->points, l, f->row + (size_t)thread * f->row_stride), f->d));
    }
    for (size_t i = 0; i < f->k; i++)
        if (i != own && t->mass[i] > 0)
            b = fmin(b, far[i] / t->mass[i]);
    const double rest = t->mass[own] - kmu__weight(f->points, j);
    t->s[chunk] = rest > 0 ? silhouette(far[own] / rest, b) : 0;
}

/* drawn := rows by weight. */
static void draw(struct judged *t)
{
    const struct fit *f = t->f;
    double sum = 0;
    for (size_t j = 0; j < f->n; j++)
        t->from[j] = sum += kmu__weight(f->points, j);
    for (size_t r = 0; r < t->count; r++) {
        const uint64_t word = kmu__word(f->options->seed, 0, KMU__FOR_SILHOUETTE, 0, (uint32_t)r);
        const double at = ldexp((double)(word >> 11), -53) * sum;
        size_t low = 0, high = f->n - 1; /* the first row whose share ends beyond `at` */
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (t->from[middle] > at)
                high = middle;
            else
                low = middle + 1;
        }
        t->drawn[r] = low;
    }
}

kmu_status kmu__sampled_silhouette(struct fit *f, size_t sample, double *mean, double *standard_error, kmu_error *error)
{
    const bool all = sample >= f->n;
    struct judged t = {.f = f, .count = all ? f->n : sample, .memory = kmu__memory(f->options)};
    kmu__wish(&t.memory, &t.s, t.count, sizeof *t.s);
    kmu__wish(&t.memory, &t.mass, f->k, sizeof *t.mass);
    kmu__wish(&t.memory, &t.wide, (size_t)kmu__pool_threads(f->pool) * f->d, sizeof *t.wide);
    if (!all) {
        kmu__wish(&t.memory, &t.drawn, t.count, sizeof *t.drawn);
        kmu__wish(&t.memory, &t.from, f->n, sizeof *t.from);
    }
    kmu_status status = kmu__grant(&t.memory, error);
    if (status != KMU_OK)
        return status;
    if (!all)
        draw(&t);
    struct sum sum = {0, 0, 0}, squares = {0, 0, 0};
    const bool some = weigh(&t);
    if (some)
        kmu__parallel(f->pool, t.count, (double)t.count * (double)f->n * (double)f->d, true_chunk, &t);
    for (size_t r = 0; some && r < t.count; r++)
        add(&sum, all ? kmu__weight(f->points, r) : 1, t.s[r]);
    *mean = mean_of(&sum);
    for (size_t r = 0; some && r < t.count; r++)
        add(&squares, 1, (t.s[r] - *mean) * (t.s[r] - *mean));
    if (standard_error)
        *standard_error = !some ? NAN : all ? 0 : sqrt(mean_of(&squares) / (double)(t.count - 1));
    kmu__give_back(&t.memory);
    return kmu__told(f->pool) == KMU_ABANDON ? kmu__fail(error, KMU_EABANDONED, "abandoned") : KMU_OK;
}
