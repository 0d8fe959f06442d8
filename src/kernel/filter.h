/* filter.h - the coarse stage of step (A): products of 8-bit integers exclude nearly every pair of a point and a centroid.
 *
 * The contract. A point is x^ = scale (q - zero), q an unsigned byte a coordinate; a centroid is c^ = unit q, q a signed byte,
 * |q| <= 127. Rows of bytes are filled up to a multiple of 8 (points with `zero`, centroids with 0). A panel holds KMU__PANEL
 * centroids, quad by quad, the quads of all side by side, aligned to 64 bytes; fillers have half = -infinity. A narrow panel
 * holds half as many, octet by octet, so that it is as wide; its second half are fillers. With
 * start = -zero sum q the integer (x^ / scale).(c^ / unit) is exact for up to KMU__FILTER_COLUMNS coordinates, and in binary32
 *
 *     s = fl( integer unit scale + half ),      half = -||c'||^2 / 2
 *
 * For the real rows x' = x^ + e and c' = c^ + f with length >= ||x^||, error >= ||e||, and over the panel noise >= ||f||, norm
 * >= ||c'||,
 *
 *     |s - (x'.c' + half)| <= E = (length noise + error norm)(1 + 2^-18) + slop                      (docs/numerics.md, N15)
 *
 * where slop, of the point and of the panel, pays for every rounding on the way, and so does noise. */
#ifndef KMU_KERNEL_FILTER_H
#define KMU_KERNEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

enum {
    KMU__PANEL = 16,                /* centroids of a panel: bits of a mask */
    KMU__GROUP = 12,                /* most points of a group of any ISA */
    KMU__BOUNDS = 16,               /* lists of a number a panel are filled up to a multiple of it */
    KMU__FILTER_COLUMNS = 1 << 16,
    KMU__PAD = 64,                  /* binary32 images are filled up with zeros to a multiple of it */
};

/* A point as bytes, and what its bounds are made of. */
struct coarse {
    float scale, length, error;
    float square; /* <= ||x'||^2 */
};

/* A point on its way through the panels. */
struct walker {
    const uint8_t *q;
    struct coarse x;
    float slop;
    float best;   /* the largest s - E so far, or whatever lower bound of max S is known before */
    uint32_t own; /* the slot of a centroid that is not to be named, or UINT32_MAX */
};

struct panel {
    uint32_t number;
    const int8_t *q;
    const int32_t *start; /* KMU__PANEL of each */
    const float *unit, *half;
    float noise, norm, slop;
    bool fixed; /* best stays as it is */
};

struct filter {
    kmu_isa isa;
    size_t group;    /* points that one call takes */
    int zero, level; /* points are bytes zero - level .. zero + level */
    /* For a group of walkers: best takes in all s - E; mask gets the bits with s + E >= best, top the largest s + E, both without
     * the walker's own. */
    void (*exclude)(struct walker *const *w, const struct panel *, size_t quads, uint32_t *mask, float *top);
    /* The same for a narrow panel. */
    void (*exclude_narrow)(struct walker *const *w, const struct panel *, size_t octets, uint32_t *mask, float *top);
    /* The bounds of a point, one a panel: lower falls by drift, rounded down; */
    void (*fall)(float *lower, const float *drift, size_t panels);
    /* bit p of open says that lower[p] > upper is not so; returns whether there is one; */
    bool (*is_open)(const float *lower, float upper, size_t panels, uint64_t *open);
    /* lower := sqrt(square - 2 top), rounded down and at most 2^60, where top is a number; but for a rounding of square, for
     * which that has room (N16). None is infinite upwards. */
    void (*rise)(float *lower, const float *top, float square, size_t panels);
    /* q, coarse := the bytes of an image of d numbers, filled up with zeros to a multiple of KMU__PAD, and its bounds, without the
     * image's own error; square is its sum of squares as computed. */
    void (*quantise)(const float *image, size_t d, int zero, int level, uint8_t *q, struct coarse *);
    /* image := fl(x scale - origin) in the type of x, fl(x) without an origin. */
    void (*image_f32)(const float *x, size_t d, float scale, const float *origin, float *image);
    void (*image_f64)(const double *x, size_t d, double scale, const double *origin, float *image);
    /* The sum of (x - c)^2, at most d / KMU__PAD + 8 additions to a square; c is filled up with zeros to a multiple of KMU__PAD. */
    float (*distance)(const float *x, const float *c, size_t d);
};

extern const struct filter kmu__filter_plain;
#if defined __x86_64__
extern const struct filter kmu__filter_avx2, kmu__filter_avx512;
#endif

/* The filter of an ISA; that of plain C where it has none of its own. */
const struct filter *kmu__filter(kmu_isa isa);

#endif
