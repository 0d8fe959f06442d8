/* blend.h - a mean that takes in more points: (v mu + S) / (v + m). */
#ifndef KMU_UPDATE_BLEND_H
#define KMU_UPDATE_BLEND_H

#include "../fit.h"

/* A mass v is the sum of KMU_MASS_PARTS numbers, each what the ones before leave, rounded. */

/* v := these parts of a, which is not negative; false if it is beyond binary64. */
bool kmu__mass_parts(const struct wide *a, double *v);
/* a := v */
void kmu__mass_of_parts(const double *v, struct wide *a);
/* -1, 0, 1: two masses. */
int kmu__mass_compare(const double *v, const double *w);

/* For every cluster with count > 0: mu_i := (v_i mu_i + S_i) / (v_i + m_i), rounded once; v_i := v_i + m_i; v is k x
 * KMU_MASS_PARTS. false if a mass is beyond binary64. */
bool kmu__blend(struct fit *f, double *v);

#endif
