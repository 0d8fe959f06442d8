/* kmu.c - the public door: check, open, call a room, close.
 *
 *   points -> seed -> mu -> [ (A) assign -> c -> (B) update -> mu, J ] -> result */
#include "kmu.h"

#include "assign/assign.h"
#include "descend/bisecting.h"
#include "descend/lloyd.h"
#include "descend/minibatch.h"
#include "few.h"
#include "ground/clock.h"
#include "ground/status.h"
#include "judge/judge.h"
#include "kernel/kernel.h"
#include "layout/typed.h"
#include "result.h"
#include "session.h"
#include "seed/seed.h"
#include "update/fill.h"
#include "update/means.h"
#include "update/objective.h"
#include "update/spans.h"
#include "update/tally.h"

/* What a method asks for besides. */
static kmu_status check_method(const struct session *s, const kmu_options *o, kmu_error *error)
{
    if (o->unlabelled && o->method != KMU_MINIBATCH)
        return kmu__fail(error, KMU_EUSAGE, "unlabelled is for mini-batch; method %s ends with labels",
                         kmu_method_name(o->method));
    if (o->method != KMU_BISECTING)
        return KMU_OK;
    if (o->init == KMU_GIVEN && !o->start_split)
        return kmu__fail(error, KMU_EUSAGE, "bisecting starts every split anew, so it takes no centroids to start from");
    if ((uint64_t)(o->k - 1) > (uint64_t)(INT32_MAX / o->n_init))
        return kmu__fail(error, KMU_EUSAGE, "n_init = %lld runs of each of %zu splits are more than 2^31 - 1",
                         (long long)o->n_init, o->k - 1);
    if (s->points.n >= UINT32_MAX)
        return kmu__fail(error, KMU_EDATA, "bisecting takes less than 2^32 - 1 points, and there are %zu", s->points.n);
    return KMU_OK;
}

/* The best of n_init runs of Lloyd's alternation. */
static kmu_status lloyd(struct session *s, const kmu_options *o, struct outcome *outcome, double *seeding, kmu_error *error)
{
    struct fit *f = &s->work.fit;
    const int64_t runs = kmu__runs(o);
    kmu_stop stop;
    s->work.labels = runs == 1 ? kmu__outcome_result(outcome)->c : NULL; /* of several, those of the best are kept aside */
    kmu_status opened = kmu__open_in_order(&s->work, &s->points, s->pool, o, error);
    if (opened != KMU_OK)
        return opened;
    for (int32_t run = 0; run < runs && (run == 0 || kmu__told(s->pool) == KMU_GO); run++) {
        double begin = kmu__now();
        kmu_status status = kmu__seed(f, (uint32_t)run, error);
        *seeding += kmu__now() - begin;
        kmu__order_fill(&s->work.order, s->pool);
        if (status == KMU_OK)
            status = kmu__lloyd(f, run, kmu__outcome_turn, outcome, &stop, error);
        if (status != KMU_OK)
            return status;
        const bool kept = kmu__outcome_keep(outcome, f, run, stop);
        if (runs == 1)
            kmu__order_empty(&s->work.order); /* before labels need memory */
        if (kept && f->spans)
            kmu__spans_spell(f);
        if (kept)
            kmu__outcome_labels(outcome, f);
    }
    return KMU_OK;
}

static kmu_status bisecting(struct session *s, const kmu_options *o, struct outcome *outcome, double *seeding, kmu_error *error)
{
    return kmu__bisecting(&s->points, s->pool, o, kmu__outcome_result(outcome), seeding, kmu__outcome_turn, outcome, error);
}

static kmu_status minibatch(struct session *s, const kmu_options *o, struct outcome *outcome, double *seeding, kmu_error *error)
{
    struct fit *f = &s->work.fit;
    kmu_result *r = kmu__outcome_result(outcome);
    struct batches batches = {.v = NULL};
    struct memory memory = kmu__memory(o);
    kmu_stop stop = KMU_MAX_ITER;
    int32_t run;
    kmu__wish(&memory, &batches.v, o->k * KMU_MASS_PARTS, sizeof *batches.v);
    kmu_status status = kmu__grant(&memory, error);
    if (status == KMU_OK)
        status = kmu__open(&s->work, &s->points, s->pool, o, error);
    if (status == KMU_OK)
        status = kmu__minibatch(f, &batches, &run, &r->places, &stop, seeding, kmu__outcome_turn, outcome, error);
    if (status == KMU_OK && o->unlabelled) {
        kmu__outcome_centroids(outcome, f, run, stop);
        r->J = batches.J;
    } else if (status == KMU_OK) {
        kmu__outcome_keep(outcome, f, run, stop);
        kmu__outcome_labels(outcome, f);
    }
    if (status == KMU_OK) {
        r->since = batches.since;
        for (size_t i = 0; i < o->k; i++)
            r->v[i] = batches.v[i * KMU_MASS_PARTS]; /* a count */
    }
    kmu__give_back(&memory);
    return status;
}

