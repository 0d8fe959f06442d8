/* verdict.c - verdict.inc for the instruction sets that make a difference to it. */
#include "verdict.h"

#include <math.h>

#include "kernel.h"

#define NAME(f) f##_portable
#define TARGET
#include "verdict.inc"

#if defined __x86_64__
#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2")))
#include "verdict.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2")))
#include "verdict.inc"
#endif

const struct verdict *kmu__verdict(kmu_isa isa)
{
#if defined __x86_64__
    static const struct verdict *const kernel[] = {&kernel_portable, &kernel_avx2, &kernel_avx512};
#else
    static const struct verdict *const kernel[] = {&kernel_portable};
#endif
    return kernel[kmu__text_of(isa)];
}
