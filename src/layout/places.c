/* places.c - rows in lexicographic order, equal rows together (places.h).
 *
 * The leading 32 bits of the first column that varies, mapped so that integers sort as the numbers do, travel with the stand of
 * the row in one 64-bit word (of CSR rows, what is known by their first number); a radix sort by bytes orders them, and only runs of equal keys are compared as whole rows. All
 * threads do this, a chunk of words at a time. Where no row is like another, stands are slots, and that is all. */
#include "places.h"

#include <stdlib.h>

#include "../ground/status.h"

/* The first column in which not all rows are equal; d if there is none. */
static size_t first_varying(const struct points *p)
{
    size_t least = p->d;
    double first;
    for (size_t l = 0; l < least; l++) {
        first = kmu__coordinate(p, 0, l);
        for (size_t j = 1; j < p->n && least == p->d; j++)
            if (kmu__coordinate(p, j, l) != first)
                least = l;
    }
    return least;
}

/* 32 bits that order as CSR rows do by the sign and the column of their first number: a lower column is farther from 0. */
static uint32_t sparse_key(const struct points *p, size_t j)
{
    if (p->begin[j] == p->end[j])
        return 1u << 31;
    const int32_t l = p->column[p->begin[j]];
    const uint32_t far = l < INT32_MAX ? (uint32_t)(INT32_MAX - 1 - l) : 0;
    return kmu__number(p, (size_t)p->begin[j]) > 0 ? (1u << 31) + far : (1u << 31) - 1 - far;
}

/* 32 bits that order as x does: all of a binary32, the upper half of a binary64. Never NOBODY. */
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

enum { CHUNK = 1 << 15 }; /* rows, or words */

#define NOBODY UINT32_MAX /* the key of a row without weight */

/* Rows on their way into order. */
struct sorting {
    struct places *places;
    const struct points *points;
    const uint32_t *order;
    struct pool *pool;
    size_t column, chunks;
    uint64_t *word, *spare; /* n: key and stand; room */
    uint32_t (*count)[256]; /* chunks: of every byte, how many and then where to */
    size_t *begins;         /* chunks: how many places begin there */
    size_t rows;            /* of positive weight: those words come first */
    int shift;
};

static inline uint32_t key_at(const struct sorting *t, size_t i)
{
    return (uint32_t)(t->word[i] >> 32);
}

static size_t end_of(const struct sorting *t, size_t chunk)
{
    return (chunk + 1) * CHUNK < t->points->n ? (chunk + 1) * CHUNK : t->points->n;
}

static void over_chunks(struct sorting *t, double cost, void (*work)(void *, size_t, int))
{
    kmu__parallel(t->pool, t->chunks, cost * (double)t->points->n, work, t);
}

/* Whether chunks were skipped, so that what they make was never set. */
static bool abandoned(const struct sorting *t)
{
    return kmu__told(t->pool) == KMU_ABANDON;
}

/* ---- by key ----------------------------------------------------------------------------------------------------------- */

static void make_words(void *context, size_t chunk, int thread)
{
    struct sorting *t = context;
    const struct points *p = t->points;
    (void)thread;
    for (size_t j = chunk * CHUNK; j < end_of(t, chunk); j++) {
        const uint32_t stand = t->order ? t->order[j] : (uint32_t)j;
        uint32_t own = t->column < p->d ? key(kmu__coordinate(p, j, t->column), p->stored) : 0;
        if (kmu__are_sparse(p))
            own = sparse_key(p, j);
        if (kmu__weight(p, j) <= 0)
            own = NOBODY;
        t->word[j] = (uint64_t)own << 32 | stand;
        if (t->order)
            t->places->row[stand] = (uint32_t)j;
    }
}

static void count_bytes(void *context, size_t chunk, int thread)
{
    struct sorting *t = context;
    uint32_t count[256] = {0};
    (void)thread;
    for (size_t i = chunk * CHUNK; i < end_of(t, chunk); i++)
        count[t->word[i] >> t->shift & 255]++;
    memcpy(t->count[chunk], count, sizeof count);
}

