/* formats.c - the table of formats, and who reads or writes what.
 *
 * To read: the format that was named; else by the suffix (.gz and .zst set aside); else by the first bytes; else text.
 * To write: the format that was named; else by the suffix; a path without one (standard output, /dev/null) gets csv.
 *
 * To add a format: one file with its two functions, and one row here. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/format.h"
#include "io/pack.h"

static const struct format formats[] = {
    {"csv", "txt dat", NULL, 0, text_read, text_write},
    {"tsv", "tab", NULL, '\t', text_read, text_write},
    {"npy", "", "\x93NUMPY", 0, npy_read, npy_write},
    {"fvecs", "", NULL, KMU_F32, vecs_read, vecs_write},
    {"bvecs", "", NULL, KMU_U8, vecs_read, vecs_write},
    {"ivecs", "", NULL, KMU_I32, vecs_read, vecs_write},
    {"idx", "idx1-ubyte idx2-ubyte idx3-ubyte idx4-ubyte", NULL, 0, idx_read, idx_write},
    {"raw", "bin", NULL, 0, raw_read, raw_write},
};
enum { FORMATS = sizeof formats / sizeof *formats, CSV = 0, IDX = 6, RAW = 7 };

/* Well-known files that are none of these. */
static const struct {
    const char *magic, *what;
} foreign[] = {
    {"PAR1", "a Parquet file"},  {"ARROW1", "an Arrow file"},
    {"\x89HDF", "an HDF5 file"}, {"PK\x03\x04", "a zip archive (.npz, .xlsx)"},
    {"BZh", "packed by bzip2"},  {"\xfd\x37zXZ", "packed by xz"},
};

static bool is_word(const char *list, const char *word, size_t length)
{
    for (const char *p = list; *p; p += strspn(p, " ")) {
        size_t here = strcspn(p, " ");
        if (here == length && strncasecmp(p, word, length) == 0)
            return true;
        p += here;
    }
    return false;
}

static const struct format *by_name(const char *name, size_t length)
{
    for (int i = 0; i < FORMATS; i++)
        if (is_word(formats[i].name, name, length))
            return &formats[i];
    return NULL;
}

/* What comes after the last point of the file's name, .gz and .zst set aside; "" if nothing does. */
static const char *suffix_of(const char *path, size_t *length)
{
    const char *end = path + pack_suffix(path), *p = end;
    while (p > path && p[-1] != '/' && p[-1] != '.')
        p--;
    if (p == path || p[-1] == '/')
        p = end;
    *length = (size_t)(end - p);
    return p;
}

static const struct format *by_suffix(const char *path)
{
    size_t length;
    const char *suffix = suffix_of(path, &length);
    for (int i = 0; length && i < FORMATS; i++)
        if (is_word(formats[i].name, suffix, length) || is_word(formats[i].suffixes, suffix, length))
            return &formats[i];
    const char *end = path + pack_suffix(path); /* train-images-idx3-ubyte */
    return end - path > 6 && strncasecmp(end - 6, "-ubyte", 6) == 0 ? &formats[IDX] : NULL;
}

static bool begins(const unsigned char *head, size_t bytes, const char *magic)
{
    return strlen(magic) <= bytes && memcmp(head, magic, strlen(magic)) == 0;
}

static kmu_status by_magic(const struct stream *s, const struct format **f, kmu_error *error)
{
    size_t bytes;
    const unsigned char *head = stream_head(s, &bytes);
    *f = &formats[CSV];
    for (int i = 0; i < FORMATS; i++)
        if (formats[i].magic && begins(head, bytes, formats[i].magic))
            *f = &formats[i];
    if (bytes >= 4 && !head[0] && !head[1] && head[2] >= 0x08 && head[2] <= 0x0e && head[3] >= 1 && head[3] <= 8)
        *f = &formats[IDX];
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (begins(head, bytes, foreign[i].magic))
            return table_fail(error, KMU_EDATA, "%s: is %s, which kmu does not read", stream_name(s), foreign[i].what);
    return KMU_OK;
}

