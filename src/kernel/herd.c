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
#define BITS(m) (uint64_t)(((m)[0] & 1) | ((m)[1] & 2))
#define NEAR(a, b) BITS((a) < (b))
#define LESS(a, b) BITS((a) < (b))
#define SAME(a, b) BITS((a) == (b))
#define KEEP(bits, a) ((a) & (bare){-((bits)&1), -((bits) >> 1)})
#define LEFT(a, n) (((a) << ((n)&63)) & (bare)((n) < 64))
#define RIGHT(a, n) (((a) >> ((n)&63)) & (bare)((n) < 64))
#include "herd.inc"
#undef BITS

#if defined __x86_64__
#include <immintrin.h>

#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 4
#define PARTS 6
#define FMA(a, b, c) ((real)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define MOST(a, b) ((real)_mm256_max_pd((__m256d)(a), (__m256d)(b)))
#define NEAR(a, b) (uint64_t) _mm256_movemask_pd(_mm256_cmp_pd((__m256d)(a), (__m256d)(b), _CMP_LT_OQ))
#define LESS(a, b) (uint64_t) _mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64((__m256i)(b), (__m256i)(a)))
#define SAME(a, b) (uint64_t) _mm256_movemask_pd((__m256d)_mm256_cmpeq_epi64((__m256i)(a), (__m256i)(b)))
#define KEEP(bits, a) ((a) & (bare)((((bare){0} + (bits)) & (bare){1, 2, 4, 8}) == (bare){1, 2, 4, 8}))
#define LEFT(a, n) ((bare)_mm256_sllv_epi64((__m256i)(a), (__m256i)(n)))
#define RIGHT(a, n) ((bare)_mm256_srlv_epi64((__m256i)(a), (__m256i)(n)))
#include "herd.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define WIDTH 8
#define PARTS 6
#define FMA(a, b, c) ((real)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define MOST(a, b) ((real)_mm512_max_pd((__m512d)(a), (__m512d)(b)))
#define NEAR(a, b) (uint64_t) _mm512_cmp_pd_mask((__m512d)(a), (__m512d)(b), _CMP_LT_OQ)
#define LESS(a, b) (uint64_t) _mm512_cmplt_epi64_mask((__m512i)(a), (__m512i)(b))
#define SAME(a, b) (uint64_t) _mm512_cmpeq_epi64_mask((__m512i)(a), (__m512i)(b))
#define KEEP(bits, a) ((bare)_mm512_maskz_mov_epi64((__mmask8)(bits), (__m512i)(a)))
#define LEFT(a, n) ((bare)_mm512_sllv_epi64((__m512i)(a), (__m512i)(n)))
#define RIGHT(a, n) ((bare)_mm512_srlv_epi64((__m512i)(a), (__m512i)(n)))
#include "herd.inc"
#endif

const struct herd_kernel *kmu__herd_kernel(kmu_isa isa)
{
#if defined __x86_64__
    static const struct herd_kernel *const kernel[] = {&kernel_portable, &kernel_avx2, &kernel_avx512};
#else
    static const struct herd_kernel *const kernel[] = {&kernel_portable};
#endif
    return kernel[kmu__text_of(isa)];
}
