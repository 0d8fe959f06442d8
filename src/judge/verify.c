/* verify.c - a proof or a refutation of somebody's labels and centroids.
 *
 *   nearest:   no centroid is strictly nearer to x_j than mu_{c_j}; a tie should go to the lowest index          (T2)
 *   means:     mu_il = the exact mean of C_i, rounded once; else by how many units in the last place            (T3)
 *
 * The true labels come from step (A); whether a label that differs is a tie is decided in integers. */
#include <math.h>

#include "../exact/compare.h"
#include "judge.h"
#include "../update/means.h"
#include "../update/objective.h"
#include "../update/tally.h"

/* |a - b| in units of the last place of the larger. */
static double ulps(double a, double b, kmu_type type)
{
    int e, least = type == KMU_F32 ? -149 : -1074, bits = type == KMU_F32 ? 24 : 53;
    frexp(fmax(fabs(a), fabs(b)), &e);
    return ldexp(fabs(a - b), -(e - bits > least ? e - bits : least));
}

void kmu__verify(struct fit *f, kmu_verdict *verdict)
{
    kmu_verdict v = {.size = verdict->size, .first_not_nearest = -1};
    for (size_t j = 0; j < f->n; j++) {
        if (f->c[j] == f->was[j])
            continue;
        const double *x = kmu__row(f->points, j, f->row);
        const double *given = f->mu + (size_t)f->c[j] * f->d, *nearest = f->mu + (size_t)f->was[j] * f->d;
        bool tie = kmu__compare_distances(x, given, nearest, f->d) == 0;
        v.ties_not_low += tie;
        v.not_nearest += !tie;
        if (!tie && v.first_not_nearest < 0)
            v.first_not_nearest = (int64_t)j;
    }
    kmu__tally_begin(f);
    kmu__tally(f);
    for (size_t i = 0; i < f->k; i++) {
        if (f->sums.count[i] == 0) {
            v.empty++;
            continue;
        }
        struct big mass;
        kmu__mass(f, i, &mass);
        for (size_t l = 0; l < f->d; l++) {
            double mean = kmu__mean(f, i, l, &mass), given = f->mu[i * f->d + l];
            v.means_off += mean != given;
            v.means_ulps = fmax(v.means_ulps, ulps(mean, given, f->points->type));
        }
    }
    v.J = kmu__objective(f, f->mu);
    *verdict = v;
}
