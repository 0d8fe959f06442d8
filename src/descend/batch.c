/* batch.c - one step of mini-batch k-means.
 *
 *   (A)  c_j  = argmin_i ||x_j - mu_i||^2 for the points of the batch
 *   (B)  mu_i = (v_i mu_i + S_i) / (v_i + m_i),   v_i = v_i + m_i: the mean of all that mu_i has taken in           (T12)
 *
 * where S_i and m_i are the batch's. So a centroid moves the less the more it has seen. Now and then those of little mass go to
 * places of the batch.
 *
 * Sculley 2010, "Web-scale k-means clustering", doi:10.1145/1772690.1772862. */
#include "batch.h"

#include <stdlib.h>

#include "../assign/assign.h"
#include "../ground/clock.h"
#include "../ground/status.h"
#include "../seed/seed.h"
#include "../update/blend.h"
#include "../update/objective.h"
#include "../update/tally.h"

static const double *mass_at(const struct batches *t, int64_t i)
{
    return t->v + (size_t)i * KMU_MASS_PARTS;
}

/* ---- centroids of little mass ---------------------------------------------------------------------------------------------
 */

/* Whether they are looked over in this step: a centroid has taken in nothing, or 10 k points have come since the last time. */
static bool is_time(const struct fit *f, struct batches *t, size_t size)
{
    bool any = false;
    t->since += (int64_t)size;
    for (size_t i = 0; i < f->k; i++)
        any |= t->v[i * KMU_MASS_PARTS] == 0;
    if (!any && t->since < 10 * (int64_t)f->k)
        return false;
    t->since = 0;
    return true;
}

static int by_mass(const void *left, const void *right, void *context)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    const int order = kmu__mass_compare(mass_at(context, a), mass_at(context, b));
    return order ? order : (a > b) - (a < b);
}

static int by_number(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* low := the i with v_i < ratio max v, over the real numbers, but for the first with the largest; how many. */
static size_t find_low(const struct fit *f, const struct batches *t, int64_t *low)
{
    const struct parts ratio = kmu__parts(f->options->reassignment_ratio);
    int64_t first = 0;
    size_t count = 0;
    struct wide most, limit, mass;
    for (int64_t i = 1; i < (int64_t)f->k; i++)
        if (kmu__mass_compare(mass_at(t, i), mass_at(t, first)) > 0)
            first = i;
    kmu__mass_of_parts(mass_at(t, first), &most);
    kmu__wide_zero(&limit);
    kmu__wide_add_wide(&limit, false, &most, ratio.m, ratio.e);
    for (int64_t i = 0; i < (int64_t)f->k; i++) {
        kmu__mass_of_parts(mass_at(t, i), &mass);
        if (i != first && kmu__wide_compare(&mass, &limit) < 0)
            low[count++] = i;
    }
    return count;
}

/* The low ones, ascending, go to places of the batch, and get the least mass of the others. */
static void move_low(struct fit *f, struct batches *t, const int64_t *low, size_t count, const double *mu)
{
    int64_t least = -1;
    for (int64_t i = 0, a = 0; i < (int64_t)f->k; i++) {
        const bool is_low = a < (int64_t)count && low[a] == i;
        a += is_low;
        if (!is_low && (least < 0 || kmu__mass_compare(mass_at(t, i), mass_at(t, least)) < 0))
            least = i;
    }
    for (size_t a = 0; a < count; a++) {
        memcpy(f->mu + (size_t)low[a] * f->d, mu + a * f->d, f->d * sizeof *mu);
        memcpy(t->v + (size_t)low[a] * KMU_MASS_PARTS, mass_at(t, least), KMU_MASS_PARTS * sizeof *t->v);
    }
}

/* At most half as many as there are places move: those of the least mass. */
static kmu_status reassign(struct fit *f, struct batches *t, uint32_t run, kmu_error *error)
{
    int64_t *low = f->order;
    size_t count = find_low(f, t, low);
    struct places places;
    struct memory memory = kmu__memory(f->options);
    double *mu;
    if (count == 0)
        return KMU_OK;
    kmu_status status = kmu__places_make(&places, f->points, NULL, f->pool, f->options, error);
    if (status == KMU_OK && count > places.count / 2) {
        qsort_r(low, count, sizeof *low, by_mass, t);
        count = places.count / 2;
        qsort(low, count, sizeof *low, by_number);
    }
    kmu__wish(&memory, &mu, count, f->d * sizeof *mu);
    if (status == KMU_OK)
        status = kmu__grant(&memory, error);
    if (status == KMU_OK && count) {
        struct seeding s = {.fit = f,
                            .points = f->points,
                            .places = &places,
                            .pool = f->pool,
                            .options = f->options,
                            .run = run,
                            .k = count,
                            .mu = mu};
        status = kmu__seed_places(&s, KMU__FOR_REASSIGN, (uint32_t)t->steps, error);
        if (status == KMU_OK)
            move_low(f, t, low, count, mu);
    }
    kmu__give_back(&memory);
    kmu__places_free(&places);
    return status;
}

/* ---- the step ----------------------------------------------------------------------------------------------------------- */

static double shift_of(const struct fit *f)
{
    double sum = 0;
    for (size_t a = 0; a < f->k * f->d; a++) {
        const double step = f->mu[a] - f->last[a];
        sum += step * step;
    }
    return sum;
}

kmu_status kmu__batch(struct fit *f, struct batches *t, size_t size, uint32_t run, kmu_error *error)
{
    const double begin = kmu__now();
    const bool look = is_time(f, t, size);
    kmu_status status = KMU_OK;
    memcpy(f->last, f->mu, f->k * f->d * sizeof *f->mu);
    f->once = true;
    kmu__tally_begin(f);
    kmu__assign(f); /* (A): c */
    kmu__tally(f);  /* S_i, m_i */
    f->turn.J_assign = kmu__objective(f, f->mu);
    if (kmu__told(f->pool) == KMU_ABANDON)
        return kmu__fail(error, KMU_EABANDONED, "abandoned");
    if (!kmu__blend(f, t->v)) /* (B): mu, v */
        return kmu__fail(error, KMU_EDATA, "the weights that a centroid has taken in are beyond 1.8e308 together");
    f->turn.J_update = kmu__objective(f, f->mu);
    if (look && f->options->reassignment_ratio > 0)
        status = reassign(f, t, run, error);
    f->turn.shift = shift_of(f);
    f->turn.run = (int32_t)run;
    f->turn.turn = ++t->steps;
    f->turn.seconds = kmu__now() - begin;
    return status;
}
