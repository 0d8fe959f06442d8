/* random.c - k places drawn by weight, without replacement; the first again when places run out.
 *
 * Time O(n + k) draws; a place drawn leaves its block's sum, and all is added up anew only when the largest is gone. */
#include "draw.h"
#include "seed.h"
#include "weight.h"

/* How many places have the largest potential. */
static size_t count_largest(const struct lottery *t)
{
    size_t largest = 0;
    for (size_t s = 0; s < t->places->count; s++)
        largest += t->P[s] == t->most;
    return largest;
}

kmu_status kmu__seed_random(struct seeding *s, kmu_error *error)
{
    return kmu__seed_places(s, KMU__FOR_RANDOM, 0, error);
}

kmu_status kmu__seed_places(struct seeding *s, enum kmu__purpose purpose, uint32_t stage, kmu_error *error)
{
    struct lottery t;
    kmu_status status = kmu__lottery_open(&t, s->places, s->pool, s->options, error);
    if (status != KMU_OK)
        return status;
    kmu__weight_potentials(s, t.P);
    kmu__lottery_add_up(&t);
    size_t largest = count_largest(&t);
    for (size_t i = 0; i < s->k; i++) {
        if (t.sum == 0) {
            memcpy(s->mu + i * s->points->d, s->mu, s->points->d * sizeof *s->mu);
            continue;
        }
        size_t r = kmu__lottery_draw(&t, kmu__word(s->options->seed, s->run, purpose, (uint32_t)i, stage));
        size_t a = s->places->slot[r];
        uint64_t units = kmu__units(t.P[a], t.most);
        kmu__seed_take(s, i, a);
        largest -= t.P[a] == t.most;
        t.P[a] = KMU__NOTHING;
        t.block[r / KMU__BLOCK] -= units;
        t.sum -= units;
        if (largest == 0) {
            kmu__lottery_add_up(&t);
            largest = count_largest(&t);
        }
    }
    kmu__lottery_close(&t);
    return KMU_OK;
}
