/* filter.c - candidates by products of 8-bit integers, for the pairs alone that the triangle inequality leaves open.
 *
 * With S_i = x'.c'_i - ||c'_i||^2 / 2 the nearest centroid has the largest S. The kernels bound each S that is asked for by
 * s - E and s + E (kernel/filter.h), and only who has
 *
 *   s_i + E  >=  best,      best the largest s - E
 *
 * can be the nearest; these are measured in binary32 and, where that cannot tell, certified.
 *
 * Centroids that lie together share a panel (neighbours.c). Of each point j with label c and each panel p lengths are kept from turn
 * to turn, in the frame's scale (Ding, Zhao, Shen, Musuvathi and Mytkowicz 2015, "Yinyang k-means", proceedings.mlr.press/v37/ding15):
 *
 *   upper_j >= ||x_j - mu_c||,      lower_jp - drift_p <= ||x_j - mu_i||  for all i != c in p
 *
 * drift_p is how far the centroids of a panel can have gone; so lower, once made, needs no change. If it is above upper + drift,
 * nobody in p has become the nearest. A point meets the other panels alone, and what the kernel sees there makes a new lower. In
 * the first (A) it meets all.
 *
 * Where points lie near few directions (layout/lead.h), they meet the centroids there, and all coordinates are for those that are
 * left.
 *
 * While most pairs are met, centroids are rough where that is faster (kernel/filter.h), for what is kept does not last; and where many
 * panels matter to a point, it is measured how far its own centroid is.
 *
 * Proofs: N15, N16. Time: n k d products of bytes in the first turn, or 32 for d; memory n (d + k / 8 + 20) bytes, and 48 n for few
 * directions. */
#include "filtering.h"
#include "../layout/frame.h"

enum {
    SAMPLE = 64,     /* rows that tell whether few directions pay */
    AHEAD = 2,       /* rows between asking for the bytes of one and using them */
    BEGINNING = 512, /* bytes of a row that a CPU does not see coming */
    OFTEN = 8,       /* rows after which poll is asked */
    MANY = 8,        /* panels for which it pays to know better how far the own centroid is */
    CHUNK_WORDS = FILTER_ROWS / 64 /* bits of its rows */
};

#define ROUGHLY 0.5  /* of all pairs: where so many were met what is kept does not last, and need not be sharp */
#define NEAR 64.0f   /* a step longer than upper by this is worth asking how far the own centroid is now, */
#define KEEN 1024.0f /* or by this where many panels matter */

/* ---- the first time --------------------------------------------------------------------------------------------------- */

/* The bytes of rows from .. to - 1 are made, at `at`, and what they are in few directions. */
static void make_rows(struct filtering *t, struct part *k, size_t from, size_t to, size_t at, int thread)
{
    struct fit *f = t->f;
    const bool led = t->lead && !t->lead->x.made;
    const size_t group = f->filter->group;
    for (size_t j = from; j < to && (led || !f->bytes->made); j += group, at += group) {
        const float *image[KMU__GROUP];
        const size_t count = to - j < group ? to - j : group;
        if (!f->bytes->made)
            kmu__coarse_rows(f, j, j + count, at, k->image);
        for (size_t a = 0; led && a < count; a++)
            image[a] = kmu__coarse_image(f, j + a, k->image + a * t->c.pad);
        if (led)
            kmu__lead_rows(f, t->lead, at, count, image);
        if (thread == 0)
            kmu__ask(f->pool);
    }
}

/* All centroids of `c` meet the rows that are at from .. from + count - 1 of x, at most a block. */
static void meet_all(struct filtering *t, struct part *k, const struct coarse_points *x, const struct coarse_centroids *c, size_t from,
                     size_t count, int thread)
{
    const struct filter *filter = t->f->filter;
    const size_t group = filter->group, seats = (count + group - 1) / group * group, wide = c->panels * KMU__PANEL;
    const struct panels panels = kmu__coarse_panels(c, false);
    for (size_t a = 0; a < seats; a++) /* the last row stands in for those that are missing in its group */
        kmu__coarse_walker(&k->walker[a], x, c, from + (a < count ? a : count - 1), k->high + a * wide, k->best + a * KMU__PANEL);
    for (size_t a = 0; a < seats * KMU__PANEL; a++)
        k->best[a] = -INFINITY;
    for (size_t p = 0; p < c->panels; p++) {
        for (size_t a = 0; a < seats; a += group)
            filter->bound(k->walker + a, &panels, p, c->quads);
        if (thread == 0)
            kmu__ask(t->f->pool);
    }
}

