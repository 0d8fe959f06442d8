/* places.h - the distinct rows of positive weight, in lexicographic order: what seeding draws from.
 *
 * A place knows nothing of row numbers or repetition, so draws over places depend on neither. Places are kept in slots, by
 * their first row, so that a walk over the slots reads the points as they lie in memory, or as an order (layout/order.h) has
 * them, so that neighbours stand together; slot[r] is the slot of rank r. */
#ifndef KMU_LAYOUT_PLACES_H
#define KMU_LAYOUT_PLACES_H

#include "../fit.h"

struct places {
    size_t count;
    uint32_t *row;     /* of a slot: the place's first row; NULL: slots are rows */
    uint32_t *members; /* of a slot: how many rows are there; NULL: one each */
    uint32_t *slot;    /* of a rank in lexicographic order */
    /* with weights only: */
    double *W;    /* of a slot: the sum of the weights, rounded once */
    bool W_exact; /* no rounding lost anything */
    /* with weights, and members: */
    uint32_t *order; /* rows of positive weight, sorted; equal rows by number */
    uint32_t *begin; /* of a slot: where its rows begin in order */
    struct memory memory;
};

/* Time O(n log n) comparisons at worst, O(n) when the first varying column tells most rows apart. Memory 28 n bytes while
 * sorting, 12 n after (28 n with weights), and 8 n less where no rows are equal. order: NULL, or n: where a row stands, each
 * elsewhere. Errors: KMU_EDATA (2^32 points or more), KMU_EMEMORY, KMU_EABANDONED. */
kmu_status kmu__places_make(struct places *, const struct points *, const uint32_t *order, struct pool *, const kmu_options *,
                            kmu_error *);
void kmu__places_free(struct places *);

static inline uint32_t kmu__place_members(const struct places *q, size_t s)
{
    return q->members ? q->members[s] : 1;
}

static inline size_t kmu__place_row(const struct places *q, size_t s)
{
    return q->row ? q->row[s] : s;
}

/* W[s] := the sum of w over the rows of slot s, in order and begin; W_exact falls when that is not all of it. */
void kmu__place_weigh(struct places *, size_t s, const double *w);

/* The weight of the place in slot s, rounded once to f64 unless W_exact. */
static inline double kmu__place_weight(const struct places *q, size_t s)
{
    return q->W ? q->W[s] : (double)kmu__place_members(q, s);
}

#endif
