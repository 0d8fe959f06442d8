/* herd.c - herd.inc for the instruction sets that make a difference to it. */
#include "herd.h"

#include <math.h>
#include <string.h>

#include "kernel.h"

#define NAME(f) f##_portable
#define TARGET
#define WIDTH 2
#define PARTS 4
#define FMA(a, b, c) ((a) * (b) + (c))
#define MOST(a, b) ((real)((((a) > (b)) & (whole)(a)) | (~((a) > (b)) & (whole)(b))))
#define BITS(m) (((m)[0] & 1) | ((m)[1] & 2))
#define LEFT(a, n) (((a) << ((n)&63)) & (bare)((n) < 64))
#define RIGHT(a, n) (((a) >> ((n)&63)) & (bare)((n) < 64))
#include "herd.inc"

#if defined __x86_64__
#include <immintrin.h>

#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 4
#define PARTS 6
#define FMA(a, b, c) ((real)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define MOST(a, b) ((real)_mm256_max_pd((__m256d)(a), (__m256d)(b)))
#define BITS(m) _mm256_movemask_pd((__m256d)(m))
#define LEFT(a, n) ((bare)_mm256_sllv_epi64((__m256i)(a), (__m256i)(n)))
#define RIGHT(a, n) ((bare)_mm256_srlv_epi64((__m256i)(a), (__m256i)(n)))
#include "herd.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define WIDTH 8
#define PARTS 6
#define FMA(a, b, c) ((real)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define MOST(a, b) ((real)_mm512_max_pd((__m512d)(a), (__m512d)(b)))
#define BITS(m) _mm512_movepi64_mask((__m512i)(m))
#define LEFT(a, n) ((bare)_mm512_sllv_epi64((__m512i)(a), (__m512i)(n)))
#define RIGHT(a, n) ((bare)_mm512_srlv_epi64((__m512i)(a), (__m512i)(n)))
#include "herd.inc"
#endif

const struct herd_kernel *kmu__herd_kernel(kmu_isa isa)
{
    const struct kernels *k = kmu__kernels(isa);
#if defined __x86_64__
    if (k && k->isa == KMU_ISA_AVX512)
        return &kernel_avx512;
    if (k && k->isa == KMU_ISA_AVX2)
        return &kernel_avx2;
#endif
    (void)k;
    return &kernel_portable;
}
