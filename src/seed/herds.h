/* herds.h - potentials of places of few columns: herds of neighbours, by box and by kernel. */
#ifndef KMU_SEED_HERDS_H
#define KMU_SEED_HERDS_H

#include "draw.h"
#include "seed.h"

struct herds {
    const struct seeding *s;
    struct lottery *lottery;
    const struct herd_kernel *kernel;
    size_t count;
    bool exact;              /* f64 distances between points are exact */
    const double *candidate; /* candidates x d */
    size_t candidates, best;
    uint32_t number, *owner; /* of the first candidate; of a slot */
    double *columns;         /* the same, by columns (kernel/herd.h) */
    kmu__u128 *gain;         /* threads x KMU__TRIALS */
    struct desk *desk;       /* one a thread */
    /* of every herd: */
    double *box;       /* d least and d largest coordinates */
    double *far;       /* >= P / W of every place */
    uint64_t *lowered; /* which candidates lower a potential */
};

/* Whether there are any: few columns, all stored. */
static inline bool kmu__herds_can(const struct points *p)
{
    return p->d <= KMU__HERD_COLUMNS && !kmu__are_sparse(p);
}

void kmu__herds_wish(struct herds *, const struct seeding *, struct lottery *, struct memory *);

/* All potentials that the first centroid (d) leaves. */
void kmu__herds_first(struct herds *, const double *);

/* gain[thread KMU__TRIALS + a] += the units by which candidate a lowers the sum, as this thread found them. */
void kmu__herds_try(struct herds *, const double *candidate, size_t count, kmu__u128 *gain);

/* All potentials that the candidates (count x d), numbered from `first`, lower; a place's owner is then the first of those that
 * leave it the least. The lottery does not follow. */
void kmu__herds_lower(struct herds *, const double *candidate, size_t count, uint32_t first, uint32_t *owner);

/* Candidate `best` of those tried becomes a centroid: potentials fall, and the lottery is to follow. */
void kmu__herds_take(struct herds *, size_t best);

#endif
