/* decimal.h - between decimal and binary numbers, by intervals that are proved to hold. */
#ifndef KMU_IO_DECIMAL_H
#define KMU_IO_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
