/* test_io_number.c - a decimal is rounded once, to nearest; a number is written as short as reads back to it. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/number.h"

enum { TRIES = 50000, LONGEST = 4000 };

static uint64_t seed;

static uint64_t draw(void) /* xorshift64 */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static double draw_finite(void)
{
    double x;
    do {
        uint64_t bits = draw();
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    return x;
}

static float draw_finite_f32(void)
{
    float x;
    do {
        uint32_t bits = (uint32_t)draw();
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    return x;
}

static double next_up(double x)
{
    return nextafter(x, INFINITY);
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* strtod and strtof of the C library are the judges, in the C locale. */
static void agree(const char *text)
{
    const char *end = text + strlen(text);
    double x = -1, y = -1;
    bool rounded = false;
    if (number_read(text, end, '.', &x) != end || !same(x, strtod(text, NULL)))
        fail_msg("\"%s\" is read as %a, strtod says %a", text, x, strtod(text, NULL));
    const double f = (double)strtof(text, NULL);
    if (number_read_f32(text, end, '.', &y, &rounded) != end || !same(y, f))
        fail_msg("\"%s\" is read as f32 %a, strtof says %a", text, y, f);
    if (rounded != (f != strtod(text, NULL)))
        fail_msg("\"%s\" as f32 is %a, rounded = %d", text, f, rounded);
}

static void any_number_with_any_count_of_digits(void **state)
{
    (void)state;
    char text[LONGEST];
    seed = 1;
    for (int i = 0; i < TRIES; i++) {
        snprintf(text, sizeof text, "%.*e", (int)(draw() % 25), draw_finite());
        agree(text);
        snprintf(text, sizeof text, "%.*e", (int)(draw() % 25), (double)draw_finite_f32());
        agree(text);
        snprintf(text, sizeof text, "%.*f", (int)(draw() % 25), ldexp((double)(draw() >> 11), (int)(draw() % 60) - 80));
        agree(text);
    }
}

static void half_way_between_two_f64(void **state)
{
    (void)state;
    char text[LONGEST];
    seed = 2;
    for (int i = 0; i < TRIES / 50; i++) {
        const double x = i % 4 ? fabs(draw_finite()) : ldexp((double)(draw() >> 12), -1074);
        if (x > 1e300)
            continue;
        /* x + half a unit in the last place has one bit more than x: its decimal digits, exactly */
        const double unit = next_up(x) - x;
        const long double half = (long double)x + (long double)unit / 2;
        snprintf(text, sizeof text, "%.1100Lf", half);
        agree(text);
        strcat(text, "1");
        agree(text);
        snprintf(text, sizeof text, "%.780Le", half);
        agree(text);
        snprintf(text, sizeof text, "%.*Le", 15 + (int)(draw() % 10), half);
        agree(text);
    }
}

/* A text of at most 19 digits that is exactly half-way, and its neighbours. */
static void agree_around(uint64_t w, int q)
{
    char text[64];
    for (uint64_t v = w - 1; v <= w + 1; v++) {
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)v, q);
        agree(text);
    }
}

static void half_way_in_few_digits(void **state)
{
    (void)state;
    seed = 5;
    for (int i = 0; i < TRIES; i++) {
        uint64_t odd = draw() >> 10 | 1ull << 53 | 1; /* of 54 bits, the last of which is half a unit */
        agree_around(odd << draw() % 6, 0);
        uint64_t w = odd;
        for (int q = 0; w < 1000000000000000000; w *= 5) /* odd / 2^-q */
            agree_around(w, q--);
        uint64_t fives = 1;
        for (int q = 0; q <= 22; q++, fives *= 5) { /* w 5^q of 54 bits */
            w = (odd / fives) | 1;
            if (w * fives >> 53 == 1)
                agree_around(w, q);
        }
    }
}

static void half_way_between_two_f32(void **state)
{
    (void)state;
    char text[LONGEST];
    seed = 3;
    for (int i = 0; i < TRIES / 4; i++) {
        const float x = draw_finite_f32(), y = nextafterf(x, INFINITY);
        if (!isfinite(y))
            continue;
        const double half = ((double)x + (double)y) / 2;
        snprintf(text, sizeof text, "%.*e", i % 3 ? 170 : (int)(draw() % 30), half);
        agree(text);
        /* just off half-way, by less than f64 can say: rounding twice would go wrong here */
        snprintf(text, sizeof text, "%.170e", half);
        char *e = strchr(text, 'e');
        memmove(e + 1, e, strlen(e) + 1);
        *e = '1';
        agree(text);
    }
}

static void hard_cases(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0", "-0", "0e999999999", "1", "5.", ".5", "+3", "1e5", "1E+5", "5.e1", "1e22", "1e23", "8.5e22", "1e-22", "1e400",
        "1e-400", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.47032822920623272088e-324",
        "2.2250738585072011e-308", "2.2250738585072014e-308", "1.7976931348623157e308", "1.7976931348623158e308",
        "1.7976931348623159e308", "1.797693134862315807e308", "1.797693134862315808e308", "9007199254740991",
        "9007199254740992", "9007199254740993", "9007199254740993.0",
        "9007199254740993.00000000000000000000000000000000001", "9007199254740992.9999999999999999999999",
        "18446744073709551615", "18446744073709551616", "123456789012345678901234567890",
        "123456789012345678901234567890e-30", "00000000000000000000000000000000000001",
        "0.000000000000000000000000000000000001e36", "0.50000000000000000000000000000000000000", "3.4028235677973362e38",
        "3.4028235677973366e38", "3.4028234663852886e38", "7.0064923216240853e-46", "7.0064923216240854e-46",
        "1.1754943508222875e-38", "1e99999999999999999999", "1e-99999999999999999999", "6.631236846766476e-316",
        "3.237883913302901290e-319", "1448997445238699", "9214843084008499", "5e-324", "1e-323", "3e-324",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        agree(texts[i]);
    /* very long: digits that come back by the exponent, and a last digit that decides */
    static char text[LONGEST * 10];
    memset(text, '0', sizeof text);
    text[0] = '1';
    strcpy(text + 30000, "e-30000");
    agree(text);
    memset(text, '0', 30000);
    text[1] = '.';
    strcpy(text + 30000, "125e29997");
    agree(text);
    strcpy(text, "9007199254740993.");
    memset(text + 17, '0', 2000);
    strcpy(text + 2017, "1");
    agree(text);
}

static void what_is_no_number_is_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t taken;
        double x;
    } cases[] = {
        {"", 0, 0}, {"abc", 0, 0}, {"-", 0, 0}, {".", 0, 0}, {"+.", 0, 0}, {"e5", 0, 0}, {"0x10", 1, 0}, {"1_000", 1, 1},
        {"1e", 1, 1}, {"1e+", 1, 1}, {"1.5.2", 3, 1.5}, {"12,5", 2, 12}, {" 1", 0, 0}, {"--1", 0, 0}, {"1 ", 1, 1},
        {"inf", 3, INFINITY}, {"-Infinity", 9, -INFINITY}, {"infinit", 3, INFINITY}, {"1d5", 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *s = cases[i].text;
        double x = 0;
        const size_t taken = (size_t)(number_read(s, s + strlen(s), '.', &x) - s);
        double y = 1;
        bool rounded = true;
        assert_int_equal(number_read_f32(s, s + strlen(s), '.', &y, &rounded) - s, taken);
        assert_false(rounded);
        if (taken != cases[i].taken || x != cases[i].x)
            fail_msg("of \"%s\" %zu bytes are taken as %g; expected %zu, %g", s, taken, x, cases[i].taken, cases[i].x);
    }
    double x = 0;
    const char *nan = "NaN", *comma = "-12,5";
    assert_ptr_equal(number_read(nan, nan + 3, '.', &x), nan + 3);
    assert_true(isnan(x));
    assert_ptr_equal(number_read(comma, comma + 5, ',', &x), comma + 5);
    assert_true(x == -12.5);
}