static void send_words(void *context, size_t chunk, int thread)
{
    struct sorting *t = context;
    uint32_t *to = t->count[chunk];
    (void)thread;
    for (size_t i = chunk * CHUNK; i < end_of(t, chunk); i++)
        t->spare[to[t->word[i] >> t->shift & 255]++] = t->word[i];
}

/* count: from how many to where. Whether all bytes agree. */
static bool lay_out(struct sorting *t)
{
    size_t at = 0;
    for (int v = 0; v < 256; v++) {
        const size_t before = at;
        for (size_t chunk = 0; chunk < t->chunks; chunk++) {
            const uint32_t here = t->count[chunk][v];
            t->count[chunk][v] = (uint32_t)at;
            at += here;
        }
        if (at - before == t->points->n)
            return true;
    }
    return false;
}

/* word := all rows by key, a byte a pass. */
static void sort_words(struct sorting *t)
{
    over_chunks(t, 5, make_words);
    for (t->shift = 32; t->shift < 64; t->shift += 8) {
        over_chunks(t, 1, count_bytes);
        if (abandoned(t) || lay_out(t))
            continue;
        over_chunks(t, 3, send_words);
        uint64_t *swap = t->word;
        t->word = t->spare;
        t->spare = swap;
    }
    for (t->rows = t->points->n; !abandoned(t) && t->rows > 0 && key_at(t, t->rows - 1) == NOBODY;)
        t->rows--;
}

/* ---- by row ----------------------------------------------------------------------------------------------------------- */

/* What by_row needs besides two stands. */
struct comparison {
    const struct sorting *sorting;
    int thread;
    size_t count;
};

static int by_row(const void *left, const void *right, void *context)
{
    struct comparison *t = context;
    const struct places *q = t->sorting->places;
    const size_t a = kmu__place_row(q, *(const uint32_t *)left), b = kmu__place_row(q, *(const uint32_t *)right);
    const int order = kmu__compare_rows(t->sorting->points, a, b);
    if (t->thread == 0 && ++t->count % (1 << 12) == 0)
        kmu__ask(t->sorting->pool);
    return order ? order : (a > b) - (a < b);
}

/* Whether a place begins with the row at i: rows are equal only if their keys are. */
static bool begins(const struct sorting *t, size_t i)
{
    const struct places *q = t->places;
    return i == 0 || key_at(t, i) != key_at(t, i - 1) ||
           kmu__compare_rows(t->points, kmu__place_row(q, q->slot[i]), kmu__place_row(q, q->slot[i - 1])) != 0;
}

/* slot := stands in order, for the runs of equal keys that begin in a chunk. */
static void sort_runs(void *context, size_t chunk, int thread)
{
    struct sorting *t = context;
    struct comparison comparison = {.sorting = t, .thread = thread};
    const bool whole = t->points->d == 1 && t->points->stored == KMU_F32 && !kmu__are_sparse(t->points); /* the key is the row */
    uint32_t *slot = t->places->slot;
    size_t i = chunk * CHUNK, end = end_of(t, chunk) < t->rows ? end_of(t, chunk) : t->rows;
    t->begins[chunk] = 0;
    while (i > 0 && i < end && key_at(t, i) == key_at(t, i - 1))
        i++;
    while (i < end) {
        const size_t from = i;
        const uint32_t own = key_at(t, i);
        do
            slot[i] = (uint32_t)t->word[i];
        while (++i < t->rows && key_at(t, i) == own);
        if (i - from > 1 && !whole)
            qsort_r(slot + from, i - from, sizeof *slot, by_row, &comparison);
        t->begins[chunk]++;
        for (size_t a = from + 1; a < i; a++)
            t->begins[chunk] += begins(t, a);
    }
}

/* ---- from stands to slots --------------------------------------------------------------------------------------------- */

static void take_weights(void *context, size_t chunk, int thread)
{
    struct sorting *t = context;
    (void)thread;
    for (size_t s = chunk * CHUNK; s < end_of(t, chunk); s++)
        t->places->W[s] = t->points->w[kmu__place_row(t->places, s)];
}

