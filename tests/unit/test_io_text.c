/* test_io_text.c - a text is a table, or an error with its place, in these very words. */
#include "io_files.h"

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
        {"a.csv", BYTES("1,5;2,5\n3,5;4,5\n"), KMU_EDATA, "a.csv:1:1: \"1,5\" is not a number (a decimal comma? --decimal=,)", {0}},
        {"a.csv", BYTES("x;y\n1;2,5\n"), KMU_EDATA, "a.csv:2:2: \"2,5\" is not a number (a decimal comma? --decimal=,)", {0}},
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
        {"a.csv", BYTES("1,2\n3,nan\n"), KMU_EDATA, "a.csv:2:2: nan is not finite; leave out the row or fill it in", {0}},
        {"a.csv", BYTES("1,2\n-Inf,3\n"), KMU_EDATA, "a.csv:2:1: -Inf is not finite; leave out the row or fill it in", {0}},
        {"a.csv", BYTES("x,y\nm,s\n1,2\n"), KMU_EDATA,
         "a.csv:2:1: \"m\" is not a number, nor is anything in the row after the header (two headers?)", {0}},
        {"a.csv", BYTES("x,y\n1,s\n1,t\n1,2\n"), KMU_EDATA, "a.csv:2:2: \"s\" is not a number, but line 4 has one here", {0}},
        {"a.csv", BYTES("x,y\n1,\n1,t\n1,2\n"), KMU_EDATA, "a.csv:2:2: an empty field, but line 4 has a number here", {0}},
        {"a.csv", BYTES("1,2\n3,\x1b[31mred\x7f\xc2\x9b\xff\xc3\xa9\n"), KMU_EDATA,
         "a.csv:2:2: \"\\x1b[31mred\\x7f\\xc2\\x9b\\xff\xc3\xa9\" is not a number", {0}},
        {"a.csv", BYTES("1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"), KMU_EDATA,
         "a.csv:1:2: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is not a number", {0}},
        {"a.csv", BYTES("1,2\r3,4\r"), KMU_EDATA, "a.csv:1:2: a carriage return within a field (lines end with LF or CR LF)", {0}},
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

/* Rows name,text,x,y; where quoted, name and text go over several lines, so that blocks are cut inside quotes. */
static size_t many_rows(char *text, size_t rows, bool quoted)
{
    char *p = text + sprintf(text, "name,text,x,y\n");
    for (size_t j = 0; j < rows; j++) {
        p += sprintf(p, quoted ? "\"p\n%zu\",\"a\nb\nc\nd\"" : "p%zu,a", j);
        p += sprintf(p, j % 1000 ? ",%zu.25,%zu\n" : ",%zu.25,%zu\r\n\n", j, 3 * j);
    }
    return (size_t)(p - text);
}

/* The count of threads changes neither the table nor the place of an error. */
static void threads_change_nothing(void **state)
{
    (void)state;
    const size_t rows = 200000;
    char *text = malloc(rows * 64);
    assert_non_null(text);
    for (int quoted = 0; quoted < 2; quoted++) {
        const size_t size = many_rows(text, rows, quoted);
        char *bad = strstr(text + size / 7 * 6, ".25"), expected[100];
        size_t line = 1;
        for (const char *p = text; p < bad; p++)
            line += *p == '\n';
        for (int threads = 1; threads <= 7; threads += 3) {
            const struct table_options o = {.threads = threads, .id = "name", .columns = "x,y"};
            struct table t;
            kmu_error error;
            put_file("big.csv", text, size);
            read_or_fail("big.csv", &o, &t);
            assert_int_equal(t.n, rows);
            for (size_t j = 0; j < rows; j++) {
                char id[32];
                sprintf(id, quoted ? "p\n%zu" : "p%zu", j);
                if (number(&t, j, 0) != (double)j + 0.25 || number(&t, j, 1) != 3 * (double)j || strcmp(t.id[j], id))
                    fail_msg("row %zu is %s, %g, %g", j, t.id[j], number(&t, j, 0), number(&t, j, 1));
            }
            table_free(&t);
            bad[1] = 'x';
            put_file("big.csv", text, size);
            bad[1] = '2';
            assert_int_equal(table_read("big.csv", &o, &t, &error), KMU_EDATA);
            sprintf(expected, "big.csv:%zu:3: ", line);
            if (strncmp(error.text, expected, strlen(expected)) || !strstr(error.text, ".x5\" is not a number"))
                fail_msg("%s, expected at %s", error.text, expected);
        }
    }
    /* a run of blank lines longer than any chunk: nothing at the end of a column, an empty field inside */
    const struct table_options o = {.threads = 2};
    struct table t;
    kmu_error error;
    memset(text, '\n', rows * 64);
    text[0] = '1';
    put_file("big.csv", text, rows * 64);
    read_or_fail("big.csv", &o, &t);
    expect_numbers(&t, 1, 1, (double[]){1});
    table_free(&t);
    text[rows * 64 - 1] = '2';
    put_file("big.csv", text, rows * 64);
    assert_int_equal(table_read("big.csv", &o, &t, &error), KMU_EDATA);
    assert_string_equal(error.text, "big.csv:2:1: an empty field");
    free(text);
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
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
