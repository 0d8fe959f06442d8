/* places.c - rows in lexicographic order, equal rows together (places.h).
 *
 * The leading 32 bits of the first column that varies, mapped so that integers sort as the numbers do, travel with the row
 * number in one 64-bit word; a radix sort by bytes orders them, and only runs of equal keys are compared as whole rows. */
#include "places.h"

#include <stdlib.h>

#include "../ground/status.h"

static double coordinate(const struct points *p, size_t j, size_t l)
{
    return p->stored == KMU_F32 ? (double)((const float *)p->x)[j * p->row + l] : ((const double *)p->x)[j * p->row + l];
}

/* The first column in which not all rows are equal; d if there is none. */
static size_t first_varying(const struct points *p)
{
    size_t least = p->d;
    double first;
    for (size_t l = 0; l < least; l++) {
        first = coordinate(p, 0, l);
        for (size_t j = 1; j < p->n && least == p->d; j++)
            if (coordinate(p, j, l) != first)
                least = l;
    }
    return least;
}

/* 32 bits that order as x does: all of a binary32, the upper half of a binary64. */
static uint32_t key(double x, kmu_type stored)
{
    x += 0.0; /* -0 is +0 */
    uint64_t bits;
    if (stored == KMU_F32) {
        float f = (float)x;
        uint32_t b;
        memcpy(&b, &f, sizeof b);
        bits = (uint64_t)b << 32;
    } else {
        memcpy(&bits, &x, sizeof bits);
    }
    uint32_t b = (uint32_t)(bits >> 32);
    return b >> 31 ? ~b : b | 1u << 31;
}

/* Polls now and then in a loop over many rows. */
static inline void breathe(struct pool *pool, size_t i)
{
    if (i % (1 << 12) == 0)
        kmu__ask(pool);
}

/* Sorts count words by their upper half, a byte a pass; passes in which all bytes agree are left out. The result is in a. */
static void radix_sort(uint64_t *a, uint64_t *b, size_t count, struct pool *pool)
{
    uint64_t *from = a, *to = b;
    for (int shift = 32; shift < 64; shift += 8) {
        size_t begin[257] = {0};
        for (size_t i = 0; i < count; i++) {
            breathe(pool, i);
            begin[(from[i] >> shift & 255) + 1]++;
        }
        bool agree = false;
        for (int v = 0; v < 256; v++) {
            agree |= begin[v + 1] == count;
            begin[v + 1] += begin[v];
        }
        if (agree)
            continue;
        for (size_t i = 0; i < count; i++) {
            breathe(pool, i);
            to[begin[from[i] >> shift & 255]++] = from[i];
        }
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != a)
        memcpy(a, from, count * sizeof *a);
}

/* What by_row needs besides two rows. */
struct comparison {
    const struct points *points;
    struct pool *pool;
    size_t count;
};

static int by_row(const void *left, const void *right, void *context)
{
    struct comparison *t = context;
    const struct points *p = t->points;
    breathe(t->pool, ++t->count);
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    for (size_t l = 0; l < p->d; l++) {
        double x = coordinate(p, a, l), y = coordinate(p, b, l);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a > b) - (a < b);
}

static bool same_row(const struct points *p, size_t a, size_t b)
{
    for (size_t l = 0; l < p->d; l++)
        if (coordinate(p, a, l) != coordinate(p, b, l))
            return false;
    return true;
}

/* W[s] += w, by Knuth's two-sum: W_exact falls when something is lost. */
static void add_weight(struct places *q, size_t s, double w)
{
    double W = q->W[s], sum = W + w, part = sum - W;
    q->W_exact &= (W - (sum - part)) + (w - part) == 0;
    q->W[s] = sum;
}

/* Where a rank's key lies: rows are equal only if their keys are. */
struct sorted {
    const uint32_t *order;
    const uint64_t *word; /* the upper half is the key of the same entry of order */
    size_t rows;
};

/* slot[r] := the first row of the place of rank r, for now. */
static void find_places(struct places *q, const struct points *p, const struct sorted *t, struct pool *pool)
{
    for (size_t i = 0; i < t->rows; i++) {
        breathe(pool, i);
        if (i == 0 || t->word[i] >> 32 != t->word[i - 1] >> 32 || !same_row(p, t->order[i], t->order[i - 1]))
            q->slot[q->count++] = (uint32_t)i;
    }
}

