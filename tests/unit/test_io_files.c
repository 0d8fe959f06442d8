/* test_io_files.c - packed files, what is written and read back, and outputs that appear whole or not at all. */
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "io_files.h"

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
    assert_string_equal(error.text, "v.fvecs: fvecs holds f32, these numbers are f64");
    assert_int_equal(table_writable("v.fvecs", NULL, KMU_U16, &error), KMU_OK);
    assert_int_equal(table_writable("w.parquet", NULL, 0, &error), KMU_EUSAGE);
    assert_string_equal(error.text,
                        "w.parquet: no format has the suffix .parquet (csv, tsv, npy, fvecs, bvecs, ivecs, idx, raw)");
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
        cmocka_unit_test(packed_files),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(what_a_format_cannot_hold_is_said),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(outputs_appear_whole_or_not_at_all),
        cmocka_unit_test(links_modes_and_special_files),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
