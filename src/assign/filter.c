/* filter.c - candidates by products of 8-bit integers, for the pairs alone that the triangle inequality leaves open.
 *
 * Of each point j two things are kept from turn to turn (Elkan 2003; Ding et al. 2015, "Yinyang k-means", whose groups are the
 * kernel's panels here), lengths in the frame's scale:
 *
 *   upper_j    >= ||x_j - mu_c||,  c its label                grows by as much as mu_c moves
 *   lower_jp   <= ||x_j - mu_i||,  i in panel p, i != c       falls by as much as any mu_i of p moves
 *
 * A panel with lower_jp > upper_j, strictly, does not hold the nearest centroid. Where one is open, the distance to mu_c is
 * computed in binary32 and takes the place of upper_j; panels that are still open meet the filter (kernel/filter.h). With
 * S_i = x'.c'_i - ||c'_i||^2 / 2, so that the nearest has the largest S, it excludes i when
 *
 *   S_i <= s_i + E < best <= S_a     for some a
 *
 * Whoever is left is measured in binary32 and, where that cannot tell, certified. The largest s + E of a panel is its new lower
 * bound: ||x' - c'||^2 = ||x'||^2 - 2 S  (N15, N16).
 *
 * Time: n k d products of bytes in the first turn, later what is open; memory n (d + 4 panels + 20) bytes. */
#include <stdlib.h>

#include "filtering.h"
#include "../layout/panels.h"

/* ---- one point ------------------------------------------------------------------------------------------------------- */

static int ascending(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

/* The nearest of count candidates to row j, whose image is given; *upper bounds how far it is. */
static int32_t choose(struct filtering *t, size_t j, const struct walker *w, const float *image, int32_t *candidate,
                      float *distance, size_t count, float *upper, int thread)
{
    struct fit *f = t->f;
    size_t best = 0, left = 0;
    *upper = INFINITY;
    for (size_t a = 0; a < count; a++) {
        const int32_t slot = t->slot[candidate[a]];
        distance[a] = f->filter->distance(image, t->c.image + (size_t)slot * t->c.pad, f->d);
        const float high = high_of(t, distance[a], eta_of(t, w, slot));
        if (high < *upper) {
            best = a;
            *upper = high;
        }
    }
    const int32_t nearest = candidate[best];
    for (size_t a = 0; a < count; a++)
        if (a == best || !(low_of(t, distance[a], eta_of(t, w, t->slot[candidate[a]])) > *upper))
            candidate[left++] = candidate[a];
    f->work[thread].measured += (int64_t)count;
    if (left == 1)
        return nearest;
    qsort(candidate, left, sizeof *candidate, ascending);
    return kmu__certify(f, kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride), candidate, left, thread);
}

/* ---- a chunk --------------------------------------------------------------------------------------------------------- */

static struct part part_of(const struct filtering *t, int thread)
{
    const size_t a = (size_t)thread;
    return (struct part){.desk = t->desk + a,
                         .open = t->open + a * t->rows * t->words,
                         .list = t->list + a * t->room * t->c.panels,
                         .mask = t->mask + a * t->room * t->c.panels,
                         .top = t->top + a * t->room * t->c.panels,
                         .tops = t->tops + a * t->bounds,
                         .length = t->length + a * t->c.panels,
                         .image = t->image + a * t->c.pad,
                         .distance = t->distance + a * (t->slots + 1),
                         .candidate = t->candidate + a * (t->slots + 1)};
}

/* The bounds of row j follow the centroids; open tells the panels that are open then, and whether one is. */
static bool follow(struct filtering *t, size_t j, uint64_t *open)
{
    const int32_t c = t->f->c[j];
    float *lower = t->lower + j * t->bounds;
    if (t->upper[j] < 0)
        return true;
    t->upper[j] = UP(t->upper[j] + t->drift[c]);
    t->f->filter->fall(lower, t->panel_drift, t->bounds);
    if (t->slot[c] < 0)
        t->upper[j] = KMU__UNKNOWN;
    return t->slot[c] < 0 || t->f->filter->is_open(lower, t->upper[j], t->bounds, open);
}

