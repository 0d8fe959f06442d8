/* loops.c - every inner loop of src/kernel, on data as the library hands it over, in blocks of the size that a chunk has there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loops.h"
#include "kernel/digits.h"
#include "kernel/filter.h"
#include "kernel/herd.h"
#include "kernel/kernel.h"
#include "kernel/verdict.h"
#include "kernel/scan.h"
#include "kernel/tree.h"

enum {
    NUMBERS = 12 << 20, /* binary32 numbers to read: no cache holds them */
    K = 1024,
    CACHE = 256 << 10, /* bytes of a chunk of tiles, and half of that of a block of panels (src/assign/dense.c) */
    MOST_TILES = 64,
    BLOCK = 96,        /* points that meet all centroids together (src/assign/filtering.h) */
    AGAIN = 64, /* calls of a kernel that is over at once */
};

/* What the kernels work on. */
static struct {
    kmu_isa isa;
    size_t span; /* how many of x a kernel that reads reads */
    float *x;    /* NUMBERS, multiples of 2^-23 in -1 .. 1 */
    float *y;    /* NUMBERS, to be written */
    uint8_t *q;  /* NUMBERS of 1 .. 127 */
    _Alignas(64) uint8_t byte[K];
    double large[K]; /* 2^23 */
} room;

static _Alignas(64) const float nothing[K]; /* zeros */
static volatile double sink;

bool loops_open(kmu_isa isa, bool memory)
{
    uint64_t s = 1;
    room.isa = isa;
    room.span = memory ? NUMBERS / 2 : CACHE / sizeof(float);
    room.x = aligned_alloc(64, NUMBERS * sizeof *room.x);
    room.y = aligned_alloc(64, NUMBERS * sizeof *room.y);
    room.q = aligned_alloc(64, NUMBERS);
    if (!room.x || !room.y || !room.q)
        return false;
    for (size_t i = 0; i < NUMBERS; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        room.x[i] = (float)((int64_t)(s >> 40) - (1 << 23)) * 0x1p-23f;
        room.y[i] = 1;
        room.q[i] = (uint8_t)(1 + (s >> 33) % 127);
    }
    for (size_t i = 0; i < K; i++)
        room.large[i] = 0x1p23;
    return true;
}

/* ---- the kernels: each does its work once and returns how much it was --------------------------------------------------- */

/* All tiles of a chunk meet all panels, by blocks, with the epilogue, as src/assign/dense.c has them do. */
static double dense_nearest(size_t d)
{
    static struct best best[MOST_TILES];
    static const float half[K];
    const struct kernels *k = kmu__kernels(room.isa);
    const size_t fit = CACHE / (k->lanes * d * sizeof(float)), tiles = fit < 1 ? 1 : fit < MOST_TILES ? fit : MOST_TILES,
                 panels = K / k->wide, block = CACHE / 2 / (k->wide * d * sizeof(float)) + 1;
    for (size_t a = 0; a < tiles; a++)
        for (size_t t = 0; t < k->lanes; t++)
            best[a].first[t] = best[a].second[t] = -INFINITY;
    for (size_t p = 0; p < panels; p += block)
        for (size_t a = 0; a < tiles; a++)
            k->nearest(room.x + a * k->lanes * d, room.x + NUMBERS / 2 + p * k->wide * d, half + p * k->wide, d,
                       panels - p < block ? panels - p : block, (int32_t)(p * k->wide), &best[a]);
    return (double)(tiles * k->lanes * panels * k->wide * d);
}

static double dense_pack(size_t d)
{
    static _Alignas(64) float square[KMU__LANES];
    const struct kernels *k = kmu__kernels(room.isa);
    const size_t rows = room.span / d / k->lanes * k->lanes;
    for (size_t j = 0; j < rows; j += k->lanes) {
        const float *row[KMU__LANES];
        for (size_t t = 0; t < k->lanes; t++)
            row[t] = room.x + (j + t) * d;
        k->pack_f32(row, k->lanes, d, 1, room.x, room.y, square);
    }
    return (double)(rows * d * sizeof(float));
}

/* Zeros for all that belongs to bytes but the bytes themselves. */
static struct panels panels_at(size_t from)
{
    static _Alignas(64) const int32_t start[K];
    static const struct centroid one[K];
    return (struct panels){.q = (const int8_t *)room.q + from, .start = start, .unit = nothing, .half = nothing, .size = nothing, .one = one};
}

