/* centroids.c - what is looked at before step (A): equal centroids, and the grid.
 *
 * A centroid equal to an earlier one can never win (ties go to the lower index) and would tie with it for every point, so
 * only the first of equals takes part.
 *
 * Time O(k d) + O(k log k). */
#include <stdlib.h>

#include "assign.h"
#include "../exact/distance.h"

/* A hash of numbers: equal rows (all +0 here) have equal bits. Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195. */
static uint64_t hash(const double *mu, size_t d)
{
    uint64_t h[4] = {1, 2, 3, 4};
    for (size_t l = 0; l < d; l++) {
        uint64_t b;
        memcpy(&b, &mu[l], sizeof b);
        h[l % 4] = (h[l % 4] ^ b) * 0xbf58476d1ce4e5b9;
        h[l % 4] ^= h[l % 4] >> 31;
    }
    return (h[0] * 3 + h[1]) * 5 + h[2] * 7 + h[3];
}

struct named {
    uint64_t hash;
    int32_t i;
};

static int by_hash(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    return a->hash != b->hash ? (a->hash < b->hash ? -1 : 1) : (a->i > b->i) - (a->i < b->i);
}

static void name(void *context, size_t i, int thread)
{
    const struct fit *f = context;
    (void)thread;
    ((struct named *)f->order)[i] = (struct named){.hash = hash(f->mu + i * f->d, f->d), .i = (int32_t)i};
}

static void find_distinct(struct fit *f)
{
    struct named *named = (struct named *)f->order;
    kmu__parallel(f->pool, f->k, 2.0 * (double)f->k * (double)f->d, name, f);
    qsort(named, f->k, sizeof *named, by_hash);
    for (size_t i = 0; i < f->k; i++)
        f->distinct[i] = 1;
    for (size_t a = 0; a < f->k; a++) /* of one hash: the lower index first */
        for (size_t b = a; b-- > 0 && named[b].hash == named[a].hash && f->distinct[named[a].i];)
            if (memcmp(f->mu + (size_t)named[a].i * f->d, f->mu + (size_t)named[b].i * f->d, f->d * sizeof *f->mu) == 0)
                f->distinct[named[a].i] = 0;
    f->distinct_count = 0;
    for (size_t i = 0; i < f->k; i++)
        if (f->distinct[i])
            f->distinct[f->distinct_count++] = (int32_t)i;
}

static bool on_exact_grid(const struct fit *f)
{
    struct range r = f->points->all;
    for (size_t i = 0; i <= f->k; i++) {
        if (!kmu__distances_are_exact(r, f->d))
            return false;
        for (size_t l = 0; i < f->k && l < f->d; l++)
            r = kmu__range_join(r, kmu__range_of(f->mu[i * f->d + l]));
    }
    return true;
}

void kmu__look_at_centroids(struct fit *f)
{
    find_distinct(f);
    f->exact_in_f64 = on_exact_grid(f);
}
