/* test_tree.c - a tile's candidates are all that could be nearest in its box (src/kernel/tree.h, src/assign/tree.c).
 *
 *   prune    whoever is nearest to some point of the box, alone or with others, is kept
 *   nearest  the two largest s = x.c + half and the first index of the largest, each s within (N4 a)
 *   load     tile := fl(x scale - origin), and nothing beside its arrays is touched (guard.h)
 *
 * and through the door: the labels of `plain`, for points half-way between centroids. */
#include "exact/compare.h"
#include "guard.h"
#include "kernel/tree.h"

enum { ISAS = KMU_ISA_NEON + 1, D = KMU__TREE_MOST, COUNT = 70, STRIDE = (COUNT + KMU__LIST - 1) / KMU__LIST * KMU__LIST };

/* Candidates as a kernel gets them, and as rows. */
struct list {
    float c[D * STRIDE], half[STRIDE];
    double row[COUNT][D];
    size_t count, d;
    double reach, drop;
};

/* Where there is no candidate there may be anything. */
static void set_list(struct list *t)
{
    const float fill[] = {NAN, INFINITY, -INFINITY, 3e38f, 0};
    t->reach = t->drop = 0;
    for (size_t a = 0; a < STRIDE; a++) {
        double square = 0;
        for (size_t l = 0; l < D; l++)
            t->c[l * STRIDE + a] = a < t->count && l < t->d ? (float)t->row[a][l] : fill[below(5)];
        for (size_t l = 0; a < t->count && l < t->d; l++)
            square += t->row[a][l] * t->row[a][l];
        t->half[a] = a < t->count ? (float)(-square / 2) : fill[below(5)];
        t->reach = fmax(t->reach, sqrt(square));
        t->drop = fmax(t->drop, square / 2);
    }
}

/* ---- prune -------------------------------------------------------------------------------------------------------------- */

struct box {
    float middle[D], extent[D];
    double reach;
};

/* A box of whole numbers. */
static void draw_box(struct box *t, size_t d)
{
    const int size = between(0, 11);
    double m = 0, r = 0;
    for (size_t l = 0; l < d; l++) {
        t->middle[l] = (float)between(-2048, 2048);
        t->extent[l] = below(4) ? (float)below((size_t)1 << size) : 0;
        m += (double)t->middle[l] * (double)t->middle[l];
        r += (double)t->extent[l] * (double)t->extent[l];
    }
    t->reach = sqrt(m) + sqrt(r);
}

/* A corner for every way below 2^d, behind them a point somewhere between. */
static void point_of(const struct box *t, size_t d, size_t way, double *x)
{
    for (size_t l = 0; l < d; l++) {
        const double side = way < (size_t)1 << d ? (way >> l & 1 ? 1 : -1) : (double)between(-8, 8) / 8;
        x[l] = (double)t->middle[l] + side * (double)t->extent[l];
    }
}

/* Rows about the box; some that are equally far from one point of it, turns and mirror images of one step. */
static void draw_candidates(struct list *t, const struct box *box, size_t d)
{
    double x[D], step[D];
    const size_t way = below(((size_t)1 << d) + 5);
    const int near = between(1, 11), far = between(near, 12);
    const bool fine = below(4) == 0; /* not on whole numbers, but for those that are as far */
    point_of(box, d, way, x);
    t->d = d;
    t->count = 1 + below(COUNT);
    for (size_t l = 0; l < d; l++)
        step[l] = (double)between(-(1 << near), 1 << near);
    for (size_t a = 0; a < t->count; a++) {
        const size_t turn = below(d);
        const bool tie = below(3) == 0;
        for (size_t l = 0; l < d; l++) {
            const double v = step[(l + turn) % d], beside = fine ? (double)between(-9, 9) * 0x1p-9 : 0;
            t->row[a][l] = tie ? x[l] + (below(2) ? v : -v)
                               : (double)(float)((double)box->middle[l] + between(-(1 << far), 1 << far) + beside);
            t->row[a][l] = (double)(float)t->row[a][l];
        }
    }
    set_list(t);
}

