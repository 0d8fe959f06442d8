/* test_layout.c - what is known of points before the first turn is true: columns, places, and how far images are off.
 *
 *   |s - (x'.c' - ||c'||^2 / 2)| <= slack / 2,      x' = x 2^g - o,  c' = mu 2^g - o  over the real numbers
 *
 * where s is what the kernel computes from binary32 images. Doubled and multiplied out, the right number is
 *
 *   2 x'.c' - ||c'||^2 = sum_l 2 x_l mu_l 2^2g - mu_l^2 2^2g - 2 x_l o_l 2^g + o_l^2 */
#include "draw.h"
#include "exact/wide.h"
#include "layout/frame.h"
#include "layout/places.h"
#include "points.h"

enum { LONGEST = 400, K = 5, ROWS = 100 };

/* Points as the door leaves them, on a pool of `threads`. */
struct room {
    kmu_options options;
    kmu_points given;
    struct pool *pool;
    struct points points;
    kmu_error error;
};

static kmu_status enter(struct room *r, const void *x, kmu_type type, size_t n, size_t d, ptrdiff_t row, const double *w, int threads)
{
    *r = (struct room){.given = {.size = sizeof r->given, .type = type, .n = n, .d = d, .x = x, .row = row, .w = w}};
    kmu_options_init(&r->options, sizeof r->options);
    r->options.threads = threads;
    assert_int_equal(kmu__pool_open(&r->pool, &r->options, NULL), KMU_OK);
    return kmu__points_enter(&r->points, &r->given, r->pool, &r->options, &r->error);
}

static void leave(struct room *r)
{
    kmu__points_leave(&r->points);
    kmu__pool_close(r->pool);
}

/* x as numbers of `type`, in place. */
static void narrow(double *x, size_t count, kmu_type type)
{
    for (size_t a = 0; type == KMU_F32 && a < count; a++) {
        float v = (float)x[a];
        memcpy((char *)x + a * sizeof v, &v, sizeof v);
    }
}

/* ---- columns ---------------------------------------------------------------------------------------------------------- */

static void a_column_is_known_by_its_lowest_and_highest_bit(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 600; s++) {
        begin(s);
        struct room r;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        size_t n = 1 + below(ROWS), d = 1 + below(20), row = d + below(3), bad = below(4) ? n : below(n);
        double *x = doubles(n * row);
        struct range column[20], all = kmu__range_of(0);
        for (size_t l = 0; l < d; l++)
            column[l] = kmu__range_of(0);
        for (size_t a = 0; a < n * row; a++) {
            int low = type == KMU_F32 ? between(-149, 127) : between(-1074, 1023);
            x[a] = a % row < d ? number(low, low + 1, a % row % 2 ? 3 : type == KMU_F32 ? 24 : 53) : NAN; /* what lies between is not ours */
            x[a] = type == KMU_F32 ? (double)(float)x[a] : x[a];
            if (a % row < d) {
                column[a % row] = kmu__range_join(column[a % row], kmu__range_of(x[a]));
                all = kmu__range_join(all, kmu__range_of(x[a]));
            }
        }
        if (bad < n)
            x[bad * row + below(d)] = below(2) ? NAN : -INFINITY;
        narrow(x, n * row, type);
        kmu_status status = enter(&r, x, type, n, d, (ptrdiff_t)row, NULL, between(1, 3));
        char text[32];
        snprintf(text, sizeof text, "point %zu, coordinate ", bad);
        if (status != (bad < n ? KMU_EDATA : KMU_OK) || (bad < n && !strstr(r.error.text, text)))
            FAIL("status %d, \"%s\"; the bad point is %zu of %zu", status, r.error.text, bad, n);
        for (size_t l = 0; status == KMU_OK && l < d; l++)
            if (memcmp(&r.points.range[l], &column[l], sizeof *column) != 0)
                FAIL("column %zu: %d .. %d, not %d .. %d", l, r.points.range[l].low, r.points.range[l].high, column[l].low, column[l].high);
        if (status == KMU_OK && memcmp(&r.points.all, &all, sizeof all) != 0)
            FAIL("all columns: %d .. %d, not %d .. %d", r.points.all.low, r.points.all.high, all.low, all.high);
        leave(&r);
        free(x);
    }
}

/* ---- places ----------------------------------------------------------------------------------------------------------- */

static int row_order(const double *a, const double *b, size_t d)
{
    for (size_t l = 0; l < d; l++)
        if (a[l] != b[l])
            return a[l] < b[l] ? -1 : 1;
    return 0;
}

