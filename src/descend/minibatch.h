/* minibatch.h - how mu moves: by batches of places drawn at random. */
#ifndef KMU_DESCEND_MINIBATCH_H
#define KMU_DESCEND_MINIBATCH_H

#include "batch.h"

/* With f open for all points: batches until a stop, then one (A), so that c and mu belong together. batches: all 0; *run: of the
 * start that was taken; *places: how many there are. Every step is handed to `record`. Unlabelled, the (A) is left
 * out, and batches->J is known. */
kmu_status kmu__minibatch(struct fit *f, struct batches *, int32_t *run, size_t *places, kmu_stop *stop, double *seeding,
                          kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context, kmu_error *);

/* With f open for the points of a batch: one step, from f->mu, or from a start if there was none before. */
kmu_status kmu__partial_fit(struct fit *f, struct batches *, kmu_error *);

#endif
