/* scene.h - points and centroids of all kinds as bytes (layout/coarse.h), with exact numbers to hold their bounds against.
 *
 *   S = x'.c' - ||c'||^2 / 2,      x' = x 2^g - o,      c' = mu 2^g - o
 *
 * Rows are drawn so that bounds are nearly met: remainders of half a step, all to one side, against rows of one number. */
#ifndef KMU_TESTS_SCENE_H
#define KMU_TESTS_SCENE_H

#include "exact/wide.h"
#include "layout/coarse.h"
#include "layout/frame.h"
#include "room.h"

enum { PANELS = 3, K = PANELS * KMU__PANEL, ROWS = 2 * KMU__GROUP, LONGEST = 2000, KINDS = 8, WAYS = 8 };

/* ---- rows ----------------------------------------------------------------------------------------------------------- */

/* A row of d numbers of a kind, times size; a step is 1 / level of the largest. */
static inline void draw_row(double *x, size_t d, double size, int level)
{
    const size_t kind = below(KINDS), hot = below(d);
    const double near = below(2) ? 0.4999 : uniform() / 2, one = below(2) ? 1 : number(-3, 4, 24);
    size = below(2) ? size : -size;
    for (size_t l = 0; l < d; l++) {
        const bool here = l == hot;
        const double of_kind[KINDS] = {
            [0] = 0,
            [1] = normal(),
            [2] = one,                                                       /* constant */
            [3] = here ? one : 0,                                            /* one-hot */
            [4] = number(-80, 20, 24),                                       /* of all magnitudes */
            [5] = 0x1p20 * normal(),                                         /* cancelling in pairs */
            [6] = here ? 1 : (between(1 - level, level - 2) + near) / level, /* off by half a step, all to one side */
            [7] = here + (l + 1 == hot) * near / level,                      /* in one coordinate */
        };
        x[l] = kind == 5 && l % 2 ? -x[l - 1] : of_kind[kind] * size;
    }
}

/* What points and centroids are multiplied with, and what is added to them then. */
static inline void choose_sizes(size_t way, bool f32, double *points, double *centroids, double *offset)
{
    const double sizes[WAYS][3] = {
        {1, 1, 0},
        {1, 0x1p12, 0},
        {1, 0x1p-12, 0},
        {1, 1, 1e6},
        {f32 ? 1e20 : 1e200, 0, 0}, /* the frame's scale is needed */
        {f32 ? 1e-38 : 1e-308, 0, 0},
        {f32 ? 1e-43 : 0x1p-1068, 0, 0}, /* and does not go far enough */
        {0x1p-68, 0x1p-57, 0},           /* and is made for another row */
    };
    *points = sizes[way][0];
    *centroids = sizes[way][1] ? sizes[way][1] : sizes[way][0] * (below(2) ? 1 : 0x1p6);
    *offset = sizes[way][2];
}

/* ---- a scene: rows, centroids and their bytes ----------------------------------------------------------------------- */

struct scene {
    struct room room;
    struct fit f;
    struct memory memory;
    struct coarse_centroids c, rough;
    double *rows, *mu, *stored; /* rows are widened */
    size_t k;                   /* of the K centroids, those that are there */
    int g;                      /* the frame's scale is 2^g */
};

static inline void draw_scene(struct scene *s, size_t d, int level, kmu_type type)
{
    const size_t way = below(WAYS);
    double points, centroids, offset;
    choose_sizes(way, type == KMU_F32, &points, &centroids, &offset);
    for (size_t j = 0; j < ROWS; j++)
        draw_row(s->rows + j * d, d, points, level);
    for (size_t i = 0; i < K; i++)
        draw_row(s->mu + i * d, d, centroids, level);
    for (size_t i = 0; i < K; i++) /* some are points, or mirror images of another, which is as far from the origin */
        for (size_t l = 0, from = below(4), j = below(ROWS); l < d; l++)
            s->mu[i * d + l] = from == 0 && way < 7 ? s->rows[j * d + l]
                               : from == 1 && i     ? (l % 2 ? -1 : 1) * s->mu[(i - 1) * d + l]
                                                    : s->mu[i * d + l];
    for (size_t l = 0; l < d && way == 7; l++)
        s->rows[l] = 1;
    for (size_t a = 0; a < (ROWS + K) * d; a++) {
        double *x = a < ROWS * d ? &s->rows[a] : &s->mu[a - ROWS * d];
        *x = type == KMU_F32 ? (double)(float)(*x + offset) : *x + offset;
    }
}

