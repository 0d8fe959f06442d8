/* verify.c - kmu verify: proves or refutes labels and centroids that anybody made. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/applied.h"
#include "io/format.h"

/* What is judged: centroids and labels, of a file each or of a model; of a tree, the labels it gives. */
struct claim {
    struct model model;
    struct table centers;
    int32_t *c, *tree;
    int64_t not_by_tree; /* points that are not where the tree sends them */
    size_t first_not_by_tree;
};

static void print_tree(const struct table *t, const struct claim *claim, const kmu_verdict *v)
{
    if (claim->not_by_tree)
        printf("refuted: %" PRId64 " of %zu points are not where the tree sends them, row %zu first\n", claim->not_by_tree,
               t->n, claim->first_not_by_tree + 1);
    else
        printf("proved: every one of %zu points is where the tree sends it\n", t->n);
    if (v->not_nearest)
        printf("        %" PRId64 " of them have a nearer centroid than their own, row %" PRId64 " first\n", v->not_nearest,
               v->first_not_nearest + 1);
}

static void print_verdict(const struct job *job, const struct table *t, const struct claim *claim, const kmu_verdict *v,
                          bool holds)
{
    const size_t k = claim->centers.n;
    char J[32], ulps[32];
    J[number_write(J, v->J, KMU_F64)] = 0;
    ulps[number_write(ulps, v->means_ulps, KMU_F64)] = 0;
    if (job->json) {
        char tree[40] = "";
        if (claim->tree)
            snprintf(tree, sizeof tree, "\"not_by_tree\":%" PRId64 ",", claim->not_by_tree);
        printf("{\"kmu\":\"%s\",\"n\":%zu,\"d\":%zu,\"k\":%zu,\"holds\":%s,%s\"not_nearest\":%" PRId64
               ",\"ties_not_low\":%" PRId64 ",\"means_off\":%" PRId64 ",\"means_ulps\":%s,\"empty\":%" PRId64 ",\"J\":%s}\n",
               kmu_version(), t->n, t->d, k, holds ? "true" : "false", tree, v->not_nearest, v->ties_not_low, v->means_off,
               ulps, v->empty, v->J > 1.7976931348623157e308 ? "1e999" : J);
        return;
    }
    if (claim->tree)
        print_tree(t, claim, v);
    else if (v->not_nearest)
        printf("refuted: %" PRId64 " of %zu points have a nearer centroid than their own, row %" PRId64 " first\n",
               v->not_nearest, t->n, v->first_not_nearest + 1); /* rows of files are counted from 1 */
    else
        printf("proved: every one of %zu points is with a nearest centroid\n", t->n);
    if (v->ties_not_low)
        printf("        %" PRId64 " of them tie with a centroid of lower index\n", v->ties_not_low);
    if (v->means_off)
        printf("means:  %" PRId64 " of %zu coordinates are not the rounded mean of their cluster; the farthest is off by %s "
               "units in the last place\n",
               v->means_off, k * t->d, ulps);
    else
        printf("means:  every coordinate is the exact mean of its cluster, rounded once\n");
    if (v->empty)
        printf("empty:  %" PRId64 " of %zu clusters\n", v->empty, k);
    printf("J = %s\n", J);
}

/* Replaces the numbers of t by themselves in another type. */
static kmu_status turn_into(struct table *t, kmu_type type, kmu_error *error)
{
    struct table copy;
    kmu_status status = table_copy(t, type, &copy, error);
    if (status != KMU_OK)
        return status;
    free(t->x);
    t->type = type;
    t->x = copy.x;
    t->row = copy.row;
    t->col = copy.col;
    return KMU_OK;
}

/* Centroids that are no f32 numbers are judged as they are: binary32 points widen, unless --dtype asks for f32. */
static kmu_status agree(const struct job *job, struct table *t, kmu_points *p, struct table *centers, kmu_error *error)
{
    if (t->type != KMU_F32 || centers->type == KMU_F32)
        return KMU_OK;
    if (job->in.dtype == KMU_F32)
        return turn_into(centers, KMU_F32, error);
    kmu_status status = turn_into(t, KMU_F64, error);
    p->type = t->type;
    p->x = t->x;
    p->row = t->row;
    p->col = t->col;
    return status;
}

