/* across.h - centroids side by side, for CSR rows: images in binary32, column by column, and the squares of their norms in f64.
 *
 *   S_i = x'.c'_i - ||c'_i||^2 / 2,    |s_i - S_i| <= E(x),    x' = 2^s x, c' = 2^s mu                             (N25)
 *
 * The origin of the frame is 0, for a stored 0 is a 0. A row touches the columns of its numbers alone. */
#ifndef KMU_LAYOUT_ACROSS_H
#define KMU_LAYOUT_ACROSS_H

#include "../fit.h"

void kmu__across_wish(struct across *, const struct fit *f, size_t count, struct memory *);

/* Rows which[0 .. count - 1] of mu (NULL: all in turn). false if the bounds do not hold for some of them, or for so many columns;
 * norm2 holds even then. Time O(count d). */
bool kmu__across_make(struct across *, struct fit *f, const double *mu, const int32_t *which, size_t count);

/* s (stride) := that of CSR row j of the points; *square := the sum of the squares of its image; returns 2 E, rounded up. x: room
 * for the row. Time O(numbers count). */
float kmu__across_products(const struct across *, const struct fit *f, const struct points *, size_t j, float *x, float *s,
                           float *square);

/* ||x - c_i||^2 of CSR row j, stored as x, in f64, by norm2 of c; it is wrong by at most *slack. */
double kmu__across_distance(const struct points *, size_t j, const double *x, const double *c, double norm2, double *slack);

#endif
