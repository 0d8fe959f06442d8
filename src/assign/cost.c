/* cost.c - what a method costs: the numbers by which `auto` chooses.
 *
 * Nanoseconds of a thread for a point, with n large enough that nothing else counts. bench/cost.py measures them; on Zen 4 it
 * says (AVX-512, 2026-11-25)
 *
 *   dense    (0.019 d + 0.07) k + 0.8 d + 8
 *   bounds   2.7 + ((0.021 d + 0.06) k + 1.1 d + 6) of the points that are open
 *   order    64 + 4.8 d          once
 *   tree     1.1 d + 0.05 d      for a candidate that a point meets
 *
 * and of the filter profiles of its turns (2026-11-29)
 *
 *   filter   120 + (0.006 d + 0.6) for a pair that is met in a panel, (0.012 d + 8) for one that is asked, 0.12 d + 20 for a
 *            distance
 *
 * and with the rounder numbers here auto stays within 15 % of the best single method (bench/methods.tsv), with AVX2 and SSE2
 * too. Another CPU moves the borders between methods, never an answer. */
#include "assign.h"

#include <math.h>

#include "../layout/order.h"
#include "filtering.h"

enum { TURNS = 20 }; /* that a fit may be expected to take */

#define LEFT_FOR 1.25 /* the filter is not left for less: in turn 2 it asks for more than ever after */

/* All pairs by a matrix product in binary32. */
static double dense_cost(double d, double k)
{
    return (0.02 * d + 0.15) * k + 0.6 * d;
}

/* The bounds of a point, and half of the points by dense. */
static double bounds_cost(double d, double k)
{
    return 2.5 + 0.5 * (dense_cost(d, k) + 6);
}

/* A turn by boxes, which of one column is nothing beside n, and the order that they need once. */
static double tree_cost(double d)
{
    return d > 1 ? 2 + d : 0;
}

static double order_cost(double d)
{
    return 60 + 5 * d;
}

/* Products of bytes of d columns, of pairs that are met in panels, or asked for one by one; and distances measured. */
static double met_cost(double d, double pairs)
{
    return (0.006 * d + 0.6) * pairs;
}

static double asked_cost(double d, double pairs)
{
    return (0.012 * d + 8) * pairs;
}

static double filter_cost(double d, double met, double asked, double distances)
{
    return 120 + met + asked_cost(d, asked) + (0.12 * d + 20) * distances;
}

bool kmu__tree_pays(const struct points *p, const kmu_options *o)
{
    const double d = (double)p->d, k = (double)o->k, turns = o->max_iter < TURNS ? (double)o->max_iter : TURNS;
    return p->n >= KMU__ORDER_LEAST && order_cost(d) + turns * tree_cost(d) < turns * bounds_cost(d, k);
}

bool kmu__filter_pays(const struct fit *f)
{
    const double d = (double)f->d, slots = (double)((f->k + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL);
    if (f->filter->isa == KMU_ISA_PLAIN)
        return false;
    return f->filtering ? !f->filtering->loses : filter_cost(d, met_cost(d, slots), 2, 2) < dense_cost(d, (double)f->distinct_count);
}

bool kmu__filtering_loses(const struct fit *f)
{
    const double n = (double)f->n, d = (double)f->d;
    int64_t pairs = 0, asked = 0, distances = 0;
    for (int t = 0; t < kmu__pool_threads(f->pool); t++) {
        pairs += f->work[t].pairs;
        asked += f->work[t].asked;
        distances += f->work[t].measured;
    }
    return filter_cost(d, met_cost(f->filtering->lead ? KMU__LEAD : d, (double)pairs / n), (double)asked / n, (double)distances / n) >
           LEFT_FOR * dense_cost(d, (double)f->distinct_count);
}

/* Of what is asked in the first (A) a half is taken for what later ones ask. */
bool kmu__lead_pays(const struct fit *f, double reached)
{
    const double d = (double)f->d, k = (double)f->k,
                 turns = f->once ? 1 : f->options->max_iter < TURNS ? (double)f->options->max_iter : TURNS,
                 once = 1.5 * d + 10e3 * d / (double)f->n;
    return once < turns * (met_cost(d, k) - met_cost(KMU__LEAD, k) - asked_cost(d, turns > 1 ? reached / 2 : reached));
}
