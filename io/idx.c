/* idx.c - idx, the format of MNIST's images and labels.
 *
 *   0, 0, type, number of dimensions, each dimension as uint32, numbers; all big-endian
 *
 * An image of 28 x 28 is a row of 784 numbers; one dimension is a column (labels).
 * Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits. */
#include <string.h>

#include "io/format.h"

static const struct {
    unsigned char code;
    kmu_type type;
} codes[] = {{0x08, KMU_U8}, {0x09, KMU_I8}, {0x0b, KMU_I16}, {0x0c, KMU_I32}, {0x0d, KMU_F32}, {0x0e, KMU_F64}};
enum { CODES = sizeof codes / sizeof *codes };

static uint32_t big_endian_at(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

kmu_status idx_read(struct stream *s, const struct table_options *options, int detail, struct table *t, kmu_error *error)
{
    (void)options, (void)detail;
    const char *name = stream_name(s);
    unsigned char start[4] = {0}, sizes[255 * 4];
    size_t taken;
    kmu_status status = stream_read(s, start, 4, &taken, error);
    if (status)
        return status;
    int i = 0;
    while (i < CODES && codes[i].code != start[2])
        i++;
    if (taken < 4 || start[0] || start[1] || i == CODES || start[3] == 0)
        return table_fail(error, KMU_EDATA,
                          "%s: no idx file (it does not begin with 0, 0, a type and the number of dimensions)", name);
    const size_t dimensions = start[3];
    if ((status = stream_read(s, sizes, 4 * dimensions, &taken, error)))
        return status;
    if (taken < 4 * dimensions)
        return table_fail(error, KMU_EDATA, "%s: cut short in the sizes of its %zu dimensions", name, dimensions);
    uint64_t d = 1;
    for (size_t l = 1; l < dimensions; l++)
        if (__builtin_mul_overflow(d, (uint64_t)big_endian_at(sizes + 4 * l), &d))
            d = UINT64_MAX;
    if (!(status = table_shape(t, s, big_endian_at(sizes), d, codes[i].type, error)))
        status = table_take(t, s, error);
    if (status)
        return status;
    t->flat = dimensions == 1;
    if (!big_endian())
        swap_bytes(t->x, t->n * t->d, type_bytes(t->type));
    return KMU_OK;
}

kmu_status idx_write(struct output *out, int detail, const struct table *t, kmu_error *error)
{
    (void)detail;
    int i = 0;
    while (i < CODES && codes[i].type != t->type)
        i++;
    if (i == CODES)
        return table_fail(error, KMU_EUSAGE, "%s: idx has no %s", output_name(out), type_name(t->type));
    if (t->n > UINT32_MAX || t->d > UINT32_MAX)
        return table_fail(error, KMU_EDATA, "%s: %zu x %zu numbers are too many for idx", output_name(out), t->n, t->d);
    uint32_t head[3] = {(uint32_t)codes[i].code << 8 | (t->flat ? 1 : 2), (uint32_t)t->n, (uint32_t)t->d};
    if (!big_endian())
        swap_bytes(head, 3, sizeof *head);
    kmu_status status = output_write(out, head, t->flat ? 8 : 12, error);
    return status ? status : table_put(out, t, t->type, NULL, 0, !big_endian(), error);
}
