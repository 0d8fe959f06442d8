/* test_sum.c - sums are exact in any order, by any thread, on any layout; means are rounded once.
 *
 *   S_l = sum_j +-w_j x_jl,      mu_l = S_l / m,      m = sum_j w_j
 *
 * held against the slow arithmetic of slow.h, for columns of one digit, of two, and wide ones side by side. */
#include "draw.h"
#include "fit.h"
#include "slow.h"
#include "update/means.h"
#include "update/tally.h"

enum { CASES = 600, ROWS = 90, COLUMNS = 6 };

/* Numbers of a column, or weights: 2^low .. 2^high, of so many bits. */
static const struct kind {
    int low, high, bits;
} numbers[] = {
    {0, 8, 8},           /* bytes */
    {-1, 0, 24},         /* f32 of one binade */
    {-20, 3, 24},        /* normal f32 */
    {-8, 4, 53},         /* normal f64 */
    {-1074, -1050, 20},  /* subnormal */
    {900, 1024, 53},     /* huge */
    {-1000, 1, 53},      /* 1e-300 among ones */
    {-149, 128, 24},     /* any f32 */
}, weights[] = {
    {0, 1, 1}, {0, 6, 6}, {-3, 0, 53}, {-30, 31, 1}, {-1074, 1024, 53},
};

struct data {
    size_t n, d;
    double x[ROWS][COLUMNS], w[ROWS];
    struct sum_layout sum, mass;
    int64_t *S, *M;
    struct memory layouts, sums;
};

/* The first column and the weights are never all 0. */
static void draw_data(struct data *t, struct kind x, struct kind w, bool mixed)
{
    struct range columns[COLUMNS], all = kmu__range_of(0), one = kmu__range_of(1);
    *t = (struct data){.n = 1 + below(ROWS), .d = 1 + below(COLUMNS), .layouts = kmu__memory(NULL), .sums = kmu__memory(NULL)};
    for (size_t j = 0; j < t->n; j++) {
        t->w[j] = j ? fabs(number(w.low, w.high, w.bits)) : ldexp(1, w.low);
        all = kmu__range_join(all, kmu__range_of(t->w[j]));
    }
    for (size_t l = 0; l < t->d; l++) {
        struct kind kind = mixed ? numbers[below(sizeof numbers / sizeof *numbers)] : x;
        columns[l] = kmu__range_of(0);
        for (size_t j = 0; j < t->n; j++) {
            t->x[j][l] = number(kind.low, kind.high, kind.bits);
            columns[l] = kmu__range_join(columns[l], kmu__range_of(t->x[j][l]));
        }
    }
    kmu__sum_wish(&t->sum, t->d, &t->layouts);
    kmu__sum_wish(&t->mass, 1, &t->layouts);
    assert_int_equal(kmu__grant(&t->layouts, NULL), KMU_OK);
    kmu__sum_fix(&t->sum, columns, all, t->n);
    kmu__sum_fix(&t->mass, &one, all, t->n);
    kmu__wish(&t->sums, &t->S, t->sum.words, sizeof *t->S);
    kmu__wish(&t->sums, &t->M, t->mass.words, sizeof *t->M);
    assert_int_equal(kmu__grant(&t->sums, NULL), KMU_OK);
}

static void leave_data(struct data *t)
{
    kmu__give_back(&t->sums);
    kmu__give_back(&t->layouts);
}

/* Row j goes in, or out, in pieces of columns, with a carry now and then. */
static void add_row(struct data *t, size_t j, bool negative)
{
    for (size_t from = 0, to; from < t->d; from = to) {
        to = from + 1 + below(t->d - from);
        kmu__sum_add(&t->sum, t->S, t->x[j], t->w[j], negative, from, to);
        if (below(9) == 0)
            kmu__sum_carry(&t->sum, t->S, from, to);
    }
}

/* S_l - sum_j w_j x_jl */
static int sign_of_error(const struct data *t, const int64_t *S, size_t l)
{
    struct slow judge = {{0}};
    struct big sum;
    kmu__sum_big(&t->sum, S, l, &sum);
    slow_add_big(&judge, false, &sum, 1, 0);
    for (size_t j = 0; j < t->n; j++)
        slow_add_product(&judge, true, t->w[j], t->x[j][l]);
    return slow_sign(&judge);
}

