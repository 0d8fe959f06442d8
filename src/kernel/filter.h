/* filter.h - the coarse stage of step (A): products of 8-bit integers bound S of nearly every pair of a point and a centroid.
 *
 * The contract. A point is x^ = scale (q - zero), q an unsigned byte a coordinate; a centroid is c^ = unit q, q a signed byte,
 * |q| <= 127. Rows of bytes are filled up to a multiple of 8 (points with `zero`, centroids with 0). A panel holds KMU__PANEL
 * centroids, quad by quad, the quads of all side by side, aligned to 64 bytes; fillers have half = -infinity. A narrow panel
 * holds half as many, octet by octet, so that it is as wide; its second half are fillers. With
 * start = -zero sum q the integer (x^ / scale).(c^ / unit) is exact for up to KMU__FILTER_COLUMNS coordinates, and in binary32
 *
 *     s = fl( integer unit scale + half ),      half = -||c'||^2 / 2
 *
 * For the real rows x' and c', slope and slop of the point and size of the centroid say how far s can be from the truth:
 *
 *     |s - (x'.c' + half)| <= E = slope size + slop                                                  (docs/numerics.md, N15)
 */
#ifndef KMU_KERNEL_FILTER_H
#define KMU_KERNEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kmu.h"

enum {
    KMU__PANEL = 16,                /* centroids of a panel */
    KMU__GROUP = 12,                /* most points of a group of any ISA */
    KMU__BESIDE = 32,               /* columns that rows are multiplied with together */
    KMU__ASKED = 4,                 /* centroids that are looked at side by side when they are named one by one */
    KMU__FILTER_COLUMNS = 1 << 16,
    KMU__SQUARES = 32,              /* sums of squares side by side, at least */
    KMU__ROUGH = 32,                /* most of a byte of a rough centroid */
    KMU__PAD = 64,                  /* binary32 images, and rows of bytes, are filled up with zeros to a multiple of it */
};

/* A point as bytes, and what its bounds are made of. */
struct coarse {
    float scale, length, error;
    float square; /* <= ||x'||^2 */
};

/* A point on its way through the panels. */
struct walker {
    const uint8_t *q;
    float scale, slope, slop;
    float *high; /* KMU__PANEL a panel: s + E of each centroid */
    float *best; /* KMU__PANEL: whose largest is the largest s - E so far */
    float least; /* who has s + slope size below it is out */
    uint64_t *bits;
};

/* What belongs to the bytes of a centroid. */
struct centroid {
    int32_t start;
    float unit, half, size;
};

/* Centroids, their bytes panel by panel or row by row. */
struct panels {
    const int8_t *q;
    const int32_t *start;
    const float *unit, *half, *size;
    const struct centroid *one; /* the same of each; of rows alone */
    bool rough;                 /* |q| <= KMU__ROUGH */
};

/* A length is kept in 16 bits: those of a float that KMU__LENGTH is the last of, less a base, rounded down. */
enum { KMU__LENGTH = 12 };

static inline float kmu__length(uint16_t length, int32_t base)
{
    const int32_t bits = (length + base) << KMU__LENGTH;
    float x;
    memcpy(&x, &bits, sizeof x);
    return length ? x : 0;
}

static inline uint16_t kmu__short_length(float x, int32_t base)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> KMU__LENGTH) - base;
    return (uint16_t)(bits < 0 ? 0 : bits > UINT16_MAX ? UINT16_MAX : bits);
}

struct filter {
    kmu_isa isa;
    size_t group;    /* points that one call takes */
    bool rough;      /* rough centroids in panels are multiplied faster */
    int zero, level; /* points are bytes zero - level .. zero + level */
    /* For a group of walkers: high := s + E of the centroids of panel number p, best takes in s - E. */
    void (*bound)(const struct walker *w, const struct panels *, size_t p, size_t quads);
    /* For the walkers w + which[0 .. group - 1] and the centroids a of panel number p: bit a of bits := s + slope size >= least,
     * the other bits stay; most[which[j]] := the largest s + slope size. */
    void (*pass)(const struct walker *w, const uint32_t *which, const struct panels *, size_t p, size_t quads, float *most);
    /* The bits of a narrow panel, which is the only one. */
    void (*pass_narrow)(const struct walker *w, const struct panels *, size_t octets);
    /* Bit j of bits: that length j, less drift, is not above upper[j]; `rows` is a multiple of KMU__PANEL. */
    void (*within)(const uint16_t *length, int32_t base, const float *upper, float drift, size_t rows, uint64_t *bits);
    /* Where most[j] is finite: length[j] := at least how far those are of whom this is the largest s + slope size, more by drift,
     * rounded down; and most[j] := infinity. square and slop are the points'. */
    void (*renew)(float *most, const float *square, const float *slop, float drift, int32_t base, size_t rows, uint16_t *length);
    /* For a group of rows of d numbers: y[j] := their products with KMU__BESIDE columns of numbers, which lie side by side; at
     * most d + 2 roundings meet a term. */
    void (*project)(const float *const *row, const float *columns, size_t d, float *const *y);
    /* For one walker and the centroids which[0 .. count - 1]: high[a] := s + E; returns the largest s - E. Their bytes lie in
     * rows of `stride`, a multiple of KMU__PAD, filled up with 0; behind the point's there are KMU__PAD more that can be read.
     * which and high have room for KMU__ASKED more. */
    float (*bound_some)(const struct walker *w, const struct panels *, size_t stride, uint32_t *which, size_t count);
    /* bits a: high[a] >= least; `slots` is a multiple of KMU__PANEL here; returns whether there is one. */
    bool (*reach)(const float *high, float least, size_t slots, uint64_t *bits);
    /* list := the numbers of the bits, and how many these are; there is room for KMU__PANEL more. */
    size_t (*list)(const uint64_t *bits, size_t words, uint32_t *list);
    /* q, coarse := the bytes of an image of d numbers, filled up with zeros to a multiple of KMU__PAD, and its bounds, without the
     * image's own error; square is its sum of squares as computed. */
    void (*quantise)(const float *image, size_t d, int zero, int level, uint8_t *q, struct coarse *);
    /* image := fl(x scale - origin) in the type of x, fl(x) without an origin. */
    void (*image_f32)(const float *x, size_t d, float scale, const float *origin, float *image);
    void (*image_f64)(const double *x, size_t d, double scale, const double *origin, float *image);
    /* The sum of (x - c)^2, at most d / KMU__SQUARES + 8 additions to a square; c is filled up with zeros to a multiple of
     * KMU__PAD. */
    float (*distance)(const float *x, const float *c, size_t d);
};

extern const struct filter kmu__filter_plain;
#if defined __x86_64__
extern const struct filter kmu__filter_avx2, kmu__filter_avx512;
#endif

/* The filter of an ISA; that of plain C where it has none of its own. */
const struct filter *kmu__filter(kmu_isa isa);

#endif
