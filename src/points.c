/* points.c - the door for data (points.h). */
#include "points.h"

#include <math.h>

#include "csr.h"
#include "ground/status.h"
#include "layout/columns.h"

static double half_to_double(uint16_t h)
{
    int e = h >> 10 & 31, m = h & 1023;
    double x = e == 31 ? (m ? NAN : INFINITY) : e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);
    return h >> 15 ? -x : x;
}

double kmu__element(const void *x, kmu_type type, ptrdiff_t i)
{
    switch (type) {
    case KMU_F32:
        return ((const float *)x)[i];
    case KMU_F64:
        return ((const double *)x)[i];
    case KMU_F16:
        return half_to_double(((const uint16_t *)x)[i]);
    case KMU_U8:
        return ((const uint8_t *)x)[i];
    case KMU_I8:
        return ((const int8_t *)x)[i];
    case KMU_U16:
        return ((const uint16_t *)x)[i];
    case KMU_I16:
        return ((const int16_t *)x)[i];
    case KMU_U32:
        return ((const uint32_t *)x)[i];
    case KMU_I32:
        return ((const int32_t *)x)[i];
    case KMU_U64: {
        uint64_t v = ((const uint64_t *)x)[i];
        return v <= 1ull << 53 ? (double)v : INFINITY;
    }
    case KMU_I64: {
        int64_t v = ((const int64_t *)x)[i];
        return v <= 1ll << 53 && v >= -(1ll << 53) ? (double)v : INFINITY;
    }
    }
    return NAN;
}

struct copy {
    const kmu_points *from;
    ptrdiff_t row, col;
    struct points *to;
    size_t rows;
};

