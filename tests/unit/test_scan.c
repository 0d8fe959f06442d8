/* test_scan.c - one pass over numbers finds what is there, with every instruction set (src/kernel/scan.h).
 *
 *   rows     the lowest and the highest bit of every column, and what is no number
 *   squares  digits that add up to sum x^2, the same bits for all */
#include "exact/sum.h"
#include "guard.h"
#include "kernel/scan.h"

enum { MOST = 784, ISAS = KMU_ISA_NEON + 1 };

static void a_scan_finds_the_lowest_and_the_highest_bits(void **state)
{
    (void)state;
    enum { ROWS = 40, WIDEST = 80 };
    for (uint64_t s = 1; s <= 400; s++) {
        begin(s);
        const size_t rows = 1 + below(ROWS), d = 1 + below(WIDEST - 5), row = d + below(5);
        double *x = guarded(0, ((rows - 1) * row + d) * sizeof *x, sizeof *x); /* nothing behind the last number */
        float *single = guarded(1, ((rows - 1) * row + d) * sizeof *single, sizeof *single);
        struct range right[2][WIDEST];
        for (size_t a = 0; a < (rows - 1) * row + d; a++) {
            const int low = below(2) ? between(-1074, 1023) : between(-149, 127);
            x[a] = a % row < d ? number(low, low + 1, between(1, 53)) : NAN;
            single[a] = a % row < d ? (float)number(-149, 127, between(1, 24)) : NAN;
        }
        for (size_t l = 0; l < d; l++) {
            right[0][l] = right[1][l] = kmu__range_of(0);
            for (size_t j = 0; j < rows; j++) {
                right[0][l] = kmu__range_join(right[0][l], kmu__range_of((double)single[j * row + l]));
                right[1][l] = kmu__range_join(right[1][l], kmu__range_of(x[j * row + l]));
            }
        }
        for (int isa = 0; isa < ISAS; isa++) {
            const struct scan_kernel *kernel = kmu__scan_kernel((kmu_isa)isa);
            int32_t *least32 = guarded(2, d * sizeof *least32, 4), *most32 = guarded(3, d * sizeof *most32, 4);
            int64_t *least64 = guarded(4, d * sizeof *least64, 8), *most64 = guarded(5, d * sizeof *most64, 8);
            memset(most32, 0, d * sizeof *most32);
            memset(most64, 0, d * sizeof *most64);
            for (size_t l = 0; l < d; l++) {
                least32[l] = INT32_MAX;
                least64[l] = INT64_MAX;
            }
            kernel->rows_f32(single, row, rows, d, least32, most32);
            kernel->rows_f64(x, row, rows, d, least64, most64);
            for (size_t l = 0; l < d; l++) {
                float low32, high32;
                double low[2], high[2];
                memcpy(&low32, &least32[l], 4);
                memcpy(&high32, &most32[l], 4);
                memcpy(&low[1], &least64[l], 8);
                memcpy(&high[1], &most64[l], 8);
                low[0] = (double)low32;
                high[0] = (double)high32;
                for (int a = 0; a < 2; a++) {
                    const bool zero = right[a][l].low > right[a][l].high;
                    if (zero ? high[a] != 0
                             : kmu__range_of(low[a]).low != right[a][l].low ||
                                   kmu__range_of(low[a]).high != right[a][l].low + 1 ||
                                   kmu__range_of(high[a]).high != right[a][l].high)
                        FAIL("%s, column %zu: from %a to %a, not 2^%d to 2^%d", kmu_isa_name((kmu_isa)isa), l, low[a], high[a],
                             right[a][l].low, right[a][l].high);
                }
            }
        }
    }
}

static void a_scan_sees_what_is_no_number(void **state)
{
    (void)state;
    const float none[] = {NAN, -NAN, INFINITY, -INFINITY};
    for (int isa = 0; isa < ISAS; isa++)
        for (size_t a = 0; a < 40; a++) {
            const struct scan_kernel *kernel = kmu__scan_kernel((kmu_isa)isa);
            float x[40], high32;
            double y[40], high64;
            int32_t least32[40], most32[40] = {0};
            int64_t least64[40], most64[40] = {0};
            for (size_t l = 0; l < 40; l++) {
                x[l] = l == a ? none[a % 4] : 1;
                y[l] = (double)x[l];
                least32[l] = INT32_MAX;
                least64[l] = INT64_MAX;
            }
            kernel->rows_f32(x, 40, 1, 40, least32, most32);
            kernel->rows_f64(y, 40, 1, 40, least64, most64);
            memcpy(&high32, &most32[a], 4);
            memcpy(&high64, &most64[a], 8);
            if (isfinite(high32) || isfinite(high64))
                fail_msg("%s, column %zu: %a and %a", kmu_isa_name((kmu_isa)isa), a, (double)high32, high64);
        }
}

/* 1 .. 70 and 784. */
static size_t next_count(size_t count)
{
    return count < 70 ? count + 1 : count < MOST ? MOST : MOST + 1;
}

static void digits_of_squares_are_the_squares(void **state)
{
    (void)state;
    for (size_t count = 1, s = 1; count <= MOST; count = next_count(count))
        for (int digits = 1; digits <= KMU__SQUARE_DIGITS; digits++, s++) {
            float *x = guarded(0, count * sizeof *x, sizeof *x);
            begin(s);
            const int R = (48 * digits - 1) / 2, low = between(-149, 127 - R),
                      bits = R < 24 ? R : 24; /* 48 digits >= 2 R + 1 */
            struct wide right;
            int64_t sum[ISAS][KMU__SQUARE_DIGITS][KMU__SQUARE_SUMS];
            kmu__wide_zero(&right);
            for (size_t l = 0; l < count; l++) {
                const int e = low + bits - 1 + (int)below((size_t)(R - bits + 1));
                x[l] = (float)number(e, e + 1, bits);
                kmu__wide_add_product(&right, false, (double)x[l], (double)x[l]);
            }
            memset(sum, 0, sizeof sum);
            for (int isa = 0; isa < ISAS; isa++) {
                struct wide left;
                kmu__scan_kernel((kmu_isa)isa)->squares(x, count, ldexp(1, -low), digits, sum[isa]);
                if (memcmp(sum[isa], sum[KMU_ISA_PLAIN], sizeof *sum) != 0 && isa > KMU_ISA_PLAIN)
                    FAIL("%s: %zu squares in other digits", kmu_isa_name((kmu_isa)isa), count);
                kmu__wide_zero(&left);
                for (int t = 0; t < KMU__SQUARE_DIGITS; t++)
                    for (int a = 0; a < KMU__SQUARE_SUMS; a++) {
                        const int64_t v = sum[isa][t][a];
                        if (v > (int64_t)(count / KMU__SQUARE_SUMS + KMU__SQUARE_SUMS) << 47)
                            FAIL("%s: a sum of digits is %lld after %zu", kmu_isa_name((kmu_isa)isa), (long long)v, count);
                        kmu__wide_add(&left, v < 0, v < 0 ? -(uint64_t)v : (uint64_t)v, 2 * low + 48 * t);
                    }
                if (kmu__wide_compare(&left, &right) != 0)
                    FAIL("%s: %zu squares of 2^%d and %d bits, %d digits: %a, not %a", kmu_isa_name((kmu_isa)isa), count, low,
                         R, digits, kmu__wide_round(&left), kmu__wide_round(&right));
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_finds_the_lowest_and_the_highest_bits),
        cmocka_unit_test(a_scan_sees_what_is_no_number),
        cmocka_unit_test(digits_of_squares_are_the_squares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
