/* test_order.c - the order of a k-d tree's leaves loses no row, makes up none, and a fit does not see it (src/layout/order.h).
 *
 *   place     a row of the order is the row that was sent there; as many as came, or one for all that are equal
 *   members   how many came; their number is the weight
 *
 * For data that are hard on medians and hash tables: equal rows, few values, zeros of two signs, numbers that binary32 does not
 * have, one far row, sorted rows. */
#include <time.h>

#include "draw.h"
#include "layout/order.h"
#include "room.h"

enum { N = 5000, LONG = 40000, D = KMU__TREE_COLUMNS };

enum kind { NORMAL, EQUAL, FEW, ZEROS, BEYOND, OUTLIER, SORTED, FALLING, LATTICE, HALF_EQUAL, KINDS, PAIRS };

static void draw_rows(double *x, size_t n, size_t d, enum kind kind, kmu_type type)
{
    double values[5];
    for (size_t v = 0; v < 5; v++)
        values[v] = normal();
    const double wide = type == KMU_F64 && below(2) ? 1e300 : 1e30;
    for (size_t j = 0; j < n; j++)
        for (size_t l = 0; l < d; l++) {
            const double by_row = (double)j + (below(3) ? 0 : uniform());
            double v = normal();
            v = kind == EQUAL        ? values[0]
                : kind == FEW        ? values[below(5)]
                : kind == ZEROS      ? (below(3) ? (below(2) ? -0.0 : 0.0) : 1)
                : kind == BEYOND     ? v * (below(2) ? wide : 1)
                : kind == OUTLIER    ? (j == n / 2 ? 1e30 : v * 1e-3)
                : kind == SORTED     ? by_row
                : kind == FALLING    ? -by_row
                : kind == LATTICE    ? (double)between(0, 9)
                : kind == PAIRS      ? (double)(l ? 0 : below(n / 2))
                : kind == HALF_EQUAL ? (below(2) ? v : values[0])
                                     : v;
            x[j * d + l] = type == KMU_F32 ? (double)(float)v : v;
        }
    if (kind == HALF_EQUAL) /* whole rows */
        for (size_t j = 1; j < n; j++)
            if (below(2))
                memcpy(x + j * d, x, d * sizeof *x);
}

/* Any n up to N, mostly small. */
static size_t draw_n(void)
{
    return 1 + below(below(3) ? 300 : N);
}

/* ---- the order itself --------------------------------------------------------------------------------------------------- */

static size_t columns; /* of the rows that are compared */

static int by_number(const void *left, const void *right)
{
    const double *a = left, *b = right;
    for (size_t l = 0; l < columns; l++)
        if (a[l] != b[l])
            return a[l] < b[l] ? -1 : 1;
    return 0;
}

static size_t distinct(const double *x, size_t n, size_t d)
{
    double *copy = doubles(n * d);
    size_t count = 1;
    memcpy(copy, x, n * d * sizeof *x);
    columns = d;
    qsort(copy, n, d * sizeof *x, by_number);
    for (size_t j = 1; j < n; j++)
        count += by_number(copy + j * d, copy + (j - 1) * d) != 0;
    free(copy);
    return count;
}

static double coordinate(const struct points *p, size_t j, size_t l)
{
    return p->stored == KMU_F32 ? (double)((const float *)p->x)[j * p->row + l] : ((const double *)p->x)[j * p->row + l];
}

static void judge_order(const struct order *o, const double *x, const double *w, size_t n, size_t d)
{
    uint32_t *came = calloc(n, sizeof *came);
    if (o->points.n > n || o->points.d != d || o->points.row != d || (o->members && w))
        FAIL("%zu rows of %zu, %zu apart", o->points.n, o->points.d, o->points.row);
    for (size_t j = 0; j < n; j++) {
        const size_t a = o->place[j];
        if (a >= o->points.n)
            FAIL("row %zu of %zu went to %zu of %zu", j, n, a, o->points.n);
        came[a]++;
        for (size_t l = 0; l < d; l++)
            if (coordinate(&o->points, a, l) != x[j * d + l])
                FAIL("row %zu, coordinate %zu is %a, and %a where it went", j, l, x[j * d + l], coordinate(&o->points, a, l));
        if (w && o->points.w[a] != w[j])
            FAIL("row %zu has weight %a, and %a where it went", j, w[j], o->points.w[a]);
    }
    for (size_t a = 0; a < o->points.n; a++) {
        if (came[a] != (o->members ? o->members[a] : 1) || (o->members && o->points.w[a] != (double)came[a]))
            FAIL("%u rows went to %zu of %zu", came[a], a, o->points.n);
        if (o->members && (o->points.w_range.low > 0 || came[a] >> o->points.w_range.high))
            FAIL("weight %u is not from 2^%d to 2^%d", came[a], o->points.w_range.low, o->points.w_range.high);
    }
    if (o->members && o->points.n != distinct(x, n, d))
        FAIL("%zu rows are equal to none of the others, not %zu", o->points.n, distinct(x, n, d));
    free(came);
}

