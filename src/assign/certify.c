/* certify.c - who is nearest: the only file that decides a label.
 *
 *   c_j = argmin_i ||x_j - mu_i||^2 over the real numbers; on a true tie the smallest i                           (T2)
 *
 * A maker of candidates hands in every centroid that its bounds could not exclude, in ascending order. First f64, with
 *
 *   D^_i (1 - slack) - tiny <= D_i <= D^_i (1 + slack) + tiny      (exact/distance.h)
 *
 * excludes whose lower bound is strictly greater than another's upper bound. Where x and mu lie on a grid on which f64 is
 * exact, slack and tiny are 0 and the first of the nearest is the answer, ties and all. Whoever is left is compared in
 * integers: the leader is challenged by each in turn and falls only to a strictly nearer one.
 *
 * Time O(count d). */
#include "assign.h"

#include <math.h>

#include "../exact/compare.h"
#include "../exact/distance.h"
#include "../layout/across.h"

int32_t kmu__certify(const struct fit *f, const double *x, const int32_t *candidate, size_t count, int thread)
{
    double slack = f->exact_in_f64 ? 0 : kmu__distance_slack(f->d), tiny = f->exact_in_f64 ? 0 : kmu__distance_tiny(f->d);
    double *D = f->near + (size_t)thread * f->near_stride, U = INFINITY;
    int32_t nearest = -1;
    if (count == 1)
        return candidate[0];
    f->work[thread].certified += (int64_t)count;
    for (size_t a = 0; a < count; a++) {
        D[a] = kmu__distance(x, f->mu + (size_t)candidate[a] * f->d, f->d);
        U = fmin(U, D[a] * (1 + slack) + tiny);
    }
    for (size_t a = 0; a < count; a++) {
        if (D[a] * (1 - slack) - tiny > U && !isinf(D[a]))
            continue; /* strictly farther than another; an infinite D says nothing */
        if (nearest < 0) {
            nearest = candidate[a];
            if (f->exact_in_f64)
                break;
            continue;
        }
        f->work[thread].exact++;
        if (kmu__compare_distances(x, f->mu + (size_t)candidate[a] * f->d, f->mu + (size_t)nearest * f->d, f->d) < 0)
            nearest = candidate[a];
    }
    return nearest;
}

int32_t kmu__certify_sparse(const struct fit *f, size_t j, int32_t *candidate, int32_t *at, size_t count, int thread)
{
    double *buffer = f->row + (size_t)thread * f->row_stride, *D = f->near + (size_t)thread * f->near_stride, U = INFINITY;
    size_t left = 0;
    if (count == 1)
        return candidate[0];
    f->work[thread].certified += (int64_t)count;
    const double *x = kmu__stored(f->points, j, buffer);
    for (size_t a = 0; a < count; a++) {
        double slack;
        const double here = kmu__across_distance(f->points, j, x, f->mu + (size_t)candidate[a] * f->d, f->across.norm2[at[a]], &slack);
        D[a] = here - slack;
        U = fmin(U, here + slack); /* NaN changes nothing */
    }
    for (size_t a = 0; a < count; a++)
        if (!(D[a] > U))
            candidate[left++] = candidate[a];
    return left == 1 ? candidate[0] : kmu__certify(f, kmu__row(f->points, j, buffer), candidate, left, thread);
}