kmu_status kmu_fit(const kmu_points *p, const kmu_options *o, kmu_result **result, kmu_error *error)
{
    static kmu_status (*const descend[])(struct session *, const kmu_options *, struct outcome *, double *, kmu_error *) = {
        [KMU_LLOYD] = lloyd,
        [KMU_BISECTING] = bisecting,
        [KMU_MINIBATCH] = minibatch,
    };
    struct session s;
    struct outcome *outcome = NULL;
    double begin = kmu__now(), seeding = 0;
    kmu_status status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK)
        status = kmu__session_starts(&s, o, error);
    if (status == KMU_OK)
        status = check_method(&s, o, error);
    if (status == KMU_OK)
        status = kmu__outcome_open(&outcome, &s.points, o, error);
    if (status == KMU_OK)
        status = descend[o->method](&s, o, outcome, &seeding, error);
    if (status == KMU_OK) {
        *result = kmu__outcome_result(outcome);
        (*result)->threads = kmu__pool_threads(s.pool);
        (*result)->isa = kmu__kernels(o->isa)->isa;
        outcome = NULL;
    }
    kmu__outcome_close(outcome);
    kmu__session_close(&s);
    if (status == KMU_OK) {
        (*result)->seconds_seed = seeding;
        (*result)->seconds_fit = kmu__now() - begin - seeding;
    }
    return status;
}

kmu_status kmu_seed(const kmu_points *p, const kmu_options *o, void *mu, kmu_error *error)
{
    struct session s;
    kmu_status status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK)
        status = kmu__session_starts(&s, o, error);
    if (status == KMU_OK)
        status = kmu__open(&s.work, &s.points, s.pool, o, error);
    if (status == KMU_OK)
        status = kmu__seed(&s.work.fit, 0, error);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    if (status == KMU_OK)
        kmu__centroids_leave(mu, s.work.fit.mu, s.work.fit.k * s.work.fit.d, s.points.type);
    kmu__session_close(&s);
    return status;
}

/* Opens all that a fit of the points needs, at given centroids. */
static kmu_status open_at(struct session *s, const kmu_points *p, const kmu_options *o, const void *mu, kmu_error *error)
{
    kmu_status status = kmu__session_open(s, p, o, error);
    if (status == KMU_OK)
        status = kmu__open(&s->work, &s->points, s->pool, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s->work.fit.mu, mu, s->points.type, o->k, &s->points, error);
    return status;
}

