/* fill.h - empty clusters take a place. */
#ifndef KMU_UPDATE_FILL_H
#define KMU_UPDATE_FILL_H

#include "../fit.h"

/* After (A) and the tally: every cluster without mass takes the farthest place it can (T7). f->mu are the centroids that
 * f->c was assigned by; c, the sums and turn.moved change. Without empty clusters it costs O(k). */
kmu_status kmu__fill(struct fit *f, kmu_error *error);

#endif