/* From ranks to slots: first, room for a number a row, := the rank of the place whose first row stands here. */
static void fill_slots(struct places *q, const struct points *p, const struct sorted *t, const uint32_t *stand, uint32_t *first,
                       struct pool *pool)
{
    memset(first, -1, p->n * sizeof *first);
    for (size_t r = 0; r < q->count; r++) {
        const uint32_t j = t->order[q->slot[r]];
        breathe(pool, r);
        first[stand ? stand[j] : j] = (uint32_t)r;
    }
    for (size_t j = 0, s = 0; j < p->n; j++) {
        breathe(pool, j);
        if (first[j] == UINT32_MAX)
            continue;
        size_t r = first[j], begin = q->slot[r], end = r + 1 < q->count ? q->slot[r + 1] : t->rows;
        q->row[s] = t->order[begin];
        q->members[s] = (uint32_t)(end - begin);
        if (q->W)
            q->W[s] = 0;
        for (size_t i = begin; q->W && i < end; i++)
            add_weight(q, s, p->w[t->order[i]]);
        if (q->W)
            q->begin[s] = (uint32_t)begin;
        first[j] = (uint32_t)s++;
    }
    for (size_t r = 0; r < q->count; r++) {
        breathe(pool, r);
        const uint32_t j = t->order[q->slot[r]];
        q->slot[r] = first[stand ? stand[j] : j];
    }
}

/* order := the rows of positive weight in lexicographic order, word their keys; returns how many. spare is room. */
static size_t sort_rows(const struct points *p, uint64_t *word, uint64_t *spare, struct pool *pool)
{
    size_t rows = 0, column = first_varying(p);
    uint32_t *order = (uint32_t *)spare;
    for (size_t j = 0; j < p->n; j++) {
        breathe(pool, j);
        if (kmu__weight(p, j) > 0)
            word[rows++] = (uint64_t)(column < p->d ? key(coordinate(p, j, column), p->stored) : 0) << 32 | j;
    }
    radix_sort(word, spare, rows, pool);
    for (size_t i = 0; i < rows; i++) {
        breathe(pool, i);
        order[i] = (uint32_t)word[i];
    }
    struct comparison comparison = {.points = p, .pool = pool};
    for (size_t i = 0, end; i < rows; i = end) {
        for (end = i + 1; end < rows && word[end] >> 32 == word[i] >> 32;)
            end++;
        if (end - i > 1 && (p->d > 1 || p->stored == KMU_F64))
            qsort_r(order + i, end - i, sizeof *order, by_row, &comparison);
    }
    return rows;
}

kmu_status kmu__places_make(struct places *q, const struct points *p, const uint32_t *order, struct pool *pool,
                            const kmu_options *o, kmu_error *error)
{
    struct memory sorting = kmu__memory(o);
    uint64_t *word, *spare;
    *q = (struct places){.W_exact = true, .memory = kmu__memory(o)};
    if (p->n >= UINT32_MAX)
        return kmu__fail(error, KMU_EDATA, "seeding sorts less than 2^32 - 1 points, and there are %zu; give a start", p->n);
    q->memory.as_it_comes = sorting.as_it_comes = true; /* all of it is written before it is read, a page at a time */
    kmu__wish(&q->memory, &q->row, p->n, sizeof *q->row);
    kmu__wish(&q->memory, &q->members, p->n, sizeof *q->members);
    kmu__wish(&q->memory, &q->slot, p->n, sizeof *q->slot);
    if (p->w) {
        kmu__wish(&q->memory, &q->W, p->n, sizeof *q->W);
        kmu__wish(&q->memory, &q->order, p->n, sizeof *q->order);
        kmu__wish(&q->memory, &q->begin, p->n, sizeof *q->begin);
    }
    kmu__wish(&sorting, &word, p->n, sizeof *word);
    kmu__wish(&sorting, &spare, p->n, sizeof *spare);
    kmu_status status = kmu__grant(&sorting, error);
    if (status == KMU_OK)
        status = kmu__grant(&q->memory, error);
    if (status == KMU_OK) {
        struct sorted t = {.order = (uint32_t *)spare, .word = word, .rows = sort_rows(p, word, spare, pool)};
        find_places(q, p, &t, pool);
        if (q->order)
            memcpy(q->order, t.order, t.rows * sizeof *q->order);
        fill_slots(q, p, &t, order, (uint32_t *)word, pool);
    }
    kmu__give_back(&sorting);
    return status;
}

void kmu__places_free(struct places *q)
{
    kmu__give_back(&q->memory);
}
