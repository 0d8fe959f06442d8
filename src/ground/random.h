/* random.h - a stream of random words that can be read at any place.
 *
 * Philox4x32-10: ten rounds of a keyed bijection of a 128-bit counter. The word for (run, purpose, step, t) depends
 * on nothing but these and the seed, so neither threads nor the order of rows can change a draw.
 *
 * Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405. */
#ifndef KMU_GROUND_RANDOM_H
#define KMU_GROUND_RANDOM_H

#include <stdint.h>

enum kmu__purpose {
    KMU__FOR_KMEANSPP = 1,
    KMU__FOR_RANDOM = 2,
    KMU__FOR_BATCH = 3,
    KMU__FOR_SAMPLE = 4,   /* that is seeded */
    KMU__FOR_JUDGE = 5,    /* of starts */
    KMU__FOR_REASSIGN = 6, /* where centroids of little mass go */
    KMU__FOR_KMEANS_PARALLEL = 7,
    KMU__FOR_SILHOUETTE = 8, /* whose is measured */
    KMU__FOR_REFERENCE = 9, /* data without clusters, for the gap */
    KMU__FOR_LEAD = 10,     /* directions to begin with */
};

/* word := Philox4x32-10 of counter under key seed. */
void kmu__philox(uint64_t seed, const uint32_t counter[4], uint32_t word[4]);

/* The 64-bit word of draw t in step of a run. */
uint64_t kmu__word(uint64_t seed, uint32_t run, enum kmu__purpose purpose, uint32_t step, uint32_t t);

#endif