/* nearest[a] := whether candidate a is nearest to some point looked at. */
static void find_nearest(const struct list *t, const struct box *box, bool *nearest)
{
    memset(nearest, 0, COUNT * sizeof *nearest);
    for (size_t way = 0; way < ((size_t)1 << t->d) + 20; way++) {
        double x[D];
        size_t best = 0;
        point_of(box, t->d, way, x);
        for (size_t a = 1; a < t->count; a++)
            best = kmu__compare_distances(x, t->row[a], t->row[best], t->d) < 0 ? a : best;
        for (size_t a = 0; a < t->count; a++)
            nearest[a] |= kmu__compare_distances(x, t->row[a], t->row[best], t->d) == 0;
    }
}

static void who_is_nearest_somewhere_in_a_box_is_kept(void **state)
{
    (void)state;
    size_t all = 0, wanted = 0, left = 0;
    for (uint64_t s = 1; s <= 2000; s++) {
        begin(s);
        static struct list t;
        struct box box;
        bool nearest[COUNT];
        uint32_t kept[COUNT + 1];
        const size_t d = 1 + below(D);
        draw_box(&box, d);
        draw_candidates(&t, &box, d);
        find_nearest(&t, &box, nearest);
        const float slack = (float)((2 * (double)d + 16) * 0x1p-24 * (2 * box.reach * t.reach + 2 * t.drop) * (1 + 0x1p-10));
        for (int isa = 0; isa < ISAS; isa++) {
            const struct tree_kernel *kernel = kmu__tree_kernel((kmu_isa)isa);
            const size_t count = kernel->prune(t.c, t.half, STRIDE, t.count, box.middle, box.extent, d, slack, kept);
            for (size_t a = 0, at = 0; a < t.count; a++) {
                const bool there = at < count && kept[at] == a;
                at += there;
                if ((nearest[a] && !there) || (a + 1 == t.count && at != count))
                    FAIL("%s, d = %zu: candidate %zu of %zu is nearest and not kept, or %zu names are not ascending",
                         kmu_isa_name((kmu_isa)isa), d, a, t.count, count);
                wanted += nearest[a];
            }
            all += t.count;
            left += count;
        }
    }
    if (left > all / 3 * 2 || wanted < all / 50)
        fail_msg("%zu of %zu are left, %zu are nearest", left, all, wanted);
}

/* ---- nearest ------------------------------------------------------------------------------------------------------------ */

static void the_two_largest_and_the_first_of_equals_are_found(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 400; s++) {
        begin(s);
        static struct list t;
        static float tile[D * KMU__LEAF];
        int32_t name[COUNT];
        t.d = 1 + below(D);
        t.count = 1 + below(COUNT);
        for (size_t a = 0; a < t.count; a++) {
            const size_t same = below(a + 1);
            name[a] = (int32_t)(a ? name[a - 1] : 0) + 1 + (int32_t)below(9);
            for (size_t l = 0; l < t.d; l++)
                t.row[a][l] = same < a && below(t.d) ? t.row[same][l] : (double)(float)(s % 2 ? normal() : number(-40, 40, 24));
        }
        set_list(&t);
        for (size_t a = 0; a < t.d * KMU__LEAF; a++)
            tile[a] = s % 2 ? (float)normal() : (float)number(-40, 40, 24);
        for (int isa = 0; isa < ISAS; isa++) {
            const struct tree_kernel *kernel = kmu__tree_kernel((kmu_isa)isa);
            static float S[COUNT][KMU__LEAF], first[KMU__LEAF], second[KMU__LEAF];
            int32_t which[KMU__LEAF];
            for (size_t a = 0; a < t.count; a++) { /* each alone */
                kernel->nearest(tile, t.d, t.c + a, t.half + a, STRIDE, 1, name + a, S[a], second, which);
                for (size_t p = 0; p < KMU__LEAF; p++) {
                    double truth = (double)t.half[a], size = 0;
                    for (size_t l = 0; l < t.d; l++) {
                        truth += (double)tile[l * KMU__LEAF + p] * t.row[a][l];
                        size += fabs((double)tile[l * KMU__LEAF + p] * t.row[a][l]);
                    }
                    const double bound =
                        1.01 * 0x1p-24 * (double)(t.d + 1) * size + 0x1p-24 * (1 + 0x1p-20) * fabs((double)t.half[a]);
                    if (fabs((double)S[a][p] - truth) > bound + (double)t.d * 0x1p-149 || which[p] != name[a] ||
                        second[p] != -INFINITY)
                        FAIL("%s, d = %zu: s is %a, not %a; it is %d's, not %d's", kmu_isa_name((kmu_isa)isa), t.d,
                             (double)S[a][p], truth, which[p], name[a]);
                }
            }
            kernel->nearest(tile, t.d, t.c, t.half, STRIDE, t.count, name, first, second, which);
            for (size_t p = 0; p < KMU__LEAF; p++) {
                size_t best = 0;
                float next = -INFINITY;
                for (size_t a = 1; a < t.count; a++)
                    best = S[a][p] > S[best][p] ? a : best;
                for (size_t a = 0; a < t.count; a++)
                    next = a != best && S[a][p] > next ? S[a][p] : next;
                if (first[p] != S[best][p] || which[p] != name[best] || second[p] != next)
                    FAIL("%s, d = %zu, %zu candidates, point %zu: %a of %d, then %a; not %a of %d, then %a",
                         kmu_isa_name((kmu_isa)isa), t.d, t.count, p, (double)first[p], which[p], (double)second[p],
                         (double)S[best][p], name[best], (double)next);
            }
        }
    }
}

