/* digits_avx2.c - sums, means and products of digits for AVX2 with FMA. */
#include "digits.h"

#if defined __x86_64__
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../exact/digit.h"

#define NAME(f) kmu__##f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 4
typedef double real __attribute__((vector_size(32)));
typedef int64_t whole __attribute__((vector_size(32)));
typedef float narrow __attribute__((vector_size(16)));
#define FMA(a, b, c) ((real)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define SAME(a, b) _mm256_movemask_pd(_mm256_cmp_pd((__m256d)(a), (__m256d)(b), _CMP_EQ_OQ))
#define ABSOLUTE(a) ((real)_mm256_andnot_pd(_mm256_set1_pd(-0.0), (__m256d)(a)))
#include "digits.inc"
#else
typedef int nothing_here;
#endif
