/* arrays.c - buffers as kmu_points. Nothing is copied: what the library cannot read where it lies is refused. */
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

bool core_data(struct data *t, PyObject *x, PyObject *w)
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
    if (w == Py_None)
        return true;
    if (!core_array(&t->w, w, "weights", KMU_F64, p->n, 0, false))
        return false;
    p->w = t->w.buf;
    return true;
}

void core_data_release(struct data *t)
{
    PyBuffer_Release(&t->x);
    PyBuffer_Release(&t->w);
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
