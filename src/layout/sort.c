/* sort.c - rows of one column in ascending order, by merging (sort.h).
 *
 * Bits of binary64 numbers order as the numbers do once the negative ones are turned round. Merging has no bad case, keeps the
 * order of what is equal and takes no branch that nobody foresees. */
#include "sort.h"

enum { SHORT = 12 }; /* rows that insertion sorts faster */

static uint64_t key_of(double x)
{
    uint64_t bits;
    x += 0.0; /* -0 is +0 */
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static void insert(struct keyed *e, size_t count)
{
    for (size_t a = 1; a < count; a++) {
        const struct keyed moving = e[a];
        size_t b = a;
        for (; b > 0 && moving.key < e[b - 1].key; b--)
            e[b] = e[b - 1];
        e[b] = moving;
    }
}

/* The entries of `from` in order, there (here) or in `to`; the other is room. */
static void sort(struct keyed *from, struct keyed *to, size_t count, bool here)
{
    const size_t half = count / 2;
    if (count <= SHORT) {
        insert(from, count);
        if (!here)
            memcpy(to, from, count * sizeof *to);
        return;
    }
    sort(from, to, half, !here);
    sort(from + half, to + half, count - half, !here);
    const struct keyed *a = here ? to : from, *middle = a + half, *b = middle, *end = a + count;
    struct keyed *out = here ? from : to;
    while (a < middle && b < end) {
        const bool later = b->key < a->key;
        *out++ = later ? *b : *a;
        b += later;
        a += !later;
    }
    memcpy(out, a, (size_t)(middle - a) * sizeof *out);
    memcpy(out + (middle - a), b, (size_t)(end - b) * sizeof *out);
}

void kmu__sort_rows(const struct points *p, uint32_t *row, size_t count, struct keyed *room)
{
    for (size_t a = 0; a < count; a++)
        room[a] = (struct keyed){.key = key_of(kmu__coordinate(p, row[a], 0)), .row = row[a]};
    sort(room, room + count, count, true);
    for (size_t a = 0; a < count; a++)
        row[a] = room[a].row;
}