static void copy_chunk(void *context, size_t chunk, int thread)
{
    (void)thread;
    struct copy *t = context;
    size_t d = t->to->d, end = (chunk + 1) * t->rows < t->to->n ? (chunk + 1) * t->rows : t->to->n;
    for (size_t j = chunk * t->rows; j < end; j++)
        for (size_t l = 0; l < d; l++) {
            double v = kmu__element(t->from->x, t->from->type, (ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col);
            if (t->to->stored == KMU_F32)
                ((float *)(uintptr_t)t->to->x)[j * d + l] = (float)v;
            else
                ((double *)(uintptr_t)t->to->x)[j * d + l] = v;
        }
}

/* x and row: where the points lie, or a copy. Also grants what is wished in in->memory. */
static kmu_status enter_dense(struct points *in, const kmu_points *p, struct pool *pool, kmu_error *error)
{
    const ptrdiff_t row = p->row ? p->row : (ptrdiff_t)p->d, col = p->col ? p->col : 1;
    const bool in_place = (p->type == KMU_F32 || p->type == KMU_F64) && (col == 1 || p->d == 1) && row >= 0;
    in->x = p->x;
    in->row = (size_t)(in_place ? row : (ptrdiff_t)p->d);
    if (!in_place)
        kmu__wish(&in->memory, &in->x, in->n * in->d, kmu_type_bytes(in->stored));
    const kmu_status status = kmu__grant(&in->memory, error);
    if (status == KMU_OK && !in_place) {
        struct copy copy = {.from = p, .row = row, .col = col, .to = in, .rows = kmu__rows_per_chunk(p->n, 3.0 * (double)p->d)};
        kmu__parallel(pool, (in->n + copy.rows - 1) / copy.rows, 3.0 * (double)in->n * (double)in->d, copy_chunk, &copy);
    }
    return status;
}

kmu_status kmu__points_check(const kmu_points *p, kmu_error *error)
{
    if (!p || p->size < sizeof *p)
        return kmu__fail(error, KMU_EUSAGE, "points.size is not sizeof(kmu_points)");
    if (!kmu_type_name(p->type))
        return kmu__fail(error, KMU_EUSAGE, "points.type is %d, which is no kmu_type", (int)p->type);
    if (p->n == 0 || p->d == 0)
        return kmu__fail(error, KMU_EDATA, "no points: n = %zu, d = %zu", p->n, p->d);
    if (p->start)
        return kmu__csr_check(p, error);
    if (p->column)
        return kmu__fail(error, KMU_EUSAGE, "points.column without points.start, which says where rows begin");
    if (!p->x)
        return kmu__fail(error, KMU_EUSAGE, "points.x is NULL");
    if (p->n > PTRDIFF_MAX / 8 / p->d)
        return kmu__fail(error, KMU_EDATA, "n = %zu times d = %zu is more than can be addressed", p->n, p->d);
    return KMU_OK;
}

kmu_status kmu__number_check(const kmu_points *p, ptrdiff_t a, size_t j, size_t l, kmu_error *error)
{
    const double v = kmu__element(p->x, p->type, a);
    if (isfinite(v))
        return KMU_OK;
    if (p->type == KMU_U64 || p->type == KMU_I64)
        return kmu__fail(error, KMU_EDATA, "point %zu, coordinate %zu is an integer beyond 2^53", j, l);
    return kmu__fail(error, KMU_EDATA, "point %zu, coordinate %zu is %s", j, l, isnan(v) ? "NaN" : "infinite");
}

kmu_status kmu__points_row(const kmu_points *p, size_t j, double *x, kmu_error *error)
{
    const ptrdiff_t row = p->row ? p->row : (ptrdiff_t)p->d, col = p->col ? p->col : 1;
    for (size_t l = 0; l < p->d; l++) {
        const ptrdiff_t a = (ptrdiff_t)j * row + (ptrdiff_t)l * col;
        const double v = kmu__element(p->x, p->type, a);
        if (!isfinite(v))
            return kmu__number_check(p, a, j, l, error);
        if (x)
            x[l] = v;
    }
    return KMU_OK;
}

/* Finds what the scan only knew to be there: the first number, by rows, that is not one. */
static kmu_status name_the_number(const kmu_points *p, kmu_error *error)
{
    kmu_status status = KMU_OK;
    for (size_t j = 0; j < p->n && status == KMU_OK; j++)
        status = kmu__points_row(p, j, NULL, error);
    return status != KMU_OK ? status : kmu__fail(error, KMU_EDATA, "the points changed while they were read");
}

static kmu_status check_weights(struct points *p, kmu_error *error)
{
    p->w_range = (struct range){.low = 0, .high = 1};
    if (!p->w)
        return KMU_OK;
    p->w_range = kmu__range_of(0);
    for (size_t j = 0; j < p->n; j++) {
        double w = p->w[j];
        if (!(w >= 0) || isinf(w))
            return kmu__fail(error, KMU_EDATA, "weight %zu is %g; weights are finite and not negative", j, w);
        p->w_range = kmu__range_join(p->w_range, kmu__range_of(w));
    }
    if (p->w_range.low > p->w_range.high)
        return kmu__fail(error, KMU_EDATA, "all %zu weights are 0", p->n);
    return KMU_OK;
}

kmu_status kmu__points_enter(struct points *in, const kmu_points *p, struct pool *pool, const kmu_options *o, kmu_error *error)
{
    *in = (struct points){.memory = kmu__memory(o)};
    kmu_status status = kmu__points_check(p, error);
    if (status != KMU_OK)
        return status;
    const bool small =
        p->type == KMU_F32 || p->type == KMU_F16 || kmu_type_bytes(p->type) == 1 || p->type == KMU_U16 || p->type == KMU_I16;
    in->n = p->n;
    in->d = p->d;
    in->w = p->w;
    in->type = p->type == KMU_F32 ? KMU_F32 : KMU_F64;
    in->stored = small ? KMU_F32 : KMU_F64; /* short integers and halves are binary32 numbers */
    kmu__wish(&in->memory, &in->range, in->d, sizeof *in->range);
    status = p->start ? kmu__csr_enter(in, p, pool, o, error) : enter_dense(in, p, pool, error);
    if (status != KMU_OK)
        return status;
    bool finite;
    status = kmu__columns(in, pool, o, &finite, error);
    if (status == KMU_OK && kmu__told(pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    if (status == KMU_OK && !finite)
        status = name_the_number(p, error);
    if (status == KMU_OK)
        status = check_weights(in, error);
    if (status != KMU_OK)
        kmu__points_leave(in);
    return status;
}

void kmu__points_leave(struct points *p)
{
    kmu__give_back(&p->memory);
}
