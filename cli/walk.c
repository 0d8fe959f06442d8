/* walk.c - the centroids turn by turn (or batch by batch), kept while a fit runs, and what they do to a sample of the points. A
 * tree of splits is walked when it is made (steps.c).
 *
 * A run begins with turn 0 and takes the place of the one before it. The run kept is known in the end only: where it is not the
 * last, it is made once more, which gives the same bits. No more than `most` turns are kept, the first ones. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/walk.h"
#include "io/format.h"

static void on_centroids(int32_t run, int64_t turn, const double *mu, void *context)
{
    struct walk *w = context;
    if ((w->only >= 0 && run != w->only) || turn >= (int64_t)w->most)
        return;
    memcpy(w->mu + (size_t)turn * w->k * w->d, mu, w->k * w->d * sizeof *mu);
    w->run = run;
    w->count = (size_t)turn + 1;
}

kmu_status walk_begin(struct walk *w, struct job *job, size_t d, kmu_error *error)
{
    const size_t k = job->o.k;
    *w = (struct walk){.k = k, .d = d, .most = 1 + most_steps(k), .only = -1};
    if (job->o.method == KMU_BISECTING || k > MOST_MOVING) /* a tree is known in the end; so many are not shown */
        return KMU_OK;
    w->mu = malloc(w->most * k * d * sizeof *w->mu);
    job->o.on_centroids = on_centroids;
    job->o.context = w;
    return w->mu ? KMU_OK : out_of_memory(error);
}

void walk_free(struct walk *w)
{
    free(w->mu);
}

/* The run kept, once more. */
static kmu_status again(struct walk *w, const struct job *job, const kmu_points *p, int32_t run, kmu_error *error)
{
    kmu_options o = job->o;
    kmu_result *r = NULL;
    o.on_turn = NULL;
    o.n_init = run + 1;
    o.max_seconds = 0;
    w->only = run;
    w->count = 0;
    kmu_status status = kmu_fit(p, &o, &r, error);
    kmu_result_free(r);
    return status;
}

/* What was kept of the run, and the result after its last turn. */
static void take_turns(struct steps *s, const struct walk *w, const kmu_result *r, const double *mu)
{
    const size_t most = (size_t)r->iterations + 1, kept = w->count < most ? w->count : most, size = w->k * w->d;
    for (size_t t = 0; t < kept; t++)
        s->turn[t] = (int64_t)t;
    memcpy(s->mu, w->mu, kept * size * sizeof *s->mu);
    s->count = kept;
    if (kept < most) {
        s->turn[s->count] = r->iterations;
        memcpy(s->mu + s->count++ * size, mu, size * sizeof *mu);
    }
}

/* (A) of the sample to all centroids that were kept. */
static kmu_status label(struct steps *s, const struct job *job, const kmu_points *few, size_t k, kmu_error *error)
{
    const size_t size = k * few->d;
    char *mu = malloc(size * kmu_type_bytes(few->type));
    kmu_options o = job->o;
    o.on_turn = NULL;
    o.on_centroids = NULL;
    kmu_status status = mu ? KMU_OK : out_of_memory(error);
    for (size_t t = 0; t < s->count && status == KMU_OK; t++) {
        for (size_t a = 0; a < size; a++)
            store_number(mu, a, few->type, s->mu[t * size + a]);
        status = kmu_assign(few, &o, mu, s->label + t * s->samples, NULL, error);
    }
    free(mu);
    return status;
}

kmu_status walk_steps(struct steps *s, struct walk *w, const struct job *job, const kmu_points *p, const kmu_result *r,
                      const double *mu, kmu_error *error)
{
    kmu_points few;
    void *x;
    *s = (struct steps){.kind = job->o.method == KMU_MINIBATCH ? STEP_BATCH : STEP_TURN};
    kmu_status status = w->mu && r->iterations && w->run != r->run ? again(w, job, p, r->run, error) : KMU_OK;
    if (status != KMU_OK || !w->mu || !r->iterations)
        return status;
    status = steps_begin(s, w->count + 1, w->k, p, r->type, &x, &few, error);
    if (status == KMU_OK) {
        take_turns(s, w, r, mu);
        status = label(s, job, &few, w->k, error);
    }
    free(x);
    return status;
}
