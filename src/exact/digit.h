/* digit.h - a binary64 number cut into integers, in arithmetic that is exact and runs in vectors.
 *
 * Adding 1.5 2^52 leaves no room for a fraction: the sum is rounded to an integer, which is its last bits. */
#ifndef KMU_EXACT_DIGIT_H
#define KMU_EXACT_DIGIT_H

#include <stdint.h>
#include <string.h>

#define KMU__ROUND 0x1.8p52

/* x rounded to an integer, |x| < 2^51. */
static inline double kmu__rounded(double x)
{
    return (x + KMU__ROUND) - KMU__ROUND;
}

/* The integer that x, |x| < 2^51 and integral, is. */
static inline int64_t kmu__whole(double x)
{
    double biased = x + KMU__ROUND, base = KMU__ROUND;
    int64_t a, b;
    memcpy(&a, &biased, sizeof a);
    memcpy(&b, &base, sizeof b);
    return a - b;
}

#endif
