/* draw.h - what the unit tests share: cmocka, and random cases that can be had again.
 *
 * A case begins with begin(seed), and all it draws follows from that number. FAIL prints it. */
#ifndef KMU_TESTS_DRAW_H
#define KMU_TESTS_DRAW_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed, stream;

#define FAIL(format, ...) fail_msg("seed %llu: " format, (unsigned long long)seed, __VA_ARGS__)

static inline void begin(uint64_t s)
{
    seed = s;
    stream = s * 0x9e3779b97f4a7c15;
}

/* Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195 */
static inline uint64_t draw(void)
{
    uint64_t z = stream += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline size_t below(size_t n)
{
    return (size_t)(draw() % n);
}

static inline int between(int low, int high)
{
    return low + (int)below((size_t)(high - low + 1));
}

/* in [0, 1) */
static inline double uniform(void)
{
    return (double)(draw() >> 11) * 0x1p-53;
}

/* Nearly normal: twelve uniform numbers. */
static inline double normal(void)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += uniform();
    return sum;
}

/* +-m 2^e with low <= e < high and m in [1, 2) of up to `bits` bits; often few bits, sometimes 0. */
static inline double number(int low, int high, int bits)
{
    if (below(20) == 0)
        return 0;
    uint64_t m = (draw() | 1ull << 63) >> (64 - (below(2) ? bits : between(1, bits)));
    int e;
    double x = frexp((double)m, &e);
    return ldexp(below(2) ? -x : x, between(low, high - 1) + 1);
}

/* n doubles, by malloc */
static inline double *doubles(size_t n)
{
    return calloc(n, sizeof(double));
}

#endif
