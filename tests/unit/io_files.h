/* io_files.h - files made from bytes, in a directory of their own, for the tests of io/. */
#ifndef TEST_IO_FILES_H
#define TEST_IO_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/table.h"

#define BYTES(literal) literal, sizeof literal - 1

/* Every test runs in a directory of its own, so messages name short paths. */
static char directory[] = "/tmp/kmu-io-XXXXXX";

static inline int enter(void **state)
{
    (void)state;
    return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static inline int leave(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return chdir("/") || system(command);
}

static inline void put_file(const char *name, const void *bytes, size_t count)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

static inline size_t take_file(const char *name, char *bytes, size_t room)
{
    FILE *f = fopen(name, "rb");
    if (!f)
        fail_msg("%s does not exist", name);
    size_t count = fread(bytes, 1, room, f);
    fclose(f);
    return count;
}

static inline double number(const struct table *t, size_t j, size_t l)
{
    const ptrdiff_t i = (ptrdiff_t)j * t->row + (ptrdiff_t)l * t->col;
    switch (t->type) {
    case KMU_F32: return (double)((float *)t->x)[i];
    case KMU_F64: return ((double *)t->x)[i];
    case KMU_U8: return ((uint8_t *)t->x)[i];
    case KMU_I8: return ((int8_t *)t->x)[i];
    case KMU_U16: return ((uint16_t *)t->x)[i];
    case KMU_I16: return ((int16_t *)t->x)[i];
    case KMU_U32: return ((uint32_t *)t->x)[i];
    case KMU_I32: return ((int32_t *)t->x)[i];
    case KMU_U64: return (double)((uint64_t *)t->x)[i];
    case KMU_I64: return (double)((int64_t *)t->x)[i];
    default: fail_msg("type %d", t->type);
    }
    return 0;
}

static inline void read_or_fail(const char *name, const struct table_options *o, struct table *t)
{
    kmu_error error = {""};
    kmu_status status = table_read(name, o, t, &error);
    if (status)
        fail_msg("%s is not read: %d, %s", name, status, error.text);
}

/* The numbers of t are those, row by row. */
static inline void expect_numbers(const struct table *t, size_t n, size_t d, const double *x)
{
    if (t->n != n || t->d != d)
        fail_msg("%zu x %zu numbers, expected %zu x %zu", t->n, t->d, n, d);
    for (size_t j = 0; j < n; j++)
        for (size_t l = 0; l < d; l++)
            if (number(t, j, l) != x[j * d + l])
                fail_msg("x[%zu][%zu] is %.17g, expected %.17g", j, l, number(t, j, l), x[j * d + l]);
}

struct good {
    const char *file, *bytes;
    size_t size;
    size_t n, d;
    double x[8];
    struct table_options o;
};

static inline void expect_good(const struct good *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct good *g = &cases[i];
        struct table t;
        print_message("%zu: %s\n", i, g->file);
        put_file(g->file, g->bytes, g->size);
        read_or_fail(g->file, &g->o, &t);
        expect_numbers(&t, g->n, g->d, g->x);
        table_free(&t);
    }
}

struct bad {
    const char *file, *bytes;
    size_t size;
    kmu_status status;
    const char *text;
    struct table_options o;
};

static inline void expect_bad(const struct bad *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct bad *b = &cases[i];
        struct table t;
        kmu_error error = {"nothing"};
        put_file(b->file, b->bytes, b->size);
        kmu_status status = table_read(b->file, &b->o, &t, &error);
        if (status != b->status || strcmp(error.text, b->text))
            fail_msg("case %zu: %d, %s\n       expected %d, %s", i, status, error.text, b->status, b->text);
        assert_null(t.x);
    }
}

#define LENGTH(array) (sizeof array / sizeof *array)

#endif
