/* kmu.c - the public door: check, open, call a room, close.
 *
 *   points -> seed -> mu -> [ (A) assign -> c -> (B) update -> mu, J ] -> result
 *
 * A call sets the floating-point state it needs, and restores what it found, errno too. */
#include "kmu.h"

#include <errno.h>

#include "assign/assign.h"
#include "assign/margins.h"
#include "descend/lloyd.h"
#include "few.h"
#include "fit.h"
#include "ground/clock.h"
#include "ground/status.h"
#include "judge/judge.h"
#include "kernel/digits.h"
#include "kernel/filter.h"
#include "kernel/kernel.h"
#include "layout/coarse.h"
#include "layout/frame.h"
#include "layout/order.h"
#include "options.h"
#include "points.h"
#include "result.h"
#include "seed/seed.h"
#include "update/fill.h"
#include "update/means.h"
#include "update/objective.h"
#include "update/spans.h"
#include "update/tally.h"

/* What every call opens, and closes in the end whatever happened. */
struct session {
    struct kmu__float_state found;
    int found_errno;
    struct pool *pool;
    struct points points;
    struct order order; /* of the points, where a fit works on one */
    int32_t *labels;    /* the caller's room for them, where he has one and a fit does not need its own */
    bool once;          /* one (A) is all that is asked */
    struct fit fit;
};

static void close_session(struct session *s)
{
    kmu__filter_close(&s->fit);
    kmu__margins_close(&s->fit);
    kmu__coarse_close(&s->fit);
    kmu__tree_close(&s->fit);
    kmu__spans_close(&s->fit);
    kmu__order_free(&s->order);
    kmu__give_back(&s->fit.memory);
    kmu__points_leave(&s->points);
    kmu__pool_close(s->pool);
    kmu__float_leave(&s->found);
    errno = s->found_errno;
}

/* About the nanoseconds of the largest job: all pairs in binary32, or a pass of seeding. */
static double largest_job(const kmu_points *p, const kmu_options *o)
{
    return p ? (double)p->n * ((double)o->k * (0.3 + 0.03 * (double)p->d) + 2 * (double)p->d + 20) : 0;
}

static kmu_status open_session(struct session *s, const kmu_points *p, const kmu_options *o, kmu_error *error)
{
    *s = (struct session){.found_errno = errno};
    kmu__float_enter(&s->found);
    kmu_status status = kmu__options_check(o, error);
    if (status == KMU_OK)
        status = kmu__pool_open(&s->pool, o, largest_job(p, o), error);
    if (status == KMU_OK)
        status = kmu__points_enter(&s->points, p, s->pool, o, error);
    return status;
}

/* A start needs k points. */
static kmu_status check_k(const struct session *s, const kmu_options *o, kmu_error *error)
{
    if (o->k > s->points.n)
        return kmu__fail(error, KMU_EDATA, "k = %zu clusters for n = %zu points", o->k, s->points.n);
    return KMU_OK;
}

