/* test_exact.c - the long accumulator loses nothing; a float is the nearest one; a comparison of distances is the true one.
 *
 * Judged by a second, slow arithmetic (slow.h), and by identities:
 *
 *   (a + b)^2 - a^2 - 2 a b - b^2 = 0,      ||x - (x + v)|| = ||x - (x - v)||,      what is added and taken away leaves 0 */
#include <float.h>

#include "draw.h"
#include "exact/compare.h"
#include "exact/wide.h"
#include "slow.h"

enum { CASES = 5000, TERMS = 12, D = 9 };

/* ---- the accumulator -------------------------------------------------------------------------------------------- */

/* A product of two floats from a range of exponents that the case chooses. */
static void draw_term(int low, int high, double *x, double *y)
{
    *x = number(low, high, 53);
    *y = number(low, high, 53);
}

static void a_sum_of_products_is_exact_and_rounded_once(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        struct slow judge = {{0}};
        struct wide sum;
        int low = between(-1074, 900), high = low + between(1, 1023 - low);
        kmu__wide_zero(&sum);
        for (int t = 0; t < TERMS; t++) {
            double x, y;
            draw_term(low, high, &x, &y);
            bool negative = below(2);
            kmu__wide_add_product(&sum, negative, x, y);
            slow_add_product(&judge, negative, x, y);
        }
        double r = kmu__wide_round(&sum);
        if (kmu__wide_sign(&sum) != slow_sign(&judge))
            FAIL("the sign of the sum is %d, not %d", kmu__wide_sign(&sum), slow_sign(&judge));
        if (!is_rounded(r, &judge, &ONE, KMU_F64))
            FAIL("%a is not the sum rounded to f64", r);
        int e;
        bool inexact, negative;
        kmu__u128 m = kmu__wide_leading(&sum, &e, &inexact, &negative);
        r = kmu__round(negative, m, e, inexact, KMU_F32);
        if (!is_rounded(r, &judge, &ONE, KMU_F32))
            FAIL("%a is not the sum rounded to f32", r);
        slow_add(&judge, !negative, m, e);
        if ((slow_sign(&judge) != 0) != inexact || (inexact && (slow_sign(&judge) < 0) != negative))
            FAIL("inexact = %d, but what is left has the sign %d", inexact, slow_sign(&judge));
    }
}

static void what_is_added_and_taken_away_leaves_zero(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        double x[TERMS], y[TERMS];
        struct wide sum, other;
        kmu__wide_zero(&sum);
        kmu__wide_zero(&other);
        for (int t = 0; t < TERMS; t++) {
            draw_term(-1074, 1024, &x[t], &y[t]);
            kmu__wide_add_product(&sum, false, x[t], y[t]);
        }
        for (size_t t = TERMS; t-- > 0;)
            kmu__wide_add_product(&other, true, y[t], x[t]);
        kmu__wide_add_wide(&other, false, &sum, 1, 0);
        for (size_t t = 0; t < TERMS; t++)
            kmu__wide_add_product(&sum, true, x[(t + 5) % TERMS], y[(t + 5) % TERMS]);
        double r = kmu__wide_round(&sum);
        if (kmu__wide_sign(&sum) || kmu__wide_sign(&other) || r != 0 || signbit(r))
            FAIL("left: %a, signs %d and %d", r, kmu__wide_sign(&sum), kmu__wide_sign(&other));
    }
}

static void a_square_of_a_sum_is_its_expansion(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES / 3; s++) {
        begin(s);
        struct wide a, b, sum, zero;
        struct wide *const all[] = {&a, &b, &sum, &zero};
        for (int i = 0; i < 4; i++)
            kmu__wide_zero(all[i]);
        for (int t = 0; t < 4; t++) { /* powers up to 2^1300: squares stay inside */
            kmu__wide_add_product(&a, false, number(-600, 600, 53), number(-700, 700, 53));
            kmu__wide_add_product(&b, false, number(-600, 600, 53), number(-700, 700, 53));
        }
        kmu__wide_add_wide(&sum, false, &a, 1, 0);
        kmu__wide_add_wide(&sum, false, &b, 1, 0);
        kmu__wide_multiply_add(&zero, false, &sum, &sum);
        if (kmu__wide_sign(&zero) < 0)
            FAIL("%s", "a square is negative");
        kmu__wide_multiply_add(&zero, true, &a, &a);
        kmu__wide_multiply_add(&zero, true, &b, &b);
        kmu__wide_multiply_add(&zero, true, &b, &a);
        kmu__wide_multiply_add(&zero, true, &a, &b);
        if (kmu__wide_sign(&zero) != 0)
            FAIL("(a + b)^2 - a^2 - 2 a b - b^2 = %a", kmu__wide_round(&zero));
    }
}

