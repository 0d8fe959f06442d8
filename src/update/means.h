/* means.h - step (B): each centroid becomes the mean of its points. */
#ifndef KMU_UPDATE_MEANS_H
#define KMU_UPDATE_MEANS_H

#include "../fit.h"

/* f->last := f->mu; f->mu := the means of the clusters with mass, rounded once. f->changed := the centroids with another
 * value; f->turn.shift := sum_i ||mu_i - last_i||^2 in f64, in the order of i and l. */
void kmu__means(struct fit *f);

/* Coordinate l of the mean of cluster i, which has mass. */
double kmu__mean(const struct fit *f, size_t i, size_t l, const struct big *mass);

#endif
