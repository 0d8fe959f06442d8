/* memory.h - wishes first, one allocation, then carving.
 *
 * A room says what it wants with kmu__wish; kmu__grant adds the sizes up with overflow checks, allocates one block,
 * zeroes it and points every wish into it, each on a line of its own cache. So memory fails in one place, before
 * the work, and is returned by one call. */
#ifndef KMU_GROUND_MEMORY_H
#define KMU_GROUND_MEMORY_H

#include <stdbool.h>

#include "kmu.h"

enum { KMU__WISHES = 48 };

struct memory {
    void *(*allocate)(size_t, void *); /* NULL: ours */
    void (*release)(void *, void *);
    void *context;
    void *block;           /* what was granted */
    size_t mapped;         /* its bytes, if they came from the kernel */
    size_t count, bytes;   /* wishes so far, and their sum */
    bool as_it_comes;      /* not zeroed */
    bool overflow;         /* some size is beyond size_t */
    void *at[KMU__WISHES]; /* where each wish's pointer goes */
    size_t offset[KMU__WISHES];
};

/* An empty list of wishes; allocation by o's functions, or malloc and free. */
struct memory kmu__memory(const kmu_options *o);

/* *at shall point to count elements of size bytes each, zeroed. */
void kmu__wish(struct memory *, void *at, size_t count, size_t size);

/* Grants all wishes or none. */
kmu_status kmu__grant(struct memory *, kmu_error *);

/* Gives everything back; harmless when nothing was granted. */
void kmu__give_back(struct memory *);

#endif