/* Grants s->fit what its rooms need, for the points as they came, or in the order that has been made. */
static kmu_status open_fit(struct session *s, const kmu_options *o, kmu_error *error)
{
    const struct points *p = s->order.place ? &s->order.points : &s->points;
    struct fit *f = &s->fit;
    struct sum_layout sum = {0}, mass = {0};
    size_t threads = (size_t)kmu__pool_threads(s->pool), k = o->k;
    struct memory layouts = kmu__memory(o), *m = &f->memory;
    const struct range one = {.low = 0, .high = 1};
    *f = (struct fit){.options = o,
                      .pool = s->pool,
                      .points = p,
                      .original = &s->points,
                      .place = s->order.place,
                      .members = s->order.members,
                      .n = p->n,
                      .d = p->d,
                      .k = k,
                      .c = s->labels,
                      .once = s->once,
                      .memory = kmu__memory(o),
                      .kernels = kmu__kernels(o->isa),
                      .filter = kmu__filter(o->isa),
                      .digits = kmu__digits(o->isa),
                      .row_stride = (p->d + 63) / 64 * 64,
                      .near_stride = (k + (k + 1) / 2 + 7) / 8 * 8};
    /* how many words a sum takes is known only when it is laid out, so that is tried first */
    kmu__sum_wish(&sum, p->d, &layouts);
    kmu__sum_wish(&mass, 1, &layouts);
    kmu_status status = kmu__grant(&layouts, error);
    if (status != KMU_OK)
        return status;
    kmu__sum_fix(&sum, p->range, p->w_range, p->n);
    kmu__sum_fix(&mass, &one, p->w_range, p->n);
    kmu__sum_wish(&f->sum, p->d, m);
    kmu__sum_wish(&f->mass, 1, m);
    kmu__wish(m, &f->mu, k * p->d, sizeof *f->mu);
    kmu__wish(m, &f->last, k * p->d, sizeof *f->last);
    kmu__wish(m, &f->moves, k, sizeof *f->moves);
    if (!f->c)
        kmu__wish(m, &f->c, p->n, sizeof *f->c);
    kmu__wish(m, &f->was, p->n, sizeof *f->was);
    kmu__wish(m, &f->touched, p->n / KMU__ROWS_TOUCHED + 1, sizeof *f->touched);
    kmu__wish(m, &f->sums.S, k * sum.words, sizeof *f->sums.S);
    kmu__wish(m, &f->sums.M, k * mass.words, sizeof *f->sums.M);
    kmu__wish(m, &f->sums.count, k, sizeof *f->sums.count);
    kmu__wish(m, &f->Q, 1, sizeof *f->Q);
    kmu__wish(m, &f->J, 1, sizeof *f->J);
    kmu__wish(m, &f->bound, 2, sizeof *f->bound);
    kmu__wish(m, &f->partial, threads, sizeof *f->partial);
    kmu__wish(m, &f->twofold, threads, sizeof *f->twofold);
    kmu__wish(m, &f->work, threads, sizeof *f->work);
    kmu__wish(m, &f->row, threads * f->row_stride, sizeof *f->row);
    kmu__wish(m, &f->near, threads * f->near_stride, sizeof *f->near);
    kmu__wish(m, &f->distinct, k, sizeof *f->distinct);
    kmu__wish(m, &f->order, 2 * k, sizeof *f->order);
    kmu__dense_wish(f);
    const size_t copies = kmu__tally_copies(f, k * (sum.words + mass.words + 1));
    int64_t *own[3];
    if (copies) {
        kmu__wish(m, &f->own, copies, sizeof *f->own);
        kmu__wish(m, &own[0], copies * k, sum.words * sizeof *own[0]);
        kmu__wish(m, &own[1], copies * k, mass.words * sizeof *own[1]);
        kmu__wish(m, &own[2], copies * k, sizeof *own[2]);
    } else {
        kmu__wish(m, &f->moved, KMU__MOVES, sizeof *f->moved);
        kmu__wish(m, &f->event, 2 * KMU__MOVES, sizeof *f->event);
        kmu__wish(m, &f->begin, k + 2, sizeof *f->begin);
    }
    kmu__give_back(&layouts);
    status = kmu__grant(m, error);
    if (status != KMU_OK)
        return status;
    for (size_t t = 0; t < copies; t++)
        f->own[t] = (struct sums){own[0] + t * k * sum.words, own[1] + t * k * mass.words, own[2] + t * k};
    kmu__sum_fix(&f->sum, p->range, p->w_range, p->n);
    kmu__sum_fix(&f->mass, &one, p->w_range, p->n);
    kmu__frame_choose(f);
    return KMU_OK;
}

/* f->mu := the start of a run: given, or seeded. */
static kmu_status start(struct session *s, const kmu_options *o, uint32_t run, kmu_error *error)
{
    if (o->init == KMU_GIVEN)
        return kmu__centroids_enter(s->fit.mu, o->start, o->start_type, o->k, &s->points, error);
    return kmu__seed(&s->fit, run, error);
}

/* From a given start they would all be the same. */
static int64_t count_runs(const kmu_options *o)
{
    return o->init == KMU_GIVEN || o->init == KMU_FIRST ? 1 : o->n_init;
}

enum { LARGE = 64 << 20 }; /* bytes of points that are not to be there twice while they are seeded, which takes memory */

/* The points in an order, where that helps; if memory is short it is done without. One run of large ones leaves the copy for
 * after its seeding. */
