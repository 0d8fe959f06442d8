/* partial.c - the public door of mini-batch k-means, a batch at a time: check, open, one step, close. */
#include "descend/minibatch.h"
#include "ground/status.h"
#include "layout/typed.h"
#include "session.h"
#include "update/blend.h"

/* What a caller keeps becomes mu and v of these batches; masses need not have the parts that they would get here. */
static kmu_status enter_state(struct session *s, const kmu_state *state, struct batches *t, kmu_error *error)
{
    struct fit *f = &s->work.fit;
    t->steps = state->steps;
    t->since = state->since;
    if (state->steps == 0)
        return KMU_OK;
    for (size_t i = 0; i < f->k; i++) {
        const double *v = state->v + i * KMU_MASS_PARTS;
        struct wide mass;
        bool finite = true;
        for (size_t a = 0; a < KMU_MASS_PARTS; a++)
            finite &= v[a] - v[a] == 0;
        kmu__mass_of_parts(v, &mass);
        if (!finite || kmu__wide_sign(&mass) < 0 || !kmu__mass_parts(&mass, t->v + i * KMU_MASS_PARTS))
            return kmu__fail(error, KMU_EDATA, "state.v: mass %zu is not a finite number of at least 0", i);
    }
    return kmu__centroids_enter(f->mu, state->mu, s->points.type, f->k, &s->points, error);
}

static kmu_status check_state(const kmu_state *state, kmu_error *error)
{
    if (!state || state->size < sizeof *state)
        return kmu__fail(error, KMU_EUSAGE, "state.size is not sizeof(kmu_state)");
    if (!state->mu || !state->v)
        return kmu__fail(error, KMU_EUSAGE, "state.mu or state.v is NULL");
    if (state->steps < 0 || state->since < 0)
        return kmu__fail(error, KMU_EUSAGE, "state.steps = %lld, state.since = %lld; they are not negative",
                         (long long)state->steps, (long long)state->since);
    return KMU_OK;
}

kmu_status kmu_partial_fit(const kmu_points *p, const kmu_options *o, kmu_state *state, double *J, kmu_error *error)
{
    struct session s;
    struct batches batches = {.v = NULL};
    struct memory memory = kmu__memory(o);
    kmu_status status = check_state(state, error);
    if (status != KMU_OK)
        return status;
    status = kmu__session_open(&s, p, o, error);
    if (status == KMU_OK && state->steps == 0)
        status = kmu__session_starts(&s, o, error);
    if (status == KMU_OK) {
        kmu__wish(&memory, &batches.v, o->k * KMU_MASS_PARTS, sizeof *batches.v);
        status = kmu__grant(&memory, error);
    }
    if (status == KMU_OK)
        status = kmu__open(&s.work, &s.points, s.pool, o, error);
    if (status == KMU_OK)
        status = enter_state(&s, state, &batches, error);
    if (status == KMU_OK)
        status = kmu__partial_fit(&s.work.fit, &batches, error);
    if (status == KMU_OK && kmu__told(s.pool) == KMU_ABANDON)
        status = kmu__fail(error, KMU_EABANDONED, "abandoned");
    if (status == KMU_OK) {
        kmu__centroids_leave(state->mu, s.work.fit.mu, s.work.fit.k * s.work.fit.d, s.points.type);
        memcpy(state->v, batches.v, o->k * KMU_MASS_PARTS * sizeof *state->v);
        state->steps = batches.steps;
        state->since = batches.since;
        if (J)
            *J = s.work.fit.turn.J_assign;
    }
    kmu__give_back(&memory);
    kmu__session_close(&s);
    return status;
}
