/* scaling.c - columns to a common measure, and back.
 *
 *   x' = (x - shift) / unit      z: mean and standard deviation; robust: median and distance of the quartiles
 *
 * A row of weight w counts as w rows, one of weight 0 not at all. A quartile has at most q of the weight below it and at
 * most 1 - q above (q = 1/4, 1/2, 3/4); of all such numbers it is the middle. So it depends on the distribution alone:
 * rows that are repeated and weights in another unit change nothing. A column without spread keeps unit 1.
 *
 * Standardised numbers are rounded; the fit is exact on them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "io/u128.h"

/* A number of a column, and its weight, at most 1. */
struct weighed {
    double x, w;
};

static int by_number(const void *a, const void *b)
{
    double x = ((const struct weighed *)a)->x, y = ((const struct weighed *)b)->x;
    return (x > y) - (x < y);
}

/* Weights as integers from 1, whose sums are exact: half of the weight is half of it however the rows add up to it. */
static u128 share(double w)
{
    return (uint64_t)ceil(ldexp(w, 62));
}

/* The first of sorted v with which the shares reach q quarters of all, or (`beyond`) exceed them; q is at most 3. */
static double number_at(const struct weighed *v, unsigned q, u128 all, bool beyond)
{
    u128 sum = share(v->w);
    for (; 4 * sum < q * all || (beyond && 4 * sum == q * all); sum += share(v->w))
        v++;
    return v->x;
}

static double quartile(const struct weighed *v, size_t n, unsigned q)
{
    u128 all = 0;
    for (size_t j = 0; j < n; j++)
        all += share(v[j].w);
    const double low = number_at(v, q, all, false), high = number_at(v, q, all, true);
    return low + (high - low) / 2;
}

static void learn_robust(struct weighed *v, size_t n, double *shift, double *unit)
{
    qsort(v, n, sizeof *v, by_number);
    *shift = quartile(v, n, 2);
    *unit = quartile(v, n, 3) - quartile(v, n, 1);
}

static void learn_z(const struct weighed *v, size_t n, double *shift, double *unit)
{
    double mass = 0, sum = 0, squares = 0;
    for (size_t j = 0; j < n; j++) {
        mass += v[j].w;
        sum += v[j].w * v[j].x;
    }
    *shift = sum / mass;
    for (size_t j = 0; j < n; j++)
        squares += v[j].w * ((v[j].x - *shift) * (v[j].x - *shift));
    *unit = sqrt(squares / mass);
}

/* v is halved or doubled to below 1 first, so that no sum, square or difference goes beyond binary64. */
static void learn_column(int kind, struct weighed *v, size_t n, double *shift, double *unit)
{
    double most = 0;
    int e;
    *shift = 0;
    *unit = 1;
    if (n == 0)
        return;
    for (size_t j = 0; j < n; j++)
        most = fmax(most, fabs(v[j].x));
    frexp(most, &e);
    for (size_t j = 0; j < n; j++)
        v[j].x = ldexp(v[j].x, -e);
    if (kind == SCALE_ROBUST)
        learn_robust(v, n, shift, unit);
    else
        learn_z(v, n, shift, unit);
    *shift = ldexp(*shift, e);
    *unit = fmin(ldexp(*unit, e), DBL_MAX); /* quartiles may be farther apart than binary64 can say */
    if (!(*unit > 0))
        *unit = 1;
}

/* Element (j, l) of a table of binary32 or binary64. */
static double at(const struct table *t, size_t j, size_t l)
{
    ptrdiff_t i = (ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col;
    return t->type == KMU_F32 ? (double)((const float *)t->x)[i] : ((const double *)t->x)[i];
}

/* The power of two that is above every weight; 0 without weights, which are then 1. */
static int weight_exponent(const struct table *t)
{
    double most = 0;
    int e;
    for (size_t j = 0; t->weight && j < t->n; j++)
        most = fmax(most, t->weight[j]);
    frexp(most, &e);
    return e;
}

/* The rows of column l that weigh anything; returns their count. What is not finite is left to the fit, which names it. */
static size_t weigh_column(struct weighed *v, const struct table *t, size_t l, int exponent)
{
    size_t n = 0;
    for (size_t j = 0; j < t->n; j++) {
        const double w = t->weight ? ldexp(t->weight[j], -exponent) : 1;
        if (w > 0 && isfinite(at(t, j, l)))
            v[n++] = (struct weighed){at(t, j, l), w};
    }
    return n;
}

kmu_status scaling_learn(struct scaling *s, int kind, const struct table *t, kmu_error *error)
{
    *s = (struct scaling){.kind = kind, .shift = malloc(t->d * sizeof *s->shift), .unit = malloc(t->d * sizeof *s->unit)};
    struct weighed *v = malloc(t->n * sizeof *v);
    if (!v || !s->shift || !s->unit) {
        free(v);
        scaling_free(s);
        return out_of_memory(error);
    }
    const int exponent = weight_exponent(t);
    for (size_t l = 0; l < t->d; l++)
        learn_column(kind, v, weigh_column(v, t, l, exponent), &s->shift[l], &s->unit[l]);
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
