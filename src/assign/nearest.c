/* nearest.c - how far centroids are from a point, and its m nearest in order.
 *
 * f64 distances with their bounds order what they can; two whose bounds overlap are compared in integers, and equally near
 * ones go by index. A distance is sqrt(D) of the exact D, rounded once: from the leading 128 bits of D (an even number of
 * bits cut off) the integer root has 64 bits, and its remainder says whether anything is left. Most distances for output need
 * none of that (N13).
 *
 * Of CSR rows the squares of the centroids are there in advance, and only the numbers of a row are met:
 *
 *   D = ||x - mu||^2 = sum_{x_l != 0} (x_l^2 - 2 x_l mu_l) + ||mu||^2                                            (N25 b, d)
 *
 * Time O(n k (d + m)), all distances, in the order of the centroids, O(n k d); of CSR rows their numbers in the place of n d,
 * and O(k d). */
#include "assign.h"

#include <math.h>

#include "../exact/compare.h"
#include "../exact/distance.h"
#include "../layout/across.h"
#include "../layout/typed.h"
#include "../update/squares.h"

struct nearest {
    struct fit *f;
    size_t m, rows; /* of a chunk */
    int32_t *index;
    void *distance;
    struct wide *exact; /* k, of CSR rows: ||mu_i||^2 */
    double *norm2;      /* the same, rounded once */
    struct memory memory;
};

/* A row: all of its numbers, or those of CSR row j. */
struct row {
    size_t j;
    const double *x;
};

static struct row row_at(const struct nearest *t, size_t j, int thread)
{
    double *buffer = t->f->row + (size_t)thread * t->f->row_stride;
    return (struct row){.j = j, .x = kmu__stored(t->f->points, j, buffer)};
}

static const double *centroid(const struct nearest *t, size_t i)
{
    return t->f->mu + i * t->f->d;
}

/* ---- D in f64, exactly, and two of them compared ------------------------------------------------------------------------ */

struct bounds {
    double low, high;
};

/* *D := ||x - mu_i||^2 in f64, exact where f->exact_in_f64 says so; returns what the true one lies between. */
static struct bounds square(const struct nearest *t, struct row r, size_t i, double *D)
{
    const struct fit *f = t->f;
    double slack;
    if (t->exact) {
        *D = kmu__across_distance(f->points, r.j, r.x, centroid(t, i), t->norm2[i], &slack);
        return (struct bounds){*D - slack, *D + slack};
    }
    *D = kmu__distance(r.x, centroid(t, i), f->d);
    slack = kmu__distance_slack(f->d);
    if (isinf(*D))
        return (struct bounds){0, INFINITY};
    return (struct bounds){*D * (1 - slack) - kmu__distance_tiny(f->d), *D * (1 + slack) + kmu__distance_tiny(f->d)};
}

static void exact_square(const struct nearest *t, struct row r, size_t i, struct wide *D)
{
    const struct points *p = t->f->points;
    const double *mu = centroid(t, i);
    kmu__wide_zero(D);
    if (!t->exact) {
        kmu__wide_add_distance(D, r.x, mu, t->f->d);
        return;
    }
    kmu__wide_add_wide(D, false, &t->exact[i], 1, 0);
    for (size_t a = 0; a < kmu__stored_count(p, r.j); a++) {
        const struct parts x = kmu__parts(r.x[a]), c = kmu__parts(mu[kmu__columns_of(p, r.j)[a]]);
        kmu__wide_add(D, false, (kmu__u128)x.m * x.m, 2 * x.e);
        if (c.m)
            kmu__wide_add(D, !(x.negative ^ c.negative), (kmu__u128)x.m * c.m, x.e + c.e + 1);
    }
}

static int compare(const struct nearest *t, struct row r, size_t a, size_t b)
{
    if (!t->exact)
        return kmu__compare_distances(r.x, centroid(t, a), centroid(t, b), t->f->d);
    struct wide here, there;
    exact_square(t, r, a, &here);
    exact_square(t, r, b, &there);
    return kmu__wide_compare(&here, &there);
}

/* Whether centroid a is to come before centroid b. */
static bool before(const struct nearest *t, struct row r, const struct bounds *D, int32_t a, int32_t b)
{
    if (D[a].high < D[b].low)
        return true;
    if (D[b].high < D[a].low)
        return false;
    const int order = compare(t, r, (size_t)a, (size_t)b);
    return order ? order < 0 : a < b;
}

/* ---- its root ----------------------------------------------------------------------------------------------------------- */

/* The integer square root. Newton's step from f64's root is never below it, for r and m / r lie on either side of the root, and
 * their mean is no less than it; where it is above, it is mended. */
static uint64_t root(kmu__u128 m)
{
    double guess = sqrt(kmu__f64(m));
    uint64_t r = guess >= 0x1p64 ? UINT64_MAX : (uint64_t)guess;
    kmu__u128 better = ((kmu__u128)r + m / (r ? r : 1)) / 2;
    r = better > UINT64_MAX ? UINT64_MAX : (uint64_t)better;
    while ((kmu__u128)r * r > m)
        r--;
    return r;
}

