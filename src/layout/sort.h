/* sort.h - rows of one column in ascending order. */
#ifndef KMU_LAYOUT_SORT_H
#define KMU_LAYOUT_SORT_H

#include "../fit.h"

/* A row, and a whole number that orders as its coordinate does. */
struct keyed {
    uint64_t key;
    uint32_t row;
};

/* Puts row[0 .. count - 1] in the order of their first coordinate, equal ones as they came. room: 2 count. O(count log count). */
void kmu__sort_rows(const struct points *, uint32_t *row, size_t count, struct keyed *room);

#endif
