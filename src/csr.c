/* csr.c - CSR rows at the door (csr.h).
 *
 * One pass says whether anything is wrong, and whether the rows can be used where they lie; a second one makes the copy, row by
 * row, with the numbers of a row in the order of its columns. A row keeps its place in the copy, so rows know nothing of each
 * other and all threads make it; what zeros leave free stays free. What is wrong is then named by looking again, row by row.
 *
 * Time O(numbers), and O(numbers log) of rows that are not in order; memory 8 n bytes, and a number and 4 bytes a number. */
#include "csr.h"

#include <math.h>
#include <stdlib.h>

#include "ground/status.h"
#include "points.h"

enum { WRONG = 1, COPY = 2, APART = 64 }; /* what is found; bytes between two threads' findings */

struct entry {
    const kmu_points *from;
    struct points *to;
    int64_t first, *end; /* to->end, where there is a copy */
    size_t rows, longest;
    uint64_t *key; /* threads x longest: column and place */
    uint8_t *found; /* threads x APART */
};

kmu_status kmu__csr_check(const kmu_points *p, kmu_error *error)
{
    if (p->row || p->col)
        return kmu__fail(error, KMU_EUSAGE, "points.row = %td, points.col = %td; CSR rows have no strides", p->row, p->col);
    if (p->start[0] < 0)
        return kmu__fail(error, KMU_EDATA, "points.start begins with %lld", (long long)p->start[0]);
    for (size_t j = 0; j < p->n; j++) {
        if (p->start[j + 1] < p->start[j])
            return kmu__fail(error, KMU_EDATA, "points.start falls from %lld to %lld behind point %zu", (long long)p->start[j],
                             (long long)p->start[j + 1], j);
        if (p->start[j + 1] - p->start[j] > INT32_MAX)
            return kmu__fail(error, KMU_EDATA, "point %zu has %lld numbers, more than 2^31 - 1 columns", j,
                             (long long)(p->start[j + 1] - p->start[j]));
    }
    if (p->start[p->n] > p->start[0] && (!p->x || !p->column))
        return kmu__fail(error, KMU_EUSAGE, "points.x or points.column is NULL");
    return KMU_OK;
}

static inline double number(const kmu_points *p, int64_t a)
{
    return kmu__element(p->x, p->type, a);
}

static size_t end_of(const struct entry *t, size_t chunk)
{
    return (chunk + 1) * t->rows < t->from->n ? (chunk + 1) * t->rows : t->from->n;
}

static void inspect_chunk(void *context, size_t chunk, int thread)
{
    const struct entry *t = context;
    const kmu_points *p = t->from;
    unsigned found = 0;
    for (size_t j = chunk * t->rows; j < end_of(t, chunk); j++) {
        int64_t before = -1;
        for (int64_t a = p->start[j]; a < p->start[j + 1]; a++) {
            const double v = number(p, a);
            const int64_t l = p->column[a];
            found |= !isfinite(v) || l < 0 || (uint64_t)l >= p->d ? WRONG : 0;
            found |= v == 0 || l <= before ? COPY : 0;
            before = l;
        }
    }
    t->found[thread * APART] |= (uint8_t)found;
}

