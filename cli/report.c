/* report.c - kmu report, and --report of kmu fit: what is known of a fit or a model, gathered for one page. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/applied.h"
#include "cli/facts.h"
#include "cli/trace.h"
#include "cli/walk.h"
#include "io/format.h"
#include "report/sheet.h"

enum { LEAST_SAMPLE = 30, MOST_SAMPLE = 1000 };

/* What a page holds and who owns it. */
struct gathered {
    struct report report;
    kmu_verdict verdict;
    double *mu, *split_mu, *J, *radius, *silhouette;
    int64_t *count;
    char why[300];
};

static void add_options(struct facts *f, const struct job *job, const kmu_result *result)
{
    const kmu_options *o = &job->o;
    add_fact(f, "clusters", "%zu", o->k);
    add_fact(f, "method", "%s", kmu_method_name(o->method));
    add_start(f, job);
    if (o->n_init > 1)
        add_fact(f, "runs", "%" PRId64 ", of which run %d is the best", o->n_init, (int)result->run + 1);
    add_fact(f, "seed", "%" PRIu64, o->seed);
    add_fact(f, o->method == KMU_MINIBATCH ? "most passes" : "most turns", "%" PRId64, o->max_iter);
    if (o->tol > 0)
        add_fact(f, "tolerance", "%g", o->tol);
    if (o->max_seconds > 0)
        add_fact(f, "most seconds", "%g", o->max_seconds);
    if (o->method == KMU_MINIBATCH)
        add_fact(f, "batch size", "%" PRId64, o->batch_size);
    add_fact(f, "computed by", "%s, %s, %" PRId64 " thread%s; the answer does not depend on them",
             kmu_algorithm_name(o->algorithm), kmu_isa_name(result->isa), result->threads, result->threads == 1 ? "" : "s");
    add_fact(f, o->method == KMU_MINIBATCH ? "batches" : "turns", "%" PRId64, result->iterations);
    add_fact(f, "seconds", "%.3g for the start, %.3g for the fit", result->seconds_seed, result->seconds_fit);
    add_fact(f, "version", "kmu %s", kmu_version());
}

static void add_model(struct facts *f, const struct job *job, const struct model *m)
{
    char J[32], points[COUNT_BYTES + 32];
    J[number_write(J, m->J, KMU_F64)] = 0;
    add_fact(f, "model", "%s", title_of(job->model));
    if (job->trace)
        add_fact(f, "trace", "%s", title_of(job->trace));
    add_fact(f, "clusters", "%zu", m->k);
    add_fact(f, "method", "%s", m->method);
    add_fact(f, "seed", "%" PRIu64, m->seed);
    add_fact(f, "turns", "%" PRId64, m->iterations);
    add_fact(f, "stopped by", "%s", m->stop);
    add_fact(f, "fitted to", "%s, J = %s", count_things(points, m->n, "point"), J);
    add_fact(f, "version", "kmu %s", kmu_version());
}

/* How many points' true silhouettes can be paid for: about two seconds, a pair of points at 15 + d nanoseconds. */
static size_t sample_size(const kmu_points *p)
{
    const double affordable = 2e9 / ((double)p->n * (15 + (double)p->d));
    return affordable < LEAST_SAMPLE ? LEAST_SAMPLE : affordable > MOST_SAMPLE ? MOST_SAMPLE : (size_t)affordable;
}

/* What is said of labels and centroids, whoever made them. mu is of the type of p's results. */
static kmu_status judge(struct gathered *g, const struct job *job, const kmu_points *p, const void *mu, kmu_error *error)
{
    struct report *r = &g->report;
    const size_t k = r->plot.k;
    const int32_t *c = r->plot.c;
    kmu_options o = job->o;
    o.k = k;
    o.on_turn = NULL;
    o.on_centroids = NULL;
    g->verdict = (kmu_verdict){.size = sizeof g->verdict};
    g->J = malloc(k * sizeof *g->J);
    g->radius = malloc(k * sizeof *g->radius);
    g->silhouette = malloc(k * sizeof *g->silhouette);
    g->count = calloc(k, sizeof *g->count);
    r->plot.hue = malloc(k);
    if (!g->J || !g->radius || !g->silhouette || !g->count || !r->plot.hue)
        return out_of_memory(error);
    for (size_t j = 0; j < p->n; j++)
        g->count[c[j]]++;
    r->sample = sample_size(p) < p->n ? sample_size(p) : p->n;
    kmu_status status = kmu_verify(p, &o, mu, c, &g->verdict, error);
    if (status == KMU_OK)
        status = kmu_describe(p, &o, mu, c, g->J, g->radius, error);
    if (status == KMU_OK)
        status = kmu_silhouette(p, &o, mu, c, g->silhouette, &r->silhouette_mean, error);
    r->sampled = r->sampled_error = NAN;
    if (status == KMU_OK && r->sample > 1)
        status = kmu_silhouette_sampled(p, &o, c, r->sample, &r->sampled, &r->sampled_error, error);
    r->verdict = &g->verdict;
    r->J = g->verdict.J;
    r->count = g->count;
    r->J_cluster = g->J;
    r->radius = g->radius;
    r->silhouette = g->silhouette;
    return status;
}