static void the_last_bit_decides_a_comparison(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        struct wide a, b;
        kmu__wide_zero(&a);
        kmu__wide_zero(&b);
        for (int t = 0; t < 3; t++) {
            double x = number(-1074, 1024, 53), y = number(-1074, 1024, 53);
            kmu__wide_add_product(&a, false, x, y);
            kmu__wide_add_product(&b, true, -x, y);
        }
        assert_int_equal(kmu__wide_compare(&a, &b), 0);
        int e = between(-2148, 2047), sign = below(2) ? 1 : -1;
        kmu__wide_add(below(2) ? &a : &b, false, 1, e); /* more on one side, or less on the other */
        int said = kmu__wide_compare(&a, &b);
        if (said == 0 || said != -kmu__wide_compare(&b, &a))
            FAIL("2^%d more is %d, the other way round %d", e, said, kmu__wide_compare(&b, &a));
        kmu__wide_add(said > 0 ? &a : &b, true, 1, e);
        kmu__wide_add(&a, sign < 0, 1, -5000);
        if (kmu__wide_compare(&a, &b) != sign)
            FAIL("%d 2^-5000 gives %d", sign, kmu__wide_compare(&a, &b));
    }
}

/* ---- rounding and quotients --------------------------------------------------------------------------------------- */

static void any_number_is_rounded_to_nearest_even(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 20 * CASES; s++) {
        begin(s);
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        const int least = type == KMU_F32 ? -149 : -1074, most = type == KMU_F32 ? 128 : 1024, p = type == KMU_F32 ? 24 : 53;
        int bits = between(1, 128), zeros = between(0, bits - 1);
        kmu__u128 m = (((kmu__u128)draw() << 64 | draw()) | (kmu__u128)1 << 127) >> (128 - bits) >> zeros << zeros;
        if (below(2) && bits > p + 2) { /* half-way, or one beside it */
            int drop = bits - p;
            m = (m >> drop << drop | (kmu__u128)1 << (drop - 1)) + (kmu__u128)between(-1, 1);
        }
        int e = below(2) ? least - between(-4, 130) : most - bits + between(-2, 1);
        bool negative = below(2), inexact = bits >= p + 2 && below(2);
        struct slow judge = {{0}};
        slow_add(&judge, negative, m, e);
        if (inexact)
            slow_add(&judge, negative, 1, below(2) ? e - 1 : SLOW_BOTTOM + 1);
        double r = kmu__round(negative, m, e, inexact, type);
        if (!is_rounded(r, &judge, &ONE, type))
            FAIL("%d (%llx %016llx, inexact %d) 2^%d is rounded to %a in type %d", negative ? -1 : 1,
                 (unsigned long long)(m >> 64), (unsigned long long)m, inexact, e, r, type);
    }
}

/* b := b f + add */
static void multiply(struct big *b, uint64_t f, uint64_t add)
{
    kmu__u128 carry = add;
    for (int i = 0; i < b->n; i++) {
        carry += (kmu__u128)b->limb[i] * f;
        b->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    if (carry)
        b->limb[b->n++] = (uint64_t)carry;
}

/* num is den times a half-way point of the type, often with something very small added or taken away. */
static void draw_quotient(kmu_type type, struct big *num, struct big *den)
{
    const int p = type == KMU_F32 ? 24 : 53, limbs = below(3) ? between(1, 3) : between(4, 50);
    *den = (struct big){.n = limbs, .e = between(-200, 200)};
    for (int i = 0; i < limbs; i++)
        den->limb[i] = below(4) ? draw() : 0;
    den->limb[limbs - 1] |= 1ull << below(64);
    *num = *den;
    uint64_t m = draw() >> (64 - p) | (below(8) ? 1ull << (p - 1) : 0);
    multiply(num, 2 * m + 1, 0);
    if (below(2)) /* into the subnormals, or just above them */
        num->e = den->e + (type == KMU_F32 ? -149 : -1074) + between(-p - 3, 3) - 1;
    else
        num->e += between(-150, 50 - p);
    int more = between(0, 3);
    for (int i = 0; i < more; i++, num->e -= 64) /* longer by zeros */
        multiply(num, 1ull << 63, 0), multiply(num, 2, 0);
    if (below(3) == 0)
        multiply(num, 1, 1);
    else if (below(2) && num->limb[0])
        num->limb[0]--;
    while (num->n && num->limb[num->n - 1] == 0)
        num->n--;
    num->negative = below(2);
}

static void a_quotient_is_rounded_once(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 3 * CASES; s++) {
        begin(s);
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        struct big num, den;
        draw_quotient(type, &num, &den);
        struct slow judge = {{0}};
        slow_add_big(&judge, false, &num, 1, 0);
        double r = kmu__quotient(&num, &den, type);
        if (!is_rounded(r, &judge, &den, type))
            FAIL("%d limbs by %d limbs give %a in type %d", num.n, den.n, r, type);
    }
}