static inline void open_scene(struct scene *s, const struct filter *filter, size_t d)
{
    const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
    float *image;
    *s = (struct scene){.rows = doubles(ROWS * d), .mu = doubles(K * d), .stored = doubles(ROWS * d)};
    draw_scene(s, d, filter->level, type);
    memcpy(s->stored, s->rows, ROWS * d * sizeof *s->stored);
    narrow(s->stored, ROWS * d, type);
    assert_int_equal(enter(&s->room, s->stored, type, ROWS, d, 0, NULL, 1), KMU_OK);
    s->f = (struct fit){.points = &s->room.points, .original = &s->room.points, .pool = s->room.pool, .n = ROWS, .d = d, .mu = s->mu, .filter = filter};
    s->memory = kmu__memory(NULL);
    kmu__coarse_wish(&s->c, s->f.d, K, &s->memory);
    kmu__coarse_wish_rough(&s->rough, s->f.d, K, &s->memory);
    kmu__wish(&s->memory, &image, d + KMU__PAD, sizeof *image);
    kmu__wish(&s->memory, &s->f.row, d, sizeof *s->f.row);
    kmu__wish(&s->memory, &s->f.frame.centre, d, sizeof *s->f.frame.centre);
    kmu__wish(&s->memory, &s->f.frame.centre_f32, d, sizeof *s->f.frame.centre_f32);
    assert_int_equal(kmu__grant(&s->memory, NULL), KMU_OK);
    assert_true(kmu__coarse_open(&s->f, ROWS));
    s->c.rough = &s->rough;
    kmu__frame_choose(&s->f);
    s->g = ilogb(s->f.frame.scale);
    kmu__coarse_rows(&s->f, 0, ROWS, 0, image);
    s->k = below(3) ? 1 + below(K) : 1 + below(KMU__PANEL);
    if (!kmu__coarse_centroids(&s->c, &s->f, s->mu, s->k))
        FAIL("%s, d = %zu: a centroid is as long as %a", kmu_isa_name(filter->isa), d, (double)s->c.norm[0]);
}

static inline void close_scene(struct scene *s)
{
    kmu__coarse_close(&s->f);
    leave(&s->room);
    kmu__give_back(&s->memory);
    free(s->rows);
    free(s->mu);
    free(s->stored);
}

static inline void over_filters_and_lengths(void (*check)(struct scene *))
{
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++) {
        const struct filter *filter = kmu__filter((kmu_isa)isa);
        if (!kmu__kernels((kmu_isa)isa) || (isa > KMU_ISA_PLAIN && filter == kmu__filter((kmu_isa)(isa - 1))))
            continue;
        for (size_t d = 1; d <= LONGEST; d = d < 130 ? d + 1 : d == 130 ? 784 : d == 784 ? LONGEST : LONGEST + 1)
            for (size_t again = 0; again < (d < 130 ? 3 : 1); again++) {
                struct scene s;
                begin(d * 10 + again);
                open_scene(&s, filter, d);
                check(&s);
                close_scene(&s);
            }
    }
}

/* ---- exact numbers -------------------------------------------------------------------------------------------------- */

/* a += x y 2^e */
static inline void add_product(struct wide *a, double x, double y, int e)
{
    struct parts p = kmu__parts(x), q = kmu__parts(y);
    if (p.m && q.m)
        kmu__wide_add(a, p.negative ^ q.negative, (kmu__u128)p.m * q.m, p.e + q.e + e);
}

/* a += (x 2^g - o - b)^2 */
static inline void add_square(struct wide *a, double x, int g, double o, double b)
{
    const double term[3] = {x, -o, -b};
    const int e[3] = {g, 0, 0};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            add_product(a, term[i], term[j], e[i] + e[j]);
}

/* a := 2 S of row j and centroid i, multiplied out. */
static inline void twice_S(struct wide *a, const struct scene *s, size_t j, size_t i)
{
    kmu__wide_zero(a);
    for (size_t l = 0; l < s->f.d; l++) {
        const double x = s->rows[j * s->f.d + l], mu = s->mu[i * s->f.d + l], o = s->f.frame.centre[l];
        add_product(a, x, mu, 2 * s->g + 1);
        add_product(a, -mu, mu, 2 * s->g);
        add_product(a, -x, o, s->g + 1);
        add_product(a, o, o, 0);
    }
}

/* The sign of a - x y. */
static inline int against(const struct wide *a, double x, double y)
{
    struct wide b;
    kmu__wide_zero(&b);
    add_product(&b, x, y, 0);
    return kmu__wide_compare(a, &b);
}

#endif
