/* test_frame.c - binary32 images are as near to the truth as their bounds say.
 *
 *   |s - (x'.c' - ||c'||^2 / 2)| <= slack / 2,      x' = x 2^g - o,  c' = mu 2^g - o  over the real numbers
 *
 * where s is what the kernel computes from the images. Doubled and multiplied out, the right number is
 *
 *   2 x'.c' - ||c'||^2 = sum_l 2 x_l mu_l 2^2g - mu_l^2 2^2g - 2 x_l o_l 2^g + o_l^2
 *
 * And square shrink - loss <= ||x'||^2, square being the images' own. */
#include "exact/wide.h"
#include "kernel/verdict.h"
#include "layout/frame.h"
#include "room.h"

enum { LONGEST = 400, K = 5 };

/* One coordinate of data of a kind, and how many kinds there are. */
static double draw_coordinate(size_t kind, kmu_type type)
{
    const double tiny = type == KMU_F32 ? 0x1p-149 : 0x1p-1074, huge = type == KMU_F32 ? 1e20 : 1e300;
    switch (kind) {
    case 0:
        return normal();
    case 1:
        return huge * normal();
    case 2:
        return tiny * between(-100000, 100000);
    case 3:
        return 1e9 + normal(); /* far from the origin */
    case 4:
        return number(type == KMU_F32 ? -149 : -1074, type == KMU_F32 ? 127 : 1023, 24);
    case 5:
        return (type == KMU_F32 ? 1e-38 : 1e-308) * normal();
    case 6:
        return 0.1; /* constant rows */
    case 7:
        return below(9) ? 0 : normal();
    case 8:
        return 3e11 * (1 + 0x1p-20 * normal());
    default:
        return 0x1p36 * normal(); /* with centroids at the origin, nearly */
    }
}

enum { KINDS = 10 };

/* a += +-x y 2^e */
static void add_product(struct wide *a, bool negative, double x, double y, int e)
{
    struct parts p = kmu__parts(x), q = kmu__parts(y);
    kmu__wide_add(a, negative ^ p.negative ^ q.negative, (kmu__u128)p.m * q.m, p.e + q.e + e);
}

/* Whether |2 s - (2 x'.c' - ||c'||^2)| <= slack. */
static bool within_slack(const struct fit *f, const double *x, const double *mu, float s, float slack)
{
    int g = ilogb(f->frame.scale);
    struct wide error, size;
    kmu__wide_zero(&error);
    kmu__wide_zero(&size);
    add_product(&error, false, (double)s, 1, 1);
    for (size_t l = 0; l < f->d; l++) {
        const double o = f->frame.centre[l];
        add_product(&error, true, x[l], mu[l], 2 * g + 1);
        add_product(&error, false, mu[l], mu[l], 2 * g);
        add_product(&error, false, x[l], o, g + 1);
        add_product(&error, true, o, o, 0);
    }
    kmu__wide_add_wide(&size, kmu__wide_sign(&error) < 0, &error, 1, 0);
    add_product(&size, true, (double)slack, 1, 0);
    return kmu__wide_sign(&size) <= 0;
}

/* Whether square shrink - loss <= ||x'||^2 = sum_l (x_l 2^g - o_l)^2. */
static bool bounded_below(const struct fit *f, const double *x, float square)
{
    int g = ilogb(f->frame.scale);
    double shrink, loss;
    struct wide left;
    kmu__frame_least_square(f, &shrink, &loss);
    kmu__wide_zero(&left);
    for (size_t l = 0; l < f->d; l++) {
        const double o = f->frame.centre[l];
        add_product(&left, false, x[l], x[l], 2 * g);
        add_product(&left, true, x[l], o, g + 1);
        add_product(&left, false, o, o, 0);
    }
    add_product(&left, true, (double)square, shrink, 0);
    add_product(&left, false, loss, 1, 0);
    return kmu__wide_sign(&left) >= 0;
}

