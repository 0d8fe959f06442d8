/* peak.c - what this machine can do at most: the instructions of the kernels with nothing else around them.
 *
 *   fma    12 independent sums += x y in binary32; a product and a sum where the instruction set has no FMA
 *   dot    12 independent sums += products of bytes, made as the filter of the instruction set makes them
 *   read   sums of 64-bit integers over a buffer that no cache holds, a part of it a thread
 *   near   the same again and again over what a second-level cache holds, but not the first, in vectors of the instruction set
 *
 * Threads start together; a rate is the work of all over the time from the first start to the last end. */
#include "cli/peak.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { SUMS = 12, MOST_THREADS = 64, LINE = 64, STEPS = 1 << 20, BUFFER = 96 << 20, NEAR = 128 << 10 };

/* ---- the loops ------------------------------------------------------------------------------------------------------- */

typedef void loop(size_t, void *);

/* A loop and what a step of it does: products, or bytes. */
struct work {
    loop *run;
    double step;
};

struct works {
    struct work fma, dot, near;
};

#define EACH(i) for (int i = 0; i < SUMS; i++)

/* STEP says what happens to a sum. Numbers come from memory, so that nothing is known of them, and go there. */
#define LOOP(name, TARGET, vector, STEP)                                                                                   \
    TARGET static void name(size_t steps, void *memory)                                                                    \
    {                                                                                                                      \
        vector sum[SUMS], x, y;                                                                                            \
        memcpy(&x, memory, sizeof x);                                                                                      \
        memcpy(&y, (char *)memory + LINE, sizeof y);                                                                       \
        EACH(i) sum[i] = x;                                                                                                \
        for (size_t s = 0; s < steps; s++)                                                                                 \
            EACH(i) sum[i] = STEP(sum[i], x, y);                                                                           \
        for (int i = 1; i < SUMS; i++)                                                                                     \
            sum[0] += sum[i];                                                                                              \
        memcpy(memory, &sum[0], sizeof sum[0]);                                                                            \
    }

/* The vectors of a part of memory: a step is NEAR bytes, of the first ones again where `near` is set. */
#define READ(name, TARGET, vector, near)                                                                                   \
    TARGET static void name(size_t steps, void *memory)                                                                    \
    {                                                                                                                      \
        vector sum[4] = {{0}};                                                                                             \
        for (size_t s = 0; s < steps; s++) {                                                                               \
            const vector *x = (const vector *)((char *)memory + (near ? 0 : s * NEAR));                                    \
            for (size_t i = 0; i < NEAR / sizeof *x; i += 4)                                                               \
                for (size_t t = 0; t < 4; t++)                                                                             \
                    sum[t] += x[i + t];                                                                                    \
            __asm__ volatile("" ::: "memory");                                                                             \
        }                                                                                                                  \
        sum[0] += sum[1] + sum[2] + sum[3];                                                                                \
        memcpy(memory, sum, sizeof sum[0]);                                                                                \
    }

typedef float four __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));
#define ANYWHERE
#define MULTIPLY_ADD(sum, x, y) ((sum) * (x) + (y))

READ(read_far, ANYWHERE, words2, false) /* any instruction set's loads are faster than memory */
READ(read_near, ANYWHERE, words2, true)

#if defined __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))

/* Each time anew, though x and y do not change. */
AVX2 static inline __attribute__((always_inline)) __m256i pairs(__m256i sum, __m256i x, __m256i y)
{
    __asm__ volatile("" : "+x"(x));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, y), _mm256_set1_epi16(1)));
}

/* GCC 12 keeps the sums of the intrinsic in memory. */
VNNI static inline __attribute__((always_inline)) __m512i quads(__m512i sum, __m512i x, __m512i y)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(y));
    return sum;
}

LOOP(fma_base, ANYWHERE, four, MULTIPLY_ADD)
LOOP(fma_avx2, AVX2, __m256, _mm256_fmadd_ps)
LOOP(fma_avx512, AVX512, __m512, _mm512_fmadd_ps)
LOOP(dot_avx2, AVX2, __m256i, pairs)
LOOP(dot_avx512, VNNI, __m512i, quads)
typedef uint64_t words4 __attribute__((vector_size(32)));
typedef uint64_t words8 __attribute__((vector_size(64)));
READ(near_avx2, AVX2, words4, true)
READ(near_avx512, AVX512, words8, true)

