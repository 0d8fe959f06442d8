/* dense_avx512.c - the dense kernels for AVX-512 (F, BW, DQ, VL): 24 sums, 3 loads and a broadcast in 32 registers. */
#include "kernel.h"

#if defined __x86_64__
#include <immintrin.h>
#include <string.h>

#define NAME(f) kmu__##f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define ISA KMU_ISA_AVX512
#define WIDTH 16
#define VECTORS 3
#define WIDE 8
typedef float real __attribute__((vector_size(64)));
typedef int32_t whole __attribute__((vector_size(64)));
#define SPLAT(x) ((real)_mm512_set1_ps(x))
#define FMA(a, b, c) ((real)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define MOST(a, b) ((real)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define LEAST(a, b) ((real)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define LESS(a, b, x, y) \
    ((whole)_mm512_mask_blend_epi32(_mm512_cmp_ps_mask((__m512)(a), (__m512)(b), _CMP_LT_OQ), (__m512i)(y), (__m512i)(x)))
#include "dense.inc"
#else
typedef int nothing_here;
#endif
