/* csr.h - the door for CSR rows: checked once, and put in order where they are not. */
#ifndef KMU_CSR_H
#define KMU_CSR_H

#include "rows.h"
#include "ground/pool.h"

/* The fields of p that no arithmetic can mend; start is not NULL. */
kmu_status kmu__csr_check(const kmu_points *p, kmu_error *);

/* x, column, begin and end of `in`, whose n, d and types are known: the rows as they lie, if their columns ascend, none of their
 * numbers is 0 and they are stored so; else a copy in in->memory of that kind, O(numbers). Also grants what is wished there.
 * Errors: KMU_EDATA (a start that falls, a column beyond d or twice in a row, a number that is none), KMU_EMEMORY. */
kmu_status kmu__csr_enter(struct points *in, const kmu_points *p, struct pool *, const kmu_options *, kmu_error *);

#endif
