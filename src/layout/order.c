/* order.c - rows in the order of a k-d tree's leaves (order.h).
 *
 * The upper levels of the tree are cut from a sample, so that all threads can send rows down at once; rows are counted by leaf and
 * moved; then every leaf, a thousand rows or so, is halved at its own median across its widest column until a tile is left.
 * Equal rows arrive in one leaf, where a hash table finds them, if a sample says that it pays. */
#include "order.h"

#include <math.h>
#include <stdlib.h>

#include "../ground/status.h"

enum {
    SAMPLE = 8192,     /* rows that the upper levels are cut from */
    LEVELS = 12,       /* of them, at most */
    LEAF = 1024,       /* rows that a leaf of the upper levels is to have */
    CHUNKS = 64,       /* of rows, counted apart */
    BLOCK = 16,        /* rows that go down side by side */
    LEAST = 8192,      /* rows that an order pays for, when nobody asks for it */
};

struct ordering {
    struct order *order;
    const struct points *from;
    struct pool *pool;
    int levels;
    uint32_t column[1 << LEVELS]; /* of a node, root 1; leaves are the nodes behind the last level */
    double cut[1 << LEVELS];      /* rows below it go left */
    uint16_t *leaf;               /* n */
    uint32_t *row;                /* n: rows by leaf */
    uint32_t *twin;               /* n: the first row that is equal, or NULL: equal rows stay apart */
    uint32_t (*count)[1 << LEVELS]; /* CHUNKS */
    size_t begin[(1 << LEVELS) + 1], home[(1 << LEVELS) + 1]; /* of a leaf: in row, and among the rows made */
    uint32_t *table;              /* threads x room: the hash tables */
    size_t room;
};

static inline double number(const struct points *p, size_t j, size_t l)
{
    return p->stored == KMU_F32 ? (double)((const float *)p->x)[j * p->row + l] : ((const double *)p->x)[j * p->row + l];
}

static size_t chunk_begin(size_t n, size_t chunk)
{
    return n / CHUNKS * chunk + (chunk < n % CHUNKS ? chunk : n % CHUNKS);
}

/* ---- the upper levels ------------------------------------------------------------------------------------------------- */

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Cuts node `at`, to which count rows of the sample belong, across the column in which the middle half of them is widest. */
static void cut_node(struct ordering *t, size_t at, int level, uint32_t *sample, size_t count, double *keys)
{
    const struct points *p = t->from;
    double widest = -1;
    if (level == t->levels)
        return;
    t->column[at] = 0;
    t->cut[at] = 0;
    for (size_t l = 0; l < p->d && count; l++) {
        for (size_t a = 0; a < count; a++)
            keys[a] = number(p, sample[a], l);
        qsort(keys, count, sizeof *keys, ascending);
        const double width = keys[count - 1 - count / 8] - keys[count / 8];
        if (width > widest) {
            widest = width;
            t->column[at] = (uint32_t)l;
            t->cut[at] = keys[count / 2];
        }
    }
    size_t left = 0;
    for (size_t a = 0; a < count; a++)
        if (number(p, sample[a], t->column[at]) < t->cut[at]) {
            const uint32_t swap = sample[a];
            sample[a] = sample[left];
            sample[left++] = swap;
        }
    cut_node(t, 2 * at, level + 1, sample, left, keys);
    cut_node(t, 2 * at + 1, level + 1, sample + left, count - left, keys);
}

static void cut_sample(struct ordering *t)
{
    uint32_t sample[SAMPLE];
    double keys[SAMPLE];
    const size_t n = t->from->n, count = n < SAMPLE ? n : SAMPLE;
    for (size_t a = 0; a < count; a++)
        sample[a] = (uint32_t)(n / count * a);
    while (t->levels < LEVELS && n >> t->levels > LEAF)
        t->levels++;
    cut_node(t, 1, 0, sample, count, keys);
}

/* ---- rows to leaves --------------------------------------------------------------------------------------------------- */

#define DESCEND(name, real)                                                                                                \
    static void name(const struct ordering *t, size_t from, size_t count, uint32_t *node)                                  \
    {                                                                                                                      \
        const struct points *p = t->from;                                                                                  \
        const real *x = (const real *)p->x + from * p->row;                                                                \
        for (size_t a = 0; a < count; a++)                                                                                 \
            node[a] = 1;                                                                                                   \
        for (int level = 0; level < t->levels; level++)                                                                    \
            for (size_t a = 0; a < count; a++)                                                                             \
                node[a] = 2 * node[a] + ((double)x[a * p->row + t->column[node[a]]] >= t->cut[node[a]]);                    \
    }

