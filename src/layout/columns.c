/* columns.c - the lowest and the highest bit of every column, in one pass.
 *
 * The magnitude of x as an integer grows with |x|, so its maximum is the maximum of |x| (and shows inf and NaN). The
 * lowest set bit: clear it in the significand, b & (b - 1), and subtract as floats; what is left is a power of two. A
 * significand without bits is a power of two itself. Zeros are passed over. */
#include "layout/columns.h"

#include <stdlib.h>

struct scan {
    const struct points *p;
    size_t rows;               /* of a chunk */
    int64_t *least, *most;     /* threads x d: bits of the least lowest bit, and of the largest magnitude */
    size_t stride;
};

#define SCAN_ROWS(name, real, integer, fraction_bits)                                                                            \
    static void name(const real *x, size_t row, size_t rows, size_t d, int64_t *restrict least, int64_t *restrict most)         \
    {                                                                                                                           \
        const integer magnitude = ~((integer)1 << (8 * sizeof(integer) - 1)), fraction = ((integer)1 << fraction_bits) - 1;     \
        for (size_t j = 0; j < rows; j++, x += row)                                                                             \
            for (size_t l = 0; l < d; l++) {                                                                                    \
                integer b, low;                                                                                                 \
                memcpy(&b, &x[l], sizeof b);                                                                                    \
                b &= magnitude;                                                                                                 \
                integer cleared = b & fraction ? b & (b - 1) : 0;                                                               \
                real whole, rest;                                                                                               \
                memcpy(&whole, &b, sizeof b);                                                                                   \
                memcpy(&rest, &cleared, sizeof b);                                                                              \
                whole -= rest;                                                                                                  \
                memcpy(&low, &whole, sizeof b);                                                                                 \
                most[l] = (int64_t)b > most[l] ? (int64_t)b : most[l];                                                          \
                least[l] = b && (int64_t)low < least[l] ? (int64_t)low : least[l];                                              \
            }                                                                                                                   \
    }

SCAN_ROWS(scan_f32, float, uint32_t, 23)
SCAN_ROWS(scan_f64, double, uint64_t, 52)

static void scan_chunk(void *context, size_t chunk, int thread)
{
    struct scan *s = context;
    const struct points *p = s->p;
    size_t from = chunk * s->rows, rows = from + s->rows < p->n ? s->rows : p->n - from;
    int64_t *least = s->least + (size_t)thread * s->stride, *most = s->most + (size_t)thread * s->stride;
    if (p->stored == KMU_F32)
        scan_f32((const float *)p->x + from * p->row, p->row, rows, p->d, least, most);
    else
        scan_f64((const double *)p->x + from * p->row, p->row, rows, p->d, least, most);
}

/* The number whose bits these are. */
static double number(int64_t bits, kmu_type stored)
{
    if (stored == KMU_F32) {
        uint32_t b = (uint32_t)bits;
        float x;
        memcpy(&x, &b, sizeof x);
        return (double)x;
    }
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

kmu_status kmu__columns(struct points *p, struct pool *pool, const kmu_options *o, bool *finite, kmu_error *error)
{
    size_t threads = (size_t)kmu__pool_threads(pool);
    struct scan s = {.p = p, .rows = kmu__rows_per_chunk(p->n, 0.5 * (double)p->d), .stride = (p->d + 7) / 8 * 8};
    struct memory memory = kmu__memory(o);
    kmu__wish(&memory, &s.least, threads * s.stride, sizeof *s.least);
    kmu__wish(&memory, &s.most, threads * s.stride, sizeof *s.most);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    for (size_t i = 0; i < threads * s.stride; i++)
        s.least[i] = INT64_MAX;
    kmu__parallel(pool, (p->n + s.rows - 1) / s.rows, 0.5 * (double)p->n * (double)p->d, scan_chunk, &s);
    const int64_t beyond = p->stored == KMU_F32 ? 0x7f800000 : 0x7ff0000000000000;
    *finite = true;
    p->all = kmu__range_of(0);
    for (size_t l = 0; l < p->d; l++) {
        p->range[l] = kmu__range_of(0);
        for (size_t t = 0; t < threads; t++) {
            int64_t least = s.least[t * s.stride + l], most = s.most[t * s.stride + l];
            *finite &= most < beyond;
            if (most > 0 && most < beyond) {
                struct range low = kmu__range_of(number(least, p->stored)), high = kmu__range_of(number(most, p->stored));
                p->range[l] = kmu__range_join(p->range[l], (struct range){.low = low.low, .high = high.high});
            }
        }
        p->all = kmu__range_join(p->all, p->range[l]);
    }
    kmu__give_back(&memory);
    return KMU_OK;
}
