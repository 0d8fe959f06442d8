/* isa.c - which instructions are here. Asked at every call: there is no state to race for, and it takes nanoseconds. */
#include "digits.h"
#include "filter.h"
#include "kernel.h"

#if defined __x86_64__

const struct kernels *kmu__kernels(kmu_isa isa)
{
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    int sse2 = __builtin_cpu_supports("sse2");
    switch (isa) {
    case KMU_ISA_AUTO:
        return avx512 ? &kmu__kernels_avx512 : avx2 ? &kmu__kernels_avx2 : sse2 ? &kmu__kernels_base : &kmu__kernels_plain;
    case KMU_ISA_PLAIN:
        return &kmu__kernels_plain;
    case KMU_ISA_BASE:
        return sse2 ? &kmu__kernels_base : NULL;
    case KMU_ISA_AVX2:
        return avx2 ? &kmu__kernels_avx2 : NULL;
    case KMU_ISA_AVX512:
        return avx512 ? &kmu__kernels_avx512 : NULL;
    case KMU_ISA_NEON:
        break;
    }
    return NULL;
}

const struct filter *kmu__filter(kmu_isa isa)
{
    const struct kernels *k = kmu__kernels(isa);
    __builtin_cpu_init();
    if (k && k->isa == KMU_ISA_AVX512 && __builtin_cpu_supports("avx512vnni"))
        return &kmu__filter_avx512;
    return k && (k->isa == KMU_ISA_AVX512 || k->isa == KMU_ISA_AVX2) ? &kmu__filter_avx2 : &kmu__filter_plain;
}

const struct digits *kmu__digits(kmu_isa isa)
{
    const struct kernels *k = kmu__kernels(isa);
    return !k ? NULL : k->isa == KMU_ISA_AVX512 ? &kmu__digits_avx512 : k->isa == KMU_ISA_AVX2 ? &kmu__digits_avx2 : NULL;
}

#elif defined __aarch64__

const struct kernels *kmu__kernels(kmu_isa isa)
{
    switch (isa) {
    case KMU_ISA_AUTO:
    case KMU_ISA_NEON:
        return &kmu__kernels_neon;
    case KMU_ISA_BASE:
        return &kmu__kernels_base;
    case KMU_ISA_PLAIN:
        return &kmu__kernels_plain;
    default:
        return NULL;
    }
}

#else

const struct kernels *kmu__kernels(kmu_isa isa)
{
    return isa == KMU_ISA_AUTO || isa == KMU_ISA_PLAIN ? &kmu__kernels_plain : NULL;
}

#endif

#if !defined __x86_64__
const struct filter *kmu__filter(kmu_isa isa)
{
    (void)isa;
    return &kmu__filter_plain;
}

const struct digits *kmu__digits(kmu_isa isa)
{
    (void)isa;
    return NULL;
}
#endif

size_t kmu__text_of(kmu_isa isa)
{
    const struct kernels *k = kmu__kernels(isa);
    return k && k->isa == KMU_ISA_AVX512 ? 2 : k && k->isa == KMU_ISA_AVX2 ? 1 : 0;
}
