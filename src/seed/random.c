/* random.c - k places drawn by weight, without replacement; the first again when places run out.
 *
 * Time O(n + k) draws; a place drawn leaves its block's sum, and all is added up anew only when the largest is gone. */
#include "../ground/random.h"
#include "draw.h"
#include "seed.h"
#include "weight.h"

kmu_status kmu__seed_random(struct seeding *s, kmu_error *error)
{
    struct lottery t;
    kmu_status status = kmu__lottery_open(&t, s->places->count, s->pool, s->options, error);
    if (status != KMU_OK)
        return status;
    for (size_t q = 0; q < t.count; q++)
        t.P[q] = kmu__weight_potential(s, q);
    kmu__lottery_add_up(&t);
    size_t largest = 0, begin = 0;
    for (size_t q = 0; q < t.count; q++)
        largest += t.P[q] == t.most;
    for (size_t i = 0; i < s->k; i++) {
        if (t.sum == 0) {
            memcpy(s->mu + i * s->points->d, s->mu, s->points->d * sizeof *s->mu);
            continue;
        }
        size_t q = kmu__lottery_draw(&t, kmu__word(s->options->seed, s->run, KMU__FOR_RANDOM, (uint32_t)i, 0));
        kmu__seed_take(s, i, q);
        uint64_t units = kmu__units(t.P[q], t.most);
        largest -= t.P[q] == t.most;
        t.P[q] = KMU__NOTHING;
        t.block[q / KMU__BLOCK] -= units;
        t.sum -= units;
        if (largest == 0) {
            kmu__lottery_add_up(&t);
            for (begin = 0; begin < t.count; begin++)
                largest += t.P[begin] == t.most;
        }
    }
    kmu__lottery_close(&t);
    return KMU_OK;
}
