/* kernel.h - the inner loops, written once (dense.inc) and compiled for every instruction set.
 *
 * The contract. A tile is d x lanes numbers of binary32, coordinate by coordinate, the points in lanes. A panel is d x wide
 * numbers, the centroids side by side; panels follow one another, the last one filled up with zeros whose `half` is
 * -infinity, so that they never win. Tiles are aligned to a vector, all else to 64 bytes. For point x and centroid c a kernel
 * forms
 *
 *     s = fl( x.c + half ),        half = -||c||^2 / 2 rounded to binary32
 *
 * summing the products in blocks of KMU__SUM_BLOCK coordinates, in any order inside a block, with or without FMA:
 *
 *     |s - (x.c + half)| <= 1.01 u (depth + 1) ||x|| ||c|| + u |half| + d 2^-149,        u = 2^-24,  d <= 2^20,
 *     depth = KMU__SUM_BLOCK + d / KMU__SUM_BLOCK + 1
 *
 * The two kernels give the same bits of s for the same tile and panel, so what one saw the other will see. A kernel
 * allocates nothing, starts no thread, knows no option, and nothing of who asks. */
#ifndef KMU_KERNEL_KERNEL_H
#define KMU_KERNEL_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "kmu.h"

enum { KMU__LANES = 48, KMU__SUM_BLOCK = 64 }; /* the most lanes of any ISA; coordinates in a block of the sum */

/* Per point of a tile: the largest s seen, the one after it, and whose the largest is. */
struct best {
    _Alignas(64) float first[KMU__LANES];
    _Alignas(64) float second[KMU__LANES];
    _Alignas(64) int32_t which[KMU__LANES];
};

struct kernels {
    kmu_isa isa;
    size_t lanes, wide;
    /* best takes in the centroids of `panels` panels, the first of which has number `from`, and
     * forgets all others if that is 0; of equals the first stays. */
    void (*nearest)(const float *tile, const float *panel, const float *half, size_t d, size_t panels, int32_t from,
                    struct best *best);
    /* For every pair with s >= least[lane], in the order of panels, writes centroid and lane; returns the number of pairs, of
     * which only the first `room` are written. */
    size_t (*collect)(const float *tile, const float *panel, const float *half, size_t d, size_t panels, int32_t from,
                      const float *least, int32_t *centroid, unsigned char *lane, size_t room);
    /* tile := fl(x scale - origin) computed in the type of x, or fl(x) without an origin, for 1 <= count <= lanes rows; the
     * rest of the lanes are 0. square := fl(sum of squares). */
    void (*pack_f32)(const float *const *row, size_t count, size_t d, float scale, const float *origin, float *tile,
                     float *square);
    void (*pack_f64)(const double *const *row, size_t count, size_t d, double scale, const double *origin, float *tile,
                     float *square);
};

extern const struct kernels kmu__kernels_plain;
#if defined __x86_64__
extern const struct kernels kmu__kernels_base, kmu__kernels_avx2, kmu__kernels_avx512;
#elif defined __aarch64__
extern const struct kernels kmu__kernels_base, kmu__kernels_neon;
#endif

/* The kernels of an ISA, or of the best one here for KMU_ISA_AUTO; NULL if this CPU has no such instructions. */
const struct kernels *kmu__kernels(kmu_isa);

/* Of a file that is compiled as portable C (0), for AVX2 (1) and for AVX-512 (2): which text serves an ISA. */
size_t kmu__text_of(kmu_isa);

#endif
