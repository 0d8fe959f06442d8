/* scan.c - scan.inc for the instruction sets that make a difference to it. */
#include "scan.h"

#include <string.h>

#include "../exact/digit.h"
#include "kernel.h"

enum {
    SUMS = KMU__SQUARE_SUMS,
    BESIDE = 4 /* rows that are looked at together: what is known of a column is read and written once */
};

#define NAME(f) f##_portable
#define TARGET
#include "scan.inc"

#if defined __x86_64__
#define NAME(f) f##_avx2
#define TARGET __attribute__((target("avx2")))
#include "scan.inc"

#define NAME(f) f##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2")))
#include "scan.inc"
#endif

const struct scan_kernel *kmu__scan_kernel(kmu_isa isa)
{
#if defined __x86_64__
    static const struct scan_kernel *const kernel[] = {&kernel_portable, &kernel_avx2, &kernel_avx512};
#else
    static const struct scan_kernel *const kernel[] = {&kernel_portable};
#endif
    return kernel[kmu__text_of(isa)];
}
