/* clock.h - seconds that only go forward. */
#ifndef KMU_GROUND_CLOCK_H
#define KMU_GROUND_CLOCK_H

#include <time.h>

static inline double kmu__now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
