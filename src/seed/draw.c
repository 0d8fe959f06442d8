/* draw.c - draws over places (draw.h). */
#include "draw.h"

kmu_status kmu__lottery_open(struct lottery *t, const struct places *places, struct pool *pool, const kmu_options *o,
                             kmu_error *error)
{
    *t = (struct lottery){
        .places = places, .pool = pool, .memory = kmu__memory(o), .blocks = (places->count + KMU__BLOCK - 1) / KMU__BLOCK};
    const size_t fallen = (size_t)kmu__pool_threads(pool) * t->blocks;
    t->memory.as_it_comes = true;
    kmu__wish(&t->memory, &t->P, places->count, sizeof *t->P);
    kmu__wish(&t->memory, &t->block, t->blocks, sizeof *t->block);
    kmu__wish(&t->memory, &t->home, places->count, sizeof *t->home);
    kmu__wish(&t->memory, &t->chief, places->count / KMU__HERD + 1, sizeof *t->chief);
    kmu__wish(&t->memory, &t->fallen, fallen, sizeof *t->fallen);
    kmu_status status = kmu__grant(&t->memory, error);
    if (status != KMU_OK)
        return status;
    memset(t->fallen, 0, fallen * sizeof *t->fallen);
    for (size_t r = 0; r < places->count; r++) {
        t->home[places->slot[r]] = (uint32_t)(r / KMU__BLOCK);
        if (r % KMU__BLOCK == 0)
            kmu__ask(pool);
    }
    return KMU_OK;
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

/* block and sum, from P and most. */
static void add_up(struct lottery *t)
{
    kmu__parallel(t->pool, t->blocks, 5.0 * (double)t->places->count, add_up_block, t);
    t->sum = 0;
    for (size_t b = 0; b < t->blocks; b++)
        t->sum += t->block[b];
}

void kmu__lottery_add_up(struct lottery *t)
{
    t->most = KMU__NOTHING;
    for (size_t s = 0; s < t->places->count; s++)
        t->most = t->P[s] > t->most ? t->P[s] : t->most;
    add_up(t);
}

void kmu__lottery_fall(struct lottery *t, size_t slot, int64_t P, int thread)
{
    t->fallen[(size_t)thread * t->blocks + t->home[slot]] += kmu__units(t->P[slot], t->most) - kmu__units(P, t->most);
    t->P[slot] = P;
}

int64_t kmu__lottery_herd(struct lottery *t, size_t herd)
{
    const size_t from = herd * KMU__HERD, end = t->places->count - from < KMU__HERD ? t->places->count : from + KMU__HERD;
    int64_t most = KMU__NOTHING;
    for (size_t s = from; s < end; s++)
        most = t->P[s] > most ? t->P[s] : most;
    return t->chief[herd] = most;
}

void kmu__lottery_follow(struct lottery *t)
{
    const int64_t before = t->most;
    t->most = KMU__NOTHING;
    for (size_t herd = 0; herd * KMU__HERD < t->places->count; herd++)
        t->most = t->chief[herd] > t->most ? t->chief[herd] : t->most;
    const bool same = before >> 23 == t->most >> 23;
    t->sum = 0;
    for (size_t b = 0; b < t->blocks; b++) {
        for (int i = 0; i < kmu__pool_threads(t->pool); i++) {
            kmu__u128 *fallen = &t->fallen[(size_t)i * t->blocks + b];
            t->block[b] -= same ? *fallen : 0;
            *fallen = 0;
        }
        t->sum += t->block[b];
    }
    if (!same)
        add_up(t);
}

size_t kmu__lottery_draw(const struct lottery *t, uint64_t R)
{
    if (kmu__told(t->pool) == KMU_ABANDON)
        return 0; /* the sums may not have been made */
    kmu__u128 T = (kmu__u128)R * (uint64_t)(t->sum >> 64) + ((kmu__u128)R * (uint64_t)t->sum >> 64), before = 0;
    size_t b = 0;
    while (before + t->block[b] <= T)
        before += t->block[b++];
    size_t r = b * KMU__BLOCK;
    while ((before += kmu__units(t->P[t->places->slot[r]], t->most)) <= T)
        r++;
    return r;
}