/* sqrt(D), rounded once to type. */
static double root_of(const struct wide *D, kmu_type type)
{
    int e;
    bool inexact, negative;
    kmu__u128 m = kmu__wide_leading(D, &e, &inexact, &negative);
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

double kmu__exact_distance(const double *x, const double *mu, size_t d, kmu_type type)
{
    struct wide D;
    kmu__wide_zero(&D);
    kmu__wide_add_distance(&D, x, mu, d);
    return root_of(&D, type);
}

static double exact_distance(const struct nearest *t, struct row r, size_t i)
{
    struct wide D;
    exact_square(t, r, i, &D);
    return root_of(&D, t->f->points->type);
}

/* distance[at] := ||x - mu_i||, exact, rounded once to the type of the points. */
static void put_distance(const struct nearest *t, struct row r, size_t i, size_t at)
{
    if (t->f->points->type == KMU_F32) {
        double D;
        const struct bounds between = square(t, r, i, &D);
        const float low = (float)(sqrt(between.low) * (1 - 0x1p-50)), high = (float)(sqrt(between.high) * (1 + 0x1p-50));
        ((float *)t->distance)[at] = low == high ? low : (float)exact_distance(t, r, i); /* the root of a low below 0 is NaN */
    } else if (t->f->exact_in_f64) {
        double D;
        square(t, r, i, &D);
        ((double *)t->distance)[at] = sqrt(D);
    } else {
        ((double *)t->distance)[at] = exact_distance(t, r, i);
    }
}

/* ---- the verbs ---------------------------------------------------------------------------------------------------------- */

static void nearest_chunk(void *context, size_t chunk, int thread)
{
    struct nearest *t = context;
    const struct fit *f = t->f;
    struct bounds *D = (struct bounds *)(f->near + (size_t)thread * f->near_stride);
    size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const struct row r = row_at(t, j, thread);
        int32_t *index = t->index + j * t->m;
        size_t held = 0;
        for (size_t i = 0; i < f->k; i++) {
            double middle;
            D[i] = square(t, r, i, &middle);
            if (held == t->m && !before(t, r, D, (int32_t)i, index[held - 1]))
                continue;
            size_t a = held < t->m ? held++ : held - 1;
            for (; a > 0 && before(t, r, D, (int32_t)i, index[a - 1]); a--)
                index[a] = index[a - 1];
            index[a] = (int32_t)i;
        }
        for (size_t a = 0; t->distance && a < t->m; a++)
            put_distance(t, r, (size_t)index[a], j * t->m + a);
    }
}

static void distances_chunk(void *context, size_t chunk, int thread)
{
    struct nearest *t = context;
    const struct fit *f = t->f;
    size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const struct row r = row_at(t, j, thread);
        for (size_t i = 0; i < f->k; i++)
            put_distance(t, r, i, j * f->k + i);
    }
}

static void norm_one(void *context, size_t i, int thread)
{
    struct nearest *t = context;
    (void)thread;
    kmu__square(centroid(t, i), t->f->d, &t->exact[i]);
    t->norm2[i] = kmu__wide_round(&t->exact[i]);
}

/* Runs chunk, for which a pair costs so many nanoseconds and so many for each of its numbers. */
static kmu_status run(struct nearest *t, void (*chunk)(void *, size_t, int), double pair, double number, kmu_error *error)
{
    const struct fit *f = t->f;
    double numbers = (double)f->d;
    t->memory = kmu__memory(f->options);
    if (kmu__are_sparse(f->points)) {
        kmu__wish(&t->memory, &t->exact, f->k, sizeof *t->exact);
        kmu__wish(&t->memory, &t->norm2, f->k, sizeof *t->norm2);
        const kmu_status status = kmu__grant(&t->memory, error);
        if (status != KMU_OK)
            return status;
        kmu__parallel(f->pool, f->k, 3.0 * (double)f->k * numbers, norm_one, t);
        numbers = 0;
        for (size_t j = 0; j < f->n; j++)
            numbers += (double)kmu__stored_count(f->points, j) / (double)f->n;
    }
    kmu__look_at_centroids(t->f);
    const double cost = (double)f->k * (pair + number * numbers);
    t->rows = kmu__rows_per_chunk(f->n, cost);
    kmu__parallel(f->pool, (f->n + t->rows - 1) / t->rows, cost * (double)f->n, chunk, t);
    kmu__give_back(&t->memory);
    return KMU_OK;
}

kmu_status kmu__nearest(struct fit *f, size_t m, int32_t *index, void *distance, kmu_error *error)
{
    struct nearest t = {.f = f, .m = m, .index = index, .distance = distance};
    return run(&t, nearest_chunk, 2.0 * (double)m, 1, error);
}

kmu_status kmu__distances(struct fit *f, void *distance, kmu_error *error)
{
    struct nearest t = {.f = f, .distance = distance};
    return run(&t, distances_chunk, 100, 10, error);
}