static struct works works_of(kmu_isa isa)
{
    const struct works base = {.fma = {fma_base, 4 * SUMS}, .near = {read_near, NEAR}},
                       avx2 = {{fma_avx2, 8 * SUMS}, {dot_avx2, 32 * SUMS}, {near_avx2, NEAR}};
    struct works avx512 = {{fma_avx512, 16 * SUMS}, {dot_avx512, 64 * SUMS}, {near_avx512, NEAR}};
    if (!__builtin_cpu_supports("avx512vnni"))
        avx512.dot = avx2.dot;
    return isa == KMU_ISA_AVX512 ? avx512 : isa == KMU_ISA_AVX2 ? avx2 : base;
}

static kmu_isa best_isa(void)
{
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
               avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return avx512 ? KMU_ISA_AVX512 : avx2 ? KMU_ISA_AVX2 : KMU_ISA_BASE;
}

#else
#if defined __aarch64__
#include <arm_neon.h>
#define FMA(sum, x, y) ((four)vfmaq_f32((float32x4_t)(y), (float32x4_t)(sum), (float32x4_t)(x)))
LOOP(fma_base, ANYWHERE, four, FMA)
#else
LOOP(fma_base, ANYWHERE, four, MULTIPLY_ADD)
#endif

static struct works works_of(kmu_isa isa)
{
    (void)isa;
    return (struct works){.fma = {fma_base, 4 * SUMS}, .near = {read_near, NEAR}};
}

static kmu_isa best_isa(void)
{
#if defined __aarch64__
    return KMU_ISA_NEON;
#else
    return KMU_ISA_PLAIN;
#endif
}
#endif

/* ---- all threads at once --------------------------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    atomic_bool *go;
    const struct work *work;
    size_t steps;
    void *memory;
    double from, to;
};

static void *work_once(void *context)
{
    struct worker *w = context;
    while (!atomic_load_explicit(w->go, memory_order_relaxed))
        ;
    w->from = seconds_now();
    w->work->run(w->steps, w->memory);
    w->to = seconds_now();
    return NULL;
}

/* *best := at least the rate of all threads, each of which makes as many steps in memory of its own. */
static void measure(const struct work *work, int threads, size_t steps, char *memory, size_t apart, double *best)
{
    struct worker w[MOST_THREADS];
    atomic_bool go = false;
    int started = 1;
    if (!work->run)
        return;
    for (int t = 0; t < threads; t++)
        w[t] = (struct worker){.go = &go, .work = work, .steps = steps, .memory = memory + (size_t)t * apart};
    while (started < threads && !pthread_create(&w[started].thread, NULL, work_once, &w[started]))
        started++;
    atomic_store_explicit(&go, true, memory_order_relaxed);
    work_once(&w[0]);
    double from = w[0].from, to = w[0].to;
    for (int t = 1; t < started; t++) {
        pthread_join(w[t].thread, NULL);
        from = w[t].from < from ? w[t].from : from;
        to = w[t].to > to ? w[t].to : to;
    }
    const double rate = started * (double)steps * work->step / (to - from);
    *best = rate > *best ? rate : *best;
}

bool peaks_open(struct peaks *p, kmu_isa isa, int threads)
{
    *p = (struct peaks){.isa = isa == KMU_ISA_AUTO ? best_isa() : isa,
                        .threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads};
    p->buffer = aligned_alloc(LINE, BUFFER);
    if (p->buffer)
        memset(p->buffer, 0x3f, BUFFER); /* the numbers are 0.747, whose sums stay in range */
    return p->buffer;
}

void peaks_close(struct peaks *p)
{
    free(p->buffer);
}

void peaks_measure(struct peaks *p)
{
    const struct works w = works_of(p->isa);
    const struct work read = {read_far, NEAR};
    const size_t part = BUFFER / (size_t)p->threads / NEAR * NEAR;
    char *memory = p->buffer;
    measure(&w.fma, p->threads, STEPS, memory, part, &p->fma);
    measure(&w.dot, p->threads, STEPS, memory, part, &p->dot);
    measure(&w.near, p->threads, BUFFER / NEAR, memory, part, &p->near);
    measure(&read, p->threads, part / NEAR, memory, part, &p->read);
}
