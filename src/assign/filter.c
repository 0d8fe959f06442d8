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
 * Time: n k d products of bytes in the first turn, later what is open; memory n (d + 4 panels + 16) bytes. */
#include <math.h>
#include <stdlib.h>

#include "assign.h"
#include "../layout/coarse.h"
#include "../layout/panels.h"

enum { CHUNK_BYTES = 384 << 10, CHUNK_LEAST = 128, CHUNK_MOST = 1024, CLOSE_LOOK = 2 };

#define UP(x) ((x) * (1 + 0x1p-21f))  /* of what is not negative: more than a few roundings */
#define DOWN(x) ((x) * (1 - 0x1p-21f))

/* What a thread works in. A point that is asked has a seat. */
struct desk {
    struct walker walker[CHUNK_MOST], *group[KMU__GROUP];
    uint32_t seat[CHUNK_MOST]; /* which row of the chunk sits there */
};

struct filtering {
    struct fit *f;
    struct memory memory;
    struct coarse_centroids c;
    int64_t turns; /* (A)s since the run began */
    bool regrouped; /* the panels are new: no lower bound holds */
    bool loses;     /* the dense method would have been faster last time */
    float *upper, *lower;       /* n, n x bounds; lower is NULL if there is one (A) only */
    size_t bounds, words;       /* the panels filled up, as numbers and as bits */
    uint64_t within;            /* the bits of the last word that are panels */
    float *drift, *panel_drift; /* how far a centroid, and the farthest of a panel, moved since the last (A) */
    int32_t *slot;              /* of a centroid; -1 if it equals an earlier one */
    size_t rows, room;          /* of a chunk, and what a list of them may run over to */
    struct desk *desk;          /* one a thread, and the parts of it whose size is not known here: */
    uint64_t *open;             /* rows x words: the panels that are open to a seat */
    uint16_t *list;             /* panels x room: the seats to which it is */
    uint32_t *mask;             /* panels x room, likewise: what the filter leaves to them */
    float *top;                 /* panels x room */
    float *tops;                /* bounds: those of one seat, NaN where the filter was not asked */
    uint32_t *length;           /* of the list of a panel */
    float *image;               /* a row */
    int32_t *candidate;         /* a slot each, and one more */
    float *distance;
    size_t slots;
    float gamma;
    float grown, added; /* ||x'||^2 <= square grown + added */
};

static size_t rows_of_chunk(size_t d)
{
    const size_t rows = CHUNK_BYTES / d;
    return (rows < CHUNK_LEAST ? CHUNK_LEAST : rows > CHUNK_MOST ? CHUNK_MOST : rows) / KMU__ROWS_TOUCHED * KMU__ROWS_TOUCHED;
}

static struct filtering *open_filter(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct filtering *t, draft = {.f = f};
    const size_t threads = (size_t)kmu__pool_threads(f->pool);
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__coarse_wish(&draft.c, f, f->k, &m);
    draft.slots = draft.c.panels * KMU__PANEL;
    draft.rows = rows_of_chunk(f->d);
    draft.room = draft.rows + KMU__GROUP;
    draft.bounds = (draft.c.panels + KMU__BOUNDS - 1) / KMU__BOUNDS * KMU__BOUNDS;
    draft.words = (draft.bounds + 63) / 64;
    draft.within = ~(uint64_t)0 >> (64 * draft.words - draft.c.panels);
    kmu__wish(&m, &draft.upper, f->n, sizeof *draft.upper);
    if (!f->once)
        kmu__wish(&m, &draft.lower, f->n, draft.bounds * sizeof *draft.lower);
    kmu__wish(&m, &draft.drift, f->k, sizeof *draft.drift);
    kmu__wish(&m, &draft.panel_drift, draft.bounds, sizeof *draft.panel_drift);
    kmu__wish(&m, &draft.slot, f->k, sizeof *draft.slot);
    kmu__wish(&m, &draft.desk, threads, sizeof *draft.desk);
    kmu__wish(&m, &draft.mask, threads * draft.room, draft.c.panels * sizeof *draft.mask);
    kmu__wish(&m, &draft.top, threads * draft.room, draft.c.panels * sizeof *draft.top);
    kmu__wish(&m, &draft.tops, threads, draft.bounds * sizeof *draft.tops);
    kmu__wish(&m, &draft.open, threads * draft.rows, draft.words * sizeof *draft.open);
    kmu__wish(&m, &draft.list, threads * draft.room, draft.c.panels * sizeof *draft.list);
    kmu__wish(&m, &draft.length, threads, draft.c.panels * sizeof *draft.length);
    kmu__wish(&m, &draft.image, threads, draft.c.pad * sizeof *draft.image);
    kmu__wish(&m, &draft.candidate, threads, (draft.slots + 1) * sizeof *draft.candidate);
    kmu__wish(&m, &draft.distance, threads, (draft.slots + 1) * sizeof *draft.distance);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    draft.memory = m;
    draft.gamma = ((float)f->d / KMU__PAD + 12) * 0x1.1p-24f;
    draft.grown = 1 + ((float)f->d + 32) * 0x1p-21f;
    draft.added = (float)f->d * 0x1p-116f;
    for (size_t a = 0; a < draft.slots; a++)
        draft.c.home[a] = a < f->k ? (int32_t)a : -1;
    *t = draft;
    f->upper = t->upper;
    return t;
}

