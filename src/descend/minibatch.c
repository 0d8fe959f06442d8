/* minibatch.c - the loop over batches.
 *
 * A batch is b = min(batch_size, N) draws from the N places by weight, with replacement, each of weight 1: what descend/batch.c
 * does with it costs O(b k d), whatever n is. The batches' J, smoothed, tells when to stop:
 *
 *   average := average (1 - alpha) + (J / b) alpha,     alpha = min(2 b / (N + 1), 1)                              (T12)
 *
 * Time O(n log n) once for the places, O(b k d) a step, and one (A) in the end. */
#include "minibatch.h"

#include <math.h>

#include "../assign/assign.h"
#include "../ground/clock.h"
#include "../ground/status.h"
#include "../layout/gather.h"
#include "../seed/seed.h"
#include "../seed/urn.h"
#include "../update/objective.h"
#include "../update/tally.h"
#include "open.h"

/* ---- drawn points ---------------------------------------------------------------------------------------------------------
 */

/* Rows that are drawn again and again, and the fit that is open for them. */
struct drawn {
    const struct urn *urn;
    struct points points;
    uint32_t *row;
    size_t count;
    struct opened work;
    bool open;
    struct memory memory;
};

static kmu_status drawn_make(struct drawn *t, const struct urn *urn, const struct fit *whole, size_t count, kmu_error *error)
{
    struct points unweighted = *whole->points;
    unweighted.w = NULL;
    unweighted.w_range = (struct range){.low = 0, .high = 1};
    *t = (struct drawn){.urn = urn, .count = count, .memory = kmu__memory(whole->options)};
    kmu__gather_wish(&t->points, &unweighted, count, &t->memory);
    kmu__wish(&t->memory, &t->row, count, sizeof *t->row);
    return kmu__grant(&t->memory, error);
}

static void drawn_free(struct drawn *t)
{
    if (t->open)
        kmu__close(&t->work);
    kmu__give_back(&t->memory);
}

/* Other rows take their place. */
static kmu_status drawn_fill(struct drawn *t, const struct fit *whole, uint32_t run, enum kmu__purpose purpose, uint32_t step,
                             kmu_error *error)
{
    kmu__urn_draw(t->urn, whole->options->seed, run, purpose, step, t->count, t->row);
    kmu__gather(&t->points, whole->points, t->row, t->count, whole->pool);
    if (!t->open) {
        t->open = true;
        return kmu__open(&t->work, &t->points, whole->pool, whole->options, error);
    }
    kmu__assign_renew(&t->work.fit);
    kmu__objective_prepare(&t->work.fit);
    return KMU_OK;
}

/* ---- the start ------------------------------------------------------------------------------------------------------------
 */

/* How many draws a start is made from, and judged by. */
static size_t sample_size(const kmu_options *o, size_t b, size_t places)
{
    size_t m = o->init_size ? (size_t)o->init_size : 3 * b;
    m = m < o->k ? 3 * o->k : m;
    return m < places ? m : places;
}

/* f->J := the exact J of f's points at mu. */
static void judge(struct fit *f, const double *mu)
{
    memcpy(f->mu, mu, f->k * f->d * sizeof *mu);
    f->once = true;
    kmu__assign_forget(f);
    kmu__assign(f);
    kmu__tally_begin(f);
    kmu__tally(f);
    kmu__objective_exact(f, f->mu);
}