/* walker := a block of points of d bytes, whom hardly any centroid reaches; returns how many. What is said of them is in one place. */
static size_t block_of(size_t d, size_t group, struct walker *walker)
{
    static _Alignas(64) float best[KMU__PANEL];
    static uint64_t bits[K / 64];
    for (size_t j = 0; j < BLOCK; j++)
        walker[j] = (struct walker){.q = room.q + j * d, .scale = 1e-2f, .slope = 1e-3f, .slop = 1e-3f, .high = room.y + j * K,
                                    .best = best, .least = 1e6f, .bits = bits};
    return BLOCK / group * group;
}

static double filter_bound(size_t d)
{
    static struct walker walker[BLOCK];
    const struct filter *f = kmu__filter(room.isa);
    const struct panels panels = panels_at(NUMBERS / 2);
    const size_t points = block_of(d, f->group, walker);
    for (size_t p = 0; p < K / KMU__PANEL; p++)
        for (size_t g = 0; g < points; g += f->group)
            f->bound(walker + g, &panels, p, d / 4);
    return (double)(points * K * d);
}

static double filter_pass(size_t d)
{
    static struct walker walker[BLOCK];
    static float most[BLOCK];
    static uint32_t which[BLOCK];
    const struct filter *f = kmu__filter(room.isa);
    const struct panels panels = panels_at(NUMBERS / 2);
    const size_t points = block_of(d, f->group, walker);
    for (uint32_t j = 0; j < BLOCK; j++)
        which[j] = j;
    for (size_t p = 0; p < K / KMU__PANEL; p++)
        for (size_t g = 0; g < points; g += f->group)
            f->pass(walker, which + g, &panels, p, d / 4, most);
    return (double)(points * K * d);
}

static double filter_project(size_t d)
{
    static float y[KMU__GROUP][KMU__BESIDE];
    const struct filter *f = kmu__filter(room.isa);
    const size_t rows = room.span / d / f->group * f->group;
    for (size_t j = 0; j < rows; j += f->group) {
        const float *row[KMU__GROUP];
        float *to[KMU__GROUP];
        for (size_t t = 0; t < f->group; t++) {
            row[t] = room.x + (j + t) * d;
            to[t] = y[t];
        }
        f->project(row, room.x + NUMBERS / 2, d, to);
    }
    return (double)(rows * KMU__BESIDE * d);
}

/* Points meet a tenth of K centroids, one by one. */
static double filter_bound_some(size_t d)
{
    static uint32_t which[K];
    const struct filter *f = kmu__filter(room.isa);
    const struct panels panels = panels_at(NUMBERS / 2);
    const size_t stride = (d + KMU__PAD - 1) / KMU__PAD * KMU__PAD, count = K / 10;
    double sum = 0;
    for (size_t j = 0; j < BLOCK; j++) {
        const struct walker w = {.q = room.q + j * stride, .scale = 1e-2f, .slope = 1e-3f, .slop = 1e-3f, .high = room.y};
        for (size_t a = 0; a < count; a++)
            which[a] = (uint32_t)(a * 10 + j % 10);
        sum += (double)f->bound_some(&w, &panels, stride, which, count);
    }
    sink = sum;
    return (double)(BLOCK * count * d);
}

static double filter_distance(size_t d)
{
    const struct filter *f = kmu__filter(room.isa);
    const size_t pad = (d + KMU__PAD - 1) / KMU__PAD * KMU__PAD, count = CACHE / (pad * sizeof(float));
    double sum = 0;
    for (size_t a = 0; a < count; a++)
        sum += (double)f->distance(room.x + NUMBERS / 2, room.x + a * pad, d);
    sink = sum;
    return (double)(count * d);
}

static double filter_quantise(size_t d)
{
    static struct coarse coarse;
    const struct filter *f = kmu__filter(room.isa);
    for (size_t j = 0; j + d <= room.span; j += d)
        f->quantise(room.x + j, d, f->zero, f->level, room.byte, &coarse);
    return (double)(room.span / d * d * sizeof(float));
}