static kmu_status named(const char *name, const struct format **f, kmu_error *error)
{
    char show[100];
    *f = by_name(name, strlen(name));
    if (*f)
        return KMU_OK;
    return table_fail(error, KMU_EUSAGE, "--format: no format \"%s\" (csv, tsv, npy, fvecs, bvecs, ivecs, idx, raw)",
                      shown(show, 20, name, name + strlen(name)));
}

/* What the options ask for that only text has. */
static kmu_status refuse_text_options(const struct stream *s, const struct table_options *o, kmu_error *error)
{
    const char *what = o->columns ? "--columns" : o->id ? "--id" : o->weight ? "a column of weights" : NULL;
    return what ? table_fail(error, KMU_EUSAGE, "%s: %s is for text (csv, tsv)", stream_name(s), what) : KMU_OK;
}

kmu_status table_read(const char *path, const struct table_options *given, struct table *t, kmu_error *error)
{
    const struct table_options guess = {0}, *options = given ? given : &guess;
    const struct format *f = NULL;
    struct stream *s = NULL;
    *t = (struct table){0};
    kmu_status status = options->format ? named(options->format, &f, error) : KMU_OK;
    if (status)
        return status;
    if (!f)
        f = by_suffix(path);
    /* any bytes may begin a raw file, so only its suffix says that it is packed */
    if ((status = stream_open(path, f == &formats[RAW] && path[pack_suffix(path)] == 0, &s, error)))
        return status;
    if (!f)
        status = by_magic(s, &f, error);
    const bool text = f->read == text_read;
    if (!status && !text)
        status = refuse_text_options(s, options, error);
    if (!status)
        status = f->read(s, options, f->detail, t, error);
    if (!status && !text && f != &formats[RAW] && options->dtype)
        status = table_convert(t, s, options->dtype, error);
    status = stream_end(s, status, error);
    if (status)
        table_free(t);
    return status;
}

static kmu_status format_to_write(const char *path, const char *format, const struct format **f, kmu_error *error)
{
    size_t length;
    const char *suffix = suffix_of(path, &length);
    char name[SHOWN_PATH], show[100];
    if (format)
        return named(format, f, error);
    *f = by_suffix(path);
    if (!*f && length == 0)
        *f = &formats[CSV];
    if (*f)
        return KMU_OK;
    shown_path(name, path);
    return table_fail(error, KMU_EUSAGE, "%s: no format has the suffix .%s (csv, tsv, npy, fvecs, bvecs, ivecs, idx, raw)",
                      name, shown(show, 20, suffix, suffix + length));
}

/* Whether every number of `from` is one of `to`. */
static bool holds(kmu_type to, kmu_type from)
{
    const size_t a = type_bytes(from), b = type_bytes(to);
    const bool from_signed = from == KMU_I8 || from == KMU_I16 || from == KMU_I32 || from == KMU_I64;
    if (from == to)
        return true;
    if (!is_integer(to))
        return b > a;
    return is_integer(from) && b > a && (to == KMU_I32 || !from_signed);
}

kmu_status table_writable(const char *path, const char *format, kmu_type type, kmu_error *error)
{
    const struct format *f;
    kmu_status status = format_to_write(path, format, &f, error);
    if (status || !type || f->write != vecs_write || holds((kmu_type)f->detail, type))
        return status;
    char name[SHOWN_PATH];
    shown_path(name, path);
    return table_fail(error, KMU_EUSAGE, "%s: %s holds %s, these numbers are %s", name, f->name, type_name((kmu_type)f->detail),
                      type_name(type));
}

kmu_status table_write(struct output *out, const char *path, const char *format, const struct table *t, kmu_error *error)
{
    const struct format *f;
    kmu_status status = format_to_write(path, format, &f, error);
    return status ? status : f->write(out, f->detail, t, error);
}

void table_free(struct table *t)
{
    free(t->x);
    free(t->names);
    free(t->left_out);
    free(t->id);
    free(t->lines);
    free(t->fields);
    free(t->weight);
    *t = (struct table){0};
}
