/* filter_avx2.c - the filter for AVX2: 8 sums, 4 parts of a panel, a broadcast and a constant in 16 registers, with one to spare.
 *
 * Two neighbouring products go into 16 bits, which saturate: 2 x 127 x 127 fits, so points are bytes 1 .. 127. */
#include "filter.h"

#if defined __x86_64__
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define NAME(f) kmu__##f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define ISA KMU_ISA_AVX2
#define GROUP 4
#define WIDTH 8
#define PARTS 2
#define ZERO 64
#define LEVEL 63
typedef float real __attribute__((vector_size(32)));
typedef int32_t whole __attribute__((vector_size(32)));

TARGET static inline __attribute__((always_inline)) whole dot(whole sum, whole x, whole c)
{
    const __m256i pairs = _mm256_maddubs_epi16((__m256i)x, (__m256i)c);
    return sum + (whole)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

TARGET static inline __attribute__((always_inline)) float largest_of(__m256 v)
{
    __m128 a = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    a = _mm_max_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_max_ss(a, _mm_movehdup_ps(a)));
}
#define DOT(sum, x, c) dot(sum, x, c)
#define FMA(a, b, c) ((real)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define MOST(a, b) ((real)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define LEAST(a, b) ((real)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define LARGEST(v) largest_of((__m256)(v))
#define BITS(a, b) _mm256_movemask_ps(_mm256_cmp_ps((__m256)(a), (__m256)(b), _CMP_GE_OQ))
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define NEAREST(v) ((real)_mm256_round_ps((__m256)(v), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
#define ROOT(v) ((real)_mm256_sqrt_ps((__m256)(v)))
#define WHERE(a, b, x, y) \
    ((real)_mm256_blendv_ps((__m256)(y), (__m256)(x), _mm256_cmp_ps((__m256)(a), (__m256)(b), _CMP_GE_OQ)))
#include "filter.inc"
#else
typedef int nothing_here;
#endif