/* ---- load --------------------------------------------------------------------------------------------------------------- */

static void check_load(int isa, size_t d, size_t count, kmu_type type, bool moved)
{
    const struct tree_kernel *kernel = kmu__tree_kernel((kmu_isa)isa);
    const bool f32 = type == KMU_F32;
    const size_t size = f32 ? sizeof(float) : sizeof(double);
    const double scale = ldexp(1, between(-20, 20));
    char *x = guarded(0, count * d * size, size), *origin = guarded(1, d * size, size);
    float *tile = guarded(2, d * KMU__LEAF * sizeof *tile, 64);
    for (size_t a = 0; a < count * d + d; a++) {
        const double v = number(-60, 40, f32 ? 24 : 53);
        memcpy(a < d ? origin + a * size : x + (a - d) * size, f32 ? (const void *)&(float){(float)v} : &v, size);
    }
    const float *single = (const float *)(const void *)x, *single_o = (const float *)(const void *)origin;
    const double *twice = (const double *)(const void *)x, *twice_o = (const double *)(const void *)origin;
    if (f32)
        kernel->load_f32(single, count, d, (float)scale, moved ? single_o : NULL, tile);
    else
        kernel->load_f64(twice, count, d, scale, moved ? twice_o : NULL, tile);
    for (size_t a = 0; a < KMU__LEAF; a++)
        for (size_t l = 0; l < d; l++) {
            float right = 0;
            if (a < count && f32)
                right = moved ? single[a * d + l] * (float)scale - single_o[l] : single[a * d + l];
            else if (a < count)
                right = (float)(moved ? twice[a * d + l] * scale - twice_o[l] : twice[a * d + l]);
            if (tile[l * KMU__LEAF + a] != right)
                FAIL("%s, d = %zu, %zu rows: row %zu, coordinate %zu is %a, not %a", kmu_isa_name((kmu_isa)isa), d, count, a, l,
                     (double)tile[l * KMU__LEAF + a], (double)right);
        }
    if (!untouched(2))
        FAIL("%s, d = %zu, %zu rows: something is written beside the tile", kmu_isa_name((kmu_isa)isa), d, count);
}

static void a_tile_is_loaded_from_its_rows_alone(void **state)
{
    (void)state;
    for (int isa = 0; isa < ISAS; isa++)
        for (size_t d = 1; d <= D; d++)
            for (size_t count = 1; count <= KMU__LEAF; count++)
                for (int way = 0; way < 4; way++) {
                    begin(d * 1000 + count);
                    check_load(isa, d, count, way % 2 ? KMU_F32 : KMU_F64, way / 2);
                }
}

/* ---- through the door --------------------------------------------------------------------------------------------------- */

static void same_labels(const kmu_points *p, size_t k, const void *mu, const char *what)
{
    kmu_options o;
    kmu_error e;
    int32_t *right = calloc(2 * p->n, sizeof *right), *c = right + p->n;
    kmu_options_init(&o, sizeof o);
    o.k = k;
    o.threads = 1 + (int64_t)below(2);
    o.algorithm = KMU_PLAIN;
    if (kmu_assign(p, &o, mu, right, NULL, &e) != KMU_OK)
        FAIL("%s: %s", what, e.text);
    o.algorithm = KMU_TREE;
    for (o.isa = KMU_ISA_PLAIN; o.isa <= KMU_ISA_NEON; o.isa++) {
        if (kmu_assign(p, &o, mu, c, NULL, NULL) != KMU_OK)
            continue; /* not this CPU's */
        for (size_t j = 0; j < p->n; j++)
            if (c[j] != right[j])
                FAIL("%s, %s, n %zu, d %zu, k %zu: point %zu goes to %d, not %d", what, kmu_isa_name(o.isa), p->n, p->d, k, j,
                     c[j], right[j]);
    }
    free(right);
}