static double tree_nearest(size_t d)
{
    static _Alignas(64) float first[KMU__LEAF], second[KMU__LEAF];
    static _Alignas(64) int32_t which[KMU__LEAF], name[KMU__LIST];
    const size_t count = 8;
    for (size_t tile = 0; tile < AGAIN; tile++)
        kmu__tree_kernel(room.isa)->nearest(room.x + tile * d * KMU__LEAF, d, room.x + NUMBERS / 2, nothing, KMU__LIST, count, name,
                                            first, second, which);
    return (double)(AGAIN * KMU__LEAF * d * count);
}

/* Three products a coordinate: for who is nearest to the middle, for the middle, for the corner. */
static double tree_prune(size_t d)
{
    static uint32_t kept[128];
    const float extent[KMU__TREE_MOST] = {0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.01f, 0.01f};
    const size_t count = 112;
    size_t left = 0;
    for (size_t box = 0; box < AGAIN; box++)
        left += kmu__tree_kernel(room.isa)->prune(room.x + NUMBERS / 2, room.x, count, count, room.x + 8 * box, extent, d, 0, kept);
    sink = (double)left;
    return (double)(AGAIN * 3 * d * count);
}

static double tree_load(size_t d)
{
    static _Alignas(64) float tile[KMU__TREE_MOST * KMU__LEAF];
    for (size_t j = 0; j + KMU__LEAF * d <= room.span; j += KMU__LEAF * d)
        kmu__tree_kernel(room.isa)->load_f32(room.x + j, KMU__LEAF, d, 1, room.x, tile);
    return (double)(room.span * sizeof(float));
}

/* Rows go to the sums of 16 clusters in turn. */
static double digits_add(size_t d)
{
    static int64_t low[16 * K];
    const struct digits *k = kmu__digits(room.isa);
    memset(low, 0, 16 * d * sizeof *low);
    for (size_t j = 0; j < room.span / d; j++)
        k->add_f32(low + j % 16 * d, NULL, room.x + j * d, NULL, room.large, 1, d);
    return (double)(room.span / d * d * sizeof(float));
}

/* The sums of d columns, of one digit, and their unit. */
static void sum_up(size_t d, int64_t *low, double *unit, double *mu)
{
    for (size_t l = 0; l < d; l++) {
        low[l] = (int64_t)(room.x[l] * 0x1p40f);
        unit[l] = 0x1p-23;
        mu[l] = (double)room.x[l];
    }
}

static double digits_means(size_t d)
{
    static int64_t low[K];
    static double unit[K], mu[K];
    static uint32_t doubt[K];
    size_t doubts = 0;
    sum_up(d, low, unit, mu);
    for (size_t i = 0; i < AGAIN; i++)
        doubts += kmu__digits(room.isa)->means(low, NULL, unit, 1000, KMU_F32, mu, doubt, d);
    sink = (double)doubts;
    return (double)(AGAIN * 16 * d);
}

static double digits_product(size_t d)
{
    static int64_t low[K];
    static double unit[K], mu[K];
    struct twofold a = {0}, b = {0};
    sum_up(d, low, unit, mu);
    for (size_t i = 0; i < AGAIN; i++)
        kmu__digits(room.isa)->product(low, NULL, unit, mu, d, &a, &b);
    sink = a.high + b.high;
    return (double)(AGAIN * 2 * d);
}

static double margin_make(size_t count)
{
    static _Alignas(64) float slack[K], margin[K];
    for (size_t i = 0; i < AGAIN; i++)
        kmu__verdict(room.isa)->make(room.x, room.x + count, room.y, slack, count, 1, 0, margin);
    return (double)(AGAIN * 16 * count);
}

/* All labels are 0, and nothing is lost. */
static double margin_follow(size_t count)
{
    static int32_t c[K];
    static uint32_t open[K];
    size_t left = 0;
    for (size_t j = 0; j + count <= room.span; j += count)
        left += kmu__verdict(room.isa)->follow(room.y + j, c, nothing, count, open);
    sink = (double)left;
    return (double)(room.span / count * count * sizeof(float));
}

static double herd_fall(size_t d)
{
    static _Alignas(64) double tile[KMU__HERD_COLUMNS * KMU__HERD];
    static _Alignas(64) int64_t P[KMU__HERD]; /* that of 1 */
    static struct herd_falls falls;
    const struct herd_kernel *k = kmu__herd_kernel(room.isa);
    double c[KMU__HERD_COLUMNS];
    k->load_f32(room.x, d, NULL, KMU__HERD, d, tile);
    for (size_t a = 0; a < AGAIN; a++) {
        for (size_t l = 0; l < d; l++)
            c[l] = (double)room.x[8 * a + l];
        k->fall(tile, d, c, NULL, P, 3 << 23, false, &falls);
    }
    return (double)(AGAIN * KMU__HERD * d);
}

