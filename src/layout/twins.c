/* twins.c - rows that are equal, as numbers, by a hash table (twins.h). */
#include "twins.h"

enum { LOOK = 8192 }; /* rows of the sample */

/* Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195. The last bits of short numbers are 0, and only shifts bring
 * others there. */
static inline uint64_t hash(const struct points *p, size_t j)
{
    uint64_t h = 0;
    for (size_t l = 0; l < p->d; l++) {
        const double x = kmu__coordinate(p, j, l) + 0.0; /* -0 is +0 */
        uint64_t b;
        memcpy(&b, &x, sizeof b);
        h = (h ^ b) * 0xbf58476d1ce4e5b9;
        h ^= h >> 31;
    }
    h *= 0x94d049bb133111eb;
    return h ^ h >> 31;
}

size_t kmu__find_twins(const struct points *p, uint32_t *row, size_t count, uint32_t *twin, uint32_t *table, size_t room)
{
    size_t kept = 0;
    memset(table, 0xff, room * sizeof *table);
    for (size_t a = 0; a < count; a++) {
        const uint32_t j = row[a];
        size_t at = hash(p, j) & (room - 1);
        while (table[at] != UINT32_MAX && kmu__compare_rows(p, row[table[at]], j) != 0)
            at = (at + 1) & (room - 1);
        if (twin)
            twin[j] = table[at] == UINT32_MAX ? j : row[table[at]];
        if (table[at] != UINT32_MAX)
            continue;
        table[at] = (uint32_t)kept;
        row[a] = row[kept];
        row[kept++] = j;
    }
    return kept;
}

/* Of s rows in a sample, about s^2 / 2 N meet a twin if there are N places. Weights of merged rows have to be exact
 * (exact/sum.h). */
bool kmu__twins_pay(const struct points *p)
{
    uint32_t row[LOOK], table[2 * LOOK];
    const size_t count = p->n < LOOK ? p->n : LOOK;
    const bool exact = p->all.low > p->all.high || p->all.high - p->all.low + kmu__bits(p->n) <= 50;
    if (p->w || !exact)
        return false;
    for (size_t a = 0; a < count; a++)
        row[a] = (uint32_t)(p->n * a / count);
    const size_t twins = count - kmu__find_twins(p, row, count, NULL, table, 2 * LOOK);
    return (double)twins * (double)p->n > 0.75 * (double)count * (double)count && twins > 8;
}
