/* weight.h - potentials from exact weights and distances: W_p and W_p ||x_p - mu||^2, rounded once to 24 bits. */
#ifndef KMU_SEED_WEIGHT_H
#define KMU_SEED_WEIGHT_H

#include "seed.h"

/* W_p rounded to 24 bits. */
int64_t kmu__weight_potential(const struct seeding *, size_t q);

/* W_p ||x_p - mu||^2 rounded to 24 bits; x is place q's row. distance is kmu__distance(x, mu), exact if `exact`. */
int64_t kmu__cost_potential(const struct seeding *, size_t q, const double *x, const double *mu, double distance, bool exact);

#endif
