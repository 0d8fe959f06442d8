/* core.h - the Python extension kmu._core: arrays by the buffer protocol in, include/kmu.h called without the GIL.
 *
 * Nothing is computed here. arrays.c turns buffers into kmu_points, caller.c turns signals, callbacks and statuses into
 * Python's, verbs.c has a function a verb, module.c the table of them. */
#ifndef CORE_H
#define CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "kmu.h"

/* ---- arrays.c: every function is false with an exception set when the array does not fit -------------------------- */

/* Points and weights as the library wants them, and the buffers that are held meanwhile. Zeroed before it is filled. */
struct data {
    kmu_points points;
    Py_buffer x, w, start, column;
    void *own[2]; /* start and column, where they came in the other width */
};

/* x: a matrix of numbers, any strides, or CSR rows: an object with data, indices, indptr and shape. w: n binary64 in a row, or
 * None. */
bool core_data(struct data *, PyObject *x, PyObject *w);
void core_data_release(struct data *);

/* A C-ordered array of rows x columns (columns 0: one dimension) whose items are of the type. */
bool core_array(Py_buffer *, PyObject *, const char *name, kmu_type, size_t rows, size_t columns, bool write);

/* Centroids: C-ordered rows of d binary32 or binary64; of any type when that is 0. */
bool core_centroids(Py_buffer *, PyObject *, kmu_type, size_t d, kmu_type *found);

/* The type that results have for points of this type. */
kmu_type core_type(kmu_type);

/* ---- caller.c ---------------------------------------------------------------------------------------------------- */

/* What the library's callbacks need: between enter and leave the GIL is not held. Zeroed before it is entered. */
struct caller {
    PyThreadState *state;
    PyObject *on_turn;     /* callable or NULL */
    PyObject *start_split; /* callable or NULL */
    size_t d;              /* of the centroids that start_split gives */
    double asked;          /* when signals were looked at last, in seconds */
    bool failed;           /* an exception is set */
    bool finish;           /* on_turn has said to end with the best so far */
};

extern PyObject *core_data_error; /* kmu.DataError */

/* Sets options by their names in text: a dict of str to anything that str() turns into what kmu_options_set takes. */
bool core_options(kmu_options *, PyObject *names);

void core_enter(struct caller *, kmu_options *);
/* False, with an exception set, unless the call went well. */
bool core_leave(struct caller *, kmu_status, const kmu_error *);

/* ---- verbs.c ----------------------------------------------------------------------------------------------------- */

PyObject *core_fit(PyObject *module, PyObject *arguments);
PyObject *core_seed(PyObject *module, PyObject *arguments);
PyObject *core_assign(PyObject *module, PyObject *arguments);
PyObject *core_update(PyObject *module, PyObject *arguments);
PyObject *core_verify(PyObject *module, PyObject *arguments);
PyObject *core_distances(PyObject *module, PyObject *arguments);
PyObject *core_partial_fit(PyObject *module, PyObject *arguments);
PyObject *core_walk(PyObject *module, PyObject *arguments);

#endif
