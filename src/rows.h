/* rows.h - the points after the door, and what a row of them is, whether all its numbers are stored or those alone that are not 0.
 *
 * CSR rows are in order: ascending columns, each once, no stored 0. So equal rows are stored alike, and what walks over the
 * stored numbers of a row (a sum, a square, a product) gives what it would give over all of them: a zero adds nothing. */
#ifndef KMU_ROWS_H
#define KMU_ROWS_H

#include "exact/sum.h"
#include "ground/memory.h"

/* Finite, in C order, binary32 or binary64. */
struct points {
    size_t n, d;
    kmu_type type;   /* of the result */
    kmu_type stored; /* KMU_F32 or KMU_F64: how x lies in memory */
    const void *x;
    size_t row;                /* elements from a row to the next */
    const int64_t *begin, *end; /* n each: row j has the numbers begin[j] .. end[j] - 1 of x. NULL: all d, from j row on */
    const int32_t *column;     /* of every number of x, where rows are such */
    const double *w;           /* NULL: every w_j = 1 */
    struct range *range;       /* d: of each column */
    struct range all;          /* of all columns together */
    struct range w_range;
    struct memory memory; /* of a converted copy, and of range */
};

static inline bool kmu__are_sparse(const struct points *p)
{
    return p->begin != NULL;
}

/* How many numbers of row j are stored, where the first of them is in x, and its column. */
static inline size_t kmu__stored_count(const struct points *p, size_t j)
{
    return p->begin ? (size_t)(p->end[j] - p->begin[j]) : p->d;
}

static inline size_t kmu__stored_at(const struct points *p, size_t j)
{
    return p->begin ? (size_t)p->begin[j] : j * p->row;
}

static inline const int32_t *kmu__columns_of(const struct points *p, size_t j)
{
    return p->column + p->begin[j];
}

/* The stored numbers of row j, widened; buffer has room for d and may not be used. */
static inline const double *kmu__stored(const struct points *p, size_t j, double *buffer)
{
    const size_t at = kmu__stored_at(p, j), count = kmu__stored_count(p, j);
    if (p->stored == KMU_F64)
        return (const double *)p->x + at;
    const float *x = (const float *)p->x + at;
    for (size_t a = 0; a < count; a++)
        buffer[a] = x[a];
    return buffer;
}

/* buffer := all d numbers of CSR row j. */
void kmu__row_spread(const struct points *, size_t j, double *buffer);
/* Two such rows compared. O(count). */
int kmu__compare_sparse(const struct points *, size_t a, size_t b);

/* Row j widened, all d of it; buffer holds d doubles and may not be used. */
static inline const double *kmu__row(const struct points *p, size_t j, double *buffer)
{
    if (!p->begin)
        return kmu__stored(p, j, buffer);
    kmu__row_spread(p, j, buffer);
    return buffer;
}

/* Asks for the beginning of row j of a matrix, `most` bytes of it or all, before it is read. */
static inline void kmu__fetch_row(const struct points *p, size_t j, size_t most)
{
    const size_t bytes = p->row * (p->stored == KMU_F32 ? sizeof(float) : sizeof(double));
    for (size_t a = 0; a < bytes && a < most; a += 64)
        __builtin_prefetch((const char *)p->x + j * bytes + a);
}

/* Number a of x. */
static inline double kmu__number(const struct points *p, size_t a)
{
    return p->stored == KMU_F32 ? (double)((const float *)p->x)[a] : ((const double *)p->x)[a];
}

/* Coordinate l of row j; no CSR rows. */
static inline double kmu__coordinate(const struct points *p, size_t j, size_t l)
{
    return kmu__number(p, j * p->row + l);
}

/* -1, 0, 1: two rows as numbers, coordinate by coordinate. */
static inline int kmu__compare_rows(const struct points *p, size_t a, size_t b)
{
    if (p->begin)
        return kmu__compare_sparse(p, a, b);
    for (size_t l = 0; l < p->d; l++) {
        const double x = kmu__number(p, a * p->row + l), y = kmu__number(p, b * p->row + l);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static inline double kmu__weight(const struct points *p, size_t j)
{
    return p->w ? p->w[j] : 1.0;
}

#endif
