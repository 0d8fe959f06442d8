/* lloyd.c - the loop.
 *
 *   (A)  c_j  = argmin_i ||x_j - mu_i||^2                      J does not rise: every point takes its least term   (T2)
 *   (B)  mu_i = (1 / m_i) sum_{x_j in C_i} w_j x_j             J does not rise: the mean is the best centroid      (T3)
 *
 * J falls over and over through finitely many partitions, so the loop ends (T6): when (B) gives no centroid another value,
 * the labels are nearest to mu and mu are the means of the labels, both exactly. Every other stop makes one more (A), so
 * that c and J belong to the mu returned; a wish to stop that comes during (A) makes that (A) the last.
 *
 * Lloyd 1982, "Least squares quantization in PCM", doi:10.1109/TIT.1982.1056489. */
#include "lloyd.h"

#include "../assign/assign.h"
#include "../ground/clock.h"
#include "../ground/status.h"
#include "../update/fill.h"
#include "../update/means.h"
#include "../update/objective.h"
#include "../update/tally.h"
#include "open.h"

/* Why the loop shall end with the (A) just made, if it shall. */
static bool told_to_stop(const struct fit *f, bool tolerated, kmu_stop *stop)
{
    if (tolerated)
        *stop = KMU_TOLERANCE;
    else if (kmu__told(f->pool) == KMU_FINISH)
        *stop = kmu__late(f->pool) ? KMU_BUDGET : KMU_INTERRUPTED;
    else if (f->iterations == f->options->max_iter)
        *stop = KMU_MAX_ITER;
    else
        return false;
    return true;
}

/* The alternation itself. */
static kmu_status alternate(struct fit *f, int32_t run, kmu_status (*record)(void *, const kmu_turn *, kmu_error *),
                            void *context, kmu_stop *stop, kmu_error *error)
{
    kmu_status status = KMU_OK;
    bool tolerated = false;
    for (*stop = KMU_FIXPOINT;;) {
        double begin = kmu__now();
        kmu__assign(f); /* (A): c */
        kmu__tally(f);  /* S_i, m_i, moved */
        f->turn.J_assign = kmu__objective(f, f->mu);
        if (kmu__told(f->pool) == KMU_ABANDON)
            return kmu__fail(error, KMU_EABANDONED, "abandoned");
        if (told_to_stop(f, tolerated, stop))
            return KMU_OK;
        status = kmu__fill(f, error); /* empty clusters take a place */
        if (status != KMU_OK)
            return status;
        kmu__means(f); /* (B): mu, changed, shift */
        f->turn.J_update = kmu__objective(f, f->mu);
        kmu__tally_settle(f);
        f->turn.run = run;
        f->turn.turn = ++f->iterations;
        f->turn.seconds = kmu__now() - begin;
        kmu__show(f, run, f->iterations);
        status = record(context, &f->turn, error);
        if (status != KMU_OK || f->changed == 0)
            return status;
        tolerated = kmu__within_tolerance(f);
    }
}

kmu_status kmu__lloyd(struct fit *f, int32_t run, kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context,
                      kmu_stop *stop, kmu_error *error)
{
    f->iterations = 0;
    kmu__tally_begin(f);
    kmu__assign_forget(f);
    kmu__show(f, run, 0);
    return alternate(f, run, record, context, stop, error);
}