static int by_key(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* key := column and place of the numbers of a row, in order of columns; how many. */
static size_t sort_row(const kmu_points *p, size_t j, uint64_t *key)
{
    const int64_t from = p->start[j];
    const size_t count = (size_t)(p->start[j + 1] - from);
    bool sorted = true;
    for (size_t a = 0; a < count; a++) {
        key[a] = (uint64_t)(uint32_t)p->column[from + (int64_t)a] << 32 | a;
        sorted &= a == 0 || key[a - 1] < key[a];
    }
    if (!sorted)
        qsort(key, count, sizeof *key, by_key);
    return count;
}

static void copy_chunk(void *context, size_t chunk, int thread)
{
    const struct entry *t = context;
    const kmu_points *p = t->from;
    uint64_t *key = t->key + (size_t)thread * t->longest;
    int32_t *column = (int32_t *)(uintptr_t)t->to->column;
    void *x = (void *)(uintptr_t)t->to->x;
    for (size_t j = chunk * t->rows; j < end_of(t, chunk); j++) {
        const size_t count = sort_row(p, j, key);
        int64_t at = p->start[j] - t->first;
        for (size_t a = 0; a < count; a++) {
            const double v = number(p, p->start[j] + (int64_t)(uint32_t)key[a]);
            if (a && key[a] >> 32 == key[a - 1] >> 32)
                t->found[thread * APART] |= WRONG;
            if (v == 0)
                continue;
            column[at] = (int32_t)(key[a] >> 32);
            if (t->to->stored == KMU_F32)
                ((float *)x)[at++] = (float)v;
            else
                ((double *)x)[at++] = v;
        }
        t->end[j] = at;
    }
}

/* Finds what is known to be there: the first point with a number or a column that is none. */
static kmu_status name_the_fault(const struct entry *t, kmu_error *error)
{
    const kmu_points *p = t->from;
    for (size_t j = 0; j < p->n; j++) {
        for (int64_t a = p->start[j]; a < p->start[j + 1]; a++) {
            const int64_t l = p->column[a];
            if (l < 0 || (uint64_t)l >= p->d)
                return kmu__fail(error, KMU_EDATA, "point %zu has a number in column %lld; columns are 0 .. %zu", j, (long long)l,
                                 p->d - 1);
            const kmu_status status = kmu__number_check(p, a, j, (size_t)l, error);
            if (status != KMU_OK)
                return status;
        }
        const size_t count = sort_row(p, j, t->key);
        for (size_t a = 1; a < count; a++)
            if (t->key[a] >> 32 == t->key[a - 1] >> 32)
                return kmu__fail(error, KMU_EDATA, "point %zu has column %d twice; add the two numbers up", j,
                                 (int)(t->key[a] >> 32));
    }
    return kmu__fail(error, KMU_EDATA, "the points changed while they were read");
}

static unsigned found(const struct entry *t, const struct pool *pool)
{
    unsigned all = 0;
    for (int a = 0; a < kmu__pool_threads(pool); a++)
        all |= t->found[a * APART];
    return all;
}

/* x, column, begin and end, where t says that a copy is wanted or not. */
static kmu_status lay_out(struct entry *t, bool copy, size_t numbers, kmu_error *error)
{
    const kmu_points *p = t->from;
    struct points *in = t->to;
    in->memory.as_it_comes = true;
    if (!copy) {
        in->x = p->x;
        in->column = p->column;
        in->begin = p->start;
        in->end = p->start + 1;
        return kmu__grant(&in->memory, error);
    }
    int64_t *begin;
    kmu__wish(&in->memory, &in->x, numbers + 1, kmu_type_bytes(in->stored));
    kmu__wish(&in->memory, &in->column, numbers + 1, sizeof *in->column);
    kmu__wish(&in->memory, &t->end, p->n, sizeof *t->end);
    if (t->first)
        kmu__wish(&in->memory, &begin, p->n, sizeof *begin);
    const kmu_status status = kmu__grant(&in->memory, error);
    if (status != KMU_OK)
        return status;
    in->begin = p->start;
    in->end = t->end;
    if (t->first) {
        for (size_t j = 0; j < p->n; j++)
            begin[j] = p->start[j] - t->first;
        in->begin = begin;
    }
    return KMU_OK;
}

kmu_status kmu__csr_enter(struct points *in, const kmu_points *p, struct pool *pool, const kmu_options *o, kmu_error *error)
{
    const size_t threads = (size_t)kmu__pool_threads(pool), numbers = (size_t)(p->start[p->n] - p->start[0]);
    const double each = (double)numbers / (double)p->n + 1;
    struct memory memory = kmu__memory(o);
    struct entry t = {.from = p, .to = in, .first = p->start[0], .rows = kmu__rows_per_chunk(p->n, 5 * each)};
    const size_t chunks = (p->n + t.rows - 1) / t.rows;
    for (size_t j = 0; j < p->n; j++)
        t.longest = (size_t)(p->start[j + 1] - p->start[j]) > t.longest ? (size_t)(p->start[j + 1] - p->start[j]) : t.longest;
    kmu__wish(&memory, &t.found, threads, APART);
    kmu__wish(&memory, &t.key, threads * t.longest + 1, sizeof *t.key);
    kmu_status status = kmu__grant(&memory, error);
    if (status == KMU_OK) {
        kmu__parallel(pool, chunks, 2.0 * (double)numbers, inspect_chunk, &t);
        const bool copy = (found(&t, pool) & COPY) || (p->type != KMU_F32 && p->type != KMU_F64);
        if (found(&t, pool) & WRONG)
            status = name_the_fault(&t, error);
        if (status == KMU_OK)
            status = lay_out(&t, copy, numbers, error);
        if (status == KMU_OK && copy)
            kmu__parallel(pool, chunks, 10.0 * (double)numbers, copy_chunk, &t);
        if (status == KMU_OK && (found(&t, pool) & WRONG))
            status = name_the_fault(&t, error);
    }
    kmu__give_back(&memory);
    return status;
}
