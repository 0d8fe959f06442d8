/* median.c - quickselect (Hoare 1961, doi:10.1145/366622.366647) without branches that nobody foresees: what is below a pivot
 * is put first by swaps that are always made. */
#include "median.h"

void kmu__select_middle(uint64_t *p, size_t count, size_t middle)
{
    size_t from = 0, to = count;
    while (to - from > 2) {
        const uint64_t a = p[from], b = p[from + (to - from) / 2], c = p[to - 1],
                       pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
        size_t i = from;
        for (size_t j = from; j < to; j++) {
            const uint64_t v = p[j];
            p[j] = p[i];
            p[i] = v;
            i += v < pivot;
        }
        if (middle < i)
            to = i;
        else
            from = i; /* one of the three is below the pivot, one is not: both parts are smaller */
    }
    if (to - from == 2 && p[from] > p[from + 1]) {
        const uint64_t v = p[from];
        p[from] = p[from + 1];
        p[from + 1] = v;
    }
}