/* The centroids of a model, and the points in its scale. */
static kmu_status take_model(const struct job *job, struct table *t, struct claim *claim, kmu_error *error)
{
    struct model *m = &claim->model;
    kmu_status status = model_take_points(m, job, t, error);
    if (status != KMU_OK)
        return status;
    scaling_apply(&m->scaling, t);
    claim->centers = (struct table){.type = m->type, .n = m->k, .d = m->d, .x = m->mu, .row = (ptrdiff_t)m->d, .col = 1};
    m->mu = NULL;
    return KMU_OK;
}

/* The labels: of a file, or else what the model says; and what its tree says, if it has one. */
static kmu_status take_labels(const struct job *job, const kmu_points *p, struct claim *claim, kmu_error *error)
{
    const struct model *m = &claim->model;
    kmu_status status = KMU_OK;
    if (job->labels)
        status = read_labels(job, job->labels, p->n, claim->centers.n, &claim->c, error);
    else if (!(claim->c = malloc(p->n * sizeof *claim->c)))
        status = out_of_memory(error);
    else if (!m->splits)
        status = kmu_assign(p, &job->o, claim->centers.x, claim->c, NULL, error);
    if (status != KMU_OK || !m->splits)
        return status;
    if (!(claim->tree = malloc(p->n * sizeof *claim->tree)))
        return out_of_memory(error);
    status = kmu_walk(p, &job->o, m->splits, m->child, m->split_mu, claim->tree, NULL, error);
    for (size_t j = p->n; j-- > 0 && status == KMU_OK;) {
        if (!job->labels)
            claim->c[j] = claim->tree[j];
        if (claim->c[j] == claim->tree[j])
            continue;
        claim->not_by_tree++;
        claim->first_not_by_tree = j;
    }
    return status;
}

/* What is asked for makes sense; a model is read before the points, for its type decides how they are read. */
static kmu_status begin(struct job *job, struct claim *claim, kmu_error *error)
{
    if (!job->model && (!job->centers || !job->labels))
        return table_fail(error, KMU_EUSAGE, "--centers and --labels are needed, or -m: what shall be verified?");
    if (!job->model)
        return KMU_OK;
    if (job->centers)
        return table_fail(error, KMU_EUSAGE, "--centers %s: -m has centroids of its own", job->centers);
    return model_open(job, &claim->model, error);
}

int command_verify(struct job *job)
{
    struct table t = {0};
    struct claim claim = {.c = NULL};
    kmu_points p;
    kmu_error error = {""};
    kmu_verdict verdict = {.size = sizeof verdict};
    bool holds = false;
    kmu_status status = begin(job, &claim, &error);
    if (status == KMU_OK)
        status = read_points(job, &t, &p, &error);
    if (status == KMU_OK)
        status = job->model ? take_model(job, &t, &claim, &error) : read_centers(job, job->centers, &t, &claim.centers, &error);
    if (status == KMU_OK && !job->model)
        status = agree(job, &t, &p, &claim.centers, &error);
    job->o.k = claim.centers.n;
    if (status == KMU_OK)
        status = take_labels(job, &p, &claim, &error);
    if (status == KMU_OK) {
        status = kmu_verify(&p, &job->o, claim.centers.x, claim.c, &verdict, &error);
        if (status == KMU_EDATA)
            name_place(job->data, &error);
    }
    if (status == KMU_OK) {
        holds = (claim.tree ? claim.not_by_tree == 0 : verdict.not_nearest == 0) &&
                (!job->strict || (verdict.ties_not_low == 0 && verdict.means_off == 0));
        print_verdict(job, &t, &claim, &verdict, holds);
    }
    free(claim.c);
    free(claim.tree);
    table_free(&claim.centers);
    table_free(&t);
    model_free(&claim.model);
    return status == KMU_OK && !holds ? 6 : say(job, status, &error);
}
