/* select.c - which k: the fits of a range of k, one after the other, and what is said of them (kmu_select).
 *
 *   stability  = mean of ARI(run r - 1, run r), r = 1 .. n_init - 1                                                     (T13)
 *   gap        = mean_b ln J_b - ln J,      s = sqrt(1 + 1/B) sqrt(mean_b (ln J_b - its mean)^2)
 *
 * where J_b is that of the fit of reference set b, n points drawn uniformly from the box of the data. Runs that follow each
 * other are two independent draws, so their mean agreement has the expectation of that of any two, and only one more labelling
 * is held. The points are checked, put in order and sorted into places once; with each k the fit is opened anew, in that order
 * and with these threads.
 *
 * Tibshirani, Walther and Hastie 2001, "Estimating the number of clusters in a data set via the gap statistic",
 * doi:10.1111/1467-9868.00293. */
#include <math.h>

#include "descend/lloyd.h"
#include "ground/random.h"
#include "ground/status.h"
#include "judge/judge.h"
#include "layout/places.h"
#include "seed/seed.h"
#include "session.h"
#include "update/objective.h"
#include "update/spans.h"
#include "update/tally.h"

/* What is kept from run to run of one k. */
struct kept {
    int32_t *c, *last; /* n: of the best run, and of the last */
    double *mu;        /* k x d of the best run */
    struct wide J;     /* of the best run, exact */
    double agreement;  /* sum of ARI so far */
    struct memory memory;
};

/* The fits of some points for every k: from the largest down, for it decides whether an order pays. */
struct sweep {
    struct session session;
    kmu_options options; /* with the k that it is at */
    int64_t runs;
    struct kept kept;
    struct places places; /* the same for every start */
};

static kmu_status check(const struct sweep *s, const kmu_options *o, size_t most, size_t references, const kmu_indices *indices,
                        kmu_error *error)
{
    const struct points *p = &s->session.points;
    if (!indices || indices->size < sizeof *indices)
        return kmu__fail(error, KMU_EUSAGE, "indices[0].size is not sizeof(kmu_indices)");
    if (o->method != KMU_LLOYD)
        return kmu__fail(error, KMU_EUSAGE, "k is selected by method lloyd, not by %s", kmu_method_name(o->method));
    if (o->init == KMU_GIVEN)
        return kmu__fail(error, KMU_EUSAGE, "centroids to start from are of one k; k is selected by starts that are drawn");
    if (most < o->k)
        return kmu__fail(error, KMU_EUSAGE, "k from %zu to %zu: the range is reversed", o->k, most);
    if (most > p->n)
        return kmu__fail(error, KMU_EDATA, "k = %zu clusters for n = %zu points", most, p->n);
    if (references && kmu__are_sparse(p))
        return kmu__fail(error, KMU_EUSAGE, "the gap's reference sets are dense; there are none for CSR rows");
    return KMU_OK;
}

static kmu_status keep_turn(void *context, const kmu_turn *turn, kmu_error *error)
{
    const kmu_options *o = context;
    (void)error;
    if (o->on_turn)
        o->on_turn(turn, o->context);
    return KMU_OK;
}

static kmu_status not_finished(const struct sweep *s, kmu_error *error)
{
    return kmu__told(s->session.pool) == KMU_GO ? KMU_OK : kmu__fail(error, KMU_EABANDONED, "abandoned");
}

/* One run; f->c are its labels and f->mu its centroids. */
static kmu_status run_once(struct sweep *s, int32_t run, kmu_error *error)
{
    struct fit *f = &s->session.work.fit;
    kmu_stop stop;
    kmu_status status = kmu__seed(f, (uint32_t)run, error);
    kmu__order_fill(&s->session.work.order, s->session.pool);
    if (status == KMU_OK)
        status = kmu__lloyd(f, run, keep_turn, &s->options, &stop, error);
    if (status == KMU_OK)
        status = not_finished(s, error);
    return status;
}

