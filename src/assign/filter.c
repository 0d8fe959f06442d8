/* filter.c - candidates by products of 8-bit integers, for the pairs alone that the triangle inequality leaves open.
 *
 * With S_i = x'.c'_i - ||c'_i||^2 / 2 the nearest centroid has the largest S. The kernels bound each S that is asked for by
 * s - E and s + E (kernel/filter.h), and only who has
 *
 *   s_i + E  >=  best,      best the largest s - E
 *
 * can be the nearest; these are measured in binary32 and, where that cannot tell, certified.
 *
 * Of each point j two kinds of bounds are kept from turn to turn (Elkan 2003), lengths in the frame's scale:
 *
 *   upper_j                      >= ||x_j - mu_c||,  c its label               grows by as much as mu_c moves
 *   base_j + gap_ji unit - net_i <= ||x_j - mu_i||   where gap_ji - net_i / unit > 0
 *
 * gap_ji is a byte, unit one number for a chunk of rows, and net_i the way of mu_i since the gaps were made, as the crow flies
 * (Newling and Fleuret 2016, "Fast k-means with accurate bounds"). In each (A) the bytes of a row are compared, 64 at a time;
 * then its own centroid is looked at closely, and the pairs that are still open are asked one by one. What they say makes their
 * gaps anew, and every other turn all gaps are taken down to where their centroids are now. In the first (A), and whenever a
 * sample of rows says that too many pairs are open, all pairs are asked instead, a panel of centroids at a time.
 *
 * Proofs: N15, N16. Time: n k d products of bytes in the first turn, later n k / 64 and what is open; memory n (d + k + 28)
 * bytes. */
#include <stdlib.h>

#include "filtering.h"
#include "../layout/frame.h"

enum {
    SAMPLE = 256, /* rows that tell how many pairs are open */
    FEW = 3,      /* pairs of a row that are asked at once */
    AHEAD = 2     /* open rows between asking for the bytes of one and using them */
};

#define UNITS 256.0f       /* of an upper bound */
#define MANY 0.2           /* share of pairs from which on they are better asked together */
#define BELOW (15.0f / 16) /* base, as a part of upper: bounds can get better */

/* ---- one point ------------------------------------------------------------------------------------------------------- */

static int ascending(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

/* The nearest of the first count candidates to row j; *upper bounds how far it is, k->distance how far each of them is at
 * least. */
static int32_t choose(struct filtering *t, struct part *k, size_t j, const struct coarse *x, size_t count, float *upper,
                      int thread)
{
    struct fit *f = t->f;
    const float *image = kmu__coarse_image(f, j, k->image);
    const int32_t *candidate = k->candidate;
    size_t best = 0, left = 0;
    *upper = INFINITY;
    for (size_t a = 0; a < count; a++) {
        const size_t i = (size_t)candidate[a];
        const float D = f->filter->distance(image, t->c.image + i * t->c.pad, f->d), eta = eta_of(t, x, i),
                    high = high_of(t, D, eta);
        k->distance[a] = low_of(t, D, eta);
        if (high < *upper) {
            best = a;
            *upper = high;
        }
    }
    for (size_t a = 0; a < count; a++)
        if (a == best || !(k->distance[a] > *upper))
            k->left[left++] = candidate[a];
    f->work[thread].measured += (int64_t)count;
    if (left == 1)
        return candidate[best];
    qsort(k->left, left, sizeof *k->left, ascending);
    return kmu__certify(f, kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride), k->left, left, thread);
}

/* What was measured of the candidates is more than bytes say: it makes their gaps. */
static void note(const struct filtering *t, const struct part *k, size_t j, size_t count, float base, float per)
{
    uint8_t *gap = t->gap + j * t->slots;
    for (size_t a = 0; a < count; a++) {
        const float units = fmaxf(k->distance[a] - base, 0) * per * (1 - 0x1p-20f);
        const uint8_t seen = (uint8_t)fminf(units, 255);
        gap[k->candidate[a]] = seen > gap[k->candidate[a]] ? seen : gap[k->candidate[a]];
    }
}

static void label(struct fit *f, size_t j, bool known, int32_t c)
{
    if (!known || f->c[j] != c)
        f->touched[j / KMU__ROWS_TOUCHED] = 1;
    f->c[j] = c;
}

/* What s - E of a centroid says of how far the point is from it. */
static float upper_from(const struct filtering *t, const struct coarse *x, float best)
{
    const float square = x->square * t->grown + t->added - 2 * best;
    return UP(sqrtf(square > 0 ? square : 0));
}

/* What an upper bound of how far it is says of the largest S. */
static float best_from(const struct coarse *x, float upper)
{
    return (x->square - upper * upper) / 2 - (fabsf(x->square) + upper * upper) * 0x1p-22f;
}

