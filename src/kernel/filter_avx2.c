/* filter_avx2.c - the filter for AVX2: 8 sums, 4 parts of a panel, a broadcast and a constant in 16 registers, with one to
 * spare.
 *
 * Two neighbouring products go into 16 bits, which saturate: 2 x 127 x 127 fits, so points are bytes 1 .. 127. Of rough centroids
 * the pairs of four quads do, 8 x 127 x 32, and are widened to 32 bits together. */
#include "filter.h"

#if defined __x86_64__
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define NAME(f) kmu__##f##_avx2
#define TARGET __attribute__((target("avx2,fma,popcnt")))
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

#define ROUGH 4
typedef int16_t halves __attribute__((vector_size(32)));
#define PAIRS(x, c) ((halves)_mm256_maddubs_epi16((__m256i)(x), (__m256i)(c)))
#define GATHER(sum, a) ((sum) + (whole)_mm256_madd_epi16((__m256i)(a), _mm256_set1_epi16(1)))

/* In the order that is written: GCC 12 makes a tree of these sums, for which there are not registers enough. */
TARGET static inline __attribute__((always_inline)) halves more(halves a, halves b)
{
    __asm__("vpaddw %2, %1, %0" : "=x"(a) : "x"(a), "x"(b));
    return a;
}
#define MORE(a, b) more(a, b)

/* The upper half is added to the lower one, again and again. */
TARGET static inline __attribute__((always_inline)) float total(__m256 v)
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}
#define TOTAL(v) total((__m256)(v))

/* Sums of pairs, then of pairs of these, then of the two parts. */
typedef int32_t few __attribute__((vector_size(16)));
TARGET static inline __attribute__((always_inline)) few totals(const whole sum[KMU__ASKED])
{
    const __m256i ab = _mm256_hadd_epi32((__m256i)sum[0], (__m256i)sum[1]),
                  ce = _mm256_hadd_epi32((__m256i)sum[2], (__m256i)sum[3]), all = _mm256_hadd_epi32(ab, ce);
    return (few)_mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}
#define SPLAT(x) ((real)_mm256_set1_ps(x)) /* adding to 0 is not the same to GCC */
#define DOT(sum, x, c) dot(sum, x, c)
#define FMA(a, b, c) ((real)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define MOST(a, b) ((real)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define BITS(a, b) _mm256_movemask_ps(_mm256_cmp_ps((__m256)(a), (__m256)(b), _CMP_GE_OQ))
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define NEAREST(v) ((real)_mm256_round_ps((__m256)(v), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
/* Halves of 32 bits become 16 bits, and these bytes. */
TARGET static inline __attribute__((always_inline)) int64_t bytes_of(__m256i v)
{
    const __m128i half = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return _mm_cvtsi128_si64(_mm_packus_epi16(half, half));
}
#define BYTES(v) ((kmu__bytes_avx2)bytes_of((__m256i)(v)))
TARGET static inline __attribute__((always_inline)) whole squares(whole v)
{
    const __m256i low = _mm256_and_si256((__m256i)v, _mm256_set1_epi32(0xffff));
    return (whole)_mm256_madd_epi16(low, low);
}
#define SQUARES(v) squares(v)
#define TOTALS(sum) totals(sum)

TARGET static inline __attribute__((always_inline)) void mosts(const real v[4], float four[4])
{
    const __m256 a = (__m256)v[0], b = (__m256)v[1], c = (__m256)v[2], e = (__m256)v[3],
                 ab = _mm256_max_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)),
                 ce = _mm256_max_ps(_mm256_unpacklo_ps(c, e), _mm256_unpackhi_ps(c, e)),
                 all = _mm256_max_ps(_mm256_shuffle_ps(ab, ce, 0x44), _mm256_shuffle_ps(ab, ce, 0xee));
    _mm_storeu_ps(four, _mm_max_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}
#define MOSTS(v, four) mosts(v, four)
#define ROOT(v) ((real)_mm256_sqrt_ps((__m256)(v)))
TARGET static inline __attribute__((always_inline)) __m128i shorts_of(__m256i v)
{
    return _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}
#define SHORTS(v) ((kmu__shorts_avx2)shorts_of((__m256i)(v)))
#define FEW_FMA(a, b, c) (kmu__some_real_avx2) _mm_fmadd_ps((__m128)(a), (__m128)(b), (__m128)(c))
#define FEW_MOST(a, b) (kmu__some_real_avx2) _mm_max_ps((__m128)(a), (__m128)(b))

static inline __attribute__((always_inline)) size_t list_of(uint64_t bits, uint32_t from, uint32_t *list)
{
    size_t count = 0;
    for (; bits; bits &= bits - 1)
        list[count++] = from + (uint32_t)__builtin_ctzll(bits);
    return count;
}
#define LIST(bits, from, list) list_of(bits, from, list)
#include "filter.inc"
#else
typedef int nothing_here;
#endif
