/* bisecting.c - from one part to k, a split at a time.
 *
 *   while there are fewer than k parts: split the part with the largest J_i > 0 by the best of n_init fits with k = 2   (T11)
 *
 * The split part's place is taken by the two, the first centroid's first, so the order of the parts is that of the tree's
 * leaves from left to right: a label is a place in it. J_i is exact, and so is the choice; a tie goes to the first.
 *
 *   J_i = Q_i + m_i ||mu_i||^2 - 2 mu_i.S_i,     Q_i = sum_{x_j in C_i} w_j ||x_j||^2                                      (T5)
 *
 * needs Q_i besides what Lloyd's alternation knows: it is summed over the smaller of the two parts, the other has the rest.
 *
 * A part is a list of rows, ascending; the rows are gathered before they are worked on, so no copy is larger than the larger
 * half of the first split. Time of a split that of its fits; memory that copy, 9 n and 6 KB a part.
 *
 * Steinbach, Karypis and Kumar 2000, "A comparison of document clustering techniques", KDD workshop on text mining. */
#include "bisecting.h"

#include "../ground/clock.h"
#include "../ground/status.h"
#include "../layout/gather.h"
#include "../layout/typed.h"
#include "../seed/seed.h"
#include "../update/means.h"
#include "../update/objective.h"
#include "../update/spans.h"
#include "../update/tally.h"
#include "lloyd.h"
#include "open.h"

/* What is known of some rows and their centroid. */
struct part {
    size_t from, rows;   /* of bisection.at */
    int64_t count;       /* rows of positive weight */
    struct wide J, mass; /* exact */
    bool varies;         /* J > 0 */
    double score;        /* what is largest in the part that is split next, rounded */
    size_t named;        /* 2 split + side: where the tree names it */
};

/* The best run of a split: of each side J_i without Q_i, and what else becomes a part. */
struct best {
    bool any;
    struct wide J, rest[2], mass[2];
    int64_t count[2], iterations;
    kmu_stop stop;
};

struct bisection {
    const struct points *points;
    struct pool *pool;
    const kmu_options *asked;
    kmu_options options; /* of the fits with k = 2 */
    kmu_result *r;
    kmu_status (*record)(void *, const kmu_turn *, kmu_error *);
    void *context;
    double *seeding;

    struct part *part;
    uint32_t *order; /* of the parts, from left to right */
    size_t parts, splits;
    uint32_t *at, *spare;       /* n: rows, part by part */
    uint8_t *side;              /* of the part that is split, the side of each row */
    double *mu, *start;         /* 2 x d */
    struct points gathered;     /* rows of a part */
    struct memory memory, room; /* room: of gathered */
    struct best best;
};

/* ---- rows --------------------------------------------------------------------------------------------------------------- */

/* Room for so many gathered rows: what comes later is smaller. */
static kmu_status make_room(struct bisection *t, size_t rows, kmu_error *error)
{
    if (t->room.block)
        return KMU_OK;
    t->room = kmu__memory(t->asked);
    kmu__gather_wish(&t->gathered, t->points, rows, &t->room);
    return kmu__grant(&t->room, error);
}

/* The rows of a part in the order of its sides; returns how many are on the left. */
static size_t part_rows(struct bisection *t, const struct part *p)
{
    uint32_t *at = t->at + p->from;
    size_t left = 0, right = 0;
    for (size_t a = 0; a < p->rows; a++)
        if (t->side[a])
            t->spare[right++] = at[a];
        else
            at[left++] = at[a];
    memcpy(at + left, t->spare, right * sizeof *at);
    return left;
}

/* ---- a split ------------------------------------------------------------------------------------------------------------ */

/* Whether a is to be split before b, which stands before it. */
static bool comes_before(const struct bisection *t, const struct part *a, const struct part *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    return t->asked->strategy == KMU_LARGEST_CLUSTER ? kmu__wide_compare(&a->mass, &b->mass) > 0
                                                     : kmu__wide_compare(&a->J, &b->J) > 0;
}

/* The place of the part to split: where no J is above 0, the first that has mass. */
static size_t choose(const struct bisection *t)
{
    size_t best = t->parts, first = t->parts;
    for (size_t a = 0; a < t->parts; a++) {
        const struct part *p = &t->part[t->order[a]];
        first = first == t->parts && p->count ? a : first;
        if (p->varies && (best == t->parts || comes_before(t, p, &t->part[t->order[best]])))
            best = a;
    }
    return best < t->parts ? best : first;
}

static kmu_status begin(struct bisection *t, struct fit *f, const struct part *p, uint32_t run, kmu_error *error)
{
    const kmu_options *o = t->asked;
    if (o->init != KMU_GIVEN)
        return kmu__seed(f, run, error);
    if (o->start_split(t->at + p->from, p->rows, t->start, o->context) != KMU_GO)
        return kmu__fail(error, KMU_EABANDONED, "abandoned");
    return kmu__centroids_enter(f->mu, t->start, o->start_type, 2, t->points, error);
}

