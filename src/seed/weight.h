/* weight.h - potentials from exact weights and distances: W and W ||x - mu||^2, rounded once to 24 bits. */
#ifndef KMU_SEED_WEIGHT_H
#define KMU_SEED_WEIGHT_H

#include "seed.h"

/* P[slot] := W rounded to 24 bits, W the weight of the place in a slot, for all places. */
void kmu__weight_potentials(const struct seeding *, int64_t *P);

/* The less of P and of W ||x - mu||^2 rounded to 24 bits; x is the row of the place in a slot. exact: f64 distances are. */
int64_t kmu__least_potential(const struct seeding *, size_t slot, const double *x, const double *mu, int64_t P, bool exact);

/* *P := the same where the squared distance lies between low and high; false if they leave two answers. */
bool kmu__potential_between(const struct seeding *, size_t slot, double low, double high, int64_t *P);

#endif
