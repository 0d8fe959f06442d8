/* vecs.c - .fvecs, .bvecs, .ivecs: vectors one after the other, each behind its length.
 *
 *   row = d (int32), d numbers of binary32, of one byte, or of int32; all little-endian
 *
 * The lengths are taken out in place, so reading needs the file's bytes and no more.
 * Source: corpus-texmex.irisa.fr (H. Jegou, M. Douze, C. Schmid, Product quantization for nearest neighbor search, 2011). */
#include <stdlib.h>
#include <string.h>

#include "io/format.h"

enum { LENGTH = 4 };

static int32_t length_at(const char *p)
{
    int32_t d;
    memcpy(&d, p, LENGTH);
    if (big_endian())
        swap_bytes(&d, 1, LENGTH);
    return d;
}

/* Checks that the rows are whole and of one length, then moves them together over their lengths. */
static kmu_status drop_lengths(char *x, size_t bytes, size_t d, size_t row, const char *name, kmu_error *error)
{
    const size_t step = row + LENGTH, n = bytes / step, left = bytes % step;
    for (size_t j = 0; j < n + (left >= LENGTH); j++)
        if (length_at(x + j * step) != (int32_t)d)
            return table_fail(error, KMU_EDATA, "%s: vector %zu has length %d, those before it have %zu", name, j + 1,
                              (int)length_at(x + j * step), d);
    if (left)
        return table_fail(error, KMU_EDATA, "%s: cut short in vector %zu", name, n + 1);
    for (size_t j = 0; j < n; j++)
        memmove(x + j * row, x + j * step + LENGTH, row);
    return KMU_OK;
}

kmu_status vecs_read(struct stream *s, const struct table_options *options, int type, struct table *t, kmu_error *error)
{
    (void)options;
    const char *name = stream_name(s);
    size_t bytes;
    kmu_status status = stream_take(s, PTRDIFF_MAX, &t->x, &bytes, error);
    if (status)
        return status;
    if (bytes == 0)
        return table_fail(error, KMU_EDATA, "%s: no rows", name);
    if (bytes < LENGTH)
        return table_fail(error, KMU_EDATA, "%s: cut short in vector 1", name);
    const int32_t d = length_at(t->x);
    if (d <= 0)
        return table_fail(error, KMU_EDATA, "%s: vector 1 has length %d", name, (int)d);
    if ((size_t)d > (bytes - LENGTH) / type_bytes((kmu_type)type)) /* and a row may be more than a size_t holds */
        return table_fail(error, KMU_EDATA, "%s: cut short in vector 1", name);
    const size_t row = (size_t)d * type_bytes((kmu_type)type), n = bytes / (row + LENGTH);
    if ((status = drop_lengths(t->x, bytes, (size_t)d, row, name, error)) ||
        (status = table_shape(t, s, n, (uint64_t)d, (kmu_type)type, error)))
        return status;
    if (big_endian())
        swap_bytes(t->x, n * (size_t)d, type_bytes(t->type));
    void *smaller = realloc(t->x, n * row);
    t->x = smaller ? smaller : t->x;
    return KMU_OK;
}

kmu_status vecs_write(struct output *out, int type, const struct table *t, kmu_error *error)
{
    if (t->d > INT32_MAX)
        return table_fail(error, KMU_EDATA, "%s: %zu columns are too many for this format", output_name(out), t->d);
    int32_t d = (int32_t)t->d;
    if (big_endian())
        swap_bytes(&d, 1, LENGTH);
    return table_put(out, t, (kmu_type)type, &d, LENGTH, big_endian(), error);
}
