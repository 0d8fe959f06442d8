/* draw.c - draws over places (draw.h). */
#include "draw.h"

enum { CHUNK = 64 }; /* herds, or blocks of ranks */

/* Where the places of some ranks are at home. */
static void settle_ranks(void *context, size_t chunk, int thread)
{
    struct lottery *t = context;
    const size_t from = chunk * KMU__BLOCK, end = t->places->count - from < KMU__BLOCK ? t->places->count : from + KMU__BLOCK;
    (void)thread;
    for (size_t r = from; r < end; r++)
        t->home[t->places->slot[r]] = (uint32_t)chunk;
}

kmu_status kmu__lottery_open(struct lottery *t, const struct places *places, struct pool *pool, const kmu_options *o,
                             kmu_error *error)
{
    *t = (struct lottery){.places = places,
                          .pool = pool,
                          .memory = kmu__memory(o),
                          .blocks = (places->count + KMU__BLOCK - 1) / KMU__BLOCK,
                          .herds = (places->count + KMU__HERD - 1) / KMU__HERD};
    const size_t fallen = (size_t)kmu__pool_threads(pool) * t->blocks;
    t->memory.as_it_comes = true;
    kmu__wish(&t->memory, &t->P, t->herds, KMU__HERD * sizeof *t->P);
    kmu__wish(&t->memory, &t->block, t->blocks, sizeof *t->block);
    kmu__wish(&t->memory, &t->home, places->count, sizeof *t->home);
    kmu__wish(&t->memory, &t->chief, t->herds, sizeof *t->chief);
    kmu__wish(&t->memory, &t->fallen, fallen, sizeof *t->fallen);
    kmu_status status = kmu__grant(&t->memory, error);
    if (status != KMU_OK)
        return status;
    memset(t->fallen, 0, fallen * sizeof *t->fallen);
    for (size_t s = places->count; s < t->herds * KMU__HERD; s++)
        t->P[s] = KMU__NOTHING;
    kmu__parallel(pool, t->blocks, 5.0 * (double)places->count, settle_ranks, t);
    return KMU_OK;
}

void kmu__lottery_close(struct lottery *t)
{
    kmu__give_back(&t->memory);
}

int64_t kmu__lottery_herd(struct lottery *t, size_t herd)
{
    int64_t most = KMU__NOTHING;
    for (size_t s = herd * KMU__HERD; s < (herd + 1) * KMU__HERD; s++)
        most = t->P[s] > most ? t->P[s] : most;
    return t->chief[herd] = most;
}

/* A loop over all herds, a chunk of them a call. */
static void over_herds(struct lottery *t, void (*work)(void *, size_t, int))
{
    kmu__parallel(t->pool, (t->herds + CHUNK - 1) / CHUNK, 2.0 * (double)t->places->count, work, t);
}

static size_t end_of(const struct lottery *t, size_t chunk)
{
    return (chunk + 1) * CHUNK < t->herds ? (chunk + 1) * CHUNK : t->herds;
}

static void find_chiefs(void *context, size_t chunk, int thread)
{
    struct lottery *t = context;
    (void)thread;
    for (size_t herd = chunk * CHUNK; herd < end_of(t, chunk); herd++)
        kmu__lottery_herd(t, herd);
}

static void add_units(void *context, size_t chunk, int thread)
{
    struct lottery *t = context;
    kmu__u128 *sum = t->fallen + (size_t)thread * t->blocks;
    const size_t end = end_of(t, chunk) * KMU__HERD < t->places->count ? end_of(t, chunk) * KMU__HERD : t->places->count;
    for (size_t s = chunk * CHUNK * KMU__HERD; s < end; s++)
        sum[t->home[s]] += kmu__units(t->P[s], t->most);
}

static void find_most(struct lottery *t)
{
    t->most = KMU__NOTHING;
    for (size_t herd = 0; herd < t->herds; herd++)
        t->most = t->chief[herd] > t->most ? t->chief[herd] : t->most;
}

/* block := what it was less what has fallen, or anew what all threads have added; sum follows, and fallen is empty again. */
static void sum_up(struct lottery *t, bool anew)
{
    t->sum = 0;
    for (size_t b = 0; b < t->blocks; b++) {
        kmu__u128 all = 0;
        for (int i = 0; i < kmu__pool_threads(t->pool); i++) {
            kmu__u128 *fallen = &t->fallen[(size_t)i * t->blocks + b];
            all += *fallen;
            *fallen = 0;
        }
        t->block[b] = anew ? all : t->block[b] - all;
        t->sum += t->block[b];
    }
}

void kmu__lottery_add_up(struct lottery *t)
{
    over_herds(t, find_chiefs);
    find_most(t);
    over_herds(t, add_units);
    sum_up(t, true);
}

void kmu__lottery_follow(struct lottery *t)
{
    const int64_t before = t->most;
    find_most(t);
    sum_up(t, false);
    if (before >> 23 == t->most >> 23)
        return;
    over_herds(t, add_units);
    sum_up(t, true);
}

size_t kmu__lottery_draw(const struct lottery *t, uint64_t R)
{
    if (kmu__told(t->pool) == KMU_ABANDON)
        return 0; /* the sums may not have been made */
    kmu__u128 T = kmu__lottery_at(t, R), before = 0;
    size_t b = 0;
    while (before + t->block[b] <= T)
        before += t->block[b++];
    size_t r = b * KMU__BLOCK;
    while ((before += kmu__units(t->P[t->places->slot[r]], t->most)) <= T)
        r++;
    return r;
}
