/* order.c - rows in the order of a k-d tree's leaves (order.h).
 *
 * The upper levels of the tree are cut from a sample, so that all threads can send rows down at once; rows are counted by leaf
 * and moved; then every leaf, a thousand rows or so, is halved at its own median across its widest column until a tile is left.
 * Rows of one column are sorted instead (layout/sort.c). Equal rows arrive in one leaf, where they become one (layout/twins.c), if a sample says that it pays. */
#include "order.h"

#include <math.h>
#include <stdlib.h>

#include "../ground/status.h"
#include "median.h"
#include "sort.h"
#include "twins.h"

enum {
    SAMPLE = 1 << 15, /* rows that the upper levels are cut from */
    LEVELS = 13,      /* of them, at most */
    LEAF = 256,       /* rows that a leaf of the upper levels is to have */
    CHUNKS = 64,      /* of rows, counted apart, at most */
    BLOCK = 16        /* rows that go down side by side */
};

struct span {
    float least[KMU__TREE_COLUMNS], most[KMU__TREE_COLUMNS];
};

struct ordering {
    struct order *order;
    const struct points *from;
    struct pool *pool;
    int levels;
    size_t chunks;
    uint32_t column[1 << LEVELS]; /* of a node, root 1; leaves are the nodes behind the last level */
    double cut[1 << LEVELS];      /* rows below it go left */
    size_t begin[(1 << LEVELS) + 1], home[(1 << LEVELS) + 1]; /* of a leaf: in row, and among the rows made */
    uint16_t *leaf;                                           /* n */
    uint32_t *row;                                            /* n: rows by leaf */
    uint32_t *twin;  /* n: the first row that is equal, or NULL: equal rows stay apart */
    uint32_t *count; /* chunks x leaves: how many, and then where they go */
    uint64_t *pair;  /* threads x room */
    struct keyed *keyed; /* threads x 2 room, of one column */
    uint32_t *table; /* threads x 4 room: the hash tables */
    size_t room;     /* the most rows of a leaf */
    bool late;       /* kmu__order_fill copies them */
};

static size_t chunk_begin(const struct ordering *t, size_t chunk)
{
    return t->from->n / t->chunks * chunk + (chunk < t->from->n % t->chunks ? chunk : t->from->n % t->chunks);
}

/* ---- halves ----------------------------------------------------------------------------------------------------------- */

/* The column in which the span is widest; d if it has no width. */
static size_t widest(const struct span *s, size_t d)
{
    size_t column = d;
    float width = 0;
    for (size_t l = 0; l < d; l++)
        if (s->most[l] - s->least[l] > width) {
            width = s->most[l] - s->least[l];
            column = l;
        }
    return column;
}

static struct span span_of(const struct points *p, const uint64_t *pair, size_t count)
{
    struct span s;
    for (size_t l = 0; l < p->d; l++) {
        s.least[l] = INFINITY;
        s.most[l] = -INFINITY;
        for (size_t a = 0; a < count; a++) {
            const float x = (float)kmu__coordinate(p, (uint32_t)pair[a], l);
            s.least[l] = x < s.least[l] ? x : s.least[l];
            s.most[l] = x > s.most[l] ? x : s.most[l];
        }
    }
    return s;
}

static void look_at(const struct points *p, uint64_t *pair, size_t count, size_t column)
{
    for (size_t a = 0; a < count; a++)
        pair[a] = kmu__pair_of((float)kmu__coordinate(p, (uint32_t)pair[a], column), (uint32_t)pair[a]);
}

/* ---- the upper levels ------------------------------------------------------------------------------------------------- */

