/* result.c - the outcome of a fit: the best run so far and every turn of all runs. */
#include "result.h"

#include <stddef.h>

#include "ground/status.h"
#include "layout/typed.h"
#include "update/objective.h"
#include "update/tally.h"

struct outcome {
    kmu_result result; /* first: the public pointer is the outcome's */
    struct memory memory, trace;
    const kmu_options *options;
    struct wide J;
    size_t room; /* turns the trace has room for */
};

kmu_status kmu__outcome_open(struct outcome **outcome, const struct points *p, const kmu_options *o, kmu_error *error)
{
    struct memory memory = kmu__memory(o);
    struct outcome *r;
    kmu_result parts;
    size_t k = o->k, splits = o->method == KMU_BISECTING ? k - 1 : 0;
    kmu__wish(&memory, &r, 1, sizeof *r);
    kmu__wish(&memory, &parts.mu, k * p->d, kmu_type_bytes(p->type));
    parts.c = NULL;
    parts.mass = parts.v = NULL;
    parts.count = NULL;
    if (!o->unlabelled) {
        kmu__wish(&memory, &parts.c, p->n, sizeof *parts.c);
        kmu__wish(&memory, &parts.mass, k, sizeof *parts.mass);
        kmu__wish(&memory, &parts.count, k, sizeof *parts.count);
    }
    if (o->method == KMU_MINIBATCH)
        kmu__wish(&memory, &parts.v, k, sizeof *parts.v);
    kmu__wish(&memory, &parts.child, 2 * splits, sizeof *parts.child);
    kmu__wish(&memory, &parts.split_mu, 2 * splits * p->d, kmu_type_bytes(p->type));
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    *r = (struct outcome){.memory = memory, .trace = kmu__memory(o), .options = o};
    r->result = (kmu_result){.n = p->n,
                             .d = p->d,
                             .k = k,
                             .type = p->type,
                             .mu = parts.mu,
                             .c = parts.c,
                             .mass = parts.mass,
                             .count = parts.count,
                             .run = -1,
                             .splits = splits,
                             .child = parts.child,
                             .split_mu = parts.split_mu,
                             .v = parts.v};
    *outcome = r;
    return KMU_OK;
}

void kmu__outcome_close(struct outcome *r)
{
    if (!r)
        return;
    kmu__give_back(&r->trace);
    struct memory memory = r->memory;
    kmu__give_back(&memory);
}

/* Doubles the room of the trace. */
static kmu_status grow(struct outcome *r, kmu_error *error)
{
    struct memory larger = kmu__memory(r->options);
    size_t room = r->room ? 2 * r->room : 64;
    kmu_turn *trace;
    kmu__wish(&larger, &trace, room, sizeof *trace);
    kmu_status status = kmu__grant(&larger, error);
    if (status != KMU_OK)
        return status;
    if (r->result.turns)
        memcpy(trace, r->result.trace, r->result.turns * sizeof *trace);
    kmu__give_back(&r->trace);
    r->trace = larger;
    r->result.trace = trace;
    r->room = room;
    return KMU_OK;
}

kmu_status kmu__outcome_turn(void *outcome, const kmu_turn *turn, kmu_error *error)
{
    struct outcome *r = outcome;
    if (r->result.turns == r->room) {
        kmu_status status = grow(r, error);
        if (status != KMU_OK)
            return status;
    }
    ((kmu_turn *)(uintptr_t)r->result.trace)[r->result.turns++] = *turn;
    if (r->options->on_turn)
        r->options->on_turn(turn, r->options->context);
    return KMU_OK;
}

/* The exact mass of cluster i, rounded once. */
static double mass_of(const struct fit *f, size_t i)
{
    struct wide sum;
    kmu__mass_wide(f, i, &sum);
    return kmu__wide_round(&sum);
}

void kmu__outcome_centroids(struct outcome *r, const struct fit *f, int32_t run, kmu_stop stop)
{
    kmu_result *o = &r->result;
    o->run = run;
    o->stop = stop;
    o->iterations = f->iterations;
    kmu__centroids_leave(o->mu, f->mu, f->k * f->d, o->type);
}

bool kmu__outcome_keep(struct outcome *r, struct fit *f, int32_t run, kmu_stop stop)
{
    kmu_result *o = &r->result;
    if (r->options->n_init > 1) {
        kmu__objective_exact(f, f->mu);
        if (o->run >= 0 && kmu__wide_compare(f->J, &r->J) >= 0)
            return false;
        r->J = *f->J;
    }
    kmu__outcome_centroids(r, f, run, stop);
    o->J = kmu__objective(f, f->mu);
    o->distinct = 0;
    for (size_t i = 0; i < f->k; i++) {
        o->mass[i] = mass_of(f, i);
        o->distinct += f->sums.count[i] > 0;
    }
    return true;
}

void kmu__outcome_labels(struct outcome *r, const struct fit *f)
{
    kmu_result *o = &r->result;
    memset(o->count, 0, f->k * sizeof *o->count);
    for (size_t j = 0; j < o->n; j++) {
        o->c[j] = f->c[f->place ? f->place[j] : j]; /* itself, where f worked in it */
        o->count[o->c[j]]++;
    }
}

kmu_result *kmu__outcome_result(struct outcome *r)
{
    return &r->result;
}

void kmu_result_free(kmu_result *result)
{
    kmu__outcome_close((struct outcome *)result);
}
