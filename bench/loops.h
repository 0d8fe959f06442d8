/* loops.h - the inner loops of src/kernel, to be measured. */
#ifndef KMU_BENCH_LOOPS_H
#define KMU_BENCH_LOOPS_H

#include <stdbool.h>
#include <stddef.h>

#include "kmu.h"

enum unit { F32, F64, U8, BYTES };

struct loop {
    const char *name;
    size_t d; /* columns; of margins rows, of squares digits */
    enum unit unit;
    double (*run)(size_t d); /* does some work, for microseconds, and returns how much it was */
};

extern const struct loop loops[];
extern const size_t loop_count;

/* What the loops work on: numbers from memory, or from the second-level cache. false: no memory. */
bool loops_open(kmu_isa, bool memory);

/* Portable C that stands in for a kernel is not held against a peak. */
bool loop_is_here(const struct loop *);

#endif
