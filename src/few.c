/* few.c - (A) of a few points, as when a program asks where one point belongs.
 *
 *   c_j = argmin_i ||x_j - mu_i||^2                                                                                (T2)
 *
 * The caller's thread certifies every pair (assign/certify.c) on its stack: what a larger call prepares, and asks the system
 * for, would take longer than all that. Equal centroids need no look, for a tie goes to the first of them.
 *
 * Time O(n k d), 0.5 us for a point and 10 centroids of 2 coordinates. */
#include "few.h"

#include <errno.h>

#include "assign/assign.h"
#include "ground/status.h"
#include "layout/typed.h"
#include "options.h"
#include "points.h"

enum { NUMBERS = 1024, PRODUCTS = 8192 }; /* coordinates of all centroids; of all pairs, about 10 us */

bool kmu__are_few(const kmu_points *p, const kmu_options *o)
{
    return p && o && p->size >= sizeof *p && o->size >= sizeof *o && !p->w && !p->start && p->n > 0 && p->d > 0 && o->k > 0 &&
           p->n <= PRODUCTS && p->d <= NUMBERS && o->k <= NUMBERS / p->d && p->n <= PRODUCTS / (o->k * p->d);
}

static kmu_status assign(const kmu_points *p, const kmu_options *o, const void *given, int32_t *c, kmu_error *error)
{
    double x[NUMBERS], mu[NUMBERS], near[NUMBERS];
    int32_t candidate[NUMBERS];
    struct work work = {0};
    const struct points like = {.d = p->d, .type = p->type == KMU_F32 ? KMU_F32 : KMU_F64};
    const struct fit f = {.d = p->d, .mu = mu, .near = near, .work = &work};
    kmu_status status = kmu__options_check(o, error);
    if (status == KMU_OK)
        status = kmu__points_check(p, error);
    for (size_t j = 0; j < p->n && status == KMU_OK; j++)
        status = kmu__points_row(p, j, x, error);
    if (status == KMU_OK)
        status = kmu__centroids_enter(mu, given, like.type, o->k, &like, error);
    for (size_t i = 0; i < o->k; i++)
        candidate[i] = (int32_t)i;
    for (size_t j = 0; j < p->n && status == KMU_OK; j++) {
        status = kmu__points_row(p, j, x, error);
        c[j] = kmu__certify(&f, x, candidate, o->k, 0);
    }
    return status;
}

kmu_status kmu__assign_few(const kmu_points *p, const kmu_options *o, const void *mu, int32_t *c, kmu_error *error)
{
    struct kmu__float_state found;
    const int found_errno = errno;
    kmu__float_enter(&found);
    const kmu_status status = assign(p, o, mu, c, error);
    kmu__float_leave(&found);
    errno = found_errno;
    return status;
}
