/* gather.c - some rows of points, side by side (gather.h). */
#include "gather.h"

enum { ROWS = 1024, AHEAD = 8 }; /* rows of a chunk; rows that are asked for before their turn */

struct gathering {
    const struct points *from, *to;
    const uint32_t *row;
};

static void gather_chunk(void *context, size_t chunk, int thread)
{
    const struct gathering *t = context;
    const size_t bytes = t->from->stored == KMU_F32 ? sizeof(float) : sizeof(double),
                 end = (chunk + 1) * ROWS < t->to->n ? (chunk + 1) * ROWS : t->to->n;
    const char *from = t->from->x;
    char *to = (char *)(uintptr_t)t->to->x;
    (void)thread;
    for (size_t a = chunk * ROWS; a < end; a++) {
        if (a + AHEAD < end)
            __builtin_prefetch(from + t->row[a + AHEAD] * t->from->row * bytes);
        memcpy(to + a * t->to->d * bytes, from + t->row[a] * t->from->row * bytes, t->to->d * bytes);
        if (t->to->w)
            ((double *)(uintptr_t)t->to->w)[a] = t->from->w[t->row[a]];
    }
}

void kmu__gather_wish(struct points *p, const struct points *from, size_t rows, struct memory *m)
{
    *p = *from;
    p->row = p->d;
    m->as_it_comes = true;
    kmu__wish(m, &p->x, rows * p->d, p->stored == KMU_F32 ? sizeof(float) : sizeof(double));
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
