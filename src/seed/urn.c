/* urn.c - draws of places by weight, with replacement (urn.h). */
#include "urn.h"

#include "weight.h"

static uint64_t units_of(const struct urn *t, size_t rank)
{
    return kmu__units(t->P[t->places->slot[rank]], t->most);
}

/* sum := the units before every group of ranks. */
static void add_up(struct urn *t)
{
    kmu__u128 sum = 0;
    for (size_t r = 0; r < t->places->count; r++) {
        if (r % KMU__URN_RANKS == 0)
            t->sum[r / KMU__URN_RANKS] = sum;
        sum += units_of(t, r);
    }
    t->sum[t->groups] = sum;
}

kmu_status kmu__urn_open(struct urn *t, const struct fit *f, const struct places *places, kmu_error *error)
{
    struct fit fit = *f; /* what a seeding knows of it is read only */
    const struct seeding s = {
        .fit = &fit, .points = f->points, .places = places, .pool = f->pool, .options = f->options, .k = f->k};
    *t = (struct urn){.places = places,
                      .even = true,
                      .groups = (places->count + KMU__URN_RANKS - 1) / KMU__URN_RANKS,
                      .memory = kmu__memory(f->options)};
    t->memory.as_it_comes = true;
    kmu__wish(&t->memory, &t->P, places->count, sizeof *t->P);
    kmu__wish(&t->memory, &t->sum, t->groups + 1, sizeof *t->sum);
    kmu_status status = kmu__grant(&t->memory, error);
    if (status != KMU_OK)
        return status;
    kmu__weight_potentials(&s, t->P);
    if (kmu__told(f->pool) == KMU_ABANDON) /* they may not have been made */
        return KMU_OK;
    t->most = t->P[0];
    for (size_t a = 1; a < places->count; a++) {
        t->even &= t->P[a] == t->P[0];
        t->most = t->P[a] > t->most ? t->P[a] : t->most;
    }
    if (!t->even)
        add_up(t);
    return KMU_OK;
}

void kmu__urn_close(struct urn *t)
{
    kmu__give_back(&t->memory);
}

/* The rank that R draws. */
static size_t draw(const struct urn *t, uint64_t R)
{
    if (t->even)
        return (size_t)((kmu__u128)R * t->places->count >> 64);
    const kmu__u128 sum = t->sum[t->groups], T = (kmu__u128)R * (uint64_t)(sum >> 64) + ((kmu__u128)R * (uint64_t)sum >> 64);
    size_t low = 0, high = t->groups; /* sum[low] <= T < sum[high] */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (t->sum[middle] <= T)
            low = middle;
        else
            high = middle;
    }
    kmu__u128 before = t->sum[low];
    size_t r = low * KMU__URN_RANKS;
    while ((before += units_of(t, r)) <= T)
        r++;
    return r;
}

void kmu__urn_draw(const struct urn *t, uint64_t seed, uint32_t run, enum kmu__purpose purpose, uint32_t step, size_t count,
                   uint32_t *row)
{
    for (size_t a = 0; a < count; a++) {
        const size_t rank = draw(t, kmu__word(seed, run, purpose, step, (uint32_t)a));
        row[a] = (uint32_t)kmu__place_row(t->places, t->places->slot[rank]);
    }
}
