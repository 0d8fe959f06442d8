/* test_herd.c - the potentials of a herd are those of the exact numbers or in doubt, with every instruction set
 * (src/kernel/herd.h).
 *
 *   load    a tile has the numbers of its rows
 *   reach   who comes nearer to a place of the box than far has a bit
 *   fall    what is sure is W ||x - c||^2 rounded once to 24 bits, and nothing falls unseen
 *
 * For places at the middle between two numbers of 24 bits and a few steps beside it, lattices, numbers that are subnormal,
 * whose squares are, or that have none, places far from 0, and weights. */
#include "exact/distance.h"
#include "guard.h"
#include "kernel/kernel.h"
#include "seed/draw.h"

enum { ISAS = KMU_ISA_NEON + 1, D = KMU__HERD_COLUMNS };

static const struct herd_kernel *kernel_of(int isa)
{
    return kmu__kernels((kmu_isa)isa) ? kmu__herd_kernel((kmu_isa)isa) : NULL;
}

/* ---- load ------------------------------------------------------------------------------------------------------------- */

static void a_tile_has_the_numbers_of_its_rows(void **state)
{
    (void)state;
    enum { ROWS = 100 };
    for (uint64_t s = 1; s <= 2000; s++) {
        begin(s);
        const size_t d = 1 + below(D), row = d + below(3), count = 1 + below(KMU__HERD);
        double *x = guarded(0, ((ROWS - 1) * row + d) * sizeof *x, sizeof *x); /* nothing behind the last number */
        float *single = guarded(1, ((ROWS - 1) * row + d) * sizeof *single, sizeof *single);
        uint32_t which[KMU__HERD];
        const bool listed = below(2);
        for (size_t j = 0; j < count; j++)
            which[j] = listed ? (uint32_t)below(ROWS) : (uint32_t)(ROWS - count + j);
        for (size_t a = 0; a < (ROWS - 1) * row + d; a++) {
            x[a] = number(-1074, 1023, 53);
            single[a] = (float)number(-149, 127, 24);
        }
        const size_t skip = listed ? 0 : (ROWS - count) * row;
        for (int isa = 0; isa < ISAS; isa++) {
            const struct herd_kernel *kernel = kernel_of(isa);
            const size_t bytes = d * KMU__HERD * sizeof(double);
            double *tile[] = {guarded(2, bytes, 64), guarded(3, bytes, 64)};
            if (!kernel)
                continue;
            kernel->load_f64(x + skip, row, listed ? which : NULL, count, d, tile[0]);
            kernel->load_f32(single + skip, row, listed ? which : NULL, count, d, tile[1]);
            for (size_t j = 0; j < count; j++)
                for (size_t l = 0; l < d; l++) {
                    const double right[2] = {x[which[j] * row + l], (double)single[which[j] * row + l]};
                    for (int a = 0; a < 2; a++)
                        if (tile[a][l * KMU__HERD + j] != right[a])
                            FAIL("%s: place %zu of %zu, column %zu of %zu: %a, not %a", kmu_isa_name((kmu_isa)isa), j, count, l,
                                 d, tile[a][l * KMU__HERD + j], right[a]);
                }
        }
    }
}

/* ---- reach ------------------------------------------------------------------------------------------------------------ */

static double any_number(int kind)
{
    return kind == 0   ? normal()
           : kind == 1 ? 1e6 + normal()
           : kind == 2 ? (double)between(-3, 3)
           : kind == 3 ? number(-1074, -1020, 53)
           : kind == 4 ? number(-540, -480, 53)
           : kind == 5 ? number(500, 540, 53)
                       : number(-1074, 1023, 53);
}