/* ---- the comparison of two distances ------------------------------------------------------------------------------ */

static int true_order(const double *x, const double *a, const double *b, size_t d)
{
    struct slow judge = {{0}};
    slow_add_distance(&judge, false, x, a, d, 1);
    slow_add_distance(&judge, true, x, b, d, 1);
    return slow_sign(&judge);
}

/* The same rows with a coordinate that adds nothing but needs the accumulator: x = 0 amid +-2^-500. */
static int order_by_accumulator(const double *x, const double *a, const double *b, size_t d)
{
    double longer[3][D + 1] = {{0}};
    memcpy(longer[0], x, d * sizeof *x);
    memcpy(longer[1], a, d * sizeof *x);
    memcpy(longer[2], b, d * sizeof *x);
    longer[1][d] = 0x1p-500;
    longer[2][d] = -0x1p-500;
    return kmu__compare_distances(longer[0], longer[1], longer[2], d + 1);
}

/* x and a mirror image of a about it: b = 2 x - a, all exact; then a coordinate of one of them moves by an ulp. */
static void mirror_points_are_ties_until_an_ulp_moves(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        size_t d = 1 + below(D);
        double x[D], a[D], b[D], *const all[] = {x, a, b}, scale = ldexp(1, between(-900, 900));
        for (size_t l = 0; l < d; l++) {
            double v = number(0, 20, 20);
            x[l] = (double)between(-1000000, 1000000) * scale;
            a[l] = x[l] + v * scale;
            b[l] = below(2) ? x[l] - v * scale : a[l];
        }
        if (kmu__compare_distances(x, a, b, d) || order_by_accumulator(x, a, b, d))
            FAIL("d = %zu: mirror points are told apart", d);
        double *moved = &all[below(3)][below(d)];
        *moved = nextafter(*moved, below(2) ? INFINITY : -INFINITY);
        int order = true_order(x, a, b, d), said = kmu__compare_distances(x, a, b, d), same = order_by_accumulator(x, a, b, d);
        if (said != order || same != order || kmu__compare_distances(x, b, a, d) != -order)
            FAIL("d = %zu: an ulp gives %d, by the accumulator %d; the truth is %d", d, said, same, order);
    }
}

static void any_rows_are_compared_truly(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        size_t d = 1 + below(D);
        int low = between(-1074, 900), high = low + (below(2) ? between(1, 40) : between(1, 1023 - low));
        double x[D], a[D], b[D];
        for (size_t l = 0; l < d; l++) {
            x[l] = number(low, high, 24);
            a[l] = below(4) ? number(low, high, 24) : DBL_MAX;
            b[l] = below(3) ? number(low, high, 24) : a[l];
        }
        int order = true_order(x, a, b, d), said = kmu__compare_distances(x, a, b, d), same = order_by_accumulator(x, a, b, d);
        if (said != order || same != order)
            FAIL("d = %zu: %d, by the accumulator %d; the truth is %d", d, said, same, order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_of_products_is_exact_and_rounded_once),
        cmocka_unit_test(what_is_added_and_taken_away_leaves_zero),
        cmocka_unit_test(a_square_of_a_sum_is_its_expansion),
        cmocka_unit_test(the_last_bit_decides_a_comparison),
        cmocka_unit_test(any_number_is_rounded_to_nearest_even),
        cmocka_unit_test(a_quotient_is_rounded_once),
        cmocka_unit_test(mirror_points_are_ties_until_an_ulp_moves),
        cmocka_unit_test(any_rows_are_compared_truly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
