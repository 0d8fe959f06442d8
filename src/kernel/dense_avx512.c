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
#define SELECT(mask, a, b) ((real)_mm512_mask_blend_ps(_mm512_movepi32_mask((__m512i)(mask)), (__m512)(b), (__m512)(a)))
#include "dense.inc"
#else
typedef int nothing_here;
#endif
