/* kmeans_parallel.c - k-means||.
 *
 *   P_p = W_p min_c ||x_p - c||^2, over the candidates c;   taken in a round:  floor(R_p sum u / 2^64) < l u_p,  l = 2 k (T9)
 *
 * The first candidate is drawn by W. In a round each place p is taken, or not, by a random word R_p of its own, with
 * probability min(1, l u_p / sum u): u are the units of the potentials at the beginning of the round (draw.h). The word belongs
 * to the rank of the place in lexicographic order, so it depends on neither the order of the rows nor the threads. There are
 * ROUNDS of them, and more while there are fewer than k candidates; none when all potentials are 0. A place belongs to the
 * candidate that leaves it the least potential, the one taken first on a tie; k-means++ then draws mu from the candidates, each
 * of the weight of the places that belong to it, exactly.
 *
 * Bahmani, Moseley, Vattani, Kumar, Vassilvitskii 2012, "Scalable k-means++", doi:10.14778/2180912.2180915, where 5 rounds and
 * l = 2 k do as well as k-means++. Time O(n k d) for the rounds at the rate of the kernels, candidates KMU__TRIALS at a time,
 * and that of k-means++ for some 10 k places. Memory 28 n bytes, and what herds or falls keep. */
#include <stdlib.h>

#include "../ground/random.h"
#include "draw.h"
#include "falls.h"
#include "herds.h"
#include "weight.h"

enum { ROUNDS = 5, OVERSAMPLING = 2 };

struct rounds {
    struct seeding *s;
    struct lottery *lottery;
    struct herds *herds; /* or NULL, and then: */
    struct falls *falls;
    double *candidate; /* KMU__TRIALS x d */
    uint32_t *taken;   /* ranks of the candidates, in the order in which they were taken; room for all places */
    uint32_t *owner;   /* of a slot: the candidate that it belongs to */
    uint32_t *drawn;   /* by blocks of ranks: what a round takes */
    uint32_t *found;   /* of a block: how many that are */
    size_t count, shown;
    uint32_t round;
};

/* ---- the candidates --------------------------------------------------------------------------------------------------- */

static void lower(void *context, size_t slot, size_t candidate, int64_t P, int thread)
{
    struct rounds *t = context;
    (void)thread;
    t->lottery->P[slot] = P;
    t->owner[slot] = (uint32_t)(t->shown + candidate);
    kmu__falls_settle(t->falls, slot);
}

/* Potentials, owners and the lottery know the candidates from `shown` on: a few at first, so that many pairs are out soon. */
static void show_candidates(struct rounds *t)
{
    struct seeding into = *t->s;
    into.mu = t->candidate;
    while (t->shown < t->count) {
        const size_t left = t->count - t->shown, most = t->shown < KMU__TRIALS ? t->shown + 1 : KMU__TRIALS,
                     size = left < most ? left : most;
        for (size_t a = 0; a < size; a++)
            kmu__seed_take(&into, a, t->s->places->slot[t->taken[t->shown + a]]);
        if (!t->herds)
            kmu__falls_show(t->falls, t->candidate, size, lower, t);
        else if (t->shown == 0)
            kmu__herds_first(t->herds, t->candidate);
        else
            kmu__herds_lower(t->herds, t->candidate, size, (uint32_t)t->shown, t->owner);
        t->shown += size;
    }
    kmu__lottery_add_up(t->lottery);
}

/* Who of a block of ranks is taken in this round. */
static void draw_block(void *context, size_t block, int thread)
{
    struct rounds *t = context;
    const struct lottery *lottery = t->lottery;
    const struct seeding *s = t->s;
    const size_t from = block * KMU__BLOCK, end = s->places->count - from < KMU__BLOCK ? s->places->count : from + KMU__BLOCK;
    const kmu__u128 l = (kmu__u128)OVERSAMPLING * s->k;
    uint32_t found = 0;
    (void)thread;
    for (size_t r = from; r < end; r++) {
        const uint64_t u = kmu__units(lottery->P[s->places->slot[r]], lottery->most);
        if (u > 0 && kmu__lottery_at(
                         lottery, kmu__word(s->options->seed, s->run, KMU__FOR_KMEANS_PARALLEL, t->round, (uint32_t)r)) < l * u)
            t->drawn[from + found++] = (uint32_t)r;
    }
    t->found[block] = found;
}

static void take_round(struct rounds *t)
{
    t->round++;
    kmu__parallel(t->s->pool, t->lottery->blocks, 20.0 * (double)t->s->places->count, draw_block, t);
    if (kmu__told(t->s->pool) == KMU_ABANDON)
        return; /* blocks were skipped */
    for (size_t b = 0; b < t->lottery->blocks; b++) {
        memcpy(t->taken + t->count, t->drawn + b * KMU__BLOCK, t->found[b] * sizeof *t->taken);
        t->count += t->found[b];
    }
    show_candidates(t);
}

static void take_candidates(struct rounds *t)
{
    struct seeding *s = t->s;
    struct lottery *lottery = t->lottery;
    kmu__weight_potentials(s, lottery->P);
    kmu__lottery_add_up(lottery);
    const uint64_t R = kmu__word(s->options->seed, s->run, KMU__FOR_KMEANS_PARALLEL, 0, 0);
    t->taken[t->count++] = (uint32_t)kmu__lottery_draw(lottery, R);
    if (!t->herds)
        kmu__falls_begin(t->falls);
    show_candidates(t);
    while (kmu__told(s->pool) != KMU_ABANDON && lottery->sum > 0 && (t->round < ROUNDS || t->count < s->k))
        take_round(t);
}