/* The largest s - E that row a of the block has met. */
static float best_met(const struct part *k, size_t a)
{
    float best = -INFINITY;
    for (size_t i = 0; i < KMU__PANEL; i++)
        best = greater(best, k->best[a * KMU__PANEL + i]);
    return best;
}

/* Of those whose s + E reaches least, who has the largest. */
static int32_t guess(const struct filtering *t, struct part *k, const float *high, float least)
{
    int32_t c = 0;
    float most = -INFINITY;
    t->f->filter->reach(high, least, t->c.panels * KMU__PANEL, k->open);
    const size_t count = t->f->filter->list(k->open, t->words, k->which);
    for (size_t a = 0; a < count; a++)
        if (high[k->which[a]] > most) {
            c = (int32_t)k->which[a];
            most = high[c];
        }
    return c;
}

static void first_chunk(void *context, size_t chunk, int thread)
{
    struct filtering *t = context;
    struct fit *f = t->f;
    struct part k = kmu__filtering_part(t, thread);
    const struct coarse_centroids *c = t->met;
    const struct coarse_points *x = t->lead ? &t->lead->x : f->bytes;
    const size_t from = chunk * FILTER_ROWS, to = from + FILTER_ROWS < f->n ? from + FILTER_ROWS : f->n,
                 bytes = t->whole ? from : (size_t)thread * FILTER_ROWS, wide = c->panels * KMU__PANEL;
    make_rows(t, &k, from, to, bytes, thread);
    for (size_t j = from; j < to; j += t->block) {
        const size_t count = to - j < t->block ? to - j : t->block, at = bytes + (j - from);
        meet_all(t, &k, x, c, at, count, thread);
        for (size_t a = 0; a < count; a++) {
            const struct coarse *row = &f->bytes->x[at + a];
            const float *high = k.high + a * wide;
            struct meeting m = {.c = guess(t, &k, high, best_met(&k, a))};
            m.best = kmu__ask_own(t, &k, at + a, m.c);
            m.upper = upper_from(t, row, m.best);
            m.radius = UP(m.upper * t->beyond);
            f->filter->reach(high, best_from(row, m.radius), wide, k.open);
            kmu__settle(t, &k, j + a, at + a, k.open, &m, thread);
            if (thread == 0 && a % OFTEN == 0)
                kmu__ask(f->pool);
        }
    }
    f->work[thread].pairs += (int64_t)((to - from) * f->k);
}

/* ---- later ------------------------------------------------------------------------------------------------------------- */

/* What is kept of the rows of a chunk follows the centroids: upper[a] is how far the own centroid of row from + a is at most. Nothing
 * holds of a row that fill has moved: what was kept left out its old label. */
static void follow(const struct filtering *t, size_t from, size_t count, float *upper, uint16_t *lower)
{
    for (size_t p = 0; p < t->c.panels; p++)
        if (t->forgotten[p])
            memset(lower + p * FILTER_ROWS, 0, FILTER_ROWS * sizeof *lower);
    for (size_t a = 0; a < FILTER_ROWS; a++) {
        const size_t j = from + a;
        const bool known = a < count && t->upper[j] >= 0;
        upper[a] = a >= count ? -INFINITY : known ? UP(t->upper[j] + t->step[t->f->c[j]]) : INFINITY;
        for (size_t p = 0; p < t->c.panels && a < count && !known; p++)
            lower[p * FILTER_ROWS + a] = 0;
    }
}

/* open, many := the rows of a chunk that a panel matters to, and those that MANY do. They are counted in three bits of each. */
static void list_open(const struct filtering *t, const uint16_t *lower, const float *upper, uint64_t *open, uint64_t *many)
{
    uint64_t ones[CHUNK_WORDS] = {0}, twos[CHUNK_WORDS] = {0}, fours[CHUNK_WORDS] = {0};
    memset(many, 0, CHUNK_WORDS * sizeof *many);
    for (size_t p = 0; p < t->c.panels; p++) {
        uint64_t some[CHUNK_WORDS];
        t->f->filter->within(lower + p * FILTER_ROWS, t->base, upper, t->drift[p], FILTER_ROWS, some);
        for (size_t w = 0; w < CHUNK_WORDS; w++) {
            const uint64_t two = ones[w] & some[w], four = twos[w] & two;
            ones[w] ^= some[w];
            twos[w] ^= two;
            many[w] |= fours[w] & four;
            fours[w] ^= four;
        }
    }
    for (size_t w = 0; w < CHUNK_WORDS; w++)
        open[w] = ones[w] | twos[w] | fours[w] | many[w];
}