DESCEND(descend_f32, float)
DESCEND(descend_f64, double)

static void send_down(void *context, size_t chunk, int thread)
{
    struct ordering *t = context;
    const size_t end = chunk_begin(t->from->n, chunk + 1);
    (void)thread;
    memset(t->count[chunk], 0, sizeof t->count[chunk]);
    for (size_t j = chunk_begin(t->from->n, chunk); j < end; j += BLOCK) {
        uint32_t node[BLOCK];
        const size_t here = end - j < BLOCK ? end - j : BLOCK;
        (t->from->stored == KMU_F32 ? descend_f32 : descend_f64)(t, j, here, node);
        for (size_t a = 0; a < here; a++) {
            t->leaf[j + a] = (uint16_t)(node[a] - (1u << t->levels));
            t->count[chunk][t->leaf[j + a]]++;
        }
    }
}

static void list_by_leaf(void *context, size_t chunk, int thread)
{
    struct ordering *t = context;
    const size_t end = chunk_begin(t->from->n, chunk + 1);
    (void)thread;
    for (size_t j = chunk_begin(t->from->n, chunk); j < end; j++)
        t->row[t->count[chunk][t->leaf[j]]++] = (uint32_t)j;
}

/* begin, and count: from how many to where. */
static void lay_out(struct ordering *t)
{
    size_t at = 0;
    for (size_t leaf = 0; leaf < (size_t)1 << t->levels; leaf++) {
        t->begin[leaf] = at;
        for (size_t chunk = 0; chunk < CHUNKS; chunk++) {
            const uint32_t here = t->count[chunk][leaf];
            t->count[chunk][leaf] = (uint32_t)at;
            at += here;
        }
    }
    t->begin[(size_t)1 << t->levels] = at;
}

/* ---- equal rows ------------------------------------------------------------------------------------------------------- */

static inline bool same(const struct points *p, size_t a, size_t b)
{
    for (size_t l = 0; l < p->d; l++)
        if (number(p, a, l) != number(p, b, l))
            return false;
    return true;
}

/* Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195. */
static inline uint64_t hash(const struct points *p, size_t j)
{
    uint64_t h = 0;
    for (size_t l = 0; l < p->d; l++) {
        const double x = number(p, j, l) + 0.0; /* -0 is +0 */
        uint64_t b;
        memcpy(&b, &x, sizeof b);
        h = (h ^ b) * 0xbf58476d1ce4e5b9;
        h ^= h >> 31;
    }
    return h;
}

/* The rows of row[0 .. count - 1] that are equal to none before them come first; returns how many. twin, if it is not NULL, names
 * the one of each. The table has room, a power of two, for more entries than rows. */
static size_t find_twins(const struct points *p, uint32_t *row, size_t count, uint32_t *twin, uint32_t *table, size_t room)
{
    size_t kept = 0;
    memset(table, 0xff, room * sizeof *table);
    for (size_t a = 0; a < count; a++) {
        const uint32_t j = row[a];
        size_t at = hash(p, j) & (room - 1);
        while (table[at] != UINT32_MAX && !same(p, row[table[at]], j))
            at = (at + 1) & (room - 1);
        if (twin)
            twin[j] = table[at] == UINT32_MAX ? j : row[table[at]];
        if (table[at] != UINT32_MAX)
            continue;
        table[at] = (uint32_t)kept;
        row[a] = row[kept];
        row[kept++] = j;
    }
    return kept;
}

/* Whether it pays to look for equal rows: of s rows in a sample, about s^2 / 2 N meet a twin if there are N places. Weights of
 * merged rows have to be exact (exact/sum.h). */
static bool twins_pay(const struct points *p)
{
    uint32_t row[SAMPLE], table[2 * SAMPLE];
    const size_t count = p->n < SAMPLE ? p->n : SAMPLE;
    const bool exact = p->all.low > p->all.high || p->all.high - p->all.low + kmu__bits(p->n) <= 50;
    if (p->w || !exact)
        return false;
    for (size_t a = 0; a < count; a++)
        row[a] = (uint32_t)(p->n / count * a);
    const size_t twins = count - find_twins(p, row, count, NULL, table, 2 * SAMPLE);
    return (double)twins * (double)p->n > 0.75 * (double)count * (double)count && twins > 8;
}

