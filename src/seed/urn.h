/* urn.h - draws of places by weight, with replacement: the same chances for every draw.
 *
 * The units of a place and a draw are those of draw.h. Where all places weigh the same, the place whose prefix sum exceeds
 * floor(R N u / 2^64) first has the rank floor(R N / 2^64), for floor(floor(a) / u) = floor(a / u). */
#ifndef KMU_SEED_URN_H
#define KMU_SEED_URN_H

#include "../ground/random.h"
#include "draw.h"

struct urn {
    const struct places *places;
    bool even;        /* all places weigh the same; else: */
    int64_t *P, most; /* of each slot its weight, as a potential */
    kmu__u128 *sum;   /* before every KMU__URN_RANKS ranks, and in the end */
    size_t groups;
    struct memory memory;
};

enum { KMU__URN_RANKS = 16 };

/* Time O(places); memory 9 bytes a place. */
kmu_status kmu__urn_open(struct urn *, const struct fit *, const struct places *, kmu_error *);
void kmu__urn_close(struct urn *);

/* row := the first rows of count places, draw t by the word of (run, purpose, step, t). Time O(count log places). */
void kmu__urn_draw(const struct urn *, uint64_t seed, uint32_t run, enum kmu__purpose purpose, uint32_t step, size_t count,
                   uint32_t *row);

#endif
