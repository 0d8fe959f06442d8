/* fill.c - empty clusters take a place.
 *
 *   for each empty C_i in ascending i: among the places whose cluster also holds another place, the one with the largest
 *   ||x - mu_c||^2 > 0 (tie: the lexicographically least) leaves its cluster with all its rows and becomes C_i     (T7)
 *
 * A place is a distinct row of positive weight. The place's new centroid sits on it, so J falls by its w ||x - mu_c||^2.
 *
 * All rows are sorted once by their f64 distance, whose error is bounded by a factor 1 +- slack; the true order is then
 * known up to windows of nearly equal distances, in which integers decide. Rows of one place have one f64 distance and are
 * neighbours in the order. A place that is alone in its cluster stays alone: its cluster is passed over for ever.
 *
 * Time O(n (d + log n)), only in turns that have empty clusters. Memory 24 n bytes. */
#include "fill.h"

#include <stdlib.h>

#include "../exact/distance.h"
#include "tally.h"

struct far {
    double distance; /* to the own centroid, in f64 */
    size_t j;
    const struct fit *f;
};

/* -1, 0, 1: the rows as numbers, coordinate by coordinate. */
static int lexicographic(const struct points *p, size_t a, size_t b)
{
    for (size_t l = 0; l < p->d; l++) {
        double x = p->stored == KMU_F32 ? (double)((const float *)p->x)[a * p->row + l] : ((const double *)p->x)[a * p->row + l];
        double y = p->stored == KMU_F32 ? (double)((const float *)p->x)[b * p->row + l] : ((const double *)p->x)[b * p->row + l];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

/* Farthest first; equal ones by place, then by row. */
static int by_distance(const void *left, const void *right)
{
    const struct far *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance > b->distance ? -1 : 1;
    int order = lexicographic(a->f->points, a->j, b->j);
    return order ? order : a->j < b->j ? -1 : 1;
}

/* The exact ||x_j - mu_c||^2. */
static void exact_distance(const struct fit *f, size_t j, struct wide *distance)
{
    kmu__wide_zero(distance);
    kmu__wide_add_distance(distance, kmu__row(f->points, j, f->row), f->mu + (size_t)f->c[j] * f->d, f->d);
}

/* How far each row of positive weight is; returns their number. */
static size_t measure(struct fit *f, struct far *far)
{
    size_t count = 0;
    for (size_t j = 0; j < f->n; j++) {
        if (kmu__weight(f->points, j) == 0)
            continue;
        const double *mu = f->mu + (size_t)f->c[j] * f->d;
        far[count++] = (struct far){.distance = kmu__distance(kmu__row(f->points, j, f->row), mu, f->d), .j = j, .f = f};
    }
    qsort(far, count, sizeof *far, by_distance);
    return count;
}

/* Whether cluster i holds a place other than row j's. */
static bool holds_another(const struct fit *f, const struct far *far, size_t count, int32_t i, size_t j, const bool *taken)
{
    for (size_t a = 0; a < count; a++)
        if (f->c[far[a].j] == i && !taken[a] && lexicographic(f->points, far[a].j, j) != 0)
            return true;
    return false;
}

/* The place to take: the index in far of its first row, or count when there is none. Rows before *from are out for ever. */
static size_t choose(struct fit *f, const struct far *far, size_t count, const bool *taken, bool *alone, size_t *from)
{
    double slack = f->exact_in_f64 ? 0 : kmu__distance_slack(f->d), tiny = f->exact_in_f64 ? 0 : kmu__distance_tiny(f->d);
    size_t best = count;
    struct wide best_distance, distance;
    while (*from < count && (taken[*from] || alone[f->c[far[*from].j]]))
        ++*from;
    for (size_t a = *from; a < count; a++) {
        if (best < count && (f->exact_in_f64 || far[a].distance * (1 + slack) + tiny < far[best].distance * (1 - slack) - tiny))
            break; /* farther down nothing can be as far */
        int32_t c = f->c[far[a].j];
        if (taken[a] || alone[c] || (best < count && lexicographic(f->points, far[a].j, far[best].j) == 0))
            continue;
        exact_distance(f, far[a].j, &distance);
        int order = best < count ? kmu__wide_compare(&distance, &best_distance) : kmu__wide_sign(&distance);
        bool farther = order > 0 || (order == 0 && best < count && lexicographic(f->points, far[a].j, far[best].j) < 0);
        if (!farther)
            continue;
        if (!holds_another(f, far, count, c, far[a].j, taken)) {
            alone[c] = true;
            continue;
        }
        best = a;
        best_distance = distance;
    }
    return best;
}

/* All rows of the place go to cluster i. */
static void take(struct fit *f, const struct far *far, size_t count, size_t first, int32_t i, bool *taken)
{
    for (size_t a = first; a < count && far[a].distance == far[first].distance; a++) {
        size_t j = far[a].j;
        if (lexicographic(f->points, j, far[first].j) != 0)
            continue;
        taken[a] = true;
        kmu__tally_move(f, j, f->c[j], i);
        f->turn.moved += (f->was[j] != i) - (f->was[j] != f->c[j]);
        f->c[j] = i;
    }
}

kmu_status kmu__fill(struct fit *f, kmu_error *error)
{
    size_t empty = 0;
    for (size_t i = 0; i < f->k; i++)
        empty += f->count[i] == 0;
    if (!empty)
        return KMU_OK;
    struct memory memory = kmu__memory(f->options);
    struct far *far;
    bool *taken, *alone;
    kmu__wish(&memory, &far, f->n, sizeof *far);
    kmu__wish(&memory, &taken, f->n, sizeof *taken);
    kmu__wish(&memory, &alone, f->k, sizeof *alone);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    size_t count = measure(f, far), from = 0;
    for (size_t i = 0; i < f->k; i++) {
        if (f->count[i])
            continue;
        size_t place = choose(f, far, count, taken, alone, &from);
        if (place == count)
            break;
        take(f, far, count, place, (int32_t)i, taken);
    }
    kmu__give_back(&memory);
    return KMU_OK;
}
