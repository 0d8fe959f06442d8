/* decimal.h - between decimal and binary numbers, by intervals that are proved to hold. */
#ifndef KMU_IO_DECIMAL_H
#define KMU_IO_DECIMAL_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "io/u128.h"
#include "kmu.h"

enum { DECIMAL_DIGITS = 19 }; /* as many always fit 64 bits */

/* The number w 10^q; or, when there are more than 19 significant digits, a number in (w 10^q, (w + 1) 10^q). */
struct decimal {
    uint64_t w;
    int64_t q;
    const char *digits, *end; /* more digits: all of them as text (leading zeros and a point are passed over); or NULL */
};

/* The number rounded once to type (KMU_F32 or KMU_F64), to nearest, ties to even; inf beyond its range. */
double decimal_round(const struct decimal *, kmu_type type);

/* Positive finite x as (y + rest 2^-64) 10^-k, 10^(count-1) <= y < 10^count, count <= 17; rest is within 1 of the truth. */
void decimal_split(double x, int count, uint64_t *y, uint64_t *rest, int *k);

/* 5^q in [P, P + 1) 2^e, P of 128 bits, the top one set. */
struct power {
    uint64_t high, low;
    int e;
};

enum { DECIMAL_LEAST = -343, DECIMAL_MOST = 341 };
extern struct power decimal_power[DECIMAL_MOST - DECIMAL_LEAST + 1];
extern bool decimal_filled;

/* x = w 10^q rounded once to f64, if that is easy; else false, and decimal_round has to be asked. Nearly every number of a
 * file comes through here, so it is inline; decimal.c says why it is right. */
static inline bool decimal_quick(uint64_t w, int64_t q, double *x)
{
    static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    if (FLT_EVAL_METHOD == 0 && w < 1000000000 && q <= 0 && q >= -9) {
        *x = (double)(int64_t)w / ten[-q]; /* signed: one instruction */
        return true;
    }
    /* 1 <= w < 2^64: from 10^-289 to 2 10^307 all are normal numbers */
    if (w == 0 || q < -289 || q > 288 || !__atomic_load_n(&decimal_filled, __ATOMIC_ACQUIRE))
        return false;
    const struct power *p = &decimal_power[q - DECIMAL_LEAST];
    const int shift = __builtin_clzll(w);
    w <<= shift;
    const u128 h = (u128)w * p->high + (uint64_t)((u128)w * p->low >> 64);
    const uint64_t high = (uint64_t)(h >> 64), below = (uint64_t)h;
    const int top = (int)(high >> 63), drop = 10 + top; /* 53 bits of high are kept, of which bit 62 or 63 is the first */
    const uint64_t half = 1ull << (drop - 1), rest = high & (2 * half - 1), m = ((high >> (drop - 1)) + 1) >> 1;
    const int e = p->e + (int)q - shift + 128 + drop;
    const uint64_t bits = ((uint64_t)(e + 1074) << 52) + m; /* m 2^e, whose bit 52 counts in the exponent */
    memcpy(x, &bits, sizeof *x);
    return rest - (half - 1) > 1 || below + 1 > 1; /* else H or H + 1 may be half-way */
}

#endif
