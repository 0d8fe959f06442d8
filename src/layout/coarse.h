/* coarse.h - points and centroids as bytes: what the filter multiplies (kernel/filter.h), with bounds of what that loses. */
#ifndef KMU_LAYOUT_COARSE_H
#define KMU_LAYOUT_COARSE_H

#include "../fit.h"
#include "../kernel/filter.h"

/* The points, made once for all that multiply them; or the rows of a chunk a thread, where one (A) is all that is asked. */
struct coarse_points {
    uint8_t *q; /* room for so many rows x stride */
    size_t stride;
    struct coarse *x; /* of each */
    bool made;
    struct memory memory;
};

/* The centroids of one (A), in slots: panel by panel. */
struct coarse_centroids {
    size_t panels, quads, octets, pad; /* pad: numbers of an image */
    bool narrow;                       /* the panel, the only one, is */
    int8_t *q;
    int32_t *start;      /* of a slot */
    int32_t *home, *who; /* the centroid whose slot it is, and the one there in this (A), or -1 */
    float *unit, *half;
    float *noise, *norm; /* of a panel: the least bounds, and */
    float *slop, *loud;  /* what its roundings cost: E's slop, and noise with its share */
    float *image;        /* slots x pad, row by row */
};

/* Room for so many rows in f->bytes, not made yet; false if it cannot be had, or there are too many columns. */
bool kmu__coarse_open(struct fit *, size_t rows);
void kmu__coarse_close(struct fit *);

/* Fills f->bytes from `at` on with rows from .. to - 1; image holds a row, filled up. */
void kmu__coarse_rows(struct fit *, size_t from, size_t to, size_t at, float *image);

/* The same for all rows, unless it has been done. */
void kmu__coarse_make(struct fit *);

/* Room for count centroids. */
void kmu__coarse_wish(struct coarse_centroids *, const struct fit *, size_t count, struct memory *);

/* Everything of the rows who[..] of mu, those of -1 without weight. false if one is not finite or too large to be squared. */
bool kmu__coarse_centroids(struct coarse_centroids *, struct fit *, const double *mu);

/* Panel p as the kernel takes it. */
static inline struct panel kmu__coarse_panel(const struct coarse_centroids *c, size_t p)
{
    return (struct panel){.number = (uint32_t)p,
                          .q = c->q + p * KMU__PANEL * 4 * c->quads,
                          .start = c->start + p * KMU__PANEL,
                          .unit = c->unit + p * KMU__PANEL,
                          .half = c->half + p * KMU__PANEL,
                          .noise = c->loud[p],
                          .norm = c->norm[p],
                          .slop = c->slop[p]};
}

/* The image of row j in binary32: as the row lies in memory, or in buffer. */
const float *kmu__coarse_image(const struct fit *, size_t j, float *buffer);

/* The point's share of E's slop: what rounding a lower bound of S, at most ||x'||^2 / 2, can cost. */
static inline float kmu__coarse_slop(const struct coarse *x, size_t d)
{
    return x->square * 0x1p-22f + (float)d * 0x1p-116f;
}

#endif
