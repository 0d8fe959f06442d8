/* plain.c - step (A) as the formula says it, and as a judge must: no filter, every distance, every label certified.
 *
 *   c_j = argmin_i ||x_j - mu_i||^2                                                                                (T2)
 *
 * Time O(n k d), about 1 ns a coordinate. */
#include "assign.h"

struct plain {
    struct fit *f;
    size_t rows; /* of a chunk */
};

static void plain_chunk(void *context, size_t chunk, int thread)
{
    struct plain *t = context;
    struct fit *f = t->f;
    double *row = f->row + (size_t)thread * f->row_stride;
    size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    for (size_t j = chunk * t->rows; j < end; j++)
        f->c[j] = kmu__certify(f, kmu__row(f->points, j, row), f->distinct, f->distinct_count, thread);
    f->work[thread].pairs += (int64_t)((end - chunk * t->rows) * f->distinct_count);
}

void kmu__assign_plain(struct fit *f)
{
    double cost = 1.0 * (double)f->d * (double)f->distinct_count;
    struct plain t = {.f = f, .rows = kmu__rows_per_chunk(f->n, cost)};
    kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost * (double)f->n, plain_chunk, &t);
}
