/* test_assign.c - kmu_assign: one (A) by itself, by every method, and of few points without memory. */
#include <fenv.h>
#include <math.h>

#include "assign/assign.h"
#include "problem.h"

static size_t allocations;

static void *allocate(size_t bytes, void *context)
{
    (void)context;
    allocations++;
    return malloc(bytes);
}

static void release(void *p, void *context)
{
    (void)context;
    free(p);
}

/* The start as numbers of the points' type. */
static void *start_of(const struct problem *p)
{
    double *mu = doubles(p->k * p->d);
    for (size_t a = 0; a < p->k * p->d; a++)
        if (p->points.type == KMU_F32)
            ((float *)mu)[a] = (float)p->start[a];
        else
            mu[a] = p->start[a];
    return mu;
}

static void differ(const struct problem *p, const int32_t *c, const int32_t *right)
{
    for (size_t j = 0; j < p->n; j++)
        if (c[j] != right[j])
            FAIL("n %zu, d %zu, k %zu: %s, %s, %d threads: c[%zu] = %d, not %d", p->n, p->d, p->k,
                 kmu_algorithm_name(p->options.algorithm), kmu_isa_name(p->options.isa), (int)p->options.threads, j, (int)c[j],
                 (int)right[j]);
}

static void one_step_is_the_same_by_every_method(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 20; s++) {
        struct problem p;
        begin(s);
        const size_t k = 1 + below(below(4) ? 40 : 300), d = 1 + below(below(3) ? 20 : 300), n = k + below(700);
        draw_problem(&p, n, d, k);
        int32_t *c = calloc(n, sizeof *c), *right = calloc(n, sizeof *right);
        void *mu = start_of(&p);
        double J, right_J;
        p.options.algorithm = KMU_PLAIN;
        p.options.isa = KMU_ISA_PLAIN;
        assert_int_equal(kmu_assign(&p.points, &p.options, mu, right, &right_J, NULL), KMU_OK);
        for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
            for (kmu_algorithm algorithm = KMU_AUTO; algorithm <= KMU_BOUNDS; algorithm++) {
                p.options.algorithm = algorithm;
                p.options.isa = (kmu_isa)isa;
                p.options.threads = (int64_t)(1 + below(3));
                memset(c, 0x55, n * sizeof *c);
                if (kmu_assign(&p.points, &p.options, mu, c, NULL, NULL) == KMU_EUSAGE)
                    continue; /* not this CPU's */
                differ(&p, c, right);
                assert_int_equal(kmu_assign(&p.points, &p.options, mu, c, &J, NULL), KMU_OK);
                differ(&p, c, right);
                assert_true(J == right_J);
                assert_int_equal(kmu_assign(&p.points, &p.options, mu, NULL, &J, NULL), KMU_OK);
                assert_true(J == right_J);
            }
        free(c);
        free(right);
        free(mu);
        leave_problem(&p);
    }
}

static void few_points_are_assigned_truly_and_without_memory(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 400; s++) {
        struct problem p;
        begin(s);
        const size_t d = 1 + below(6), k = 1 + below(12), n = k + below(40);
        draw_problem(&p, n, d, k);
        int32_t c[64], right[64];
        void *mu = start_of(&p);
        double J;
        assert_int_equal(kmu_assign(&p.points, &p.options, mu, right, &J, NULL), KMU_OK);
        p.points.w = NULL;
        p.options.allocate = allocate;
        p.options.release = release;
        p.options.threads = 0;
        allocations = 0;
        assert_int_equal(kmu_assign(&p.points, &p.options, mu, c, NULL, NULL), KMU_OK);
        if (allocations)
            FAIL("n %zu, d %zu, k %zu: %zu allocations", n, d, k, allocations);
        differ(&p, c, right);
        const size_t at = below(n); /* one row, and how a caller's numbers are rounded is none of its business */
        p.points.x = (const char *)p.points.x + at * d * kmu_type_bytes(p.points.type);
        p.points.n = p.n = 1;
        fesetround(FE_UPWARD);
        const kmu_status status = kmu_assign(&p.points, &p.options, mu, c, NULL, NULL);
        const int rounding = fegetround();
        fesetround(FE_TONEAREST);
        assert_int_equal(status, KMU_OK);
        assert_int_equal(rounding, FE_UPWARD);
        assert_int_equal(allocations, 0);
        differ(&p, c, right + at);
        free(mu);
        leave_problem(&p);
    }
}

/* What is wrong with few points is said in the words that many would hear. */
static void few_points_are_refused_as_many_are(void **state)
{
    (void)state;
    int64_t large[6] = {0, 0, 0, (1ll << 53) + 1, 0, 0};
    double x[6] = {0, 1, 2, 3, 4, NAN}, mu[2] = {0, 1}, bad[2] = {0, INFINITY}, J;
    for (int wrong = 0; wrong < 6; wrong++) {
        kmu_points p = {.size = sizeof p, .type = KMU_F64, .n = 3, .d = 1, .x = x};
        kmu_options o;
        kmu_error few = {"nothing"}, many = {"nothing"};
        int32_t c[6];
        kmu_options_init(&o, sizeof o);
        o.k = 2;
        const double *centroids = wrong == 0 ? bad : wrong == 1 ? NULL : mu;
        p.n = wrong == 2 ? 6 : p.n;
        if (wrong == 3) {
            p.type = KMU_I64;
            p.x = large;
            p.col = 1;
            p.row = 2;
            p.d = 2;
            o.k = 1;
        }
        o.threads = wrong == 4 ? -1 : 0;
        p.start = wrong == 5 ? large : NULL;
        const kmu_status a = kmu_assign(&p, &o, centroids, c, NULL, &few), b = kmu_assign(&p, &o, centroids, c, &J, &many);
        assert_int_not_equal(b, KMU_OK);
        assert_int_equal(a, b);
        assert_string_equal(few.text, many.text);
    }
}

/* The sum of these squares is t^2 - 1 with t = 2^63 + 2^10, the middle of two binary64 numbers: its root lies just below. */
static void a_distance_just_below_a_middle_is_rounded_down(void **state)
{
    (void)state;
    const double x[] = {0x1p63, 0x1p37, 1023, 45, 4, 2, 1}, mu[7] = {0}, right = 0x1p63;
    const double distance = kmu__exact_distance(x, mu, 7, KMU_F64);
    if (distance != right)
        FAIL("the distance is %a, not %a", distance, right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_is_the_same_by_every_method),
        cmocka_unit_test(few_points_are_assigned_truly_and_without_memory),
        cmocka_unit_test(few_points_are_refused_as_many_are),
        cmocka_unit_test(a_distance_just_below_a_middle_is_rounded_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
