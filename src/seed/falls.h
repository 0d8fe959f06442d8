/* falls.h - which potentials a candidate can lower: pairs named by the binary32 kernel. */
#ifndef KMU_SEED_FALLS_H
#define KMU_SEED_FALLS_H

#include "../kernel/kernel.h"
#include "../layout/coarse.h"
#include "draw.h"
#include "seed.h"

/* A pair that may lower its place's potential. */
struct fall {
    size_t slot, candidate;
};

struct falls {
    const struct seeding *s;
    const struct lottery *lottery;
    struct images images;
    struct coarse_centroids coarse; /* instead of the images, where bytes pay */
    bool have_images, by_bytes;
    float *least; /* of a slot, where bytes pay: what s must reach for its potential to fall */
    bool any;     /* no potential is known yet: all fall */
    size_t candidates;
    const double *candidate;
    float *tile; /* threads x stride */
    size_t stride;
    void *desk; /* one a thread */
};

void kmu__falls_wish(struct falls *, const struct seeding *, const struct lottery *, struct memory *);

/* Once, when memory is there. */
void kmu__falls_begin(struct falls *);

/* A slot has a new potential. */
void kmu__falls_settle(struct falls *, size_t slot);

/* Looks at count candidates (count x d). */
void kmu__falls_open(struct falls *, const double *candidate, size_t count);

/* Among the places of the tile that begins at a slot: every pair with W ||x - c||^2 < P, and few others, by slot. */
size_t kmu__falls_find(struct falls *, size_t slot, int thread, const struct fall **);

#endif
