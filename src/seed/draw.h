/* draw.h - a draw over places by integer prefix sums.
 *
 * A potential P is a number of 24 significant bits and any exponent, kept as one integer: the exponent of its leading bit
 * times 2^23, plus the 23 bits after it; so integers compare as the numbers do, and none is 0. With 2^(e-1) <= max P < 2^e
 * its units are floor(P 2^(62-e)): integers below 2^62, whose sums are exact. A draw with the random word R takes the first
 * place whose prefix sum exceeds floor(R sum / 2^64). */
#ifndef KMU_SEED_DRAW_H
#define KMU_SEED_DRAW_H

#include <math.h>

#include "../exact/wide.h"
#include "../kernel/herd.h"
#include "../layout/places.h"

#define KMU__ANYTHING INT64_MAX /* not known yet: any cost is less */

enum { KMU__BLOCK = 1024 }; /* places whose units are summed together */

/* m 2^e + something below 2^e (if inexact), rounded to 24 bits, ties to even. An inexact m has at least 26 bits. */
static inline int64_t kmu__potential(kmu__u128 m, int e, bool inexact)
{
    if (m == 0)
        return KMU__NOTHING;
    int drop = kmu__bits128(m) - 24;
    uint64_t kept;
    if (drop <= 0) {
        kept = (uint64_t)m << -drop;
    } else {
        kmu__u128 rest = m & (((kmu__u128)1 << drop) - 1), half = (kmu__u128)1 << (drop - 1);
        kept = (uint64_t)(m >> drop);
        kept += rest > half || (rest == half && (inexact || (kept & 1)));
    }
    return ((int64_t)e + drop + 23) * (1 << 23) + (int64_t)kept - (1 << 23); /* 2^24 carries into the exponent by itself */
}

/* floor(P 2^(62-e)), where most is the largest potential. */
static inline uint64_t kmu__units(int64_t P, int64_t most)
{
    if (P == KMU__NOTHING)
        return 0;
    int64_t below = (most >> 23) - (P >> 23);
    uint64_t m = (uint64_t)(P & ((1 << 23) - 1)) | 1u << 23;
    return below <= 38 ? m << (38 - below) : below < 64 ? m >> (below - 38) : 0;
}

/* A potential as a binary64 number, inf where it is none of the middle range. */
static inline double kmu__potential_value(int64_t P)
{
    double value;
    if (P == KMU__NOTHING)
        return 0;
    if (P < -(int64_t)800 * (1 << 23) || P > (int64_t)800 * (1 << 23))
        return INFINITY;
    const int64_t bits = (P + ((int64_t)1023 << 23)) * (1 << 29);
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The potentials of all places by slot, and the sums of their units by blocks of ranks. When potentials fall the blocks follow,
 * as long as the largest keeps its exponent, on which the unit depends. */
struct lottery {
    const struct places *places;
    int64_t *P; /* to a whole number of herds; behind the last place KMU__NOTHING */
    int64_t most;
    kmu__u128 *block, sum;
    uint32_t *home;    /* the block of a slot */
    int64_t *chief;    /* the largest P of every KMU__HERD slots; kept by kmu__lottery_herd */
    kmu__u128 *fallen; /* threads x blocks: what the blocks have lost */
    size_t blocks, herds;
    struct pool *pool;
    struct memory memory;
};

kmu_status kmu__lottery_open(struct lottery *, const struct places *, struct pool *, const kmu_options *, kmu_error *);
void kmu__lottery_close(struct lottery *);

/* chief, most, block and sum from P. Time O(places). */
void kmu__lottery_add_up(struct lottery *);

/* P of a slot falls to this, which is less by `lost` units, as a thread finds out; and when all have, the sums follow. */
static inline void kmu__lottery_fall(struct lottery *t, size_t slot, int64_t P, uint64_t lost, int thread)
{
    t->fallen[(size_t)thread * t->blocks + t->home[slot]] += lost;
    t->P[slot] = P;
}

void kmu__lottery_follow(struct lottery *);

/* chief of a herd, from P; returns it. */
int64_t kmu__lottery_herd(struct lottery *, size_t herd);

/* floor(R sum / 2^64) */
static inline kmu__u128 kmu__lottery_at(const struct lottery *t, uint64_t R)
{
    return (kmu__u128)R * (uint64_t)(t->sum >> 64) + ((kmu__u128)R * (uint64_t)t->sum >> 64);
}

/* The rank that R draws; sum must not be 0. */
size_t kmu__lottery_draw(const struct lottery *, uint64_t R);

#endif
