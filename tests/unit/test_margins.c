/* test_margins.c - a margin is never more than the truth, and a fit by bounds has plain's bits (src/assign/margins.h, N20). */
#include "fit.h"
#include "guard.h"
#include "kernel/kernel.h"
#include "kernel/verdict.h"
#include "problem.h"

enum { COUNT = 100 };

static const kmu_isa isas[] = {KMU_ISA_PLAIN, KMU_ISA_BASE, KMU_ISA_AVX2, KMU_ISA_AVX512, KMU_ISA_NEON};

/* A magnitude from a wide range, or 0. */
static double magnitude(void)
{
    return below(12) == 0 ? 0 : ldexp(1 + uniform(), between(below(4) ? -12 : -60, below(4) ? 12 : 40));
}

/* What the kernel may have seen, as far from the truth as it is allowed to: for a point at distance d_1 from its own centroid
 * and d_2 from the next, S = (q - d^2) / 2 with q = ||x'||^2, first = S_1 + E, second = S_2 - E, and q as large as square
 * allows. */
static void a_margin_is_a_lower_bound(void **state)
{
    (void)state;
    size_t told = 0;
    for (uint64_t s = 1; s <= 4000; s++) {
        begin(s);
        const struct verdict *kernel = kmu__verdict(isas[below(5)]);
        const size_t d = 1 + below(below(3) ? 16 : 1 << 20), count = 1 + below(COUNT);
        const float grown = 1 + ((float)d + 16) * 0x1p-21f, added = (float)d * 0x1p-119f;
        float *array[5], *first, *second, *square, *slack, *margin;
        for (size_t a = 0; a < 5; a++)
            array[a] = guarded(a, count * sizeof *first, sizeof *first);
        first = array[0], second = array[1], square = array[2], slack = array[3], margin = array[4];
        long double truth[COUNT];
        for (size_t a = 0; a < count; a++) {
            const double d1 = magnitude(), apart = magnitude(), length = magnitude();
            square[a] = (float)(length * length);
            slack[a] = (float)((length * length + d1 * d1) * ldexp(uniform(), between(-30, -6)));
            const long double q = (long double)square[a] * (1 + ((long double)d + 6) * 0x1p-22L) + (long double)d * 0x1p-119L,
                              S1 = (q - (long double)d1 * d1) / 2, E = (long double)slack[a] / 2,
                              S2 = (q - ((long double)d1 + apart) * ((long double)d1 + apart)) / 2;
            first[a] = nextafterf((float)(S1 + E), -INFINITY); /* not beyond what is allowed */
            second[a] = nextafterf((float)(S2 - E), INFINITY);
            truth[a] = sqrtl((long double)d1 * d1 + 2 * (S1 - S2)) - d1;
            if (first[a] > S1 + E || second[a] < S2 - E)
                FAIL("case %zu is drawn wrongly", a);
        }
        kernel->make(first, second, square, slack, count, grown, added, margin);
        for (size_t a = 0; a < count; a++) {
            if (margin[a] > truth[a])
                FAIL("d %zu: margin %a, and the truth is %La (first %a, second %a, square %a, slack %a)", d, (double)margin[a],
                     truth[a], (double)first[a], (double)second[a], (double)square[a], (double)slack[a]);
            if (first[a] - second[a] <= slack[a] && margin[a] > 0)
                FAIL("undecided, and margin %a", (double)margin[a]);
            told += margin[a] > 0.5L * truth[a] && truth[a] > 0;
        }
    }
    assert_true(told > 50000); /* it says something */
}

