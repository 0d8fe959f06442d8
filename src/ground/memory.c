/* memory.c - wishes first, one allocation, then carving (memory.h). */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "status.h"

enum {
    LINE = 64,         /* bytes of a cache line, and of the widest vector */
    LARGE = 8 << 20,   /* bytes that large pages are asked for */
    LARGE_PAGE = 2 << 20
};

/* Large blocks ask for large pages: touching them costs a quarter, and rows that lie far apart need fewer entries of the TLB. */
static void *allocate_by_malloc(size_t bytes, void *context)
{
    (void)context;
    void *block = malloc(bytes);
#if defined MADV_HUGEPAGE
    if (block && bytes >= LARGE) {
        const uintptr_t begin = ((uintptr_t)block + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE,
                        end = ((uintptr_t)block + bytes) / LARGE_PAGE * LARGE_PAGE;
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
    }
#endif
    return block;
}

static void release_by_free(void *p, void *context)
{
    (void)context;
    free(p);
}

struct memory kmu__memory(const kmu_options *o)
{
    bool own = !o || !o->allocate || !o->release;
    return (struct memory){.allocate = own ? allocate_by_malloc : o->allocate,
                           .release = own ? release_by_free : o->release,
                           .context = own ? NULL : o->memory_context};
}

void kmu__wish(struct memory *m, void *at, size_t count, size_t size)
{
    size_t bytes;
    if (m->count == KMU__WISHES || __builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, (size_t)LINE - 1, &bytes)) {
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
    m->block = m->allocate(bytes, m->context);
    if (!m->block)
        return kmu__fail(error, KMU_EMEMORY, "out of memory: %zu bytes are needed", bytes);
    char *base = m->block;
    base += (LINE - (uintptr_t)base % LINE) % LINE;
    if (!m->as_it_comes)
        memset(base, 0, m->bytes);
    for (size_t i = 0; i < m->count; i++) {
        void *part = base + m->offset[i];
        memcpy(m->at[i], &part, sizeof part); /* whatever it points to, a pointer is there */
    }
    return KMU_OK;
}

void kmu__give_back(struct memory *m)
{
    if (m->block)
        m->release(m->block, m->context);
    m->block = NULL;
}