static void places_are_the_distinct_rows_of_positive_weight_in_order(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 1000; s++) {
        begin(s);
        struct room r;
        struct places q;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        size_t n = 1 + below(ROWS), d = 1 + below(4), grid = 1 + below(5), rows = 0, members = 0;
        double *x = doubles(n * d), *stored = doubles(n * d), *w = doubles(n), values[5];
        bool weighted = below(2);
        for (size_t v = 0; v < grid; v++) /* often equal in the leading bits, or zeros of either sign */
            values[v] = below(3) == 0 ? (below(2) ? -0.0 : 0.0) : below(2) ? normal() : 1 + (double)below(9) * (type == KMU_F32 ? 0x1p-23 : 0x1p-52);
        for (size_t j = 0; j < n; j++) {
            w[j] = weighted && j ? (double)below(4) : 1;
            rows += w[j] > 0;
            for (size_t l = 0; l < d; l++)
                x[j * d + l] = type == KMU_F32 ? (double)(float)values[below(grid)] : values[below(grid)];
        }
        memcpy(stored, x, n * d * sizeof *x);
        narrow(stored, n * d, type);
        assert_int_equal(enter(&r, stored, type, n, d, 0, weighted ? w : NULL, 1), KMU_OK);
        assert_int_equal(kmu__places_make(&q, &r.points, r.pool, &r.options, NULL), KMU_OK);
        for (size_t rank = 0; rank < q.count; rank++) {
            size_t slot = q.slot[rank], own = 0, first = n;
            const double *mine = x + q.row[slot] * d;
            double W = 0;
            for (size_t j = n; j-- > 0;)
                if (w[j] > 0 && row_order(x + j * d, mine, d) == 0) {
                    own++;
                    first = j;
                    W += w[j];
                }
            members += own;
            if (q.row[slot] != first || q.members[slot] != own || kmu__place_weight(&q, slot) != W)
                FAIL("rank %zu: row %u, %u rows of weight %g; not row %zu, %zu of %g", rank, q.row[slot], q.members[slot],
                     kmu__place_weight(&q, slot), first, own, W);
            if (rank && row_order(x + q.row[q.slot[rank - 1]] * d, mine, d) >= 0)
                FAIL("rank %zu is not above the one before", rank);
        }
        if (members != rows)
            FAIL("the places have %zu rows, not %zu", members, rows);
        kmu__places_free(&q);
        leave(&r);
        free(x);
        free(stored);
        free(w);
    }
}

/* ---- images ----------------------------------------------------------------------------------------------------------- */

/* One coordinate of data of a kind, and how many kinds there are. */
static double draw_coordinate(size_t kind, kmu_type type)
{
    const double tiny = type == KMU_F32 ? 0x1p-149 : 0x1p-1074, huge = type == KMU_F32 ? 1e20 : 1e300;
    switch (kind) {
    case 0: return normal();
    case 1: return huge * normal();
    case 2: return tiny * between(-100000, 100000);
    case 3: return 1e9 + normal();                              /* far from the origin */
    case 4: return number(type == KMU_F32 ? -149 : -1074, type == KMU_F32 ? 127 : 1023, 24);
    case 5: return (type == KMU_F32 ? 1e-38 : 1e-308) * normal();
    case 6: return 0.1;                                         /* constant rows */
    case 7: return below(9) ? 0 : normal();
    case 8: return 3e11 * (1 + 0x1p-20 * normal());
    default: return 0x1p36 * normal();                          /* with centroids at the origin, nearly */
    }
}

enum { KINDS = 10 };

/* a += +-x y 2^e */
static void add_product(struct wide *a, bool negative, double x, double y, int e)
{
    struct parts p = kmu__parts(x), q = kmu__parts(y);
    kmu__wide_add(a, negative ^ p.negative ^ q.negative, (kmu__u128)p.m * q.m, p.e + q.e + e);
}

/* Whether |2 s - (2 x'.c' - ||c'||^2)| <= slack. */
static bool within_slack(const struct fit *f, const double *x, const double *mu, float s, float slack)
{
    int g = ilogb(f->frame.scale);
    struct wide error, size;
    kmu__wide_zero(&error);
    kmu__wide_zero(&size);
    add_product(&error, false, (double)s, 1, 1);
    for (size_t l = 0; l < f->d; l++) {
        const double o = f->frame.centre[l];
        add_product(&error, true, x[l], mu[l], 2 * g + 1);
        add_product(&error, false, mu[l], mu[l], 2 * g);
        add_product(&error, false, x[l], o, g + 1);
        add_product(&error, true, o, o, 0);
    }
    kmu__wide_add_wide(&size, kmu__wide_sign(&error) < 0, &error, 1, 0);
    add_product(&size, true, (double)slack, 1, 0);
    return kmu__wide_sign(&size) <= 0;
}

