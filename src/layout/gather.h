/* gather.h - some rows of points, side by side. */
#ifndef KMU_LAYOUT_GATHER_H
#define KMU_LAYOUT_GATHER_H

#include "../fit.h"

/* Room for up to `rows` rows of points, with their weights if these have some; whatever else is known of the points holds for
 * any rows of them. */
void kmu__gather_wish(struct points *, const struct points *from, size_t rows, struct memory *);

/* The rows row[0 .. rows - 1]. Time O(rows d), O(rows) where they are sparse: their numbers are not copied. */
void kmu__gather(struct points *, const struct points *from, const uint32_t *row, size_t rows, struct pool *);

#endif
