/* typed.c - centroids as callers hand them in and get them (typed.h). */
#include "typed.h"

#include <math.h>

#include "../ground/status.h"

kmu_status kmu__centroids_enter(double *mu, const void *given, kmu_type type, size_t k, const struct points *p,
                                kmu_error *error)
{
    if (type != KMU_F32 && type != KMU_F64)
        return kmu__fail(error, KMU_EUSAGE, "the centroids' type is %d; it must be f32 or f64", (int)type);
    if (!given)
        return kmu__fail(error, KMU_EUSAGE, "the centroids are NULL");
    for (size_t i = 0; i < k; i++)
        for (size_t l = 0; l < p->d; l++) {
            const size_t at = i * p->d + l;
            double v = type == KMU_F32 ? (double)((const float *)given)[at] : ((const double *)given)[at];
            v = p->type == KMU_F32 ? (double)(float)v : v;
            if (!isfinite(v))
                return kmu__fail(error, KMU_EDATA, "centroid %zu, coordinate %zu is %s", i, l, isnan(v) ? "NaN" : "infinite");
            mu[at] = v + 0.0;
        }
    return KMU_OK;
}

void kmu__centroids_leave(void *out, const double *mu, size_t count, kmu_type type)
{
    for (size_t i = 0; i < count; i++)
        if (type == KMU_F32)
            ((float *)out)[i] = (float)mu[i];
        else
            ((double *)out)[i] = mu[i];
}
