/* tree.h - the inner loops of a k-d tree's tiles: who could be nearest somewhere in a box, and who is nearest to each point.
 *
 * Columns: candidate a of a list has coordinate l at c[l stride + a], and half[a] = -||c||^2 / 2, both rounded to binary32; stride
 * is a multiple of KMU__LIST, and behind the last candidate there is room to that multiple, of any content. At most
 * KMU__TREE_MOST columns. Sums are in binary32, in any order, with or without FMA. */
#ifndef KMU_KERNEL_TREE_H
#define KMU_KERNEL_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

enum { KMU__LIST = 16, KMU__LEAF = 64, KMU__TREE_MOST = 8 };

struct tree_kernel {
    /* kept := the places, ascending, of all candidates but those for which
     *     half[a] - half[b] + sum_l middle[l] (c_a - c_b)[l] + extent[l] |(c_a - c_b)[l]| < -slack
     * where b is one that is nearest to the middle, as computed; returns how many. */
    size_t (*prune)(const float *c, const float *half, size_t stride, size_t count, const float *middle, const float *extent,
                    size_t d, float slack, uint32_t *kept);
    /* For the KMU__LEAF points of a tile (d x KMU__LEAF): first and second := the largest two of s = x.c + half, which := the
     * name of the first. */
    void (*nearest)(const float *tile, size_t d, const float *c, const float *half, size_t stride, size_t count,
                    const int32_t *name, float *first, float *second, int32_t *which);
    /* tile := fl(x scale - origin) in the type of x, fl(x) without an origin, for `count` rows in C order, d <= KMU__TREE_MOST;
     * the other lanes are 0. */
    void (*load_f32)(const float *x, size_t count, size_t d, float scale, const float *origin, float *tile);
    void (*load_f64)(const double *x, size_t count, size_t d, double scale, const double *origin, float *tile);
};

const struct tree_kernel *kmu__tree_kernel(kmu_isa isa);

#endif
