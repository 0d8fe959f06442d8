/* test_lengths.c - lengths in 16 bits, and the kernels that compare and make them (src/kernel/filter.h, N16). */
#include <math.h>

#include "draw.h"
#include "guard.h"
#include "kernel/filter.h"
#include "kernel/kernel.h"

static bool bit_of(const uint64_t *bits, size_t a)
{
    return bits[a / 64] >> a % 64 & 1;
}

/* What 16 bits say of a length is no more than it, and hardly less. */
static void a_short_length_is_rounded_down(void **state)
{
    (void)state;
    begin(1);
    for (size_t a = 0; a < 100000; a++) {
        const int low = between(-90, 40);
        const int32_t base = (127 + low) << (23 - KMU__LENGTH);
        const float x = below(50) ? (float)fabs(number(low - 3, low + 35, 24)) : 0;
        const double said = (double)kmu__length(kmu__short_length(x, base), base), top = ldexp(1, low + 32);
        if (said > (double)x || ((double)x >= ldexp(1.01, low) && said < fmin((double)x, top) * (1 - 0x1.1p-11)))
            FAIL("from 2^%d on %a is said to be %a", low, (double)x, said);
    }
}

enum { LENGTHS = 2 * 64 };

/* within, and renew. */
static void check_lengths(const struct filter *filter)
{
    uint16_t *length = guarded(0, LENGTHS * sizeof *length, 64), was[LENGTHS];
    float *upper = guarded(1, LENGTHS * sizeof *upper, 64), *most = guarded(2, LENGTHS * sizeof *most, 64),
          *square = guarded(3, LENGTHS * sizeof *square, 64), *slop = guarded(4, LENGTHS * sizeof *slop, 64), first[LENGTHS];
    uint64_t bits[LENGTHS / 64];
    const int32_t base = (127 - 20) << (23 - KMU__LENGTH);
    const float drift = below(3) ? (float)fabs(number(-10, 3, 24)) : 0;
    for (size_t j = 0; j < LENGTHS; j++) {
        length[j] = (uint16_t)(below(9) ? below(65536) : below(2) * 65535);
        upper[j] = below(9) ? (float)fabs(number(-25, 13, 24)) : below(2) ? INFINITY : 0;
        if (below(4) == 0) /* as near as can be */
            upper[j] = nextafterf(kmu__length(length[j], base) - drift, below(2) ? INFINITY : 0);
        square[j] = (float)fabs(number(-10, 10, 24));
        slop[j] = square[j] * 0x1p-22f;
        first[j] = most[j] = below(4) ? (float)number(-10, 9, 24) : below(2) ? INFINITY : square[j] / 2;
        was[j] = length[j];
    }
    filter->within(length, base, upper, drift, LENGTHS, bits);
    for (size_t j = 0; j < LENGTHS; j++) {
        const double kept = (double)kmu__length(length[j], base), reach = (double)upper[j] + (double)drift;
        if (length[j] == 0 || kept <= reach ? !bit_of(bits, j) : kept > fmax(reach, 0x1p-20) * (1 + 0x1p-19) && bit_of(bits, j))
            FAIL("%s: %a within %a: %d", kmu_isa_name(filter->isa), kept, reach, bit_of(bits, j));
    }
    filter->renew(most, square, slop, drift, base, LENGTHS, length);
    for (size_t j = 0; j < LENGTHS; j++) {
        const double left = (double)square[j] - 2 * ((double)first[j] + (double)slop[j]),
                     right = sqrt(fmax(left, 0)) + (double)drift, said = (double)kmu__length(length[j], base),
                     loss = 0x1p-10 * right + 0x1p-19 + sqrt(0x1p-19 * (double)square[j]);
        if (most[j] < INFINITY ||
            (first[j] == INFINITY ? length[j] != was[j] : said > right || said < fmin(right, 0x1p12) - loss))
            FAIL("%s: %a - 2 %a is %a, and not %a", kmu_isa_name(filter->isa), (double)square[j], (double)first[j], said,
                 right);
    }
}

static void lengths_are_bounds(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (uint64_t s = 1; kmu__kernels((kmu_isa)isa) && s <= 1000; s++) {
            begin(s);
            check_lengths(kmu__filter((kmu_isa)isa));
        }
}

/* A distance that with the drift is just below what 16 bits can say, in which any rounding upwards would be seen. */
static void check_border(const struct filter *filter)
{
    static _Alignas(64) uint16_t length[KMU__PANEL];
    static _Alignas(64) float most[KMU__PANEL], square[KMU__PANEL], slop[KMU__PANEL];
    const int32_t base = (127 - 20) << (23 - KMU__LENGTH);
    const float drift = below(9) ? (float)fabs(number(-10, 3, 24)) : 0;
    double right[KMU__PANEL];
    for (size_t j = 0; j < KMU__PANEL; j++) {
        const uint16_t over = kmu__short_length(drift, base);
        const float border = kmu__length((uint16_t)(over + 1 + below(below(2) ? 3 : 8000)), base);
        const double root = (double)border - (double)drift;
        most[j] = below(3) ? (float)(root * root) * (float)number(-3, 9, 24) : 0;
        slop[j] = (float)((root * root + 2 * fabs((double)most[j])) * 0x1p-22);
        square[j] = nextafterf((float)(root * root + 2 * ((double)most[j] + (double)slop[j])), INFINITY);
        do {
            square[j] = nextafterf(square[j], -INFINITY);
            right[j] = sqrt(fmax((double)square[j] - 2 * ((double)most[j] + (double)slop[j]), 0)) + (double)drift;
        } while (right[j] >= (double)border * (1 - 0x1p-45));
        length[j] = 0;
    }
    float asked[KMU__PANEL];
    memcpy(asked, most, sizeof asked);
    filter->renew(most, square, slop, drift, base, KMU__PANEL, length);
    for (size_t j = 0; j < KMU__PANEL; j++)
        if ((double)kmu__length(length[j], base) > right[j])
            FAIL("%s: %a - 2 (%a + %a) and a drift of %a: %a is more than %a", kmu_isa_name(filter->isa), (double)square[j],
                 (double)asked[j], (double)slop[j], (double)drift, (double)kmu__length(length[j], base), right[j]);
}

static void a_length_below_a_border_is_rounded_down(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (uint64_t s = 1; kmu__kernels((kmu_isa)isa) && s <= 3000; s++) {
            begin(s);
            check_border(kmu__filter((kmu_isa)isa));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_length_is_rounded_down),
        cmocka_unit_test(lengths_are_bounds),
        cmocka_unit_test(a_length_below_a_border_is_rounded_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