/* judge and take, beside the words of kernel/verdict.h. */
static void labels_and_doubts_are_as_said(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 2000; s++) {
        begin(s);
        const struct verdict *kernel = kmu__verdict(isas[below(5)]);
        const size_t count = 1 + below(KMU__LANES);
        static struct best best;
        float *slack = guarded(0, count * sizeof *slack, sizeof *slack);
        int32_t name[64], *label = guarded(1, count * sizeof *label, 4), *c = guarded(2, count * sizeof *c, 4);
        uint8_t *doubt = guarded(3, count, 1);
        bool any = false, differ = false;
        for (size_t i = 0; i < 64; i++)
            name[i] = (int32_t)(3 * i + below(3));
        for (size_t a = 0; a < count; a++) {
            best.first[a] = (float)between(0, 8);
            best.second[a] = below(20) == 0 ? -INFINITY : best.first[a] - (float)between(0, 8);
            best.which[a] = (int32_t)below(64);
            slack[a] = s % 4 ? 0 : (float)between(0, 8);
        }
        const bool named = below(2), said = kernel->judge(&best, slack, named ? name : NULL, count, label, doubt);
        for (size_t a = 0; a < count; a++) {
            const bool open = best.first[a] - best.second[a] <= slack[a];
            any |= open;
            assert_int_equal(doubt[a], open);
            assert_int_equal(label[a], named ? name[best.which[a]] : best.which[a]);
            c[a] = below(60) ? label[a] : below(2) ? -1 : label[a] + 1;
            differ |= c[a] != label[a];
        }
        assert_int_equal(said, any);
        assert_int_equal(kernel->take(label, count, c), differ);
        assert_memory_equal(c, label, count * sizeof *c);
    }
}

static void margins_follow_downwards(void **state)
{
    (void)state;
    static const float hard[] = {KMU__UNKNOWN, 0, 0x1p-149f, 0x1p-126f, 1, 0x1p100f, INFINITY, -INFINITY, NAN};
    enum { HARD = sizeof hard / sizeof *hard, K = 7 };
    for (uint64_t s = 1; s <= 4000; s++) {
        begin(s);
        const struct verdict *kernel = kmu__verdict(isas[below(5)]);
        const size_t count = below(COUNT + 1);
        float *margin = guarded(0, count * sizeof *margin, sizeof *margin), before[COUNT], *loss = guarded(1, K * sizeof *loss, 4);
        int32_t *c = guarded(2, count * sizeof *c, sizeof *c);
        uint32_t *open = guarded(3, count * sizeof *open, sizeof *open);
        for (size_t i = 0; i < K; i++)
            loss[i] = below(8) == 0 ? INFINITY : (float)magnitude();
        for (size_t a = 0; a < count; a++) {
            c[a] = (int32_t)below(K);
            margin[a] = below(3) == 0 ? hard[below(HARD)] : below(3) ? (float)magnitude() : loss[c[a]];
            if (below(4) == 0)
                margin[a] = nextafterf(margin[a], INFINITY);
            before[a] = margin[a];
        }
        const size_t left = kernel->follow(margin, c, loss, count, open);
        size_t at = 0;
        for (size_t a = 0; a < count; a++) {
            const bool listed = at < left && open[at] == a;
            at += listed;
            if (listed != !(margin[a] > 0))
                FAIL("place %zu has %a and is %slisted", a, (double)margin[a], listed ? "" : "not ");
            if (margin[a] > 0 && !((long double)margin[a] <= (long double)before[a] - (long double)loss[c[a]]))
                FAIL("%a - %a > %a", (double)before[a], (double)loss[c[a]], (double)margin[a]);
        }
        if (at != left)
            FAIL("%zu places are listed, not %zu", at, left);
    }
}

