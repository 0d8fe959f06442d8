/* filtering.h - what the filter keeps from turn to turn, and what a distance in binary32 says (filter.c has the mathematics).
 */
#ifndef KMU_ASSIGN_FILTERING_H
#define KMU_ASSIGN_FILTERING_H

#include <math.h>

#include "assign.h"
#include "../layout/coarse.h"

enum { CHUNK_BYTES = 384 << 10, CHUNK_LEAST = 128, CHUNK_MOST = 1024, CLOSE_LOOK = 2 };

#define UP(x) ((x) * (1 + 0x1p-21f)) /* of what is not negative: more than a few roundings */
#define DOWN(x) ((x) * (1 - 0x1p-21f))

/* What a thread works in. A point that is asked has a seat. */
struct desk {
    struct walker walker[CHUNK_MOST], *group[KMU__GROUP];
    uint32_t seat[CHUNK_MOST]; /* which row of the chunk sits there */
};

struct filtering {
    struct fit *f;
    struct memory memory;
    struct coarse_centroids c;
    int64_t turns;              /* (A)s since the run began */
    bool loses;                 /* the dense method would have been faster last time */
    float *upper, *lower;       /* n, n x bounds; lower is NULL if there is one (A) only */
    size_t bounds, words;       /* the panels filled up, as numbers and as bits */
    uint64_t within;            /* the bits of the last word that are panels */
    float *drift, *panel_drift; /* how far a centroid, and the farthest of a panel, moved since the last (A) */
    int32_t *slot;              /* of a centroid; -1 if it equals an earlier one */
    size_t rows, room;          /* of a chunk, and what a list of them may run over to */
    struct desk *desk;          /* one a thread, and the parts of it whose size is not known here: */
    uint64_t *open;             /* rows x words: the panels that are open to a seat */
    uint16_t *list;             /* panels x room: the seats to which it is */
    uint32_t *mask;             /* panels x room, likewise: what the filter leaves to them */
    float *top;                 /* panels x room */
    float *tops;                /* bounds: those of one seat, NaN where the filter was not asked */
    uint32_t *length;           /* of the list of a panel */
    float *image;               /* a row */
    int32_t *candidate;         /* a slot each, and one more */
    float *distance;
    size_t slots;
    float gamma;
    float grown, added; /* ||x'||^2 <= square grown + added */
};

/* A thread's share of everything that is one a thread. */
struct part {
    struct desk *desk;
    uint64_t *open;
    uint32_t *mask, *length;
    uint16_t *list;
    float *top, *tops, *image, *distance;
    int32_t *candidate;
};

/* f->filtering, or NULL where memory cannot be had. */
struct filtering *kmu__filtering_open(struct fit *f);

/* drift and panel_drift, rounded up, in the frame's scale. A centroid that had no slot bounds nothing of its panel. */
void kmu__filtering_drift(struct filtering *);

/* Seats the distinct centroids of this (A), each at home. */
void kmu__filtering_seat(struct filtering *);

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

/* How far the images of a point and of the centroid in a slot can be from the rows, together. */
static inline float eta_of(const struct filtering *t, const struct walker *w, int32_t slot)
{
    return 0x1.2p-24f * (w->x.length + w->x.error + t->c.norm[(size_t)slot / KMU__PANEL]) + 0x1p-60f;
}

#endif