/* The run just made becomes the best if none has been as good. */
static void keep(struct bisection *t, struct fit *f, size_t rows, kmu_stop stop)
{
    struct best now = {.any = true, .iterations = f->iterations, .stop = stop};
    kmu__wide_zero(&now.J);
    kmu__wide_add_wide(&now.J, false, f->Q, 1, 0);
    for (size_t i = 0; i < 2; i++) {
        kmu__wide_zero(&now.rest[i]);
        if (f->sums.count[i])
            kmu__objective_cluster(f, i, f->mu + i * f->d, &now.rest[i]);
        kmu__wide_add_wide(&now.J, false, &now.rest[i], 1, 0);
        kmu__mass_wide(f, i, &now.mass[i]);
        now.count[i] = f->sums.count[i];
    }
    if (t->best.any && kmu__wide_compare(&now.J, &t->best.J) >= 0)
        return;
    t->best = now;
    memcpy(t->mu, f->mu, 2 * f->d * sizeof *t->mu);
    if (f->spans)
        kmu__spans_spell(f);
    for (size_t j = 0; j < rows; j++)
        t->side[j] = (uint8_t)f->c[f->place ? f->place[j] : j];
}

static kmu_status run_all(struct bisection *t, struct opened *work, const struct part *p, kmu_error *error)
{
    const int64_t runs = kmu__runs(&t->options), first = (int64_t)t->splits * t->options.n_init;
    kmu_stop stop;
    t->best.any = false;
    for (int64_t run = first; run < first + runs && (run == first || kmu__told(t->pool) == KMU_GO); run++) {
        const double now = kmu__now();
        kmu_status status = begin(t, &work->fit, p, (uint32_t)run, error);
        *t->seeding += kmu__now() - now;
        kmu__order_fill(&work->order, t->pool);
        if (status == KMU_OK)
            status = kmu__lloyd(&work->fit, (int32_t)run, t->record, t->context, &stop, error);
        if (status != KMU_OK)
            return status;
        keep(t, &work->fit, p->rows, stop);
    }
    return KMU_OK;
}

static void become(struct bisection *t, struct part *p, size_t side, size_t from, size_t rows)
{
    p->from = from;
    p->rows = rows;
    p->count = t->best.count[side];
    p->mass = t->best.mass[side];
    p->varies = kmu__wide_sign(&p->J) > 0;
    p->score = kmu__wide_round(t->asked->strategy == KMU_LARGEST_CLUSTER ? &p->mass : &p->J);
    p->named = 2 * t->splits + side;
}

/* J_i of both sides: Q_i is summed over the smaller one, with f for a tool, and the other has what is left of f->Q. */
static kmu_status measure(struct bisection *t, struct fit *f, const struct part *whole, size_t left, struct part *const p[2],
                          kmu_error *error)
{
    const size_t right = whole->rows - left, small = left > right, few = small ? right : left;
    struct wide Q = *f->Q;
    kmu_status status = make_room(t, t->parts + 1 == t->asked->k ? few : whole->rows - few, error);
    if (status != KMU_OK)
        return status;
    kmu__wide_zero(f->Q);
    if (few) {
        kmu__gather(&t->gathered, t->points, t->at + whole->from + (small ? left : 0), few, t->pool);
        f->original = &t->gathered;
        kmu__objective_prepare(f);
    }
    kmu__wide_add_wide(&Q, true, f->Q, 1, 0);
    p[small]->J = t->best.rest[small];
    kmu__wide_add_wide(&p[small]->J, false, f->Q, 1, 0);
    p[!small]->J = t->best.rest[!small];
    kmu__wide_add_wide(&p[!small]->J, false, &Q, 1, 0);
    return KMU_OK;
}

/* The part at a place becomes two. */
static kmu_status split(struct bisection *t, size_t place, kmu_error *error)
{
    const size_t d = t->points->d, bytes = d * kmu_type_bytes(t->points->type);
    struct part *const p[2] = {&t->part[t->order[place]], &t->part[t->parts]};
    const struct part whole = *p[0];
    struct opened work = {0};
    if (t->splits)
        kmu__gather(&t->gathered, t->points, t->at + whole.from, whole.rows, t->pool);
    kmu_status status = kmu__open_in_order(&work, t->splits ? &t->gathered : t->points, t->pool, &t->options, error);
    if (status == KMU_OK)
        status = run_all(t, &work, &whole, error);
    const size_t left = status == KMU_OK ? part_rows(t, &whole) : 0;
    if (status == KMU_OK)
        status = measure(t, &work.fit, &whole, left, p, error);
    kmu__close(&work);
    if (status != KMU_OK)
        return status;
    become(t, p[0], 0, whole.from, left);
    become(t, p[1], 1, whole.from + left, whole.rows - left);
    memmove(t->order + place + 2, t->order + place + 1, (t->parts - place - 1) * sizeof *t->order);
    t->order[place + 1] = (uint32_t)t->parts++;
    if (t->splits)
        t->r->child[whole.named] = -(int32_t)t->splits;
    kmu__centroids_leave((char *)t->r->split_mu + 2 * t->splits * bytes, t->mu, 2 * d, t->points->type);
    t->splits++;
    t->r->iterations += t->best.iterations;
    t->r->stop = t->best.stop > t->r->stop ? t->best.stop : t->r->stop;
    return KMU_OK;
}

