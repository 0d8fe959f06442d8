/* points.h - the door for data: checked once, then trusted. */
#ifndef KMU_POINTS_H
#define KMU_POINTS_H

#include "fit.h"

/* Checks p and lays it out: numbers finite, integers up to 2^53, weights finite, >= 0 and not all 0. What is not binary32
 * or binary64 in rows of adjacent coordinates, or in CSR rows in order, is copied; the original is never written to.
 * Errors: KMU_EUSAGE (a field), KMU_EDATA (a number, with its point and coordinate), KMU_EMEMORY. */
kmu_status kmu__points_enter(struct points *, const kmu_points *p, struct pool *, const kmu_options *, kmu_error *);
void kmu__points_leave(struct points *);

/* The fields of p that no arithmetic can mend: KMU_EUSAGE, KMU_EDATA. */
kmu_status kmu__points_check(const kmu_points *p, kmu_error *);

/* Number a of x as a binary64; integers beyond 2^53 come out as inf, for they have none. */
double kmu__element(const void *x, kmu_type, ptrdiff_t a);

/* Whether number a of x, coordinate l of point j, is one: KMU_EDATA says what it is. */
kmu_status kmu__number_check(const kmu_points *p, ptrdiff_t a, size_t j, size_t l, kmu_error *);

/* x (d, or NULL) := dense row j as it came, checked: KMU_EDATA names a number that is none. */
kmu_status kmu__points_row(const kmu_points *p, size_t j, double *x, kmu_error *);

#endif
