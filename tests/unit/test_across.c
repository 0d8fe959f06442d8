/* test_across.c - products and distances of CSR rows are as near to the truth as their bounds say (N25).
 *
 *   |s - (x'.c' - ||c'||^2 / 2)| <= slack / 2,      x' = x 2^g, c' = mu 2^g;       |D^ - ||x - mu||^2| <= slack */
#include "layout/across.h"
#include "layout/frame.h"

#include "room.h"

enum { D = 300, K = 21 };

struct scene {
    struct points points;
    struct fit fit;
    struct memory memory;
    double x[D], mu[K * D];
    int32_t column[D];
    int64_t begin, end;
};

static double draw_coordinate(size_t kind)
{
    const double all[] = {normal(), 1e3 + normal(), number(-30, 30, 53), 0.1, 1 - 0x1p-24 * (double)below(3), 0x1p-60 * normal()};
    return all[kind % 6];
}

/* A row with some numbers, and centroids that are near it, far from it, or of another kind. */
static void make_scene(struct scene *t, size_t kind, size_t kept, kmu_isa isa)
{
    const kmu_options o = {.threads = 1};
    int64_t count = 0;
    *t = (struct scene){.points = {.n = 1, .d = D, .type = KMU_F64, .stored = KMU_F64}};
    for (int32_t l = 0; l < D; l++)
        if (below(D) < kept) {
            t->column[count] = l;
            t->x[count++] = draw_coordinate(kind);
        }
    t->end = count;
    t->points.x = t->x;
    t->points.begin = &t->begin;
    t->points.end = &t->end;
    t->points.column = t->column;
    for (size_t i = 0; i < K; i++) {
        for (size_t l = 0; l < D; l++)
            t->mu[i * D + l] = i % 3 == 1 ? draw_coordinate(below(2) ? kind : 0) : i % 3 ? 0x1p-20 * normal() : 0;
        for (int64_t a = 0; a < count; a++)
            if (i % 3 != 1)
                t->mu[i * D + (size_t)t->column[a]] = t->x[a] * (1 + 0x1p-26 * normal());
    }
    t->fit = (struct fit){.d = D, .k = K, .points = &t->points, .kernels = kmu__kernels(isa), .frame = {.scale = below(2) ? 1 : 0x1p-5}};
    t->memory = kmu__memory(&o);
    kmu__across_wish(&t->fit.across, &t->fit, K, &t->memory);
    assert_int_equal(kmu__grant(&t->memory, NULL), KMU_OK);
    assert_int_equal(kmu__pool_open(&t->fit.pool, &o, 0, NULL), KMU_OK);
    assert_true(kmu__across_make(&t->fit.across, &t->fit, t->mu, NULL, K));
}

static void leave_scene(struct scene *t)
{
    kmu__pool_close(t->fit.pool);
    kmu__give_back(&t->memory);
}

/* |a| <= slack */
static bool within(const struct wide *a, double slack)
{
    struct wide size;
    kmu__wide_zero(&size);
    kmu__wide_add_wide(&size, kmu__wide_sign(a) < 0, a, 1, 0);
    kmu__wide_add_product(&size, true, slack, 1);
    return kmu__wide_sign(&size) <= 0;
}

static void products_of_sparse_rows_are_within_their_slack(void **state)
{
    (void)state;
    for (size_t round = 0; round < 600; round++) {
        struct scene t;
        _Alignas(64) float s[64], x[D], square;
        double row[D];
        make_scene(&t, round, round % 4 ? round % 40 : D, (kmu_isa)(round % 5 == 4 ? KMU_ISA_AUTO : 1));
        const float slack = kmu__across_products(&t.fit.across, &t.fit, &t.points, 0, x, s, &square);
        const double scale2 = t.fit.frame.scale * t.fit.frame.scale;
        kmu__row_spread(&t.points, 0, row);
        for (size_t i = 0; i < K; i++) {
            struct wide error;
            kmu__wide_zero(&error);
            kmu__wide_add_product(&error, false, (double)s[i], 2);
            for (size_t l = 0; l < D; l++) {
                kmu__wide_add_product(&error, true, 2 * scale2 * row[l], t.mu[i * D + l]);
                kmu__wide_add_product(&error, false, scale2 * t.mu[i * D + l], t.mu[i * D + l]);
            }
            if (!within(&error, (double)slack))
                FAIL("round %zu, centroid %zu: s = %a is not within %a", round, i, (double)s[i], (double)slack);
        }
        leave_scene(&t);
    }
}

static void distances_of_sparse_rows_are_within_their_slack(void **state)
{
    (void)state;
    for (size_t round = 0; round < 600; round++) {
        struct scene t;
        double row[D], slack;
        make_scene(&t, round, round % 4 ? round % 40 : D, 1);
        kmu__row_spread(&t.points, 0, row);
        for (size_t i = 0; i < K; i++) {
            struct wide error;
            const double here = kmu__across_distance(&t.points, 0, t.x, t.mu + i * D, t.fit.across.norm2[i], &slack);
            kmu__wide_zero(&error);
            kmu__wide_add_distance(&error, row, t.mu + i * D, D);
            kmu__wide_add_product(&error, true, here, 1);
            if (!within(&error, slack))
                FAIL("round %zu, centroid %zu: %a is not within %a", round, i, here, slack);
        }
        leave_scene(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_sparse_rows_are_within_their_slack),
        cmocka_unit_test(distances_of_sparse_rows_are_within_their_slack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
