/* block.c - the numbers of a table as one block of bytes: read, converted, written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"

kmu_status table_shape(struct table *t, const struct stream *s, uint64_t n, uint64_t d, kmu_type type, kmu_error *error)
{
    const char *name = stream_name(s);
    uint64_t count, bytes;
    if (n == 0)
        return table_fail(error, KMU_EDATA, "%s: no rows", name);
    if (d == 0)
        return table_fail(error, KMU_EDATA, "%s: no columns", name);
    if (__builtin_mul_overflow(n, d, &count) || __builtin_mul_overflow(count, type_bytes(type), &bytes) || bytes > PTRDIFF_MAX)
        return table_fail(error, KMU_EDATA, "%s: %llu x %llu numbers of %s are more than memory can hold", name,
                          (unsigned long long)n, (unsigned long long)d, type_name(type));
    t->n = (size_t)n;
    t->d = (size_t)d;
    t->type = type;
    t->row = (ptrdiff_t)d;
    t->col = 1;
    return KMU_OK;
}

kmu_status table_take(struct table *t, struct stream *s, kmu_error *error)
{
    const size_t bytes = t->n * t->d * type_bytes(t->type);
    size_t taken, more;
    char next;
    kmu_status status = stream_take(s, bytes, &t->x, &taken, error);
    if (!status)
        status = stream_read(s, &next, 1, &more, error);
    if (status)
        return status;
    if (taken < bytes)
        return table_fail(error, KMU_EDATA, "%s: cut short: %zu of %zu bytes of numbers (%zu x %zu %s)", stream_name(s), taken,
                          bytes, t->n, t->d, type_name(t->type));
    if (more)
        return table_fail(error, KMU_EDATA, "%s: bytes follow the last number (%zu x %zu %s)", stream_name(s), t->n, t->d,
                          type_name(t->type));
    return KMU_OK;
}

/* Number i of x as a binary64 number, integers rounded once to `to`; *exact tells whether it is the same. */
static double take_number(const void *x, size_t i, kmu_type from, kmu_type to, bool *exact)
{
    *exact = true;
    if (!is_integer(from))
        return load_number(x, i, from);
    const int64_t v = load_integer(x, i, from);
    const bool negative = from != KMU_U64 && v < 0;
    const uint64_t size = negative ? -(uint64_t)v : (uint64_t)v;
    *exact = size == 0 || size >> __builtin_ctzll(size) < (to == KMU_F32 ? 1ull << 24 : 1ull << 53);
    const double rounded = to == KMU_F32 ? (double)(float)size : (double)size;
    return negative ? -rounded : rounded;
}

kmu_status table_convert(struct table *t, const struct stream *s, kmu_type type, kmu_error *error)
{
    if (type != KMU_F32 && type != KMU_F64)
        return table_fail(error, KMU_EUSAGE, "%s: --dtype is f32 or f64 (%s is for raw files)", stream_name(s),
                          type_name(type));
    if (type == t->type)
        return KMU_OK;
    const size_t count = t->n * t->d, bytes = type_bytes(type);
    void *x = count <= PTRDIFF_MAX / bytes ? malloc(count * bytes) : NULL;
    if (!x)
        return table_no_memory(s, error);
    for (size_t i = 0; i < count; i++) {
        bool exact;
        const double v = take_number(t->x, i, t->type, type, &exact);
        t->rounded += !store_number(x, i, type, v) || !exact;
        if (type == KMU_F32 && isinf(((float *)x)[i]) && !isinf(v)) {
            const size_t j = t->row == 1 ? i % t->n : i / t->d, l = t->row == 1 ? i / t->n : i % t->d;
            char text[32];
            number_write(text, v, KMU_F64);
            free(x);
            return table_fail(error, KMU_EDATA, "%s: row %zu, column %zu: %s is beyond the range of f32", stream_name(s), j + 1,
                              l + 1, text);
        }
    }
    free(t->x);
    t->x = x;
    t->type = type;
    return KMU_OK;
}

/* Row j of t as numbers of `type`. */
static kmu_status gather(char *row, const char *name, const struct table *t, size_t j, kmu_type type, kmu_error *error)
{
    const size_t bytes = type_bytes(type);
    for (size_t l = 0; l < t->d; l++) {
        const size_t at = (size_t)((ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col);
        if (type == t->type) {
            memcpy(row + l * bytes, (const char *)t->x + at * bytes, bytes);
            continue;
        }
        bool exact;
        const double v = take_number(t->x, at, t->type, type, &exact);
        if (!store_number(row, l, type, v) || !exact) {
            char text[32];
            number_write(text, v, KMU_F64);
            return table_fail(error, KMU_EDATA, "%s: row %zu, column %zu: %s is no number of %s%s", name, j + 1, l + 1, text,
                              type_name(type), type == KMU_F32 ? " (--dtype f32 rounds)" : "");
        }
    }
    return KMU_OK;
}

kmu_status table_put(struct output *out, const struct table *t, kmu_type type, const void *prefix, size_t prefix_bytes,
                     bool swapped, kmu_error *error)
{
    const size_t bytes = type_bytes(type);
    const bool contiguous = t->col == 1 && (t->row == (ptrdiff_t)t->d || t->n == 1);
    if (type == t->type && contiguous && prefix_bytes == 0 && !(swapped && bytes > 1))
        return output_write(out, t->x, t->n * t->d * bytes, error);
    char *row = malloc(t->d * bytes + 1);
    if (!row)
        return table_fail(error, KMU_EMEMORY, "%s: not enough memory", output_name(out));
    kmu_status status = KMU_OK;
    for (size_t j = 0; j < t->n && !status; j++) {
        if ((status = gather(row, output_name(out), t, j, type, error)))
            break;
        if (swapped)
            swap_bytes(row, t->d, bytes);
        status = output_write(out, prefix, prefix_bytes, error);
        if (!status)
            status = output_write(out, row, t->d * bytes, error);
    }
    free(row);
    return status;
}
