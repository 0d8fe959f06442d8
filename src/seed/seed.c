/* seed.c - the table of seedings. A new one is one file and one row here (and its name in options.c). */
#include "seed.h"

#include "../layout/order.h"
#include "../layout/typed.h"

void kmu__seed_take(struct seeding *s, size_t i, size_t slot)
{
    double *mu = s->mu + i * s->points->d;
    const double *x = kmu__row(s->points, kmu__place_row(s->places, slot), mu);
    for (size_t l = 0; l < s->points->d; l++)
        mu[l] = x[l] + 0.0; /* -0 is +0 */
}

/* The first k rows as they come. */
static kmu_status first_rows(double *mu, size_t k, const struct points *p)
{
    for (size_t i = 0; i < k; i++) {
        const double *x = kmu__row(p, i, mu + i * p->d);
        for (size_t l = 0; l < p->d; l++)
            mu[i * p->d + l] = x[l] + 0.0;
    }
    return KMU_OK;
}

bool kmu__seeds_by_neighbours(const struct points *p, bool apart, const kmu_options *o)
{
    const bool by_herds = o->init == KMU_KMEANSPP || o->init == KMU_KMEANS_PARALLEL;
    return by_herds && p->n >= KMU__ORDER_LEAST && o->k > (size_t)(apart ? 16 : 4) << (p->d < 4 ? p->d : 4);
}

kmu_status kmu__seed(struct fit *f, uint32_t run, kmu_error *error)
{
    static kmu_status (*const draw[])(struct seeding *, kmu_error *) = {
        [KMU_KMEANSPP] = kmu__seed_kmeanspp,
        [KMU_RANDOM] = kmu__seed_random,
        [KMU_KMEANS_PARALLEL] = kmu__seed_kmeans_parallel,
    };
    const kmu_options *o = f->options;
    struct places own = {0};
    if (o->init == KMU_GIVEN)
        return kmu__centroids_enter(f->mu, o->start, o->start_type, o->k, f->original, error);
    if (o->init == KMU_FIRST)
        return first_rows(f->mu, f->k, f->original);
    const struct points *p = f->points->x ? f->points : f->original;
    const uint32_t *stand = p != f->points && kmu__seeds_by_neighbours(p, true, o) ? f->place : NULL;
    struct places *places = f->places && p == f->points ? f->places : &own;
    kmu_status status = places->count ? KMU_OK : kmu__places_make(places, p, stand, f->pool, o, error);
    if (status == KMU_OK) {
        struct seeding s = {
            .fit = f, .points = p, .places = places, .pool = f->pool, .options = o, .run = run, .k = f->k, .mu = f->mu};
        status = draw[o->init](&s, error);
    }
    kmu__places_free(&own);
    return status;
}
