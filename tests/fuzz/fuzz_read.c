/* fuzz_read.c - any bytes are a table or an error, for every format; a table that is written is read back the same.
 * The first byte picks format and options, the others are the file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const formats[] = {NULL, "csv", "tsv", "npy", "fvecs", "bvecs", "ivecs", "idx", "raw"};
enum { FORMATS = sizeof formats / sizeof *formats };

static size_t number_bytes(kmu_type type)
{
    static const size_t bytes[] = {[KMU_F32] = 4, [KMU_F64] = 8, [KMU_F16] = 2, [KMU_U8] = 1,  [KMU_I8] = 1, [KMU_U16] = 2,
                                   [KMU_I16] = 2, [KMU_U32] = 4, [KMU_I32] = 4, [KMU_U64] = 8, [KMU_I64] = 8};
    return bytes[type];
}

/* Writes t as .npy and reads that. */
static void there_and_back(const struct table *t)
{
    struct table u;
    struct output *out;
    kmu_error error;
    char name[64];
    snprintf(name, sizeof name, "/tmp/fuzz-%ld.npy", (long)getpid());
    if (output_open(name, &out, &error))
        abort();
    if (table_write(out, name, NULL, t, &error) || output_commit(&out, 1, &error) || table_read(name, NULL, &u, &error))
        abort();
    if (u.n != t->n || u.d != t->d || u.type != t->type)
        abort();
    const size_t bytes = number_bytes(t->type);
    for (size_t j = 0; j < t->n; j++)
        for (size_t l = 0; l < t->d; l++) {
            const char *a = (const char *)t->x + bytes * (size_t)((ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col);
            const char *b = (const char *)u.x + bytes * (size_t)((ptrdiff_t)j * u.row + (ptrdiff_t)l * u.col);
            if (memcmp(a, b, bytes))
                abort();
        }
    table_free(&u);
    unlink(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return 0;
    const uint8_t pick = bytes[0];
    char path[64];
    int fd = memfd_create("file", 0);
    if (fd < 0 || write(fd, bytes + 1, count - 1) != (ssize_t)(count - 1))
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct table_options o = {.format = formats[pick % FORMATS], .threads = 1 + (pick & 64) / 32};
    if (pick & 128)
        o.id = "1";
    o.keep_lines = pick & 64;
    if (pick & 32)
        o.dtype = KMU_F32;
    if (pick % FORMATS == 8) {
        o.shape_n = 3;
        o.shape_d = 2;
        o.dtype = (kmu_type)(1 + pick / 25);
    }
    struct table t;
    kmu_error error = {""};
    if (table_read(path, &o, &t, &error) == KMU_OK) {
        if (pick & 16)
            there_and_back(&t);
        table_free(&t);
    } else if (t.x || t.id || t.lines || t.names || t.left_out || t.weight || !*error.text) {
        abort();
    }
    close(fd);
    return 0;
}
