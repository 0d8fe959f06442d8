/* lead.h - rows in the few directions in which they spread most, and the length of what is left, as bytes.
 *
 *   x'.c' <= (P'x').(P'c') + ||x_R|| ||c_R|| + eta ||x'|| ||c'||,     x_R what is left of x' without its part in the columns of P
 *
 * so (P'x', ||x_R||) and (P'c', ||c_R||) are rows of KMU__LEAD numbers whose product bounds x'.c' (lead.c, N26). */
#ifndef KMU_LAYOUT_LEAD_H
#define KMU_LAYOUT_LEAD_H

#include "coarse.h"

enum { KMU__LEAD = 32 }; /* numbers of such a row */

struct lead {
    float *basis;           /* KMU__LEAD - 1 columns of d numbers and one of 0, in panels */
    double eta;             /* >= ||P'P - 1|| */
    struct coarse_points x; /* of all points */
    struct coarse_centroids c;
    size_t d;
    struct memory memory;
};

/* Room for so many rows and k centroids, and the basis, from a sample; NULL where there are few columns, or memory cannot be had. */
struct lead *kmu__lead_open(struct fit *, size_t rows);
void kmu__lead_close(struct lead *);

/* The rows at `at`, at most a group of the filter's, whose bytes are made, from their images. */
void kmu__lead_rows(const struct fit *, struct lead *, size_t at, size_t count, const float *const *image);

/* All centroids, from what is known of them. */
bool kmu__lead_centroids(struct fit *, struct lead *, const struct coarse_centroids *);

#endif
