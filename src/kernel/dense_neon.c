/* dense_neon.c - the dense kernels for NEON with its fused multiply-add: 24 sums, 4 loads in 32 registers. */
#include "kernel.h"

#if defined __aarch64__
#include <arm_neon.h>
#include <string.h>

#define NAME(f) kmu__##f##_neon
#define TARGET
#define ISA KMU_ISA_NEON
#define WIDTH 4
#define VECTORS 4
#define WIDE 6
typedef float real __attribute__((vector_size(16)));
typedef int32_t whole __attribute__((vector_size(16)));
#define SPLAT(x) ((real)vdupq_n_f32(x))
#define FMA(a, b, c) ((real)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#define MOST(a, b) ((real)vmaxq_f32((float32x4_t)(a), (float32x4_t)(b)))
#define LEAST(a, b) ((real)vminq_f32((float32x4_t)(a), (float32x4_t)(b)))
#define LESS(a, b, x, y) ((whole)vbslq_s32(vcltq_f32((float32x4_t)(a), (float32x4_t)(b)), (int32x4_t)(x), (int32x4_t)(y)))
#include "dense.inc"
#else
typedef int nothing_here;
#endif
