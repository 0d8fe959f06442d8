/* fill.c - empty clusters take a place.
 *
 *   for each empty C_i in ascending i: among the places whose cluster also holds another place, the one with the largest
 *   ||x - mu_c||^2 > 0 (tie: the lexicographically least) leaves its cluster with all its rows and becomes C_i     (T7)
 *
 * A place is a distinct row of positive weight. The place's new centroid sits on it, so J falls by its w ||x - mu_c||^2.
 *
 * Rows are taken off a heap by their f64 distance, whose error is bounded by a factor 1 +- slack (N2): their true order is
 * known up to windows of nearly equal distances, in which integers decide. Rows of one place have one f64 distance and leave
 * the heap together. A place that is alone in its cluster stays alone: its cluster is passed over for ever.
 *
 * Time O(n d + taken log n), only in turns that have empty clusters. Memory 16 n bytes. */
#include "fill.h"

#include "../exact/distance.h"
#include "spans.h"
#include "tally.h"

struct far {
    double distance; /* to the own centroid, in f64 */
    size_t j;
};

/* Rows of positive weight: a heap of those not looked at yet, and behind it, from the end, the farthest ones in order. */
struct line {
    struct fit *f;
    struct far *far;
    size_t count, heap;
    bool *taken; /* of each row */
    bool *alone; /* of each cluster: it is known to hold one place */
    size_t from; /* entries before it are out for ever */
    size_t rows; /* of a chunk */
};

/* Whether a comes before b: farther, or as far and less, or a row of the same place with a lower number. */
static bool before(const struct line *t, const struct far *a, const struct far *b)
{
    if (a->distance != b->distance)
        return a->distance > b->distance;
    int order = kmu__compare_rows(t->f->points, a->j, b->j);
    return order ? order < 0 : a->j < b->j;
}

/* Lets entry i of the heap sink to its place. */
static void sink(struct line *t, size_t i)
{
    struct far moving = t->far[i];
    for (size_t child; (child = 2 * i + 1) < t->heap; i = child) {
        if (child + 1 < t->heap && before(t, &t->far[child + 1], &t->far[child]))
            child++;
        if (!before(t, &t->far[child], &moving))
            break;
        t->far[i] = t->far[child];
    }
    t->far[i] = moving;
}

/* The a-th farthest row, a < count. */
static const struct far *farthest(struct line *t, size_t a)
{
    while (t->count - t->heap <= a) {
        struct far top = t->far[0];
        t->far[0] = t->far[--t->heap];
        sink(t, 0);
        t->far[t->heap] = top;
    }
    return &t->far[t->count - 1 - a];
}

static void measure_chunk(void *context, size_t chunk, int thread)
{
    struct line *t = context;
    struct fit *f = t->f;
    size_t end = (chunk + 1) * t->rows < t->count ? (chunk + 1) * t->rows : t->count;
    for (size_t a = chunk * t->rows; a < end; a++) {
        size_t j = t->far[a].j;
        const double *x = kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride);
        t->far[a].distance = kmu__distance(x, f->mu + (size_t)f->c[j] * f->d, f->d);
    }
}

/* Measures every row of positive weight and makes the heap. */
static void line_up(struct line *t)
{
    struct fit *f = t->f;
    for (size_t j = 0; j < f->n; j++)
        if (kmu__weight(f->points, j) > 0)
            t->far[t->count++].j = j;
    t->rows = kmu__rows_per_chunk(t->count, (double)f->d);
    kmu__parallel(f->pool, (t->count + t->rows - 1) / t->rows, (double)t->count * (double)f->d, measure_chunk, t);
    t->heap = t->count;
    for (size_t i = t->heap / 2; i-- > 0;) {
        sink(t, i);
        if (i % (1 << 14) == 0)
            kmu__ask(f->pool);
    }
}

/* The exact ||x_j - mu_c||^2. */
static void exact_distance(const struct fit *f, size_t j, struct wide *distance)
{
    kmu__wide_zero(distance);
    kmu__wide_add_distance(distance, kmu__row(f->points, j, f->row), f->mu + (size_t)f->c[j] * f->d, f->d);
}

