/* caller.c - a call of the library as Python sees it: without the GIL, ended by Ctrl-C, its errors exceptions. */
#include "core.h"

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
    if (c->failed)
        return KMU_ABANDON;
    if (now() - c->asked < PATIENCE)
        return KMU_GO;
    PyEval_RestoreThread(c->state);
    c->failed = PyErr_CheckSignals() != 0;
    c->state = PyEval_SaveThread();
    c->asked = now();
    return c->failed ? KMU_ABANDON : KMU_GO;
}

/* on_turn(run, turn, J_update, shift); an exception in it abandons the fit. */
static void on_turn(const kmu_turn *turn, void *context)
{
    struct caller *c = context;
    if (c->failed)
        return;
    PyEval_RestoreThread(c->state);
    PyObject *said = PyObject_CallFunction(c->on_turn, "iLdd", (int)turn->run, (long long)turn->turn, turn->J_update, turn->shift);
    c->failed = !said;
    Py_XDECREF(said);
    c->state = PyEval_SaveThread();
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
