/* weight.c - potentials, rounded once from exact numbers.
 *
 * f64 comes first: with D^ within a factor 1 +- slack of D (exact/distance.h), one rounding for W and one for W D^, the true
 * product lies in W D^ (1 +- 2 slack); when both ends round to the same 24 bits, that is the answer, and where W, D^ and the
 * product are exact there is one end only. Else the long accumulator has all the bits (N12). */
#include "weight.h"

#include <math.h>

#include "../exact/distance.h"
#include "draw.h"

/* v > 0 and normal, rounded to 24 bits: the rounding is one addition to the bits, the exponent takes the carry. */
static int64_t rounded(double v)
{
    int64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return ((bits + 0x0fffffff + (bits >> 29 & 1)) >> 29) - ((int64_t)1023 << 23);
}

/* total := the weight of a place times factor. */
static void add_weights(const struct seeding *s, size_t slot, const struct wide *factor, struct wide *total)
{
    const struct places *p = s->places;
    kmu__wide_zero(total);
    if (p->W_exact) {
        struct parts W = kmu__parts(kmu__place_weight(p, slot));
        kmu__wide_add_wide(total, false, factor, W.m, W.e);
        return;
    }
    for (size_t i = 0; i < kmu__place_members(p, slot); i++) {
        struct parts w = kmu__parts(s->points->w[p->order[p->begin[slot] + i]]);
        kmu__wide_add_wide(total, false, factor, w.m, w.e);
    }
}

static int64_t wide_potential(const struct wide *a)
{
    int e;
    bool inexact, negative;
    kmu__u128 m = kmu__wide_leading(a, &e, &inexact, &negative);
    return kmu__potential(m, e, inexact);
}

static int64_t weight_potential(const struct seeding *s, size_t slot)
{
    struct parts W = kmu__parts(kmu__place_weight(s->places, slot));
    if (s->places->W_exact)
        return kmu__potential(W.m, W.e, false);
    struct wide one, total;
    kmu__wide_zero(&one);
    kmu__wide_add(&one, false, 1, 0);
    add_weights(s, slot, &one, &total);
    return wide_potential(&total);
}

struct weighing {
    const struct seeding *s;
    int64_t *P;
};

enum { CHUNK = 4096 };

static void weigh(void *context, size_t chunk, int thread)
{
    const struct weighing *t = context;
    const size_t count = t->s->places->count;
    (void)thread;
    const size_t from = chunk * CHUNK;
    for (size_t slot = from; slot < count && slot < from + CHUNK; slot++) {
        const bool again = slot > from && t->s->places->W_exact && /* as is usual */
                           kmu__place_weight(t->s->places, slot) == kmu__place_weight(t->s->places, slot - 1);
        t->P[slot] = again ? t->P[slot - 1] : weight_potential(t->s, slot);
    }
}

void kmu__weight_potentials(const struct seeding *s, int64_t *P)
{
    struct weighing t = {.s = s, .P = P};
    kmu__parallel(s->pool, (s->places->count + CHUNK - 1) / CHUNK, 5.0 * (double)s->places->count, weigh, &t);
}

bool kmu__potential_between(const struct seeding *s, size_t slot, double low, double high, int64_t *P)
{
    const double W = kmu__place_weight(s->places, slot), least = W * low * (1 - 0x1p-50), most = W * high * (1 + 0x1p-50);
    if (!(low > 0x1p-900 && high < 0x1p900 && least > 0x1p-900 && most < 0x1p900))
        return false;
    if (rounded(least) < *P && rounded(least) != rounded(most))
        return false;
    *P = rounded(least) < *P ? rounded(least) : *P;
    return true;
}

int64_t kmu__least_potential(const struct seeding *s, size_t slot, const double *x, const double *mu, int64_t P, bool exact)
{
    double distance = kmu__distance(x, mu, s->points->d), W = kmu__place_weight(s->places, slot), v = W * distance;
    double slack = 2 * kmu__distance_slack(s->points->d);
    bool usual = distance > 0x1p-900 && distance < 0x1p900 && v > 0x1p-900 && v < 0x1p900;
    if (distance == 0 && exact)
        return KMU__NOTHING;
    if (usual) {
        int64_t low = rounded(v * (1 - slack)), high;
        if (low >= P)
            return P;
        if (exact && s->places->W_exact && (W == 1 || fma(W, distance, -v) == 0))
            low = high = rounded(v);
        else
            high = rounded(v * (1 + slack));
        if (low == high)
            return low < P ? low : P;
    }
    struct wide D, total;
    kmu__wide_zero(&D);
    kmu__wide_add_distance(&D, x, mu, s->points->d);
    add_weights(s, slot, &D, &total);
    int64_t cost = wide_potential(&total);
    return cost < P ? cost : P;
}