/* The bytes of a row are asked for, before they are needed. */
static void fetch(const struct coarse_points *bytes, size_t j)
{
    for (size_t l = 0; l < bytes->stride; l += 64)
        __builtin_prefetch(bytes->q + j * bytes->stride + l);
}

/* What is known of the rows of a chunk while they meet panels. */
struct rows {
    _Alignas(64) float upper[FILTER_ROWS], most[FILTER_ROWS], square[FILTER_ROWS], slop[FILTER_ROWS];
    uint64_t open[CHUNK_WORDS], many[CHUNK_WORDS], met[CHUNK_WORDS];
    uint32_t list[FILTER_ROWS + KMU__GROUP + KMU__PANEL];
    struct meeting m[FILTER_ROWS];
};

/* The rows on r->list get ready. What is known of their own centroid is renewed where it moved. */
static void prepare(struct filtering *t, struct part *k, struct rows *r, size_t from, size_t count, uint16_t *lower)
{
    const struct fit *f = t->f;
    const struct coarse_centroids *c = t->met;
    const struct coarse_points *x = t->lead ? &t->lead->x : f->bytes;
    for (size_t u = 0; u < count; u++) {
        const size_t a = r->list[u], j = from + a;
        struct meeting *m = &r->m[a];
        struct walker *w = &k->walker[a];
        *m = (struct meeting){.c = f->c[j], .best = -INFINITY, .upper = r->upper[a], .lower = lower + a};
        const bool many = bit_of(r->many, a), gone = !(t->step[m->c] * (many ? KEEN : NEAR) < m->upper && m->upper < INFINITY);
        if (u + AHEAD < count) {
            fetch(f->bytes, from + r->list[u + AHEAD]);
            if (bit_of(r->many, r->list[u + AHEAD]))
                kmu__fetch_row(f->points, from + r->list[u + AHEAD], BEGINNING); /* it will be measured */
        }
        if (many && gone)
            m->upper = lesser(m->upper, kmu__measure_own(t, k, j, m->c));
        else if (gone) {
            m->best = kmu__ask_own(t, k, j, m->c);
            m->upper = lesser(m->upper, upper_from(t, &f->bytes->x[j], m->best));
        }
        r->upper[a] = m->upper;
        m->radius = UP(m->upper * t->beyond);
        kmu__coarse_walker(w, x, c, j, NULL, NULL);
        w->least = kmu__coarse_least(w->slop, best_from(&f->bytes->x[j], m->radius));
        w->bits = k->bits + a * t->words;
        memset(w->bits, 0, t->words * sizeof *w->bits);
        r->square[a] = f->bytes->x[j].square;
        r->slop[a] = w->slop;
    }
}

/* The rows that a panel matters to meet it. Returns how many. */
static size_t meet_panel(struct filtering *t, struct part *k, struct rows *r, size_t p, uint16_t *lower)
{
    const struct filter *filter = t->f->filter;
    const struct coarse_centroids *c = t->met;
    uint64_t bits[CHUNK_WORDS];
    filter->within(lower, t->base, r->upper, t->drift[p], FILTER_ROWS, bits);
    for (size_t w = 0; w < CHUNK_WORDS; w++) {
        bits[w] &= r->open[w];
        r->met[w] |= bits[w];
    }
    const size_t count = filter->list(bits, CHUNK_WORDS, r->list);
    if (count == 0)
        return 0;
    for (size_t a = count; a < count + filter->group; a++) /* the last one stands in for those that are missing in its group */
        r->list[a] = r->list[count - 1];
    for (size_t a = 0; a < count; a += filter->group)
        filter->pass(k->walker, r->list + a, &t->panels, p, c->quads, r->most);
    filter->renew(r->most, r->square, r->slop, t->drift[p], t->base, FILTER_ROWS, lower);
    return count;
}

