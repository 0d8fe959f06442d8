/* filtering.h - what the filter keeps from turn to turn, and what a distance in binary32 says (filter.c has the mathematics).
 */
#ifndef KMU_ASSIGN_FILTERING_H
#define KMU_ASSIGN_FILTERING_H

#include <math.h>

#include "assign.h"
#include "../layout/lead.h"

enum {
    FILTER_ROWS = 3 * KMU__ROWS_TOUCHED, /* of a chunk; whole groups, too */
    HIGH_BYTES = 384 << 10,              /* of a block of rows: what the kernels say of them, in a second-level cache */
    WORDS_OF = 64                        /* centroids that share a word of bits */
};

#define UP(x) ((x) * (1 + 0x1p-21f)) /* of what is not negative: more than a few roundings */
#define DOWN(x) ((x) * (1 - 0x1p-21f))

/* A centroid, and what it is sorted by. */
struct placed {
    float key;
    int32_t i;
};

struct filtering {
    struct fit *f;
    struct memory memory;
    struct coarse_centroids c, rough;
    const struct coarse_centroids *met; /* one of these or, in few directions, of lead: whose panels the points meet */
    struct lead *lead; /* or NULL */
    bool tried;        /* it was looked whether that pays */
    int64_t turns;     /* (A)s since the run began */
    bool whole;        /* all rows have bytes, not those of a chunk a thread */
    bool loses;        /* the dense method would have been faster last time */
    double share;      /* of all pairs, those that were met last time */
    int64_t placed_in; /* the (A) in which panels were made */

    float *upper;         /* n */
    uint16_t *lower;      /* chunks x panels x FILTER_ROWS: kmu__length of how far who shares a panel is from a row, and drift */
    int32_t base;         /* of these */
    float *step;          /* k: how far they went in the last (B); */
    float *drift;         /* panels: how far one of them can have gone since it was forgotten last, */
    bool *forgotten;      /* which is in this (A): nothing is known of it, */
    float longest;        /* after so long a drift */
    int32_t *order;       /* slots: the centroids, so that neighbours share a panel; */
    uint32_t *panel;      /* of each, and of fillers: which */
    struct placed *placed; /* k */
    uint64_t *named;      /* words: the centroids that can be named: those that equal no earlier one */
    size_t slots, words;  /* k filled up to whole words of bits */
    float beyond;         /* times upper: how far others are looked for */

    struct panels panels;     /* in that order */
    int8_t *q;
    int32_t *start;
    float *unit, *half, *size;

    size_t block;          /* rows that share the room for what the kernels say */
    struct walker *walker; /* one a thread of each, and more: a chunk */
    float *high, *best;    /* block x panels, block, of KMU__PANEL each */
    uint64_t *bits;        /* a chunk x words */
    uint64_t *open;        /* words */
    uint32_t *which;       /* slots and a panel: a list */
    float *some;           /* what is said of it */
    float *image;          /* a group of rows */
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
    uint64_t *open, *bits;
    uint32_t *which;
    int32_t *candidate, *left;
    struct panels rows;
};

struct part kmu__filtering_part(const struct filtering *, int thread);

/* f->filtering, or NULL where memory cannot be had. */
struct filtering *kmu__filtering_open(struct fit *f);

/* What the centroids of this (A) are named and, after the first, how far each went, and the panels in their order. */
void kmu__filtering_follow(struct filtering *);

/* order and panel := the centroids, so that those share a panel that lie together and, by steps, are as fast (neighbours.c). */
void kmu__neighbours(struct filtering *, bool by_steps);

/* Takes notice of what the (A) just made cost. */
void kmu__filtering_learn(struct filtering *);

/* Whether products in few directions pay where they leave `reached` of the k centroids to a point in the first (A). */
bool kmu__lead_pays(const struct fit *, double reached);

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

static inline bool bit_of(const uint64_t *bits, size_t a)
{
    return bits[a / WORDS_OF] >> a % WORDS_OF & 1;
}

static inline float greater(float a, float b) /* without the calls that fmaxf and fminf are */
{
    return a > b ? a : b;
}

static inline float lesser(float a, float b)
{
    return a < b ? a : b;
}

/* What s - E of a centroid says of how far the point is from it. */
static inline float upper_from(const struct filtering *t, const struct coarse *x, float best)
{
    const float square = x->square * t->grown + t->added - 2 * best;
    return UP(sqrtf(square > 0 ? square : 0));
}

/* What an upper bound of how far it is says of the largest S. */
static inline float best_from(const struct coarse *x, float upper)
{
    return (x->square - upper * upper) / 2 - (fabsf(x->square) + upper * upper) * 0x1p-22f;
}

/* At least how far a point is from a centroid with this s + E. */
static inline float lower_from(const struct coarse *x, float high)
{
    const float square = x->square - high - high;
    return square > 0 ? DOWN(sqrtf(square)) : 0;
}

/* What is known of a row while it meets centroids. */
struct meeting {
    int32_t c;         /* its own centroid, */
    float best, upper; /* what that says of the largest S, or -INFINITY if it was not asked, and at most how far it is */
    float radius;      /* who did not pass is farther */
    uint16_t *lower;   /* of its first panel; of the next ones, FILTER_ROWS apart; NULL in the first (A) */
};

/* What its own centroid c says of the row whose bytes are at `at`: the largest s - E. */
float kmu__ask_own(const struct filtering *, struct part *, size_t at, int32_t c);

/* At most how far row j is from its own centroid c, by all its coordinates. */
float kmu__measure_own(const struct filtering *, struct part *, size_t j, int32_t c);

/* Row j, whose bytes are at `at`, gets its label and its bounds from the bits of the slots of who may be nearer than m->radius. */
void kmu__settle(struct filtering *, struct part *, size_t j, size_t at, const uint64_t *slots, const struct meeting *m,
                 int thread);

#endif