static void check_slack(const struct kernels *kernels, size_t kind, kmu_type type, size_t d)
{
    struct room r;
    const size_t n = kernels->lanes, panels = (K + kernels->wide - 1) / kernels->wide, room = panels * kernels->wide;
    double *x = doubles(n * d), *stored = doubles(n * d), *mu = doubles(K * d), *row = doubles(d), *centre = doubles(d);
    float *tile = aligned_alloc(64, (n * d * 4 + 63) / 64 * 64), *panel = aligned_alloc(64, (room * d * 4 + 63) / 64 * 64);
    float centre_f32[LONGEST], half[16];
    _Alignas(64) float square[KMU__LANES], slack[KMU__LANES], alone[16];
    int32_t distinct[K];
    size_t rows[KMU__LANES];
    for (size_t a = 0; a < n * d; a++)
        x[a] = type == KMU_F32 ? (double)(float)draw_coordinate(kind, type) : draw_coordinate(kind, type);
    for (size_t i = 0; i < K; i++) { /* centroids: points, means of two, points of another kind */
        size_t a = below(n), b = below(n), other = below(3);
        distinct[i] = (int32_t)i;
        for (size_t l = 0; l < d; l++) {
            double v = other ? x[a * d + l] / 2 + x[(other == 1 ? a : b) * d + l] / 2 : draw_coordinate(below(2) ? 0 : kind, type);
            v = kind == 9 ? 0x1p-151 * normal() : v;
            mu[i * d + l] = type == KMU_F32 ? (double)(float)v : v;
        }
    }
    memcpy(stored, x, n * d * sizeof *x);
    narrow(stored, n * d, type);
    assert_int_equal(enter(&r, stored, type, n, d, 0, NULL, 1), KMU_OK);
    struct fit f = {.points = &r.points, .n = n, .d = d, .k = K, .mu = mu, .row = row, .distinct = distinct, .distinct_count = K,
                    .kernels = kernels, .images = {.panels = panel, .half = half}, .frame = {.centre = centre, .centre_f32 = centre_f32}};
    kmu__frame_choose(&f);
    if (kmu__images_make(&f.images, &f, mu, distinct, K)) {
        for (size_t t = 0; t < n; t++)
            rows[t] = t;
        kmu__frame_points(&f, rows, n, tile, square);
        kmu__frame_slack(&f, &f.images, square, n, slack);
        for (size_t i = 0; i < K; i++) {
            struct best best;
            for (size_t a = 0; a < kernels->wide; a++)
                alone[a] = a == i % kernels->wide ? half[i] : -INFINITY;
            for (size_t t = 0; t < KMU__LANES; t++)
                best.first[t] = best.second[t] = -INFINITY;
            kernels->nearest(tile, panel + i / kernels->wide * kernels->wide * d, alone, d, 1, 0, &best);
            for (size_t t = 0; t < n; t++)
                if (!within_slack(&f, x + t * d, mu + i * d, best.first[t], slack[t]))
                    FAIL("%s, kind %zu, type %d, d = %zu: s = %a is not within %a", kmu_isa_name(kernels->isa), kind, type, d,
                         (double)best.first[t], (double)slack[t]);
        }
    }
    leave(&r);
    void *const all[] = {x, stored, mu, row, centre, tile, panel};
    for (size_t a = 0; a < sizeof all / sizeof *all; a++)
        free(all[a]);
}

static void an_image_is_as_near_as_its_slack_says(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 3, 16, 63, 64, 65, 130, LONGEST};
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (size_t kind = 0; kmu__kernels((kmu_isa)isa) && kind < KINDS; kind++)
            for (size_t a = 0; a < 2 * sizeof lengths / sizeof *lengths; a++) {
                begin(kind * 100 + a + 1);
                check_slack(kmu__kernels((kmu_isa)isa), kind, a % 2 ? KMU_F32 : KMU_F64, lengths[a / 2]);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_known_by_its_lowest_and_highest_bit),
        cmocka_unit_test(places_are_the_distinct_rows_of_positive_weight_in_order),
        cmocka_unit_test(an_image_is_as_near_as_its_slack_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
