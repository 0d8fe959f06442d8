/* test_io_binary.c - .npy, vectors, idx and raw numbers are read as they were stored, and damage is said. */
#include "io_files.h"

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
    static const uint64_t native[] = {1, 2};
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
        {DICT("=u8", "False", "1,2"), (const char *)native, sizeof native, KMU_U64, {1, 2}},
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
         SIZE_MAX > UINT32_MAX ? "a.npy: cut short: 8 of 8000000000000 bytes of numbers (1000000000 x 1000 f64)"
                               : "a.npy: 1000000000 x 1000 numbers of f64 are more than memory can hold"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npy_in_every_type_and_order),
        cmocka_unit_test(npy_that_are_wrong),
        cmocka_unit_test(vectors_idx_and_raw),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
