/* walk.c - the centroids turn by turn, kept while a fit runs, and what they do to a sample of the points.
 *
 * A run begins with turn 0 and takes the place of the one before it. The run kept is known in the end only: where it is not the
 * last, it is made once more, which gives the same bits. No more than `most` turns are kept, the first ones. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/walk.h"
#include "io/format.h"
#include "io/u128.h"

enum { MOST_TURNS = 100, MOST_SITES = 6000 };

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
    const size_t k = job->o.k, turns = MOST_SITES / k;
    *w = (struct walk){.k = k, .d = d, .most = 1 + (turns > MOST_TURNS ? MOST_TURNS : turns < 4 ? 4 : turns), .only = -1};
    if (job->o.method != KMU_LLOYD)
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
static kmu_status label(struct steps *s, const struct job *job, const kmu_points *p, const struct walk *w, kmu_type type,
                        kmu_error *error)
{
    const size_t size = w->k * w->d, bytes = kmu_type_bytes(type);
    char *x = malloc(s->samples * w->d * bytes), *mu = malloc(size * bytes);
    kmu_options o = job->o;
    o.on_turn = NULL;
    o.on_centroids = NULL;
    kmu_points few = {.size = sizeof few, .type = type, .n = s->samples, .d = w->d, .x = x};
    for (size_t a = 0; x && a < s->samples; a++)
        for (size_t l = 0; l < w->d; l++)
            store_number(x, a * w->d + l, type,
                         load_number(p->x, (size_t)((ptrdiff_t)s->row[a] * p->row + (ptrdiff_t)l * p->col), p->type));
    kmu_status status = x && mu ? KMU_OK : out_of_memory(error);
    for (size_t t = 0; t < s->count && status == KMU_OK; t++) {
        for (size_t a = 0; a < size; a++)
            store_number(mu, a, type, s->mu[t * size + a]);
        status = kmu_assign(&few, &o, mu, s->label + t * s->samples, NULL, error);
    }
    free(x);
    free(mu);
    return status;
}

kmu_status walk_steps(struct steps *s, struct walk *w, const struct job *job, const kmu_points *p, const kmu_result *r,
                      const double *mu, kmu_error *error)
{
    *s = (struct steps){.samples = p->n < SAMPLE_POINTS ? p->n : SAMPLE_POINTS};
    kmu_status status = w->mu && r->iterations && w->run != r->run ? again(w, job, p, r->run, error) : KMU_OK;
    if (status != KMU_OK || !w->mu || !r->iterations)
        return status;
    const size_t turns = w->count + 1;
    s->turn = malloc(turns * sizeof *s->turn);
    s->mu = malloc(turns * w->k * w->d * sizeof *s->mu);
    s->row = malloc(s->samples * sizeof *s->row);
    s->label = malloc(turns * s->samples * sizeof *s->label);
    if (!s->turn || !s->mu || !s->row || !s->label)
        return out_of_memory(error);
    choose_sample(s, p->n);
    take_turns(s, w, r, mu);
    return label(s, job, p, w, r->type, error);
}

void steps_free(struct steps *s)
{
    free(s->turn);
    free(s->mu);
    free(s->row);
    free(s->label);
}