/* Nothing behind the end is looked at, wherever it is. */
static void the_end_is_the_end(void **state)
{
    (void)state;
    const char *const text = "-1234567890.12345678901234567890e-12";
    for (size_t n = 0; n <= strlen(text); n++) {
        char part[64], *exact = malloc(n ? n : 1);
        memcpy(exact, text, n);
        memcpy(part, text, n);
        part[n] = 0;
        char *expected;
        double x = 0, y = strtod(part, &expected);
        const size_t taken = (size_t)(number_read(exact, exact + n, '.', &x) - exact);
        assert_int_equal(taken, expected - part);
        assert_true(taken == 0 || same(x, y));
        free(exact);
    }
}

/* The significant digits of a text: those between the first and the last that are not 0. */
static int significant(const char *text)
{
    int count = 0, last = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (count || *text != '0')) {
            count++;
            last = *text != '0' ? count : last;
        }
    return last;
}

static void check_written(double x, kmu_type type)
{
    const bool f32 = type == KMU_F32;
    char text[32], shortest[64];
    const size_t length = number_write(text, x, type);
    assert_true(length < sizeof text && strlen(text) == length);
    const double y = f32 ? (double)strtof(text, NULL) : strtod(text, NULL);
    if (!same(x, y))
        fail_msg("%a is written as %s, which is %a", x, text, y);
    int digits = 1;
    for (; digits < (f32 ? 9 : 17); digits++) {
        snprintf(shortest, sizeof shortest, "%.*e", digits - 1, x);
        if (same(x, f32 ? (double)strtof(shortest, NULL) : strtod(shortest, NULL)))
            break;
    }
    if (significant(text) > digits)
        fail_msg("%a is written as %s, but %s is enough", x, text, shortest);
}

