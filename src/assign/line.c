/* line.c - step (A) of one column: where, among sorted rows, one centroid's span ends and the next one's begins.
 *
 * Let a < b be neighbours among the values of the centroids. (x - a)^2 - (x - b)^2 = (b - a)(2 x - a - b) rises with x, so there
 * is a first row that is b's of the two; and as (a + b) / 2 rises from pair to pair, so do these cuts, and between two of them
 * lies the span of one centroid: nobody farther off is nearer there, or as near (T2). A cut is found by halving; every question
 * on the way is put to certify.
 *
 * Rows lie as layout/order.h sorted them; what becomes of the spans is in update/spans.h. Time O(k log n) a turn. */
#include <stdlib.h>

#include "assign.h"
#include "../update/spans.h"

enum { CHUNK = 16 }; /* cuts */

struct stop {
    double x;
    int32_t i;
};

static int by_value(const void *left, const void *right)
{
    const struct stop *a = left, *b = right;
    return (a->x > b->x) - (a->x < b->x);
}

/* The first row that is the second one's of two neighbours. */
static size_t find_cut(const struct fit *f, int32_t first, int32_t second, int thread)
{
    const int32_t pair[2] = {first < second ? first : second, first < second ? second : first};
    size_t from = 0, to = f->n;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const double x = kmu__coordinate(f->points, middle, 0);
        if (kmu__certify(f, &x, pair, 2, thread) == second)
            to = middle;
        else
            from = middle + 1;
        f->work[thread].pairs += 2;
    }
    return to;
}

static void cut_chunk(void *context, size_t chunk, int thread)
{
    const struct fit *f = context;
    struct cuts *now = &f->spans->now;
    for (size_t a = chunk * CHUNK + 1; a < now->count && a <= (chunk + 1) * CHUNK; a++)
        now->cut[a] = find_cut(f, now->who[a - 1], now->who[a], thread);
}

bool kmu__assign_line(struct fit *f)
{
    if (f->d > 1 || !f->place || !kmu__spans_open(f))
        return false;
    struct spans *t = f->spans;
    struct stop *stop = (struct stop *)f->order;
    _Static_assert(sizeof *stop <= 2 * sizeof *f->order, "order has room for k stops");
    t->spelt = false;
    t->regular = true;
    t->now.count = f->distinct_count;
    for (size_t a = 0; a < t->now.count; a++)
        stop[a] = (struct stop){.x = f->mu[f->distinct[a]], .i = f->distinct[a]};
    qsort(stop, t->now.count, sizeof *stop, by_value);
    for (size_t a = 0; a < t->now.count; a++)
        t->now.who[a] = stop[a].i;
    t->now.cut[0] = 0;
    t->now.cut[t->now.count] = f->n;
    kmu__parallel(f->pool, t->now.count / CHUNK + 1, 500.0 * (double)t->now.count, cut_chunk, f);
    f->work[0].skipped = (int64_t)(f->n * f->distinct_count);
    for (int a = 0; a < kmu__pool_threads(f->pool); a++)
        f->work[0].skipped -= f->work[a].pairs;
    return true;
}
