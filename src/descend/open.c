/* open.c - all that the rooms need for a fit, in one allocation, and the order of the points where it helps (open.h). */
#include "open.h"

#include "../assign/assign.h"
#include "../assign/margins.h"
#include "../ground/status.h"
#include "../kernel/digits.h"
#include "../kernel/filter.h"
#include "../kernel/verdict.h"
#include "../layout/coarse.h"
#include "../layout/frame.h"
#include "../seed/seed.h"
#include "../update/objective.h"
#include "../update/spans.h"
#include "../update/tally.h"

kmu_status kmu__open(struct opened *s, const struct points *original, struct pool *pool, const kmu_options *o, kmu_error *error)
{
    const struct points *p = s->order.place ? &s->order.points : original;
    struct fit *f = &s->fit;
    struct sum_layout sum = {0}, mass = {0};
    size_t threads = (size_t)kmu__pool_threads(pool), k = o->k;
    struct memory layouts = kmu__memory(o), *m = &f->memory;
    const struct range one = {.low = 0, .high = 1};
    *f = (struct fit){.options = o,
                      .pool = pool,
                      .points = p,
                      .original = original,
                      .place = s->order.place,
                      .members = s->order.members,
                      .n = p->n,
                      .d = p->d,
                      .k = k,
                      .c = s->order.place ? NULL : s->labels, /* in their own order alone */
                      .once = s->once,
                      .places = s->places,
                      .memory = kmu__memory(o),
                      .kernels = kmu__kernels(o->isa),
                      .verdict = kmu__verdict(o->isa),
                      .filter = kmu__filter(o->isa),
                      .digits = kmu__digits(o->isa),
                      .row_stride = (p->d + 63) / 64 * 64,
                      .near_stride = (2 * k + 7) / 8 * 8};
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
    if (kmu__are_sparse(p))
        kmu__sparse_wish(f);
    else
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
    if (!f->once)
        kmu__objective_prepare(f);
    return KMU_OK;
}

void kmu__show(const struct fit *f, int32_t run, int64_t turn)
{
    if (f->options->on_centroids)
        f->options->on_centroids(run, turn, f->mu, f->options->context);
}

int64_t kmu__runs(const kmu_options *o)
{
    const bool one = o->init == KMU_FIRST || (o->init == KMU_GIVEN && o->method != KMU_BISECTING);
    return one ? 1 : o->n_init;
}

enum { LARGE = 64 << 20 }; /* bytes of points that are not to be there twice while they are seeded, which takes memory */

kmu_status kmu__open_in_order(struct opened *s, const struct points *p, struct pool *pool, const kmu_options *o,
                              kmu_error *error)
{
    const bool late = kmu__runs(o) == 1 && p->n * p->d > LARGE / kmu_type_bytes(p->stored),
               pays = kmu__tree_pays(p, o) || kmu__seeds_by_neighbours(p, late, o),
               helps = o->algorithm == KMU_TREE || (o->algorithm == KMU_AUTO && pays);
    if (helps && kmu__order_can(p) && kmu__order_make(&s->order, p, late, pool, o, NULL) == KMU_EABANDONED)
        return kmu__fail(error, KMU_EABANDONED, "abandoned");
    return kmu__open(s, p, pool, o, error);
}

static void close_fit(struct fit *f)
{
    kmu__filter_close(f);
    kmu__margins_close(f);
    kmu__coarse_close(f);
    kmu__tree_close(f);
    kmu__spans_close(f);
    kmu__give_back(&f->memory);
}

kmu_status kmu__open_again(struct opened *s, const struct points *p, struct pool *pool, const kmu_options *o, kmu_error *error)
{
    close_fit(&s->fit);
    return kmu__open(s, p, pool, o, error);
}

void kmu__close(struct opened *s)
{
    close_fit(&s->fit);
    kmu__order_free(&s->order);
}
