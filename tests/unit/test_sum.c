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
} numbers[] =
    {
        {0, 8, 8},          /* bytes */
        {-1, 0, 24},        /* f32 of one binade */
        {-20, 3, 24},       /* normal f32 */
        {-149, 128, 24},    /* any f32 */
        {-8, 4, 53},        /* normal f64 */
        {-1074, -1050, 20}, /* subnormal */
        {900, 1024, 53},    /* huge */
        {-1000, 1, 53},     /* 1e-300 among ones */
},
  weights[] = {
      {0, 1, 1}, {0, 6, 6}, {-3, 0, 53}, {-30, 31, 1}, {-1074, 1024, 53},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers, WEIGHTS = sizeof weights / sizeof *weights };

struct data {
    size_t n, d;
    double x[ROWS][COLUMNS], w[ROWS];
    struct sum_layout sum, mass;
    int64_t *S, *M;
    struct memory layouts, sums;
};

/* x NULL: each column of another kind. With a type, rows come in pairs of equal weights, neighbours in that type: their mean
 * is half-way between two numbers of it, or just beside when a third of little weight joins them. */
static void draw_data(struct data *t, const struct kind *x, const struct kind *w, int type)
{
    struct range columns[COLUMNS], all = kmu__range_of(0), one = kmu__range_of(1);
    *t = (struct data){.d = 1 + below(COLUMNS), .layouts = kmu__memory(NULL), .sums = kmu__memory(NULL)};
    t->n = 1 + below(type && below(2) ? 3 : ROWS);
    for (size_t j = 0; j < t->n; j++) {
        t->w[j] = j ? fabs(number(w->low, w->high, w->bits)) : ldexp(1, w->low);
        t->w[j] = type && j % 2 ? t->w[j - 1] : type && j == 2 && t->n == 3 ? ldexp(t->w[0], -between(0, 60)) : t->w[j];
        all = kmu__range_join(all, kmu__range_of(t->w[j]));
    }
    for (size_t l = 0; l < t->d; l++) {
        const struct kind *kind = x ? x : &numbers[below(NUMBERS)];
        columns[l] = kmu__range_of(0);
        for (size_t j = 0; j < t->n; j++) {
            double v = j ? t->x[j - 1][l] : 0, to = j % 2 ? 0 : 4 * v; /* down to the second, then up past the first */
            bool near = type && (j % 2 || (j && t->n == 3));
            for (size_t steps = 0; near && steps < 2 - j % 2; steps++)
                v = type == KMU_F32 ? (double)nextafterf((float)v, (float)to) : nextafter(v, to);
            t->x[j][l] = near ? v : number(kind->low, kind->high, kind->bits);
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

/* Every row goes in, or out, once: in an order of its own, in pieces of columns, with a carry now and then. */
static void add_rows(struct data *t, bool negative)
{
    size_t order[ROWS];
    for (size_t j = 0, i; j < t->n; j++) {
        order[j] = order[i = below(j + 1)];
        order[i] = j;
    }
    for (size_t a = 0; a < t->n; a++)
        for (size_t from = 0, to; from < t->d; from = to) {
            to = from + 1 + below(t->d - from);
            kmu__sum_add(&t->sum, t->S, t->x[order[a]], t->w[order[a]], negative, from, to);
            if (below(9) == 0)
                kmu__sum_carry(&t->sum, t->S, from, to);
        }
}

/* The sign of the sum's error; times is how often every row is in it. */
static int error_of(const struct data *t, size_t l, int times)
{
    struct slow judge = {{0}};
    struct big sum;
    kmu__sum_big(&t->sum, t->S, l, &sum);
    slow_add_big(&judge, false, &sum, 1, 0);
    for (size_t j = 0; j < t->n; j++)
        slow_add_product3(&judge, true, t->w[j], t->x[j][l], times);
    return slow_sign(&judge);
}

static void a_sum_is_exact_in_any_order_and_any_pieces(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= CASES; s++) {
        begin(s);
        struct data t;
        draw_data(&t, NULL, &weights[below(WEIGHTS)], 0);
        int times = 0;
        for (int a = 0; a < 4; a++) { /* in, in, out, out */
            add_rows(&t, a > 1);
            times += a > 1 ? -1 : 1;
            for (size_t l = 0; l < t.d; l++)
                if (error_of(&t, l, times))
                    FAIL("column %zu, %d digits from 2^%d: not exact after pass %d", l, t.sum.digits[l], t.sum.low[l], a);
        }
        leave_data(&t);
    }
}

static void the_layout_is_as_short_as_the_data_allow(void **state)
{
    (void)state;
    static const struct {
        double least, most; /* every number is a multiple of least below most */
        double w;
        size_t n, wide; /* 1: goes digit by digit */
        int digits;
    } cases[] = {
        {1, 256, 1, 1000000, 0, 1},                                        /* bytes */
        {0x1p-24, 1, 1, 1000000, 0, 1},                                    /* uniform f32 */
        {0x1p-47, 8, 1, 1000, 0, 1},                                       /* at the edge: 50 bits, one of w and 11 of n */
        {0x1p-48, 8, 1, 1000, 0, 2},       {0x1p-60, 8, 1, 1000000, 0, 2}, /* normal f64 */
        {0x1p-59, 0x1p35, 1, 1000, 0, 2},                                  /* at the edge: 94 bits and one of w */
        {0x1p-60, 0x1p35, 1, 1000, 1, 2},  {0x1p-52, 1, 0.1, 1000, 1, 3},  /* real weights: 52 bits and 52 */
        {0x1p-1049, 2, 1, 1000000, 1, 23}, /* 1e-300 among ones: 1050 bits, one of w and 21 of n */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sum_layout s = {0};
        struct memory memory = kmu__memory(NULL);
        kmu__sum_wish(&s, 1, &memory);
        assert_int_equal(kmu__grant(&memory, NULL), KMU_OK);
        struct range x = {.low = kmu__range_of(cases[i].least).low, .high = kmu__range_of(cases[i].most).high - 1};
        kmu__sum_fix(&s, &x, kmu__range_of(cases[i].w), cases[i].n);
        if (s.digits[0] != cases[i].digits || s.wide_count != cases[i].wide)
            fail_msg("case %zu: %d digits, not %d; wide %zu, not %zu", i, s.digits[0], cases[i].digits, s.wide_count,
                     cases[i].wide);
        kmu__give_back(&memory);
    }
}

/* 2^14 terms of the greatest magnitude, all of one sign, before the first carry; and again. */
static void digits_hold_all_terms_between_two_carries(void **state)
{
    (void)state;
    enum { TIMES = 5 };
    for (uint64_t s = 1; s <= 300; s++) {
        begin(s);
        int low = between(-1074, 900), bits = below(2) ? between(40, 53) : between(1, 1024 - low),
            w_bits = below(3) ? between(1, 8) : between(1, 53);
        int ones = bits < 53 ? bits : 53,
            hole = below(2) && bits > 48 ? bits - 48 : 0; /* without the bit 47: a full lower digit */
        double x = ldexp(1 - ldexp(1, -ones) - (hole ? ldexp(1, -hole) : 0), low + bits),
               w = ldexp(ldexp(1, w_bits) - 1, between(-60, 60));
        struct range range = kmu__range_join(kmu__range_of(ldexp(1, low)), kmu__range_of(x)), w_range = kmu__range_of(w);
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
                kmu__sum_add(&layout, S, &x, w, negative, 0, 1);
            kmu__sum_carry(&layout, S, 0, 1);
        }
        struct slow judge = {{0}};
        struct big total;
        kmu__sum_big(&layout, S, 0, &total);
        slow_add_big(&judge, false, &total, 1, 0);
        slow_add_product3(&judge, !negative, x, w, TIMES * KMU__TERMS);
        if (slow_sign(&judge))
            FAIL("%d times %a by %a in %d digits is not exact", TIMES * KMU__TERMS, x, w, layout.digits[0]);
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
        draw_data(&t, NULL, &weights[below(WEIGHTS)], 0);
        add_rows(&t, false);
        for (size_t l = 0; l < t.d; l++) {
            struct wide product;
            struct slow judge = {{0}};
            double y = number(-1000, 1000, 53);
            int e = between(-2, 2);
            bool negative = below(2);
            kmu__wide_zero(&product);
            kmu__sum_times(&t.sum, t.S, l, y, negative, e, &product);
            slow_add_wide(&judge, false, &product);
            for (size_t j = 0; j < t.n; j++)
                slow_add_product3(&judge, !negative, t.w[j], t.x[j][l], ldexp(y, e));
            if (slow_sign(&judge))
                FAIL("column %zu: S_l times %a 2^%d is not exact", l, y, e);
        }
        leave_data(&t);
    }
}

static void a_mean_is_rounded_once(void **state)
{
    (void)state;
    const double one = 1;
    for (uint64_t s = 1; s <= 3 * CASES; s++) {
        begin(s);
        struct data t;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        draw_data(&t, type == KMU_F32 ? &numbers[below(4)] : NULL, &weights[below(WEIGHTS)], type);
        struct points points = {.n = t.n, .d = t.d, .type = type};
        struct fit f = {.points = &points, .n = t.n, .d = t.d, .k = 1, .sum = t.sum, .mass = t.mass, .sums = {t.S, t.M, NULL}};
        struct big mass;
        add_rows(&t, false);
        for (size_t j = 0; j < t.n; j++)
            kmu__sum_add(&t.mass, t.M, &one, t.w[j], false, 0, 1);
        kmu__mass(&f, 0, &mass);
        for (size_t l = 0; l < t.d; l++) {
            struct slow sum = {{0}};
            for (size_t j = 0; j < t.n; j++)
                slow_add_product(&sum, false, t.w[j], t.x[j][l]);
            double mean = kmu__mean(&f, 0, l, &mass);
            if (!is_rounded(mean, &sum, &mass, type))
                FAIL("%zu rows in %d digits over a mass of %d limbs: %a is not the mean in type %d", t.n, t.sum.digits[l],
                     mass.n, mean, type);
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