static void who_comes_near_a_box_has_a_bit(void **state)
{
    (void)state;
    size_t near = 0, passed = 0;
    for (uint64_t s = 1; s <= 20000; s++) {
        begin(s);
        const int kind = (int)below(7);
        const size_t d = 1 + below(D), count = 1 + below(KMU__TRIALS);
        double box[2 * D], c[D * KMU__TRIALS], x[D], own[D];
        for (size_t l = 0; l < d; l++) {
            const double a = any_number(kind), b = below(3) ? any_number(kind) : a;
            box[l] = fmin(a, b);
            box[d + l] = fmax(a, b);
            x[l] = below(2) ? box[l + d * below(2)] : fmin(fmax(any_number(kind), box[l]), box[d + l]);
        }
        for (size_t l = 0; l < d; l++)
            for (size_t a = 0; a < KMU__TRIALS; a++)
                c[l * KMU__TRIALS + a] = a < count ? any_number(kind) : NAN;
        const size_t a = below(count);
        struct wide right, far_wide;
        for (size_t l = 0; l < d; l++)
            own[l] = c[l * KMU__TRIALS + a];
        kmu__wide_zero(&right);
        kmu__wide_add_distance(&right, x, own, d);
        const double far = kmu__wide_round(&right) * (below(2) ? 1 + 0x1p-52 : 1) + (below(2) ? 0 : 0x1p-1074);
        kmu__wide_zero(&far_wide);
        kmu__wide_add_product(&far_wide, false, isinf(far) ? 0 : far, 1);
        const bool must = isinf(far) || kmu__wide_compare(&right, &far_wide) < 0;
        near += must;
        for (int isa = 0; isa < ISAS; isa++) {
            const struct herd_kernel *kernel = kernel_of(isa);
            if (!kernel)
                continue;
            if (must && !(kernel->reach(box, d, c, count, far) >> a & 1))
                FAIL("%s, data %d: candidate %zu of %zu is passed over, and comes nearer than %a", kmu_isa_name((kmu_isa)isa),
                     kind, a, count, far);
            const uint64_t bits = kernel->reach(box, d, c, count, kind < 3 ? 1e-12 : far);
            if (count < KMU__TRIALS && bits >> count)
                FAIL("%s: bits %llx of %zu candidates", kmu_isa_name((kmu_isa)isa), (unsigned long long)bits, count);
            passed += kind < 3 && !(bits >> a & 1);
        }
    }
    assert_true(near > 4000 && passed > 8000);
}

/* ---- fall ------------------------------------------------------------------------------------------------------------- */

enum kind { NORMAL, LATTICE, MIDDLE, FAR, SUBNORMAL, TINY, HUGE_SQUARES, ANY, SAME, KINDS };

struct scene {
    size_t d;
    bool exact, weighted;
    double tile[D * KMU__HERD], c[D], W[KMU__HERD];
    int64_t P[KMU__HERD], right[KMU__HERD], most;
};

/* W ||x - c||^2 rounded to 24 bits, from exact numbers. */
static int64_t potential_of(const struct scene *t, size_t j)
{
    struct wide distance, product;
    const struct parts W = kmu__parts(t->W[j]);
    double x[D];
    int e;
    bool inexact, negative;
    for (size_t l = 0; l < t->d; l++)
        x[l] = t->tile[l * KMU__HERD + j];
    kmu__wide_zero(&distance);
    kmu__wide_zero(&product);
    kmu__wide_add_distance(&distance, x, t->c, t->d);
    kmu__wide_add_wide(&product, false, &distance, W.m, W.e);
    const kmu__u128 m = kmu__wide_leading(&product, &e, &inexact, &negative);
    return kmu__potential(m, e, inexact);
}

static double draw_weight(void)
{
    return below(3)   ? (double)(1 + below(1000))
           : below(3) ? fabs(number(-20, 20, 53)) + 0x1p-60
                      : ldexp(1 + uniform(), between(-1000, 1000));
}

static void draw_scene(struct scene *t, enum kind kind)
{
    *t = (struct scene){.d = 1 + below(D), .weighted = below(3) == 0};
    const double grid = below(2) ? 20 : 5000, away = ldexp(1, between(0, 40));
    for (size_t l = 0; l < t->d; l++)
        t->c[l] = kind == LATTICE                  ? (double)between(-(int)grid, (int)grid)
                  : kind == MIDDLE                 ? 0
                  : kind == FAR                    ? away + normal()
                  : kind == NORMAL || kind == SAME ? normal()
                                                   : any_number((int)kind - 1);
    t->exact = kind == LATTICE;
    for (size_t j = 0; j < KMU__HERD; j++) {
        t->W[j] = t->weighted ? draw_weight() : 1;
        for (size_t l = 0; l < t->d; l++)
            t->tile[l * KMU__HERD + j] = kind == LATTICE  ? (double)between(-(int)grid, (int)grid)
                                         : kind == MIDDLE ? 0
                                         : kind == FAR    ? away + normal()
                                         : kind == NORMAL ? normal()
                                         : kind == SAME   ? t->c[l]
                                                          : any_number((int)kind - 1);
        if (kind == MIDDLE) { /* W D near an odd number of 25 bits */
            const double middle = (double)((1 << 24) + 1 + 2 * (int)below(1 << 23)) * ldexp(1, 2 * between(-20, 20));
            const size_t l = below(t->d);
            t->tile[l * KMU__HERD + j] = sqrt(middle / t->W[j]) * (1 + 0x1p-52 * between(-20, 20));
            if (below(2) && t->d > 1) { /* in two coordinates */
                t->tile[l * KMU__HERD + j] *= 0.6;
                t->tile[(l + 1) % t->d * KMU__HERD + j] = t->tile[l * KMU__HERD + j] / 0.6 * 0.8;
            }
        }
    }
    t->most = KMU__NOTHING;
    for (size_t j = 0; j < KMU__HERD; j++) {
        t->right[j] = potential_of(t, j);
        const int how = (int)below(6);
        t->P[j] = how == 0                      ? KMU__NOTHING
                  : t->right[j] == KMU__NOTHING ? between(-1000, 1000)
                  : how < 4                     ? t->right[j] + between(-2, 2)
                                                : t->right[j] + (int64_t)between(-50, 50) * (1 << 23) + between(0, 1 << 22);
        t->most = t->P[j] > t->most ? t->P[j] : t->most;
    }
    t->most += below(2) ? 0 : (int64_t)between(0, 70) * (1 << 23);
    if (t->most == KMU__NOTHING)
        t->most = 0;
    if (below(10) == 0)
        for (size_t j = 0; j < KMU__HERD; j++)
            t->P[j] = KMU__ANYTHING;
}

