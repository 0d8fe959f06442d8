/* dense.c - candidates by a matrix product in binary32: who can be nearest within its error bound.
 *
 *   ||x - mu_i||^2 = ||x||^2 - 2 (x.mu_i - ||mu_i||^2 / 2) = ||x||^2 - 2 S_i,      nearest = argmax_i S_i
 *
 * The kernel gives s_i with |s_i - S_i| <= E(x) (layout/frame.c), and of them the largest and the one after it. If their
 * difference is greater than 2 E, strictly, the largest is the label. Else every i with s_i >= max s - 2 E is a candidate: the
 * undecided points of a chunk are gathered into tiles of their own, the second kernel names the pairs, certify decides.
 *
 * By bounds (margins.h) the same is done for the rows alone whose margin is used up; what the kernel saw of them makes a new one.
 *
 * A chunk is some tiles that fit the second-level cache; panels of centroids are taken in blocks that do too, so that
 * each is read from there by all tiles of the chunk.
 *
 * Time O(n k d) at the rate of the FMA units; memory one chunk of tiles a thread, one image of the centroids. */
#include "assign.h"

#include <math.h>
#include <stdlib.h>

#include "../ground/status.h"
#include "../kernel/verdict.h"
#include "../layout/frame.h"
#include "margins.h"

enum {
    TILES = 64,             /* most tiles in a chunk */
    TILE_BYTES = 256 << 10, /* of a chunk of tiles, and of a block of panels: half of a usual second-level cache */
    PANEL_BYTES = 128 << 10,
    PAIRS = 64 * KMU__LANES, /* pairs of one tile before points are scanned one by one */
    BEGINNING = 256,         /* bytes of a row that a CPU does not see coming */
    TILES_AHEAD = 2,         /* of narrow rows, between asking for them and using them */
    MARKS = 8                /* blocks of rows in a chunk, for it to say in which of them a label changed */
};

/* What a thread works in. */
struct desk {
    struct best best[TILES];
    _Alignas(64) float square[TILES * KMU__LANES];
    _Alignas(64) float least[KMU__LANES], margin[KMU__LANES];
    uint32_t open[TILES * KMU__LANES]; /* the points that are looked at */
    int32_t label[TILES * KMU__LANES]; /* of each of them, in turn, */
    uint8_t doubt[TILES * KMU__LANES]; /* unless it is undecided */
    float limit[TILES * KMU__LANES];   /* max s - 2 E of each undecided point */
    size_t row[TILES * KMU__LANES];    /* the undecided points */
    int32_t centroid[PAIRS], candidate[PAIRS];
    unsigned char lane[PAIRS];
    float slack[TILES * KMU__LANES]; /* 2 E, rounded up */
};

struct dense {
    struct fit *f;
    struct margins *margins; /* or NULL */
    size_t rows, block;      /* of a chunk; panels of a block */
    bool at_once;            /* there is one block */
    bool some;               /* rows are looked at, by margins */
    bool marks;              /* a chunk is whole blocks of rows, and says which are touched */
    float grown, added;      /* kmu__frame_most_square */
};

static size_t tiles_of_chunk(size_t d, const struct kernels *kernels)
{
    size_t tiles = TILE_BYTES / (kernels->lanes * d * sizeof(float));
    return tiles < 1 ? 1 : tiles > TILES ? TILES : tiles;
}

void kmu__dense_wish(struct fit *f)
{
    size_t threads = (size_t)kmu__pool_threads(f->pool);
    kmu__wish(&f->memory, &f->frame.centre, f->d, sizeof *f->frame.centre);
    kmu__wish(&f->memory, &f->frame.centre_f32, f->d, sizeof *f->frame.centre_f32);
    kmu__images_wish(&f->images, f, f->k, &f->memory);
    f->tile_stride = (tiles_of_chunk(f->d, f->kernels) * f->kernels->lanes * f->d + 15) / 16 * 16;
    kmu__wish(&f->memory, &f->tiles, threads * f->tile_stride, sizeof *f->tiles);
    kmu__wish(&f->memory, &f->desks, threads, sizeof(struct desk));
}

/* Rows that come later are asked for: those that a CPU cannot see coming, and narrow ones, which it asks for too late. */
static void fetch(const struct dense *t, size_t from, const uint32_t *open, size_t left, size_t lanes)
{
    const struct points *p = t->f->points;
    const size_t bytes = p->row * (p->stored == KMU_F32 ? sizeof(float) : sizeof(double)), here = left < lanes ? left : lanes;
    const char *x = (const char *)p->x;
    if (left > 0 && !t->some && bytes < BEGINNING) {
        const size_t row = from + open[0] + (TILES_AHEAD - 1) * lanes;
        for (size_t a = 0; row + lanes <= p->n && a < lanes * bytes; a += 64)
            __builtin_prefetch(x + row * bytes + a);
        return;
    }
    for (size_t j = 0; j < here; j++)
        kmu__fetch_row(p, from + open[j], BEGINNING);
}

