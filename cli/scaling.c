/* scaling.c - columns to a common measure, and back.
 *
 *   x' = (x - shift) / unit      z: mean and standard deviation; robust: median and distance of the quartiles
 *
 * A column without spread keeps unit 1. Standardised numbers are rounded; the fit is exact on them. */
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The number at the fraction q of sorted v, between neighbours in proportion. */
static double quantile(const double *v, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[i];
}

/* v is halved or doubled to below 1 first, so that no sum, square or difference goes beyond binary64. */
static void learn_column(int kind, double *v, size_t n, double *shift, double *unit)
{
    double most = 0;
    int e;
    for (size_t j = 0; j < n; j++)
        most = fmax(most, fabs(v[j]));
    frexp(most, &e);
    for (size_t j = 0; j < n; j++)
        v[j] = ldexp(v[j], -e);
    if (kind == SCALE_ROBUST) {
        qsort(v, n, sizeof *v, by_value);
        *shift = quantile(v, n, 0.5);
        *unit = quantile(v, n, 0.75) - quantile(v, n, 0.25);
    } else {
        double sum = 0, squares = 0;
        for (size_t j = 0; j < n; j++)
            sum += v[j];
        *shift = sum / (double)n;
        for (size_t j = 0; j < n; j++)
            squares += (v[j] - *shift) * (v[j] - *shift);
        *unit = sqrt(squares / (double)n);
    }
    *shift = ldexp(*shift, e);
    *unit = ldexp(*unit, e);
    if (!(*unit > 0) || !isfinite(*unit))
        *unit = 1;
}

/* Element (j, l) of a table of binary32 or binary64. */
static double at(const struct table *t, size_t j, size_t l)
{
    ptrdiff_t i = (ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col;
    return t->type == KMU_F32 ? (double)((const float *)t->x)[i] : ((const double *)t->x)[i];
}

kmu_status scaling_learn(struct scaling *s, int kind, const struct table *t, kmu_error *error)
{
    *s = (struct scaling){.kind = kind, .shift = malloc(t->d * sizeof *s->shift), .unit = malloc(t->d * sizeof *s->unit)};
    double *v = malloc(t->n * sizeof *v);
    if (!v || !s->shift || !s->unit) {
        free(v);
        scaling_free(s);
        return out_of_memory(error);
    }
    for (size_t l = 0; l < t->d; l++) {
        for (size_t j = 0; j < t->n; j++)
            v[j] = at(t, j, l);
        learn_column(kind, v, t->n, &s->shift[l], &s->unit[l]);
    }
    free(v);
    return KMU_OK;
}

void scaling_apply(const struct scaling *s, struct table *t)
{
    for (size_t j = 0; s->shift && j < t->n; j++)
        for (size_t l = 0; l < t->d; l++) {
            ptrdiff_t i = (ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col;
            double x = at(t, j, l), away = x - s->shift[l];
            x = isinf(away) ? x / s->unit[l] - s->shift[l] / s->unit[l] : away / s->unit[l];
            if (t->type == KMU_F32)
                ((float *)t->x)[i] = (float)x;
            else
                ((double *)t->x)[i] = x;
        }
}

void scaling_undo(const struct scaling *s, void *mu, size_t k, size_t d, kmu_type type)
{
    for (size_t i = 0; s->shift && i < k * d; i++)
        if (type == KMU_F32)
            ((float *)mu)[i] = (float)fma(((float *)mu)[i], s->unit[i % d], s->shift[i % d]);
        else
            ((double *)mu)[i] = fma(((double *)mu)[i], s->unit[i % d], s->shift[i % d]);
}

void scaling_free(struct scaling *s)
{
    free(s->shift);
    free(s->unit);
    s->shift = s->unit = NULL;
}