static void judge_fall(const struct scene *t, int isa, enum kind kind, size_t *sure, size_t *doubt)
{
    struct herd_falls f;
    const char *name = kmu_isa_name((kmu_isa)isa);
    kmu__u128 gain = 0;
    kernel_of(isa)->fall(t->tile, t->d, t->c, t->weighted ? t->W : NULL, t->P, t->most, t->exact, &f);
    if ((f.sure | f.doubt) >> KMU__HERD || f.sure & f.doubt)
        FAIL("%s: sure %llx, doubt %llx", name, (unsigned long long)f.sure, (unsigned long long)f.doubt);
    for (size_t j = 0; j < KMU__HERD; j++) {
        const bool is_sure = f.sure >> j & 1, falls = t->right[j] < t->P[j];
        const int64_t now = is_sure ? t->right[j] : t->P[j];
        if ((is_sure && f.now[j] != now) || (is_sure && !falls) || (falls && !is_sure && !(f.doubt >> j & 1)))
            FAIL("%s, data %d, d %zu, place %zu: P %lld falls to %lld, said %lld, sure %d, doubt %d", name, (int)kind, t->d, j,
                 (long long)t->P[j], (long long)t->right[j], (long long)f.now[j], (int)is_sure, (int)(f.doubt >> j & 1));
        if (!is_sure || t->P[j] == KMU__ANYTHING)
            continue;
        if (f.lost[j] != kmu__units(t->P[j], t->most) - kmu__units(now, t->most))
            FAIL("%s: from %lld to %lld of %lld %llu units are lost", name, (long long)t->P[j], (long long)now,
                 (long long)t->most, (unsigned long long)f.lost[j]);
        gain += f.lost[j];
    }
    if (f.gain != gain && t->P[0] != KMU__ANYTHING)
        FAIL("%s: %g units are lost together, not %g", name, kmu__f64(f.gain), kmu__f64(gain));
    *sure += (size_t)__builtin_popcountll(f.sure);
    *doubt += (size_t)__builtin_popcountll(f.doubt);
}

static void potentials_of_a_herd_are_rounded_once_or_in_doubt(void **state)
{
    (void)state;
    static struct scene t;
    for (int kind = 0; kind < KINDS; kind++) {
        size_t sure = 0, doubt = 0, scenes = 0;
        for (uint64_t s = 1; s <= 3000; s++, scenes++) {
            begin(s * KINDS + (uint64_t)kind);
            draw_scene(&t, (enum kind)kind);
            for (int isa = 0; isa < ISAS; isa++)
                if (kernel_of(isa))
                    judge_fall(&t, isa, (enum kind)kind, &sure, &doubt);
        }
        if (kind <= FAR && kind != MIDDLE && (sure < 10 * scenes || doubt > sure / 10))
            FAIL("data %d: %zu are sure, %zu in doubt", kind, sure, doubt);
        if (kind == MIDDLE && (sure < scenes || doubt < scenes))
            FAIL("%zu are sure, %zu in doubt", sure, doubt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tile_has_the_numbers_of_its_rows),
        cmocka_unit_test(who_comes_near_a_box_has_a_bit),
        cmocka_unit_test(potentials_of_a_herd_are_rounded_once_or_in_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
