/* panels.c - centroids in groups of equal size: halved again and again across the direction in which they differ most.
 *
 * The first direction leads from one extreme centroid to another; then, twice, from the mean of one half to the mean of the
 * other: two-means with halves of fixed size. Centroids that are much longer than most stay together at the end. */
#include "panels.h"

#include <math.h>
#include <stdlib.h>

#include "../exact/distance.h"
#include "../kernel/filter.h"

#define LONG (3.0 * 3.0) /* times the median of the squared norms: such centroids share panels, whose bounds would suffer */

struct entry {
    double key;
    int32_t i;
};

static int by_key(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    return a->key != b->key ? (a->key < b->key ? -1 : 1) : (a->i > b->i) - (a->i < b->i);
}

static const double *row(const struct fit *f, int32_t i)
{
    return f->mu + (size_t)i * f->d;
}

static size_t farthest(const struct fit *f, const struct entry *e, size_t count, size_t from)
{
    double most = -1;
    size_t far = from;
    for (size_t a = 0; a < count; a++) {
        const double D = kmu__distance(row(f, e[a].i), row(f, e[from].i), f->d);
        if (D > most) {
            most = D;
            far = a;
        }
    }
    return far;
}

static double product(const double *restrict x, const double *restrict y, size_t d)
{
    double sum[8] = {0}, tail = 0;
    size_t l = 0;
    for (; l + 8 <= d; l += 8)
        for (size_t t = 0; t < 8; t++)
            sum[t] += x[l + t] * y[l + t];
    for (; l < d; l++)
        tail += x[l] * y[l];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7])) + tail;
}

static void sort_along(const struct fit *f, struct entry *e, size_t count, const double *direction)
{
    for (size_t a = 0; a < count; a++) {
        const double key = product(row(f, e[a].i), direction, f->d);
        e[a].key = isfinite(key) ? key : 0; /* any order is right, but it has to be one */
    }
    qsort(e, count, sizeof *e, by_key);
}

/* direction := the mean of the upper part less the mean of the lower. */
static void between_halves(const struct fit *f, const struct entry *e, size_t lower, size_t count, double *direction)
{
    memset(direction, 0, f->d * sizeof *direction);
    for (size_t a = 0; a < count; a++) {
        const double *mu = row(f, e[a].i), share = a < lower ? -1 / (double)lower : 1 / (double)(count - lower);
        for (size_t l = 0; l < f->d; l++)
            direction[l] += mu[l] * share;
    }
}

static void halve(struct fit *f, struct entry *e, size_t count)
{
    double *direction = f->row;
    const size_t lower = (count / 2 + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL;
    if (count <= KMU__PANEL)
        return;
    const size_t a = farthest(f, e, count, 0), b = farthest(f, e, count, a);
    for (size_t l = 0; l < f->d; l++)
        direction[l] = row(f, e[b].i)[l] - row(f, e[a].i)[l];
    sort_along(f, e, count, direction);
    for (int again = 0; again < 2; again++) {
        between_halves(f, e, lower, count, direction);
        sort_along(f, e, count, direction);
    }
    kmu__ask(f->pool);
    halve(f, e, lower);
    halve(f, e + lower, count - lower);
}

/* e := the centroids by their norm. */
static void sort_by_norm(const struct fit *f, struct entry *e)
{
    double *origin = f->row;
    for (size_t l = 0; l < f->d; l++)
        origin[l] = f->frame.centre[l] / f->frame.scale;
    for (size_t i = 0; i < f->k; i++)
        e[i] = (struct entry){.key = kmu__distance(row(f, (int32_t)i), origin, f->d), .i = (int32_t)i};
    qsort(e, f->k, sizeof *e, by_key);
}

void kmu__panels_group(int32_t *home, struct fit *f)
{
    struct entry *e = (struct entry *)f->order;
    size_t usual = f->k;
    _Static_assert(sizeof *e <= 2 * sizeof *f->order, "order has room for k entries");
    sort_by_norm(f, e);
    while (e[usual - 1].key > LONG * e[f->k / 2].key)
        usual--;
    usual = usual == f->k ? f->k : usual / KMU__PANEL * KMU__PANEL;
    halve(f, e, usual);
    for (size_t a = 0; a < f->k; a++)
        home[a] = e[a].i;
}
