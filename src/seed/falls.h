/* falls.h - which potentials a candidate can lower: pairs named by the binary32 kernel. */
#ifndef KMU_SEED_FALLS_H
#define KMU_SEED_FALLS_H

#include "../kernel/kernel.h"
#include "../layout/coarse.h"
#include "draw.h"
#include "seed.h"

enum { KMU__TRIALS = 64 }; /* candidates at a time: above 2 + ln of any k */

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
    size_t candidates;
    const double *candidate;
    float *tile; /* threads x stride */
    size_t stride;
    void *desk;  /* one a thread */
    double *box; /* of every herd of slots: d least and d largest coordinates; NULL where there are many columns */
    double *far; /* >= P / W of every place of a herd */
};

void kmu__falls_wish(struct falls *, const struct seeding *, const struct lottery *, struct memory *);

/* Once, when memory is there. */
void kmu__falls_begin(struct falls *);

/* Looks at count candidates (count x d). */
void kmu__falls_open(struct falls *, const double *candidate, size_t count);

/* Whether a candidate can lower a potential of the herd, by how far its box is. */
bool kmu__falls_reach(const struct falls *, size_t herd);

/* far of the herd, from the potentials. */
void kmu__falls_settle(struct falls *, size_t herd);

/* Among the places of the tile that begins at a slot: every pair with W ||x - c||^2 < P, and few others, by slot. */
size_t kmu__falls_find(struct falls *, size_t slot, int thread, const struct fall **);

#endif
