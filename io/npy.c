/* npy.c - NumPy's .npy, versions 1 to 3.
 *
 *   "\x93NUMPY", major, minor, length of the header (2 bytes; from version 2 on 4; little-endian), header, numbers
 *   header = {'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }  then blanks and "\n"
 *
 * The header is a Python literal; exactly these three keys are taken, in any order. Both byte orders and both memory
 * orders are read; written is version 1, little-endian and in C order, the same file on every machine.
 * Source: NumPy Enhancement Proposal 1 and numpy/lib/format.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"

enum { LONGEST_HEADER = 64 << 10, MAGIC = 8, ALIGNED = 64 };

struct header {
    kmu_type type;
    bool swapped, fortran;
    int dimensions;
    uint64_t shape[2];
};

static const struct {
    const char *name;
    kmu_type type;
} descr[] = {{"f2", KMU_F16}, {"f4", KMU_F32}, {"f8", KMU_F64}, {"u1", KMU_U8},  {"i1", KMU_I8}, {"u2", KMU_U16},
             {"i2", KMU_I16}, {"u4", KMU_U32}, {"i4", KMU_I32}, {"u8", KMU_U64}, {"i8", KMU_I64}};
enum { DESCRS = sizeof descr / sizeof *descr };

/* Passes over blanks and the text, if it comes next. */
static bool next_is(const char **p, const char *text)
{
    *p += strspn(*p, " \t\r\n");
    if (strncmp(*p, text, strlen(text)))
        return false;
    *p += strlen(text);
    return true;
}

/* 'text' or "text", without escapes. */
static bool quoted(const char **p, const char **text, int *length)
{
    const char quote[2] = {next_is(p, "'") ? '\'' : next_is(p, "\"") ? '"' : 0};
    *text = *p;
    *length = (int)strcspn(*p, quote);
    *p += *length;
    return *quote && next_is(p, quote);
}

static kmu_status parse_descr(const char **p, struct header *h, const char *name, kmu_error *error)
{
    const char *text = *p;
    int length = 4;
    if (next_is(p, "["))
        return table_fail(error, KMU_EDATA, "%s: records (a structured dtype) are no table of numbers", name);
    if (!quoted(p, &text, &length))
        return table_fail(error, KMU_EDATA, "%s: the .npy header has no valid 'descr'", name);
    const bool order = length > 0 && strchr("<>|=", *text);
    for (int i = 0; i < DESCRS; i++)
        if (length == 2 + order && strncmp(text + order, descr[i].name, 2) == 0 && (!order || *text != '|' || text[2] == '1')) {
            h->type = descr[i].type;
            h->swapped = order && (*text == '<' || *text == '>') && (*text == '>') != big_endian();
            return KMU_OK;
        }
    char show[100];
    return table_fail(error, KMU_EDATA, "%s: dtype '%s' is no number kmu reads (f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8)", name,
                      shown(show, 20, text, text + length));
}

static kmu_status parse_shape(const char **p, struct header *h, const char *name, kmu_error *error)
{
    bool valid = next_is(p, "("), tuple = false; /* (3) is a number in Python, (3,) a tuple */
    while (valid && !next_is(p, ")")) {
        if (next_is(p, "-"))
            return table_fail(error, KMU_EDATA, "%s: a negative number in the shape", name);
        uint64_t size = 0;
        bool beyond = false;
        const char *digit = *p;
        for (; *digit >= '0' && *digit <= '9'; digit++)
            beyond |= __builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, (uint64_t)(*digit - '0'), &size);
        if (beyond)
            return table_fail(error, KMU_EDATA, "%s: the shape is more than memory can hold", name);
        if (h->dimensions < 2)
            h->shape[h->dimensions] = size;
        h->dimensions++;
        valid = digit > *p;
        *p = digit;
        next_is(p, "L"); /* Python 2 */
        const bool comma = next_is(p, ",");
        valid &= comma || **p == ')';
        tuple |= comma;
    }
    if (!valid || (h->dimensions == 1 && !tuple))
        return table_fail(error, KMU_EDATA, "%s: the .npy header has no valid 'shape'", name);
    if (h->dimensions == 0)
        return table_fail(error, KMU_EDATA, "%s: a single number (shape ()) is no table", name);
    if (h->dimensions > 2)
        return table_fail(error, KMU_EDATA, "%s: an array of %d dimensions; reshape it to (n, d)", name, h->dimensions);
    return KMU_OK;
}