static void merge_leaf(void *context, size_t leaf, int thread)
{
    struct ordering *t = context;
    const size_t count = t->begin[leaf + 1] - t->begin[leaf];
    size_t room = 16;
    while (room < 2 * count)
        room *= 2;
    t->home[leaf + 1] = find_twins(t->from, t->row + t->begin[leaf], count, t->twin, t->table + (size_t)thread * t->room, room);
}

/* ---- leaves to tiles -------------------------------------------------------------------------------------------------- */

/* Rows and their numbers, in place. */
struct leaf {
    char *x;
    uint32_t *row;
    size_t d, bytes; /* of a row */
    kmu_type stored;
    struct pool *pool; /* to be asked, by the caller's thread only; or NULL */
};

static inline double coordinate(const struct leaf *t, size_t a, size_t l)
{
    return t->stored == KMU_F32 ? (double)((const float *)(t->x + a * t->bytes))[l] : ((const double *)(t->x + a * t->bytes))[l];
}

static void swap_rows(struct leaf *t, size_t a, size_t b)
{
    char x[KMU__TREE_COLUMNS * sizeof(double)];
    const uint32_t row = t->row[a];
    memcpy(x, t->x + a * t->bytes, t->bytes);
    memcpy(t->x + a * t->bytes, t->x + b * t->bytes, t->bytes);
    memcpy(t->x + b * t->bytes, x, t->bytes);
    t->row[a] = t->row[b];
    t->row[b] = row;
}

/* Hoare's selection: no row before `middle` has a larger coordinate l than one behind it. At each step no row of from .. i - 1 has
 * a larger one than any of i .. to - 1. */
static void select_middle(struct leaf *t, size_t from, size_t to, size_t middle, size_t l)
{
    while (to - from > 1) {
        const double a = coordinate(t, from, l), b = coordinate(t, from + (to - from) / 2, l), c = coordinate(t, to - 1, l),
                     pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
        size_t i = from, j = to - 1;
        for (;;) {
            while (coordinate(t, i, l) < pivot)
                i++;
            while (coordinate(t, j, l) > pivot)
                j--;
            if (i >= j)
                break;
            swap_rows(t, i++, j--);
        }
        i += i == from; /* then it is the least, or one of them */
        if (middle < i)
            to = i;
        else
            from = i;
    }
}

