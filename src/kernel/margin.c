/* margin.c - margin.inc for the instruction sets that make a difference to it. */
#include "margin.h"

#include <math.h>

#include "kernel.h"

#define NAME(f) f##_portable
#define TARGET
#include "margin.inc"

#if defined __x86_64__
#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2")))
#include "margin.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2")))
#include "margin.inc"
#endif

const struct margin_kernel *kmu__margin_kernel(kmu_isa isa)
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
