/* sparse.c - sparse.inc for the instruction sets that make a difference to it. */
#include "sparse.h"

#include <math.h>
#include <string.h>

#include "kernel.h"

typedef float abreast __attribute__((vector_size(KMU__ABREAST * sizeof(float))));

#define NAME(f) f##_portable
#define TARGET
#define BESIDE 2
#include "sparse.inc"

#if defined __x86_64__
#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2")))
#define BESIDE 4
#include "sparse.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2")))
#define BESIDE 8
#include "sparse.inc"
#endif

const struct sparse_kernel *kmu__sparse_kernel(kmu_isa isa)
{
#if defined __x86_64__
    static const struct sparse_kernel *const kernel[] = {&kernel_portable, &kernel_avx2, &kernel_avx512};
#else
    static const struct sparse_kernel *const kernel[] = {&kernel_portable};
#endif
    return kernel[kmu__text_of(isa)];
}