/* ---- all pairs ------------------------------------------------------------------------------------------------------- */

/* The kernels meet the rows whose bytes are at from .. from + count - 1, at most a block. */
static void ask_all(struct filtering *t, struct part *k, size_t from, size_t count, int thread)
{
    struct fit *f = t->f;
    const size_t wide = t->c.panels * KMU__PANEL, group = f->filter->group, seats = (count + group - 1) / group * group;
    const struct panels panels = kmu__coarse_panels(&t->c, false);
    for (size_t a = 0; a < seats; a++) /* the last row stands in for those that are missing in its group */
        k->walker[a] =
            kmu__coarse_walker(f, &t->c, from + (a < count ? a : count - 1), k->high + a * wide, k->best + a * KMU__PANEL);
    for (size_t a = 0; a < seats * KMU__PANEL; a++)
        k->best[a] = -INFINITY;
    for (size_t p = 0; p < t->c.panels; p++) {
        for (size_t a = 0; a < seats; a += group)
            if (t->c.narrow)
                f->filter->bound_narrow(k->walker + a, &panels, t->c.octets);
            else
                f->filter->bound(k->walker + a, &panels, p, t->c.quads);
        if (thread == 0)
            kmu__ask(f->pool);
    }
    for (size_t a = 0; a < count; a++)
        for (size_t i = 1; i < KMU__PANEL; i++)
            k->best[a * KMU__PANEL] = fmaxf(k->best[a * KMU__PANEL], k->best[a * KMU__PANEL + i]);
}

/* Row j, in a seat, gets its label and its bounds. */
static void decide_all(struct filtering *t, struct part *k, size_t seat, size_t j, const struct coarse *x, float unit,
                       int thread)
{
    struct fit *f = t->f;
    const struct walker *w = &k->walker[seat];
    const size_t wide = t->c.panels * KMU__PANEL;
    f->filter->reach(w->high, *w->best, wide, k->open);
    for (size_t i = 0; i < t->words; i++)
        k->open[i] &= t->named[i];
    const size_t count = f->filter->list(k->open, t->words, k->which);
    for (size_t a = 0; a < count; a++)
        k->candidate[a] = (int32_t)k->which[a];
    label(f, j, t->turns > 0, choose(t, k, j, x, count, &t->upper[j], thread));
    if (!t->gap)
        return;
    uint8_t *gap = t->gap + j * t->slots;
    t->base[j] = t->upper[j] * BELOW;
    f->filter->gaps(w->high, x->square, t->base[j], 1 / unit, wide, gap);
    memset(gap + wide, 255, t->slots - wide);
    memset(t->fresh + j * t->words, 0, t->words * sizeof *t->fresh);
    note(t, k, j, count, t->base[j], 1 / unit);
    gap[f->c[j]] = 255;
}

/* What a unit is in a chunk, from the first rows of it. */
static float unit_of(const struct filtering *t, const struct part *k, size_t from, size_t count)
{
    float sum = 0;
    for (size_t a = 0; a < count; a++)
        sum += upper_from(t, &t->f->bytes->x[from + a], k->best[a * KMU__PANEL]);
    return fmaxf(sum / (float)count / UNITS, 0x1p-40f); /* (N16) */
}

static void all_chunk(void *context, size_t chunk, int thread)
{
    struct filtering *t = context;
    struct fit *f = t->f;
    struct part k = kmu__filtering_part(t, thread);
    const size_t from = chunk * FILTER_ROWS, to = from + FILTER_ROWS < f->n ? from + FILTER_ROWS : f->n,
                 bytes = f->once ? (size_t)thread * FILTER_ROWS : from;
    float unit = 1;
    if (!f->bytes->made)
        kmu__coarse_rows(f, from, to, bytes, k.image);
    for (size_t j = from; j < to; j += t->block) {
        const size_t count = to - j < t->block ? to - j : t->block, at = bytes + (j - from);
        ask_all(t, &k, at, count, thread);
        if (t->gap && j == from)
            t->unit[chunk] = unit = unit_of(t, &k, from, count);
        for (size_t a = 0; a < count; a++)
            decide_all(t, &k, a, j + a, &f->bytes->x[at + a], unit, thread);
    }
    f->work[thread].pairs += (int64_t)((to - from) * f->k);
}

/* ---- open pairs ------------------------------------------------------------------------------------------------------ */

/* How many units longer ways are than they were, rounded up; 255 is far enough to say nothing. */
static void count_units(const struct filtering *t, const double *was, const double *now, float per, uint8_t *units)
{
    t->f->filter->units(was, now, (double)per * (1 + 0x1p-20), t->f->k, units);
    memset(units + t->f->k, 0, t->slots - t->f->k);
}