/* All panels are open to row j, and no bound holds. */
static void open_all(const struct filtering *t, size_t j, uint64_t *open)
{
    memset(open, 0, t->words * sizeof *open);
    for (size_t p = 0; p < t->c.panels; p++)
        open[p / 64] |= (uint64_t)1 << p % 64;
    t->upper[j] = KMU__UNKNOWN;
    for (size_t p = 0; t->lower && p < t->bounds; p++)
        t->lower[j * t->bounds + p] = 0x1p60f;
}

static size_t count_open(const struct filtering *t, const uint64_t *open)
{
    size_t count = 0;
    for (size_t i = 0; i < t->words; i++)
        count += (size_t)__builtin_popcountll(open[i]);
    return count;
}

/* Row j takes a seat. Where many panels are open to it, its own centroid is looked at closely first, and may turn out to be
 * near enough. bytes: where those of the row are. */
static bool take_seat(struct filtering *t, struct part *k, size_t seat, size_t j, size_t bytes)
{
    struct fit *f = t->f;
    struct walker *w = &k->desk->walker[seat];
    uint64_t *open = k->open + seat * t->words;
    *w = (struct walker){.q = f->bytes->q + bytes * f->bytes->stride, .x = f->bytes->x[bytes], .best = -INFINITY, .own = UINT32_MAX};
    w->slop = kmu__coarse_slop(&w->x, f->d);
    if (t->upper[j] < 0) {
        open_all(t, j, open);
        return true;
    }
    w->own = (uint32_t)t->slot[f->c[j]];
    if (count_open(t, open) > CLOSE_LOOK) {
        const float *image = kmu__coarse_image(f, j, k->image);
        const float upper =
            high_of(t, f->filter->distance(image, t->c.image + w->own * t->c.pad, f->d), eta_of(t, w, (int32_t)w->own));
        t->upper[j] = upper < t->upper[j] ? upper : t->upper[j];
        if (!f->filter->is_open(t->lower + j * t->bounds, t->upper[j], t->bounds, open))
            return false;
    }
    open[t->words - 1] &= t->within;
    const float best = (w->x.square - t->upper[j] * t->upper[j]) / 2;
    w->best = best - (fabsf(w->x.square) + t->upper[j] * t->upper[j]) * 0x1p-22f;
    return true;
}

/* The lists of the panels, from what is open to the seats. */
static void make_lists(const struct filtering *t, struct part *k, size_t seats)
{
    memset(k->length, 0, t->c.panels * sizeof *k->length);
    for (size_t a = 0; a < seats; a++)
        for (size_t i = 0; i < t->words; i++)
            for (uint64_t bits = k->open[a * t->words + i]; bits; bits &= bits - 1) {
                const size_t p = 64 * i + (size_t)__builtin_ctzll(bits);
                k->list[p * t->room + k->length[p]++] = (uint16_t)a;
            }
}

/* Every seat on the list of panel p meets it. */
static void ask_panel(struct filtering *t, struct part *k, size_t p)
{
    const struct filter *filter = t->f->filter;
    const size_t group = filter->group, count = k->length[p];
    uint16_t *list = k->list + p * t->room;
    const struct panel panel = kmu__coarse_panel(&t->c, p);
    for (size_t a = 0; a < group && count; a++)
        list[count + a] = list[count - 1]; /* the last one stands in for those that are missing in its group */
    for (size_t g = 0; g < count; g += group) {
        for (size_t a = 0; a < group; a++)
            k->desk->group[a] = &k->desk->walker[list[g + a]];
        filter->exclude(k->desk->group, &panel, t->c.quads, k->mask + p * t->room + g, k->top + p * t->room + g);
    }
    memset(k->length + p, 0, sizeof *k->length); /* from here on: how many have been looked up */
}

