/* assign.c - step (A): choose a maker of candidates, let it run, add up what it did. */
#include "assign.h"

void kmu__assign(struct fit *f)
{
    kmu__look_at_centroids(f);
    memset(f->work, 0, (size_t)kmu__pool_threads(f->pool) * sizeof *f->work);
    bool dense = f->options->algorithm != KMU_PLAIN && kmu__assign_dense(f);
    if (!dense)
        kmu__assign_plain(f);
    f->turn.method = dense ? KMU_DENSE : KMU_PLAIN;
    f->turn.pairs = f->turn.skipped = f->turn.certified = f->turn.exact = 0;
    for (int t = 0; t < kmu__pool_threads(f->pool); t++) {
        f->turn.pairs += f->work[t].pairs;
        f->turn.skipped += f->work[t].skipped;
        f->turn.certified += f->work[t].certified;
        f->turn.exact += f->work[t].exact;
    }
}
