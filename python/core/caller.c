/* caller.c - a call of the library as Python sees it: without the GIL, ended by Ctrl-C, its errors exceptions. */
#include "core.h"

#include <string.h>
#include <time.h>

#define PATIENCE 0.05 /* seconds between two looks at signals: each one waits for the GIL */

PyObject *core_data_error;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Python runs signal handlers when its main thread asks; that of Ctrl-C raises KeyboardInterrupt. */
static kmu_poll poll(void *context)
{
    struct caller *c = context;
    if (c->failed || c->finish)
        return c->failed ? KMU_ABANDON : KMU_FINISH;
    if (now() - c->asked < PATIENCE)
        return KMU_GO;
    PyEval_RestoreThread(c->state);
    c->failed = PyErr_CheckSignals() != 0;
    c->state = PyEval_SaveThread();
    c->asked = now();
    return c->failed ? KMU_ABANDON : KMU_GO;
}

/* on_turn(run, turn, J_assign, J_update, shift): true ends the fit with the best so far, an exception abandons it. */
static void on_turn(const kmu_turn *turn, void *context)
{
    struct caller *c = context;
    if (c->failed || c->finish)
        return;
    PyEval_RestoreThread(c->state);
    PyObject *said = PyObject_CallFunction(c->on_turn, "iLddd", (int)turn->run, (long long)turn->turn, turn->J_assign,
                                           turn->J_update, turn->shift);
    const int finish = said ? PyObject_IsTrue(said) : -1;
    c->failed = finish < 0;
    c->finish = finish > 0;
    Py_XDECREF(said);
    c->state = PyEval_SaveThread();
}

/* start_split(rows, as bytes of uint32) -> 2 x d of f64. */
static kmu_poll start_split(const uint32_t *row, size_t rows, void *start, void *context)
{
    struct caller *c = context;
    if (c->failed)
        return KMU_ABANDON;
    PyEval_RestoreThread(c->state);
    PyObject *said = PyObject_CallFunction(c->start_split, "y#", (const char *)row, (Py_ssize_t)(rows * sizeof *row));
    Py_buffer mu = {0};
    c->failed = !said || !core_array(&mu, said, "start", KMU_F64, 2, c->d, false);
    if (!c->failed)
        memcpy(start, mu.buf, (size_t)mu.len);
    PyBuffer_Release(&mu);
    Py_XDECREF(said);
    c->state = PyEval_SaveThread();
    return c->failed ? KMU_ABANDON : KMU_GO;
}

bool core_options(kmu_options *o, PyObject *names)
{
    PyObject *name, *value;
    Py_ssize_t at = 0;
    kmu_options_init(o, sizeof *o);
    while (PyDict_Next(names, &at, &name, &value)) {
        kmu_error error;
        PyObject *text = PyObject_Str(value);
        const char *key = text ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL, *word = key ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
        const bool bad = word && kmu_options_set(o, key, word, &error) != KMU_OK;
        if (bad)
            PyErr_SetString(PyExc_ValueError, error.text);
        Py_XDECREF(text);
        if (bad || !word)
            return false;
    }
    return true;
}

void core_enter(struct caller *c, kmu_options *o)
{
    o->poll = poll;
    o->on_turn = c->on_turn ? on_turn : NULL;
    o->start_split = c->start_split ? start_split : NULL;
    o->context = c;
    c->asked = now();
    c->state = PyEval_SaveThread();
}

bool core_leave(struct caller *c, kmu_status status, const kmu_error *error)
{
    PyEval_RestoreThread(c->state);
    if (c->failed || status == KMU_OK)
        return !c->failed;
    PyErr_SetString(status == KMU_EDATA     ? core_data_error
                    : status == KMU_EUSAGE  ? PyExc_ValueError
                    : status == KMU_EMEMORY ? PyExc_MemoryError
                                            : PyExc_SystemError,
                    error->text);
    return false;
}
