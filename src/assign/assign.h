/* assign.h - step (A): every point goes to its nearest centroid, and nobody but certify.c says which that is. */
#ifndef KMU_ASSIGN_ASSIGN_H
#define KMU_ASSIGN_ASSIGN_H

#include "../fit.h"

/* f->c := argmin_i ||x_j - mu_i||^2 over the real numbers, the smallest i on a tie (T2). f->turn takes the counts. */
void kmu__assign(struct fit *f);

/* The makers of candidates, one a file; f->c is written by certify. */
void kmu__assign_plain(struct fit *f);
bool kmu__assign_dense(struct fit *f); /* false: its bounds do not hold here (too many columns, a centroid without a binary32
                                          image); nothing was done */
void kmu__dense_wish(struct fit *f);

/* Of CSR rows, with bounds or not. false: dense rows, or bounds that do not hold here */
bool kmu__assign_sparse(struct fit *f, bool bounds);
void kmu__sparse_wish(struct fit *f);

bool kmu__assign_bounds(struct fit *f); /* false: likewise, or its memory cannot be had */
bool kmu__assign_filter(struct fit *f); /* false: likewise, or its memory cannot be had */

bool kmu__assign_line(struct fit *f); /* false: more than one column, or its rows are not sorted, or no memory */
bool kmu__assign_tree(struct fit *f); /* false: likewise, or too many columns */
void kmu__tree_close(struct fit *f);

/* Whether a fit by boxes, with the order of the points that they need, is faster than one by bounds. */
bool kmu__tree_pays(const struct points *, const kmu_options *);

/* Whether the filter is faster than the dense method, by what is known so far. */
bool kmu__filter_pays(const struct fit *f);

/* A new run begins: no bound holds. */
void kmu__assign_forget(struct fit *f);
/* Other points lie where these lay: nothing that is kept of them holds. */
void kmu__assign_renew(struct fit *f);
void kmu__filter_close(struct fit *f);

/* f->distinct := the centroids that differ from every earlier one; f->exact_in_f64 := whether f64 distances between x
 * and mu are exact. Before every (A). */
void kmu__look_at_centroids(struct fit *f);

/* The nearest of count >= 1 candidates (ascending, distinct) to x, over the real numbers. */
int32_t kmu__certify(const struct fit *f, const double *x, const int32_t *candidate, size_t count, int thread);

/* The same of CSR row j, the numbers of candidate a being where f->across.norm2[at[a]] belongs to: what f64 leaves open over the
 * numbers that are stored is decided over all of them. candidate and at may be overwritten. */
int32_t kmu__certify_sparse(const struct fit *f, size_t j, int32_t *candidate, int32_t *at, size_t count, int thread);

/* index (n x m) := the m <= k nearest centroids of every point, nearest first, equally near ones by index; distance (n x m of
 * the points' type, may be NULL) := sqrt of the exact squared distance, rounded once. */
kmu_status kmu__nearest(struct fit *f, size_t m, int32_t *index, void *distance, kmu_error *);

/* distance (n x k of the points' type) := that of every point to every centroid, likewise. */
kmu_status kmu__distances(struct fit *f, void *distance, kmu_error *);

/* ||x - mu||, rounded once to type. */
double kmu__exact_distance(const double *x, const double *mu, size_t d, kmu_type type);

/* c := the labels of all points by a tree of splits whose centroids are f->mu, 2 splits x d; distance (n of the points' type, may
 * be NULL) := that to the last centroid met. */
void kmu__walk(struct fit *f, const int32_t *child, int32_t *c, void *distance);

#endif