static void later_chunk(void *context, size_t chunk, int thread)
{
    struct filtering *t = context;
    struct fit *f = t->f;
    struct part k = kmu__filtering_part(t, thread);
    struct rows r;
    uint16_t *lower = t->lower + chunk * t->c.panels * FILTER_ROWS;
    const size_t from = chunk * FILTER_ROWS, to = from + FILTER_ROWS < f->n ? from + FILTER_ROWS : f->n;
    memset(r.met, 0, sizeof r.met);
    memset(r.square, 0, sizeof r.square);
    memset(r.slop, 0, sizeof r.slop);
    follow(t, from, to - from, r.upper, lower);
    list_open(t, lower, r.upper, r.open, r.many);
    for (size_t a = to - from; a < FILTER_ROWS; a++)
        r.open[a / 64] &= ~((uint64_t)1 << a % 64);
    for (size_t a = 0; a < FILTER_ROWS; a++)
        r.most[a] = INFINITY;
    prepare(t, &k, &r, from, f->filter->list(r.open, CHUNK_WORDS, r.list), lower);
    memcpy(t->upper + from, r.upper, (to - from) * sizeof *t->upper);
    for (size_t p = 0; p < t->c.panels; p++) {
        const size_t count = meet_panel(t, &k, &r, p, lower + p * FILTER_ROWS), left = f->k - p * KMU__PANEL;
        f->work[thread].pairs += (int64_t)(count * (left < KMU__PANEL ? left : KMU__PANEL));
        if (thread == 0)
            kmu__ask(f->pool);
    }
    const size_t count = f->filter->list(r.met, CHUNK_WORDS, r.list);
    for (size_t u = 0; u < count; u++) {
        const size_t a = r.list[u];
        if (u + AHEAD < count)
            fetch(f->bytes, from + r.list[u + AHEAD]);
        kmu__settle(t, &k, from + a, from + a, k.walker[a].bits, &r.m[a], thread);
        if (thread == 0 && u % OFTEN == 0)
            kmu__ask(f->pool);
    }
}

/* ---- all --------------------------------------------------------------------------------------------------------------- */

/* Whether few directions pay: of some rows, the share of the centroids that they cannot exclude where all coordinates say how near
 * the nearest is. */
static bool few_are_left(struct filtering *t)
{
    struct fit *f = t->f;
    struct part k = kmu__filtering_part(t, 0);
    const size_t rows = f->n < SAMPLE ? f->n : SAMPLE, wide = t->c.panels * KMU__PANEL;
    size_t reached = 0;
    for (size_t a = 0; a < rows; a++) {
        const size_t j = a * (f->n / rows), at = f->bytes->made ? j : 0;
        make_rows(t, &k, j, j + 1, at, 0);
        meet_all(t, &k, f->bytes, &t->c, at, 1, 0);
        const float best = best_met(&k, 0);
        meet_all(t, &k, &t->lead->x, &t->lead->c, at, 1, 0);
        f->filter->reach(k.high, best, wide, k.open);
        reached += f->filter->list(k.open, t->words, k.which);
    }
    return kmu__lead_pays(f, (double)reached / (double)rows);
}

/* Few directions are tried once. */
static void try_lead(struct filtering *t, size_t rows)
{
    struct fit *f = t->f;
    t->tried = true;
    if (!kmu__lead_pays(f, 0) || !(t->lead = kmu__lead_open(f, rows)))
        return;
    if (kmu__lead_centroids(f, t->lead, &t->c) && few_are_left(t))
        return;
    kmu__lead_close(t->lead);
    t->lead = NULL;
}

bool kmu__assign_filter(struct fit *f)
{
    const bool whole = !f->once || (f->bytes && f->bytes->made); /* else the rows of a chunk a thread have bytes at a time */
    const size_t rows = whole ? f->n : (size_t)kmu__pool_threads(f->pool) * FILTER_ROWS;
    if (!f->filtering && !(f->filtering = kmu__filtering_open(f)))
        return false;
    struct filtering *t = f->filtering;
    if (f->once)
        t->turns = 0; /* nothing is kept */
    if (!kmu__coarse_open(f, rows) || !kmu__coarse_centroids(&t->c, f, f->mu, f->k))
        return false;
    t->whole = whole;
    if (!t->tried)
        try_lead(t, rows);
    if (t->lead && (t->lead->x.rows < rows || !kmu__lead_centroids(f, t->lead, &t->c)))
        return false;
    t->met = t->lead ? &t->lead->c : t->c.rough && (!t->turns || t->share > ROUGHLY) ? t->c.rough : &t->c;
    kmu__filtering_follow(t);
    kmu__parallel(f->pool, (f->n + FILTER_ROWS - 1) / FILTER_ROWS, 0.01 * (double)f->n * (double)f->k * (double)f->d,
                  t->turns ? later_chunk : first_chunk, t);
    f->bytes->made = whole;
    if (t->lead)
        t->lead->x.made = whole;
    f->kept = t->upper;
    t->turns++;
    kmu__filtering_learn(t);
    return true;
}
