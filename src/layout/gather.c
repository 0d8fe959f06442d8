/* gather.c - some rows of points, side by side (gather.h). */
#include "gather.h"

enum { ROWS = 1024, AHEAD = 8 }; /* rows of a chunk; rows that are asked for before their turn */

struct gathering {
    const struct points *from, *to;
    const uint32_t *row;
};

static void gather_dense(const struct gathering *t, size_t a, size_t end)
{
    const size_t bytes = t->from->stored == KMU_F32 ? sizeof(float) : sizeof(double);
    const char *from = t->from->x;
    char *to = (char *)(uintptr_t)t->to->x;
    if (a + AHEAD < end)
        __builtin_prefetch(from + t->row[a + AHEAD] * t->from->row * bytes);
    memcpy(to + a * t->to->d * bytes, from + t->row[a] * t->from->row * bytes, t->to->d * bytes);
}

/* The numbers of CSR rows stay where they are. */
static void gather_sparse(const struct gathering *t, size_t a)
{
    ((int64_t *)(uintptr_t)t->to->begin)[a] = t->from->begin[t->row[a]];
    ((int64_t *)(uintptr_t)t->to->end)[a] = t->from->end[t->row[a]];
}

static void gather_chunk(void *context, size_t chunk, int thread)
{
    const struct gathering *t = context;
    const size_t end = (chunk + 1) * ROWS < t->to->n ? (chunk + 1) * ROWS : t->to->n;
    (void)thread;
    for (size_t a = chunk * ROWS; a < end; a++) {
        if (kmu__are_sparse(t->from))
            gather_sparse(t, a);
        else
            gather_dense(t, a, end);
        if (t->to->w)
            ((double *)(uintptr_t)t->to->w)[a] = t->from->w[t->row[a]];
    }
}

void kmu__gather_wish(struct points *p, const struct points *from, size_t rows, struct memory *m)
{
    *p = *from;
    m->as_it_comes = true;
    if (kmu__are_sparse(p)) {
        kmu__wish(m, &p->begin, rows, sizeof *p->begin);
        kmu__wish(m, &p->end, rows, sizeof *p->end);
    } else {
        p->row = p->d;
        kmu__wish(m, &p->x, rows * p->d, p->stored == KMU_F32 ? sizeof(float) : sizeof(double));
    }
    if (p->w)
        kmu__wish(m, &p->w, rows, sizeof *p->w);
}

void kmu__gather(struct points *p, const struct points *from, const uint32_t *row, size_t rows, struct pool *pool)
{
    const struct gathering t = {.from = from, .to = p, .row = row};
    p->n = rows;
    kmu__parallel(pool, (rows + ROWS - 1) / ROWS, (10.0 + 0.3 * (double)p->d) * (double)rows, gather_chunk,
                  (void *)(uintptr_t)&t);
}