/* whole->mu := the best of n_init starts, each seeded on a sample. The judges are room for that. */
static kmu_status best_start(struct fit *whole, struct drawn *sample, struct drawn *judges, int64_t runs, bool sampled,
                             int32_t *run, kmu_error *error)
{
    struct fit *from = sampled ? &sample->work.fit : whole;
    struct wide least;
    kmu_status status = runs > 1 ? drawn_fill(judges, whole, 0, KMU__FOR_JUDGE, 0, error) : KMU_OK;
    struct fit *f = &judges->work.fit;
    for (int32_t r = 0; r < runs && status == KMU_OK; r++) {
        if (sampled)
            status = drawn_fill(sample, whole, (uint32_t)r, KMU__FOR_SAMPLE, 0, error);
        if (status == KMU_OK)
            status = kmu__seed(from, (uint32_t)r, error);
        if (status != KMU_OK || runs == 1)
            break;
        judge(f, from->mu);
        if (r > 0 && kmu__wide_compare(f->J, &least) >= 0)
            continue;
        least = *f->J;
        *run = r;
        memcpy(f->last, from->mu, f->k * f->d * sizeof *f->mu);
    }
    if (status == KMU_OK)
        memcpy(whole->mu, runs > 1 ? f->last : from->mu, whole->k * whole->d * sizeof *whole->mu);
    return status;
}

static kmu_status start(struct fit *whole, const struct urn *urn, size_t b, int64_t runs, int32_t *run, kmu_error *error)
{
    const kmu_options *o = whole->options;
    const size_t places = urn->places->count, m = sample_size(o, b, places);
    const bool drawn = o->init != KMU_GIVEN && o->init != KMU_FIRST, sampled = drawn && m < places;
    struct drawn sample = {.open = false}, judges = {.open = false};
    kmu_status status = KMU_OK;
    *run = 0;
    if (sampled)
        status = drawn_make(&sample, urn, whole, m, error);
    if (status == KMU_OK && runs > 1)
        status = drawn_make(&judges, urn, whole, m, error);
    if (status == KMU_OK)
        status = best_start(whole, &sample, &judges, runs, sampled, run, error);
    drawn_free(&sample);
    drawn_free(&judges);
    return status;
}

/* ---- the loop ----------------------------------------------------------------------------------------------------------- */

/* The least of the batches' smoothed J, and the steps since. */
struct progress {
    double least;
    int64_t worse;
};

/* Whether the step just made is the last, and why. The first one says nothing: it is the start's. */
static bool is_last(struct progress *t, struct fit *f, struct batches *batches, size_t b, size_t places, kmu_stop *stop)
{
    const double mean = f->turn.J_assign / (double)b;
    if (batches->steps <= 2) {
        batches->average = mean;
    } else {
        double alpha = (double)b * 2.0 / ((double)places + 1);
        alpha = alpha < 1.0 ? alpha : 1.0;
        batches->average = batches->average * (1 - alpha) + mean * alpha;
    }
    if (batches->steps == 1)
        return false;
    if (f->options->tol > 0 && kmu__within_tolerance(f)) {
        *stop = KMU_TOLERANCE;
        return true;
    }
    if (batches->steps == 2 || batches->average < t->least) {
        t->worse = 0;
        t->least = batches->average;
    } else {
        t->worse++;
    }
    *stop = KMU_NO_IMPROVEMENT;
    return t->worse >= f->options->max_no_improvement;
}

/* The limit of the tolerance is that of all points. */
static void take_limit(struct fit *f, struct fit *whole)
{
    kmu__tally_begin(whole);
    kmu__tally(whole);
    kmu__tolerance_prepare(whole);
    f->bound[0] = whole->bound[0];
    f->bound[1] = whole->bound[1];
    f->limit = whole->limit;
    f->limit_known = true;
}

