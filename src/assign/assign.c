/* assign.c - step (A): choose a maker of candidates, let it run, add up what it did. */
#include "assign.h"

#include "filtering.h"
#include "margins.h"
#include "../layout/coarse.h"

static kmu_algorithm by_plain(struct fit *f)
{
    memset(f->touched, 1, (f->n + KMU__ROWS_TOUCHED - 1) / KMU__ROWS_TOUCHED); /* it does not say */
    kmu__assign_plain(f);
    return KMU_PLAIN;
}

/* Makes (A) with the method that was asked for, or one that can. */
static kmu_algorithm choose(struct fit *f)
{
    const kmu_algorithm asked = f->options->algorithm;
    const bool bounds = asked != KMU_DENSE && !f->once;
    if (asked != KMU_PLAIN && kmu__are_sparse(f->points) && kmu__assign_sparse(f, bounds))
        return f->kept ? KMU_BOUNDS : KMU_DENSE;
    if (kmu__are_sparse(f->points))
        return by_plain(f);
    if ((asked == KMU_TREE || (asked == KMU_AUTO && f->place)) && (kmu__assign_line(f) || kmu__assign_tree(f))) /* false where there are many columns */
        return KMU_TREE;
    if ((asked == KMU_FILTER || (asked == KMU_AUTO && kmu__filter_pays(f))) && kmu__assign_filter(f))
        return KMU_FILTER;
    if ((asked == KMU_BOUNDS || asked == KMU_AUTO) && !f->once && kmu__assign_bounds(f))
        return KMU_BOUNDS;
    if (asked != KMU_PLAIN && kmu__assign_dense(f))
        return KMU_DENSE;
    return by_plain(f);
}

/* Bounds that have missed an (A), all but those of this method, hold no more. */
static void forget_but(struct fit *f, kmu_algorithm method)
{
    if (f->filtering && method != KMU_FILTER)
        f->filtering->turns = 0;
    if (f->margins && method != KMU_BOUNDS)
        f->margins->known = false;
}

void kmu__assign_forget(struct fit *f)
{
    forget_but(f, KMU_PLAIN);
}

void kmu__assign_renew(struct fit *f)
{
    kmu__assign_forget(f);
    kmu__tree_close(f);
    if (f->bytes)
        f->bytes->made = false;
    if (f->filtering && f->filtering->lead)
        f->filtering->lead->x.made = false;
}

void kmu__assign(struct fit *f)
{
    kmu__look_at_centroids(f);
    memset(f->work, 0, (size_t)kmu__pool_threads(f->pool) * sizeof *f->work);
    f->kept = NULL;
    f->turn.method = choose(f);
    forget_but(f, f->turn.method);
    f->turn.pairs = f->turn.skipped = f->turn.certified = f->turn.exact = 0;
    for (int t = 0; t < kmu__pool_threads(f->pool); t++) {
        f->turn.pairs += f->work[t].pairs;
        f->turn.skipped += f->work[t].skipped;
        f->turn.certified += f->work[t].certified;
        f->turn.exact += f->work[t].exact;
    }
}
