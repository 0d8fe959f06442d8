/* kmeanspp.c - greedy k-means++.
 *
 *   P_p = W_p min_i ||x_p - mu_i||^2       the potential of place p; the first centroid is drawn by W_p             (T9)
 *
 * Each next centroid: 2 + floor(ln k) places are drawn with probability proportional to P; the one that leaves the least
 * sum of potentials is taken (the first on a tie). Potentials are rounded once to 24 bits from exact numbers and added as
 * integers, so the draw depends on neither the order of the rows nor the threads.
 *
 * A candidate c changes few potentials: W ||x - c||^2 < P is needed. Up to KMU__HERD_COLUMNS columns herds of places find them
 * (seed/herds.c). Beyond, a kernel names the pairs for which that can be (seed/falls.c), and only they are computed; the rest
 * of the sum stays as it is. What a candidate lowers is noted, so that the one that is taken need not be shown to all places
 * again.
 *
 * Arthur and Vassilvitskii 2007, "k-means++: the advantages of careful seeding", doi:10.5555/1283383.1283494; greedy as in
 * its section on experiments. Time O(n k d log k) at the rate of the kernels, memory 12 n, and what herds or falls keep. */
#include <math.h>

#include "../ground/random.h"
#include "draw.h"
#include "falls.h"
#include "herds.h"
#include "weight.h"

/* A fall that a thread has found. */
struct note {
    uint32_t slot, candidate;
    int64_t P;
};

enum { NOTES = 1 << 18 }; /* of a thread; beyond them a second look is needed */

struct step {
    struct seeding *s;
    struct lottery *lottery;
    struct herds *herds; /* or NULL, and then: */
    struct falls *falls;
    double *candidate; /* KMU__TRIALS x d */
    size_t trials, best;
    kmu__u128 *gain;   /* threads x KMU__TRIALS: units by which each candidate lowers the sum */
    struct note *note; /* threads x NOTES */
    size_t *notes;     /* threads: how many were found, kept or not */
    bool first;        /* no centroid yet: potentials are not known */
};

static void count_gain(void *context, size_t slot, size_t candidate, int64_t P, int thread)
{
    struct step *t = context;
    const size_t at = t->notes[thread]++;
    if (at < NOTES)
        t->note[(size_t)thread * NOTES + at] = (struct note){(uint32_t)slot, (uint32_t)candidate, P};
    t->gain[(size_t)thread * KMU__TRIALS + candidate] +=
        kmu__units(t->lottery->P[slot], t->lottery->most) - kmu__units(P, t->lottery->most);
}

static void lower(void *context, size_t slot, size_t candidate, int64_t P, int thread)
{
    struct step *t = context;
    (void)candidate;
    (void)thread;
    t->lottery->P[slot] = P;
    kmu__falls_settle(t->falls, slot);
}

/* The candidate that leaves the least sum: it lowers it most. */
static size_t best_candidate(struct step *t)
{
    size_t threads = (size_t)kmu__pool_threads(t->s->pool), best = 0;
    memset(t->gain, 0, threads * KMU__TRIALS * sizeof *t->gain);
    if (t->herds) {
        kmu__herds_try(t->herds, t->candidate, t->trials, t->gain);
    } else {
        memset(t->notes, 0, threads * sizeof *t->notes);
        kmu__falls_show(t->falls, t->candidate, t->trials, count_gain, t);
    }
    for (size_t i = 1; i < threads; i++)
        for (size_t a = 0; a < t->trials; a++)
            t->gain[a] += t->gain[i * KMU__TRIALS + a];
    for (size_t a = 1; a < t->trials; a++)
        best = t->gain[a] > t->gain[best] ? a : best;
    return best;
}

/* What a thread noted of candidate t->best becomes true; a herd whose places stand together is settled once. */
static void take_notes(void *context, size_t part, int thread)
{
    struct step *t = context;
    const struct note *note = t->note + part * NOTES;
    size_t herd = SIZE_MAX;
    for (size_t a = 0; a <= t->notes[part]; a++) {
        if (a < t->notes[part] && note[a].candidate != t->best)
            continue;
        const size_t here = a < t->notes[part] ? note[a].slot / KMU__HERD : SIZE_MAX;
        if (herd != SIZE_MAX && here != herd)
            kmu__lottery_herd(t->lottery, herd);
        herd = here;
        if (a == t->notes[part])
            return;
        const uint64_t lost =
            kmu__units(t->lottery->P[note[a].slot], t->lottery->most) - kmu__units(note[a].P, t->lottery->most);
        kmu__lottery_fall(t->lottery, note[a].slot, note[a].P, lost, thread);
        kmu__falls_settle(t->falls, note[a].slot);
    }
}