void kmu__filter_close(struct fit *f)
{
    if (!f->filtering)
        return;
    struct memory memory = f->filtering->memory;
    kmu__give_back(&memory);
    f->filtering = NULL;
    f->upper = NULL;
}

void kmu__filter_forget(struct fit *f)
{
    if (f->filtering)
        f->filtering->turns = 0;
}

/* ---- the centroids --------------------------------------------------------------------------------------------------- */

/* ||x - y|| times scale, which keeps the squares in range. */
static double scaled_distance(const double *restrict x, const double *restrict y, size_t d, double scale)
{
    double sum[8] = {0};
    for (size_t l = 0; l < d; l++) {
        const double step = (x[l] - y[l]) * scale;
        sum[l % 8] += step * step;
    }
    return sqrt(((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7])));
}

/* drift and panel_drift, rounded up, in the frame's scale. A centroid that had no slot bounds nothing of its panel. */
static void measure_drift(struct filtering *t)
{
    const struct fit *f = t->f;
    memset(t->panel_drift, 0, t->bounds * sizeof *t->panel_drift);
    for (size_t i = 0; i < f->k; i++) {
        const double step = scaled_distance(f->mu + i * f->d, f->last + i * f->d, f->d, f->frame.scale);
        t->drift[i] = t->slot[i] < 0 ? INFINITY : (float)(step * (1 + 0x1p-20) + 0x1p-80);
    }
    for (size_t a = 0; a < t->slots; a++)
        if (t->c.home[a] >= 0)
            t->panel_drift[a / KMU__PANEL] = fmaxf(t->panel_drift[a / KMU__PANEL], t->drift[t->c.home[a]]);
}

/* Seats the distinct centroids of this (A), each at home. */
static void seat_centroids(struct filtering *t)
{
    const struct fit *f = t->f;
    for (size_t i = 0; i < f->k; i++)
        t->slot[i] = -1;
    for (size_t a = 0; a < f->distinct_count; a++)
        t->slot[f->distinct[a]] = 0;
    for (size_t a = 0; a < t->slots; a++) {
        const int32_t i = t->c.home[a];
        t->c.who[a] = i >= 0 && t->slot[i] >= 0 ? i : -1;
        if (i >= 0 && t->slot[i] >= 0)
            t->slot[i] = (int32_t)a;
    }
}

/* ---- one point ------------------------------------------------------------------------------------------------------- */

/* What a distance in binary32 says: it lies in low .. high. */
static inline float high_of(const struct filtering *t, float square, float eta)
{
    return UP(sqrtf(square) * (1 + t->gamma) + eta);
}

static inline float low_of(const struct filtering *t, float square, float eta)
{
    return DOWN(sqrtf(square)) * (1 - t->gamma) - UP(eta);
}

/* How far the images of a point and of the centroid in a slot can be from the rows, together. */
static inline float eta_of(const struct filtering *t, const struct walker *w, int32_t slot)
{
    return 0x1.2p-24f * (w->x.length + w->x.error + t->c.norm[(size_t)slot / KMU__PANEL]) + 0x1p-60f;
}

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

