/* filter_avx512.c - the filter for AVX-512 with VNNI: 12 sums, a panel and a broadcast in 32 registers. */
#include "filter.h"

#if defined __x86_64__
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define NAME(f) kmu__##f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))
#define ISA KMU_ISA_AVX512
#define GROUP 12
#define WIDTH 16
#define PARTS 1
#define ZERO 128
#define LEVEL 127
typedef float real __attribute__((vector_size(64)));
typedef int32_t whole __attribute__((vector_size(64)));

/* GCC 12 keeps the sums of the intrinsic in memory; those of the bare instruction it keeps in registers. */
TARGET static inline __attribute__((always_inline)) whole dot(whole sum, whole x, whole c)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(c));
    return sum;
}
#define DOT(sum, x, c) dot(sum, x, c)
#define FMA(a, b, c) ((real)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define MOST(a, b) ((real)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define LEAST(a, b) ((real)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define LARGEST(v) _mm512_reduce_max_ps((__m512)(v))
#define BITS(a, b) _mm512_cmp_ps_mask((__m512)(a), (__m512)(b), _CMP_GE_OQ)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14) /* there is one only */
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15)
#define NEAREST(v) ((real)_mm512_roundscale_ps((__m512)(v), _MM_FROUND_TO_NEAREST_INT))
#define ROOT(v) ((real)_mm512_sqrt_ps((__m512)(v)))
#define WHERE(a, b, x, y) \
    ((real)_mm512_mask_blend_ps(_mm512_cmp_ps_mask((__m512)(a), (__m512)(b), _CMP_GE_OQ), (__m512)(y), (__m512)(x)))
#include "filter.inc"
#else
typedef int nothing_here;
#endif