/* The tile of the points from + open[0 .. count - 1], their sums of squares, and slack. */
static void pack(struct fit *f, size_t from, const uint32_t *open, size_t count, float *tile, float *square, float *slack)
{
    size_t row[KMU__LANES];
    for (size_t j = 0; j < count; j++)
        row[j] = from + open[j];
    kmu__frame_points(f, f->points, row, count, tile, square);
    kmu__frame_slack(f, &f->images, square, f->kernels->lanes, slack);
}

/* Which of the rows from .. from + rows - 1 are looked at: all, or those whose margins are used up. */
static size_t list_open(const struct dense *t, size_t from, size_t rows, uint32_t *open)
{
    if (t->some)
        return t->f->verdict->follow(t->margins->margin + from, t->f->c + from, t->margins->loss, rows, open);
    for (size_t a = 0; a < rows; a++)
        open[a] = (uint32_t)a;
    return rows;
}

/* The undecided points row[0 .. count - 1] with their limits, at most a tile of them, get their labels. */
static void decide(struct fit *f, struct desk *desk, const size_t *row, const float *limit, size_t count, float *tile,
                   int thread)
{
    struct work *work = &f->work[thread];
    size_t lanes = f->kernels->lanes;
    double *buffer = f->row + (size_t)thread * f->row_stride;
    kmu__frame_points(f, f->points, row, count, tile, desk->square);
    for (size_t t = 0; t < lanes; t++)
        desk->least[t] = t < count ? limit[t] : INFINITY;
    size_t found = f->kernels->collect(tile, f->images.panels, f->images.half, f->d, f->images.panel_count, 0, desk->least,
                                       desk->centroid, desk->lane, PAIRS);
    work->pairs += (int64_t)(count * f->distinct_count);
    for (size_t t = 0; t < count; t++) {
        const double *x = kmu__row(f->points, row[t], buffer);
        size_t candidates = 0;
        if (found > PAIRS) {
            f->c[row[t]] = kmu__certify(f, x, f->distinct, f->distinct_count, thread);
            continue;
        }
        for (size_t a = 0; a < found; a++)
            if (desk->lane[a] == t)
                desk->candidate[candidates++] = f->distinct[desk->centroid[a]];
        f->c[row[t]] = kmu__certify(f, x, desk->candidate, candidates, thread);
    }
}

/* The rows that were looked at get the labels that the kernel found. */
static void put_labels(const struct dense *t, const struct desk *desk, size_t from, size_t open)
{
    struct fit *f = t->f;
    if (!t->some) { /* all of them */
        for (size_t j = 0; j < open; j += KMU__ROWS_TOUCHED) {
            const size_t rows = open - j < KMU__ROWS_TOUCHED ? open - j : KMU__ROWS_TOUCHED;
            const bool moved = f->verdict->take(desk->label + j, rows, f->c + from + j);
            if (t->marks && moved) /* who asks once has put nothing into c before */
                f->touched[(from + j) / KMU__ROWS_TOUCHED] = 1;
        }
        return;
    }
    uint8_t *restrict touched = f->touched + from / KMU__ROWS_TOUCHED;
    int32_t *restrict c = f->c + from;
    for (size_t j = 0; j < open;) {
        const size_t block = desk->open[j] / KMU__ROWS_TOUCHED;
        int32_t differ = 0; /* no branch: who moves is not to be foreseen */
        for (; j < open && desk->open[j] / KMU__ROWS_TOUCHED == block; j++) {
            differ |= c[desk->open[j]] ^ desk->label[j];
            c[desk->open[j]] = desk->label[j];
        }
        if (t->marks && differ)
            touched[block] = 1;
    }
}

/* A tile meets a block of panels from number p on. */
static void meet(const struct dense *t, const float *tile, size_t p, struct best *best)
{
    const struct fit *f = t->f;
    const size_t panels = f->images.panel_count - p < t->block ? f->images.panel_count - p : t->block, wide = f->kernels->wide;
    f->kernels->nearest(tile, f->images.panels + p * wide * f->d, f->images.half + p * wide, f->d, panels, (int32_t)(p * wide),
                        best);
}