static void release(struct gathered *g)
{
    free(g->mu);
    free(g->split_mu);
    free(g->J);
    free(g->radius);
    free(g->silhouette);
    free(g->count);
    free(g->report.plot.hue);
    steps_free(&g->report.steps);
}

/* The turns of the run kept; bisecting has none of its own. */
static void take_trace(struct report *r, const kmu_options *o, const kmu_result *result)
{
    size_t first = 0;
    if (o->method == KMU_BISECTING)
        return;
    while (first < result->turns && result->trace[first].run != result->run)
        first++;
    r->turn = result->trace + first;
    while (first + r->turns < result->turns && r->turn[r->turns].run == result->run)
        r->turns++;
    r->batches = o->method == KMU_MINIBATCH;
}

kmu_status write_report(struct output *out, struct job *job, const struct table *t, const kmu_points *p,
                        const kmu_result *result, const struct scaling *s, struct walk *walk, kmu_error *error)
{
    struct gathered g = {.mu = widen(result->mu, result->k * result->d, result->type),
                         .split_mu = widen(result->split_mu, 2 * result->splits * result->d, result->type)};
    struct report *r = &g.report;
    kmu_status status = g.mu && g.split_mu ? KMU_OK : out_of_memory(error);
    r->plot = plot_of(job, t, p, s);
    r->plot.c = result->c;
    r->plot.k = result->k;
    r->plot.mu = g.mu;
    r->plot.mass = result->mass;
    r->plot.splits = result->splits;
    r->plot.child = result->child;
    r->plot.split_mu = g.split_mu;
    r->id = t->id;
    r->title = title_of(job->data);
    r->why = stop_words(job->o.method, result->stop);
    add_data(&r->facts, job, t, p);
    add_options(&r->facts, job, result);
    take_trace(r, &job->o, result);
    r->too_many = result->k > MOST_MOVING;
    if (status == KMU_OK)
        status = judge(&g, job, p, result->mu, error);
    if (status == KMU_OK)
        status = job->o.method == KMU_BISECTING ? split_steps(&r->steps, job, p, result, g.mu, g.split_mu, error)
                                                : walk_steps(&r->steps, walk, job, p, result, g.mu, error);
    if (status == KMU_OK)
        status = report_write(r, out, error);
    release(&g);
    return status;
}

/* The masses of the clusters, as the data given have them. */
static double *masses(const kmu_points *p, const int32_t *c, size_t k)
{
    double *mass = calloc(k, sizeof *mass);
    for (size_t j = 0; mass && j < p->n; j++)
        mass[c[j]] += p->w ? p->w[j] : 1;
    return mass;
}

/* Why the fit of a model stopped. */
static const char *words_of(const struct model *m)
{
    int method = 0, stop = 0;
    while (kmu_method_name((kmu_method)method) && strcmp(kmu_method_name((kmu_method)method), m->method) != 0)
        method++;
    while (kmu_stop_name((kmu_stop)stop) && strcmp(kmu_stop_name((kmu_stop)stop), m->stop) != 0)
        stop++;
    return stop_words((kmu_method)method, (kmu_stop)stop);
}

static kmu_status tell(struct job *job, const struct model *m, const struct table *t, struct plot *plot, const void *context,
                       struct output *out, kmu_error *error)
{
    const struct trace *trace = context;
    const kmu_points *p = plot->points;
    struct gathered g = {.mu = NULL};
    struct report *r = &g.report;
    double *mass = masses(p, plot->c, m->k);
    kmu_status status = mass ? KMU_OK : out_of_memory(error);
    job->scale = m->scaling.kind;
    r->plot = *plot;
    r->plot.mass = mass;
    r->id = t->id;
    r->title = plot->name;
    snprintf(g.why, sizeof g.why, "%s%s", words_of(m),
             job->trace ? ""
             : m->splits
                 ? ". How it went, a model does not tell: kmu fit --report shows every split"
                 : ". How it went, a model does not tell: kmu report --trace does, and kmu fit --report shows every turn");
    r->why = g.why;
    add_data(&r->facts, job, t, p);
    add_model(&r->facts, job, m);
    r->turn = trace->kept;
    r->turns = trace->kept_turns;
    r->batches = strcmp(m->method, kmu_method_name(KMU_MINIBATCH)) == 0;
    if (status == KMU_OK)
        status = judge(&g, job, p, m->mu, error);
    if (status == KMU_OK)
        status = report_write(r, out, error);
    release(&g);
    free(mass);
    return status;
}

static kmu_status report(struct job *job, struct model *m, struct table *t, kmu_points *p, kmu_error *error)
{
    struct trace trace = {.turn = NULL};
    kmu_status status = job->trace ? trace_read(job->trace, m, &trace, error) : KMU_OK;
    if (status == KMU_OK)
        status = picture_model(job, m, t, p, tell, &trace, error);
    trace_free(&trace);
    return status;
}

static kmu_status check(struct job *job, kmu_error *error)
{
    if (!job->output)
        return table_fail(error, KMU_EUSAGE, "-o is missing: where to? (F.html)");
    return report_writable(job->output, error);
}

int command_report(struct job *job)
{
    return apply_model(job, &(struct application){check, report});
}
