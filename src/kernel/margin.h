/* margin.h - the loops of margins (assign/margins.h has the mathematics).
 *
 *   make     margin[a] <= d_2 - d_1, from the two largest s of a point, the sum of the squares of its image, and slack
 * (kernel.h, layout/frame.h); 0 where first - second <= slack follow   margin[a] -= loss[c[a]], rounded down; open := the
 * places, ascending, of those that are not above 0 then; returns how many. open has room for count places */
#ifndef KMU_KERNEL_MARGIN_H
#define KMU_KERNEL_MARGIN_H

#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

struct margin_kernel {
    void (*make)(const float *first, const float *second, const float *square, const float *slack, size_t count, float grown,
                 float added, float *margin);
    size_t (*follow)(float *margin, const int32_t *c, const float *loss, size_t count, uint32_t *open);
};

const struct margin_kernel *kmu__margin_kernel(kmu_isa isa);

#endif
