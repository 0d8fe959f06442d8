/* verbs.c - a function a verb of include/kmu.h. Arguments come checked from the package; what does not fit is an exception. */
#include "core.h"

#include <string.h>

/* What every verb holds while it works. Zeroed at first; release gives back whatever was taken. */
struct held {
    struct data data;
    Py_buffer mu, c, out;
    kmu_options options;
    struct caller caller;
    kmu_error error;
};

static void release(struct held *h)
{
    PyBuffer_Release(&h->mu);
    PyBuffer_Release(&h->c);
    PyBuffer_Release(&h->out);
    core_data_release(&h->data);
}

/* Points, centroids of their type, and options for k of them. */
static bool take_model(struct held *h, PyObject *x, PyObject *w, PyObject *mu, long long threads)
{
    kmu_type type;
    if (!core_data(&h->data, x, w) || !core_centroids(&h->mu, mu, core_type(h->data.points.type), h->data.points.d, &type))
        return false;
    kmu_options_init(&h->options, sizeof h->options);
    h->options.k = (size_t)h->mu.shape[0];
    h->options.threads = threads;
    return true;
}

/* What only its method has. */
static PyObject *own(const kmu_result *r, const struct held *h)
{
    const Py_ssize_t child = (Py_ssize_t)(2 * r->splits * sizeof *r->child),
                     split_mu = (Py_ssize_t)(2 * r->splits * r->d * kmu_type_bytes(r->type));
    if (h->options.method == KMU_MINIBATCH)
        return Py_BuildValue("{snsLsy#}", "places", (Py_ssize_t)r->places, "since", (long long)r->since, "v",
                             (const char *)r->v, (Py_ssize_t)(r->k * sizeof *r->v));
    if (h->options.method == KMU_BISECTING)
        return Py_BuildValue("{snsy#sy#}", "k", (Py_ssize_t)r->k, "child", (const char *)r->child, child, "split_mu",
                             (const char *)r->split_mu, split_mu);
    return PyDict_New();
}

static PyObject *fitted(const kmu_result *r, struct held *h)
{
    memcpy(h->mu.buf, r->mu, r->k * r->d * kmu_type_bytes(r->type));
    if (r->c)
        memcpy(h->c.buf, r->c, (size_t)h->c.len);
    return Py_BuildValue("dLsiny#N", r->J, (long long)r->iterations, kmu_stop_name(r->stop), (int)r->run,
                         (Py_ssize_t)r->distinct, (const char *)r->trace, (Py_ssize_t)(r->turns * sizeof *r->trace), own(r, h));
}

/* None: as the options say; centroids; or what gives those of every split. */
static bool take_start(struct held *h, PyObject *start)
{
    kmu_options *o = &h->options;
    if (start == Py_None)
        return true;
    o->init = KMU_GIVEN;
    if (PyCallable_Check(start)) {
        h->caller.start_split = start;
        h->caller.d = h->data.points.d;
        o->start_type = KMU_F64;
        return true;
    }
    if (!core_centroids(&h->out, start, (kmu_type)0, h->data.points.d, &o->start_type))
        return false;
    o->start = h->out.buf;
    o->k = (size_t)h->out.shape[0];
    return true;
}

PyObject *core_fit(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *w, *start, *mu, *c, *names, *on_turn, *answer = NULL;
    struct held h = {0};
    kmu_result *result = NULL;
    if (!PyArg_ParseTuple(arguments, "OOOOOO!O:fit", &x, &w, &start, &mu, &c, &PyDict_Type, &names, &on_turn))
        return NULL;
    h.caller.on_turn = on_turn == Py_None ? NULL : on_turn;
    if (!core_options(&h.options, names) || !core_data(&h.data, x, w) || !take_start(&h, start))
        goto end;
    const kmu_points *p = &h.data.points;
    h.options.unlabelled = c == Py_None;
    if (!core_array(&h.mu, mu, "mu", core_type(p->type), h.options.k, p->d, true) ||
        (c != Py_None && !core_array(&h.c, c, "c", KMU_I32, p->n, 0, true)))
        goto end;
    core_enter(&h.caller, &h.options);
    const kmu_status status = kmu_fit(p, &h.options, &result, &h.error);
    if (core_leave(&h.caller, status, &h.error))
        answer = fitted(result, &h);
    if (status == KMU_OK)
        kmu_result_free(result);
end:
    release(&h);
    return answer;
}