static void written_numbers_read_back_and_are_short(void **state)
{
    (void)state;
    seed = 4;
    for (int i = 0; i < TRIES; i++) {
        check_written(draw_finite(), KMU_F64);
        check_written((double)draw_finite_f32(), KMU_F32);
        check_written((double)(int64_t)(draw() >> 20) / 1000, KMU_F64);
    }
    for (int e = -1074; e <= 1023; e++)
        check_written(ldexp(1, e), KMU_F64);
    for (int e = -149; e <= 127; e++)
        check_written(ldexp(1, e), KMU_F32);
    for (int i = 1; i < 2000; i++)
        check_written(ldexp(i, -1074), KMU_F64);
}

static void as_a_person_would_write_them(void **state)
{
    (void)state;
    static const struct {
        double x;
        const char *text;
    } cases[] = {
        {0, "0"}, {-0.0, "-0"}, {1, "1"}, {-12.5, "-12.5"}, {100, "100"}, {0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"},
        {0.0001, "0.0001"}, {0.00001, "1e-05"}, {123456789012345, "123456789012345"}, {1e15, "1000000000000000"},
        {1e16, "1e+16"}, {1.5e20, "1.5e+20"}, {1e300, "1e+300"}, {5e-324, "5e-324"}, {0x1p-44, "5.684341886080802e-14"},
        {9007199254740992, "9007199254740992"}, {1.7976931348623157e308, "1.7976931348623157e+308"}, {INFINITY, "inf"},
        {-INFINITY, "-inf"}, {NAN, "nan"}, {99999.99999999999, "99999.99999999999"},
    };
    char text[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        number_write(text, cases[i].x, KMU_F64);
        assert_string_equal(text, cases[i].text);
    }
    number_write(text, (double)0.1f, KMU_F32);
    assert_string_equal(text, "0.1");
    number_write(text, (double)16777216.0f, KMU_F32);
    assert_string_equal(text, "16777216");
}

static void the_locale_changes_nothing(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        skip();
    char text[32];
    double x = 0;
    const size_t length = number_write(text, 12.5, KMU_F64);
    number_read(text, text + length, '.', &x);
    setlocale(LC_ALL, "C");
    assert_string_equal(text, "12.5");
    assert_true(x == 12.5);
}

int main(void)
{
    setlocale(LC_ALL, "C"); /* the judges are of that; the_locale_changes_nothing takes another */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_with_any_count_of_digits),
        cmocka_unit_test(half_way_between_two_f64),
        cmocka_unit_test(half_way_in_few_digits),
        cmocka_unit_test(half_way_between_two_f32),
        cmocka_unit_test(hard_cases),
        cmocka_unit_test(what_is_no_number_is_left_alone),
        cmocka_unit_test(the_end_is_the_end),
        cmocka_unit_test(written_numbers_read_back_and_are_short),
        cmocka_unit_test(as_a_person_would_write_them),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
