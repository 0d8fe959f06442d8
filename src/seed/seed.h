/* seed.h - where mu starts: a table of seedings, one file each. */
#ifndef KMU_SEED_SEED_H
#define KMU_SEED_SEED_H

#include "../fit.h"
#include "../ground/random.h"
#include "../layout/places.h"

/* f->mu := the start of this run, by options.init. Time O(n k d log k) for kmeans++. */
kmu_status kmu__seed(struct fit *f, uint32_t run, kmu_error *);

/* Whether a walk over the points in an order pays for the order. Boxes of neighbours leave out herds, the more the more
 * centroids and the fewer columns there are; but where rows lie apart, in another order, to read one takes as long as six. */
bool kmu__seeds_by_neighbours(const struct points *, bool apart, const kmu_options *);

/* What a seeding works on. */
struct seeding {
    struct fit *fit;
    const struct points *points;
    const struct places *places;
    struct pool *pool;
    const kmu_options *options;
    uint32_t run;
    size_t k;
    double *mu;
};

kmu_status kmu__seed_kmeanspp(struct seeding *, kmu_error *);
kmu_status kmu__seed_kmeans_parallel(struct seeding *, kmu_error *);
kmu_status kmu__seed_random(struct seeding *, kmu_error *);

/* mu := k places drawn by weight without replacement, the first again when they run out; centroid i by the word of (run, purpose,
 * i, stage). */
kmu_status kmu__seed_places(struct seeding *, enum kmu__purpose purpose, uint32_t stage, kmu_error *);

/* mu_i := the place in a slot. */
void kmu__seed_take(struct seeding *, size_t i, size_t slot);

#endif
