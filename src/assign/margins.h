/* margins.h - by how much every point is nearer to its own centroid than to any other, kept from turn to turn.
 *
 *   margin_j <= min_{i != c} ||x_j - mu_i|| - ||x_j - mu_c||,   c the label of j
 *
 * When the centroids move it shrinks by at most the step of mu_c and the longest step of the others, by the triangle
 * inequality; while it is above 0 nothing has to be computed, and x_j need not be read (N20).
 *
 * Hamerly 2010, "Making k-means even faster", doi:10.1137/1.9781611972801.12, whose two bounds are one here. */
#ifndef KMU_ASSIGN_MARGINS_H
#define KMU_ASSIGN_MARGINS_H

#include "../fit.h"

struct margins {
    struct memory memory;
    float *margin; /* n; KMU__UNKNOWN: nothing is known */
    float *loss;   /* k: what a margin loses by the last (B) where this is the label; inf: all */
    bool known;    /* the last (A) left margins */
};

/* f->margins, made if need be; NULL where memory cannot be had. */
struct margins *kmu__margins_open(struct fit *f);
void kmu__margins_close(struct fit *f);

/* loss, from f->mu and f->last. Before every (A). */
void kmu__margins_lose(struct margins *, const struct fit *f);

#endif
