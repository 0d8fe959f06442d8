/* arrays.c - buffers as kmu_points. No numbers are copied: what the library cannot read where it lies is refused. Indices of CSR
 * rows come in either width. */
#include "core.h"

#include <string.h>

/* The kmu_type of a buffer's items by their struct-module format and size; 0: none. */
static int type_of(const Py_buffer *b)
{
    const char *f = b->format ? b->format : "B";
    const int little = 1, native = *(const char *)&little ? '<' : '>';
    if (*f == '@' || *f == '=' || *f == native)
        f++;
    if (!*f || f[1])
        return 0;
    static const char integers[] = "bBhHiIlLqQ";
    static const kmu_type by_size[2][9] = {{[1] = KMU_I8, [2] = KMU_I16, [4] = KMU_I32, [8] = KMU_I64},
                                           {[1] = KMU_U8, [2] = KMU_U16, [4] = KMU_U32, [8] = KMU_U64}};
    if (*f == 'f' || *f == 'd' || *f == 'e')
        return *f == 'f' ? KMU_F32 : *f == 'd' ? KMU_F64 : KMU_F16;
    const char *at = strchr(integers, *f);
    if (!at || b->itemsize < 1 || b->itemsize > 8)
        return 0;
    return (int)by_size[(at - integers) & 1][b->itemsize];
}

kmu_type core_type(kmu_type type)
{
    return type == KMU_F32 ? KMU_F32 : KMU_F64;
}

/* A stride in items; 0 only where it is never used. */
static bool stride(const Py_buffer *b, int axis, ptrdiff_t *items)
{
    const bool used = b->shape[axis] > 1;
    *items = used ? b->strides[axis] / b->itemsize : 0;
    return !used || (*items != 0 && b->strides[axis] % b->itemsize == 0);
}

/* ---- CSR rows ------------------------------------------------------------------------------------------------------------ */

/* A one-dimensional attribute. */
static bool take(Py_buffer *b, PyObject *x, const char *name)
{
    PyObject *array = PyObject_GetAttrString(x, name);
    const bool taken = array && PyObject_GetBuffer(array, b, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) == 0;
    Py_XDECREF(array);
    if (taken && b->ndim != 1)
        PyErr_Format(PyExc_TypeError, "%s: %d dimensions", name, b->ndim);
    return taken && b->ndim == 1;
}

/* The items of b as integers of the type, KMU_I32 or KMU_I64, where they lie or in *own; NULL with an exception set. */
static const void *integers(const Py_buffer *b, kmu_type type, void **own, const char *name)
{
    const int found = type_of(b);
    const size_t count = (size_t)b->shape[0];
    if (found == (int)type)
        return b->buf;
    if (found != KMU_I32 && found != KMU_I64)
        return PyErr_Format(PyExc_TypeError, "%s: format %s; indices are 32 or 64 bits wide", name, b->format), NULL;
    if (!(*own = PyMem_Malloc((count + 1) * kmu_type_bytes(type))))
        return PyErr_NoMemory(), NULL;
    for (size_t a = 0; a < count; a++)
        if (type == KMU_I64)
            ((int64_t *)*own)[a] = ((const int32_t *)b->buf)[a];
        else if (((const int64_t *)b->buf)[a] >= 0 && ((const int64_t *)b->buf)[a] <= INT32_MAX)
            ((int32_t *)*own)[a] = (int32_t)((const int64_t *)b->buf)[a];
        else
            return PyErr_Format(core_data_error, "%s: %lld is not within 0 .. 2^31 - 1", name,
                                (long long)((const int64_t *)b->buf)[a]),
                   NULL;
    return *own;
}