/* Cuts node `at`, to which these pairs of the sample belong, at the median across its widest column. */
static void cut_node(struct ordering *t, size_t at, int level, uint64_t *pair, size_t count, struct span span)
{
    const struct points *p = t->from;
    const size_t column = widest(&span, p->d), middle = count / 2;
    if (level == t->levels)
        return;
    t->column[at] = 0;
    t->cut[at] = 0;
    struct span left = span, right = span;
    if (column < p->d && count > 1) {
        look_at(p, pair, count, column);
        kmu__select_middle(pair, count, middle);
        t->column[at] = (uint32_t)column;
        t->cut[at] = kmu__coordinate(p, (uint32_t)pair[middle], column);
        left.most[column] = right.least[column] = kmu__key_of(pair[middle]);
    }
    cut_node(t, 2 * at, level + 1, pair, middle, left);
    cut_node(t, 2 * at + 1, level + 1, pair + middle, count - middle, right);
}

static void cut_sample(struct ordering *t, uint64_t *sample)
{
    const size_t n = t->from->n, count = n < SAMPLE ? n : SAMPLE;
    for (size_t a = 0; a < count; a++)
        sample[a] = (uint32_t)(n * a / count);
    cut_node(t, 1, 0, sample, count, span_of(t->from, sample, count));
}

/* ---- rows to leaves --------------------------------------------------------------------------------------------------- */

#define DESCEND(name, real)                                                                           \
    static void name(const struct ordering *t, size_t from, size_t count, uint32_t *node)             \
    {                                                                                                 \
        const size_t row = t->from->row;                                                              \
        const real *x = (const real *)t->from->x + from * row;                                        \
        for (size_t a = 0; a < count; a++)                                                            \
            node[a] = 1;                                                                              \
        for (int level = 0; level < t->levels; level++)                                               \
            for (size_t a = 0; a < count; a++)                                                        \
                node[a] = 2 * node[a] + ((double)x[a * row + t->column[node[a]]] >= t->cut[node[a]]); \
    }

DESCEND(descend_f32, float)
DESCEND(descend_f64, double)

static void send_down(void *context, size_t chunk, int thread)
{
    struct ordering *t = context;
    const size_t end = chunk_begin(t, chunk + 1), leaves = (size_t)1 << t->levels;
    uint32_t *count = t->count + chunk * leaves;
    (void)thread;
    memset(count, 0, leaves * sizeof *count);
    for (size_t j = chunk_begin(t, chunk); j < end; j += BLOCK) {
        uint32_t node[BLOCK];
        const size_t here = end - j < BLOCK ? end - j : BLOCK;
        (t->from->stored == KMU_F32 ? descend_f32 : descend_f64)(t, j, here, node);
        for (size_t a = 0; a < here; a++) {
            t->leaf[j + a] = (uint16_t)(node[a] - leaves);
            count[t->leaf[j + a]]++;
        }
    }
}

static void list_by_leaf(void *context, size_t chunk, int thread)
{
    struct ordering *t = context;
    const size_t end = chunk_begin(t, chunk + 1);
    uint32_t *count = t->count + (chunk << t->levels);
    (void)thread;
    for (size_t j = chunk_begin(t, chunk); j < end; j++)
        t->row[count[t->leaf[j]]++] = (uint32_t)j;
}

/* begin and room, and count: from how many to where. */
static void lay_out(struct ordering *t)
{
    const size_t leaves = (size_t)1 << t->levels;
    size_t at = 0;
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        t->begin[leaf] = at;
        for (size_t chunk = 0; chunk < t->chunks; chunk++) {
            const uint32_t here = t->count[chunk * leaves + leaf];
            t->count[chunk * leaves + leaf] = (uint32_t)at;
            at += here;
        }
        t->room = at - t->begin[leaf] > t->room ? at - t->begin[leaf] : t->room;
    }
    t->begin[leaves] = at;
}

/* ---- equal rows ------------------------------------------------------------------------------------------------------- */

static void merge_leaf(void *context, size_t leaf, int thread)
{
    struct ordering *t = context;
    const size_t count = t->begin[leaf + 1] - t->begin[leaf];
    size_t room = 16;
    while (room < 2 * count)
        room *= 2;
    t->home[leaf + 1] =
        kmu__find_twins(t->from, t->row + t->begin[leaf], count, t->twin, t->table + (size_t)thread * 4 * t->room, room);
}

