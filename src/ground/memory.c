/* memory.c - wishes first, one allocation, then carving (memory.h).
 *
 * Large blocks come from the kernel: they are zero, a page is touched by the thread that first needs it, and what is given back
 * is gone at once; smaller ones have their zeroes from calloc, which knows which pages are new. They ask for large pages: touching them costs a quarter, and rows that lie far apart need fewer entries of
 * the TLB. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "status.h"

enum {
    LINE = 64,       /* bytes of a cache line, and of the widest vector */
    LARGE = 8 << 20, /* bytes of a block that the kernel is asked for */
    LARGE_PAGE = 2 << 20
};

/* Where the address sanitizer looks on, a line behind each array may not be touched: one allocation has no fences of its own. */
#ifdef KMU_FENCES
#include <sanitizer/asan_interface.h>
enum { FENCE = 64 };

static void fence(const struct memory *m, char *base)
{
    for (size_t i = 1; i <= m->count; i++)
        ASAN_POISON_MEMORY_REGION(base + (i < m->count ? m->offset[i] : m->bytes) - FENCE, FENCE);
}

static void unfence(const struct memory *m)
{
    if (m->block)
        ASAN_UNPOISON_MEMORY_REGION(m->block, m->bytes + FENCE);
}
#else
enum { FENCE = 0 };

static void fence(const struct memory *m, char *base)
{
    (void)m, (void)base;
}

static void unfence(const struct memory *m)
{
    (void)m;
}
#endif

static void *map(size_t bytes)
{
    void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return NULL;
#if defined MADV_HUGEPAGE
    const uintptr_t begin = ((uintptr_t)block + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE,
                    end = ((uintptr_t)block + bytes) / LARGE_PAGE * LARGE_PAGE;
    madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#endif
    return block;
}

struct memory kmu__memory(const kmu_options *o)
{
    if (!o || !o->allocate || !o->release)
        return (struct memory){.allocate = NULL};
    return (struct memory){.allocate = o->allocate, .release = o->release, .context = o->memory_context};
}

void kmu__wish(struct memory *m, void *at, size_t count, size_t size)
{
    size_t bytes;
    if (m->count == KMU__WISHES || __builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, (size_t)LINE - 1 + FENCE, &bytes)) {
        m->overflow = true;
        return;
    }
    bytes -= bytes % LINE;
    m->at[m->count] = at;
    m->offset[m->count++] = m->bytes;
    if (__builtin_add_overflow(m->bytes, bytes, &m->bytes))
        m->overflow = true;
}

kmu_status kmu__grant(struct memory *m, kmu_error *error)
{
    size_t bytes;
    if (m->overflow || __builtin_add_overflow(m->bytes, (size_t)LINE, &bytes))
        return kmu__fail(error, KMU_EMEMORY, "out of memory: the sizes are beyond what can be addressed");
    m->mapped = !m->allocate && bytes >= LARGE ? bytes : 0;
    m->block = m->mapped        ? map(bytes)
               : m->allocate    ? m->allocate(bytes, m->context)
               : m->as_it_comes ? malloc(bytes)
                                : calloc(1, bytes);
    if (!m->block)
        return kmu__fail(error, KMU_EMEMORY, "out of memory: %zu bytes are needed", bytes);
    char *base = m->block;
    base += (LINE - (uintptr_t)base % LINE) % LINE;
    if (!m->as_it_comes && m->allocate)
        memset(base, 0, m->bytes);
    for (size_t i = 0; i < m->count; i++) {
        void *part = base + m->offset[i];
        memcpy(m->at[i], &part, sizeof part); /* whatever it points to, a pointer is there */
    }
    fence(m, base);
    return KMU_OK;
}

void kmu__give_back(struct memory *m)
{
    unfence(m);
    if (m->block && m->mapped)
        munmap(m->block, m->mapped);
    else if (m->block && m->release)
        m->release(m->block, m->context);
    else
        free(m->block);
    m->block = NULL;
}
