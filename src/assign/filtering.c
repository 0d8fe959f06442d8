/* filtering.c - the filter's memory, its centroids, and whether it pays (filtering.h). */
#include "filtering.h"

#include "../layout/frame.h"

static size_t rows_of_chunk(size_t d)
{
    const size_t rows = CHUNK_BYTES / d;
    return (rows < CHUNK_LEAST ? CHUNK_LEAST : rows > CHUNK_MOST ? CHUNK_MOST : rows) / KMU__ROWS_TOUCHED * KMU__ROWS_TOUCHED;
}

struct filtering *kmu__filtering_open(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct filtering *t, draft = {.f = f};
    const size_t threads = (size_t)kmu__pool_threads(f->pool);
    if (f->d > KMU__FILTER_COLUMNS)
        return NULL;
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
    return t;
}

void kmu__filter_close(struct fit *f)
{
    if (!f->filtering)
        return;
    struct memory memory = f->filtering->memory;
    kmu__give_back(&memory);
    f->filtering = NULL;
}

/* ---- the centroids --------------------------------------------------------------------------------------------------- */

void kmu__filtering_drift(struct filtering *t)
{
    const struct fit *f = t->f;
    memset(t->panel_drift, 0, t->bounds * sizeof *t->panel_drift);
    for (size_t i = 0; i < f->k; i++) {
        t->drift[i] = t->slot[i] < 0 ? INFINITY : kmu__frame_step(f, i);
    }
    for (size_t a = 0; a < t->slots; a++)
        if (t->c.home[a] >= 0)
            t->panel_drift[a / KMU__PANEL] = fmaxf(t->panel_drift[a / KMU__PANEL], t->drift[t->c.home[a]]);
}

void kmu__filtering_seat(struct filtering *t)
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