/* Holds a run against the last one, and keeps it if its exact J is less than that of the runs before. */
static kmu_status compare(struct sweep *s, int32_t run, kmu_error *error)
{
    struct fit *f = &s->session.work.fit;
    struct kept *t = &s->kept;
    double agreement = 0;
    if (f->spans)
        kmu__spans_spell(f);
    kmu_status status = run ? kmu__agreement(f, t->last, f->c, &agreement, error) : KMU_OK;
    t->agreement = run ? t->agreement + agreement : 0;
    memcpy(t->last, f->c, f->n * sizeof *f->c);
    kmu__objective_exact(f, f->mu);
    if (run == 0 || kmu__wide_compare(f->J, &t->J) < 0) {
        t->J = *f->J;
        memcpy(t->c, f->c, f->n * sizeof *f->c);
        memcpy(t->mu, f->mu, f->k * f->d * sizeof *f->mu);
    }
    return status;
}

/* f's labels, centroids and sums := those of the run kept. */
static void take_best(struct sweep *s)
{
    struct fit *f = &s->session.work.fit;
    kmu__spans_close(f);
    memcpy(f->c, s->kept.c, f->n * sizeof *f->c);
    memcpy(f->mu, s->kept.mu, f->k * f->d * sizeof *f->mu);
    kmu__tally_begin(f);
    kmu__tally(f);
}

/* *v := what is said of the best of all runs with this k. */
static kmu_status judge(struct sweep *s, kmu_indices *v, kmu_error *error)
{
    kmu_status status = KMU_OK;
    for (int32_t run = 0; run < s->runs && status == KMU_OK; run++) {
        status = run_once(s, run, error);
        if (status == KMU_OK)
            status = compare(s, run, error);
    }
    if (status != KMU_OK)
        return status;
    take_best(s);
    status = kmu__indices(&s->session.work.fit, v, error);
    if (s->runs > 1)
        v->stability = s->kept.agreement / (double)(s->runs - 1);
    return status;
}

/* v->J alone: the least of all runs. */
static kmu_status measure(struct sweep *s, kmu_indices *v, kmu_error *error)
{
    kmu_status status = KMU_OK;
    v->J = INFINITY;
    for (int32_t run = 0; run < s->runs && status == KMU_OK; run++) {
        status = run_once(s, run, error);
        if (status == KMU_OK)
            v->J = fmin(v->J, kmu__objective(&s->session.work.fit, s->session.work.fit.mu));
    }
    return status;
}

/* indices[k - least] by `say` for every k, the session being open. */
static kmu_status each_k(struct sweep *s, const kmu_options *o, size_t most, kmu_indices *indices,
                         kmu_status (*say)(struct sweep *, kmu_indices *, kmu_error *), kmu_error *error)
{
    const struct points *p = &s->session.points;
    struct kept *t = &s->kept;
    *t = (struct kept){.memory = kmu__memory(o)};
    kmu__wish(&t->memory, &t->c, p->n, sizeof *t->c);
    kmu__wish(&t->memory, &t->last, p->n, sizeof *t->last);
    kmu__wish(&t->memory, &t->mu, most * p->d, sizeof *t->mu);
    kmu_status status = kmu__grant(&t->memory, error);
    s->places = (struct places){0};
    s->session.work.places = &s->places;
    s->options = *o;
    s->runs = kmu__runs(o);
    for (size_t k = most; status == KMU_OK && k >= o->k; k--) {
        s->options.k = k;
        status = (k == most ? kmu__open_in_order : kmu__open_again)(&s->session.work, p, s->session.pool, &s->options, error);
        if (status == KMU_OK)
            status = say(s, &indices[k - o->k], error);
    }
    kmu__places_free(&s->places);
    kmu__give_back(&t->memory);
    return status;
}

/* ---- the gap ------------------------------------------------------------------------------------------------------------ */

/* The box of the points that have weight: its least and greatest corners, d numbers each. */
static void find_box(const struct points *p, double *row, double *least, double *greatest)
{
    for (size_t l = 0; l < p->d; l++)
        least[l] = INFINITY, greatest[l] = -INFINITY;
    for (size_t j = 0; j < p->n; j++) {
        const double *x = kmu__row(p, j, row);
        for (size_t l = 0; l < p->d && kmu__weight(p, j) > 0; l++) {
            least[l] = x[l] < least[l] ? x[l] : least[l];
            greatest[l] = x[l] > greatest[l] ? x[l] : greatest[l];
        }
    }
}

