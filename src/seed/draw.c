/* draw.c - draws over places (draw.h). */
#include "draw.h"

kmu_status kmu__lottery_open(struct lottery *t, const struct places *places, struct pool *pool, const kmu_options *o,
                             kmu_error *error)
{
    *t = (struct lottery){.places = places, .pool = pool, .memory = kmu__memory(o)};
    t->memory.as_it_comes = true;
    kmu__wish(&t->memory, &t->P, places->count, sizeof *t->P);
    kmu__wish(&t->memory, &t->block, (places->count + KMU__BLOCK - 1) / KMU__BLOCK, sizeof *t->block);
    return kmu__grant(&t->memory, error);
}

void kmu__lottery_close(struct lottery *t)
{
    kmu__give_back(&t->memory);
}

static void add_up_block(void *context, size_t b, int thread)
{
    (void)thread;
    struct lottery *t = context;
    size_t count = t->places->count, end = (b + 1) * KMU__BLOCK < count ? (b + 1) * KMU__BLOCK : count;
    kmu__u128 sum = 0;
    for (size_t r = b * KMU__BLOCK; r < end; r++)
        sum += kmu__units(t->P[t->places->slot[r]], t->most);
    t->block[b] = sum;
}

void kmu__lottery_add_up(struct lottery *t)
{
    size_t count = t->places->count, blocks = (count + KMU__BLOCK - 1) / KMU__BLOCK;
    t->most = KMU__NOTHING;
    for (size_t s = 0; s < count; s++)
        t->most = t->P[s] > t->most ? t->P[s] : t->most;
    kmu__parallel(t->pool, blocks, 5.0 * (double)count, add_up_block, t);
    t->sum = 0;
    for (size_t b = 0; b < blocks; b++)
        t->sum += t->block[b];
}

size_t kmu__lottery_draw(const struct lottery *t, uint64_t R)
{
    kmu__u128 T = (kmu__u128)R * (uint64_t)(t->sum >> 64) + ((kmu__u128)R * (uint64_t)t->sum >> 64), before = 0;
    size_t b = 0;
    while (before + t->block[b] <= T)
        before += t->block[b++];
    size_t r = b * KMU__BLOCK;
    while ((before += kmu__units(t->P[t->places->slot[r]], t->most)) <= T)
        r++;
    return r;
}
