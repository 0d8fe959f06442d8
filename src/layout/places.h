/* places.h - the distinct rows of positive weight, in lexicographic order: what seeding draws from.
 *
 * A place knows nothing of row numbers or repetition, so draws over places depend on neither. */
#ifndef KMU_LAYOUT_PLACES_H
#define KMU_LAYOUT_PLACES_H

#include "../fit.h"

struct places {
    size_t count;
    uint32_t *order;      /* rows of positive weight, sorted; equal rows by number */
    uint32_t *first;      /* count + 1: where in order each place begins */
    double *W;            /* the weight of each place: the exact sum if it is a binary64, else rounded once or more */
    bool W_exact;         /* all of them are the exact sums */
    struct memory memory;
};

/* Time O(n log n) comparisons at worst, O(n) when the first varying column tells most rows apart. Memory 16 n bytes while
 * sorting, 16 n after. Errors: KMU_EDATA (2^32 points or more), KMU_EMEMORY. */
kmu_status kmu__places_make(struct places *, const struct points *, const kmu_options *, kmu_error *);
void kmu__places_free(struct places *);

#endif
