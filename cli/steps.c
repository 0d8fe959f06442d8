/* steps.c - the sample that a report shows step by step, and the steps of a tree of splits.
 *
 * After s splits the parts are the nodes of the tree whose parents are among them. Leaves are labels from left to right, so the
 * leaves of a node are a range of labels, and split s gives the range of its second child a label of its own: its first.
 *
 * J of the parts is known backwards from J of the leaves, where each part's centroid is its mean (T3):
 *
 *   J before split s  =  J after it  +  m_1 ||mu_1 - mu||^2 + m_2 ||mu_2 - mu||^2                  Time O(k d), and the walks.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/walk.h"
#include "io/format.h"
#include "io/u128.h"

size_t most_steps(size_t k)
{
    const size_t steps = MOST_SITES / k;
    return steps > MOST_STEPS ? MOST_STEPS : steps < 4 ? 4 : steps;
}

/* A number from 0 to 1 for a, that looks drawn (a step of a Weyl sequence). */
static double scatter(size_t a)
{
    return (double)(a * 0x9e3779b97f4a7c15u >> 11) * 0x1p-53;
}

/* A row of every n / samples rows. */
static void choose_sample(struct steps *s, size_t n)
{
    for (size_t a = 0; a < s->samples; a++) {
        const size_t from = (size_t)((u128)a * n / s->samples);
        const size_t to = (size_t)((u128)(a + 1) * n / s->samples);
        s->row[a] = from + (size_t)((double)(to - from) * scatter(a));
    }
}

kmu_status steps_begin(struct steps *s, size_t count, size_t k, const kmu_points *p, kmu_type type, void **x, kmu_points *few,
                       kmu_error *error)
{
    s->samples = p->n < SAMPLE_POINTS ? p->n : SAMPLE_POINTS;
    s->turn = malloc(count * sizeof *s->turn);
    s->mu = malloc(count * k * p->d * sizeof *s->mu);
    s->row = malloc(s->samples * sizeof *s->row);
    s->label = malloc(count * s->samples * sizeof *s->label);
    s->J = malloc(count * sizeof *s->J);
    *x = malloc(s->samples * p->d * kmu_type_bytes(type));
    *few = (kmu_points){.size = sizeof *few, .type = type, .n = s->samples, .d = p->d, .x = *x};
    if (!s->turn || !s->mu || !s->row || !s->label || !s->J || !*x)
        return out_of_memory(error);
    choose_sample(s, p->n);
    for (size_t a = 0; a < s->samples; a++)
        for (size_t l = 0; l < p->d; l++)
            store_number(*x, a * p->d + l, type,
                         load_number(p->x, (size_t)((ptrdiff_t)s->row[a] * p->row + (ptrdiff_t)l * p->col), p->type));
    return KMU_OK;
}

void steps_free(struct steps *s)
{
    free(s->turn);
    free(s->mu);
    free(s->row);
    free(s->label);
    free(s->J);
}

/* The tree's nodes, two of each split and the root in front: their first leaf, the leaf behind their last, mass and centroid.
 */
struct node {
    size_t first, end;
    double mass;
    const double *mu;
};

/* node[0] is the root, whose centroid, the mean of the leaves', comes into root; node[1 + 2 s + b] child b of split s. */
static void measure(struct node *node, const kmu_result *r, const double *mu, const double *split_mu, double *root)
{
    for (size_t s = r->splits; s-- > 0;)
        for (size_t b = 0; b < 2; b++) {
            const int32_t child = r->child[2 * s + b];
            struct node *n = &node[1 + 2 * s + b];
            if (child >= 0) {
                *n = (struct node){(size_t)child, (size_t)child + 1, r->mass[child], split_mu + (2 * s + b) * r->d};
            } else {
                const struct node *two = &node[1 + 2 * (size_t)-child];
                *n = (struct node){two[0].first, two[1].end, two[0].mass + two[1].mass, split_mu + (2 * s + b) * r->d};
            }
        }
    node[0] = (struct node){0, r->k, node[1].mass + node[2].mass, root};
    for (size_t l = 0; l < r->d; l++)
        root[l] = 0;
    for (size_t i = 0; i < r->k; i++)
        for (size_t l = 0; l < r->d; l++)
            root[l] += r->mass[i] / node[0].mass * mu[i * r->d + l];
}

