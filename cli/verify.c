/* verify.c - kmu verify: proves or refutes labels and centroids that anybody made. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cli.h"

static void print_verdict(const struct job *job, const struct table *t, size_t k, const kmu_verdict *v, bool holds)
{
    char J[32], ulps[32];
    J[number_write(J, v->J, KMU_F64)] = 0;
    ulps[number_write(ulps, v->means_ulps, KMU_F64)] = 0;
    if (job->json) {
        printf("{\"kmu\":\"%s\",\"n\":%zu,\"d\":%zu,\"k\":%zu,\"holds\":%s,\"not_nearest\":%" PRId64
               ",\"ties_not_low\":%" PRId64 ",\"means_off\":%" PRId64 ",\"means_ulps\":%s,\"empty\":%" PRId64 ",\"J\":%s}\n",
               kmu_version(), t->n, t->d, k, holds ? "true" : "false", v->not_nearest, v->ties_not_low, v->means_off, ulps,
               v->empty, v->J > 1.7976931348623157e308 ? "1e999" : J);
        return;
    }
    if (v->not_nearest)
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

int command_verify(struct job *job)
{
    struct table t = {0}, centers = {0};
    kmu_points p;
    kmu_error error = {""};
    int32_t *c = NULL;
    kmu_verdict verdict = {.size = sizeof verdict};
    bool holds = false;
    kmu_status status = KMU_OK;
    if (!job->centers || !job->labels) {
        snprintf(error.text, sizeof error.text, "--centers and --labels are needed: what shall be verified?");
        return say(job, KMU_EUSAGE, &error);
    }
    status = read_points(job, &t, &p, &error);
    if (status == KMU_OK)
        status = read_centers(job, job->centers, &t, &centers, &error);
    if (status == KMU_OK)
        status = agree(job, &t, &p, &centers, &error);
    if (status == KMU_OK)
        status = read_labels(job, job->labels, t.n, centers.n, &c, &error);
    if (status == KMU_OK) {
        job->o.k = centers.n;
        status = kmu_verify(&p, &job->o, centers.x, c, &verdict, &error);
        if (status == KMU_EDATA)
            name_place(job->data, &error);
    }
    if (status == KMU_OK) {
        holds = verdict.not_nearest == 0 && (!job->strict || (verdict.ties_not_low == 0 && verdict.means_off == 0));
        print_verdict(job, &t, centers.n, &verdict, holds);
    }
    free(c);
    table_free(&centers);
    table_free(&t);
    return status == KMU_OK && !holds ? 6 : say(job, status, &error);
}