static void a_sum_is_exact_in_any_order_and_any_pieces(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        struct data t;
        struct kind w = weights[below(sizeof weights / sizeof *weights)];
        draw_data(&t, numbers[0], w, true);
        size_t out = below(t.n), step = 1 + 2 * below(t.n);
        for (size_t j = 0; j < out; j++)
            add_row(&t, j, false);
        for (size_t j = out; j-- > 0;) /* all that is in goes out again */
            add_row(&t, j, true);
        for (size_t l = 0; l < t.d; l++)
            for (int i = 0; i < t.sum.digits[l]; i++) {
                size_t at = t.sum.inverse[l] != 0 ? l + (size_t)i * t.d : t.sum.at[l] + (size_t)i;
                kmu__sum_carry(&t.sum, t.S, l, l + 1);
                if (t.S[at])
                    FAIL("column %zu of %d digits, low %d: %lld is left", l, t.sum.digits[l], t.sum.low[l], (long long)t.S[at]);
            }
        while (step > 1 && t.n % step == 0)
            step++;
        for (size_t a = 0, first = below(t.n); a < t.n; a++) /* backwards when n is even, then each row once */
            add_row(&t, (first + t.n - a) % t.n, false);
        for (size_t l = 0; l < t.d; l++)
            if (sign_of_error(&t, t.S, l))
                FAIL("column %zu of %d digits, low %d: the sum is not exact", l, t.sum.digits[l], t.sum.low[l]);
        leave_data(&t);
    }
}

static void the_layout_is_as_short_as_the_data_allow(void **state)
{
    (void)state;
    static const struct {
        double least, most; /* every number is a multiple of least below most */
        double w;
        size_t n;
        int digits;
    } cases[] = {
        {1, 256, 1, 1000000, 1},                    /* bytes */
        {0x1p-24, 1, 1, 1000000, 1},                /* uniform f32 */
        {0x1p-48, 8, 1, 1000, 1},                   /* at the edge: 51 bits and 11 of n */
        {0x1p-49, 8, 1, 1000, 2},
        {0x1p-60, 8, 1, 1000000, 2},                /* normal f64 */
        {0x1p-60, 0x1p35, 1, 1000, 2},              /* at the edge: 95 bits and 11 of n */
        {0x1p-60, 0x1p36, 1, 1000, 3},
        {0x1p-52, 1, 0.1, 1000, 3},                 /* real weights: 52 bits and 53 */
        {0x1p-1049, 2, 1, 1000000, 22},             /* 1e-300 among ones: 1050 bits and 21 of n */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sum_layout s = {0};
        struct memory memory = kmu__memory(NULL);
        kmu__sum_wish(&s, 1, &memory);
        assert_int_equal(kmu__grant(&memory, NULL), KMU_OK);
        struct range x = {.low = kmu__range_of(cases[i].least).low, .high = kmu__range_of(cases[i].most).high - 1};
        kmu__sum_fix(&s, &x, kmu__range_of(cases[i].w), cases[i].n);
        if (s.digits[0] != cases[i].digits || s.words != (size_t)cases[i].digits)
            fail_msg("case %zu: %d digits, %zu words, not %d", i, s.digits[0], s.words, cases[i].digits);
        kmu__give_back(&memory);
    }
}

/* 2^14 terms of the greatest magnitude of one sign before the first carry, and again. */
static void digits_hold_all_terms_between_two_carries(void **state)
{
    (void)state;
    enum { TIMES = 5 };
    for (uint64_t s = 1; s <= 120; s++) {
        begin(s);
        int low = between(-1074, 1000), bits = between(1, 1024 - low), w_low = between(-60, 60), w_bits = below(3) ? 1 : between(1, 53);
        double x[2] = {ldexp(1, low), ldexp(1, low + bits - 1)}, w = ldexp(ldexp(1, w_bits) - 1, w_low);
        x[1] += (x[1] - x[0]) * (below(2) ? 1 : 0x1p-20); /* all ones, as far as 53 bits go */
        struct range range = kmu__range_join(kmu__range_of(x[0]), kmu__range_of(x[1])), w_range = kmu__range_of(w);
        struct sum_layout layout = {0};
        struct memory memory = kmu__memory(NULL), sum = kmu__memory(NULL);
        int64_t *S;
        bool negative = below(2);
        kmu__sum_wish(&layout, 1, &memory);
        assert_int_equal(kmu__grant(&memory, NULL), KMU_OK);
        kmu__sum_fix(&layout, &range, w_range, TIMES * KMU__TERMS);
        kmu__wish(&sum, &S, layout.words, sizeof *S);
        assert_int_equal(kmu__grant(&sum, NULL), KMU_OK);
        for (int a = 0; a < TIMES; a++) {
            for (int i = 0; i < KMU__TERMS; i++)
                kmu__sum_add(&layout, S, &x[1], w, negative, 0, 1);
            kmu__sum_carry(&layout, S, 0, 1);
        }
        struct slow judge = {{0}};
        struct big total;
        kmu__sum_big(&layout, S, 0, &total);
        slow_add_big(&judge, false, &total, 1, 0);
        slow_add_product3(&judge, !negative, x[1], w, TIMES * KMU__TERMS);
        if (slow_sign(&judge))
            FAIL("%d times %a by %a in %d digits is not exact", TIMES * KMU__TERMS, x[1], w, layout.digits[0]);
        kmu__give_back(&sum);
        kmu__give_back(&memory);
    }
}

