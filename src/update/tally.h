/* tally.h - step (B), the sums: S_i = sum of w x over C_i and m_i = sum of w, exactly. */
#ifndef KMU_UPDATE_TALLY_H
#define KMU_UPDATE_TALLY_H

#include "../fit.h"

/* As before turn 1: no row is counted in any sum. */
void kmu__tally_begin(struct fit *f);

/* S, M and count follow the labels from f->was to f->c where f->touched says so; f->turn.moved := the labels that differ. */
void kmu__tally(struct fit *f);

/* How many copies of the sums, of so many words together, are wanted: one a thread, or none. */
size_t kmu__tally_copies(const struct fit *f, size_t words);

/* f->was := f->c: a turn is over. */
void kmu__tally_settle(struct fit *f);

/* Row j goes from cluster `from` to cluster `to`, in the sums alone. */
void kmu__tally_move(struct fit *f, size_t j, int32_t from, int32_t to);

/* Sum i of s takes in row j; and a carry, at most KMU__TERMS rows later. buffer: d. */
void kmu__tally_add(const struct fit *f, const struct sums *s, size_t i, size_t j, double *buffer);
void kmu__tally_carry(const struct fit *f, const struct sums *s, size_t i);

/* The mass of cluster i as an exact number. */
void kmu__mass(const struct fit *f, size_t i, struct big *m);

/* a := the same. */
void kmu__mass_wide(const struct fit *f, size_t i, struct wide *a);

#endif
