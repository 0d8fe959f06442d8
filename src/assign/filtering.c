/* filtering.c - the filter's memory, how its centroids moved, and whether it pays (filtering.h). */
#include "filtering.h"

#include "../layout/frame.h"

struct filtering *kmu__filtering_open(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct filtering *t, draft = {.f = f};
    const size_t threads = (size_t)kmu__pool_threads(f->pool), panels = (f->k + KMU__PANEL - 1) / KMU__PANEL,
                 rows = HIGH_BYTES / (panels * KMU__PANEL * sizeof(float)) / KMU__GROUP * KMU__GROUP;
    if (f->d > KMU__FILTER_COLUMNS)
        return NULL;
    m.as_it_comes = true;
    draft.slots = (f->k + WORDS_OF - 1) / WORDS_OF * WORDS_OF;
    draft.words = draft.slots / WORDS_OF;
    draft.block = rows < KMU__GROUP ? KMU__GROUP : rows > FILTER_ROWS ? FILTER_ROWS / KMU__GROUP * KMU__GROUP : rows;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__coarse_wish(&draft.c, f, f->k, &m);
    kmu__wish(&m, &draft.upper, f->n, sizeof *draft.upper);
    if (!f->once) {
        kmu__wish(&m, &draft.base, f->n, sizeof *draft.base);
        kmu__wish(&m, &draft.gap, f->n, draft.slots);
        kmu__wish(&m, &draft.fresh, f->n, draft.words * sizeof *draft.fresh);
        kmu__wish(&m, &draft.unit, (f->n + FILTER_ROWS - 1) / FILTER_ROWS, sizeof *draft.unit);
        kmu__wish(&m, &draft.since, f->k, f->d * sizeof *draft.since);
    }
    kmu__wish(&m, &draft.step, f->k, sizeof *draft.step);
    kmu__wish(&m, &draft.net, f->k, sizeof *draft.net);
    kmu__wish(&m, &draft.path, f->k, sizeof *draft.path);
    kmu__wish(&m, &draft.before, f->k, sizeof *draft.before);
    kmu__wish(&m, &draft.named, draft.words, sizeof *draft.named);
    kmu__wish(&m, &draft.walker, threads * draft.block, sizeof *draft.walker);
    kmu__wish(&m, &draft.high, threads * draft.block, panels * KMU__PANEL * sizeof *draft.high);
    kmu__wish(&m, &draft.best, threads * draft.block, KMU__PANEL * sizeof *draft.best);
    kmu__wish(&m, &draft.steps, threads, draft.slots);
    kmu__wish(&m, &draft.nets, threads, draft.slots);
    kmu__wish(&m, &draft.bytes, threads, draft.slots + KMU__PANEL);
    kmu__wish(&m, &draft.open, threads, draft.words * sizeof *draft.open);
    kmu__wish(&m, &draft.which, threads, (draft.slots + KMU__PANEL) * sizeof *draft.which);
    kmu__wish(&m, &draft.found, threads, (draft.slots + KMU__PANEL) * sizeof *draft.found);
    kmu__wish(&m, &draft.some, threads, (draft.slots + KMU__PANEL) * sizeof *draft.some);
    kmu__wish(&m, &draft.image, threads, draft.c.pad * sizeof *draft.image);
    kmu__wish(&m, &draft.candidate, threads, (f->k + 1) * sizeof *draft.candidate);
    kmu__wish(&m, &draft.left, threads, (f->k + 1) * sizeof *draft.left);
    kmu__wish(&m, &draft.distance, threads, (f->k + 1) * sizeof *draft.distance);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    draft.memory = m;
    draft.gamma = ((float)f->d / KMU__PAD + 12) * 0x1.1p-24f;
    draft.grown = 1 + ((float)f->d + 32) * 0x1p-21f;
    draft.added = (float)f->d * 0x1p-116f;
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

struct part kmu__filtering_part(const struct filtering *t, int thread)
{
    const size_t a = (size_t)thread, rows = a * t->block, list = a * (t->slots + KMU__PANEL);
    return (struct part){.walker = t->walker + rows,
                         .high = t->high + rows * ((t->f->k + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL),
                         .best = t->best + rows * KMU__PANEL,
                         .some = t->some + list,
                         .image = t->image + a * t->c.pad,
                         .distance = t->distance + a * (t->f->k + 1),
                         .steps = t->steps + a * t->slots,
                         .nets = t->nets + a * t->slots,
                         .bytes = t->bytes + list,
                         .open = t->open + a * t->words,
                         .which = t->which + list,
                         .found = t->found + list,
                         .candidate = t->candidate + a * (t->f->k + 1),
                         .left = t->left + a * (t->f->k + 1),
                         .rows = kmu__coarse_panels(&t->c, true)};
}

static void follow_chunk(void *context, size_t i, int thread)
{
    struct filtering *t = context;
    const struct fit *f = t->f;
    (void)thread;
    t->step[i] = kmu__frame_moved(f, i, f->last);
    if (t->had_all)
        memcpy(t->since + i * f->d, f->last + i * f->d, f->d * sizeof *t->since);
    t->net[i] = (double)(t->had_all ? t->step[i] : kmu__frame_moved(f, i, t->since));
    t->before[i] = t->had_all ? 0 : t->path[i];
    t->path[i] = (t->before[i] + (double)t->step[i]) * (1 + 0x1p-50);
}

void kmu__filtering_follow(struct filtering *t)
{
    const struct fit *f = t->f;
    memset(t->named, 0, t->words * sizeof *t->named);
    for (size_t a = 0; a < f->distinct_count; a++)
        t->named[f->distinct[a] / WORDS_OF] |= (uint64_t)1 << f->distinct[a] % WORDS_OF;
    if (t->turns)
        kmu__parallel(f->pool, f->k, 1.0 * (double)f->k * (double)f->d, follow_chunk, t);
}
