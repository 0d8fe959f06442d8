/* test_line.c - one column: sorted rows, cuts between centroids, sums by prefixes, against plain. */
#include <math.h>

#include "layout/order.h"
#include "problem.h"

/* Coordinates with ties, heavy tails, all magnitudes, neighbours that binary32 cannot tell apart. */
static double draw_one(size_t kind)
{
    switch (kind) {
    case 0:
        return (double)between(-20, 20);
    case 1:
        return normal() / (0.001 + fabs(normal()));
    case 2:
        return (below(2) ? 1 : -1) * ldexp(1 + uniform(), between(-1022, 1022));
    case 3:
        return 1e9 + (double)between(0, 4000) * 0x1p-22;
    case 4:
        return below(3) ? 5.0 : (double)between(-1, 1) * 0x1p-1074;
    default:
        return normal();
    }
}

static void compare(const struct problem *p, const kmu_result *r, const kmu_result *right)
{
    const char *what = memcmp(r->c, right->c, p->n * sizeof *r->c) ? "labels"
                       : memcmp(r->mu, right->mu, p->k * kmu_type_bytes(r->type)) ? "mu"
                       : memcmp(&r->J, &right->J, sizeof r->J) || r->run != right->run || r->stop != right->stop ? "J"
                       : memcmp(r->mass, right->mass, p->k * sizeof *r->mass) || memcmp(r->count, right->count, p->k * sizeof *r->count)
                           ? "mass"
                       : r->turns != right->turns ? "turns"
                                                  : NULL;
    for (size_t t = 0; !what && t < r->turns; t++)
        if (r->trace[t].J_assign != right->trace[t].J_assign || r->trace[t].J_update != right->trace[t].J_update ||
            r->trace[t].moved != right->trace[t].moved || r->trace[t].shift != right->trace[t].shift)
            what = "trace";
    if (what)
        FAIL("n %zu, k %zu, %s, %s weights: other %s", p->n, p->k, kmu_type_name(p->points.type), p->w ? "with" : "no", what);
}

static void a_line_gives_the_bits_of_plain(void **state)
{
    (void)state;
    size_t filled = 0, moved = 0;
    for (uint64_t s = 1; s <= 150; s++) {
        struct problem p;
        begin(s);
        const size_t k = 1 + below(below(3) ? 9 : 60), n = k + below(below(5) ? 400 : 6000), kind = below(6);
        draw_problem(&p, n, 1, k);
        for (size_t j = 0; j < n; j++) {
            p.x[j] = below(6) ? draw_one(kind) : p.x[below(j + 1)];
            p.single[j] = (float)p.x[j];
            if (p.points.type == KMU_F32 && isinf(p.single[j]))
                p.single[j] = 0;
        }
        for (size_t i = 0; i < k && p.options.init == KMU_GIVEN; i++) /* some of them alike, some that nobody is near to */
            p.start[i] = below(4) == 0 ? 1e30 * normal() : p.points.type == KMU_F32 ? (double)p.single[below(n)] : p.x[below(n)];
        p.options.max_iter = below(4) ? 30 : (int64_t)below(3);
        p.options.n_init = p.options.init == KMU_GIVEN ? 1 : 1 + (int64_t)below(3);
        p.options.algorithm = KMU_PLAIN;
        kmu_result *right = fit(&p);
        p.options.algorithm = KMU_TREE;
        p.options.threads = 1 + (int64_t)below(3);
        kmu_result *r = fit(&p);
        compare(&p, r, right);
        for (size_t t = 0; t < r->turns; t++) {
            filled += r->trace[t].turn == 1 && r->trace[t].J_update < r->trace[t].J_assign && p.options.init == KMU_GIVEN;
            moved += r->trace[t].turn > 1 && r->trace[t].moved > 0;
        }
        kmu_result_free(r);
        kmu_result_free(right);
        leave_problem(&p);
    }
    assert_true(filled > 20 && moved > 200);
}

static void rows_of_one_column_are_sorted(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 60; s++) {
        begin(s);
        const size_t n = 1 + below(9000), kind = below(6);
        double *x = doubles(n);
        for (size_t j = 0; j < n; j++)
            x[j] = draw_one(kind);
        const struct points p = {.n = n, .d = 1, .type = KMU_F64, .stored = KMU_F64, .x = x, .row = 1, .all = {-1074, 1024}};
        kmu_options o;
        struct pool *pool;
        struct order order;
        kmu_options_init(&o, sizeof o);
        o.threads = 1 + (int64_t)below(2);
        assert_int_equal(kmu__pool_open(&pool, &o, 1e9, NULL), KMU_OK);
        assert_int_equal(kmu__order_make(&order, &p, false, pool, &o, NULL), KMU_OK);
        for (size_t j = 1; j < n; j++)
            if (kmu__coordinate(&order.points, j - 1, 0) > kmu__coordinate(&order.points, j, 0))
                FAIL("n %zu, kind %zu: row %zu is %a, and %a comes after it", n, kind, j - 1,
                     kmu__coordinate(&order.points, j - 1, 0), kmu__coordinate(&order.points, j, 0));
        for (size_t j = 0; j < n; j++)
            assert_true(kmu__coordinate(&order.points, order.place[j], 0) == x[j]);
        kmu__order_free(&order);
        kmu__pool_close(pool);
        free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one_column_are_sorted),
        cmocka_unit_test(a_line_gives_the_bits_of_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