static void dense_chunk(void *context, size_t chunk, int thread)
{
    struct dense *t = context;
    struct fit *f = t->f;
    const struct kernels *kernel = f->kernels;
    struct desk *desk = (struct desk *)f->desks + thread;
    float *tiles = f->tiles + (size_t)thread * f->tile_stride;
    const size_t lanes = kernel->lanes, tile_size = lanes * f->d, from = chunk * t->rows;
    const size_t rows = f->n - from < t->rows ? f->n - from : t->rows, open = list_open(t, from, rows, desk->open),
                 count = (open + lanes - 1) / lanes;
    size_t undecided = 0;
    for (size_t a = 0; a < count; a++) {
        const size_t here = open - a * lanes < lanes ? open - a * lanes : lanes;
        fetch(t, from, desk->open + a * lanes + here, open - a * lanes - here, lanes);
        pack(f, from, desk->open + a * lanes, here, tiles + a * tile_size, desk->square + a * lanes, desk->slack + a * lanes);
        if (t->at_once)
            meet(t, tiles + a * tile_size, 0, &desk->best[a]);
    }
    for (size_t p = 0; p < f->images.panel_count && !t->at_once; p += t->block) {
        for (size_t a = 0; a < count; a++)
            meet(t, tiles + a * tile_size, p, &desk->best[a]);
        if (thread == 0)
            kmu__ask(f->pool);
    }
    if (thread == 0 && t->at_once)
        kmu__ask(f->pool);
    bool doubts = false;
    for (size_t a = 0; a < count; a++) {
        const size_t at = a * lanes;
        const struct best *best = &desk->best[a];
        if (f->verdict->judge(best, desk->slack + at, f->distinct_count < f->k ? f->distinct : NULL, lanes, desk->label + at,
                              desk->doubt + at))
            doubts = true;
        if (!t->margins)
            continue;
        const size_t here = open - at < lanes ? open - at : lanes;
        float *margin = t->margins->margin + from;
        f->verdict->make(best->first, best->second, desk->square + at, desk->slack + at, here, t->grown, t->added,
                         t->some ? desk->margin : margin + at);
        for (size_t i = 0; i < here && t->some; i++)
            margin[desk->open[at + i]] = desk->margin[i];
    }
    put_labels(t, desk, from, open);
    for (size_t j = 0; j < open && doubts; j++)
        if (desk->doubt[j]) {
            const size_t row = from + desk->open[j];
            if (t->marks)
                f->touched[row / KMU__ROWS_TOUCHED] = 1;
            desk->row[undecided] = row;
            desk->limit[undecided++] = nextafterf(desk->best[j / lanes].first[j % lanes] - desk->slack[j], -INFINITY);
        }
    for (size_t u = 0; u < undecided; u += lanes)
        decide(f, desk, desk->row + u, desk->limit + u, undecided - u < lanes ? undecided - u : lanes, tiles, thread);
    f->work[thread].pairs += (int64_t)(open * f->distinct_count);
    f->work[thread].skipped += (int64_t)((rows - open) * f->distinct_count);
}

static bool assign(struct fit *f, struct margins *margins)
{
    if (!kmu__images_make(&f->images, f, f->mu, f->distinct, f->distinct_count))
        return false;
    size_t panel_bytes = f->kernels->wide * f->d * sizeof(float);
    struct dense t = {.f = f, .margins = margins, .some = margins && margins->known, .block = PANEL_BYTES / panel_bytes + 1};
    t.rows = tiles_of_chunk(f->d, f->kernels) * f->kernels->lanes;
    t.at_once = f->images.panel_count <= t.block;
    t.marks = t.rows >= MARKS * KMU__ROWS_TOUCHED && !f->once;
    if (t.marks)
        t.rows -= t.rows % KMU__ROWS_TOUCHED;
    else
        memset(f->touched, 1, (f->n + KMU__ROWS_TOUCHED - 1) / KMU__ROWS_TOUCHED);
    kmu__frame_most_square(f, &t.grown, &t.added);
    double cost = (double)f->n * ((double)f->distinct_count * (0.3 + 0.03 * (double)f->d) + 0.5 * (double)f->d);
    kmu__parallel(f->pool, (f->n + t.rows - 1) / t.rows, cost, dense_chunk, &t);
    return true;
}

bool kmu__assign_dense(struct fit *f)
{
    return assign(f, NULL);
}

bool kmu__assign_bounds(struct fit *f)
{
    struct margins *t = kmu__margins_open(f);
    if (!t)
        return false;
    if (t->known)
        kmu__margins_lose(t, f);
    if (!assign(f, t))
        return false;
    t->known = f->distinct_count == f->k; /* who equals its own centroid is as near as that: of it nothing is known */
    f->kept = t->margin;
    return true;
}
