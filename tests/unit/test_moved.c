/* test_moved.c - a row that fill gives to an empty cluster is near its old centroid still: who keeps bounds knows nothing of that one. */
#include "kernel/kernel.h"
#include "problem.h"

enum { N = 23, K = 19 };

/* Three rows at (30, 30) are a cluster, and 17 rows lie far away on the diagonal, a cluster each but for those at -100. In the second
 * turn a cluster is empty and gets the row at (30, 30) itself; then the mean of the other two is nearer to that row than its own. */
static void draw_clusters(float x[N][2], double w[N], float start[K][2])
{
    static const int order[N] = {5, 1, 2, 3, 4, 0, 14, 9, 8, 7, 10, 11, 12, 13, 6, 15, 16, 17, 18, 19, 20, 21, 22};
    static const double near[3][2] = {{30, 30}, {29.9707157, 30.0272843}, {30.0697107, 29.9282893}}, first[5] = {30, -101, -98.7, -103.3, -90.5};
    double along[N] = {0, 0, 0, -30, -30.5, -100, -102, -99.8, -102.2};
    for (size_t i = 0; i < 14; i++)
        along[9 + i] = 200 + 10 * (double)i;
    for (size_t j = 0; j < N; j++) {
        const int i = order[j];
        for (size_t l = 0; l < 2; l++)
            x[j][l] = (float)(i < 3 ? near[i][l] : along[i]);
        w[j] = i == 1 ? 4 : i == 3 ? 6 : 1;
    }
    for (size_t i = 0; i < K; i++)
        start[i][0] = start[i][1] = (float)(i < 5 ? first[i] : along[4 + i]);
}

static void a_row_that_was_moved_meets_its_old_centroid(void **state)
{
    (void)state;
    float x[N][2], start[K][2];
    double w[N];
    draw_clusters(x, w, start);
    const kmu_points points = {.size = sizeof points, .type = KMU_F32, .n = N, .d = 2, .x = x, .w = w};
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (int algorithm = KMU_PLAIN; kmu__kernels((kmu_isa)isa) && algorithm <= KMU_TREE; algorithm++) {
            kmu_options o;
            kmu_result *r = NULL;
            kmu_verdict verdict = {.size = sizeof verdict};
            kmu_options_init(&o, sizeof o);
            o.k = K;
            o.init = KMU_GIVEN;
            o.start = start;
            o.start_type = KMU_F32;
            o.max_iter = 3;
            o.isa = (kmu_isa)isa;
            o.algorithm = (kmu_algorithm)algorithm;
            assert_int_equal(kmu_fit(&points, &o, &r, NULL), KMU_OK);
            assert_int_equal(kmu_verify(&points, &o, r->mu, r->c, &verdict, NULL), KMU_OK);
            if (verdict.not_nearest || verdict.ties_not_low || r->trace[1].moved == 0)
                FAIL("%s, %s: of %d points %lld are not with the nearest", kmu_isa_name((kmu_isa)isa), kmu_algorithm_name(o.algorithm), N,
                     (long long)verdict.not_nearest);
            kmu_result_free(r);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_row_that_was_moved_meets_its_old_centroid)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