/* A thread's share of everything that is one a thread. */
struct part {
    struct desk *desk;
    uint64_t *open;
    uint32_t *mask, *length;
    uint16_t *list;
    float *top, *tops, *image, *distance;
    int32_t *candidate;
};

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
    if (t->regrouped)
        memset(lower, 0, t->c.panels * sizeof *lower);
    else
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

/* Row j takes a seat. Where many panels are open to it, its own centroid is looked at closely first, and may turn out to be near
 * enough. */
static bool take_seat(struct filtering *t, struct part *k, size_t seat, size_t j)
{
    struct fit *f = t->f;
    struct walker *w = &k->desk->walker[seat];
    uint64_t *open = k->open + seat * t->words;
    *w = (struct walker){.q = f->bytes->q + j * f->bytes->stride, .x = f->bytes->x[j], .best = -INFINITY, .own = UINT32_MAX};
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
    const struct panel panel = {.number = (uint32_t)p,
                                .q = t->c.q + p * KMU__PANEL * 4 * t->c.quads,
                                .start = t->c.start + p * KMU__PANEL,
                                .unit = t->c.unit + p * KMU__PANEL,
                                .half = t->c.half + p * KMU__PANEL,
                                .noise = t->c.loud[p],
                                .norm = t->c.norm[p],
                                .slop = t->c.slop[p]};
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
    const int32_t was = f->c[j];
    const size_t count = look_up(t, k, seat, k->candidate + known);
    if (count) {
        k->candidate[0] = known ? was : k->candidate[0];
        f->c[j] = choose(t, j, w, kmu__coarse_image(f, j, k->image), k->candidate, k->distance, count + known, &t->upper[j],
                         thread);
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
    const size_t from = chunk * t->rows, to = from + t->rows < f->n ? from + t->rows : f->n;
    size_t seats = 0;
    if (!f->bytes->made)
        kmu__coarse_rows(f, from, to, k.image);
    for (size_t j = from; j < to; j++) {
        if (t->turns == 0)
            t->upper[j] = KMU__UNKNOWN;
        if (follow(t, j, k.open + seats * t->words) && take_seat(t, &k, seats, j))
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

/* ---- does it pay? ------------------------------------------------------------------------------------------------------ */

/* Nanoseconds of a thread for a point, measured on Zen 4: all pairs by the dense method; and by this one, of which
 * a part is asked and a number of distances measured. */
static double dense_cost(const struct fit *f)
{
    const double d = (double)f->d;
    return (0.02 * d + 0.15) * (double)f->distinct_count + 0.6 * d;
}

static double filter_cost(const struct fit *f, double pairs, double distances)
{
    const double d = (double)f->d;
    return 120 + (0.005 * d + 0.3) * pairs + (0.12 * d + 20) * distances;
}

bool kmu__filter_pays(const struct fit *f)
{
    const double slots = (double)((f->k + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL);
    if (f->filter->isa == KMU_ISA_PLAIN)
        return false;
    return f->filtering ? !f->filtering->loses : filter_cost(f, slots, 2) < dense_cost(f);
}

/* Whether the dense method would have been faster than the (A) just made. */
static bool loses(const struct fit *f)
{
    int64_t pairs = 0, distances = 0;
    for (int t = 0; t < kmu__pool_threads(f->pool); t++) {
        pairs += f->work[t].pairs;
        distances += f->work[t].measured;
    }
    return filter_cost(f, (double)pairs / (double)f->n, (double)distances / (double)f->n) > dense_cost(f);
}

bool kmu__assign_filter(struct fit *f)
{
    if (!kmu__coarse_open(f))
        return false;
    if (!f->filtering && !(f->filtering = open_filter(f)))
        return false;
    struct filtering *t = f->filtering;
    if (t->turns)
        measure_drift(t);
    t->regrouped = t->turns == 1 && t->c.panels > 1; /* a start says little of where centroids will be */
    if (t->regrouped)
        kmu__panels_group(t->c.home, f);
    else if (t->turns == 0)
        kmu__panels_sort(t->c.home, f);
    seat_centroids(t);
    if (!kmu__coarse_centroids(&t->c, f, f->mu))
        return false;
    kmu__parallel(f->pool, (f->n + t->rows - 1) / t->rows, 0.01 * (double)f->n * (double)f->k * (double)f->d, filter_chunk, t);
    f->bytes->made = true;
    t->turns++;
    t->loses = loses(f);
    return true;
}
