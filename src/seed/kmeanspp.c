/* kmeanspp.c - greedy k-means++.
 *
 *   P_p = W_p min_i ||x_p - mu_i||^2       the potential of place p; the first centroid is drawn by W_p
 *
 * Each next centroid: 2 + floor(ln k) places are drawn with probability proportional to P; the one that leaves the least
 * sum of potentials is taken (the first on a tie). Potentials are rounded once to 24 bits from exact numbers and added as
 * integers, so the draw depends on neither the order of the rows nor the threads.
 *
 * Arthur and Vassilvitskii 2007, "k-means++: the advantages of careful seeding", doi:10.5555/1283383.1283494; greedy as in
 * its section on experiments. Time O(n k d log k), memory 8 n. */
#include <math.h>

#include "../exact/distance.h"
#include "../ground/random.h"
#include "../ground/status.h"
#include "draw.h"
#include "weight.h"

enum { TRIALS = 64 }; /* above 2 + ln of any k */

struct step {
    struct seeding *s;
    struct lottery *lottery;
    bool exact; /* f64 distances between points are exact */
    size_t trials;
    const double *candidate; /* trials x d */
    kmu__u128 *sum;          /* threads x TRIALS: potentials left by each candidate */
    double *row;             /* threads x stride */
    size_t stride, places;   /* of a chunk */
};

/* The potential of the place in a slot once mu is a centroid. */
static int64_t potential(const struct step *t, size_t slot, const double *x, const double *mu)
{
    int64_t P = t->lottery->P[slot];
    return P == KMU__NOTHING ? P : kmu__least_potential(t->s, slot, x, mu, P, t->exact);
}

static size_t end_of(const struct step *t, size_t chunk)
{
    size_t end = (chunk + 1) * t->places, count = t->s->places->count;
    return end < count ? end : count;
}

static void try_chunk(void *context, size_t chunk, int thread)
{
    struct step *t = context;
    kmu__u128 *sum = t->sum + (size_t)thread * TRIALS;
    for (size_t slot = chunk * t->places; slot < end_of(t, chunk); slot++) {
        const double *x = kmu__row(t->s->points, t->s->places->row[slot], t->row + (size_t)thread * t->stride);
        for (size_t a = 0; a < t->trials; a++)
            sum[a] += kmu__units(potential(t, slot, x, t->candidate + a * t->s->points->d), t->lottery->most);
    }
}

static void take_chunk(void *context, size_t chunk, int thread)
{
    struct step *t = context;
    for (size_t slot = chunk * t->places; slot < end_of(t, chunk); slot++) {
        const double *x = kmu__row(t->s->points, t->s->places->row[slot], t->row + (size_t)thread * t->stride);
        t->lottery->P[slot] = potential(t, slot, x, t->candidate);
    }
}

static void over_places(struct step *t, size_t trials, void (*work)(void *, size_t, int))
{
    double cost = (double)trials * (5 + 0.7 * (double)t->s->points->d);
    t->places = kmu__rows_per_chunk(t->s->places->count, cost);
    kmu__parallel(t->s->pool, (t->s->places->count + t->places - 1) / t->places, cost * (double)t->s->places->count, work, t);
}

/* The candidate that leaves the least sum. */
static size_t best_candidate(struct step *t)
{
    size_t threads = (size_t)kmu__pool_threads(t->s->pool), best = 0;
    memset(t->sum, 0, threads * TRIALS * sizeof *t->sum);
    over_places(t, t->trials, try_chunk);
    for (size_t i = 1; i < threads; i++)
        for (size_t a = 0; a < t->trials; a++)
            t->sum[a] += t->sum[i * TRIALS + a];
    for (size_t a = 1; a < t->trials; a++)
        best = t->sum[a] < t->sum[best] ? a : best;
    return best;
}

/* Centroid i, given the potentials left by those before it. */
static void next_centroid(struct step *t, size_t i, double *candidate)
{
    struct seeding *s = t->s;
    size_t d = s->points->d, drawn[TRIALS];
    struct seeding into = *s;
    into.mu = candidate;
    for (size_t a = 0; a < t->trials; a++) {
        uint64_t R = kmu__word(s->options->seed, s->run, KMU__FOR_KMEANSPP, (uint32_t)i, (uint32_t)a);
        drawn[a] = s->places->slot[kmu__lottery_draw(t->lottery, R)];
        kmu__seed_take(&into, a, drawn[a]);
    }
    size_t best = t->trials > 1 ? best_candidate(t) : 0;
    kmu__seed_take(s, i, drawn[best]);
    memcpy(candidate, s->mu + i * d, d * sizeof *candidate);
    over_places(t, 1, take_chunk);
    kmu__lottery_add_up(t->lottery);
}

kmu_status kmu__seed_kmeanspp(struct seeding *s, kmu_error *error)
{
    size_t d = s->points->d, threads = (size_t)kmu__pool_threads(s->pool);
    struct lottery lottery;
    double *candidate;
    struct memory memory = kmu__memory(s->options);
    struct step t = {
        .s = s, .lottery = &lottery, .stride = (d + 7) / 8 * 8, .exact = kmu__distances_are_exact(s->points->all, d)};
    kmu__wish(&memory, &candidate, TRIALS * d, sizeof *candidate);
    kmu__wish(&memory, &t.sum, threads * TRIALS, sizeof *t.sum);
    kmu__wish(&memory, &t.row, threads * t.stride, sizeof *t.row);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    status = kmu__lottery_open(&lottery, s->places, s->pool, s->options, error);
    if (status != KMU_OK) {
        kmu__give_back(&memory);
        return status;
    }
    t.candidate = candidate;
    for (size_t slot = 0; slot < s->places->count; slot++)
        lottery.P[slot] = kmu__weight_potential(s, slot);
    kmu__lottery_add_up(&lottery);
    kmu__seed_take(s, 0,
                   s->places->slot[kmu__lottery_draw(&lottery, kmu__word(s->options->seed, s->run, KMU__FOR_KMEANSPP, 0, 0))]);
    memcpy(candidate, s->mu, d * sizeof *candidate);
    for (size_t slot = 0; slot < s->places->count; slot++)
        lottery.P[slot] = INT64_MAX; /* no centroid yet: any cost is less */
    over_places(&t, 1, take_chunk);
    kmu__lottery_add_up(&lottery);
    t.trials = 2 + (size_t)log((double)s->k);
    for (size_t i = 1; i < s->k && kmu__told(s->pool) != KMU_ABANDON; i++) {
        if (lottery.sum > 0)
            next_centroid(&t, i, candidate);
        else
            memcpy(s->mu + i * d, s->mu, d * sizeof *s->mu); /* fewer places than k */
    }
    kmu__lottery_close(&lottery);
    kmu__give_back(&memory);
    return KMU_OK;
}