static kmu_status parse_header(const char *p, struct header *h, const char *name, kmu_error *error)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    bool seen[3] = {false};
    kmu_status status = KMU_OK;
    bool valid = next_is(&p, "{");
    while (valid && !next_is(&p, "}")) {
        const char *key;
        int length, i = 0;
        valid = quoted(&p, &key, &length) && next_is(&p, ":");
        while (valid && i < 3 && (strncmp(key, keys[i], (size_t)length) || keys[i][length]))
            i++;
        if (!valid || i == 3 || seen[i]) {
            valid = false;
            break;
        }
        seen[i] = true;
        if (i == 0)
            status = parse_descr(&p, h, name, error);
        else if (i == 2)
            status = parse_shape(&p, h, name, error);
        else
            valid = (h->fortran = next_is(&p, "True")) || next_is(&p, "False");
        if (status)
            return status;
        valid &= next_is(&p, ",") || *p == '}';
    }
    next_is(&p, "");
    if (!valid || *p || !seen[0] || !seen[1] || !seen[2])
        return table_fail(error, KMU_EDATA, "%s: the .npy header is no {'descr', 'fortran_order', 'shape'}", name);
    return KMU_OK;
}

/* Reads all before the numbers. */
static kmu_status read_header(struct stream *s, struct header *h, kmu_error *error)
{
    const char *name = stream_name(s);
    unsigned char start[MAGIC + 4] = {0};
    size_t taken;
    kmu_status status = stream_read(s, start, MAGIC, &taken, error);
    if (status)
        return status;
    if (taken < MAGIC || memcmp(start, "\x93NUMPY", 6))
        return table_fail(error, KMU_EDATA, "%s: no .npy file (it does not begin with \\x93NUMPY)", name);
    const int major = start[6], minor = start[7];
    if (major < 1 || major > 3 || minor != 0)
        return table_fail(error, KMU_EDATA, "%s: .npy version %d.%d is not 1.0, 2.0 or 3.0", name, major, minor);
    const size_t bytes = major == 1 ? 2 : 4;
    if ((status = stream_read(s, start + MAGIC, bytes, &taken, error)))
        return status;
    size_t length = 0;
    for (size_t i = taken; i > 0; i--)
        length = length << 8 | start[MAGIC + i - 1];
    if (length > LONGEST_HEADER)
        return table_fail(error, KMU_EDATA, "%s: a .npy header of %zu bytes (at most %d)", name, length, LONGEST_HEADER);
    char *text = malloc(length + 1);
    if (!text)
        return table_no_memory(s, error);
    const bool whole = taken == bytes;
    status = stream_read(s, text, length, &taken, error);
    text[length] = 0;
    if (!status && (!whole || taken < length))
        status = table_fail(error, KMU_EDATA, "%s: cut short in the .npy header", name);
    else if (!status && strlen(text) < length)
        status = table_fail(error, KMU_EDATA, "%s: a NUL byte in the .npy header", name);
    else if (!status)
        status = parse_header(text, h, name, error);
    free(text);
    return status;
}

kmu_status npy_read(struct stream *s, const struct table_options *options, int detail, struct table *t, kmu_error *error)
{
    (void)options, (void)detail;
    struct header h = {0};
    kmu_status status = read_header(s, &h, error);
    if (!status)
        status = table_shape(t, s, h.shape[0], h.dimensions == 1 ? 1 : h.shape[1], h.type, error);
    if (!status)
        status = table_take(t, s, error);
    if (status)
        return status;
    t->flat = h.dimensions == 1;
    if (h.swapped)
        swap_bytes(t->x, t->n * t->d, type_bytes(t->type));
    if (h.fortran) {
        t->row = 1;
        t->col = (ptrdiff_t)t->n;
    }
    return KMU_OK;
}

kmu_status npy_write(struct output *out, int detail, const struct table *t, kmu_error *error)
{
    (void)detail;
    const char *name = "f8";
    for (int i = 0; i < DESCRS; i++)
        if (descr[i].type == t->type)
            name = descr[i].name;
    const char order = type_bytes(t->type) == 1 ? '|' : '<';
    char dict[128], shape[64], start[MAGIC + 2] = "\x93NUMPY\x01";
    snprintf(shape, sizeof shape, t->flat ? "(%zu,)" : "(%zu, %zu)", t->n, t->d);
    int length = snprintf(dict, sizeof dict, "{'descr': '%c%s', 'fortran_order': False, 'shape': %s, }", order, name, shape);
    int padded = (MAGIC + 2 + length + 1 + ALIGNED - 1) / ALIGNED * ALIGNED - (MAGIC + 2);
    start[MAGIC] = (char)(padded & 255);
    start[MAGIC + 1] = (char)(padded >> 8);
    kmu_status status = output_write(out, start, MAGIC + 2, error);
    if (!status)
        status = output_printf(out, error, "%s%*s\n", dict, padded - length - 1, "");
    if (!status)
        status = table_put(out, t, t->type, NULL, 0, big_endian(), error);
    return status;
}
