/* verdict.h - what the dense kernel's two largest s of a point say: who is nearest, whether that is certain, and by how much
 * (assign/dense.c, assign/margins.h have the mathematics).
 *
 *   slack    slack := sqrt(square grow + least) slope + rest, within 2^-22 of it (layout/frame.h)
 *   make     margin[a] <= d_2 - d_1, from the two largest s of a point, the sum of the squares of its image, and slack
 *            (kernel.h, layout/frame.h); 0 where first - second <= slack
 *   follow   margin[a] -= loss[c[a]], rounded down; open := the places, ascending, of those that are not above 0 then; returns
 *            how many. open has room for count places
 *   judge    label := the name of whose s is largest (without names its number); doubt := 1 where first - second <= slack, else
 *            0; returns whether there is a doubt
 *   take     c := label; returns whether one of them is new */
#ifndef KMU_KERNEL_VERDICT_H
#define KMU_KERNEL_VERDICT_H

#include <stdbool.h>

#include "kernel.h"

struct slack_line {
    float grow, least, slope, rest;
};

struct verdict {
    void (*slack)(const float *square, size_t count, const struct slack_line *, float *slack);
    void (*make)(const float *first, const float *second, const float *square, const float *slack, size_t count, float grown,
                 float added, float *margin);
    size_t (*follow)(float *margin, const int32_t *c, const float *loss, size_t count, uint32_t *open);
    bool (*judge)(const struct best *, const float *slack, const int32_t *name, size_t count, int32_t *label, uint8_t *doubt);
    bool (*take)(const int32_t *label, size_t count, int32_t *c);
};

const struct verdict *kmu__verdict(kmu_isa isa);

#endif
