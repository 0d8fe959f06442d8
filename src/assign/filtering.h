/* filtering.h - what the filter keeps from turn to turn, and what a distance in binary32 says (filter.c has the mathematics).
 */
#ifndef KMU_ASSIGN_FILTERING_H
#define KMU_ASSIGN_FILTERING_H

#include <math.h>

#include "assign.h"
#include "../layout/coarse.h"

enum {
    FILTER_ROWS = 4 * KMU__ROWS_TOUCHED, /* of a chunk: they share a unit */
    HIGH_BYTES = 384 << 10,              /* of a block of rows: what the kernels say of them, in a second-level cache */
    WORDS_OF = 64                        /* centroids that share a word of bits */
};

#define UP(x) ((x) * (1 + 0x1p-21f)) /* of what is not negative: more than a few roundings */
#define DOWN(x) ((x) * (1 - 0x1p-21f))

struct filtering {
    struct fit *f;
    struct memory memory;
    struct coarse_centroids c;
    int64_t turns; /* (A)s since the run began */
    bool loses;    /* the dense method would have been faster last time */
    bool all;      /* every pair is asked in this (A), or */
    bool had_all;  /* in the last one */
    double share;  /* of pairs that were asked then */

    float *upper, *base;   /* n */
    uint8_t *gap;          /* n x slots, or NULL if there is one (A) only */
    uint64_t *fresh;       /* n x words: the gaps that have been made since all were asked */
    float *unit;           /* of a chunk */
    size_t slots, words;   /* k filled up to whole words of bits */
    double *since;         /* k x d: the centroids when all were asked */
    float *step;           /* k: how far they went in the last (B), */
    double *net;           /* since then as the crow flies, */
    double *path, *before; /* and step by step, now and before the last one */
    uint64_t *named;       /* words: the centroids that can be named: those that equal no earlier one */

    size_t block;          /* rows that share the room for what the kernels say */
    struct walker *walker; /* one a thread of each, and more: block */
    float *high, *best;    /* block x panels, block, of KMU__PANEL each */
    uint8_t *steps, *nets; /* slots: step and net in units */
    uint8_t *bytes;        /* gaps of those that are listed */
    uint64_t *open;        /* words */
    uint32_t *which;       /* slots and a panel: a list */
    uint32_t *found;       /* and of whom on it something is true */
    float *some;           /* what is said of it */
    float *image;          /* a row */
    int32_t *candidate;    /* k and one; those that are asked, and */
    int32_t *left;         /* those that are left of them */
    float *distance;
    float gamma;
    float grown, added; /* ||x'||^2 <= square grown + added */
};

/* A thread's share of everything that is one a thread. */
struct part {
    struct walker *walker;
    float *high, *best, *some, *image, *distance;
    uint8_t *steps, *nets, *bytes;
    uint64_t *open;
    uint32_t *which, *found;
    int32_t *candidate, *left;
    struct panels rows;
};

struct part kmu__filtering_part(const struct filtering *, int thread);

/* f->filtering, or NULL where memory cannot be had. */
struct filtering *kmu__filtering_open(struct fit *f);

/* step, net and named for this (A), lengths rounded up, in the frame's scale. */
void kmu__filtering_follow(struct filtering *);

/* Whether the dense method would have been faster than the (A) just made. */
bool kmu__filtering_loses(const struct fit *);

/* What a distance in binary32 says: it lies in low .. high. */
static inline float high_of(const struct filtering *t, float square, float eta)
{
    return UP(sqrtf(square) * (1 + t->gamma) + eta);
}

static inline float low_of(const struct filtering *t, float square, float eta)
{
    return DOWN(sqrtf(square)) * (1 - t->gamma) - UP(eta);
}

/* How far the images of a point and of centroid i can be from the rows, together. */
static inline float eta_of(const struct filtering *t, const struct coarse *x, size_t i)
{
    return 0x1.2p-24f * (x->length + x->error + t->c.norm[i]) + 0x1p-60f;
}

#endif
