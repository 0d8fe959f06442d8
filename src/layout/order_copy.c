/* order_copy.c - the points of an order, copied when all else is known, and given back before all else (order.h). */
#include "order.h"

enum {
    FILL = 4096, /* rows that are copied by one chunk */
    AHEAD = 16   /* rows whose places are asked for before their turn */
};

static void fill_chunk(void *context, size_t chunk, int thread)
{
    struct order *o = context;
    const size_t end = (chunk + 1) * FILL < o->points.n ? (chunk + 1) * FILL : o->points.n;
    const size_t bytes = o->points.d * (o->from->stored == KMU_F32 ? sizeof(float) : sizeof(double));
    (void)thread;
    for (size_t j = chunk * FILL; j < end; j++) {
        if (j + AHEAD < end)
            __builtin_prefetch(o->x + o->place[j + AHEAD] * bytes, 1);
        kmu__order_copy(o, o->place[j], j);
    }
}

void kmu__order_fill(struct order *o, struct pool *pool)
{
    if (!o->place || o->points.x)
        return;
    kmu__parallel(pool, (o->points.n + FILL - 1) / FILL, 10.0 * (double)o->points.n, fill_chunk, o);
    o->points.x = o->x;
}

void kmu__order_empty(struct order *o)
{
    kmu__give_back(&o->copy);
    o->points.x = o->points.w = NULL;
}

void kmu__order_free(struct order *o)
{
    kmu__give_back(&o->memory);
    kmu__give_back(&o->copy);
    o->place = NULL;
}
