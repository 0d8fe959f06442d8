/* certify.c - who is nearest: the only file that decides a label.
 *
 *   c_j = argmin_i ||x_j - mu_i||^2 over the real numbers; on a true tie the smallest i                           (T2)
 *
 * A maker of candidates hands in every centroid that its bounds could not exclude, in ascending order. One is the answer;
 * of several, the leader is challenged by each in turn and falls only to a strictly nearer one.
 *
 * Time O(count d), about 10 ns a coordinate. */
#include "assign/assign.h"
#include "exact/compare.h"

int32_t kmu__certify(const struct fit *f, const double *x, const int32_t *candidate, size_t count, struct work *work)
{
    int32_t nearest = candidate[0];
    for (size_t a = 1; a < count; a++) {
        const double *leader = f->mu + (size_t)nearest * f->d, *challenger = f->mu + (size_t)candidate[a] * f->d;
        if (kmu__compare_distances(x, challenger, leader, f->d) < 0)
            nearest = candidate[a];
    }
    work->exact += (int64_t)count - 1;
    return nearest;
}
