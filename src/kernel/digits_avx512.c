/* digits_avx512.c - sums, means and products of digits for AVX-512 (F, BW, DQ, VL). */
#include "digits.h"

#if defined __x86_64__
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../exact/digit.h"

#define NAME(f) kmu__##f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define WIDTH 8
typedef double real __attribute__((vector_size(64)));
typedef int64_t whole __attribute__((vector_size(64)));
typedef float narrow __attribute__((vector_size(32)));
#define FMA(a, b, c) ((real)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define SAME(a, b) _mm512_cmp_pd_mask((__m512d)(a), (__m512d)(b), _CMP_EQ_OQ)
#define ABSOLUTE(a) ((real)_mm512_abs_pd((__m512d)(a)))
#include "digits.inc"
#else
typedef int nothing_here;
#endif