/* What fresh gaps are counted from: a unit above base, for falls that are rounded up one by one can be one short (N16). */
static float base_of_fresh(float base, float per)
{
    return UP(base + (1 + 0x1p-9f) / per);
}

/* The least number of units above base that upper does not reach, or 255: none is certain. */
static uint8_t limit_of(float upper, float base, float per)
{
    const float units = fmaxf(upper - base, 0) * per * (1 + 0x1p-20f);
    return (uint8_t)fminf(ceilf(units), 255);
}

/* k->open := the others that may be as near to row j as its own centroid, by their gaps; returns how many. */
static size_t find_near(const struct filtering *t, struct part *k, size_t j, float per, float upper)
{
    const size_t c = (size_t)t->f->c[j],
                 count = t->f->filter->near(t->gap + j * t->slots, t->fresh + j * t->words, k->nets,
                                            limit_of(upper, t->base[j], per), t->named, t->slots, k->open);
    const uint64_t own = (uint64_t)1 << c % WORDS_OF, has_own = k->open[c / WORDS_OF] >> c % WORDS_OF & 1;
    k->open[c / WORDS_OF] &= ~own;
    return count - has_own;
}

/* The same, but if they are many, its own is asked before: *best is what that says, and *upper may fall. */
static size_t look(const struct filtering *t, struct part *k, size_t j, float per, float *upper, float *best)
{
    const struct fit *f = t->f;
    const size_t count = *upper >= 0 ? find_near(t, k, j, per, *upper) : f->k;
    if (*upper >= 0 && count <= FEW)
        return count;
    const struct walker w = kmu__coarse_walker(f, &t->c, j, k->some, NULL);
    k->which[0] = (uint32_t)f->c[j];
    *best = f->filter->bound_some(&w, &k->rows, t->c.pad, k->which, 1);
    const float seen = upper_from(t, &f->bytes->x[j], *best);
    *upper = *upper >= 0 && *upper < seen ? *upper : seen;
    return find_near(t, k, j, per, *upper);
}

/* Those on the list, count of them, are asked, `own` of them the own centroid of row j. What they say raises *best and makes
 * gaps, and candidates behind the first `held`; returns how many there are then. */
