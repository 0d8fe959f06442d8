/* rows.c - CSR rows as all of their numbers, and in order (rows.h). */
#include "rows.h"

void kmu__row_spread(const struct points *p, size_t j, double *buffer)
{
    memset(buffer, 0, p->d * sizeof *buffer);
    for (int64_t a = p->begin[j]; a < p->end[j]; a++)
        buffer[p->column[a]] = kmu__number(p, (size_t)a);
}

int kmu__compare_sparse(const struct points *p, size_t a, size_t b)
{
    int64_t s = p->begin[a], t = p->begin[b];
    while (s < p->end[a] && t < p->end[b] && p->column[s] == p->column[t] &&
           kmu__number(p, (size_t)s) == kmu__number(p, (size_t)t)) {
        s++;
        t++;
    }
    /* where they differ first, the one whose next column is higher has a 0 */
    const int64_t here = s < p->end[a] ? p->column[s] : INT64_MAX, there = t < p->end[b] ? p->column[t] : INT64_MAX;
    if (here == there && here == INT64_MAX)
        return 0;
    const double x = here <= there ? kmu__number(p, (size_t)s) : 0, y = there <= here ? kmu__number(p, (size_t)t) : 0;
    return x < y ? -1 : 1;
}
