/* test_objective.c - J has the same bits with every instruction set: the plain one takes it from the long accumulator. */
#include "draw.h"
#include "kmu.h"

enum { N = 60, D = 20, K = 6 };

/* A fit whose three terms cancel, all but some bits; or whose squares, masses or start are of the sizes that pairs of numbers
 * cannot hold. */
struct case_of_J {
    kmu_points points;
    kmu_options options;
    double x[N * D], w[N], start[K * D];
    float single[N * D];
};

static void draw_J(struct case_of_J *t)
{
    const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
    const size_t n = 1 + below(N), d = 1 + below(D), k = 1 + below(n < K ? n : K);
    const size_t far = below(5), weighted = below(4), wild = below(6);
    const double offset = ldexp(1 + uniform(), between(0, 22)), size = ldexp(1, far == 3 ? between(-640, 300) : 0);
    *t = (struct case_of_J){.points = {.size = sizeof t->points, .type = type, .n = n, .d = d}};
    const int scale = far == 3 && type == KMU_F64 ? between(-300, 400) : between(-20, 20);
    for (size_t a = 0; a < n * d; a++) {
        t->x[a] = far == 0   ? (double)between(0, 255)
                  : far == 1 ? normal()
                  : far == 2 ? offset + normal()
                  : far == 3 ? size * between(-40, 90)
                             : (double)below(2);
        t->single[a] = (float)t->x[a];
        if (!isfinite(t->single[a]))
            t->single[a] = 1;
    }
    for (size_t j = 0; j < n; j++)
        t->w[j] = weighted == 1   ? ldexp(1, scale)
                  : weighted == 2 ? ldexp((double)(1 + below(9)), scale)
                  : far == 4      ? (double)(1 + (draw() >> 12)) /* 52 bits, and their sums have more */
                                  : uniform() + 0x1p-60;
    for (size_t a = 0; a < k * d; a++) {
        const int big = type == KMU_F32 ? between(50, 120) : between(300, 900),
                  tiny = type == KMU_F32 ? between(-145, -60) : between(-1070, -450);
        t->start[a] = type == KMU_F32 ? (double)t->single[a] : t->x[a];
        if (wild < 2 && below(3) == 0)
            t->start[a] = ldexp(1 + uniform(), wild ? big : tiny);
        if (type == KMU_F32)
            t->start[a] = (double)(float)t->start[a];
    }
    t->points.x = type == KMU_F32 ? (void *)t->single : (void *)t->x;
    t->points.w = weighted ? t->w : NULL;
    kmu_options_init(&t->options, sizeof t->options);
    t->options.k = k;
    t->options.threads = 1 + (int64_t)below(2);
    t->options.init = wild < 2 ? KMU_GIVEN : KMU_KMEANSPP;
    t->options.start = t->start;
    t->options.start_type = KMU_F64;
    t->options.max_iter = (int64_t)below(4);
    t->options.n_init = 1 + (int64_t)below(3);
    t->options.seed = draw();
}

/* The first three cases are by hand: w x^2 is 2^-780 or 2^-690, and mu^2 is below all of binary64; a sum has two digits, the
 * higher of which has more bits than a binary64 number holds. */
static void J_is_rounded_once_by_every_instruction_set(void **state)
{
    (void)state;
    static struct case_of_J t;
    for (uint64_t s = 0; s <= 2500; s++) {
        kmu_result *right = NULL, *r = NULL;
        begin(s);
        draw_J(&t);
        if (s < 2) {
            t.points = (kmu_points){.size = sizeof t.points, .type = KMU_F64, .n = 2, .d = 4, .x = t.x, .w = t.w};
            for (size_t a = 0; a < 8; a++)
                t.x[a] = (a < 4 ? -1 : 3) * (s ? 0x1p-545 : 0x1p-590);
            t.w[0] = t.w[1] = 0x1p400;
            t.options.k = 1;
            t.options.init = KMU_KMEANSPP;
        }
        if (s == 2) {
            t.points = (kmu_points){.size = sizeof t.points, .type = KMU_F64, .n = N * D, .d = 1, .x = t.x};
            for (size_t a = 0; a < N * D; a++)
                t.x[a] = 1 + 0.25 * uniform();
            t.x[0] = 0x1p-93;
            t.options.k = 2;
            t.options.init = KMU_FIRST;
        }
        t.options.isa = KMU_ISA_PLAIN;
        kmu_error e;
        if (kmu_fit(&t.points, &t.options, &right, &e) != KMU_OK)
            FAIL("%s", e.text);
        if (s < 2 && right->J != (s ? 0x1p-685 : 0x1p-775))
            FAIL("J is %a", right->J);
        for (t.options.isa = KMU_ISA_AVX2; t.options.isa <= KMU_ISA_NEON; t.options.isa++) {
            if (kmu_fit(&t.points, &t.options, &r, NULL) != KMU_OK)
                continue; /* not this CPU's */
            if (memcmp(r->mu, right->mu, r->k * r->d * kmu_type_bytes(r->type)) != 0 || r->run != right->run ||
                r->turns != right->turns)
                FAIL("%s: other centroids, turns or another run", kmu_isa_name(r->isa));
            for (size_t a = 0; a <= r->turns; a++) {
                const double *J = a < r->turns ? &r->trace[a].J_assign : &r->J,
                             *truth = a < r->turns ? &right->trace[a].J_assign : &right->J;
                if (J[0] != truth[0] || (a < r->turns && r->trace[a].J_update != right->trace[a].J_update))
                    FAIL("%s, n %zu, d %zu, k %zu, turn %zu of %zu: J is %a, not %a", kmu_isa_name(r->isa), r->n, r->d, r->k,
                         a + 1, r->turns, J[0], truth[0]);
            }
            kmu_result_free(r);
        }
        kmu_result_free(right);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(J_is_rounded_once_by_every_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
