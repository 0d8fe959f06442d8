/* draw.c - draws over places (draw.h). */
#include "draw.h"

kmu_status kmu__lottery_open(struct lottery *t, size_t count, struct pool *pool, const kmu_options *o, kmu_error *error)
{
    *t = (struct lottery){.count = count, .pool = pool, .memory = kmu__memory(o)};
    kmu__wish(&t->memory, &t->P, count, sizeof *t->P);
    kmu__wish(&t->memory, &t->block, (count + KMU__BLOCK - 1) / KMU__BLOCK, sizeof *t->block);
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
    size_t end = (b + 1) * KMU__BLOCK < t->count ? (b + 1) * KMU__BLOCK : t->count;
    kmu__u128 sum = 0;
    for (size_t q = b * KMU__BLOCK; q < end; q++)
        sum += kmu__units(t->P[q], t->most);
    t->block[b] = sum;
}

void kmu__lottery_add_up(struct lottery *t)
{
    size_t blocks = (t->count + KMU__BLOCK - 1) / KMU__BLOCK;
    t->most = KMU__NOTHING;
    for (size_t q = 0; q < t->count; q++)
        t->most = t->P[q] > t->most ? t->P[q] : t->most;
    kmu__parallel(t->pool, blocks, 2.0 * (double)t->count, add_up_block, t);
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
    size_t q = b * KMU__BLOCK;
    while ((before += kmu__units(t->P[q], t->most)) <= T)
        q++;
    return q;
}
