/* float.h - a binary64 number taken apart: x = +-m 2^e with an integer m < 2^53. */
#ifndef KMU_EXACT_FLOAT_H
#define KMU_EXACT_FLOAT_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "kmu.h"

_Static_assert(FLT_EVAL_METHOD == 0, "every operation is rounded to its own type (N1)");

/* Integers of 128 bits; where the compiler has none of its own, as for 32-bit machines, C23's. (Where they end at 128 bits,
 * clang 14, they lack division.) */
#ifdef __SIZEOF_INT128__
typedef __int128 kmu__i128;
typedef unsigned __int128 kmu__u128;
#elif !defined __BITINT_MAXWIDTH__ || __BITINT_MAXWIDTH__ <= 128
#error "kmu needs integers of 128 bits: take clang 16 or gcc 14 for this machine"
#else
typedef _BitInt(128) kmu__i128;
typedef unsigned _BitInt(128) kmu__u128;
#endif

enum { KMU__LEAST_EXPONENT = -1074 }; /* of the last bit of a subnormal binary64 */

struct parts {
    uint64_t m;
    int e;
    bool negative;
};

static inline struct parts kmu__parts(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t fraction = bits & 0xfffffffffffff;
    return (struct parts){
        .m = exponent ? fraction | 1ull << 52 : fraction, .e = (exponent ? exponent : 1) - 1075, .negative = bits >> 63};
}

/* 2^e, for -1074 <= e <= 1023. */
static inline double kmu__power(int e)
{
    uint64_t bits = e >= -1022 ? (uint64_t)(e + 1023) << 52 : 1ull << (e + 1074);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline int kmu__bits(uint64_t m) /* the place of the highest set bit, from 1; 0 for 0 */
{
    return m ? 64 - __builtin_clzll(m) : 0;
}

static inline int kmu__bits128(kmu__u128 m)
{
    return m >> 64 ? 64 + kmu__bits((uint64_t)(m >> 64)) : kmu__bits((uint64_t)m);
}

/* +-(m + something in (0, 1) if inexact) 2^e, rounded once to type, to nearest, ties to even; inf beyond its range.
 * An inexact m must have at least 2 bits more than the type keeps (m >= 2^55, or 2^26 for f32). */
double kmu__round(bool negative, kmu__u128 m, int e, bool inexact, kmu_type type);

/* m as a binary64, rounded once. */
static inline double kmu__f64(kmu__u128 m)
{
#ifdef __SIZEOF_INT128__
    return (double)m;
#else
    return kmu__round(false, m, 0, false, KMU_F64); /* no compiler's library has it for _BitInt */
#endif
}

#endif