static kmu_status choose_candidates(struct rounds *t, kmu_error *error)
{
    struct seeding *s = t->s;
    struct lottery lottery = {.sum = 0};
    struct falls falls;
    struct herds herds;
    struct memory memory = kmu__memory(s->options), drawn = memory;
    t->lottery = &lottery;
    t->falls = &falls;
    t->herds = kmu__herds_can(s->points) ? &herds : NULL;
    kmu__wish(&memory, &t->candidate, KMU__TRIALS * s->points->d, sizeof *t->candidate);
    if (t->herds)
        kmu__herds_wish(&herds, s, &lottery, &memory);
    else
        kmu__falls_wish(&falls, s, &lottery, &memory);
    kmu_status status = kmu__grant(&memory, error);
    if (status == KMU_OK)
        status = kmu__lottery_open(&lottery, s->places, s->pool, s->options, error);
    drawn.as_it_comes = true;
    kmu__wish(&drawn, &t->drawn, lottery.blocks, KMU__BLOCK * sizeof *t->drawn);
    kmu__wish(&drawn, &t->found, lottery.blocks, sizeof *t->found);
    if (status == KMU_OK)
        status = kmu__grant(&drawn, error);
    if (status == KMU_OK)
        take_candidates(t);
    kmu__give_back(&drawn);
    kmu__lottery_close(&lottery);
    kmu__give_back(&memory);
    return status;
}

/* ---- mu among them ---------------------------------------------------------------------------------------------------- */

static int by_number(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Candidates in the order of their ranks are the slots of q, and owners follow. */
static void sort_candidates(const struct rounds *t, struct places *q, uint64_t *by_rank)
{
    const struct places *all = t->s->places;
    uint32_t *home = q->slot;
    for (size_t i = 0; i < q->count; i++)
        by_rank[i] = (uint64_t)t->taken[i] << 32 | i;
    qsort(by_rank, q->count, sizeof *by_rank, by_number);
    for (size_t i = 0; i < q->count; i++) {
        q->row[i] = (uint32_t)kmu__place_row(all, all->slot[by_rank[i] >> 32]);
        home[(uint32_t)by_rank[i]] = (uint32_t)i;
    }
    for (size_t s = 0; s < all->count; s++)
        t->owner[s] = home[t->owner[s]];
    for (size_t i = 0; i < q->count; i++)
        q->slot[i] = (uint32_t)i;
}

/* The rows of every candidate are those of the places that belong to it. */
static void gather_rows(const struct rounds *t, struct places *q)
{
    const struct places *all = t->s->places;
    for (size_t s = 0; s < all->count; s++)
        q->members[t->owner[s]] += kmu__place_members(all, s);
    if (!q->W)
        return;
    for (size_t i = 1; i < q->count; i++)
        q->begin[i] = q->begin[i - 1] + q->members[i - 1];
    for (size_t s = 0; s < all->count; s++) {
        uint32_t *to = &q->begin[t->owner[s]];
        for (size_t i = 0; i < kmu__place_members(all, s); i++)
            q->order[(*to)++] = all->members ? all->order[all->begin[s] + i] : (uint32_t)kmu__place_row(all, s);
    }
    for (size_t i = 0; i < q->count; i++) {
        q->begin[i] -= q->members[i];
        kmu__place_weigh(q, i, t->s->points->w);
        kmu__ask(t->s->pool);
    }
}

/* mu := what k-means++ draws of the candidates. */
static kmu_status draw_centroids(struct rounds *t, kmu_error *error)
{
    struct seeding among = *t->s;
    struct places q = {.count = t->count, .W_exact = true, .memory = kmu__memory(t->s->options)};
    uint64_t *by_rank;
    kmu__wish(&q.memory, &q.row, q.count, sizeof *q.row);
    kmu__wish(&q.memory, &q.members, q.count, sizeof *q.members);
    kmu__wish(&q.memory, &q.slot, q.count, sizeof *q.slot);
    kmu__wish(&q.memory, &by_rank, q.count, sizeof *by_rank);
    if (t->s->points->w) {
        kmu__wish(&q.memory, &q.W, q.count, sizeof *q.W);
        kmu__wish(&q.memory, &q.begin, q.count, sizeof *q.begin);
        kmu__wish(&q.memory, &q.order, t->s->points->n, sizeof *q.order);
    }
    kmu_status status = kmu__grant(&q.memory, error);
    if (status == KMU_OK) {
        sort_candidates(t, &q, by_rank);
        gather_rows(t, &q);
        among.places = &q;
        status = kmu__seed_kmeanspp(&among, error);
    }
    kmu__places_free(&q);
    return status;
}

kmu_status kmu__seed_kmeans_parallel(struct seeding *s, kmu_error *error)
{
    struct rounds t = {.s = s};
    struct memory memory = kmu__memory(s->options);
    kmu__wish(&memory, &t.taken, s->places->count, sizeof *t.taken);
    kmu__wish(&memory, &t.owner, s->places->count, sizeof *t.owner);
    kmu_status status = kmu__grant(&memory, error);
    if (status == KMU_OK)
        status = choose_candidates(&t, error);
    if (status == KMU_OK && kmu__told(s->pool) != KMU_ABANDON)
        status = draw_centroids(&t, error);
    kmu__give_back(&memory);
    return status;
}
