/* squares.h - sums of ||x_j||^2, exactly. */
#ifndef KMU_UPDATE_SQUARES_H
#define KMU_UPDATE_SQUARES_H

#include "../fit.h"

/* Q += sum of ||x_j||^2 over the original rows from .. to - 1; buffer holds a row. */
void kmu__squares(struct fit *f, size_t from, size_t to, double *buffer, struct wide *Q);

/* Q += ||x||^2 */
void kmu__square(const double *x, size_t count, struct wide *Q);

#endif