/* Of one column: no number of a tile is above one of the next. */
static void judge_tiles(const struct order *o)
{
    double highest = -INFINITY, before = -INFINITY;
    for (size_t a = 0; a < o->points.n; a++) {
        if (a % KMU__TILE == 0)
            before = highest;
        if (coordinate(&o->points, a, 0) < before)
            FAIL("tile %zu of %zu rows has %a after %a", a / KMU__TILE, o->points.n, coordinate(&o->points, a, 0), before);
        highest = fmax(highest, coordinate(&o->points, a, 0));
    }
}

static void every_row_has_its_place_in_the_order(void **state)
{
    (void)state;
    size_t merged = 0, apart = 0;
    for (uint64_t s = 1; s <= 700; s++) {
        begin(s);
        struct room r;
        struct order o;
        const enum kind kind = s <= 3 ? PAIRS : (enum kind)(s % KINDS); /* of PAIRS nearly half are kept: full tables */
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        const size_t n = s <= 6 ? LONG : draw_n(), d = 1 + below(D), row = d + below(3);
        const bool weighted = below(3) == 0;
        double *x = doubles(n * d), *stored = doubles(n * row), *w = doubles(n);
        draw_rows(x, n, d, kind, type);
        for (size_t a = 0; a < n * row; a++)
            stored[a] = a % row < d ? x[a / row * d + a % row] : NAN;
        for (size_t j = 0; j < n; j++)
            w[j] = j ? (double)below(3) : 1;
        narrow(stored, n * row, type);
        assert_int_equal(enter(&r, stored, type, n, d, (ptrdiff_t)row, weighted ? w : NULL, between(1, 3)), KMU_OK);
        const bool late = below(2);
        assert_int_equal(kmu__order_make(&o, &r.points, late, r.pool, &r.options, &r.error), KMU_OK);
        assert_true((o.points.x == NULL) == (late && !o.members));
        kmu__order_fill(&o, r.pool);
        judge_order(&o, x, weighted ? w : NULL, n, d);
        if (d == 1 && kind != BEYOND)
            judge_tiles(&o);
        merged += o.members != NULL;
        apart += o.members == NULL;
        kmu__order_free(&o);
        leave(&r);
        free(x);
        free(stored);
        free(w);
    }
    assert_true(merged > 60 && apart > 300);
}

/* ---- through the door --------------------------------------------------------------------------------------------------- */

static const char *difference(const kmu_result *a, const kmu_result *b)
{
    if (memcmp(a->c, b->c, a->n * sizeof *a->c) != 0)
        return "labels";
    if (memcmp(a->mu, b->mu, a->k * a->d * kmu_type_bytes(a->type)) != 0)
        return "centroids";
    if (memcmp(&a->J, &b->J, sizeof a->J) != 0 || a->stop != b->stop || a->run != b->run || a->turns != b->turns)
        return "J, stop, run or turns";
    for (size_t t = 0; t < a->turns; t++)
        if (a->trace[t].J_assign != b->trace[t].J_assign || a->trace[t].J_update != b->trace[t].J_update ||
            a->trace[t].moved != b->trace[t].moved || a->trace[t].shift != b->trace[t].shift)
            return "trace";
    return memcmp(a->mass, b->mass, a->k * sizeof *a->mass) != 0 || memcmp(a->count, b->count, a->k * sizeof *a->count) != 0 ||
                   a->distinct != b->distinct
               ? "mass"
               : NULL;
}