/* ---- leaves to tiles -------------------------------------------------------------------------------------------------- */

/* Puts the rows that are to lie at home .. home + count - 1 in the order of tiles, which begin at multiples of KMU__TILE. */
static void halve(const struct ordering *t, uint64_t *pair, size_t home, size_t count, struct span span, int thread)
{
    const size_t column = widest(&span, t->from->d), below = (home + count / 2) / KMU__TILE * KMU__TILE,
                 border = below > home ? below : below + KMU__TILE, middle = border - home;
    if (column == t->from->d || middle >= count)
        return;
    if (thread == 0)
        kmu__ask(t->pool);
    look_at(t->from, pair, count, column);
    kmu__select_middle(pair, count, middle);
    struct span left = span, right = span;
    left.most[column] = right.least[column] = kmu__key_of(pair[middle]);
    halve(t, pair, home, middle, left, thread);
    halve(t, pair + middle, home + middle, count - middle, right, thread);
}

static void make_leaf(void *context, size_t leaf, int thread)
{
    struct ordering *t = context;
    struct order *o = t->order;
    const struct points *p = t->from;
    const size_t size = p->stored == KMU_F32 ? sizeof(float) : sizeof(double), home = t->home[leaf],
                 count = t->home[leaf + 1] - home;
    uint32_t *row = t->row + t->begin[leaf];
    uint64_t *pair = t->pair + (size_t)thread * t->room;
    if (p->d == 1)
        kmu__sort_rows(p, row, count, t->keyed + (size_t)thread * 2 * t->room);
    for (size_t a = 0; a < count; a++) {
        pair[a] = row[a];
        __builtin_prefetch((const char *)p->x + (size_t)row[a] * p->row * size);
    }
    if (p->d > 1)
        halve(t, pair, home, count, span_of(p, pair, count), thread);
    for (size_t a = 0; a < count; a++) {
        const uint32_t j = (uint32_t)pair[a];
        o->place[j] = (uint32_t)(home + a);
        if (!t->late)
            kmu__order_copy(o, home + a, j);
    }
}

/* Who has a twin goes where it is; members and weights count them. */
static void count_members(struct ordering *t)
{
    struct order *o = t->order;
    double *w = (double *)(uintptr_t)o->points.w;
    memset(o->members, 0, o->points.n * sizeof *o->members);
    for (size_t j = 0; j < t->from->n; j++) {
        o->place[j] = o->place[t->twin[j]];
        o->members[o->place[j]]++;
    }
    uint32_t most = 1;
    for (size_t a = 0; a < o->points.n; a++) {
        w[a] = o->members[a];
        most = o->members[a] > most ? o->members[a] : most;
    }
    o->points.w_range = (struct range){.low = 0, .high = kmu__bits(most)};
}

/* ---- all of it -------------------------------------------------------------------------------------------------------- */

bool kmu__order_can(const struct points *p)
{
    return p->d <= KMU__TREE_COLUMNS && p->n < UINT32_MAX && !kmu__are_sparse(p);
}

/* home, and o->points.n: how many rows there will be. */
static void settle(struct ordering *t)
{
    const size_t leaves = (size_t)1 << t->levels;
    for (size_t leaf = 0; leaf < leaves; leaf++)
        t->home[leaf + 1] = t->begin[leaf + 1] - t->begin[leaf];
    if (t->twin)
        kmu__parallel(t->pool, leaves, 20.0 * (double)t->from->n, merge_leaf, t);
    t->home[0] = 0;
    for (size_t leaf = 0; leaf < leaves; leaf++)
        t->home[leaf + 1] += t->home[leaf];
    t->order->points.n = t->home[leaves];
}

