/* herd.h - what candidates do to the potentials of a herd: KMU__HERD places of few columns, side by side.
 *
 * A tile has coordinate l of place j at tile[l KMU__HERD + j], widened. A potential P is an integer as in seed/draw.h, and its
 * units are those of a lottery whose largest potential is `most`. Sums are in binary64, in any order, with or without FMA: what
 * is said is what every order would say, or is left in doubt (N21). */
#ifndef KMU_KERNEL_HERD_H
#define KMU_KERNEL_HERD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../exact/float.h"

#define KMU__NOTHING INT64_MIN /* the potential 0 */

enum {
    KMU__HERD = 48,
    KMU__HERD_COLUMNS = 8, /* at most */
    KMU__TRIALS = 64,      /* candidates at a time: above 2 + ln of any k */
    KMU__HERD_DOUBT = 64   /* steps between binary64 numbers by which W D^ may be wrong (N21) */
};

/* Potentials that a candidate lowers: bit j of `sure` where that is certain, to now[j], by lost[j] units; bit j of `doubt`
 * where f64 cannot say. gain is the sum of what is lost for sure. */
struct herd_falls {
    _Alignas(64) int64_t now[KMU__HERD];
    _Alignas(64) uint64_t lost[KMU__HERD];
    uint64_t sure, doubt;
    kmu__u128 gain;
};

struct herd_kernel {
    /* tile := `count` rows of d numbers, `row` apart: the first ones, or those whose numbers `which` lists. */
    void (*load_f32)(const float *x, size_t row, const uint32_t *which, size_t count, size_t d, double *tile);
    void (*load_f64)(const double *x, size_t row, const uint32_t *which, size_t count, size_t d, double *tile);
    /* The bits of the candidates that come nearer than far, as a square, to a box of d least and d largest coordinates.
     * Coordinate l of candidate a is c[l KMU__TRIALS + a]; there is room behind the last one to that many. */
    uint64_t (*reach)(const double *box, size_t d, const double *c, size_t count, double far);
    /* The potentials that the candidate c (d) lowers. W: KMU__HERD weights, or NULL where all are 1. exact: squared distances
     * in f64 have no rounding (N3). */
    void (*fall)(const double *tile, size_t d, const double *c, const double *W, const int64_t *P, int64_t most, bool exact,
                 struct herd_falls *);
};

const struct herd_kernel *kmu__herd_kernel(kmu_isa isa);

#endif