/* Whether cluster i holds a place other than row j's. */
static bool holds_another(const struct line *t, int32_t i, size_t j)
{
    const struct fit *f = t->f;
    for (size_t a = 0; a < t->count; a++)
        if (f->c[t->far[a].j] == i && !t->taken[t->far[a].j] && kmu__compare_rows(f->points, t->far[a].j, j) != 0)
            return true;
    return false;
}

/* The place to take: where in the line its first row is, or count when there is none. */
static size_t choose(struct line *t)
{
    struct fit *f = t->f;
    double slack = f->exact_in_f64 ? 0 : kmu__distance_slack(f->d), tiny = f->exact_in_f64 ? 0 : kmu__distance_tiny(f->d);
    size_t best = t->count;
    struct wide best_distance, distance;
    while (t->from < t->count && (t->taken[farthest(t, t->from)->j] || t->alone[f->c[farthest(t, t->from)->j]]))
        t->from++;
    for (size_t a = t->from; a < t->count; a++) {
        const struct far here = *farthest(t, a), leader = best < t->count ? *farthest(t, best) : here;
        if (best < t->count && (f->exact_in_f64 || here.distance * (1 + slack) + tiny < leader.distance * (1 - slack) - tiny))
            break; /* farther down nothing can be as far; an infinite distance is farther than a finite bound (N2) */
        int32_t c = f->c[here.j];
        if (t->taken[here.j] || t->alone[c] || (best < t->count && kmu__compare_rows(f->points, here.j, leader.j) == 0))
            continue;
        exact_distance(f, here.j, &distance);
        int order = best < t->count ? kmu__wide_compare(&distance, &best_distance) : kmu__wide_sign(&distance);
        if (order < 0 || (order == 0 && (best == t->count || kmu__compare_rows(f->points, here.j, leader.j) > 0)))
            continue;
        if (!holds_another(t, c, here.j)) {
            t->alone[c] = true;
            continue;
        }
        best = a;
        best_distance = distance;
    }
    return best;
}

/* All rows of the place go to cluster i. */
static void take(struct line *t, size_t first, int32_t i)
{
    struct fit *f = t->f;
    const struct far place = *farthest(t, first);
    for (size_t a = first; a < t->count && farthest(t, a)->distance == place.distance; a++) {
        size_t j = farthest(t, a)->j;
        if (kmu__compare_rows(f->points, j, place.j) != 0)
            break; /* the rows of one place stand together */
        t->taken[j] = true;
        kmu__tally_move(f, j, f->c[j], i);
        f->turn.moved += ((f->was[j] != i) - (f->was[j] != f->c[j])) * kmu__members(f, j);
        f->touched[j / KMU__ROWS_TOUCHED] = 1;
        f->c[j] = i;
        if (f->kept)
            f->kept[j] = KMU__UNKNOWN;
    }
}

kmu_status kmu__fill(struct fit *f, kmu_error *error)
{
    size_t empty = 0;
    for (size_t i = 0; i < f->k; i++)
        empty += f->sums.count[i] == 0;
    if (!empty)
        return KMU_OK;
    struct memory memory = kmu__memory(f->options);
    struct line t = {.f = f};
    kmu__wish(&memory, &t.far, f->n, sizeof *t.far);
    kmu__wish(&memory, &t.taken, f->n, sizeof *t.taken);
    kmu__wish(&memory, &t.alone, f->k, sizeof *t.alone);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    if (f->spans) {
        kmu__spans_spell(f);
        f->spans->regular = false;
    }
    line_up(&t);
    for (size_t i = 0; i < f->k && kmu__ask(f->pool) != KMU_ABANDON; i++) {
        if (f->sums.count[i])
            continue;
        size_t place = choose(&t);
        if (place == t.count)
            break;
        take(&t, place, (int32_t)i);
    }
    kmu__give_back(&memory);
    return KMU_OK;
}
