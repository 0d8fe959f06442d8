/* dense_avx2.c - the dense kernels for AVX2 with FMA: 12 sums, 3 loads and a broadcast fill the 16 registers. */
#include "kernel.h"

#if defined __x86_64__
#include <immintrin.h>
#include <string.h>

#define NAME(f) kmu__##f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define ISA KMU_ISA_AVX2
#define WIDTH 8
#define VECTORS 3
#define WIDE 4
typedef float real __attribute__((vector_size(32)));
typedef int32_t whole __attribute__((vector_size(32)));
#define SPLAT(x) ((real)_mm256_set1_ps(x))
#define FMA(a, b, c) ((real)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define MOST(a, b) ((real)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define LEAST(a, b) ((real)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define LESS(a, b, x, y) \
    ((whole)_mm256_blendv_epi8((__m256i)(y), (__m256i)(x), _mm256_castps_si256(_mm256_cmp_ps((__m256)(a), (__m256)(b), _CMP_LT_OQ))))
#include "dense.inc"
#else
typedef int nothing_here;
#endif