static void check_slack(const struct kernels *kernels, size_t kind, kmu_type type, size_t d)
{
    struct room r;
    const size_t n = kernels->lanes, panels = (K + kernels->wide - 1) / kernels->wide, room = panels * kernels->wide;
    double *x = doubles(n * d), *stored = doubles(n * d), *mu = doubles(K * d), *row = doubles(d), *centre = doubles(d);
    float *tile = aligned_alloc(64, (n * d * 4 + 63) / 64 * 64), *panel = aligned_alloc(64, (room * d * 4 + 63) / 64 * 64);
    float centre_f32[LONGEST], half[16];
    _Alignas(64) float square[KMU__LANES], slack[KMU__LANES], alone[16];
    int32_t distinct[K];
    size_t rows[KMU__LANES];
    for (size_t a = 0; a < n * d; a++)
        x[a] = type == KMU_F32 ? (double)(float)draw_coordinate(kind, type) : draw_coordinate(kind, type);
    for (size_t i = 0; i < K; i++) { /* centroids: points, means of two, points of another kind */
        size_t a = below(n), b = below(n), other = below(3);
        distinct[i] = (int32_t)i;
        for (size_t l = 0; l < d; l++) {
            double v =
                other ? x[a * d + l] / 2 + x[(other == 1 ? a : b) * d + l] / 2 : draw_coordinate(below(2) ? 0 : kind, type);
            v = kind == 9 ? 0x1p-151 * normal() : v;
            mu[i * d + l] = type == KMU_F32 ? (double)(float)v : v;
        }
    }
    memcpy(stored, x, n * d * sizeof *x);
    narrow(stored, n * d, type);
    assert_int_equal(enter(&r, stored, type, n, d, 0, NULL, 1), KMU_OK);
    struct fit f = {.points = &r.points,
                    .original = &r.points,
                    .n = n,
                    .d = d,
                    .k = K,
                    .mu = mu,
                    .row = row,
                    .distinct = distinct,
                    .distinct_count = K,
                    .kernels = kernels,
                    .verdict = kmu__verdict(kernels->isa),
                    .images = {.panels = panel, .half = half},
                    .frame = {.centre = centre, .centre_f32 = centre_f32}};
    kmu__frame_choose(&f);
    if (kmu__images_make(&f.images, &f, mu, distinct, K)) {
        for (size_t t = 0; t < n; t++)
            rows[t] = t;
        kmu__frame_points(&f, f.points, rows, n, tile, square);
        kmu__frame_slack(&f, &f.images, square, n, slack);
        for (size_t t = 0; t < n; t++)
            if (!bounded_below(&f, x + t * d, square[t]))
                FAIL("%s, kind %zu, type %d, d = %zu: %a is more than the square", kmu_isa_name(kernels->isa), kind, type, d,
                     (double)square[t]);
        for (size_t i = 0; i < K; i++) {
            struct best best;
            for (size_t a = 0; a < kernels->wide; a++)
                alone[a] = a == i % kernels->wide ? half[i] : -INFINITY;
            for (size_t t = 0; t < KMU__LANES; t++)
                best.first[t] = best.second[t] = -INFINITY;
            kernels->nearest(tile, panel + i / kernels->wide * kernels->wide * d, alone, d, 1, 0, &best);
            for (size_t t = 0; t < n; t++)
                if (!within_slack(&f, x + t * d, mu + i * d, best.first[t], slack[t]))
                    FAIL("%s, kind %zu, type %d, d = %zu: s = %a is not within %a", kmu_isa_name(kernels->isa), kind, type, d,
                         (double)best.first[t], (double)slack[t]);
        }
    }
    leave(&r);
    void *const all[] = {x, stored, mu, row, centre, tile, panel};
    for (size_t a = 0; a < sizeof all / sizeof *all; a++)
        free(all[a]);
}

static void an_image_is_as_near_as_its_slack_says(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 3, 16, 63, 64, 65, 130, LONGEST};
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (size_t kind = 0; kmu__kernels((kmu_isa)isa) && kind < KINDS; kind++)
            for (size_t a = 0; a < 2 * sizeof lengths / sizeof *lengths; a++) {
                begin(kind * 100 + a + 1);
                check_slack(kmu__kernels((kmu_isa)isa), kind, a % 2 ? KMU_F32 : KMU_F64, lengths[a / 2]);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_as_near_as_its_slack_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
