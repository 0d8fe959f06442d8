/* tree.c - tree.inc for the instruction sets that make a difference to it. */
#include "tree.h"

#include <math.h>
#include <string.h>

#include "kernel.h"

#define NAME(f) f##_portable
#define TARGET
#define WIDTH 4
#define FMA(a, b, c) ((a) * (b) + (c))
#define LESS(a, b, x, y) ((((a) < (b)) & (x)) | (~((a) < (b)) & (y)))
#define MOST(a, b) ((real)LESS(a, b, (whole)(b), (whole)(a)))
#define LEAST(a, b) ((real)LESS(a, b, (whole)(a), (whole)(b)))
#define BITS(a, b) ((((a) < (b))[0] & 1) | (((a) < (b))[1] & 2) | (((a) < (b))[2] & 4) | (((a) < (b))[3] & 8))
#include "tree.inc"

#if defined __x86_64__
#include <immintrin.h>

#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 8
#define FMA(a, b, c) ((real)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define LESS(a, b, x, y)                                                                                                   \
    ((whole)_mm256_blendv_epi8((__m256i)(y), (__m256i)(x), _mm256_castps_si256(_mm256_cmp_ps((__m256)(a), (__m256)(b), _CMP_LT_OQ))))
#define MOST(a, b) ((real)_mm256_max_ps((__m256)(a), (__m256)(b)))
#define LEAST(a, b) ((real)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define BITS(a, b) _mm256_movemask_ps(_mm256_cmp_ps((__m256)(a), (__m256)(b), _CMP_LT_OQ))
#include "tree.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define WIDTH 16
#define FMA(a, b, c) ((real)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define LESS(a, b, x, y)                                                                                                   \
    ((whole)_mm512_mask_blend_epi32(_mm512_cmp_ps_mask((__m512)(a), (__m512)(b), _CMP_LT_OQ), (__m512i)(y), (__m512i)(x)))
#define MOST(a, b) ((real)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define LEAST(a, b) ((real)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define BITS(a, b) _mm512_cmp_ps_mask((__m512)(a), (__m512)(b), _CMP_LT_OQ)
#include "tree.inc"
#endif

const struct tree_kernel *kmu__tree_kernel(kmu_isa isa)
{
#if defined __x86_64__
    static const struct tree_kernel *const kernel[] = {&kernel_portable, &kernel_avx2, &kernel_avx512};
#else
    static const struct tree_kernel *const kernel[] = {&kernel_portable};
#endif
    return kernel[kmu__text_of(isa)];
}
