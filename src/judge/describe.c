/* describe.c - J_i and the radius of every cluster, for tables: f64 with compensated sums (Neumaier 1974,
 * doi:10.1002/zamm.19740540106), about 12 digits. Time O(n d). */
#include <math.h>

#include "../exact/distance.h"
#include "judge.h"

void kmu__describe(struct fit *f, double *J_cluster, double *radius)
{
    double *lost = f->near; /* k: what the sums' roundings left out */
    for (size_t i = 0; i < f->k; i++)
        J_cluster[i] = radius[i] = lost[i] = 0;
    for (size_t j = 0; j < f->n; j++) {
        size_t i = (size_t)f->c[j];
        double w = kmu__weight(f->points, j), D = kmu__distance(kmu__row(f->points, j, f->row), f->mu + i * f->d, f->d);
        if (w == 0)
            continue;
        double term = w * D, sum = J_cluster[i] + term;
        lost[i] += fabs(J_cluster[i]) >= term ? (J_cluster[i] - sum) + term : (term - sum) + J_cluster[i];
        J_cluster[i] = sum;
        radius[i] = fmax(radius[i], sqrt(D));
    }
    for (size_t i = 0; i < f->k; i++)
        J_cluster[i] += isinf(J_cluster[i]) ? 0 : lost[i]; /* beyond f64 it is inf - inf */
}
