/* filtering.c - the filter's memory, how its centroids moved, and whether it pays (filtering.h). */
#include "filtering.h"

#include "../layout/frame.h"

#define CROWDED 0.75 /* of all pairs: so many are most */

enum {
    LEAST = 3, MOST = 6, /* others that are asked of a row, on average */
    OCTAVES = 32,      /* of lengths in 16 bits, */
    ROOM = 4           /* of which so many are longer than any two points are apart */
};

/* No two points are 2^that apart, in the frame's scale. */
static int longest_exponent(const struct fit *f)
{
    const struct range all = f->points->all;
    return all.low > all.high ? 0 : all.high + 1 + ilogb(f->frame.scale) + (ilogb((double)f->d) + 2) / 2;
}

struct filtering *kmu__filtering_open(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct filtering *t, draft = {.f = f};
    const size_t threads = (size_t)kmu__pool_threads(f->pool), panels = (f->k + KMU__PANEL - 1) / KMU__PANEL,
                 wide = panels * KMU__PANEL, rows = HIGH_BYTES / (wide * sizeof(float)) / KMU__GROUP * KMU__GROUP,
                 seats = FILTER_ROWS, chunks = (f->n + FILTER_ROWS - 1) / FILTER_ROWS;
    const int top = longest_exponent(f) + ROOM;
    if (f->d > KMU__FILTER_COLUMNS)
        return NULL;
    m.as_it_comes = true;
    draft.slots = (f->k + WORDS_OF - 1) / WORDS_OF * WORDS_OF;
    draft.words = draft.slots / WORDS_OF;
    draft.block = rows < KMU__GROUP ? KMU__GROUP : rows > FILTER_ROWS ? FILTER_ROWS / KMU__GROUP * KMU__GROUP : rows;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__coarse_wish(&draft.c, f->d, f->k, &m);
    if (f->filter->rough)
        kmu__coarse_wish_rough(&draft.rough, f->d, f->k, &m);
    kmu__wish(&m, &draft.upper, f->n, sizeof *draft.upper);
    kmu__wish(&m, &draft.lower, f->once ? 0 : chunks, panels * FILTER_ROWS * sizeof *draft.lower);
    kmu__wish(&m, &draft.step, f->k, sizeof *draft.step);
    kmu__wish(&m, &draft.drift, panels, sizeof *draft.drift);
    kmu__wish(&m, &draft.forgotten, panels, sizeof *draft.forgotten);
    kmu__wish(&m, &draft.order, wide, sizeof *draft.order);
    kmu__wish(&m, &draft.panel, wide, sizeof *draft.panel);
    kmu__wish(&m, &draft.placed, f->k, sizeof *draft.placed);
    kmu__wish(&m, &draft.q, wide, 4 * draft.c.quads);
    kmu__wish(&m, &draft.start, wide, sizeof *draft.start);
    kmu__wish(&m, &draft.unit, wide, sizeof *draft.unit);
    kmu__wish(&m, &draft.half, wide, sizeof *draft.half);
    kmu__wish(&m, &draft.size, wide, sizeof *draft.size);
    kmu__wish(&m, &draft.named, draft.words, sizeof *draft.named);
    kmu__wish(&m, &draft.walker, threads * seats, sizeof *draft.walker);
    kmu__wish(&m, &draft.high, threads * draft.block, wide * sizeof *draft.high);
    kmu__wish(&m, &draft.best, threads * draft.block, KMU__PANEL * sizeof *draft.best);
    kmu__wish(&m, &draft.bits, threads * seats, draft.words * sizeof *draft.bits);
    kmu__wish(&m, &draft.open, threads, draft.words * sizeof *draft.open);
    kmu__wish(&m, &draft.which, threads, (draft.slots + KMU__PANEL) * sizeof *draft.which);
    kmu__wish(&m, &draft.some, threads, (draft.slots + KMU__PANEL) * sizeof *draft.some);
    kmu__wish(&m, &draft.image, threads, KMU__GROUP * draft.c.pad * sizeof *draft.image);
    kmu__wish(&m, &draft.candidate, threads, (f->k + 1) * sizeof *draft.candidate);
    kmu__wish(&m, &draft.left, threads, (f->k + 1) * sizeof *draft.left);
    kmu__wish(&m, &draft.distance, threads, (f->k + 1) * sizeof *draft.distance);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    draft.memory = m;
    draft.beyond = 1 + 0x1p-6f;
    draft.share = 1;
    draft.base = (128 + top - OCTAVES) << (23 - KMU__LENGTH);
    draft.longest = ldexpf(1, top - 1);
    draft.gamma = ((float)f->d / KMU__SQUARES + 12) * 0x1.1p-24f;
    draft.grown = 1 + ((float)f->d + 32) * 0x1p-21f;
    draft.added = (float)f->d * 0x1p-116f;
    draft.panels = (struct panels){.q = draft.q, .start = draft.start, .unit = draft.unit, .half = draft.half, .size = draft.size};
    *t = draft;
    t->c.rough = f->filter->rough ? &t->rough : NULL;
    return t;
}

