/* panels.h - which centroids share a panel of the filter. */
#ifndef KMU_LAYOUT_PANELS_H
#define KMU_LAYOUT_PANELS_H

#include "../fit.h"

/* home[0 .. k - 1] := the centroids, so that KMU__PANEL neighbours are near one another; home lists them as they are to begin
 * with. Any order is right; a good one lets the bounds of a panel hold longer. Time O(k d log k). */
void kmu__panels_group(int32_t *home, struct fit *);

#endif
