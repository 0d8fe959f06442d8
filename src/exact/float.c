/* float.c - the one place where an exact number becomes a float.
 *
 * Round to nearest, ties to even (IEEE 754): keep p bits, or fewer where the result is subnormal; the remainder is
 * compared with half a unit of the last bit kept. */
#include "float.h"

#include <math.h>

double kmu__round(bool negative, kmu__u128 m, int e, bool inexact, kmu_type type)
{
    const int p = type == KMU_F32 ? 24 : 53, least = type == KMU_F32 ? -149 : KMU__LEAST_EXPONENT;
    if (m == 0)
        return 0.0;
    int drop = kmu__bits128(m) - p; /* bits below the last one kept */
    if (e + drop < least)
        drop = least - e;
    if (drop > 0) {
        kmu__u128 rest = drop < 128 ? m & (((kmu__u128)1 << drop) - 1) : m;
        kmu__u128 half = drop <= 128 ? (kmu__u128)1 << (drop - 1) : 0;
        m = drop < 128 ? m >> drop : 0;
        bool up = half && (rest > half || (rest == half && (inexact || (m & 1))));
        m += up;
        e += drop;
    }
    /* m has at most p + 1 bits now (p and a carry), so it is a binary64; so is its product unless beyond the range */
    double x = ldexp((double)(uint64_t)m, e);
    if (type == KMU_F32 && x >= 0x1p128)
        x = INFINITY;
    return negative && x > 0 ? -x : x; /* zero has one sign here */
}
