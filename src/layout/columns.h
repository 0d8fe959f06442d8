/* columns.h - what must be known of every column before exact sums can be laid out. */
#ifndef KMU_LAYOUT_COLUMNS_H
#define KMU_LAYOUT_COLUMNS_H

#include "../fit.h"

/* p->range := for every column the lowest set bit and the highest of any number in it. *finite: no inf, no NaN.
 * Time O(n d) at memory speed. */
kmu_status kmu__columns(struct points *p, struct pool *, const kmu_options *, bool *finite, kmu_error *);

#endif
