/* module.c - the table of kmu._core. Its types are in python/kmu/_core.pyi, which mypy.stubtest holds against it. */
#include "core.h"

#include <stddef.h>

#define SIGNATURE(name, arguments) #name "($module, " arguments ", /)\n--\n\n"

static PyMethodDef verbs[] = {
    {"fit", core_fit, METH_VARARGS,
     SIGNATURE(fit, "x, w, start, mu, c, options, on_turn") "-> (J, iterations, stop, run, distinct, trace, own)"},
    {"seed", core_seed, METH_VARARGS, SIGNATURE(seed, "x, w, mu, options") "mu, in place"},
    {"assign", core_assign, METH_VARARGS, SIGNATURE(assign, "x, w, mu, c, threads, objective") "-> J, if wanted; c in place"},
    {"update", core_update, METH_VARARGS, SIGNATURE(update, "x, w, c, mu, threads") "fill and (B), in place"},
    {"verify", core_verify, METH_VARARGS, SIGNATURE(verify, "x, w, mu, c, threads") "-> dict"},
    {"distances", core_distances, METH_VARARGS, SIGNATURE(distances, "x, mu, out, threads") "||x_j - mu_i||, n x k"},
    {"partial_fit", core_partial_fit, METH_VARARGS,
     SIGNATURE(partial_fit, "x, w, start, mu, v, steps, since, options") "-> (J, since); mu and v in place"},
    {"walk", core_walk, METH_VARARGS, SIGNATURE(walk, "x, child, split_mu, c, threads") "labels along a tree"},
    {0},
};

/* The layout of the bytes that fit returns as trace: (name, offset, NumPy's type). */
static PyObject *turn_fields(void)
{
#define FIELD(name, type) #name, offsetof(kmu_turn, name), type
    return Py_BuildValue("[(sns)(sns)(sns)(sns)(sns)(sns)(sns)(sns)(sns)(sns)(sns)(sns)]", FIELD(run, "i4"), FIELD(method, "i4"),
                         FIELD(turn, "i8"), FIELD(J_assign, "f8"), FIELD(J_update, "f8"), FIELD(moved, "i8"), FIELD(shift, "f8"),
                         FIELD(pairs, "i8"), FIELD(skipped, "i8"), FIELD(certified, "i8"), FIELD(exact, "i8"),
                         FIELD(seconds, "f8"));
#undef FIELD
}

static PyObject *algorithm_names(void)
{
    PyObject *names = PyList_New(0);
    const char *name;
    for (int a = 0; names && (name = kmu_algorithm_name((kmu_algorithm)a)); a++) {
        PyObject *text = PyUnicode_FromString(name);
        if (!text || PyList_Append(names, text) != 0)
            Py_CLEAR(names);
        Py_XDECREF(text);
    }
    return names;
}

/* Adds a value, taking it over. */
static int add(PyObject *module, const char *name, PyObject *value)
{
    const int bad = !value || PyModule_AddObjectRef(module, name, value) != 0;
    Py_XDECREF(value);
    return bad;
}

static int fill(PyObject *module)
{
    core_data_error = PyErr_NewExceptionWithDoc("kmu.DataError", "Points, weights or centroids that have no answer.",
                                                PyExc_ValueError, NULL);
    Py_XINCREF(core_data_error);
    const int bad = add(module, "DataError", core_data_error) || add(module, "TURN", turn_fields()) ||
                    add(module, "ALGORITHMS", algorithm_names()) ||
                    add(module, "MASS_PARTS", PyLong_FromLong(KMU_MASS_PARTS)) ||
                    add(module, "VERSION", PyUnicode_FromString(kmu_version())) ||
                    add(module, "TURN_BYTES", PyLong_FromSize_t(sizeof(kmu_turn)));
    return bad ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)fill}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "kmu._core", "include/kmu.h for Python", 0, verbs, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
