/* twins.h - rows that are equal. */
#ifndef KMU_LAYOUT_TWINS_H
#define KMU_LAYOUT_TWINS_H

#include "../fit.h"

/* The rows of row[0 .. count - 1] that are equal to none before them come first; returns how many. twin, if it is not NULL,
 * names the one of each. The table has room, a power of two, for more entries than rows. Time O(count d). */
size_t kmu__find_twins(const struct points *, uint32_t *row, size_t count, uint32_t *twin, uint32_t *table, size_t room);

/* Whether it pays to look for equal rows among all, by a sample, and one may stand for them. */
bool kmu__twins_pay(const struct points *);

#endif
