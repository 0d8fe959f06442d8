/* result.h - what a fit hands out, and grows while it runs. */
#ifndef KMU_RESULT_H
#define KMU_RESULT_H

#include "fit.h"

struct outcome;

/* An empty result for fits of these points. */
kmu_status kmu__outcome_open(struct outcome **, const struct points *, const kmu_options *, kmu_error *);
void kmu__outcome_close(struct outcome *);

/* Appends a turn to the trace and shows it to on_turn. */
kmu_status kmu__outcome_turn(void *outcome, const kmu_turn *, kmu_error *);

/* Keeps the run that f ended if its exact J is less than that of the runs before, and says so; its labels are to follow, which
 * do not need the points. */
bool kmu__outcome_keep(struct outcome *, struct fit *f, int32_t run, kmu_stop stop);
void kmu__outcome_labels(struct outcome *, const struct fit *f);

/* Keeps the centroids of the only run, which is unlabelled. */
void kmu__outcome_centroids(struct outcome *, const struct fit *f, int32_t run, kmu_stop stop);

/* The public face, which a descent may fill in itself; kmu_result_free takes it. */
kmu_result *kmu__outcome_result(struct outcome *);

#endif