static kmu_status alternate(struct fit *whole, struct drawn *batch, struct batches *t, uint32_t run, size_t places,
                            kmu_stop *stop, kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context,
                            kmu_error *error)
{
    const kmu_options *o = whole->options;
    const kmu__u128 passes = (kmu__u128)(uint64_t)o->max_iter * places / batch->count;
    const int64_t most = passes < UINT32_MAX ? (int64_t)passes : UINT32_MAX;
    struct fit *f = &batch->work.fit;
    struct progress progress = {.worse = 0};
    kmu_status status = KMU_OK;
    while (status == KMU_OK) {
        const bool told = kmu__ask(whole->pool) != KMU_GO;
        *stop = !told ? KMU_MAX_ITER : kmu__late(whole->pool) ? KMU_BUDGET : KMU_INTERRUPTED;
        if (told)
            return KMU_OK;
        if (t->steps == most)
            return KMU_OK;
        status = drawn_fill(batch, whole, run, KMU__FOR_BATCH, (uint32_t)t->steps, error);
        if (status == KMU_OK && t->steps == 0) {
            memcpy(f->mu, whole->mu, f->k * f->d * sizeof *f->mu);
            if (o->tol > 0)
                take_limit(f, whole);
            kmu__show(f, (int32_t)run, 0);
        }
        if (status == KMU_OK)
            status = kmu__batch(f, t, batch->count, run, error);
        if (status == KMU_OK)
            kmu__show(f, (int32_t)run, t->steps);
        if (status == KMU_OK)
            status = record(context, &f->turn, error);
        if (status == KMU_OK && is_last(&progress, f, t, batch->count, places, stop))
            return KMU_OK;
    }
    return status;
}

/* Places and the urn that they are drawn from. */
static kmu_status open_urn(struct places *places, struct urn *urn, const struct fit *f, kmu_error *error)
{
    *urn = (struct urn){.even = false};
    kmu_status status = kmu__places_make(places, f->points, NULL, f->pool, f->options, error);
    if (status == KMU_OK)
        status = kmu__urn_open(urn, f, places, error);
    if (status == KMU_OK && kmu__told(f->pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    return status;
}

static size_t batch_size(const kmu_options *o, size_t places)
{
    return (uint64_t)o->batch_size < places ? (size_t)o->batch_size : places;
}

/* J of all points as the batches' smoothed one has it. */
static double estimate(struct fit *f, const struct batches *t)
{
    struct wide W;
    if (t->steps == 0)
        return NAN;
    memset(f->c, 0, f->n * sizeof *f->c);
    kmu__tally_begin(f);
    kmu__tally(f);
    kmu__mass_wide(f, 0, &W);
    return t->average * kmu__wide_round(&W);
}

kmu_status kmu__minibatch(struct fit *f, struct batches *t, int32_t *run, size_t *places_found, kmu_stop *stop, double *seeding,
                          kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context, kmu_error *error)
{
    struct places places;
    struct urn urn;
    struct drawn batch = {.open = false};
    kmu_status status = open_urn(&places, &urn, f, error);
    if (status == KMU_OK) {
        const size_t b = batch_size(f->options, places.count);
        const double begin = kmu__now();
        *places_found = places.count;
        status = start(f, &urn, b, kmu__runs(f->options), run, error);
        *seeding += kmu__now() - begin;
        if (status == KMU_OK)
            status = drawn_make(&batch, &urn, f, b, error);
    }
    if (status == KMU_OK)
        status = alternate(f, &batch, t, (uint32_t)*run, places.count, stop, record, context, error);
    if (status == KMU_OK && t->steps)
        memcpy(f->mu, batch.work.fit.mu, f->k * f->d * sizeof *f->mu);
    drawn_free(&batch);
    kmu__urn_close(&urn);
    kmu__places_free(&places);
    if (status != KMU_OK)
        return status;
    f->iterations = t->steps;
    if (f->options->unlabelled) {
        t->J = estimate(f, t);
    } else {
        f->once = true;
        kmu__assign_forget(f);
        kmu__assign(f);
        kmu__tally_begin(f);
        kmu__tally(f);
    }
    return kmu__told(f->pool) == KMU_ABANDON ? kmu__fail(error, KMU_EABANDONED, "abandoned") : KMU_OK;
}

kmu_status kmu__partial_fit(struct fit *f, struct batches *t, kmu_error *error)
{
    struct places places;
    struct urn urn;
    int32_t run;
    kmu_status status = open_urn(&places, &urn, f, error);
    if (status == KMU_OK && t->steps == 0)
        status = start(f, &urn, batch_size(f->options, places.count), 1, &run, error);
    const size_t size = places.count;
    kmu__urn_close(&urn);
    kmu__places_free(&places);
    return status == KMU_OK ? kmu__batch(f, t, size, 0, error) : status;
}
