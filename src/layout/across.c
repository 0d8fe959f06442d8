/* across.c - centroids side by side, for CSR rows (across.h, N25). */
#include "across.h"

#include <math.h>

#include "../kernel/sparse.h"
#include "frame.h"

enum { COLUMNS = 64 }; /* of a chunk */

void kmu__across_wish(struct across *t, const struct fit *f, size_t count, struct memory *m)
{
    t->stride = (count + KMU__ABREAST - 1) / KMU__ABREAST * KMU__ABREAST;
    kmu__wish(m, &t->c, f->d * t->stride, sizeof *t->c);
    kmu__wish(m, &t->half, t->stride, sizeof *t->half);
    kmu__wish(m, &t->norm2, count, sizeof *t->norm2);
}

struct making {
    struct across *across;
    const struct fit *f;
    const double *mu;
    const int32_t *which;
    size_t count, stride;
};

static const double *row_of(const struct making *t, size_t a)
{
    return t->mu + (t->which ? (size_t)t->which[a] : a) * t->f->d;
}

static void norm_one(void *context, size_t a, int thread)
{
    const struct making *t = context;
    const double *c = row_of(t, a), scale = t->f->frame.scale;
    double sum[8] = {0}, plain[8] = {0};
    (void)thread;
    for (size_t l = 0; l < t->f->d; l++) {
        const double v = c[l] * scale;
        sum[l % 8] += v * v;
        plain[l % 8] += c[l] * c[l];
    }
    t->across->norm2[a] = ((plain[0] + plain[4]) + (plain[1] + plain[5])) + ((plain[2] + plain[6]) + (plain[3] + plain[7]));
    const double norm2 = ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
    t->across->half[a] = norm2 < 0x1p100 ? (float)(-0.5 * norm2) : NAN;
}

static void spread_columns(void *context, size_t chunk, int thread)
{
    const struct making *t = context;
    const size_t end = (chunk + 1) * COLUMNS < t->f->d ? (chunk + 1) * COLUMNS : t->f->d;
    (void)thread;
    for (size_t a = 0; a < t->count; a++) {
        const double *c = row_of(t, a);
        for (size_t l = chunk * COLUMNS; l < end; l++)
            t->across->c[l * t->stride + a] = (float)(c[l] * t->f->frame.scale);
    }
    for (size_t l = chunk * COLUMNS; l < end; l++)
        for (size_t a = t->count; a < t->stride; a++)
            t->across->c[l * t->stride + a] = 0;
}

bool kmu__across_make(struct across *t, struct fit *f, const double *mu, const int32_t *which, size_t count)
{
    t->used = (count + KMU__ABREAST - 1) / KMU__ABREAST * KMU__ABREAST;
    struct making making = {.across = t, .f = f, .mu = mu, .which = which, .count = count, .stride = t->used};
    double most = 0;
    t->kernel = kmu__sparse_kernel(f->kernels->isa);
    kmu__parallel(f->pool, count, 1.0 * (double)count * (double)f->d, norm_one, &making);
    for (size_t a = 0; a < count; a++) {
        if (!isfinite(t->half[a]))
            return false;
        most = fmax(most, -(double)t->half[a]);
    }
    for (size_t a = count; a < t->used; a++)
        t->half[a] = -INFINITY;
    kmu__parallel(f->pool, (f->d + COLUMNS - 1) / COLUMNS, 1.0 * (double)count * (double)f->d, spread_columns, &making);
    t->drop = most * (1 + 0x1p-20) + 0x1p-140;
    t->reach = sqrt(2 * t->drop) * (1 + 0x1p-20);
    return f->d <= KMU__FRAME_COLUMNS;
}

float kmu__across_products(const struct across *t, const struct fit *f, const struct points *p, size_t j, float *x, float *s,
                           float *square)
{
    const size_t at = kmu__stored_at(p, j), count = kmu__stored_count(p, j);
    const double v = 0x1p-24, m = (double)count, d = (double)f->d, scale = f->frame.scale;
    float sum[8] = {0};
    for (size_t a = 0; a < count; a++) {
        x[a] = (float)(kmu__number(p, at + a) * scale);
        sum[a % 8] += x[a] * x[a];
    }
    *square = ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
    t->kernel->add(x, kmu__columns_of(p, j), count, t->c, t->half, t->used, s);
    const double norm = sqrt((double)*square * (1 + (m + 4) * 0x1p-23) + d * 0x1p-120) * (1 + 0x1p-20);
    const double E = 1.1 * v * ((m + 6) * norm * t->reach + (m + 4) * t->drop) + d * 0x1p-140 * (norm + t->reach + 1);
    return (float)(2 * E * (1 + 0x1p-10)) * (1 + 0x1p-20f) + 0x1p-120f;
}

double kmu__across_distance(const struct points *p, size_t j, const double *x, const double *c, double norm2, double *slack)
{
    const int32_t *column = kmu__columns_of(p, j);
    const size_t count = kmu__stored_count(p, j);
    double product[4] = {0}, square[4] = {0};
    for (size_t a = 0; a < count; a++) {
        product[a % 4] += x[a] * c[column[a]];
        square[a % 4] += x[a] * x[a];
    }
    const double xx = (square[0] + square[1]) + (square[2] + square[3]), xc = (product[0] + product[1]) + (product[2] + product[3]);
    *slack = 0x1p-51 * (double)(p->d + count + 8) * (xx + norm2) + 0x1p-1070 * (double)(p->d + count);
    if (!(xx + norm2 < 0x1p1000)) /* something overflows, or may */
        *slack = INFINITY;
    return (xx - 2 * xc) + norm2;
}
