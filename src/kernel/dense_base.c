/* dense_base.c - the dense kernels for what every CPU of the architecture has: SSE2 or NEON, without FMA. */
#include "kernel.h"

#if defined __x86_64__ || defined __aarch64__
#include <string.h>

#define NAME(f) kmu__##f##_base
#if defined __aarch64__
#define TARGET
#else
#define TARGET __attribute__((target("sse2")))
#endif
#define ISA KMU_ISA_BASE
#define WIDTH 4
#define VECTORS 3
#define WIDE 4
typedef float real __attribute__((vector_size(16)));
typedef int32_t whole __attribute__((vector_size(16)));
#define SPLAT(x) ((real){(x), (x), (x), (x)})
#define FMA(a, b, c) ((a) * (b) + (c))
#define MOST(a, b) ((real)LESS(a, b, (whole)(b), (whole)(a)))
#define LEAST(a, b) ((real)LESS(a, b, (whole)(a), (whole)(b)))
#define LESS(a, b, x, y) ((((a) < (b)) & (x)) | (~((a) < (b)) & (y)))
#include "dense.inc"
#else
typedef int nothing_here;
#endif
