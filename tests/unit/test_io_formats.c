/* test_io_formats.c - what was written is read back; what is wrong is said, with its place, in these very words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "io/table.h"

#define BYTES(literal) literal, sizeof literal - 1

/* Every test runs in a directory of its own, so messages name short paths. */
static char directory[] = "/tmp/kmu-io-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return chdir("/") || system(command);
}

static void put_file(const char *name, const void *bytes, size_t count)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

static size_t take_file(const char *name, char *bytes, size_t room)
{
    FILE *f = fopen(name, "rb");
    if (!f)
        fail_msg("%s does not exist", name);
    size_t count = fread(bytes, 1, room, f);
    fclose(f);
    return count;
}

static double number(const struct table *t, size_t j, size_t l)
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

static void read_or_fail(const char *name, const struct table_options *o, struct table *t)
{
    kmu_error error = {""};
    kmu_status status = table_read(name, o, t, &error);
    if (status)
        fail_msg("%s is not read: %d, %s", name, status, error.text);
}

/* The numbers of t are those, row by row. */
static void expect_numbers(const struct table *t, size_t n, size_t d, const double *x)
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

static void expect_good(const struct good *cases, size_t count)
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

static void expect_bad(const struct bad *cases, size_t count)
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

static void texts_that_are_tables(void **state)
{
    (void)state;
    const struct good cases[] = {
        {"a.csv", BYTES("1,2\n3,4\n"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.csv", BYTES("1,2\n3,4"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.csv", BYTES("\xef\xbb\xbfx,y\r\n1,2\r\n3,4\r\n"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.csv", BYTES("x;y\n1.5;2\n"), 1, 2, {1.5, 2}, {0}},
        {"a.csv", BYTES("1,5;2\n3,5;4\n"), 2, 2, {1.5, 2, 3.5, 4}, {.decimal = ','}},
        {"a.tsv", BYTES("x\ty\n1\t2\n"), 1, 2, {1, 2}, {0}},
        {"a.txt", BYTES("  1   2\n 3 4  \n"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.txt", BYTES(" 1\t 2\n3 4\t\n"), 2, 2, {1, 2, 3, 4}, {.delimiter = ' '}},
        {"a.txt", BYTES("1|2\n"), 1, 2, {1, 2}, {0}},
        {"a", BYTES("1, 2\n3 ,4\n"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.csv", BYTES("\n\n1\n2\n\n\n"), 2, 1, {1, 2}, {0}},
        {"a.csv", BYTES("x,y\n\n1,2\n  \n3,4\n"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.csv", BYTES("\"x\",\"y,z\"\n\"1\",\" 2\"\"\"\n"), 1, 1, {1}, {.columns = "1"}},
        {"a.csv", BYTES("\"a\nb\",y\n\"1\",2\n"), 1, 2, {1, 2}, {0}},
        {"a.csv", BYTES("1,2\n"), 1, 2, {1, 2}, {.header = 2}},
        {"a.csv", BYTES("2019,2020\n1,2\n"), 1, 2, {1, 2}, {.header = 1}},
        {"a.csv", BYTES("2019,2020\n1,2\n"), 1, 1, {2}, {.header = 1, .columns = "2020"}},
        {"a.csv", BYTES("a,b,c,d\n1,2,3,4\n"), 1, 3, {4, 2, 3}, {.columns = "d,2-3"}},
        {"a.csv", BYTES("n,x,y\nfoo,1,2\nbar,3,4\n"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.csv", BYTES("-0,1e5\n.5,5.\n"), 2, 2, {0, 1e5, .5, 5}, {0}},
        {"a.csv", BYTES("0.1,16777217\n"), 1, 2, {(double)0.1f, 16777216}, {.dtype = KMU_F32}},
        {"a.dat", BYTES("1 2\n"), 1, 2, {1, 2}, {.format = "csv"}},
    };
    expect_good(cases, LENGTH(cases));
}

static void names_ids_weights_and_what_is_left_out(void **state)
{
    (void)state;
    const char text[] = "name,x,color,w,y\n\"a, \"\"b\"\"\",1,red,0.5,2\nc,3,,1e300,4\n";
    struct table t;
    put_file("a.csv", text, sizeof text - 1);
    const struct table_options o = {.id = "name", .weight = "w", .dtype = KMU_F32};
    read_or_fail("a.csv", &o, &t);
    expect_numbers(&t, 2, 2, (double[]){1, 2, 3, 4});
    assert_true(t.type == KMU_F32 && t.text);
    assert_string_equal(t.names[0], "x");
    assert_string_equal(t.names[1], "y");
    assert_int_equal(t.left_out_count, 1);
    assert_string_equal(t.left_out[0], "color");
    assert_string_equal(t.id[0], "a, \"b\"");
    assert_string_equal(t.id[1], "c");
    assert_true(t.weight[0] == 0.5 && t.weight[1] == 1e300);
    /* written and read again it is the same */
    struct output *out;
    kmu_error error;
    assert_int_equal(output_open("b.csv", &out, &error), KMU_OK);
    assert_int_equal(table_write(out, "b.csv", NULL, &t, &error), KMU_OK);
    assert_int_equal(output_commit(&out, 1, &error), KMU_OK);
    char written[200];
    const size_t length = take_file("b.csv", written, sizeof written - 1);
    written[length] = 0;
    assert_string_equal(written, "id,x,y,weight\n\"a, \"\"b\"\"\",1,2,0.5\nc,3,4,1e+300\n");
    table_free(&t);
}

static void rounded_numbers_are_counted(void **state)
{
    (void)state;
    struct table t;
    const struct table_options f32 = {.dtype = KMU_F32}, f64 = {.dtype = KMU_F64};
    put_file("a.csv", BYTES("0.1,0.5\n1e-50,16777217\n"));
    read_or_fail("a.csv", &f32, &t);
    assert_int_equal(t.rounded, 3);
    table_free(&t);
    read_or_fail("a.csv", &f64, &t);
    assert_int_equal(t.rounded, 0);
    table_free(&t);
    /* 2^53 + 1 as int64 is no f64 */
    put_file("a.npy", BYTES("\x93NUMPY\x01\x00\x3e\x00{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }    \n"
                            "\x01\x00\x00\x00\x00\x00\x20\x00\xff\xff\xff\xff\xff\xff\xff\xff"));
    read_or_fail("a.npy", &f64, &t);
    assert_int_equal(t.rounded, 1);
    expect_numbers(&t, 2, 1, (double[]){9007199254740992, -1});
    table_free(&t);
}

static void texts_that_are_wrong(void **state)
{
    (void)state;
    const struct bad cases[] = {
        {"a.csv", BYTES(""), KMU_EDATA, "a.csv: no rows", {0}},
        {"a.csv", BYTES("\n \n\r\n"), KMU_EDATA, "a.csv: no rows", {0}},
        {"a.csv", BYTES("x,y\n"), KMU_EDATA, "a.csv: no rows after the header", {0}},
        {"a.csv", BYTES("x,y"), KMU_EDATA, "a.csv: no rows after the header", {0}},
        {"a.csv", BYTES("1,2\n"), KMU_EDATA, "a.csv: no rows after the header", {.header = 1}},
        {"a.csv", BYTES("1,2\n3\n"), KMU_EDATA, "a.csv:2:2: the row ends after 1 of 2 fields", {0}},
        {"a.csv", BYTES("1,2\n3,4,5\n"), KMU_EDATA, "a.csv:2:3: the row has more than 2 fields", {0}},
        {"a.csv", BYTES("1\n2,3\n"), KMU_EDATA, "a.csv:2:2: the row has more than 1 field", {.delimiter = ','}},
        {"a.csv", BYTES("1,2\n\n3,\n"), KMU_EDATA, "a.csv:3:2: an empty field (a delimiter at the end of the line?)", {0}},
        {"a.csv", BYTES("1,2\n,3\n"), KMU_EDATA, "a.csv:2:1: an empty field", {0}},
        {"a.csv", BYTES("1,2\n\"\",3\n"), KMU_EDATA, "a.csv:2:1: an empty field", {0}},
        {"a.csv", BYTES("1\n2\n\n3\n"), KMU_EDATA, "a.csv:3:1: an empty field", {0}},
        {"a.csv", BYTES("1,2\n3,four\n"), KMU_EDATA, "a.csv:2:2: \"four\" is not a number", {0}},
        {"a.csv", BYTES("1,two\n3,4\n"), KMU_EDATA, "a.csv:1:2: \"two\" is not a number", {0}},
        {"a.csv", BYTES("x,y\n1,2\n\n3,4b\n"), KMU_EDATA, "a.csv:4:2: \"4b\" is not a number", {0}},
        {"a.csv", BYTES("x,y\n1,2\n3,0x10\n"), KMU_EDATA, "a.csv:3:2: \"0x10\" is not a number", {0}},
        {"a.csv", BYTES("x,y\n1,2\n3,NA\n"), KMU_EDATA,
         "a.csv:3:2: \"NA\" is not a number (a missing value? leave out the row or fill it in)", {0}},
        {"a.csv", BYTES("x;y\n1;2\n3;12,5\n"), KMU_EDATA,
         "a.csv:3:2: \"12,5\" is not a number (a decimal comma? --decimal=,)", {0}},
        {"a.csv", BYTES("x;y\n1;2\n3;12.5\n"), KMU_EDATA, "a.csv:3:2: \"12.5\" is not a number", {.decimal = ','}},
        {"a.csv", BYTES("x,y\n1,2\n3,\"4\n5,6\n"), KMU_EDATA, "a.csv:3:2: a quote that is never closed", {0}},
        {"a.csv", BYTES("\"x,y\n1,2\n"), KMU_EDATA, "a.csv:1:1: a quote that is never closed", {0}},
        {"a.csv", BYTES("x,\"y\"z\n1,2\n"), KMU_EDATA, "a.csv:1:2: text after a closing quote", {0}},
        {"a.csv", BYTES("x,y\n\"1\"2,3\n"), KMU_EDATA, "a.csv:2:1: text after a closing quote", {.columns = "1,2"}},
        {"a.csv", BYTES("\"a\nb\",y\n1,2\n\"\n3\",4\n5,6x\n"), KMU_EDATA, "a.csv:4:1: \"\\x0a3\" is not a number", {0}},
        {"a.csv", BYTES("\"a\nb\",y\n1,2\n5,6x\n"), KMU_EDATA, "a.csv:4:2: \"6x\" is not a number", {0}},
        {"a.csv", BYTES("1,2\n3,\0\n"), KMU_EDATA, "a.csv:2:2: a NUL byte (is this a text?)", {0}},
        {"a.csv", BYTES("x,y\n3,4\n5,6\0\n"), KMU_EDATA, "a.csv:3:2: a NUL byte (is this a text?)", {0}},
        {"a.csv", BYTES("ab\0,y\n3,4\n"), KMU_EDATA, "a.csv:1:1: a NUL byte (is this a text?)", {0}},
        {"a.csv", BYTES("\xff\xfe" "1\0,\0"), KMU_EDATA, "a.csv:1:1: UTF-16 (kmu reads UTF-8 and ASCII)", {0}},
        {"a.csv", BYTES("\0" "1\0,"), KMU_EDATA, "a.csv:1:1: UTF-16 (kmu reads UTF-8 and ASCII)", {0}},
        {"a.csv", BYTES("1,2\n3,1e999\n"), KMU_EDATA, "a.csv:2:2: 1e999 is beyond the range of f64", {0}},
        {"a.csv", BYTES("1,2\n3,-1e39\n"), KMU_EDATA, "a.csv:2:2: -1e39 is beyond the range of f32", {.dtype = KMU_F32}},
        {"a.csv", BYTES("1,2\n3,nan\n"), KMU_EDATA, "a.csv:2:2: nan is not finite", {0}},
        {"a.csv", BYTES("1,2\n-Inf,3\n"), KMU_EDATA, "a.csv:2:1: -Inf is not finite", {0}},
        {"a.csv", BYTES("x,y\nm,s\n1,2\n"), KMU_EDATA,
         "a.csv:2:1: \"m\" is not a number, nor is anything in the row after the header (two headers?)", {0}},
        {"a.csv", BYTES("x,y\n1,s\n1,t\n1,2\n"), KMU_EDATA, "a.csv:2:2: \"s\" is not a number, but line 4 has one here", {0}},
        {"a.csv", BYTES("x,y\n1,\n1,t\n1,2\n"), KMU_EDATA, "a.csv:2:2: an empty field, but line 4 has a number here", {0}},
        {"a.csv", BYTES("1,2\n3,\x1b[31mred\x7f\xc2\x9b\xff\xc3\xa9\n"), KMU_EDATA,
         "a.csv:2:2: \"\\x1b[31mred\\x7f\\xc2\\x9b\\xff\xc3\xa9\" is not a number", {0}},
        {"a.csv", BYTES("1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"), KMU_EDATA,
         "a.csv:1:2: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is not a number", {0}},
        {"a.csv", BYTES("1,2\r3,4\r"), KMU_EDATA, "a.csv:1:2: \"2\\x0d3\" is not a number", {0}},
        {"a.csv", BYTES("x,y\n1,2\n"), KMU_EUSAGE, "--columns: a.csv has no column \"z\"", {.columns = "x,z"}},
        {"a.csv", BYTES("x,y\n1,2\n"), KMU_EUSAGE, "--columns: a.csv has 2 columns, no 3", {.columns = "3"}},
        {"a.csv", BYTES("x,y\n1,2\n"), KMU_EUSAGE, "--columns: a.csv has 2 columns, no 0-1", {.columns = "0-1"}},
        {"a.csv", BYTES("x,y\n1,2\n"), KMU_EUSAGE, "--columns: a.csv has no column \"\"", {.columns = "x,"}},
        {"a.csv", BYTES("x,y\n1,2\n"), KMU_EUSAGE, "--columns: column 2 of a.csv is asked for twice", {.columns = "1-2,y"}},
        {"a.csv", BYTES("x,y\n1,2\n"), KMU_EUSAGE,
         "--columns: column 1 of a.csv is asked for twice", {.id = "x", .columns = "1"}},
        {"a.csv", BYTES("x,x\n1,2\n"), KMU_EUSAGE, "--columns: a.csv has 2 columns \"x\"; give its number", {.columns = "x"}},
        {"a.csv", BYTES("1,2\n"), KMU_EUSAGE, "--id: a.csv has no column \"name\" (it has no header)", {.id = "name"}},
        {"a.csv", BYTES("x,y\n1,b\n"), KMU_EDATA, "a.csv:2:2: \"b\" is not a number", {.columns = "y"}},
        {"a.csv", BYTES("x,y\n1,b\n"), KMU_EDATA, "a.csv:2:2: \"b\" is not a number", {.weight = "y"}},
        {"a.csv", BYTES("x,y\n1,b\n"), KMU_EUSAGE,
         "a.csv: --delimiter and --decimal are both ','", {.delimiter = ',', .decimal = ','}},
        {"a.csv", BYTES("1,2\n"), KMU_EUSAGE, "a.csv: --dtype is f32 or f64 (u8 is for raw files)", {.dtype = KMU_U8}},
        {"a.csv", BYTES("1,2\n"), KMU_EUSAGE,
         "--format: no format \"xlsx\" (csv, tsv, npy, fvecs, bvecs, ivecs, idx, raw)", {.format = "xlsx"}},
        {"a.parquet", BYTES("PAR1...."), KMU_EDATA, "a.parquet: is a Parquet file, which kmu does not read", {0}},
    };
    expect_bad(cases, LENGTH(cases));
}

static void a_line_of_100_MB_is_one_error(void **state)
{
    (void)state;
    const size_t size = 100 << 20;
    char *line = malloc(size);
    struct table t;
    kmu_error error;
    assert_non_null(line);
    memset(line, 'a', size);
    memcpy(line, "1,2\n3,", 6);
    put_file("a.csv", line, size);
    assert_int_equal(table_read("a.csv", NULL, &t, &error), KMU_EDATA);
    assert_string_equal(error.text, "a.csv:2:2: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is not a number");
    memset(line + 6, '7', size - 6);
    put_file("a.csv", line, size);
    assert_int_equal(table_read("a.csv", NULL, &t, &error), KMU_EDATA);
    assert_string_equal(error.text, "a.csv:2:2: 7777777777777777777777777777777777777777... is beyond the range of f64");
    memcpy(line + 6, "0.", 2);
    put_file("a.csv", line, size);
    read_or_fail("a.csv", NULL, &t);
    expect_numbers(&t, 2, 2, (double[]){1, 2, 3, 7.0 / 9});
    table_free(&t);
    free(line);
}

/* The count of threads changes neither the table nor the place of an error. */
static void threads_change_nothing(void **state)
{
    (void)state;
    const size_t rows = 200000;
    char *text = malloc(rows * 64), *p = text;
    p += sprintf(p, "name,x,y\n");
    for (size_t j = 0; j < rows; j++)
        p += sprintf(p, j % 1000 ? "p%zu,%zu.25,%zu\n" : "p%zu,%zu.25,%zu\r\n\n", j, j, 3 * j);
    for (int quoted = 0; quoted < 2; quoted++) {
        if (quoted)
            memcpy(text + 9, "\"p\",", 4); /* "p",.25,0 */
        for (int threads = 1; threads <= 7; threads += 3) {
            const struct table_options o = {.threads = threads, .id = "name"};
            struct table t;
            kmu_error error;
            put_file("big.csv", text, (size_t)(p - text));
            read_or_fail("big.csv", &o, &t);
            assert_int_equal(t.n, rows);
            assert_true(number(&t, rows - 1, 0) == 199999.25 && number(&t, rows - 1, 1) == 3 * 199999.0);
            assert_string_equal(t.id[t.n - 1], "p199999");
            table_free(&t);
            char *bad = strstr(text + (p - text) / 3 * 2, ".25");
            bad[1] = 'x';
            put_file("big.csv", text, (size_t)(p - text));
            bad[1] = '2';
            assert_int_equal(table_read("big.csv", &o, &t, &error), KMU_EDATA);
            static char expected[2][sizeof error.text];
            if (threads == 1)
                strcpy(expected[quoted], error.text);
            assert_string_equal(error.text, expected[quoted]);
            assert_non_null(strstr(error.text, ".x5\" is not a number"));
        }
    }
    free(text);
}

#define DICT(descr, fortran, shape) "{'descr': '" descr "', 'fortran_order': " fortran ", 'shape': (" shape "), }"

/* Writes a.npy with the header, padded, and the bytes behind it. */
static void put_npy(const char *name, const char *header, const void *bytes, size_t count)
{
    char file[1000] = "\x93NUMPY\x01\x00";
    const size_t length = strlen(header);
    file[8] = (char)length;
    memcpy(file + 10, header, length);
    memcpy(file + 10 + length, bytes, count);
    put_file(name, file, 10 + length + count);
}

static void npy_in_every_type_and_order(void **state)
{
    (void)state;
    static const struct {
        const char *header, *bytes;
        size_t size;
        kmu_type type;
        double x[4];
    } cases[] = {
        {DICT("<f8", "False", "1, 2"), BYTES("\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\xc0"), KMU_F64, {1.5, -2}},
        {DICT(">f8", "False", "1, 2"), BYTES("\x3f\xf8\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0"), KMU_F64, {1.5, -2}},
        {DICT("<f4", "False", "1,2"), BYTES("\0\0\xc0\x3f\0\0\0\xc0"), KMU_F32, {1.5, -2}},
        {DICT("|u1", "False", "1,2"), BYTES("\x05\xff"), KMU_U8, {5, 255}},
        {DICT("|i1", "False", "1,2"), BYTES("\x05\xff"), KMU_I8, {5, -1}},
        {DICT(">u2", "False", "1,2"), BYTES("\1\0\0\1"), KMU_U16, {256, 1}},
        {DICT("<i2", "False", "1,2"), BYTES("\1\0\xff\xff"), KMU_I16, {1, -1}},
        {DICT("<u4", "False", "1,2"), BYTES("\1\0\0\0\xff\xff\xff\xff"), KMU_U32, {1, 4294967295}},
        {DICT(">i4", "False", "1,2"), BYTES("\0\0\0\1\xff\xff\xff\xff"), KMU_I32, {1, -1}},
        {DICT("=u8", "False", "1,2"), BYTES("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"), KMU_U64, {1, 2}},
        {DICT(">i8", "False", "1,2"), BYTES("\0\0\0\0\0\0\0\1\xff\xff\xff\xff\xff\xff\xff\xff"), KMU_I64, {1, -1}},
        {"{\"shape\": (1L, 2L,), \"fortran_order\": False, \"descr\": \"|u1\"}\n", BYTES("\1\2"), KMU_U8, {1, 2}},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct table t;
        put_npy("a.npy", cases[i].header, cases[i].bytes, cases[i].size);
        read_or_fail("a.npy", NULL, &t);
        assert_int_equal(t.type, cases[i].type);
        expect_numbers(&t, 1, 2, cases[i].x);
        table_free(&t);
    }
    struct table t;
    put_npy("a.npy", DICT("|u1", "True", "2, 3"), "\1\4\2\5\3\6", 6);
    read_or_fail("a.npy", NULL, &t);
    expect_numbers(&t, 2, 3, (double[]){1, 2, 3, 4, 5, 6});
    assert_false(t.flat);
    table_free(&t);
    /* a half-precision number, widened on demand */
    put_npy("a.npy", DICT("<f2", "False", "3,"), "\x00\x3e\x01\x00\x00\xc0", 6);
    const struct table_options f64 = {.dtype = KMU_F64};
    read_or_fail("a.npy", NULL, &t);
    assert_true(t.type == KMU_F16 && t.flat);
    table_free(&t);
    read_or_fail("a.npy", &f64, &t);
    expect_numbers(&t, 3, 1, (double[]){1.5, 0x1p-24, -2});
    assert_int_equal(t.rounded, 0);
    table_free(&t);
    /* versions 2 and 3, and a file known by its first bytes alone */
    put_file("b", BYTES("\x93NUMPY\x02\x00\x39\x00\x00\x00" DICT("|u1", "False", "1,") "\x07"));
    read_or_fail("b", NULL, &t);
    expect_numbers(&t, 1, 1, (double[]){7});
    table_free(&t);
}

static void npy_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *header, *bytes;
        size_t size;
        const char *text;
    } cases[] = {
        {DICT("<f8", "False", "2, 2"), BYTES("1234567"), "a.npy: cut short: 7 of 32 bytes of numbers (2 x 2 f64)"},
        {DICT("|u1", "False", "2, 2"), BYTES("12345"), "a.npy: bytes follow the last number (2 x 2 u8)"},
        {DICT("|O", "False", "2,"), BYTES(""), "a.npy: dtype '|O' is no number kmu reads (f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8)"},
        {DICT("|b1", "False", "2,"), BYTES(""),
         "a.npy: dtype '|b1' is no number kmu reads (f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8)"},
        {DICT("<c16", "False", "2,"), BYTES(""),
         "a.npy: dtype '<c16' is no number kmu reads (f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8)"},
        {"{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (2,)}", BYTES(""),
         "a.npy: records (a structured dtype) are no table of numbers"},
        {DICT("|u1", "False", "-2, 2"), BYTES(""), "a.npy: a negative number in the shape"},
        {DICT("|u1", "False", "2, 2, 2"), BYTES("12345678"), "a.npy: an array of 3 dimensions; reshape it to (n, d)"},
        {DICT("|u1", "False", ""), BYTES("1"), "a.npy: a single number (shape ()) is no table"},
        {DICT("|u1", "False", "0, 2"), BYTES(""), "a.npy: no rows"},
        {DICT("|u1", "False", "2, 0"), BYTES(""), "a.npy: no columns"},
        {DICT("<f8", "False", "4294967296, 4294967296"), BYTES(""),
         "a.npy: 4294967296 x 4294967296 numbers of f64 are more than memory can hold"},
        {DICT("<f8", "False", "99999999999999999999, 2"), BYTES(""), "a.npy: the shape is more than memory can hold"},
        {DICT("<f8", "False", "1000000000, 1000"), BYTES("12345678"),
         "a.npy: cut short: 8 of 8000000000000 bytes of numbers (1000000000 x 1000 f64)"},
        {DICT("|u1", "False", "3"), BYTES("123"), "a.npy: the .npy header has no valid 'shape'"},
        {DICT("|u1", "False", "3,,2"), BYTES("123"), "a.npy: the .npy header has no valid 'shape'"},
        {"{'descr': 5, 'fortran_order': False, 'shape': (2,)}", BYTES(""), "a.npy: the .npy header has no valid 'descr'"},
        {"{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}", BYTES(""),
         "a.npy: the .npy header is no {'descr', 'fortran_order', 'shape'}"},
        {"{'descr': '<f8', 'shape': (2,)}", BYTES(""), "a.npy: the .npy header is no {'descr', 'fortran_order', 'shape'}"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", BYTES(""),
         "a.npy: the .npy header is no {'descr', 'fortran_order', 'shape'}"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x", BYTES(""),
         "a.npy: the .npy header is no {'descr', 'fortran_order', 'shape'}"},
        {"hello", BYTES(""), "a.npy: the .npy header is no {'descr', 'fortran_order', 'shape'}"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct table t;
        kmu_error error = {"nothing"};
        put_npy("a.npy", cases[i].header, cases[i].bytes, cases[i].size);
        assert_int_equal(table_read("a.npy", NULL, &t, &error), KMU_EDATA);
        assert_string_equal(error.text, cases[i].text);
    }
    const struct bad starts[] = {
        {"a.npy", BYTES(""), KMU_EDATA, "a.npy: no .npy file (it does not begin with \\x93NUMPY)", {0}},
        {"a.npy", BYTES("1,2\n3,4\n"), KMU_EDATA, "a.npy: no .npy file (it does not begin with \\x93NUMPY)", {0}},
        {"a.npy", BYTES("\x93NUMPY\x04\x00\x00\x00"), KMU_EDATA, "a.npy: .npy version 4.0 is not 1.0, 2.0 or 3.0", {0}},
        {"a.npy", BYTES("\x93NUMPY\x01\x00\xff\x00{"), KMU_EDATA, "a.npy: cut short in the .npy header", {0}},
        {"a.npy", BYTES("\x93NUMPY\x01\x00\x10"), KMU_EDATA, "a.npy: cut short in the .npy header", {0}},
        {"a.npy", BYTES("\x93NUMPY\x01\x00\x03\x00{\0}"), KMU_EDATA, "a.npy: a NUL byte in the .npy header", {0}},
        {"a.npy", BYTES("\x93NUMPY\x02\x00\xff\xff\xff\xff{}"), KMU_EDATA,
         "a.npy: a .npy header of 4294967295 bytes (at most 65536)",
         {0}},
        {"a.npy", BYTES("\x93NUMPY\x01\x00\x39\x00" DICT("|u1", "False", "1,") "\x07"), KMU_EUSAGE,
         "a.npy: --columns is for text (csv, tsv)",
         {.columns = "1"}},
    };
    expect_bad(starts, LENGTH(starts));
    struct table t;
    kmu_error error;
    const struct table_options f32 = {.dtype = KMU_F32};
    put_npy("a.npy", DICT("<f8", "True", "2, 2"),
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x9c\x75\x00\x88\x3c\xe4\x37\x7e", 32);
    assert_int_equal(table_read("a.npy", &f32, &t, &error), KMU_EDATA);
    assert_string_equal(error.text, "a.npy: row 2, column 2: 1e+300 is beyond the range of f32");
}

static void vectors_idx_and_raw(void **state)
{
    (void)state;
    const struct good good[] = {
        {"a.fvecs", BYTES("\2\0\0\0\0\0\x80\x3f\0\0\0\x40\2\0\0\0\0\0\x40\x40\0\0\x80\x40"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.bvecs", BYTES("\2\0\0\0\1\2\2\0\0\0\3\4"), 2, 2, {1, 2, 3, 4}, {0}},
        {"a.ivecs", BYTES("\1\0\0\0\1\0\0\0\1\0\0\0\xff\xff\xff\xff"), 2, 1, {1, -1}, {0}},
        {"t-images-idx3-ubyte", BYTES("\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\2\1\2\3\4"), 2, 2, {1, 2, 3, 4}, {0}},
        {"labels.idx", BYTES("\0\0\x08\1\0\0\0\2\1\2"), 2, 1, {1, 2}, {0}},
        {"unnamed", BYTES("\0\0\x0b\2\0\0\0\1\0\0\0\2\0\1\xff\xff"), 1, 2, {1, -1}, {0}},
        {"a.raw", BYTES("\1\0\2\0\3\0\4\0"), 2, 2, {1, 2, 3, 4}, {.dtype = KMU_U16, .shape_n = 2, .shape_d = 2}},
    };
    expect_good(good, LENGTH(good));
    const char no_idx[] = "a.idx: no idx file (it does not begin with 0, 0, a type and the number of dimensions)";
    const struct bad bad[] = {
        {"a.fvecs", BYTES(""), KMU_EDATA, "a.fvecs: no rows", {0}},
        {"a.fvecs", BYTES("\0\0\0\0"), KMU_EDATA, "a.fvecs: vector 1 has length 0", {0}},
        {"a.fvecs", BYTES("\xff\xff\xff\xff"), KMU_EDATA, "a.fvecs: vector 1 has length -1", {0}},
        {"a.fvecs", BYTES("\1\0"), KMU_EDATA, "a.fvecs: cut short in vector 1", {0}},
        {"a.fvecs", BYTES("\2\0\0\0\0\0\x80\x3f\0\0"), KMU_EDATA, "a.fvecs: cut short in vector 1", {0}},
        {"a.bvecs", BYTES("\1\0\0\0\1\2\0\0\0\3\4"), KMU_EDATA, "a.bvecs: vector 2 has length 2, those before it have 1", {0}},
        {"a.bvecs", BYTES("\2\0\0\0\1\2\2\0\0\0\3"), KMU_EDATA, "a.bvecs: cut short in vector 2", {0}},
        {"a.bvecs", BYTES("\2\0\0\0\1\2\2\0"), KMU_EDATA, "a.bvecs: cut short in vector 2", {0}},
        {"a.bvecs", BYTES("\2\0\0\0\1\2\3\0\0\0\3"), KMU_EDATA, "a.bvecs: vector 2 has length 3, those before it have 2", {0}},
        {"a.ivecs", BYTES("\xff\xff\xff\x7f"), KMU_EDATA, "a.ivecs: cut short in vector 1", {0}},
        {"a.idx", BYTES(""), KMU_EDATA, no_idx, {0}},
        {"a.idx", BYTES("\0\0\x07\1\0\0\0\1\1"), KMU_EDATA, no_idx, {0}},
        {"a.idx", BYTES("\0\1\x08\1\0\0\0\1\1"), KMU_EDATA, no_idx, {0}},
        {"a.idx", BYTES("\0\0\x08\0"), KMU_EDATA, no_idx, {0}},
        {"a.idx", BYTES("\0\0\x08\3\0\0\0\2\0"), KMU_EDATA, "a.idx: cut short in the sizes of its 3 dimensions", {0}},
        {"a.idx", BYTES("\0\0\x08\2\0\0\0\2\0\0\0\2\1\2\3"), KMU_EDATA,
         "a.idx: cut short: 3 of 4 bytes of numbers (2 x 2 u8)", {0}},
        {"a.idx", BYTES("\0\0\x08\1\0\0\0\2\1\2\3"), KMU_EDATA, "a.idx: bytes follow the last number (2 x 1 u8)", {0}},
        {"a.idx", BYTES("\0\0\x08\3\0\0\0\2\xff\xff\xff\xff\xff\xff\xff\xff"), KMU_EDATA,
         "a.idx: 2 x 18446744065119617025 numbers of u8 are more than memory can hold", {0}},
        {"a.idx", BYTES("\0\0\x08\2\0\0\0\0\0\0\0\2"), KMU_EDATA, "a.idx: no rows", {0}},
        {"a.raw", BYTES("1234"), KMU_EUSAGE, "a.raw: a raw file needs --shape N,D and --dtype (f32, u8, ..)", {0}},
        {"a.raw", BYTES("1234"), KMU_EDATA, "a.raw: cut short: 4 of 8 bytes of numbers (1 x 2 f32)",
         {.dtype = KMU_F32, .shape_n = 1, .shape_d = 2}},
        {"a.raw", BYTES("1234"), KMU_EDATA, "a.raw: bytes follow the last number (1 x 1 u8)",
         {.dtype = KMU_U8, .shape_n = 1, .shape_d = 1}},
    };
    expect_bad(bad, LENGTH(bad));
}

static size_t gzip(const char *bytes, size_t count, unsigned char *packed, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    unsigned char copy[1000];
    memcpy(copy, bytes, count);
    z.next_in = copy;
    z.avail_in = (uInt)count;
    z.next_out = packed;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t zstd(const char *bytes, size_t count, unsigned char *packed, size_t room)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    const size_t length = ZSTD_compress2(context, packed, room, bytes, count);
    assert_false(ZSTD_isError(length));
    ZSTD_freeCCtx(context);
    return length;
}

static void packed_files(void **state)
{
    (void)state;
    static const struct {
        const char *file, *name;
        size_t (*pack)(const char *, size_t, unsigned char *, size_t);
        const char *checksum;
    } kinds[] = {{"a.csv.gz", "gzip", gzip, "a.csv.gz: the gzip stream is damaged (incorrect data check)"},
                 {"a.csv.zst", "zstd", zstd, "a.csv.zst: the zstd stream is damaged (Restored data doesn't match checksum)"}};
    const char text[] = "1,2\n3,4\n";
    for (size_t i = 0; i < 2; i++) {
        unsigned char packed[1000];
        char expected[200];
        struct table t;
        kmu_error error;
        const size_t length = kinds[i].pack(text, sizeof text - 1, packed, sizeof packed);
        put_file(kinds[i].file, packed, length);
        read_or_fail(kinds[i].file, NULL, &t);
        expect_numbers(&t, 2, 2, (double[]){1, 2, 3, 4});
        table_free(&t);
        /* two members, one after the other */
        const size_t second = kinds[i].pack("5,6\n", 4, packed + length, sizeof packed - length);
        put_file(kinds[i].file, packed, length + second);
        read_or_fail(kinds[i].file, NULL, &t);
        expect_numbers(&t, 3, 2, (double[]){1, 2, 3, 4, 5, 6});
        table_free(&t);
        /* cut short anywhere behind the mark by which it is known */
        for (size_t part = 4; part < length; part++) {
            put_file(kinds[i].file, packed, part);
            assert_int_equal(table_read(kinds[i].file, NULL, &t, &error), KMU_EDATA);
            snprintf(expected, sizeof expected, "%s: the %s stream is cut short", kinds[i].file, kinds[i].name);
            assert_string_equal(error.text, expected);
        }
        /* something else behind it */
        packed[length] = 'x';
        put_file(kinds[i].file, packed, length + 1);
        assert_int_equal(table_read(kinds[i].file, NULL, &t, &error), KMU_EDATA);
        snprintf(expected, sizeof expected, "%s: other bytes follow the end of the %s stream", kinds[i].file, kinds[i].name);
        assert_string_equal(error.text, expected);
        /* another checksum: in gzip it stands before the length, in zstd last */
        packed[length - (i ? 1 : 5)] ^= 1;
        put_file(kinds[i].file, packed, length);
        assert_int_equal(table_read(kinds[i].file, NULL, &t, &error), KMU_EDATA);
        assert_string_equal(error.text, kinds[i].checksum);
    }
}

/* Every format gives back what it was given, packed or not, whatever the strides. */
static void what_was_written_is_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        kmu_type type, read;
    } cases[] = {
        {"w.csv", KMU_F64, KMU_F64}, {"w.csv", KMU_F32, KMU_F64}, {"w.csv", KMU_I64, KMU_F64},
        {"w.tsv", KMU_U8, KMU_F64}, {"w.txt.gz", KMU_F64, KMU_F64}, {"w.csv.zst", KMU_I32, KMU_F64},
        {"w.npy", KMU_F64, KMU_F64}, {"w.npy", KMU_F32, KMU_F32}, {"w.npy", KMU_I32, KMU_I32},
        {"w.npy", KMU_U8, KMU_U8}, {"w.npy.gz", KMU_I64, KMU_I64}, {"w.fvecs", KMU_F32, KMU_F32},
        {"w.fvecs", KMU_F64, KMU_F32}, {"w.fvecs", KMU_U8, KMU_F32}, {"w.bvecs", KMU_U8, KMU_U8},
        {"w.bvecs", KMU_F64, KMU_U8}, {"w.ivecs", KMU_I32, KMU_I32}, {"w.ivecs", KMU_I64, KMU_I32},
        {"w.idx", KMU_U8, KMU_U8}, {"w.idx.gz", KMU_F32, KMU_F32}, {"w-idx2-ubyte", KMU_I32, KMU_I32},
        {"w.npy.zst", KMU_F64, KMU_F64},
    };
    const double x[] = {1, 2, 3, 4, 5, 6};
    for (size_t i = 0; i < LENGTH(cases); i++)
        for (int fortran = 0; fortran < 2; fortran++) {
            double f64[6];
            float f32[6];
            uint8_t u8[6];
            int32_t i32[6];
            int64_t i64[6];
            for (int j = 0; j < 2; j++)
                for (int l = 0; l < 3; l++) {
                    const int to = fortran ? j + 2 * l : 3 * j + l;
                    f64[to] = x[3 * j + l];
                    f32[to] = (float)f64[to];
                    u8[to] = (uint8_t)f64[to];
                    i64[to] = i32[to] = u8[to];
                }
            const kmu_type type = cases[i].type;
            struct table t = {.type = type, .n = 2, .d = 3, .row = fortran ? 1 : 3, .col = fortran ? 2 : 1}, u;
            void *const x_of[] = {[KMU_F64] = f64, [KMU_F32] = f32, [KMU_U8] = u8, [KMU_I32] = i32, [KMU_I64] = i64};
            t.x = x_of[type];
            struct output *out;
            kmu_error error = {""};
            assert_int_equal(table_writable(cases[i].file, NULL, 0, &error), KMU_OK);
            assert_int_equal(output_open(cases[i].file, &out, &error), KMU_OK);
            assert_int_equal(table_write(out, cases[i].file, NULL, &t, &error), KMU_OK);
            assert_int_equal(output_commit(&out, 1, &error), KMU_OK);
            read_or_fail(cases[i].file, NULL, &u);
            expect_numbers(&u, 2, 3, x);
            assert_int_equal(u.type, cases[i].read);
            table_free(&u);
        }
}

static void what_a_format_cannot_hold_is_said(void **state)
{
    (void)state;
    double x[] = {1, 0.1, 256, -1};
    struct table t = {.type = KMU_F64, .n = 2, .d = 2, .row = 2, .col = 1, .x = x};
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"v.fvecs", "v.fvecs: row 1, column 2: 0.1 is no number of f32 (--dtype f32 rounds)"},
        {"v.bvecs", "v.bvecs: row 1, column 2: 0.1 is no number of u8"},
        {"v.ivecs", "v.ivecs: row 1, column 2: 0.1 is no number of i32"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct output *out;
        kmu_error error;
        assert_int_equal(output_open(cases[i].file, &out, &error), KMU_OK);
        assert_int_equal(table_write(out, cases[i].file, NULL, &t, &error), KMU_EDATA);
        assert_string_equal(error.text, cases[i].text);
        output_discard(&out, 1);
        assert_int_equal(access(cases[i].file, F_OK), -1);
    }
    kmu_error error;
    assert_int_equal(table_writable("v.fvecs", NULL, KMU_F64, &error), KMU_EUSAGE);
    assert_string_equal(error.text, "fvecs holds f32, these numbers are f64");
    assert_int_equal(table_writable("v.fvecs", NULL, KMU_U16, &error), KMU_OK);
    assert_int_equal(table_writable("w.parquet", NULL, 0, &error), KMU_EUSAGE);
    assert_string_equal(error.text,
                        "no format has the suffix .parquet (csv, tsv, npy, fvecs, bvecs, ivecs, idx, raw; or --format)");
    assert_int_equal(table_writable("w.parquet", "npy", 0, &error), KMU_OK);
    assert_int_equal(table_writable("-", NULL, 0, &error), KMU_OK);
    assert_int_equal(table_writable("/dev/null", NULL, 0, &error), KMU_OK);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct table t;
    kmu_error error;
    assert_int_equal(table_read("nowhere.csv", NULL, &t, &error), KMU_EIO);
    assert_string_equal(error.text, "nowhere.csv: cannot open: No such file or directory");
    assert_int_equal(table_read(".", NULL, &t, &error), KMU_EIO);
    assert_string_equal(error.text, ".: is a directory, not a file");
    assert_int_equal(table_read("a\x1b[2J.csv", NULL, &t, &error), KMU_EIO);
    assert_string_equal(error.text, "a\\x1b[2J.csv: cannot open: No such file or directory");
    if (geteuid()) {
        put_file("secret.csv", "1", 1);
        chmod("secret.csv", 0);
        assert_int_equal(table_read("secret.csv", NULL, &t, &error), KMU_EIO);
        assert_string_equal(error.text, "secret.csv: cannot open: Permission denied");
    }
}

/* Opens path and writes text to it. */
static struct output *written(const char *path, const char *text)
{
    struct output *out = NULL;
    kmu_error error = {""};
    if (output_open(path, &out, &error) || output_write(out, text, strlen(text), &error))
        fail_msg("%s: %s", path, error.text);
    return out;
}

static void expect_text(const char *file, const char *text)
{
    char bytes[100];
    const size_t count = take_file(file, bytes, sizeof bytes - 1);
    bytes[count] = 0;
    assert_string_equal(bytes, text);
}

static int files_here(void)
{
    FILE *f = popen("ls -A | wc -l", "r");
    int count = -1;
    assert_int_equal(fscanf(f, "%d", &count), 1);
    pclose(f);
    return count;
}

static void outputs_appear_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(mkdir("out", 0777) | chdir("out"), 0);
    kmu_error error;
    struct output *out[2];
    put_file("old", "old", 3);
    out[0] = written("old", "new");
    out[1] = written("fresh", "fresh");
    expect_text("old", "old");
    assert_int_equal(access("fresh", F_OK), -1);
    output_discard(out, 2);
    expect_text("old", "old");
    assert_int_equal(files_here(), 1);

    out[0] = written("old", "new");
    out[1] = written("fresh", "fresh");
    assert_int_equal(output_commit(out, 2, &error), KMU_OK);
    expect_text("old", "new");
    expect_text("fresh", "fresh");
    assert_int_equal(files_here(), 2);

    /* when the second cannot be written, the first does not change either */
    out[0] = written("old", "newer");
    out[1] = written("/dev/full", "lost");
    assert_int_equal(output_commit(out, 2, &error), KMU_EIO);
    assert_string_equal(error.text, "/dev/full: cannot write: No space left on device");
    expect_text("old", "new");
    assert_int_equal(files_here(), 2);
    assert_int_equal(chdir(".."), 0);
}

static void links_modes_and_special_files(void **state)
{
    (void)state;
    assert_int_equal(mkdir("links", 0777) | chdir("links") | mkdir("far", 0777), 0);
    kmu_error error;
    struct output *out;
    struct stat info;
    put_file("far/target", "old", 3);
    assert_int_equal(chmod("far/target", 0604), 0);
    assert_int_equal(symlink("far/target", "link") | symlink("link", "link2") | symlink("far/later", "dangling"), 0);
    out = written("link2", "new");
    assert_int_equal(output_commit(&out, 1, &error), KMU_OK);
    expect_text("far/target", "new");
    assert_int_equal(lstat("link2", &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat("far/target", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0604);
    out = written("dangling", "made");
    assert_int_equal(output_commit(&out, 1, &error), KMU_OK);
    expect_text("far/later", "made");
    const mode_t mask = umask(027);
    out = written("masked", "");
    assert_int_equal(output_commit(&out, 1, &error), KMU_OK);
    umask(mask);
    assert_int_equal(stat("masked", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    out = written("/dev/null", "gone");
    assert_int_equal(output_commit(&out, 1, &error), KMU_OK);
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_int_equal(symlink("round", "round"), 0);
    static const char *const wrong[][2] = {
        {"far", "far: cannot write: Is a directory"},
        {"no/such", "no/such: cannot write: No such file or directory"},
        {"round", "round: cannot write: Too many levels of symbolic links"},
        {"far/target/x", "far/target/x: cannot write: Not a directory"},
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        assert_int_equal(output_open(wrong[i][0], &out, &error), KMU_EIO);
        assert_string_equal(error.text, wrong[i][1]);
    }
    if (geteuid()) {
        assert_int_equal(chmod("far/target", 0400), 0);
        assert_int_equal(output_open("far/target", &out, &error), KMU_EIO);
        assert_string_equal(error.text, "far/target: cannot write: Permission denied");
    }
    assert_int_equal(chdir(".."), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_are_tables),
        cmocka_unit_test(names_ids_weights_and_what_is_left_out),
        cmocka_unit_test(rounded_numbers_are_counted),
        cmocka_unit_test(texts_that_are_wrong),
        cmocka_unit_test(a_line_of_100_MB_is_one_error),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(npy_in_every_type_and_order),
        cmocka_unit_test(npy_that_are_wrong),
        cmocka_unit_test(vectors_idx_and_raw),
        cmocka_unit_test(packed_files),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(what_a_format_cannot_hold_is_said),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(outputs_appear_whole_or_not_at_all),
        cmocka_unit_test(links_modes_and_special_files),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
