/* open.h - a fit of some points, from its opening to its close. */
#ifndef KMU_DESCEND_OPEN_H
#define KMU_DESCEND_OPEN_H

#include "../fit.h"
#include "../layout/order.h"

struct opened {
    struct order order; /* of the points, where a fit works on one */
    int32_t *labels;    /* room for them from outside, where there is no order; or NULL */
    bool once;          /* one (A) is all that is asked: sums of squares are not prepared */
    struct places *places; /* room to keep them in from start to start, all zeroes, or NULL */
    struct fit fit;
};

/* Grants the fit what its rooms need, for the points as they came, or in the order that has been made; begun with zeroes, but
 * for labels, once and places, and to be closed whatever is returned. */
kmu_status kmu__open(struct opened *, const struct points *, struct pool *, const kmu_options *, kmu_error *);

/* The same for many turns: with an order, where that helps; if memory is short it is done without. One run of large points
 * leaves their copy for after its seeding. */
kmu_status kmu__open_in_order(struct opened *, const struct points *, struct pool *, const kmu_options *, kmu_error *);

/* The same points in the same order once more, with another k. */
kmu_status kmu__open_again(struct opened *, const struct points *, struct pool *, const kmu_options *, kmu_error *);

void kmu__close(struct opened *);

/* Shows the centroids to whoever wants to see them. */
void kmu__show(const struct fit *, int32_t run, int64_t turn);

/* How many runs there are to make: from a given start they would all be the same. */
int64_t kmu__runs(const kmu_options *);

#endif
