/* order.h - the points once more, neighbours together and equal rows as one.
 *
 * A fit is a function of the set of places with their weights (T8), so it may work on any order of the rows and on one row of
 * weight w for w equal ones. In the leaves of a k-d tree tiles of neighbours lie together, which assign/tree.c lives on; rows
 * of one column are sorted, for assign/line.c.
 *
 * Bentley 1975, "Multidimensional binary search trees used for associative searching", doi:10.1145/361002.361007. */
#ifndef KMU_LAYOUT_ORDER_H
#define KMU_LAYOUT_ORDER_H

#include "../fit.h"

enum {
    KMU__TILE = 64,
    KMU__TREE_COLUMNS = 8,
    KMU__ORDER_LEAST = 8192 /* rows that it pays for, when nobody asks for it */
};

struct order {
    struct points
        points;        /* n' rows, in C order without gaps; x, w and members are the order's; x is NULL until they are filled */
    uint32_t *place;   /* n: where a row has gone */
    uint32_t *members; /* n': how many rows went there; NULL: one each */
    const struct points *from;
    char *x;
    struct memory memory, copy; /* copy: of x and w */
};

/* Whether there is one: few columns, all stored, less than 2^32 - 1 rows. */
bool kmu__order_can(const struct points *);

/* Time O(n log n), memory n (d numbers + 12 bytes), and 10 n bytes on the way. KMU_EMEMORY, KMU_EABANDONED: nothing is held.
 * `late` leaves points.x to kmu__order_fill, so that there is one copy of the points until then; not where rows are merged. */
kmu_status kmu__order_make(struct order *, const struct points *, bool late, struct pool *, const kmu_options *, kmu_error *);
void kmu__order_fill(struct order *, struct pool *);

/* Row j of the points as they came goes where it belongs. */
static inline void kmu__order_copy(struct order *o, size_t to, size_t j)
{
    const struct points *p = o->from;
    const size_t size = p->stored == KMU_F32 ? sizeof(float) : sizeof(double);
    memcpy(o->x + to * p->d * size, (const char *)p->x + j * p->row * size, p->d * size);
    if (p->w)
        ((double *)(uintptr_t)o->points.w)[to] = p->w[j];
}

/* points.x and w are needed no more; place and members are. */
void kmu__order_empty(struct order *);
void kmu__order_free(struct order *);

#endif