/* The memory of the rows made, as many as settle counted. */
static kmu_status grant_points(struct order *o, bool merged, const kmu_options *options, kmu_error *error)
{
    const struct points *p = o->from;
    o->memory = o->copy = kmu__memory(options);
    o->memory.as_it_comes = o->copy.as_it_comes = true;
    kmu__wish(&o->copy, &o->x, o->points.n * p->d, p->stored == KMU_F32 ? sizeof(float) : sizeof(double));
    if (merged || p->w)
        kmu__wish(&o->copy, &o->points.w, o->points.n, sizeof *o->points.w);
    kmu__wish(&o->memory, &o->place, p->n, sizeof *o->place);
    if (merged)
        kmu__wish(&o->memory, &o->members, o->points.n, sizeof *o->members);
    kmu_status status = kmu__grant(&o->memory, error);
    if (status == KMU_OK)
        status = kmu__grant(&o->copy, error);
    return status;
}

/* After KMU_ABANDON chunks are skipped: what they were to write is not there. */
static kmu_status so_far(const struct ordering *t, kmu_error *error)
{
    return kmu__told(t->pool) == KMU_ABANDON ? kmu__fail(error, KMU_EABANDONED, "abandoned") : KMU_OK;
}

/* Room to work on leaves whose sizes are known now, and the work. */
static kmu_status make_leaves(struct ordering *t, const kmu_options *options, kmu_error *error)
{
    struct memory m = kmu__memory(options);
    const size_t threads = (size_t)kmu__pool_threads(t->pool);
    m.as_it_comes = true;
    kmu__wish(&m, &t->pair, threads * t->room, sizeof *t->pair);
    if (t->from->d == 1)
        kmu__wish(&m, &t->keyed, threads * t->room, 2 * sizeof *t->keyed);
    if (t->twin)
        kmu__wish(&m, &t->table, threads * t->room, 4 * sizeof *t->table);
    kmu_status status = kmu__grant(&m, error);
    if (status != KMU_OK)
        return status;
    settle(t);
    status = grant_points(t->order, t->twin, options, error);
    if (status == KMU_OK) {
        kmu__parallel(t->pool, (size_t)1 << t->levels, 50.0 * (double)t->from->n, make_leaf, t);
        status = so_far(t, error);
    }
    if (status == KMU_OK && t->twin)
        count_members(t);
    if (!t->late)
        t->order->points.x = t->order->x;
    kmu__give_back(&m);
    return status;
}

kmu_status kmu__order_make(struct order *o, const struct points *p, bool late, struct pool *pool, const kmu_options *options,
                           kmu_error *error)
{
    struct memory m = kmu__memory(options);
    struct ordering *t, draft = {.order = o, .from = p, .pool = pool};
    uint64_t *sample;
    *o = (struct order){.points = *p, .from = p};
    o->points.x = NULL;
    o->points.row = p->d;
    o->points.w = NULL;
    while (draft.levels < LEVELS && p->n >> draft.levels > LEAF)
        draft.levels++;
    draft.chunks = p->n / (16 * LEAF) + 1 < CHUNKS ? p->n / (16 * LEAF) + 1 : CHUNKS;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &sample, p->n < SAMPLE ? p->n : SAMPLE, sizeof *sample);
    kmu__wish(&m, &draft.leaf, p->n, sizeof *draft.leaf);
    kmu__wish(&m, &draft.row, p->n, sizeof *draft.row);
    kmu__wish(&m, &draft.count, draft.chunks << draft.levels, sizeof *draft.count);
    if (kmu__twins_pay(p))
        kmu__wish(&m, &draft.twin, p->n, sizeof *draft.twin);
    else
        draft.late = late;
    kmu_status status = kmu__grant(&m, error);
    if (status != KMU_OK)
        return status;
    *t = draft;
    cut_sample(t, sample);
    kmu__parallel(pool, t->chunks, 20.0 * (double)p->n, send_down, t);
    lay_out(t);
    kmu__parallel(pool, t->chunks, 5.0 * (double)p->n, list_by_leaf, t);
    status = so_far(t, error);
    if (status == KMU_OK)
        status = make_leaves(t, options, error);
    kmu__give_back(&m);
    if (status != KMU_OK)
        kmu__order_free(o);
    return status;
}
