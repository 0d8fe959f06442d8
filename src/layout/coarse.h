/* coarse.h - points and centroids as bytes: what the filter multiplies (kernel/filter.h), with bounds of what that loses. */
#ifndef KMU_LAYOUT_COARSE_H
#define KMU_LAYOUT_COARSE_H

#include <math.h>

#include "../fit.h"
#include "../kernel/filter.h"

/* The points, made once for all that multiply them; or the rows of a chunk a thread, where one (A) is all that is asked. */
struct coarse_points {
    uint8_t *q; /* room for so many rows x stride */
    size_t rows, stride, d;
    struct coarse *x; /* of each */
    bool made;
    struct memory memory;
};

/* Centroids in panels, the last of which is filled up. */
struct coarse_centroids {
    size_t count, panels, quads, octets;
    size_t d, pad;    /* columns; numbers of an image, bytes of a row */
    int level;        /* most of a byte */
    bool few, narrow; /* a panel may be narrow; it is, the only one */
    int8_t *q, *rows; /* panel by panel; slots x pad */
    int32_t *start;   /* of a slot, like all that follows */
    float *unit, *half, *size;
    float *noise, *norm;  /* >= ||c' - unit q||, ||c'|| */
    struct centroid *one; /* what the kernels need of it, side by side */
    float *image;         /* slots x pad, row by row */
    float ratio, rest;    /* slope = (length ratio + error + rest), rounded up (N15) */
    struct coarse_centroids *rough; /* the same centroids, whose bytes are KMU__ROUGH at most; or NULL */
};

/* Room for so many rows in f->bytes, not made yet unless it was there; false if it cannot be had, or there are too many columns. */
bool kmu__coarse_open(struct fit *, size_t rows);
void kmu__coarse_close(struct fit *);

/* Fills f->bytes from `at` on with rows from .. to - 1; image holds a row, filled up. */
void kmu__coarse_rows(struct fit *, size_t from, size_t to, size_t at, float *image);

/* The same for all rows, unless it has been done. */
void kmu__coarse_make(struct fit *);

/* Room for up to `count` centroids of d columns. */
void kmu__coarse_wish(struct coarse_centroids *, size_t d, size_t count, struct memory *);

/* The same but for the image, which they share. */
void kmu__coarse_wish_rough(struct coarse_centroids *, size_t d, size_t count, struct memory *);

/* Everything of the first count rows of mu. false if one is not finite or too large to be squared. */
bool kmu__coarse_centroids(struct coarse_centroids *, struct fit *, const double *mu, size_t count);

/* Slot a gets the bytes of its image, which is no farther than `off` from a vector of at most length norm; none, and never wins,
 * with a half of -infinity. */
void kmu__coarse_slot(struct coarse_centroids *, const struct filter *, size_t a, double norm, float half, double off);

/* size, ratio and rest of all slots; false if one is too large. */
bool kmu__coarse_measure(struct coarse_centroids *);

/* Them as the kernels take them: with bytes panel by panel, or row by row. */
static inline struct panels kmu__coarse_panels(const struct coarse_centroids *c, bool rows)
{
    return (struct panels){
        .q = rows ? c->rows : c->q, .start = c->start, .unit = c->unit, .half = c->half, .size = c->size, .one = c->one,
        .rough = c->level <= KMU__ROUGH};
}

/* The image of row j in binary32: as the row lies in memory, or in buffer. */
const float *kmu__coarse_image(const struct fit *, size_t j, float *buffer);

/* The least of a walker for which who is out has S < best (N16 d). */
static inline float kmu__coarse_least(float slop, float best)
{
    return best - slop - (fabsf(best) + slop) * 0x1p-21f;
}

/* What the bounds of a point have besides its slope (N15). */
static inline float kmu__coarse_slop(const struct coarse_points *points, const struct coarse *x)
{
    return x->square * 0x1p-22f + (float)points->d * 0x1p-116f + 0x1p-99f;
}

/* w := the point whose bytes are at `at`, on its way through them. Field by field: a CPU waits where a struct is copied whose parts
 * have just been written. */
static inline void kmu__coarse_walker(struct walker *w, const struct coarse_points *points, const struct coarse_centroids *c, size_t at,
                                      float *high, float *best)
{
    const struct coarse *x = &points->x[at];
    w->q = points->q + at * points->stride;
    w->scale = x->scale;
    w->slope = (x->length * c->ratio + x->error + c->rest) * (1 + 0x1p-18f);
    w->slop = kmu__coarse_slop(points, x);
    w->high = high;
    w->best = best;
}

#endif