void kmu__place_weigh(struct places *q, size_t s, const double *w)
{
    const uint32_t *row = q->order + q->begin[s];
    double W = 0;
    bool exact = true;
    for (size_t i = 0; i < q->members[s]; i++) { /* Knuth's two-sum tells what is lost */
        const double sum = W + w[row[i]], part = sum - W;
        exact &= (W - (sum - part)) + (w[row[i]] - part) == 0;
        W = sum;
    }
    if (!exact) {
        struct wide total;
        kmu__wide_zero(&total);
        for (size_t i = 0; i < q->members[s]; i++) {
            const struct parts v = kmu__parts(w[row[i]]);
            kmu__wide_add(&total, false, v.m, v.e);
        }
        W = kmu__wide_round(&total);
    }
    q->W[s] = W;
    q->W_exact &= exact;
}

/* Some rows are equal, or have no weight: slots are numbered in the order in which the first rows of places stand. */
static void number_slots(struct sorting *t, uint32_t *row)
{
    struct places *q = t->places;
    const size_t n = t->points->n;
    uint32_t *begin = (uint32_t *)t->spare, *rank = begin + n;
    size_t r = 0;
    memset(rank, 0xff, n * sizeof *rank);
    for (size_t i = 0; i < t->rows; i++) {
        if (q->order)
            q->order[i] = (uint32_t)kmu__place_row(q, q->slot[i]);
        if (!begins(t, i))
            continue;
        rank[q->slot[i]] = (uint32_t)r;
        begin[r++] = (uint32_t)i;
    }
    for (size_t stand = 0, s = 0; stand < n; stand++) {
        if (rank[stand] == UINT32_MAX)
            continue;
        const size_t from = begin[rank[stand]], end = rank[stand] + 1u < r ? begin[rank[stand] + 1] : t->rows;
        row[s] = (uint32_t)kmu__place_row(q, stand); /* s <= stand, so none is lost */
        q->members[s] = (uint32_t)(end - from);
        if (q->W) {
            q->begin[s] = (uint32_t)from;
            kmu__place_weigh(q, s, t->points->w);
        }
        rank[stand] = (uint32_t)s++;
    }
    for (size_t i = 0; i < r; i++)
        q->slot[i] = rank[q->slot[begin[i]]]; /* i <= begin[i] */
    q->row = row;
}

/* All of it, once there is room. row and members are kept where slots are not rows. */
static kmu_status make(struct sorting *t, kmu_error *error)
{
    struct places *q = t->places;
    uint32_t *row = q->row, *members = q->members;
    if (!t->order)
        q->row = NULL;
    q->members = NULL;
    t->column = kmu__are_sparse(t->points) ? t->points->d : first_varying(t->points);
    sort_words(t);
    over_chunks(t, 5, sort_runs);
    if (abandoned(t))
        return kmu__fail(error, KMU_EABANDONED, "abandoned");
    for (size_t chunk = 0; chunk < t->chunks; chunk++)
        q->count += t->begins[chunk];
    if (q->count < t->points->n) {
        q->members = members;
        number_slots(t, row);
    } else if (q->W) {
        over_chunks(t, 5, take_weights);
    }
    return KMU_OK;
}

kmu_status kmu__places_make(struct places *q, const struct points *p, const uint32_t *order, struct pool *pool,
                            const kmu_options *o, kmu_error *error)
{
    struct memory sorting = kmu__memory(o);
    struct sorting t = {.places = q, .points = p, .order = order, .pool = pool, .chunks = (p->n + CHUNK - 1) / CHUNK};
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
    kmu__wish(&sorting, &t.word, p->n, sizeof *t.word);
    kmu__wish(&sorting, &t.spare, p->n, sizeof *t.spare);
    kmu__wish(&sorting, &t.count, t.chunks, sizeof *t.count);
    kmu__wish(&sorting, &t.begins, t.chunks, sizeof *t.begins);
    kmu_status status = kmu__grant(&sorting, error);
    if (status == KMU_OK)
        status = kmu__grant(&q->memory, error);
    if (status == KMU_OK)
        status = make(&t, error);
    kmu__give_back(&sorting);
    return status;
}

void kmu__places_free(struct places *q)
{
    kmu__give_back(&q->memory);
}