/* ---- from all to the result -----------------------------------------------------------------------------------------------
 */

/* One part has the mean of all points. */
static kmu_status leave_whole(struct bisection *t, kmu_error *error)
{
    struct opened work = {0};
    kmu_status status = kmu__open(&work, t->points, t->pool, t->asked, error);
    if (status == KMU_OK) {
        struct fit *f = &work.fit;
        kmu__tally_begin(f);
        kmu__tally(f);
        kmu__means(f);
        kmu__objective_exact(f, f->mu);
        t->part->J = *f->J;
        t->part->count = f->sums.count[0];
        kmu__mass_wide(f, 0, &t->part->mass);
        kmu__centroids_leave(t->r->mu, f->mu, f->d, t->points->type);
        if (kmu__told(t->pool) == KMU_ABANDON)
            status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    }
    kmu__close(&work);
    return status;
}

/* The parts, from left to right, become the result's clusters. */
static void leave(struct bisection *t)
{
    kmu_result *r = t->r;
    const size_t bytes = r->d * kmu_type_bytes(r->type);
    struct wide J;
    kmu__wide_zero(&J);
    for (size_t i = 0; i < t->parts; i++) {
        const struct part *p = &t->part[t->order[i]];
        kmu__wide_add_wide(&J, false, &p->J, 1, 0);
        r->mass[i] = kmu__wide_round(&p->mass);
        r->count[i] = (int64_t)p->rows;
        r->distinct += p->count > 0;
        for (size_t a = 0; a < p->rows; a++)
            r->c[t->at[p->from + a]] = (int32_t)i;
        if (t->splits) {
            r->child[p->named] = (int32_t)i;
            memcpy((char *)r->mu + i * bytes, (const char *)r->split_mu + p->named * bytes, bytes);
        }
    }
    r->J = kmu__wide_round(&J);
    r->k = t->parts;
    r->splits = t->splits;
    r->run = 0;
}

/* Splits as long as there are too few parts and nobody says to finish. */
static kmu_status descend(struct bisection *t, kmu_error *error)
{
    kmu_status status = t->asked->k == 1 ? leave_whole(t, error) : KMU_OK;
    while (status == KMU_OK && t->parts < t->asked->k) {
        if (t->splits && kmu__told(t->pool) == KMU_FINISH) {
            t->r->stop = kmu__late(t->pool) ? KMU_BUDGET : KMU_INTERRUPTED;
            break;
        }
        status = split(t, t->splits ? choose(t) : 0, error);
        if (status == KMU_OK && kmu__told(t->pool) == KMU_ABANDON) /* work was skipped */
            status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    }
    if (status == KMU_OK)
        leave(t);
    return status;
}

kmu_status kmu__bisecting(const struct points *p, struct pool *pool, const kmu_options *o, kmu_result *r, double *seeding,
                          kmu_status (*record)(void *, const kmu_turn *, kmu_error *), void *context, kmu_error *error)
{
    struct bisection t = {.points = p,
                          .pool = pool,
                          .asked = o,
                          .options = *o,
                          .r = r,
                          .record = record,
                          .context = context,
                          .seeding = seeding,
                          .parts = 1,
                          .memory = kmu__memory(o)};
    t.options.k = 2;
    t.memory.as_it_comes = true;
    kmu__wish(&t.memory, &t.part, o->k, sizeof *t.part);
    kmu__wish(&t.memory, &t.order, o->k, sizeof *t.order);
    kmu__wish(&t.memory, &t.at, p->n, sizeof *t.at);
    kmu__wish(&t.memory, &t.spare, p->n, sizeof *t.spare);
    kmu__wish(&t.memory, &t.side, p->n, sizeof *t.side);
    kmu__wish(&t.memory, &t.mu, 2 * p->d, sizeof *t.mu);
    kmu__wish(&t.memory, &t.start, 2 * p->d, sizeof *t.start);
    kmu_status status = kmu__grant(&t.memory, error);
    if (status == KMU_OK) {
        t.part->from = 0;
        t.part->rows = p->n;
        t.order[0] = 0;
        for (size_t j = 0; j < p->n; j++)
            t.at[j] = (uint32_t)j;
        status = descend(&t, error);
    }
    kmu__give_back(&t.memory);
    kmu__give_back(&t.room);
    return status;
}
