/* sparse.c - candidates among CSR rows: products with centroids that stand side by side.
 *
 *   ||x - mu_i||^2 = ||x||^2 - 2 sum_{x_l != 0} x_l mu_il + ||mu_i||^2 = ||x||^2 - 2 S_i,      nearest = argmax_i S_i
 *
 * A number of a row meets all centroids of its column, which are adjacent, so the sums of a row stay in registers. As in dense.c
 * the largest s and the one after it decide where they are farther apart than their error (N25); else all within it are
 * candidates. By bounds (margins.h) this is done for the rows alone whose margin is used up.
 *
 * Time O(numbers k) of those rows; memory the centroids in binary32. */
#include "assign.h"

#include <math.h>

#include "../kernel/sparse.h"
#include "../kernel/verdict.h"
#include "../layout/across.h"
#include "../layout/frame.h"
#include "margins.h"

enum { ROWS = 4 * KMU__ROWS_TOUCHED }; /* of a chunk */

struct desk {
    float first[ROWS], second[ROWS], square[ROWS], slack[ROWS], margin[ROWS];
    uint32_t open[ROWS];
};

struct sparse {
    struct fit *f;
    struct margins *margins; /* or NULL */
    size_t stride;           /* of a thread: s, then the images of a row */
    float grown, added;      /* kmu__frame_most_square */
};

static size_t s_stride(const struct fit *f)
{
    return f->across.stride + (f->d + 15) / 16 * 16;
}

void kmu__sparse_wish(struct fit *f)
{
    const size_t threads = (size_t)kmu__pool_threads(f->pool);
    kmu__wish(&f->memory, &f->frame.centre, f->d, sizeof *f->frame.centre);
    kmu__wish(&f->memory, &f->frame.centre_f32, f->d, sizeof *f->frame.centre_f32);
    kmu__across_wish(&f->across, f, f->k, &f->memory);
    kmu__wish(&f->memory, &f->tiles, threads * s_stride(f), sizeof *f->tiles);
    kmu__wish(&f->memory, &f->near_at, threads * f->k, 2 * sizeof *f->near_at);
    kmu__wish(&f->memory, &f->desks, threads, sizeof(struct desk));
}

/* The label of row j among those whose s is not below limit. */
static int32_t decide(struct fit *f, size_t j, const float *s, float limit, int thread)
{
    int32_t *candidate = f->near_at + (size_t)thread * 2 * f->k, *at = candidate + f->k;
    size_t count = 0;
    for (size_t a = 0; a < f->distinct_count; a++)
        if (s[a] >= limit) {
            at[count] = (int32_t)a;
            candidate[count++] = f->distinct[a];
        }
    return kmu__certify_sparse(f, j, candidate, at, count, thread);
}

static void sparse_chunk(void *context, size_t chunk, int thread)
{
    const struct sparse *t = context;
    struct fit *f = t->f;
    struct desk *desk = (struct desk *)f->desks + thread;
    const size_t from = chunk * ROWS, rows = f->n - from < ROWS ? f->n - from : ROWS;
    const bool known = t->margins && t->margins->known;
    float *s = f->tiles + (size_t)thread * t->stride, *x = s + f->across.stride;
    size_t open = rows;
    if (known)
        open = f->verdict->follow(t->margins->margin + from, f->c + from, t->margins->loss, rows, desk->open);
    for (size_t a = 0; a < open; a++) {
        const size_t j = from + (known ? desk->open[a] : a);
        const float slack = kmu__across_products(&f->across, f, f->points, j, x, s, &desk->square[a]);
        const int32_t best = f->across.kernel->best(s, f->across.used, &desk->first[a], &desk->second[a]);
        const bool decided = desk->first[a] - desk->second[a] > slack;
        const int32_t label = decided ? f->distinct[best] : decide(f, j, s, nextafterf(desk->first[a] - slack, -INFINITY), thread);
        desk->slack[a] = slack;
        if (f->c[j] != label)
            f->touched[j / KMU__ROWS_TOUCHED] = 1;
        f->c[j] = label;
    }
    if (t->margins)
        f->verdict->make(desk->first, desk->second, desk->square, desk->slack, open, t->grown, t->added, desk->margin);
    for (size_t a = 0; t->margins && a < open; a++)
        t->margins->margin[from + (known ? desk->open[a] : a)] = desk->margin[a];
    f->work[thread].pairs += (int64_t)(open * f->distinct_count);
    f->work[thread].skipped += (int64_t)((rows - open) * f->distinct_count);
}

bool kmu__assign_sparse(struct fit *f, bool bounds)
{
    struct sparse t = {.f = f, .margins = bounds ? kmu__margins_open(f) : NULL, .stride = s_stride(f)};
    if (!kmu__across_make(&f->across, f, f->mu, f->distinct, f->distinct_count))
        return false;
    if (t.margins && t.margins->known)
        kmu__margins_lose(t.margins, f);
    if (f->once)
        memset(f->touched, 1, (f->n + KMU__ROWS_TOUCHED - 1) / KMU__ROWS_TOUCHED);
    kmu__frame_most_square(f, &t.grown, &t.added);
    const double each = f->points->all.low > f->points->all.high ? 1 : 64; /* numbers of a row, as a guess */
    kmu__parallel(f->pool, (f->n + ROWS - 1) / ROWS, (double)f->n * each * (2 + 0.1 * (double)f->distinct_count), sparse_chunk, &t);
    if (!t.margins)
        return true;
    t.margins->known = f->distinct_count == f->k; /* who equals its own centroid is as near as that: of it nothing is known */
    f->kept = t.margins->margin;
    return true;
}
