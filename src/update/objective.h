/* objective.h - J of the labels and centroids as they are, exactly, at the price of the centroids alone. */
#ifndef KMU_UPDATE_OBJECTIVE_H
#define KMU_UPDATE_OBJECTIVE_H

#include "../fit.h"

/* f->Q := sum_j w_j ||x_j||^2. Time O(n d), once a fit. */
void kmu__objective_prepare(struct fit *f);

/* J(c, mu) by the sums, rounded once to f64 (inf beyond its range). Time O(k d). */
double kmu__objective(struct fit *f, const double *mu);

/* f->J := the same, exactly. */
void kmu__objective_exact(struct fit *f, const double *mu);

/* a += m_i ||mu_i||^2 - 2 mu_i.S_i, for centroid mu: J_i without Q_i, exactly. */
void kmu__objective_cluster(const struct fit *f, size_t i, const double *mu, struct wide *a);

/* Whether tol > 0 and sum_i ||mu_i - last_i||^2 <= tol V over the real numbers, V the mean variance of the columns. */
bool kmu__within_tolerance(struct fit *f);

/* What that asks of the points, from their sums; it does so itself when it is first asked. */
void kmu__tolerance_prepare(struct fit *f);

#endif