static void halve(struct leaf *t, size_t from, size_t to)
{
    double widest = 0;
    size_t column = 0;
    if (to - from <= KMU__TILE)
        return;
    if (t->pool)
        kmu__ask(t->pool);
    for (size_t l = 0; l < t->d; l++) {
        double least = INFINITY, most = -INFINITY;
        for (size_t a = from; a < to; a++) {
            const double x = coordinate(t, a, l);
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
        if (most - least > widest) {
            widest = most - least;
            column = l;
        }
    }
    if (widest == 0)
        return;
    const size_t middle = from + ((to - from) / 2 + KMU__TILE - 1) / KMU__TILE * KMU__TILE;
    select_middle(t, from, to, middle, column);
    halve(t, from, middle);
    halve(t, middle, to);
}

static void make_leaf(void *context, size_t number_of, int thread)
{
    struct ordering *t = context;
    struct order *o = t->order;
    const struct points *p = t->from;
    const size_t bytes = p->d * (p->stored == KMU_F32 ? sizeof(float) : sizeof(double)), home = t->home[number_of],
                 count = t->home[number_of + 1] - home;
    const size_t step = p->row * (p->stored == KMU_F32 ? sizeof(float) : sizeof(double));
    uint32_t *row = t->row + t->begin[number_of];
    struct leaf leaf = {
        .x = (char *)(uintptr_t)o->points.x + home * bytes, .row = row, .d = p->d, .bytes = bytes, .stored = p->stored};
    leaf.pool = thread == 0 ? t->pool : NULL;
    for (size_t a = 0; a < count; a++)
        memcpy(leaf.x + a * bytes, (const char *)p->x + row[a] * step, bytes);
    halve(&leaf, 0, count);
    for (size_t a = 0; a < count; a++) {
        o->place[row[a]] = (uint32_t)(home + a);
        if (p->w)
            ((double *)(uintptr_t)o->points.w)[home + a] = p->w[row[a]];
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

bool kmu__order_pays(const struct points *p, const kmu_options *o)
{
    const bool can = p->d <= KMU__TREE_COLUMNS && p->n < UINT32_MAX;
    return can && (o->algorithm == KMU_TREE || (o->algorithm == KMU_AUTO && p->n >= LEAST && o->k > 2 && o->max_iter > 1));
}

/* How many rows each leaf keeps; o->points.n := how many there are. Equal rows are merged where t->twin has been granted. */
static kmu_status settle(struct ordering *t, const kmu_options *o, kmu_error *error)
{
    const size_t leaves = (size_t)1 << t->levels;
    struct memory tables = kmu__memory(o);
    size_t most = 0;
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        t->home[leaf + 1] = t->begin[leaf + 1] - t->begin[leaf];
        most = t->home[leaf + 1] > most ? t->home[leaf + 1] : most;
    }
    if (t->twin) {
        for (t->room = 16; t->room < 2 * most;)
            t->room *= 2;
        kmu__wish(&tables, &t->table, (size_t)kmu__pool_threads(t->pool) * t->room, sizeof *t->table);
        tables.as_it_comes = true;
        kmu_status status = kmu__grant(&tables, error);
        if (status != KMU_OK)
            return status;
        kmu__parallel(t->pool, leaves, 20.0 * (double)t->from->n, merge_leaf, t);
        kmu__give_back(&tables);
    }
    t->home[0] = 0;
    for (size_t leaf = 0; leaf < leaves; leaf++)
        t->home[leaf + 1] += t->home[leaf];
    t->order->points.n = t->home[leaves];
    return KMU_OK;
}

/* The memory of the rows made, as many as settle counted. */
static kmu_status grant_points(struct order *o, const struct points *p, bool merged, const kmu_options *options, kmu_error *error)
{
    o->memory = kmu__memory(options);
    o->memory.as_it_comes = true;
    kmu__wish(&o->memory, &o->points.x, o->points.n * p->d, p->stored == KMU_F32 ? sizeof(float) : sizeof(double));
    kmu__wish(&o->memory, &o->place, p->n, sizeof *o->place);
    if (merged)
        kmu__wish(&o->memory, &o->members, o->points.n, sizeof *o->members);
    if (merged || p->w)
        kmu__wish(&o->memory, &o->points.w, o->points.n, sizeof *o->points.w);
    return kmu__grant(&o->memory, error);
}

kmu_status kmu__order_make(struct order *o, const struct points *p, struct pool *pool, const kmu_options *options, kmu_error *error)
{
    struct memory m = kmu__memory(options);
    struct ordering *t;
    uint16_t *leaf;
    uint32_t *row, *twin = NULL, (*count)[1 << LEVELS];
    const bool merge = twins_pay(p);
    *o = (struct order){.points = *p};
    o->points.row = p->d;
    o->points.w = NULL;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &leaf, p->n, sizeof *leaf);
    kmu__wish(&m, &row, p->n, sizeof *row);
    kmu__wish(&m, &count, CHUNKS, sizeof *count);
    if (merge)
        kmu__wish(&m, &twin, p->n, sizeof *twin);
    kmu_status status = kmu__grant(&m, error);
    if (status != KMU_OK)
        return status;
    *t = (struct ordering){.order = o, .from = p, .pool = pool, .leaf = leaf, .row = row, .twin = twin, .count = count};
    cut_sample(t);
    kmu__parallel(pool, CHUNKS, 20.0 * (double)p->n, send_down, t);
    lay_out(t);
    kmu__parallel(pool, CHUNKS, 5.0 * (double)p->n, list_by_leaf, t);
    status = settle(t, options, error);
    if (status == KMU_OK)
        status = grant_points(o, p, merge, options, error);
    if (status == KMU_OK) {
        kmu__parallel(pool, (size_t)1 << t->levels, 50.0 * (double)p->n, make_leaf, t);
        if (merge)
            count_members(t);
    }
    kmu__give_back(&m);
    if (status != KMU_OK)
        kmu__order_free(o);
    return status;
}

void kmu__order_free(struct order *o)
{
    kmu__give_back(&o->memory);
    o->place = NULL;
}
