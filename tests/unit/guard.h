/* guard.h - arrays between pages that nobody may touch: what reads or writes beside one ends there.
 *
 *   | no page | array ..... | no page |      or, by turns,      | no page | ..... array | no page |
 *
 * guarded(slot, bytes, align) is the array of a slot, 0 .. GUARDS - 1, whose last one is gone; an array that ends before its
 * fence, for align, has marked bytes there. untouched(slot) says whether these, and a line before the array, are still marked. */
#ifndef KMU_TESTS_GUARD_H
#define KMU_TESTS_GUARD_H

#include <sys/mman.h>
#include <unistd.h>

#include "draw.h"

enum { GUARDS = 64, GUARD_LINE = 64, GUARD_MARK = 0xa5 };

static struct {
    char *room, *array; /* pages that may be touched, and the array among them */
    size_t size, bytes, turn;
} guards[GUARDS];

/* The marked bytes of a slot: from *low to the array, from its end to *high. */
static inline void guard_marks(size_t slot, char **low, char **high)
{
    char *room = guards[slot].room, *end = room + guards[slot].size;
    *low = guards[slot].array - room < GUARD_LINE ? room : guards[slot].array - GUARD_LINE;
    *high = end - guards[slot].array - (ptrdiff_t)guards[slot].bytes < GUARD_LINE
                ? end
                : guards[slot].array + guards[slot].bytes + GUARD_LINE;
}

static inline void *guarded(size_t slot, size_t bytes, size_t align)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (bytes + page) / page * page;
    char *low, *high;
    assert_true(slot < GUARDS);
    if (guards[slot].size < bytes || !guards[slot].room) {
        if (guards[slot].room)
            munmap(guards[slot].room - page, guards[slot].size + 2 * page);
        char *all = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(all, MAP_FAILED);
        assert_int_equal(mprotect(all + page, size, PROT_READ | PROT_WRITE), 0);
        guards[slot].room = all + page;
        guards[slot].size = size;
    }
    guards[slot].bytes = bytes;
    guards[slot].array = guards[slot].room + (guards[slot].turn++ % 3 ? (guards[slot].size - bytes) / align * align : 0);
    guard_marks(slot, &low, &high);
    memset(low, GUARD_MARK, (size_t)(high - low));
    return guards[slot].array;
}

static inline bool untouched(size_t slot)
{
    char *low, *high;
    guard_marks(slot, &low, &high);
    for (; low < guards[slot].array; low++)
        if (*low != (char)GUARD_MARK)
            return false;
    for (low += guards[slot].bytes; low < high; low++)
        if (*low != (char)GUARD_MARK)
            return false;
    return true;
}

/* An array of a slot that holds what x holds. */
static inline void *guarded_copy(size_t slot, const void *x, size_t bytes, size_t align)
{
    return memcpy(guarded(slot, bytes, align), x, bytes);
}

#endif
