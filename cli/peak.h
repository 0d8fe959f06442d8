/* peak.h - what this machine can do at most, measured: the scale of all that kmu bench and bench/ say. */
#ifndef KMU_CLI_PEAK_H
#define KMU_CLI_PEAK_H

#include <stdbool.h>

#include "kmu.h"

/* The best so far, of all threads together, a second; 0: not here. */
struct peaks {
    kmu_isa isa;
    int threads;
    double fma;  /* products of binary32 numbers, each added to something */
    double dot;  /* products of bytes, likewise */
    double read; /* bytes read from memory, in order */
    double near; /* bytes read from the second-level cache */
    void *buffer;
};

/* Room to measure in, for instructions that this CPU has (KMU_ISA_AUTO: the best of them). false: no memory. */
bool peaks_open(struct peaks *, kmu_isa, int threads);
void peaks_close(struct peaks *);

/* Measures all once, which takes about 15 ms, and keeps what was better than before. */
void peaks_measure(struct peaks *);

#endif
