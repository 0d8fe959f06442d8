/* nearest.c - how far centroids are from a point, and its m nearest in order.
 *
 * f64 distances with their bounds order what they can; two whose bounds overlap are compared in integers, and equally near
 * ones go by index. A distance is sqrt(D) of the exact D, rounded once: from the leading 128 bits of D (an even number of
 * bits cut off) the integer root has 64 bits, and its remainder says whether anything is left. Most distances for output need
 * none of that (N13).
 *
 * Time O(n k (d + m)); all distances, in the order of the centroids, O(n k d). */
#include "assign.h"

#include <math.h>

#include "../exact/compare.h"
#include "../exact/distance.h"
#include "../layout/typed.h"

struct nearest {
    struct fit *f;
    size_t m, rows;
    int32_t *index;
    void *distance;
};

/* Whether centroid a is to come before centroid b. */
static bool before(const struct fit *f, const double *x, const double *D, int32_t a, int32_t b)
{
    double slack = kmu__distance_slack(f->d), tiny = kmu__distance_tiny(f->d);
    if (!isinf(D[a]) && !isinf(D[b])) {
        if (D[a] * (1 + slack) + tiny < D[b] * (1 - slack) - tiny)
            return true;
        if (D[b] * (1 + slack) + tiny < D[a] * (1 - slack) - tiny)
            return false;
    }
    int order = kmu__compare_distances(x, f->mu + (size_t)a * f->d, f->mu + (size_t)b * f->d, f->d);
    return order ? order < 0 : a < b;
}

/* The integer square root. Newton's step from f64's root, mended where that was off by a unit or two. */
static uint64_t root(kmu__u128 m)
{
    double guess = sqrt(kmu__f64(m));
    uint64_t r = guess >= 0x1p64 ? UINT64_MAX : (uint64_t)guess;
    kmu__u128 better = ((kmu__u128)r + m / (r ? r : 1)) / 2;
    r = better > UINT64_MAX ? UINT64_MAX : (uint64_t)better;
    while ((kmu__u128)r * r > m)
        r--;
    while (r < UINT64_MAX && (kmu__u128)(r + 1) * (r + 1) <= m)
        r++;
    return r;
}

double kmu__exact_distance(const double *x, const double *mu, size_t d, kmu_type type)
{
    struct wide D;
    int e;
    bool inexact, negative;
    kmu__wide_zero(&D);
    kmu__wide_add_distance(&D, x, mu, d);
    kmu__u128 m = kmu__wide_leading(&D, &e, &inexact, &negative);
    if (m == 0)
        return 0;
    for (int up = 128 - kmu__bits128(m); up > 0; up--)
        m <<= 1, e--;
    if (e & 1) {
        inexact |= m & 1;
        m >>= 1;
        e++;
    }
    uint64_t r = root(m);
    return kmu__round(false, r, e / 2, inexact || (kmu__u128)r * r != m, type);
}

/* distance[at] := ||x - mu||, exact, rounded once to the type of the points. */
static void put_distance(const struct fit *f, const double *x, const double *mu, void *distance, size_t at)
{
    const double D = kmu__distance(x, mu, f->d), r = sqrt(D), far = 3 * kmu__distance_slack(f->d);
    if (f->points->type == KMU_F32) {
        const float low = (float)(r * (1 - far)), high = (float)(r * (1 + far));
        const bool sure = low == high && D > 0x1p-900 && D < 0x1p900;
        ((float *)distance)[at] = sure ? low : (float)kmu__exact_distance(x, mu, f->d, KMU_F32);
    } else {
        ((double *)distance)[at] = f->exact_in_f64 ? r : kmu__exact_distance(x, mu, f->d, KMU_F64);
    }
}

static void nearest_chunk(void *context, size_t chunk, int thread)
{
    struct nearest *t = context;
    const struct fit *f = t->f;
    double *D = f->near + (size_t)thread * f->near_stride;
    size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const double *x = kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride);
        int32_t *index = t->index + j * t->m;
        size_t held = 0;
        for (size_t i = 0; i < f->k; i++) {
            D[i] = kmu__distance(x, f->mu + i * f->d, f->d);
            if (held == t->m && !before(f, x, D, (int32_t)i, index[held - 1]))
                continue;
            size_t a = held < t->m ? held++ : held - 1;
            for (; a > 0 && before(f, x, D, (int32_t)i, index[a - 1]); a--)
                index[a] = index[a - 1];
            index[a] = (int32_t)i;
        }
        for (size_t a = 0; t->distance && a < t->m; a++)
            put_distance(f, x, f->mu + (size_t)index[a] * f->d, t->distance, j * t->m + a);
    }
}

void kmu__nearest(struct fit *f, size_t m, int32_t *index, void *distance)
{
    double cost = (double)f->k * (1.0 * (double)f->d + 2.0 * (double)m);
    kmu__look_at_centroids(f);
    struct nearest t = {.f = f, .m = m, .rows = kmu__rows_per_chunk(f->n, cost), .index = index, .distance = distance};
    kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost * (double)f->n, nearest_chunk, &t);
}

static void distances_chunk(void *context, size_t chunk, int thread)
{
    struct nearest *t = context;
    const struct fit *f = t->f;
    size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const double *x = kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride);
        for (size_t i = 0; i < f->k; i++)
            put_distance(f, x, f->mu + i * f->d, t->distance, j * f->k + i);
    }
}

void kmu__distances(struct fit *f, void *distance)
{
    double cost = (double)f->k * (100 + 10.0 * (double)f->d);
    kmu__look_at_centroids(f);
    struct nearest t = {.f = f, .rows = kmu__rows_per_chunk(f->n, cost), .distance = distance};
    kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost * (double)f->n, distances_chunk, &t);
}