static size_t ask_some(struct filtering *t, struct part *k, size_t j, float per, uint32_t *which, size_t count, size_t own,
                       size_t held, float *best)
{
    const struct filter *filter = t->f->filter;
    const struct walker w = kmu__coarse_walker(t->f, &t->c, j, k->some, NULL);
    const size_t end = (count + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL;
    const uint8_t *restrict bytes = k->bytes;
    uint8_t *restrict gap = t->gap + j * t->slots;
    uint64_t *restrict fresh = t->fresh + j * t->words;
    *best = fmaxf(*best, filter->bound_some(&w, &k->rows, t->c.pad, which, count));
    for (size_t a = count; a < end; a++)
        k->some[a] = -INFINITY;
    filter->gaps(k->some, t->f->bytes->x[j].square, base_of_fresh(t->base[j], per), per, end, k->bytes);
    for (size_t a = own; a < count; a++)
        gap[which[a]] = bytes[a];
    for (size_t i = 0; i < t->words; i++)
        fresh[i] |= k->open[i];
    if (filter->reach(k->some, *best, end, k->open)) {
        const size_t found = filter->list(k->open, (end + WORDS_OF - 1) / WORDS_OF, k->found);
        for (size_t a = 0; a < found; a++)
            if (k->found[a] >= own)
                k->candidate[held++] = (int32_t)which[k->found[a]];
    }
    return held;
}

/* Row j's own centroid has no gap: nobody has to ask for it. */
static void set_own(const struct filtering *t, size_t j, int32_t c)
{
    t->gap[j * t->slots + (size_t)c] = 255;
    t->fresh[j * t->words + (size_t)c / WORDS_OF] &= ~((uint64_t)1 << c % WORDS_OF);
}

/* The bounds of row j follow the centroids; returns whether anybody may be as near as its own then. */
static bool follow(const struct filtering *t, struct part *k, size_t j, float per)
{
    const struct fit *f = t->f;
    uint8_t *gap = t->gap + j * t->slots;
    f->filter->fall(gap, t->fresh + j * t->words, k->steps, t->slots);
    if (t->upper[j] >= 0) {
        t->upper[j] = UP(t->upper[j] + t->step[f->c[j]]);
        return find_near(t, k, j, per, t->upper[j]) > 0;
    }
    memset(gap, 0, t->slots); /* it was moved, and its old centroid is one of the others */
    return true;
}

/* Row j, which is open, gets its label and its bounds. */
static void some_row(struct filtering *t, struct part *k, size_t j, float per, int thread)
{
    struct fit *f = t->f;
    uint8_t *gap = t->gap + j * t->slots;
    const int32_t c = f->c[j];
    float upper = t->upper[j], best = -INFINITY;
    const size_t count = look(t, k, j, per, &upper, &best), own = best == -INFINITY;
    t->upper[j] = upper;
    if (count == 0)
        return;
    k->which[0] = (uint32_t)c;
    f->filter->list(k->open, t->words, k->which + own);
    const struct coarse *x = &f->bytes->x[j];
    best = fmaxf(best, best_from(x, upper));
    const size_t held = t->named[c / WORDS_OF] >> c % WORDS_OF & 1,
                 left = ask_some(t, k, j, per, k->which, count + own, own, held, &best);
    f->work[thread].pairs += (int64_t)count + 1;
    if (left == held) { /* nobody but its own reaches best */
        t->upper[j] = fminf(upper, upper_from(t, x, best));
        return;
    }
    k->candidate[0] = held ? c : k->candidate[0];
    label(f, j, true, choose(t, k, j, x, left, &t->upper[j], thread));
    if (f->c[j] != c) {
        gap[c] = 0;
        t->fresh[j * t->words + (size_t)c / WORDS_OF] |= (uint64_t)1 << c % WORDS_OF;
    }
    note(t, k, j, left, base_of_fresh(t->base[j], per), per);
    set_own(t, j, f->c[j]);
}

/* The bytes of a row are asked for, before they are needed. */
static void fetch(const struct coarse_points *bytes, size_t j)
{
    for (size_t l = 0; l < bytes->stride; l += 64)
        __builtin_prefetch(bytes->q + j * bytes->stride + l);
}

static void some_chunk(void *context, size_t chunk, int thread)
{
    struct filtering *t = context;
    struct fit *f = t->f;
    struct part k = kmu__filtering_part(t, thread);
    const size_t from = chunk * FILTER_ROWS, to = from + FILTER_ROWS < f->n ? from + FILTER_ROWS : f->n;
    const float per = 1 / t->unit[chunk];
    count_units(t, t->before, t->path, per, k.steps);
    count_units(t, NULL, t->net, per, k.nets);
    uint16_t row[FILTER_ROWS + 1]; /* those that are open, counted from `from` */
    size_t count = 0;
    for (size_t j = from; j < to; j++) {
        row[count] = (uint16_t)(j - from);
        count += follow(t, &k, j, per);
    }
    for (size_t a = 0; a < count; a++) {
        if (a + AHEAD < count)
            fetch(f->bytes, from + row[a + AHEAD]);
        some_row(t, &k, from + row[a], per, thread);
        if (thread == 0 && a % 16 == 0)
            kmu__ask(f->pool);
    }
}

/* The share of pairs that are open, by a sample of rows. */
static double share_open(const struct filtering *t)
{
    const struct fit *f = t->f;
    struct part k = kmu__filtering_part(t, 0);
    const size_t rows = f->n < SAMPLE ? f->n : SAMPLE;
    size_t open = 0;
    for (size_t a = 0; a < rows; a++) {
        const size_t j = a * (f->n / rows);
        const float per = 1 / t->unit[j / FILTER_ROWS];
        float upper = t->upper[j] >= 0 ? UP(t->upper[j] + t->step[f->c[j]]) : KMU__UNKNOWN, best = -INFINITY;
        count_units(t, NULL, t->net, per, k.nets);
        open += look(t, &k, j, per, &upper, &best);
    }
    return (double)open / ((double)rows * (double)f->k);
}

bool kmu__assign_filter(struct fit *f)
{
    if (!f->filtering && !(f->filtering = kmu__filtering_open(f)))
        return false;
    struct filtering *t = f->filtering;
    if (!kmu__coarse_open(f, f->once ? (size_t)kmu__pool_threads(f->pool) * FILTER_ROWS : f->n))
        return false;
    if (!kmu__coarse_centroids(&t->c, f, f->mu, f->k))
        return false;
    kmu__filtering_follow(t);
    t->all = t->turns == 0 || (t->had_all ? share_open(t) : t->share) > MANY;
    kmu__parallel(f->pool, (f->n + FILTER_ROWS - 1) / FILTER_ROWS, 0.01 * (double)f->n * (double)f->k * (double)f->d,
                  t->all ? all_chunk : some_chunk, t);
    t->had_all = t->all;
    int64_t pairs = 0;
    for (int i = 0; i < kmu__pool_threads(f->pool); i++)
        pairs += f->work[i].pairs;
    f->work[0].skipped = (int64_t)(f->n * f->k) - pairs;
    t->share = (double)pairs / ((double)f->n * (double)f->k);
    f->bytes->made = !f->once;
    f->kept = t->upper;
    t->turns++;
    t->loses = kmu__filtering_loses(f);
    return true;
}