static kmu_status make_order(struct session *s, const kmu_options *o, kmu_error *error)
{
    const struct points *p = &s->points;
    const bool late = count_runs(o) == 1 && p->n * p->d > LARGE / kmu_type_bytes(p->stored),
               pays = kmu__tree_pays(p, o) || kmu__seeds_by_neighbours(p, late, o),
               helps = o->algorithm == KMU_TREE || (o->algorithm == KMU_AUTO && pays);
    if (helps && kmu__order_can(p) && kmu__order_make(&s->order, p, late, s->pool, o, NULL) == KMU_EABANDONED)
        return kmu__fail(error, KMU_EABANDONED, "abandoned");
    return KMU_OK;
}

static kmu_status run_all(struct session *s, const kmu_options *o, struct outcome *outcome, double *seeding, kmu_error *error)
{
    struct fit *f = &s->fit;
    const int64_t runs = count_runs(o);
    kmu_stop stop;
    for (int32_t run = 0; run < runs && (run == 0 || kmu__told(s->pool) == KMU_GO); run++) {
        double begin = kmu__now();
        kmu_status status = start(s, o, (uint32_t)run, error);
        *seeding += kmu__now() - begin;
        kmu__order_fill(&s->order, s->pool);
        if (status == KMU_OK)
            status = kmu__lloyd(f, run, kmu__outcome_turn, outcome, &stop, error);
        if (status != KMU_OK)
            return status;
        const bool kept = kmu__outcome_keep(outcome, f, run, stop);
        if (runs == 1)
            kmu__order_empty(&s->order); /* before labels need memory */
        if (kept && f->spans)
            kmu__spans_spell(f);
        if (kept)
            kmu__outcome_labels(outcome, f);
    }
    return KMU_OK;
}

kmu_status kmu_fit(const kmu_points *p, const kmu_options *o, kmu_result **result, kmu_error *error)
{
    struct session s;
    struct outcome *outcome = NULL;
    double begin = kmu__now(), seeding = 0;
    kmu_status status = open_session(&s, p, o, error);
    if (status == KMU_OK)
        status = check_k(&s, o, error);
    if (status == KMU_OK)
        status = kmu__outcome_open(&outcome, &s.points, o, error);
    if (status == KMU_OK)
        status = make_order(&s, o, error);
    if (status == KMU_OK)
        status = open_fit(&s, o, error);
    if (status == KMU_OK)
        kmu__objective_prepare(&s.fit);
    if (status == KMU_OK)
        status = run_all(&s, o, outcome, &seeding, error);
    if (status == KMU_OK) {
        *result = kmu__outcome_result(outcome);
        (*result)->threads = kmu__pool_threads(s.pool);
        (*result)->isa = s.fit.kernels->isa;
        outcome = NULL;
    }
    kmu__outcome_close(outcome);
    close_session(&s);
    if (status == KMU_OK) {
        (*result)->seconds_seed = seeding;
        (*result)->seconds_fit = kmu__now() - begin - seeding;
    }
    return status;
}

kmu_status kmu_seed(const kmu_points *p, const kmu_options *o, void *mu, kmu_error *error)
{
    struct session s;
    kmu_status status = open_session(&s, p, o, error);
    if (status == KMU_OK)
        status = check_k(&s, o, error);
    if (status == KMU_OK)
        status = open_fit(&s, o, error);
    if (status == KMU_OK)
        status = start(&s, o, 0, error);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    if (status == KMU_OK)
        kmu__centroids_leave(mu, s.fit.mu, s.fit.k * s.fit.d, s.points.type);
    close_session(&s);
    return status;
}

/* Opens all that (A) needs at given centroids, and makes (A), into c unless that is NULL. */
static kmu_status assign_given(struct session *s, const kmu_points *p, const kmu_options *o, const void *mu, int32_t *c,
                               kmu_error *error)
{
    kmu_status status = open_session(s, p, o, error);
    s->labels = c;
    s->once = true;
    if (status == KMU_OK)
        status = open_fit(s, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s->fit.mu, mu, s->points.type, o->k, &s->points, error);
    if (status == KMU_OK) {
        kmu__assign(&s->fit);
        if (kmu__told(s->pool) == KMU_ABANDON)
            status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    }
    return status;
}

