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

/* Sorts count words by their upper half, a byte a pass; passes in which all bytes agree are left out. The result is in a. */
static void radix_sort(uint64_t *a, uint64_t *b, size_t count)
{
    uint64_t *from = a, *to = b;
    for (int shift = 32; shift < 64; shift += 8) {
        size_t begin[257] = {0};
        for (size_t i = 0; i < count; i++)
            begin[(from[i] >> shift & 255) + 1]++;
        bool agree = false;
        for (int v = 0; v < 256; v++) {
            agree |= begin[v + 1] == count;
            begin[v + 1] += begin[v];
        }
        if (agree)
            continue;
        for (size_t i = 0; i < count; i++)
            to[begin[from[i] >> shift & 255]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != a)
        memcpy(a, from, count * sizeof *a);
}

static int by_row(const void *left, const void *right, void *points)
{
    const struct points *p = points;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    for (size_t l = 0; l < p->d; l++) {
        double x = coordinate(p, a, l), y = coordinate(p, b, l);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a > b) - (a < b);
}

/* first and W: runs of equal rows. */
static void find_places(struct places *q, const struct points *p, size_t rows)
{
    q->count = 0;
    q->W_exact = true;
    for (size_t i = 0; i < rows; i++) {
        size_t j = q->order[i];
        bool same = i > 0;
        for (size_t l = 0; same && l < p->d; l++)
            same = coordinate(p, j, l) == coordinate(p, q->order[i - 1], l);
        if (!same) {
            q->first[q->count] = (uint32_t)i;
            q->W[q->count++] = kmu__weight(p, j);
            continue;
        }
        double *W = &q->W[q->count - 1], w = kmu__weight(p, j), sum = *W + w, part = sum - *W; /* Knuth's two-sum */
        q->W_exact &= (*W - (sum - part)) + (w - part) == 0;
        *W = sum;
    }
    q->first[q->count] = (uint32_t)rows;
}

kmu_status kmu__places_make(struct places *q, const struct points *p, const kmu_options *o, kmu_error *error)
{
    struct memory sorting = kmu__memory(o);
    uint64_t *word, *spare;
    *q = (struct places){.memory = kmu__memory(o)};
    if (p->n > UINT32_MAX)
        return kmu__fail(error, KMU_EDATA, "seeding sorts at most 2^32 - 1 points, and there are %zu; give a start", p->n);
    kmu__wish(&q->memory, &q->order, p->n, sizeof *q->order);
    kmu__wish(&q->memory, &q->first, p->n + 1, sizeof *q->first);
    kmu__wish(&q->memory, &q->W, p->n, sizeof *q->W);
    kmu__wish(&sorting, &word, p->n, sizeof *word);
    kmu__wish(&sorting, &spare, p->n, sizeof *spare);
    kmu_status status = kmu__grant(&q->memory, error);
    if (status == KMU_OK)
        status = kmu__grant(&sorting, error);
    if (status != KMU_OK) {
        kmu__places_free(q);
        return status;
    }
    size_t rows = 0, column = first_varying(p);
    for (size_t j = 0; j < p->n; j++)
        if (kmu__weight(p, j) > 0)
            word[rows++] = (uint64_t)(column < p->d ? key(coordinate(p, j, column), p->stored) : 0) << 32 | j;
    radix_sort(word, spare, rows);
    for (size_t i = 0; i < rows; i++)
        q->order[i] = (uint32_t)word[i];
    for (size_t i = 0, end; i < rows; i = end) {
        for (end = i + 1; end < rows && word[end] >> 32 == word[i] >> 32;)
            end++;
        if (end - i > 1 && (p->d > 1 || p->stored == KMU_F64))
            qsort_r(q->order + i, end - i, sizeof *q->order, by_row, (void *)(uintptr_t)p);
    }
    kmu__give_back(&sorting);
    find_places(q, p, rows);
    return KMU_OK;
}

void kmu__places_free(struct places *q)
{
    kmu__give_back(&q->memory);
}
