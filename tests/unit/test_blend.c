/* test_blend.c - a mean that takes in more points (src/update/blend.h, kernel blend of src/kernel/digits.h).
 *
 *   blend   (v mu + S) / m rounded once, or in doubt and as it was                                                     (N23)
 *   parts   a mass is the sum of its parts, each what those before leave, rounded */
#include "draw.h"
#include "kernel/digits.h"
#include "slow.h"
#include "update/blend.h"

enum { MOST = 70, ISAS = KMU_ISA_NEON + 1 };

struct blend {
    int64_t digit[2 * MOST];
    double unit[MOST], mu[MOST], was[MOST], v, m;
    uint32_t doubt[MOST];
    bool usual[MOST]; /* nothing near half-way, nothing cancels */
};

static double draw_mu(kmu_type type, int low, int high)
{
    return number(low, high, type == KMU_F32 ? 24 : 53);
}

/* Column l: any numbers, or v mu + S that nearly cancels, or that is half-way between two numbers after division. */
static void draw_column(struct blend *t, size_t l, size_t d, bool two, kmu_type type, int way)
{
    const int g = type == KMU_F32 ? between(-40, 40) : between(-300, 300), bits = two ? 50 : 61;
    int64_t low = (int64_t)(draw() >> (64 - bits)), high = two ? (int64_t)(draw() >> 14) : 0;
    low = two ? low >> 3 : low;
    t->usual[l] = way == 0;
    t->unit[l] = ldexp(1, g);
    t->mu[l] = draw_mu(type, g + 20, g + 60);
    if (way == 1) { /* an integer of few bits on the same grid, of the other sign */
        high = 0;
        low = (int64_t)(draw() >> 44);
        t->mu[l] = -ldexp((double)low, g) / t->v;
        t->mu[l] = type == KMU_F32 ? (double)(float)t->mu[l] : t->mu[l];
    }
    if (way == 2) { /* v = 1, m = 2: half of an odd number of one bit more than the type has */
        const int keep = type == KMU_F32 ? 24 : 53;
        const int64_t x = (int64_t)(1ull << (keep - 1) | draw() >> (65 - keep));
        high = 0;
        low = x + 1 < 1ll << keep ? x + 1 : x - 1;
        if (two && low >> 47)
            high = low >> 48, low -= high << 48;
        t->mu[l] = ldexp((double)x, g);
    }
    if (below(12) == 0)
        t->mu[l] = low = high = 0;
    t->digit[l] = low;
    if (two)
        t->digit[d + l] = high;
    if (below(2)) {
        t->digit[l] = -t->digit[l];
        t->digit[d + l] = two ? -t->digit[d + l] : t->digit[d + l];
        t->mu[l] = 0.0 - t->mu[l] + 0.0;
    }
    if (way == 4 && two) { /* the same, and a little more: the least bit of a long sum */
        const uint64_t x = 1u << 23 | draw() >> 41;
        high = (int64_t)((x + 1) << 22);
        low = 1;
        t->mu[l] = ldexp((double)x, g + 70);
        t->digit[l] = below(2) ? low : -low;
        t->digit[d + l] = high;
    }
    if (way == 3) { /* where products lose bits */
        t->mu[l] = ldexp(draw_mu(type, 0, 1), type == KMU_F32 ? -148 : -1060);
        t->unit[l] = ldexp(1, type == KMU_F32 ? -149 : -390);
    }
}

static void judge_column(const struct blend *t, size_t l, size_t d, bool two, kmu_type type, const char *isa)
{
    struct slow sum = {{0}};
    int e;
    const uint64_t m = (uint64_t)slow_parts(t->m, &e);
    const struct big mass = {.n = 1, .e = e, .limb = {m}};
    slow_add_product(&sum, false, t->v, t->was[l]);
    for (int part = 0; part < 1 + two; part++) {
        const int64_t v = t->digit[(size_t)part * d + l];
        int g;
        frexp(t->unit[l], &g);
        slow_add(&sum, v < 0, slow_size(v), g - 1 + 48 * part);
    }
    if (!is_rounded(t->mu[l], &sum, &mass, type))
        FAIL("%s, d = %zu, column %zu: (%a %a + ..) / %a is not %a in type %d", isa, d, l, t->v, t->was[l], t->m, t->mu[l],
             type);
}