/* A fit is a function of the places and their weights (T8). */
static void a_fit_does_not_see_the_order(void **state)
{
    (void)state;
    static const kmu_init inits[] = {KMU_KMEANSPP, KMU_RANDOM, KMU_FIRST, KMU_GIVEN, KMU_KMEANS_PARALLEL};
    double *x = doubles((N + 10000) * D), *w = doubles(N + 10000), *start = doubles(20 * D);
    float *single = calloc((N + 10000) * D, sizeof *single);
    size_t by_tree = 0;
    for (uint64_t s = 1; s <= 500; s++) {
        begin(s);
        kmu_result *right = NULL, *r = NULL;
        kmu_options o;
        kmu_error e;
        const enum kind kind = (enum kind)(s % KINDS);
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        const size_t n = s % 100 == 0 ? 9000 + below(1000) : draw_n(), d = 1 + below(D), k = 1 + below(n < 12 ? n : 12);
        const bool weighted = below(3) == 0;
        draw_rows(x, n, d, kind, type);
        for (size_t a = 0; a < n * d; a++)
            single[a] = (float)x[a];
        for (size_t j = 0; j < n; j++)
            w[j] = j ? (double)below(3) : 1;
        for (size_t i = 0; i < k; i++)
            for (size_t l = 0; l < d; l++)
                start[i * d + l] = below(6) ? x[below(n) * d + l] : 1e9 * normal();
        kmu_points p = {.size = sizeof p, .type = type, .n = n, .d = d, .x = type == KMU_F32 ? (void *)single : (void *)x};
        p.w = weighted ? w : NULL;
        kmu_options_init(&o, sizeof o);
        o.k = k;
        o.threads = between(1, 3);
        o.init = inits[below(sizeof inits / sizeof *inits)];
        o.start = start;
        o.start_type = KMU_F64;
        o.n_init = between(1, 3);
        o.max_iter = between(0, 5);
        o.seed = draw();
        o.algorithm = KMU_PLAIN;
        if (kmu_fit(&p, &o, &right, &e) != KMU_OK)
            FAIL("%s", e.text);
        o.algorithm = s % 100 == 0 ? KMU_AUTO : KMU_TREE;
        o.threads = between(1, 3);
        if (kmu_fit(&p, &o, &r, &e) != KMU_OK)
            FAIL("%s", e.text);
        const char *what = difference(r, right);
        if (what)
            FAIL("data %d, n %zu, d %zu, k %zu, start %d, %d turns: other %s", (int)kind, n, d, k, (int)o.init, (int)o.max_iter,
                 what);
        by_tree += r->turns && r->trace[0].method == KMU_TREE;
        kmu_result_free(r);
        kmu_result_free(right);
    }
    assert_true(by_tree > 300);
    free(x);
    free(w);
    free(start);
    free(single);
}

/* ---- a fit that is given up ---------------------------------------------------------------------------------------------- */

static int polls, last_poll; /* asked so far; which one says no */
static size_t most;          /* bytes of one allocation */

static kmu_poll poll_until(void *context)
{
    (void)context;
    return ++polls == last_poll ? KMU_ABANDON : KMU_GO;
}

/* Memory that holds no zeros, and so late that poll is asked after the next chunk. */
static void *allocate_late(size_t bytes, void *context)
{
    (void)context;
    most = bytes > most ? bytes : most;
    void *p = malloc(bytes);
    nanosleep(&(struct timespec){.tv_nsec = 11000000}, NULL);
    return p ? memset(p, 0xff, bytes) : NULL;
}

static void release(void *p, void *context)
{
    (void)context;
    free(p);
}

static void a_fit_is_given_up_in_any_part_of_the_order(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    double *x = doubles(ROWS * 2);
    size_t given_up = 0;
    for (uint64_t s = 1; s <= 12; s++) {
        begin(s);
        draw_rows(x, ROWS, 2, s % 2 ? LATTICE : NORMAL, KMU_F64);
        const kmu_points p = {.size = sizeof p, .type = KMU_F64, .n = ROWS, .d = 2, .x = x};
        kmu_result *r = NULL;
        kmu_options o;
        kmu_error e;
        kmu_options_init(&o, sizeof o);
        o.k = 3;
        o.threads = 1;
        o.max_iter = 1;
        o.init = KMU_FIRST;
        o.algorithm = KMU_TREE;
        o.poll = poll_until;
        o.allocate = allocate_late;
        o.release = release;
        polls = 0;
        most = 0;
        last_poll = (int)(s + 1) / 2;
        const kmu_status status = kmu_fit(&p, &o, &r, &e);
        if (status != (polls >= last_poll ? KMU_EABANDONED : KMU_OK) || most > 100 * ROWS + ((size_t)1 << 23))
            FAIL("poll %d of %d says no: status %d, \"%s\", up to %zu bytes", last_poll, polls, (int)status,
                 status ? e.text : "", most);
        given_up += status == KMU_EABANDONED;
        if (status == KMU_OK)
            kmu_result_free(r);
    }
    assert_true(given_up >= 10);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_its_place_in_the_order),
        cmocka_unit_test(a_fit_does_not_see_the_order),
        cmocka_unit_test(a_fit_is_given_up_in_any_part_of_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