/* What the filter left to a seat: candidate gets the centroids, tops the bounds. Seats come in the order of the lists. */
static size_t look_up(const struct filtering *t, struct part *k, size_t seat, int32_t *candidate)
{
    const float best = k->desk->walker[seat].best;
    size_t count = 0;
    memset(k->tops, 0xff, t->bounds * sizeof *k->tops); /* NaN */
    for (size_t i = 0; i < t->words; i++)
        for (uint64_t open = k->open[seat * t->words + i]; open; open &= open - 1) {
            const size_t p = 64 * i + (size_t)__builtin_ctzll(open), at = p * t->room + k->length[p]++;
            k->tops[p] = k->top[at];
            if (k->top[at] >= best)
                for (uint32_t bits = k->mask[at]; bits; bits &= bits - 1)
                    candidate[count++] = t->c.who[p * KMU__PANEL + (size_t)__builtin_ctz(bits)];
        }
    return count;
}

/* The point in a seat gets its label and its bounds. */
static void decide(struct filtering *t, struct part *k, size_t seat, size_t from, int thread)
{
    struct fit *f = t->f;
    const struct walker *w = &k->desk->walker[seat];
    const size_t j = from + k->desk->seat[seat];
    const bool known = t->upper[j] >= 0;
    const int32_t was = known ? f->c[j] : -1;
    const size_t count = look_up(t, k, seat, k->candidate + known);
    if (count) {
        k->candidate[0] = known ? was : k->candidate[0];
        f->c[j] =
            choose(t, j, w, kmu__coarse_image(f, j, k->image), k->candidate, k->distance, count + known, &t->upper[j], thread);
    } else { /* nobody else reaches best, so its own does */
        const float square = w->x.square * t->grown + t->added - 2 * w->best, upper = UP(sqrtf(square > 0 ? square : 0));
        t->upper[j] = upper < t->upper[j] ? upper : t->upper[j];
    }
    if (f->c[j] != was)
        f->touched[j / KMU__ROWS_TOUCHED] = 1;
    if (t->lower)
        f->filter->rise(t->lower + j * t->bounds, k->tops, w->x.square, t->bounds);
    if (t->lower && known && f->c[j] != was) /* its old centroid is one of the others now */
        t->lower[j * t->bounds + (size_t)t->slot[was] / KMU__PANEL] = 0;
}

static void filter_chunk(void *context, size_t chunk, int thread)
{
    struct filtering *t = context;
    struct fit *f = t->f;
    struct part k = part_of(t, thread);
    const size_t from = chunk * t->rows, to = from + t->rows < f->n ? from + t->rows : f->n,
                 bytes = f->once ? (size_t)thread * t->rows : from;
    size_t seats = 0;
    if (!f->bytes->made)
        kmu__coarse_rows(f, from, to, bytes, k.image);
    for (size_t j = from; j < to; j++) {
        if (t->turns == 0)
            t->upper[j] = KMU__UNKNOWN;
        if (follow(t, j, k.open + seats * t->words) && take_seat(t, &k, seats, j, bytes + j - from))
            k.desk->seat[seats++] = (uint32_t)(j - from);
    }
    make_lists(t, &k, seats);
    int64_t pairs = 0;
    for (size_t p = 0; p < t->c.panels; p++) {
        pairs += k.length[p] * KMU__PANEL;
        ask_panel(t, &k, p);
        if (thread == 0)
            kmu__ask(f->pool);
    }
    for (size_t a = 0; a < seats; a++)
        decide(t, &k, a, from, thread);
    f->work[thread].pairs += pairs;
    f->work[thread].skipped += (int64_t)((to - from) * t->slots) - pairs;
}

bool kmu__assign_filter(struct fit *f)
{
    if (!f->filtering && !(f->filtering = kmu__filtering_open(f)))
        return false;
    struct filtering *t = f->filtering;
    if (!kmu__coarse_open(f, f->once ? (size_t)kmu__pool_threads(f->pool) * t->rows : f->n))
        return false;
    if (t->turns)
        kmu__filtering_drift(t);
    else if (!f->once)
        kmu__panels_group(t->c.home, f);
    kmu__filtering_seat(t);
    if (!kmu__coarse_centroids(&t->c, f, f->mu))
        return false;
    kmu__parallel(f->pool, (f->n + t->rows - 1) / t->rows, 0.01 * (double)f->n * (double)f->k * (double)f->d, filter_chunk, t);
    f->bytes->made = !f->once;
    f->kept = t->upper;
    t->turns++;
    t->loses = kmu__filtering_loses(f);
    return true;
}