/* x := n points of the box, each number by a word of its own. */
static void draw_reference(void *x, kmu_type type, size_t n, size_t d, const double *least, const double *greatest,
                           uint64_t seed, uint32_t b)
{
    for (size_t j = 0; j < n; j++)
        for (size_t l = 0; l < d; l++) {
            const double u = ldexp((double)(kmu__word(seed, b, KMU__FOR_REFERENCE, (uint32_t)l, (uint32_t)j) >> 11), -53),
                         here = least[l] * (1 - u) + greatest[l] * u;
            if (type == KMU_F32)
                ((float *)x)[j * d + l] = (float)here;
            else
                ((double *)x)[j * d + l] = here;
        }
}

/* gap and gap_error of every k, from `references` sets; Welford's mean and sum of squares (1962). */
static kmu_status find_gaps(struct session *data, const double *w, const kmu_options *o, size_t most, size_t references,
                            kmu_indices *indices, kmu_error *error)
{
    const struct points *p = &data->points;
    struct memory memory = kmu__memory(o);
    const size_t count = most - o->k + 1;
    double *row, *least, *greatest;
    void *x;
    kmu_indices *found;
    kmu__wish(&memory, &row, p->d, sizeof *row);
    kmu__wish(&memory, &least, p->d, sizeof *least);
    kmu__wish(&memory, &greatest, p->d, sizeof *greatest);
    kmu__wish(&memory, &found, count, sizeof *found);
    kmu__wish(&memory, &x, p->n * p->d, kmu_type_bytes(p->type));
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    find_box(p, row, least, greatest);
    for (size_t a = 0; a < count; a++)
        indices[a].gap = indices[a].gap_error = 0;
    const kmu_points reference = {.size = sizeof reference, .type = p->type, .n = p->n, .d = p->d, .x = x, .w = w};
    for (size_t b = 0; b < references && status == KMU_OK; b++) {
        struct sweep s;
        draw_reference(x, p->type, p->n, p->d, least, greatest, o->seed, (uint32_t)b);
        status = kmu__session_open(&s.session, &reference, o, error);
        if (status == KMU_OK)
            status = each_k(&s, o, most, found, measure, error);
        if (status == KMU_OK && kmu__ask(data->pool) != KMU_GO) /* whose clock saw all sets */
            status = kmu__fail(error, KMU_EABANDONED, "abandoned");
        kmu__session_close(&s.session);
        for (size_t a = 0; a < count && status == KMU_OK; a++) {
            const double ln = log(found[a].J), off = ln - indices[a].gap;
            indices[a].gap += off / (double)(b + 1);
            indices[a].gap_error += off * (ln - indices[a].gap);
        }
    }
    for (size_t a = 0; a < count && status == KMU_OK; a++) {
        const double B = (double)references;
        indices[a].gap = indices[a].J > 0 ? indices[a].gap - log(indices[a].J) : NAN;
        indices[a].gap_error = indices[a].J > 0 ? sqrt(1 + 1 / B) * sqrt(indices[a].gap_error / B) : NAN;
    }
    kmu__give_back(&memory);
    return status;
}

kmu_status kmu_select(const kmu_points *p, const kmu_options *o, size_t most, size_t references, kmu_indices *indices,
                      kmu_error *error)
{
    struct sweep s;
    kmu_status status = kmu__session_open(&s.session, p, o, error);
    if (status == KMU_OK)
        status = check(&s, o, most, references, indices, error);
    if (status == KMU_OK)
        status = each_k(&s, o, most, indices, judge, error);
    kmu__close(&s.session.work);
    s.session.work = (struct opened){.once = false};
    if (status == KMU_OK && references)
        status = find_gaps(&s.session, p->w, o, most, references, indices, error);
    kmu__session_close(&s.session);
    return status;
}
