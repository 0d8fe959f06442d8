/* filter_avx512.c - the filter for AVX-512 with VNNI: 12 sums, a panel and a broadcast in 32 registers. */
#include "filter.h"

#if defined __x86_64__
#include <float.h>
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define NAME(f) kmu__##f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,popcnt")))
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
#define SPLAT(x) ((real)_mm512_set1_ps(x)) /* adding to 0 is not the same to GCC */
#define DOT(sum, x, c) dot(sum, x, c)
#define FMA(a, b, c) ((real)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define MOST(a, b) ((real)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define BITS(a, b) _mm512_cmp_ps_mask((__m512)(a), (__m512)(b), _CMP_GE_OQ)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14) /* there is one only */
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15)
#define NEAREST(v) ((real)_mm512_roundscale_ps((__m512)(v), _MM_FROUND_TO_NEAREST_INT))

/* The upper half is added to the lower one, again and again. */
TARGET static inline __attribute__((always_inline)) float total(__m512 v)
{
    const __m256 part = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(part), _mm256_extractf128_ps(part, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}
#define TOTAL(v) total((__m512)(v))

/* Sums of pairs, then of pairs of these, then of the four parts. */
typedef int32_t few __attribute__((vector_size(16)));
TARGET static inline __attribute__((always_inline)) few totals(const whole sum[KMU__ASKED])
{
    const __m512i a = (__m512i)sum[0], b = (__m512i)sum[1], c = (__m512i)sum[2], e = (__m512i)sum[3],
                  ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)),
                  ce = _mm512_add_epi32(_mm512_unpacklo_epi32(c, e), _mm512_unpackhi_epi32(c, e)),
                  all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, ce), _mm512_unpackhi_epi64(ab, ce));
    const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return (few)_mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}
#define BYTES(v) ((kmu__bytes_avx512)_mm512_cvtepi32_epi8((__m512i)(v)))
#define SQUARES(v) ((v) * (v))
#define TOTALS(sum) totals(sum)

TARGET static inline __attribute__((always_inline)) void mosts(const real v[4], float four[4])
{
    const __m512 a = (__m512)v[0], b = (__m512)v[1], c = (__m512)v[2], e = (__m512)v[3],
                 ab = _mm512_max_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)),
                 ce = _mm512_max_ps(_mm512_unpacklo_ps(c, e), _mm512_unpackhi_ps(c, e)),
                 all = _mm512_max_ps(_mm512_shuffle_ps(ab, ce, 0x44), _mm512_shuffle_ps(ab, ce, 0xee));
    const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    _mm_storeu_ps(four, _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
}
#define MOSTS(v, four) mosts(v, four)
#define ROOT(v) ((real)_mm512_sqrt_ps((__m512)(v)))
#define SHORTS(v) ((kmu__shorts_avx512)_mm512_cvtusepi32_epi16(_mm512_max_epi32((__m512i)(v), _mm512_setzero_si512())))
#define FEW_FMA(a, b, c) (kmu__some_real_avx512) _mm_fmadd_ps((__m128)(a), (__m128)(b), (__m128)(c))
#define FEW_MOST(a, b) (kmu__some_real_avx512) _mm_max_ps((__m128)(a), (__m128)(b))

TARGET static inline __attribute__((always_inline)) size_t list_of(uint64_t bits, uint32_t from, uint32_t *list)
{
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t count = 0;
    for (; bits; bits >>= 16, from += 16) {
        const __m512i some =
            _mm512_maskz_compress_epi32((__mmask16)bits, _mm512_add_epi32(first, _mm512_set1_epi32((int)from)));
        _mm512_storeu_si512(list + count, some);
        count += (size_t)__builtin_popcount((uint16_t)bits);
    }
    return count;
}
#define LIST(bits, from, list) list_of(bits, from, list)
#include "filter.inc"
#else
typedef int nothing_here;
#endif
