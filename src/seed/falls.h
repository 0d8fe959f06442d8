/* falls.h - which potentials a candidate lowers: pairs named by a kernel, and then computed. */
#ifndef KMU_SEED_FALLS_H
#define KMU_SEED_FALLS_H

#include "../kernel/kernel.h"
#include "../layout/across.h"
#include "../layout/coarse.h"
#include "draw.h"
#include "seed.h"

/* A pair that may lower its place's potential. */
struct fall {
    size_t slot, candidate;
};

/* Hears that a candidate leaves the place in a slot a potential P that is less than the one it has. */
typedef void kmu__hears_of_fall(void *context, size_t slot, size_t candidate, int64_t P, int thread);

struct falls {
    const struct seeding *s;
    struct lottery *lottery;
    bool exact; /* f64 distances between points are exact */
    struct images images;
    struct across across; /* instead of the images, where rows are sparse */
    struct coarse_centroids coarse; /* instead of the images, where bytes pay */
    bool have_images, by_bytes;
    float *least; /* of a slot, where bytes pay: what s + slope size must reach for its potential to fall */
    bool any;     /* no potential is known yet: all fall */
    size_t candidates;
    const double *candidate;
    float *tile; /* threads x stride */
    size_t stride;
    double *row; /* threads x row_stride */
    size_t row_stride;
    void *desk; /* one a thread */
    kmu__hears_of_fall *told;
    void *context;
    size_t chunk; /* herds */
};

void kmu__falls_wish(struct falls *, const struct seeding *, struct lottery *, struct memory *);

/* Once, when memory is there; no potential is known from then on. */
void kmu__falls_begin(struct falls *);

/* A slot has a new potential. */
void kmu__falls_settle(struct falls *, size_t slot);

/* Shows count <= KMU__TRIALS candidates (count x d) to all places, and tells of every fall: on any thread, but those of a slot
 * on one, by candidate. The potential may be lowered at once, and no fall to more than that is told then. */
void kmu__falls_show(struct falls *, const double *candidate, size_t count, kmu__hears_of_fall *, void *context);

#endif
