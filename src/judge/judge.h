/* judge.h - what is said about labels and centroids. */
#ifndef KMU_JUDGE_JUDGE_H
#define KMU_JUDGE_JUDGE_H

#include "../fit.h"

/* Holds f->c and f->mu against the true labels in f->was and the exact means of f->c. */
void kmu__verify(struct fit *f, kmu_verdict *verdict);

/* J_i and the farthest distance of every cluster, in f64. */
void kmu__describe(struct fit *f, double *J_cluster, double *radius);

/* The simplified silhouette of all points, and of every cluster (k, or NULL). */
kmu_status kmu__silhouettes(struct fit *f, double *cluster, double *mean, kmu_error *);

/* The mean silhouette, estimated from a sample with its standard error (or NULL). */
kmu_status kmu__sampled_silhouette(struct fit *f, size_t sample, double *mean, double *standard_error, kmu_error *);

/* All of *v but stability and gap, which become NaN, of the labels f->c and their sums; J at f->mu. */
kmu_status kmu__indices(struct fit *f, kmu_indices *v, kmu_error *);

/* *index := the adjusted Rand index of two labellings of f's points with labels below k. */
kmu_status kmu__agreement(const struct fit *f, const int32_t *a, const int32_t *b, double *index, kmu_error *);

#endif
