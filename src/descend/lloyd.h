/* lloyd.h - how mu moves: Lloyd's alternation. */
#ifndef KMU_DESCEND_LLOYD_H
#define KMU_DESCEND_LLOYD_H

#include "../fit.h"

/* From f->mu, alternates (A), fill and (B) until a stop; then c and mu belong together. Every turn is
 * handed to `record`. */
kmu_status kmu__lloyd(struct fit *f, int32_t run, kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context,
                      kmu_stop *stop, kmu_error *error);

#endif