static double herd_reach(size_t d)
{
    static _Alignas(64) double c[KMU__HERD_COLUMNS * KMU__TRIALS];
    const double box[2 * KMU__HERD_COLUMNS] = {0};
    uint64_t bits = 0;
    for (size_t a = 0; a < KMU__HERD_COLUMNS * KMU__TRIALS; a++)
        c[a] = (double)room.x[a];
    for (size_t i = 0; i < AGAIN; i++)
        bits ^= kmu__herd_kernel(room.isa)->reach(box, d, c, KMU__TRIALS, 0.1);
    sink = (double)bits;
    return (double)(AGAIN * KMU__TRIALS * d);
}

static double scan_rows(size_t d)
{
    static int32_t least[K], most[K];
    kmu__scan_kernel(room.isa)->rows_f32(room.x, d, room.span / d, d, least, most);
    return (double)(room.span / d * d * sizeof(float));
}

static double scan_squares(size_t d)
{
    int64_t sum[KMU__SQUARE_DIGITS][KMU__SQUARE_SUMS] = {{0}};
    kmu__scan_kernel(room.isa)->squares(room.x, room.span, 0x1p23, (int)d, sum);
    sink = (double)sum[0][0];
    return (double)(room.span * sizeof(float));
}

/* ---- the table --------------------------------------------------------------------------------------------------------- */

const struct loop loops[] = {
    {"dense nearest", 8, F32, dense_nearest},
    {"dense nearest", 32, F32, dense_nearest},
    {"dense nearest", 128, F32, dense_nearest},
    {"dense nearest", 768, F32, dense_nearest},
    {"dense pack", 16, BYTES, dense_pack},
    {"dense pack", 128, BYTES, dense_pack},
    {"dense pack", 768, BYTES, dense_pack},
    {"filter bound", 32, U8, filter_bound},
    {"filter bound", 96, U8, filter_bound},
    {"filter bound", 128, U8, filter_bound},
    {"filter bound", 384, U8, filter_bound},
    {"filter bound", 768, U8, filter_bound},
    {"filter distance", 128, F32, filter_distance},
    {"filter distance", 768, F32, filter_distance},
    {"filter quantise", 128, BYTES, filter_quantise},
    {"filter quantise", 768, BYTES, filter_quantise},
    {"filter bound some", 128, U8, filter_bound_some},
    {"filter bound some", 768, U8, filter_bound_some},
    {"filter pass", 32, U8, filter_pass},
    {"filter pass", 128, U8, filter_pass},
    {"filter project", 128, F32, filter_project},
    {"filter project", 768, F32, filter_project},
    {"tree nearest", 2, F32, tree_nearest},
    {"tree nearest", 8, F32, tree_nearest},
    {"tree prune", 2, F32, tree_prune},
    {"tree prune", 8, F32, tree_prune},
    {"tree load", 2, BYTES, tree_load},
    {"tree load", 8, BYTES, tree_load},
    {"digits add", 16, BYTES, digits_add},
    {"digits add", 128, BYTES, digits_add},
    {"digits add", 768, BYTES, digits_add},
    {"digits means", 128, BYTES, digits_means},
    {"digits product", 128, F64, digits_product},
    {"margin make", 48, BYTES, margin_make},
    {"margin follow", 1024, BYTES, margin_follow},
    {"herd fall", 2, F64, herd_fall},
    {"herd fall", 8, F64, herd_fall},
    {"herd reach", 2, F64, herd_reach},
    {"herd reach", 8, F64, herd_reach},
    {"scan rows", 16, BYTES, scan_rows},
    {"scan rows", 128, BYTES, scan_rows},
    {"scan squares", 1, BYTES, scan_squares},
};
const size_t loop_count = sizeof loops / sizeof *loops;

bool loop_is_here(const struct loop *l)
{
    if (strncmp(l->name, "filter", 6) == 0)
        return kmu__filter(room.isa) != &kmu__filter_plain;
    return strncmp(l->name, "digits", 6) != 0 || kmu__digits(room.isa);
}