/* The node that split s splits. */
static const struct node *parent(const struct node *node, const kmu_result *r, size_t s)
{
    for (size_t a = 0; a < 2 * s; a++)
        if (r->child[a] < 0 && (size_t)-r->child[a] == s)
            return &node[1 + a];
    return node;
}

/* m ||mu - whole||^2 of a child. */
static double apart(const struct node *child, const struct node *whole, size_t d)
{
    double D = 0;
    for (size_t l = 0; l < d; l++)
        D += (child->mu[l] - whole->mu[l]) * (child->mu[l] - whole->mu[l]);
    return child->mass * D;
}

/* Step t: what split t - 1 made of step t - 1, for labels that are leaves at first. */
static void take_split(struct steps *s, size_t t, const struct node *two, const int32_t *leaf, size_t k, size_t d)
{
    double *mu = s->mu + t * k * d;
    int32_t *label = s->label + t * s->samples;
    memcpy(mu, mu - k * d, k * d * sizeof *mu);
    for (int b = 0; b < 2; b++)
        memcpy(mu + two[b].first * d, two[b].mu, d * sizeof *mu);
    for (size_t a = 0; a < s->samples; a++) {
        const bool second = (size_t)leaf[a] >= two[1].first && (size_t)leaf[a] < two[1].end;
        label[a] = second ? (int32_t)two[1].first : label[(ptrdiff_t)a - (ptrdiff_t)s->samples];
    }
}

/* All steps, of which those below `kept` stay and the last comes behind them. */
static void take_splits(struct steps *s, size_t kept, const struct node *node, const int32_t *leaf, const kmu_result *r,
                        const double *mu)
{
    const size_t size = r->k * r->d, last = r->splits;
    for (size_t a = 0; a < size; a++)
        s->mu[a] = a < r->d ? node[0].mu[a] : NAN;
    memset(s->label, 0, s->samples * sizeof *s->label);
    for (s->count = 0; s->count < kept && s->count <= last; s->count++) {
        s->turn[s->count] = (int64_t)s->count;
        if (s->count)
            take_split(s, s->count, &node[2 * s->count - 1], leaf, r->k, r->d);
    }
    if (s->count <= last) {
        s->turn[s->count] = (int64_t)last;
        memcpy(s->mu + s->count * size, mu, size * sizeof *mu);
        memcpy(s->label + s->count++ * s->samples, leaf, s->samples * sizeof *leaf);
    }
    double J = r->stop == KMU_FIXPOINT ? r->J : NAN;
    for (size_t after = last, t = s->count; t-- > 0; s->J[t] = J)
        for (; after > (size_t)s->turn[t]; after--) {
            const struct node *whole = parent(node, r, after - 1);
            J += apart(&node[2 * after - 1], whole, r->d) + apart(&node[2 * after], whole, r->d);
        }
}

kmu_status split_steps(struct steps *s, const struct job *job, const kmu_points *p, const kmu_result *r, const double *mu,
                       const double *split_mu, kmu_error *error)
{
    const size_t kept = 1 + most_steps(r->k);
    void *x = NULL;
    kmu_points few;
    kmu_options o = job->o;
    o.k = r->k;
    o.on_turn = NULL;
    *s = (struct steps){.kind = STEP_SPLIT};
    if (!r->splits || r->k > MOST_MOVING)
        return KMU_OK;
    kmu_status status = steps_begin(s, kept + 1, r->k, p, r->type, &x, &few, error);
    int32_t *leaf = malloc((s->samples + 1) * sizeof *leaf);
    struct node *node = malloc((2 * r->splits + 1) * sizeof *node);
    double *root = malloc(r->d * sizeof *root);
    if (status == KMU_OK && (!leaf || !node || !root))
        status = out_of_memory(error);
    if (status == KMU_OK)
        status = kmu_walk(&few, &o, r->splits, r->child, r->split_mu, leaf, NULL, error);
    if (status == KMU_OK) {
        measure(node, r, mu, split_mu, root);
        take_splits(s, kept, node, leaf, r, mu);
    }
    free(x);
    free(leaf);
    free(node);
    free(root);
    return status;
}