static void a_blend_is_rounded_once_or_in_doubt(void **state)
{
    (void)state;
    static struct blend t;
    size_t usual = 0, decided = 0, doubtful = 0;
    for (uint64_t s = 1; s <= 3000; s++) {
        begin(s);
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        const bool two = below(2);
        const int way = (int)below(5);
        const size_t d = 1 + below(MOST - 1);
        t.v = way == 2 || way == 4 ? 1
              : below(2)           ? (double)(1 + below(100000))
                                   : ldexp((double)(1 + below(1000)), between(-100, 80));
        t.m = way == 2 || way == 4 ? 2 : below(2) ? t.v + (double)(1 + below(1000)) : t.v * 1.5;
        for (size_t l = 0; l < d; l++)
            draw_column(&t, l, d, two, type, way);
        memcpy(t.was, t.mu, sizeof t.was);
        for (int isa = 0; isa < ISAS; isa++) {
            const struct digits *kernel = kmu__digits((kmu_isa)isa);
            if (!kernel)
                continue;
            memcpy(t.mu, t.was, sizeof t.mu);
            const size_t doubts = kernel->blend(t.digit, two ? t.digit + d : NULL, t.unit, t.v, t.m, type, t.mu, t.doubt, d);
            for (size_t l = 0, a = 0; l < d; l++) {
                const bool told = l < d / 8 * 8, in_doubt = a < doubts && t.doubt[a] == l;
                a += in_doubt;
                usual += told && t.usual[l];
                decided += told && t.usual[l] && !in_doubt;
                doubtful += told && in_doubt && way == 2;
                if (!in_doubt)
                    judge_column(&t, l, d, two, type, kmu_isa_name((kmu_isa)isa));
                else if (memcmp(&t.mu[l], &t.was[l], sizeof t.mu[l]) != 0)
                    FAIL("column %zu is in doubt, and has changed", l);
            }
        }
    }
    if (decided < usual - usual / 200 || (usual && !doubtful))
        fail_msg("%zu of %zu are told, and %zu half-way are in doubt", decided, usual, doubtful);
}

/* Numbers of all magnitudes, added up. */
static void draw_mass(struct wide *a)
{
    const int spread = 1 + (int)below(999);
    kmu__wide_zero(a);
    for (size_t i = 0, count = 1 + below(40); i < count; i++) {
        const double w = fabs(number(-spread, spread, 53));
        const struct parts p = kmu__parts(w);
        kmu__wide_add(a, false, p.m, p.e);
    }
}

static void a_mass_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 2000; s++) {
        double v[KMU_MASS_PARTS];
        struct wide a, b, rest;
        begin(s);
        draw_mass(&a);
        if (!kmu__mass_parts(&a, v))
            FAIL("%a is within binary64", kmu__wide_round(&a));
        kmu__mass_of_parts(v, &b);
        if (kmu__wide_compare(&a, &b) != 0)
            FAIL("the parts of %a are not the whole", kmu__wide_round(&a));
        rest = a;
        for (int t = 0; t < KMU_MASS_PARTS; t++) {
            const struct parts p = kmu__parts(v[t]);
            if (v[t] != kmu__wide_round(&rest))
                FAIL("part %d is %a, and %a is left", t, v[t], kmu__wide_round(&rest));
            kmu__wide_add(&rest, !p.negative, p.m, p.e);
        }
    }
}

/* The widest mass there is: every bit from the least to the largest number. */
static void forty_parts_hold_any_mass(void **state)
{
    (void)state;
    double v[KMU_MASS_PARTS];
    struct wide a, b;
    kmu__wide_zero(&a);
    for (int e = -1074; e < 1023; e++)
        if (e % 53 != 1)
            kmu__wide_add(&a, false, 1, e);
    assert_true(kmu__mass_parts(&a, v));
    kmu__mass_of_parts(v, &b);
    assert_int_equal(kmu__wide_compare(&a, &b), 0);
    kmu__wide_add(&a, false, 1, 1024);
    assert_false(kmu__mass_parts(&a, v));
}

static void masses_compare_as_numbers(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 2000; s++) {
        double v[KMU_MASS_PARTS], w[KMU_MASS_PARTS];
        struct wide a, b;
        begin(s);
        draw_mass(&a);
        b = a;
        if (below(3))
            kmu__wide_add(&b, below(2), 1, -1074);
        kmu__mass_parts(&a, v);
        kmu__mass_parts(&b, w);
        assert_int_equal(kmu__mass_compare(v, w), kmu__wide_compare(&a, &b));
    }
}

/* Long accumulators over each other, rounded once. */
static void a_wide_quotient_is_rounded_once(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 1000; s++) {
        struct wide num, den;
        struct slow sum = {{0}};
        struct big mass = {.n = 2, .e = between(-300, 200)};
        begin(s);
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        kmu__wide_zero(&num);
        kmu__wide_zero(&den);
        for (size_t i = 0, count = 1 + below(30); i < count; i++) {
            const double x = number(-200, 200, 53), y = number(-80, 80, 53);
            kmu__wide_add_product(&num, false, x, y);
            slow_add_product(&sum, false, x, y);
        }
        for (int i = 0; i < 2; i++) {
            mass.limb[i] = draw() | 1;
            kmu__wide_add(&den, false, mass.limb[i], mass.e + 64 * i);
        }
        const double q = kmu__wide_quotient(&num, &den, type);
        if (isfinite(q) && !is_rounded(q, &sum, &mass, type))
            FAIL("%a over %a is not %a in type %d", kmu__wide_round(&num), kmu__wide_round(&den), q, type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blend_is_rounded_once_or_in_doubt), cmocka_unit_test(a_mass_is_the_sum_of_its_parts),
        cmocka_unit_test(forty_parts_hold_any_mass),           cmocka_unit_test(masses_compare_as_numbers),
        cmocka_unit_test(a_wide_quotient_is_rounded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
