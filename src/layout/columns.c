/* columns.c - the lowest and the highest bit of every column, in one pass (kernel/scan.inc). */
#include "columns.h"

#include <math.h>

#include "../kernel/scan.h"

enum { WIDE = 64 }; /* columns up to which narrow rows without gaps are taken together */

struct scan {
    const struct points *p;
    size_t rows;        /* of a chunk, a multiple of: */
    size_t together;    /* rows that are one to the kernel, of together x d columns */
    char *least, *most; /* threads x stride bytes: bits of the least lowest bit, and of the largest magnitude, of these columns */
    size_t stride;
    const struct scan_kernel *kernel;
};

/* A number of CSR rows is a row of one column. */
static void scan_sparse(const struct scan *s, size_t from, size_t to, void *least, void *most)
{
    const struct points *p = s->p;
    for (size_t j = from; j < to; j++)
        for (int64_t a = p->begin[j]; a < p->end[j]; a++)
            if (p->stored == KMU_F32)
                s->kernel->rows_f32((const float *)p->x + a, 1, 1, 1, (int32_t *)least + p->column[a],
                                    (int32_t *)most + p->column[a]);
            else
                s->kernel->rows_f64((const double *)p->x + a, 1, 1, 1, (int64_t *)least + p->column[a],
                                    (int64_t *)most + p->column[a]);
}

/* `rows` rows of d numbers, `row` apart. */
static void scan_rows(const struct scan *s, size_t from, size_t row, size_t rows, size_t d, void *least, void *most)
{
    if (s->p->stored == KMU_F32)
        s->kernel->rows_f32((const float *)s->p->x + from, row, rows, d, least, most);
    else
        s->kernel->rows_f64((const double *)s->p->x + from, row, rows, d, least, most);
}

static void scan_chunk(void *context, size_t chunk, int thread)
{
    struct scan *s = context;
    const struct points *p = s->p;
    const size_t from = chunk * s->rows, rows = from + s->rows < p->n ? s->rows : p->n - from, m = s->together, left = rows % m;
    void *least = s->least + (size_t)thread * s->stride, *most = s->most + (size_t)thread * s->stride;
    if (kmu__are_sparse(p)) {
        scan_sparse(s, from, from + rows, least, most);
        return;
    }
    scan_rows(s, from * p->row, p->row * m, rows / m, p->d * m, least, most);
    scan_rows(s, (from + rows - left) * p->row, p->row, left, p->d, least, most);
}

/* Entry l of a list of bits, as the number it is; *finite falls if it is none. */
static double number(const void *bits, size_t l, kmu_type stored, bool *finite)
{
    double x = stored == KMU_F32 ? (double)((const float *)bits)[l] : ((const double *)bits)[l];
    *finite &= isfinite(x) != 0;
    return x;
}

/* p->range and p->all take in what one thread saw of a number of columns; a column of zeros saw a least that is NaN and a most that is 0. */
static void join_columns(struct points *p, const void *least, const void *most, size_t columns, bool *finite)
{
    for (size_t l = 0; l < columns; l++) {
        bool ignored = true;
        double high = number(most, l, p->stored, finite);
        if (high == 0 || !isfinite(high))
            continue;
        struct range low = kmu__range_of(number(least, l, p->stored, &ignored));
        low.high = kmu__range_of(high).high;
        p->range[l % p->d] = kmu__range_join(p->range[l % p->d], low);
        p->all = kmu__range_join(p->all, low);
    }
}

kmu_status kmu__columns(struct points *p, struct pool *pool, const kmu_options *o, bool *finite, kmu_error *error)
{
    size_t threads = (size_t)kmu__pool_threads(pool);
    struct scan s = {.p = p, .kernel = kmu__scan_kernel(o->isa), .together = 1};
    struct memory memory = kmu__memory(o);
    if (!kmu__are_sparse(p) && p->row == p->d && p->d <= WIDE)
        s.together = WIDE / p->d;
    s.rows = (kmu__rows_per_chunk(p->n, 0.1 * (double)p->d) + s.together - 1) / s.together * s.together;
    s.stride = (s.together * p->d + 7) / 8 * 64;
    kmu__wish(&memory, &s.least, threads, s.stride);
    kmu__wish(&memory, &s.most, threads, s.stride);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    for (size_t i = 0; i < threads * s.stride; i += 8) /* the greatest integer of either width, nearly */
        memcpy(s.least + i, &(uint64_t){0x7fffffff7fffffff}, 8);
    kmu__parallel(pool, (p->n + s.rows - 1) / s.rows, 0.1 * (double)p->n * (double)p->d, scan_chunk, &s);
    *finite = true;
    p->all = kmu__range_of(0);
    for (size_t l = 0; l < p->d; l++)
        p->range[l] = kmu__range_of(0);
    for (size_t t = 0; t < threads; t++)
        join_columns(p, s.least + t * s.stride, s.most + t * s.stride, s.together * p->d, finite);
    kmu__give_back(&memory);
    return KMU_OK;
}
