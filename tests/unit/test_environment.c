/* test_environment.c - what a host has set of floating point is not used, and is found again: directed rounding, subnormal
 * numbers flushed to zero on the way out and in. Every method, instruction set and thread has the bits of round-to-nearest. */
#include <fenv.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include "draw.h"
#include "kmu.h"

enum { N = 300, D = 3, K = 7 };

static uint64_t hash_of(uint64_t h, const void *bytes, size_t count)
{
    for (size_t a = 0; a < count; a++) /* FNV-1a: Fowler, Noll, Vo 1991 */
        h = (h ^ ((const unsigned char *)bytes)[a]) * 0x100000001b3;
    return h;
}

static uint64_t fit(const kmu_points *p, const kmu_options *o, uint64_t h)
{
    kmu_result *r = NULL;
    kmu_error error;
    const kmu_status status = kmu_fit(p, o, &r, &error);
    if (status == KMU_EUSAGE) /* this CPU has no such instructions */
        return h;
    assert_int_equal(status, KMU_OK);
    h = hash_of(h, r->c, r->n * sizeof *r->c);
    h = hash_of(h, r->mu, r->k * r->d * kmu_type_bytes(r->type));
    h = hash_of(hash_of(h, &r->J, sizeof r->J), &r->iterations, sizeof r->iterations);
    for (size_t t = 0; t < r->turns; t++) {
        h = hash_of(h, &r->trace[t].J_update, sizeof(double));
        h = hash_of(h, &r->trace[t].shift, sizeof(double));
    }
    kmu_result_free(r);
    return h;
}

static uint64_t verbs(const kmu_points *p, kmu_options o, uint64_t h)
{
    static double mu[K * D], far[N * K], J[K], radius[K], S[K], mean;
    static int32_t c[N];
    kmu_indices v = {.size = sizeof v};
    kmu_error error;
    assert_int_equal(kmu_seed(p, &o, mu, &error), KMU_OK);
    assert_int_equal(kmu_assign(p, &o, mu, c, J, &error), KMU_OK);
    h = hash_of(hash_of(hash_of(h, mu, K * D * kmu_type_bytes(p->type)), c, sizeof c), J, sizeof *J);
    assert_int_equal(kmu_update(p, &o, c, mu, &error), KMU_OK);
    assert_int_equal(kmu_distances(p, &o, mu, far, &error), KMU_OK);
    assert_int_equal(kmu_describe(p, &o, mu, c, J, radius, &error), KMU_OK);
    assert_int_equal(kmu_silhouette(p, &o, mu, c, S, &mean, &error), KMU_OK);
    assert_int_equal(kmu_judge(p, &o, c, &v, &error), KMU_OK);
    h = hash_of(hash_of(h, mu, K * D * kmu_type_bytes(p->type)), far, N * K * kmu_type_bytes(p->type));
    h = hash_of(hash_of(hash_of(h, J, sizeof J), radius, sizeof radius), S, sizeof S);
    return hash_of(hash_of(h, &v.davies_bouldin, sizeof(double)), &v.bic, sizeof(double));
}

static struct {
    double x[N * D], w[N];
    float single[N * D];
    int32_t column[N * D];
    int64_t start[N + 1];
} t;

/* Points of a kind: usual, subnormal, of all magnitudes. */
static void prepare(int kind)
{
    begin((uint64_t)kind + 1);
    for (size_t a = 0; a < N * D; a++) {
        t.single[a] = (float)(kind == 0 ? normal() : kind == 1 ? ldexp(normal(), -130) : number(-60, 60, 24));
        t.x[a] = kind == 1 ? ldexp(normal(), -1030) : (double)t.single[a];
        t.column[a] = (int32_t)(a % D);
        t.start[a / D + 1] = (int64_t)(a / D + 1) * D;
    }
    for (size_t j = 0; j < N; j++)
        t.w[j] = kind == 1 && j % 5 == 0 ? 0x1p-1060 : 1 + (double)below(5) / 7;
}

/* Every way to fit f32, weighted f64 and CSR rows, and the verbs, in one number. */
static uint64_t everything(void)
{
    const kmu_points points[] = {
        {.size = sizeof(kmu_points), .type = KMU_F32, .n = N, .d = D, .x = t.single},
        {.size = sizeof(kmu_points), .type = KMU_F64, .n = N, .d = D, .x = t.x, .w = t.w},
        {.size = sizeof(kmu_points), .type = KMU_F64, .n = N, .d = D, .x = t.x, .start = t.start, .column = t.column},
    };
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        kmu_options o;
        kmu_options_init(&o, sizeof o);
        o.k = K;
        o.tol = 1e-6;
        for (int a = 0; a <= KMU_BOUNDS; a++)
            for (int isa = 0; isa <= KMU_ISA_NEON; isa++) {
                o.algorithm = (kmu_algorithm)a;
                o.isa = (kmu_isa)isa;
                o.threads = 1 + 2 * (isa == 0);
                h = fit(&points[i], &o, h);
            }
        o.algorithm = KMU_AUTO;
        o.isa = KMU_ISA_AUTO;
        h = verbs(&points[i], o, h);
        o.tol = 0;
        for (int m = KMU_BISECTING; m <= KMU_MINIBATCH; m++) {
            o.method = (kmu_method)m;
            h = fit(&points[i], &o, h);
        }
    }
    return h;
}

static void differ(const char *what, int kind, uint64_t got, uint64_t right)
{
    if (got != right)
        fail_msg("%s, points of kind %d: hash %llx, not %llx", what, kind, (unsigned long long)got, (unsigned long long)right);
}

static void directed_rounding_of_the_host_is_not_used(void **state)
{
    (void)state;
#ifdef FE_UPWARD
    static const int roundings[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int kind = 0; kind < 3; kind++)
        for (size_t r = 0; r < sizeof roundings / sizeof *roundings; r++) {
            prepare(kind);
            const uint64_t right = everything();
            fesetround(roundings[r]);
            const uint64_t got = everything();
            const int found = fegetround();
            fesetround(FE_TONEAREST);
            differ("directed rounding", kind, got, right);
            assert_int_equal(found, roundings[r]);
        }
#endif
}

static void numbers_that_the_host_flushes_are_used(void **state)
{
    (void)state;
#ifdef __SSE2__
    enum { FLUSH = 0x8040 };
    for (int kind = 0; kind < 3; kind++) {
        prepare(kind);
        const uint64_t right = everything();
        _mm_setcsr(_mm_getcsr() | FLUSH);
        const uint64_t got = everything();
        const unsigned found = _mm_getcsr();
        _mm_setcsr(found & ~(unsigned)FLUSH);
        differ("flushed to zero", kind, got, right);
        assert_int_equal(found & FLUSH, FLUSH);
    }
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directed_rounding_of_the_host_is_not_used),
        cmocka_unit_test(numbers_that_the_host_flushes_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