/* Potentials fall to what a centroid leaves: by what was noted of candidate t->best, if all was, or by looking again. */
static void let_fall(struct step *t, const double *mu)
{
    const size_t threads = (size_t)kmu__pool_threads(t->s->pool);
    bool noted = !t->first;
    for (size_t a = 0; a < threads; a++)
        noted &= t->notes[a] <= NOTES;
    if (noted) {
        kmu__parallel(t->s->pool, threads, 1e6, take_notes, t);
        kmu__lottery_follow(t->lottery);
    } else {
        kmu__falls_show(t->falls, mu, 1, lower, t);
        kmu__lottery_add_up(t->lottery);
    }
}

/* mu_i := the place in a slot, which is that of candidate t->best, and the potentials follow. */
static void take(struct step *t, size_t i, size_t slot)
{
    const double *mu = t->s->mu + i * t->s->points->d;
    kmu__seed_take(t->s, i, slot);
    if (!t->herds) {
        let_fall(t, mu);
    } else if (t->first) {
        kmu__herds_first(t->herds, mu);
        kmu__lottery_add_up(t->lottery);
    } else {
        kmu__herds_take(t->herds, t->best);
        kmu__lottery_follow(t->lottery);
    }
    t->first = false;
}

/* Centroid i, given the potentials left by those before it. */
static void next_centroid(struct step *t, size_t i)
{
    struct seeding into = *t->s;
    size_t drawn[KMU__TRIALS];
    into.mu = t->candidate;
    for (size_t a = 0; a < t->trials; a++) {
        uint64_t R = kmu__word(t->s->options->seed, t->s->run, KMU__FOR_KMEANSPP, (uint32_t)i, (uint32_t)a);
        drawn[a] = t->s->places->slot[kmu__lottery_draw(t->lottery, R)];
        kmu__seed_take(&into, a, drawn[a]);
    }
    t->best = best_candidate(t);
    take(t, i, drawn[t->best]);
}

/* All of mu, once there is room to work in. */
static void seed(struct step *t)
{
    struct seeding *s = t->s;
    struct lottery *lottery = t->lottery;
    size_t d = s->points->d;
    kmu__weight_potentials(s, lottery->P);
    kmu__lottery_add_up(lottery);
    size_t first = s->places->slot[kmu__lottery_draw(lottery, kmu__word(s->options->seed, s->run, KMU__FOR_KMEANSPP, 0, 0))];
    t->first = true;
    if (!t->herds)
        kmu__falls_begin(t->falls);
    take(t, 0, first);
    for (size_t i = 1; i < s->k && kmu__told(s->pool) != KMU_ABANDON; i++)
        if (lottery->sum > 0)
            next_centroid(t, i);
        else
            memcpy(s->mu + i * d, s->mu, d * sizeof *s->mu); /* fewer places than k */
}

kmu_status kmu__seed_kmeanspp(struct seeding *s, kmu_error *error)
{
    size_t d = s->points->d, threads = (size_t)kmu__pool_threads(s->pool);
    struct lottery lottery = {.sum = 0};
    struct falls falls;
    struct herds herds;
    struct memory memory = kmu__memory(s->options), notes = memory;
    struct step t = {.s = s,
                     .lottery = &lottery,
                     .herds = kmu__herds_can(s->points) ? &herds : NULL,
                     .falls = &falls,
                     .trials = 2 + (size_t)log((double)s->k)};
    kmu__wish(&memory, &t.candidate, KMU__TRIALS * d, sizeof *t.candidate);
    kmu__wish(&memory, &t.gain, threads * KMU__TRIALS, sizeof *t.gain);
    notes.as_it_comes = true;
    if (t.herds) {
        kmu__herds_wish(&herds, s, &lottery, &memory);
    } else {
        kmu__wish(&memory, &t.notes, threads, sizeof *t.notes);
        kmu__falls_wish(&falls, s, &lottery, &memory);
        kmu__wish(&notes, &t.note, threads, NOTES * sizeof *t.note);
    }
    kmu_status status = kmu__grant(&memory, error);
    if (status == KMU_OK)
        status = kmu__grant(&notes, error);
    if (status == KMU_OK)
        status = kmu__lottery_open(&lottery, s->places, s->pool, s->options, error);
    if (status == KMU_OK)
        seed(&t);
    kmu__lottery_close(&lottery);
    kmu__give_back(&notes);
    kmu__give_back(&memory);
    return status;
}
