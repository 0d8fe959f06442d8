/* walk.c - the leaf of a tree of splits at which a point arrives.
 *
 *   at split s it goes to child 0, or to child 1 if ||x - mu_1|| < ||x - mu_0||, over the real numbers          (T11)
 *
 * which is (A) with two centroids: certify decides it. Time O(n depth d), about 2 ns a coordinate and split; of CSR rows it is
 * O(numbers depth), O(splits d) for the squares of the centroids, and O(n d) where distances are wanted. */
#include "assign.h"
#include "../layout/across.h"
#include "../layout/typed.h"

struct walk {
    struct fit *f;
    const int32_t *child;
    int32_t *c;
    void *distance;
    size_t rows; /* of a chunk */
};

static void walk_chunk(void *context, size_t chunk, int thread)
{
    const struct walk *t = context;
    const struct fit *f = t->f;
    const size_t end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n, bytes = kmu_type_bytes(f->points->type);
    const bool sparse = kmu__are_sparse(f->points);
    double *buffer = f->row + (size_t)thread * f->row_stride;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const double *x = sparse ? NULL : kmu__row(f->points, j, buffer);
        int32_t at = 0, to = 0;
        do {
            int32_t two[] = {-2 * to, -2 * to + 1}, norms[] = {two[0], two[1]};
            at = sparse ? kmu__certify_sparse(f, j, two, norms, 2, thread) : kmu__certify(f, x, two, 2, thread);
            to = t->child[at];
        } while (to < 0);
        t->c[j] = to;
        if (t->distance) {
            x = kmu__row(f->points, j, buffer);
            const double v = kmu__exact_distance(x, f->mu + (size_t)at * f->d, f->d, f->points->type);
            kmu__centroids_leave((char *)t->distance + j * bytes, &v, 1, f->points->type);
        }
    }
}

void kmu__walk(struct fit *f, const int32_t *child, int32_t *c, void *distance)
{
    const double cost = 20.0 * (double)f->d; /* some ten splits */
    struct walk t = {.f = f, .child = child, .c = c, .distance = distance, .rows = kmu__rows_per_chunk(f->n, cost)};
    kmu__look_at_centroids(f);
    if (kmu__are_sparse(f->points))
        kmu__across_make(&f->across, f, f->mu, NULL, f->k);
    kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost * (double)f->n, walk_chunk, &t);
}