/* Tiles of neighbours; centroids that are as far as can be told from one of the points, or an ulp beside. */
static void points_half_way_between_centroids_have_plains_labels(void **state)
{
    (void)state;
    enum { MOST = 700, K = 40 };
    static double x[MOST * D], mu[K * D];
    static float single[MOST * D], single_mu[K * D];
    for (uint64_t s = 1; s <= 700; s++) {
        begin(s);
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        const size_t n = 1 + below(MOST), d = 1 + below(D), k = 1 + below(K);
        const int scale = below(2) ? 0 : type == KMU_F32 ? between(-120, 90) : between(-600, 600);
        const double offset = below(2) ? 0 : ldexp(1 + uniform(), between(0, 20)), width = ldexp(1, between(-22, 2));
        const bool whole = below(2);
        for (size_t j = 0; j < n; j++)
            for (size_t l = 0; l < d; l++) {
                const double v =
                    j % 64 ? x[j / 64 * 64 * d + l] + width * (whole ? between(-3, 3) : normal()) : offset + normal();
                x[j * d + l] = type == KMU_F32 ? (double)(float)v : v;
            }
        for (size_t i = 0; i < k; i++) {
            const size_t j = i % 2 || i + 1 == k ? 0 : below(n), turn = below(d);
            static size_t of;
            static double step[D];
            of = i % 4 == 0 ? j : of;
            for (size_t l = 0; i % 4 == 0 && l < d; l++)
                step[l] = ldexp((double)between(-1023, 1023), between(-14, -9));
            for (size_t l = 0; l < d; l++) {
                const double v = step[(l + turn) % d];
                double c = x[of * d + l] + (below(2) ? v : -v);
                c = type == KMU_F32 ? (double)(float)c : c;
                mu[i * d + l] = below(9)          ? c
                                : type == KMU_F32 ? (double)nextafterf((float)c, INFINITY)
                                                  : nextafter(c, INFINITY);
            }
        }
        for (size_t a = 0; a < n * d; a++)
            single[a] = (float)(x[a] = ldexp(x[a], scale));
        for (size_t a = 0; a < k * d; a++)
            single_mu[a] = (float)(mu[a] = ldexp(mu[a], scale));
        const kmu_points p = {
            .size = sizeof p, .type = type, .n = n, .d = d, .x = type == KMU_F32 ? (void *)single : (void *)x};
        same_labels(&p, k, type == KMU_F32 ? (void *)single_mu : (void *)mu, "half-way");
    }
}

/* Points far from centroids that are so small that their images have one bit or none: what is lost counts times ||x||. */
static void images_without_bits_name_nobody(void **state)
{
    (void)state;
    static double x[256], mu[4 * 2];
    for (uint64_t s = 0; s <= 200; s++) {
        begin(s);
        for (size_t j = 0; j < 128; j++)
            for (size_t l = 0; l < 2; l++)
                x[2 * j + l] = ((j < 64) == (l == 0) ? -1 : 1) * (s ? ldexp(1, between(30, 39)) : 0x1p39);
        for (size_t a = 0; a < 8; a++)
            mu[a] = uniform() * ldexp(1, s ? between(-152, -147) : -150);
        if (s == 0)
            memcpy(mu, (double[]){0x1.02p-150, 0x1.ep-151, 0x1.fcp-151, 0x1p-154}, 4 * sizeof *mu);
        const kmu_points p = {.size = sizeof p, .type = KMU_F64, .n = 128, .d = 2, .x = x};
        same_labels(&p, s ? 4 : 2, mu, "tiny centroids");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_nearest_somewhere_in_a_box_is_kept),
        cmocka_unit_test(the_two_largest_and_the_first_of_equals_are_found),
        cmocka_unit_test(a_tile_is_loaded_from_its_rows_alone),
        cmocka_unit_test(points_half_way_between_centroids_have_plains_labels),
        cmocka_unit_test(images_without_bits_name_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