PyObject *core_seed(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *w, *mu, *names, *answer = NULL;
    struct held h = {0};
    if (!PyArg_ParseTuple(arguments, "OOOO!:seed", &x, &w, &mu, &PyDict_Type, &names))
        return NULL;
    if (core_options(&h.options, names) && core_data(&h.data, x, w) &&
        core_array(&h.mu, mu, "mu", core_type(h.data.points.type), h.options.k, h.data.points.d, true)) {
        core_enter(&h.caller, &h.options);
        const kmu_status status = kmu_seed(&h.data.points, &h.options, h.mu.buf, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = Py_NewRef(Py_None);
    }
    release(&h);
    return answer;
}

PyObject *core_assign(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *w, *mu, *c, *answer = NULL;
    int threads, objective;
    double J = 0;
    struct held h = {0};
    if (!PyArg_ParseTuple(arguments, "OOOOip:assign", &x, &w, &mu, &c, &threads, &objective))
        return NULL;
    if (take_model(&h, x, w, mu, threads) && core_array(&h.c, c, "c", KMU_I32, h.data.points.n, 0, true)) {
        core_enter(&h.caller, &h.options);
        const kmu_status status = kmu_assign(&h.data.points, &h.options, h.mu.buf, h.c.buf, objective ? &J : NULL, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = PyFloat_FromDouble(J);
    }
    release(&h);
    return answer;
}

PyObject *core_update(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *w, *c, *mu, *answer = NULL;
    int threads;
    struct held h = {0};
    if (!PyArg_ParseTuple(arguments, "OOOOi:update", &x, &w, &c, &mu, &threads))
        return NULL;
    if (take_model(&h, x, w, mu, threads) && core_array(&h.c, c, "c", KMU_I32, h.data.points.n, 0, true) &&
        core_array(&h.out, mu, "mu", core_type(h.data.points.type), h.options.k, h.data.points.d, true)) {
        core_enter(&h.caller, &h.options);
        const kmu_status status = kmu_update(&h.data.points, &h.options, h.c.buf, h.out.buf, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = Py_NewRef(Py_None);
    }
    release(&h);
    return answer;
}

PyObject *core_verify(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *w, *mu, *c, *answer = NULL;
    int threads;
    struct held h = {0};
    kmu_verdict v = {.size = sizeof v};
    if (!PyArg_ParseTuple(arguments, "OOOOi:verify", &x, &w, &mu, &c, &threads))
        return NULL;
    if (take_model(&h, x, w, mu, threads) && core_array(&h.c, c, "c", KMU_I32, h.data.points.n, 0, false)) {
        core_enter(&h.caller, &h.options);
        const kmu_status status = kmu_verify(&h.data.points, &h.options, h.mu.buf, h.c.buf, &v, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = Py_BuildValue("{sLsLsLsLsdsLsd}", "not_nearest", (long long)v.not_nearest, "ties_not_low",
                                   (long long)v.ties_not_low, "first_not_nearest", (long long)v.first_not_nearest, "means_off",
                                   (long long)v.means_off, "means_ulps", v.means_ulps, "empty", (long long)v.empty, "J", v.J);
    }
    release(&h);
    return answer;
}

PyObject *core_distances(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *mu, *out, *answer = NULL;
    int threads;
    struct held h = {0};
    if (!PyArg_ParseTuple(arguments, "OOOi:distances", &x, &mu, &out, &threads))
        return NULL;
    if (take_model(&h, x, Py_None, mu, threads) &&
        core_array(&h.out, out, "out", core_type(h.data.points.type), h.data.points.n, h.options.k, true)) {
        core_enter(&h.caller, &h.options);
        const kmu_status status = kmu_distances(&h.data.points, &h.options, h.mu.buf, h.out.buf, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = Py_NewRef(Py_None);
    }
    release(&h);
    return answer;
}

/* mu and v are written to when all went well. */
PyObject *core_partial_fit(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *w, *start, *mu, *v, *names, *answer = NULL;
    long long steps, since;
    struct held h = {0};
    if (!PyArg_ParseTuple(arguments, "OOOOOLLO!:partial_fit", &x, &w, &start, &mu, &v, &steps, &since, &PyDict_Type, &names))
        return NULL;
    if (core_options(&h.options, names) && core_data(&h.data, x, w) && take_start(&h, start) &&
        core_array(&h.mu, mu, "mu", core_type(h.data.points.type), h.options.k, h.data.points.d, true) &&
        core_array(&h.c, v, "v", KMU_F64, h.options.k, KMU_MASS_PARTS, true)) {
        kmu_state state = {.size = sizeof state, .mu = h.mu.buf, .v = h.c.buf, .steps = steps, .since = since};
        double J = 0;
        core_enter(&h.caller, &h.options);
        const kmu_status status = kmu_partial_fit(&h.data.points, &h.options, &state, &J, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = Py_BuildValue("dL", J, (long long)state.since);
    }
    release(&h);
    return answer;
}

PyObject *core_walk(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *x, *child, *split_mu, *c, *answer = NULL;
    int threads;
    struct held h = {0};
    Py_buffer tree = {0};
    if (!PyArg_ParseTuple(arguments, "OOOOi:walk", &x, &child, &split_mu, &c, &threads))
        return NULL;
    if (take_model(&h, x, Py_None, split_mu, threads) &&
        core_array(&tree, child, "child", KMU_I32, h.options.k / 2, 2, false) &&
        core_array(&h.c, c, "c", KMU_I32, h.data.points.n, 0, true)) {
        core_enter(&h.caller, &h.options);
        const kmu_status status =
            kmu_walk(&h.data.points, &h.options, h.options.k / 2, tree.buf, h.mu.buf, h.c.buf, NULL, &h.error);
        if (core_leave(&h.caller, status, &h.error))
            answer = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&tree);
    release(&h);
    return answer;
}