void kmu__filter_close(struct fit *f)
{
    if (!f->filtering)
        return;
    kmu__lead_close(f->filtering->lead);
    struct memory memory = f->filtering->memory;
    kmu__give_back(&memory);
    f->filtering = NULL;
}

struct part kmu__filtering_part(const struct filtering *t, int thread)
{
    const size_t a = (size_t)thread, rows = a * t->block, list = a * (t->slots + KMU__PANEL), seats = a * FILTER_ROWS;
    return (struct part){.walker = t->walker + seats,
                         .high = t->high + rows * ((t->f->k + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL),
                         .bits = t->bits + seats * t->words,
                         .best = t->best + rows * KMU__PANEL,
                         .some = t->some + list,
                         .image = t->image + a * KMU__GROUP * t->c.pad,
                         .distance = t->distance + a * (t->f->k + 1),
                         .open = t->open + a * t->words,
                         .which = t->which + list,
                         .candidate = t->candidate + a * (t->f->k + 1),
                         .left = t->left + a * (t->f->k + 1),
                         .rows = kmu__coarse_panels(&t->c, true)};
}

static void follow_chunk(void *context, size_t i, int thread)
{
    struct filtering *t = context;
    (void)thread;
    t->step[i] = kmu__frame_moved(t->f, i, t->f->last);
}

/* Panels are made in the second (A), and again, by steps, where most pairs are met anyway. */
static bool place(struct filtering *t)
{
    if (t->turns > 1 && !(t->share > CROWDED && t->turns > t->placed_in + 1))
        return false;
    kmu__neighbours(t, t->turns > 1);
    t->placed_in = t->turns;
    return true;
}

/* The panels drift by the longest step of their centroids. Where they are new, or have drifted too far, nothing is known of them. */
static void drift(struct filtering *t, bool new)
{
    for (size_t p = 0; p < t->c.panels; p++) {
        float most = 0;
        for (size_t a = p * KMU__PANEL; a < (p + 1) * KMU__PANEL && a < t->f->k; a++)
            most = greater(most, t->step[t->order[a]]);
        const float gone = new ? INFINITY : UP(t->drift[p] + most);
        t->forgotten[p] = gone > t->longest;
        t->drift[p] = t->forgotten[p] ? 0 : gone;
    }
}

/* A panel of the same centroids in their order. */
static void arrange_panel(void *context, size_t p, int thread)
{
    struct filtering *t = context;
    const struct coarse_centroids *c = t->met;
    const size_t bytes = 4 * c->quads;
    (void)thread;
    for (size_t a = p * KMU__PANEL; a < (p + 1) * KMU__PANEL; a++) {
        const size_t i = (size_t)t->order[a];
        int8_t *q = t->q + p * KMU__PANEL * bytes + a % KMU__PANEL * 4;
        for (size_t l = 0; l < bytes; l += 4)
            memcpy(q + l * KMU__PANEL, c->rows + i * c->pad + l, 4);
        t->start[a] = c->start[i];
        t->unit[a] = c->unit[i];
        t->half[a] = c->half[i];
        t->size[a] = c->size[i];
    }
}

void kmu__filtering_follow(struct filtering *t)
{
    const struct fit *f = t->f;
    memset(t->named, 0, t->words * sizeof *t->named);
    for (size_t a = 0; a < f->distinct_count; a++)
        t->named[f->distinct[a] / WORDS_OF] |= (uint64_t)1 << f->distinct[a] % WORDS_OF;
    if (!t->turns)
        return;
    kmu__parallel(f->pool, f->k, 1.0 * (double)f->k * (double)f->d, follow_chunk, t);
    drift(t, place(t));
    t->panels.rough = t->met == t->c.rough;
    kmu__parallel(f->pool, t->c.panels, 0.2 * (double)f->k * (double)f->d, arrange_panel, t);
}

/* Between LEAST and MOST others shall be asked of a row that meets centroids: then margins are wide, and that costs little. */
void kmu__filtering_learn(struct filtering *t)
{
    struct fit *f = t->f;
    int64_t met = 0, asked = 0, pairs = 0;
    t->loses = kmu__filtering_loses(f);
    for (int i = 0; i < kmu__pool_threads(f->pool); i++) {
        met += f->work[i].met;
        asked += f->work[i].asked;
        pairs += f->work[i].pairs;
    }
    f->work[0].skipped += (int64_t)(f->n * f->k) - pairs;
    t->share = (double)pairs / ((double)f->n * (double)f->k);
    const float part = t->beyond - 1;
    if (asked > MOST * met)
        t->beyond = 1 + greater(part / 2, 0x1p-14f);
    else if (asked < LEAST * met)
        t->beyond = 1 + lesser(2 * part, 0x1p-4f);
}