kmu_status kmu_assign(const kmu_points *p, const kmu_options *o, const void *mu, int32_t *c, double *J, kmu_error *error)
{
    struct session s;
    if (c && !J && kmu__are_few(p, o))
        return kmu__assign_few(p, o, mu, c, error);
    kmu_status status = assign_given(&s, p, o, mu, c, error);
    if (status == KMU_OK && J) {
        kmu__objective_prepare(&s.fit);
        kmu__tally_begin(&s.fit);
        kmu__tally(&s.fit);
        *J = kmu__objective(&s.fit, s.fit.mu);
    }
    close_session(&s);
    return status;
}

/* Copies labels in, each checked to be a cluster. */
static kmu_status take_labels(struct fit *f, const int32_t *c, kmu_error *error)
{
    for (size_t j = 0; j < f->n; j++) {
        if (c[j] < 0 || (size_t)c[j] >= f->k)
            return kmu__fail(error, KMU_EDATA, "label %zu is %ld; labels are 0 .. %zu", j, (long)c[j], f->k - 1);
        f->c[j] = c[j];
    }
    return KMU_OK;
}

kmu_status kmu_update(const kmu_points *p, const kmu_options *o, int32_t *c, void *mu, kmu_error *error)
{
    struct session s;
    kmu_status status = open_session(&s, p, o, error);
    if (status == KMU_OK)
        status = open_fit(&s, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s.fit.mu, mu, s.points.type, o->k, &s.points, error);
    if (status == KMU_OK)
        status = take_labels(&s.fit, c, error);
    if (status == KMU_OK) {
        kmu__tally_begin(&s.fit);
        kmu__tally(&s.fit);
        status = kmu__fill(&s.fit, error);
    }
    if (status == KMU_OK) {
        kmu__means(&s.fit);
        memcpy(c, s.fit.c, s.fit.n * sizeof *c);
        kmu__centroids_leave(mu, s.fit.mu, s.fit.k * s.fit.d, s.points.type);
    }
    close_session(&s);
    return status;
}

kmu_status kmu_verify(const kmu_points *p, const kmu_options *o, const void *mu, const int32_t *c, kmu_verdict *verdict,
                      kmu_error *error)
{
    struct session s;
    kmu_status status = assign_given(&s, p, o, mu, NULL, error);
    if (status == KMU_OK)
        memcpy(s.fit.was, s.fit.c, s.fit.n * sizeof *c); /* the true labels */
    if (status == KMU_OK)
        status = take_labels(&s.fit, c, error);
    if (status == KMU_OK) {
        kmu__objective_prepare(&s.fit);
        kmu__verify(&s.fit, verdict);
    }
    close_session(&s);
    return status;
}

kmu_status kmu_nearest(const kmu_points *p, const kmu_options *o, const void *mu, size_t m, int32_t *index, void *distance,
                       kmu_error *error)
{
    struct session s;
    kmu_status status = open_session(&s, p, o, error);
    if (status == KMU_OK && (m < 1 || m > o->k))
        status = kmu__fail(error, KMU_EUSAGE, "the %zu nearest of k = %zu centroids cannot be had", m, o->k);
    if (status == KMU_OK)
        status = open_fit(&s, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s.fit.mu, mu, s.points.type, o->k, &s.points, error);
    if (status == KMU_OK)
        kmu__nearest(&s.fit, m, index, distance);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    close_session(&s);
    return status;
}

kmu_status kmu_describe(const kmu_points *p, const kmu_options *o, const void *mu, const int32_t *c, double *J_cluster,
                        double *radius, kmu_error *error)
{
    struct session s;
    kmu_status status = open_session(&s, p, o, error);
    if (status == KMU_OK)
        status = open_fit(&s, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s.fit.mu, mu, s.points.type, o->k, &s.points, error);
    if (status == KMU_OK)
        status = take_labels(&s.fit, c, error);
    if (status == KMU_OK)
        kmu__describe(&s.fit, J_cluster, radius);
    close_session(&s);
    return status;
}

const char *kmu_version(void)
{
    return KMU_VERSION;
}