static void a_sum_times_a_number_is_exact(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        struct data t;
        draw_data(&t, numbers[0], weights[below(4)], true);
        for (size_t j = 0; j < t.n; j++)
            kmu__sum_add(&t.sum, t.S, t.x[j], t.w[j], false, 0, t.d);
        for (size_t l = 0; l < t.d; l++) {
            struct wide product;
            struct slow judge = {{0}};
            double y = number(-1074, 1024, 53);
            int e = between(-2, 2);
            bool negative = below(2);
            kmu__wide_zero(&product);
            kmu__sum_times(&t.sum, t.S, l, y, negative, e, &product);
            for (size_t j = 0; j < t.n; j++)
                slow_add_product3(&judge, negative, t.w[j], t.x[j][l], y);
            for (int i = 0; i < SLOW_DIGITS - 1 && e; i++) /* times 2^e */
                judge.digit[i] *= e > 0 ? 1 << e : 1;
            kmu__wide_add(&product, false, 0, 0);
            struct slow left = {{0}};
            for (int side = 0; side < 2; side++)
                for (int i = product.lo; i < product.hi; i++)
                    slow_add(&left, side, product.limb[side][i], 64 * i + KMU__WIDE_BOTTOM - (e < 0 ? e : 0));
            for (int i = 0; i < SLOW_DIGITS; i++)
                left.digit[i] -= judge.digit[i];
            if (slow_sign(&left))
                FAIL("column %zu: S_l %a 2^%d is not exact", l, y, e);
        }
        leave_data(&t);
    }
}

/* Half-way means come from two rows an ulp apart, and a third of little weight beside them. */
static void a_mean_is_rounded_once(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        struct data t;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        struct kind x = numbers[type == KMU_F32 ? (below(2) ? 7 : below(3)) : below(7)], w = weights[below(5)];
        draw_data(&t, x, w, false);
        struct points points = {.n = t.n, .d = t.d, .type = type};
        struct fit f = {.points = &points, .n = t.n, .d = t.d, .k = 1, .sum = t.sum, .mass = t.mass, .S = t.S, .M = t.M};
        const double one = 1;
        for (size_t j = 0; j < t.n; j++) {
            kmu__sum_add(&t.sum, t.S, t.x[j], t.w[j], false, 0, t.d);
            kmu__sum_add(&t.mass, t.M, &one, t.w[j], false, 0, 1);
        }
        struct big mass;
        kmu__mass(&f, 0, &mass);
        struct slow m = {{0}};
        slow_add_big(&m, false, &mass, 1, 0);
        for (size_t j = 0; j < t.n; j++)
            slow_add_product(&m, true, t.w[j], 1);
        assert_int_equal(slow_sign(&m), 0);
        for (size_t l = 0; l < t.d; l++) {
            struct slow sum = {{0}};
            for (size_t j = 0; j < t.n; j++)
                slow_add_product(&sum, false, t.w[j], t.x[j][l]);
            double mean = kmu__mean(&f, 0, l, &mass);
            if (!is_rounded(mean, &sum, &mass, type))
                FAIL("the mean of %zu rows in %d digits over a mass of %d limbs is not %a in type %d", t.n, t.sum.digits[l], mass.n, mean, type);
        }
        leave_data(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_is_exact_in_any_order_and_any_pieces),
        cmocka_unit_test(the_layout_is_as_short_as_the_data_allow),
        cmocka_unit_test(digits_hold_all_terms_between_two_carries),
        cmocka_unit_test(a_sum_times_a_number_is_exact),
        cmocka_unit_test(a_mean_is_rounded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