/* Many turns, ties, empty clusters that fill gives rows to, equal centroids, several runs. */
static void no_margin_outlives_what_it_was_made_of(void **state)
{
    (void)state;
    int64_t skipped = 0, filled = 0;
    for (uint64_t s = 1; s <= 800; s++) {
        struct problem p;
        kmu_result *right = NULL, *r = NULL;
        begin(s);
        const bool tiny = below(2); /* so that runs start alike */
        const size_t k = tiny ? 2 : 1 + below(below(3) ? 12 : 60), d = tiny ? 1 : 1 + below(below(3) ? 6 : 70),
                     n = k + below(tiny ? 6 : 600);
        draw_problem(&p, n, d, k);
        for (size_t a = 0; a < k * d && below(3) == 0; a++) /* equal, and near each other */
            p.start[a] = p.start[a % d] + (below(2) ? 0 : 1e-3 * normal());
        p.options.max_iter = tiny ? 1 : 40;
        p.options.n_init = tiny ? 30 : between(1, 3);
        p.options.init = tiny ? KMU_RANDOM : p.options.init;
        p.options.algorithm = KMU_PLAIN;
        assert_int_equal(kmu_fit(&p.points, &p.options, &right, NULL), KMU_OK);
        p.options.algorithm = KMU_BOUNDS;
        p.options.threads = between(1, 3);
        assert_int_equal(kmu_fit(&p.points, &p.options, &r, NULL), KMU_OK);
        if (memcmp(r->c, right->c, n * sizeof *r->c) != 0 || memcmp(&r->J, &right->J, sizeof r->J) != 0 ||
            memcmp(r->mu, right->mu, k * d * kmu_type_bytes(r->type)) != 0 || r->turns != right->turns)
            FAIL("n %zu, d %zu, k %zu: %zu turns, J %a, and plain has %zu and %a", n, d, k, r->turns, r->J, right->turns,
                 right->J);
        for (size_t t = 0; t < r->turns; t++) {
            if (r->trace[t].moved != right->trace[t].moved || r->trace[t].J_assign != right->trace[t].J_assign)
                FAIL("turn %zu is another", t);
            skipped += r->trace[t].skipped;
            filled += r->trace[t].J_update < r->trace[t].J_assign;
        }
        kmu_result_free(r);
        kmu_result_free(right);
        leave_problem(&p);
    }
    assert_true(skipped > 100000 && filled > 400);
}

/* Two centroids are equal in the start, so the second owns nobody and fill gives it the farthest place of the first one's
 * cluster. That place's neighbours had a margin as wide as the way to the next cluster, and follow it none the less (N20 c). */
static void a_margin_does_not_know_equal_centroids(void **state)
{
    (void)state;
    enum { HALF = 20, N = 3 * HALF, K = 3 };
    for (uint64_t s = 1; s <= 200; s++) {
        begin(s);
        const size_t d = 1 + below(4);
        double *x = doubles(N * d), *start = doubles(K * d);
        for (size_t j = 0; j < N; j++) /* at -1, at 1, and far away */
            for (size_t l = 0; l < d; l++)
                x[j * d + l] = (j < HALF ? -1 : j < 2 * HALF ? 1 : 1000) + 0.01 * normal();
        for (size_t l = 0; l < d; l++)
            start[2 * d + l] = 1000;
        kmu_points points = {.size = sizeof points, .type = KMU_F64, .n = N, .d = d, .x = x};
        kmu_options o;
        kmu_result *r = NULL;
        kmu_options_init(&o, sizeof o);
        o.k = K;
        o.init = KMU_GIVEN;
        o.start = start;
        o.start_type = KMU_F64;
        o.algorithm = KMU_BOUNDS;
        assert_int_equal(kmu_fit(&points, &o, &r, NULL), KMU_OK);
        for (size_t j = 0; j < N; j++)
            if (r->c[j] != r->c[j / HALF * HALF])
                FAIL("row %zu has label %d, and its neighbours %d", j, (int)r->c[j], (int)r->c[j / HALF * HALF]);
        assert_int_equal(r->stop, KMU_FIXPOINT);
        assert_true(r->c[0] != r->c[HALF]);
        kmu_result_free(r);
        free(x);
        free(start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_margin_is_a_lower_bound),
        cmocka_unit_test(labels_and_doubts_are_as_said),
        cmocka_unit_test(margins_follow_downwards),
        cmocka_unit_test(no_margin_outlives_what_it_was_made_of),
        cmocka_unit_test(a_margin_does_not_know_equal_centroids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