/* Opens all that (A) needs at given centroids, and makes (A), into c unless that is NULL. */
static kmu_status assign_given(struct session *s, const kmu_points *p, const kmu_options *o, const void *mu, int32_t *c,
                               kmu_error *error)
{
    kmu_status status = kmu__session_open(s, p, o, error);
    s->work.labels = c;
    s->work.once = true;
    if (status == KMU_OK)
        status = kmu__open(&s->work, &s->points, s->pool, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s->work.fit.mu, mu, s->points.type, o->k, &s->points, error);
    if (status == KMU_OK) {
        kmu__assign(&s->work.fit);
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
        kmu__objective_prepare(&s.work.fit);
        kmu__tally_begin(&s.work.fit);
        kmu__tally(&s.work.fit);
        *J = kmu__objective(&s.work.fit, s.work.fit.mu);
    }
    kmu__session_close(&s);
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
    kmu_status status = open_at(&s, p, o, mu, error);
    if (status == KMU_OK)
        status = take_labels(&s.work.fit, c, error);
    if (status == KMU_OK) {
        kmu__tally_begin(&s.work.fit);
        kmu__tally(&s.work.fit);
        status = kmu__fill(&s.work.fit, error);
    }
    if (status == KMU_OK) {
        kmu__means(&s.work.fit);
        memcpy(c, s.work.fit.c, s.work.fit.n * sizeof *c);
        kmu__centroids_leave(mu, s.work.fit.mu, s.work.fit.k * s.work.fit.d, s.points.type);
    }
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_verify(const kmu_points *p, const kmu_options *o, const void *mu, const int32_t *c, kmu_verdict *verdict,
                      kmu_error *error)
{
    struct session s;
    kmu_status status = assign_given(&s, p, o, mu, NULL, error);
    if (status == KMU_OK)
        memcpy(s.work.fit.was, s.work.fit.c, s.work.fit.n * sizeof *c); /* the true labels */
    if (status == KMU_OK)
        status = take_labels(&s.work.fit, c, error);
    if (status == KMU_OK) {
        kmu__objective_prepare(&s.work.fit);
        kmu__verify(&s.work.fit, verdict);
    }
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_nearest(const kmu_points *p, const kmu_options *o, const void *mu, size_t m, int32_t *index, void *distance,
                       kmu_error *error)
{
    struct session s;
    kmu_status status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK && (m < 1 || m > o->k))
        status = kmu__fail(error, KMU_EUSAGE, "the %zu nearest of k = %zu centroids cannot be had", m, o->k);
    if (status == KMU_OK)
        status = kmu__open(&s.work, &s.points, s.pool, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s.work.fit.mu, mu, s.points.type, o->k, &s.points, error);
    if (status == KMU_OK)
        status = kmu__nearest(&s.work.fit, m, index, distance, error);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    kmu__session_close(&s);
    return status;
}

/* Every child is a label, or a split that comes later: whoever walks arrives. */
static kmu_status check_tree(size_t splits, const int32_t *child, kmu_error *error)
{
    if (splits < 1 || splits >= INT32_MAX / 2)
        return kmu__fail(error, KMU_EUSAGE, "a tree of %zu splits cannot be walked", splits);
    for (size_t a = 0; a < 2 * splits; a++) {
        const int64_t to = child[a];
        if (to > (int64_t)splits || (to < 0 && (-to <= (int64_t)(a / 2) || -to >= (int64_t)splits)))
            return kmu__fail(error, KMU_EDATA, "child %zu of split %zu is %d, neither a label nor a later split", a % 2, a / 2,
                             (int)to);
    }
    return KMU_OK;
}

kmu_status kmu_walk(const kmu_points *p, const kmu_options *o, size_t splits, const int32_t *child, const void *split_mu,
                    int32_t *c, void *distance, kmu_error *error)
{
    struct session s;
    kmu_options all;
    kmu_status status = check_tree(splits, child, error);
    if (status != KMU_OK)
        return status;
    if (o && o->size >= sizeof all) {
        all = *o;
        all.k = 2 * splits;
        o = &all;
    }
    status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK)
        status = kmu__open(&s.work, &s.points, s.pool, o, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(s.work.fit.mu, split_mu, s.points.type, o->k, &s.points, error);
    if (status == KMU_OK)
        kmu__walk(&s.work.fit, child, c, distance);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_distances(const kmu_points *p, const kmu_options *o, const void *mu, void *distance, kmu_error *error)
{
    struct session s;
    kmu_status status = open_at(&s, p, o, mu, error);
    if (status == KMU_OK)
        status = kmu__distances(&s.work.fit, distance, error);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_describe(const kmu_points *p, const kmu_options *o, const void *mu, const int32_t *c, double *J_cluster,
                        double *radius, kmu_error *error)
{
    struct session s;
    kmu_status status = open_at(&s, p, o, mu, error);
    if (status == KMU_OK)
        status = take_labels(&s.work.fit, c, error);
    if (status == KMU_OK)
        kmu__describe(&s.work.fit, J_cluster, radius);
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_silhouette(const kmu_points *p, const kmu_options *o, const void *mu, const int32_t *c, double *cluster,
                          double *mean, kmu_error *error)
{
    struct session s;
    kmu_status status = open_at(&s, p, o, mu, error);
    if (status == KMU_OK)
        status = take_labels(&s.work.fit, c, error);
    if (status == KMU_OK)
        status = kmu__silhouettes(&s.work.fit, cluster, mean, error);
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_silhouette_sampled(const kmu_points *p, const kmu_options *o, const int32_t *c, size_t sample, double *mean,
                                  double *standard_error, kmu_error *error)
{
    struct session s;
    kmu_status status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK && sample < 2)
        status = kmu__fail(error, KMU_EUSAGE, "a sample of %zu points has no error; at least 2 are needed", sample);
    if (status == KMU_OK)
        status = kmu__open(&s.work, &s.points, s.pool, o, error);
    if (status == KMU_OK)
        status = take_labels(&s.work.fit, c, error);
    if (status == KMU_OK)
        status = kmu__sampled_silhouette(&s.work.fit, sample, mean, standard_error, error);
    kmu__session_close(&s);
    return status;
}

kmu_status kmu_judge(const kmu_points *p, const kmu_options *o, const int32_t *c, kmu_indices *v, kmu_error *error)
{
    struct session s;
    kmu_status status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK && (!v || v->size < sizeof *v))
        status = kmu__fail(error, KMU_EUSAGE, "indices.size is not sizeof(kmu_indices)");
    if (status == KMU_OK)
        status = kmu__open(&s.work, &s.points, s.pool, o, error);
    if (status == KMU_OK)
        status = take_labels(&s.work.fit, c, error);
    if (status == KMU_OK) {
        kmu__tally_begin(&s.work.fit);
        kmu__tally(&s.work.fit);
        kmu__means(&s.work.fit);
        status = kmu__indices(&s.work.fit, v, error);
    }
    kmu__session_close(&s);
    return status;
}

const char *kmu_version(void)
{
    return KMU_VERSION;
}