static bool csr_data(struct data *t, PyObject *x)
{
    kmu_points *p = &t->points;
    PyObject *shape = PyObject_GetAttrString(x, "shape");
    Py_ssize_t n = 0, d = 0;
    const bool shaped = shape && PyTuple_Check(shape) && PyArg_ParseTuple(shape, "nn:shape", &n, &d);
    Py_XDECREF(shape);
    if (!shaped || !take(&t->x, x, "data") || !take(&t->column, x, "indices") || !take(&t->start, x, "indptr"))
        return false;
    *p = (kmu_points){.size = sizeof *p, .type = (kmu_type)type_of(&t->x), .n = (size_t)n, .d = (size_t)d, .x = t->x.buf};
    if (!p->type)
        return PyErr_Format(PyExc_TypeError, "points: format %s; native numbers are needed", t->x.format), false;
    p->start = integers(&t->start, KMU_I64, &t->own[0], "indptr");
    p->column = p->start ? integers(&t->column, KMU_I32, &t->own[1], "indices") : NULL;
    if (!p->start || !p->column)
        return false;
    const Py_ssize_t numbers = t->x.shape[0] < t->column.shape[0] ? t->x.shape[0] : t->column.shape[0];
    if (t->start.shape[0] == n + 1 && n >= 0 && d >= 0 && p->start[n] <= numbers)
        return true;
    PyErr_SetString(PyExc_ValueError, "points: indptr does not fit data, indices and shape");
    return false;
}

/* ---- all rows ------------------------------------------------------------------------------------------------------------ */

static bool dense_data(struct data *t, PyObject *x)
{
    if (PyObject_GetBuffer(x, &t->x, PyBUF_RECORDS_RO) != 0)
        return false;
    kmu_points *p = &t->points;
    *p = (kmu_points){.size = sizeof *p, .type = (kmu_type)type_of(&t->x), .x = t->x.buf};
    if (t->x.ndim != 2 || !p->type) {
        PyErr_Format(PyExc_TypeError, "points: %d dimensions of format %s; a matrix of native numbers is needed", t->x.ndim,
                     t->x.format);
        return false;
    }
    p->n = (size_t)t->x.shape[0];
    p->d = (size_t)t->x.shape[1];
    const bool aligned = (uintptr_t)t->x.buf % kmu_type_bytes(p->type) == 0;
    if (!stride(&t->x, 0, &p->row) || !stride(&t->x, 1, &p->col) || !aligned) {
        PyErr_SetString(PyExc_TypeError, "points: strides and address must be multiples of the item's size");
        return false;
    }
    return true;
}

bool core_data(struct data *t, PyObject *x, PyObject *w)
{
    PyObject *start = PyObject_CheckBuffer(x) ? NULL : PyObject_GetAttrString(x, "indptr");
    if (!start)
        PyErr_Clear();
    const bool taken = start ? csr_data(t, x) : dense_data(t, x);
    Py_XDECREF(start);
    if (!taken || w == Py_None)
        return taken;
    if (!core_array(&t->w, w, "weights", KMU_F64, t->points.n, 0, false))
        return false;
    t->points.w = t->w.buf;
    return true;
}

void core_data_release(struct data *t)
{
    PyBuffer_Release(&t->x);
    PyBuffer_Release(&t->w);
    PyBuffer_Release(&t->start);
    PyBuffer_Release(&t->column);
    PyMem_Free(t->own[0]);
    PyMem_Free(t->own[1]);
}

bool core_array(Py_buffer *b, PyObject *array, const char *name, kmu_type type, size_t rows, size_t columns, bool write)
{
    if (PyObject_GetBuffer(array, b, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (write ? PyBUF_WRITABLE : 0)) != 0)
        return false;
    if (type_of(b) == (int)type && b->ndim == (columns ? 2 : 1) && (size_t)b->shape[0] == rows &&
        (!columns || (size_t)b->shape[1] == columns))
        return true;
    PyErr_Format(PyExc_ValueError, "%s: not %zu x %zu of %s", name, rows, columns ? columns : 1, kmu_type_name(type));
    return false;
}

bool core_centroids(Py_buffer *b, PyObject *array, kmu_type type, size_t d, kmu_type *found)
{
    if (PyObject_GetBuffer(array, b, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) != 0)
        return false;
    *found = (kmu_type)type_of(b);
    if (b->ndim == 2 && b->shape[0] > 0 && (size_t)b->shape[1] == d && (*found == KMU_F32 || *found == KMU_F64) &&
        (!type || *found == type))
        return true;
    PyErr_Format(PyExc_ValueError, "centroids: not rows of %zu numbers of %s", d, type ? kmu_type_name(type) : "f32 or f64");
    return false;
}
