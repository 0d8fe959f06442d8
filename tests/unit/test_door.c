/* test_door.c - the public door: what is refused, in which words, and what a call leaves alone. */
#include <errno.h>
#include <locale.h>
#include <signal.h>

#include "problem.h"

enum { N = 6, D = 2 };

/* A call with one thing wrong, the status it must have, and what the text must name: value, limit, place. */
struct call {
    double x[N * D], w[N], mu[N * D];
    kmu_points points;
    kmu_options options;
    int32_t c[N], index[N * N];
    size_t m;
};

static void prepare(struct call *t)
{
    begin(1);
    *t = (struct call){.points = {.size = sizeof t->points, .type = KMU_F64, .n = N, .d = D}, .m = 1};
    t->points.x = t->x;
    t->points.w = t->w;
    kmu_options_init(&t->options, sizeof t->options);
    t->options.k = 3;
    t->options.start = t->mu;
    t->options.start_type = KMU_F64;
    for (size_t a = 0; a < N * D; a++)
        t->x[a] = t->mu[a] = normal();
    for (size_t j = 0; j < N; j++)
        t->w[j] = 1;
}

static kmu_status fit_it(struct call *t, kmu_error *e)
{
    kmu_result *r = NULL;
    kmu_status status = kmu_fit(&t->points, &t->options, &r, e);
    assert_true(status == KMU_OK || r == NULL);
    kmu_result_free(r);
    return status;
}

static kmu_status update_it(struct call *t, kmu_error *e)
{
    return kmu_update(&t->points, &t->options, t->c, t->mu, e);
}
static kmu_status assign_it(struct call *t, kmu_error *e)
{
    return kmu_assign(&t->points, &t->options, t->mu, t->c, NULL, e);
}
static kmu_status nearest_it(struct call *t, kmu_error *e)
{
    return kmu_nearest(&t->points, &t->options, t->mu, t->m, t->index, NULL, e);
}

/* clang-format off */
#define WRONG(name, statement) static void name(struct call *t) { statement; }
WRONG(nothing, (void)t)
WRONG(no_options_size, t->options.size = 1)
WRONG(no_points_size, t->points.size = 1)
WRONG(no_clusters, t->options.k = 0)
WRONG(too_many_clusters, t->options.k = 1ull << 31)
WRONG(more_clusters_than_points, t->options.k = N + 1)
WRONG(no_runs, t->options.n_init = 0)
WRONG(negative_turns, t->options.max_iter = -1)
WRONG(tol_that_is_nan, t->options.tol = NAN)
WRONG(negative_tol, t->options.tol = -1)
WRONG(negative_seconds, t->options.max_seconds = -0.5)
WRONG(negative_threads, t->options.threads = -2)
WRONG(too_many_threads, t->options.threads = 4097)
WRONG(unknown_algorithm, t->options.algorithm = (kmu_algorithm)77)
WRONG(unknown_isa, t->options.isa = (kmu_isa)78)
WRONG(unknown_init, t->options.init = (kmu_init)79)
WRONG(unknown_method, t->options.method = (kmu_method)81)
WRONG(unknown_strategy, t->options.strategy = (kmu_strategy)82)
WRONG(no_batch, t->options.batch_size = 0)
WRONG(negative_sample, t->options.init_size = -1)
WRONG(negative_patience, t->options.max_no_improvement = -1)
WRONG(ratio_that_is_nan, t->options.reassignment_ratio = NAN)
WRONG(unlabelled_lloyd, t->options.unlabelled = 1)
WRONG(unknown_type, t->points.type = (kmu_type)80)
WRONG(no_x, t->points.x = NULL)
WRONG(no_points, t->points.n = 0)
WRONG(no_coordinates, t->points.d = 0)
WRONG(too_large, t->points.n = SIZE_MAX / 4)
WRONG(csr, t->points.column = (const int32_t *)(const void *)t->x)
WRONG(a_nan, t->x[4 * D + 1] = NAN)
WRONG(an_inf, t->x[3 * D] = -INFINITY)
WRONG(negative_weight, t->w[2] = -0.25)
WRONG(infinite_weight, t->w[5] = INFINITY)
WRONG(no_weight, memset(t->w, 0, sizeof t->w))
WRONG(no_start, (t->options.init = KMU_GIVEN, t->options.start = NULL))
WRONG(start_type, (t->options.init = KMU_GIVEN, t->options.start_type = KMU_U8))
WRONG(start_nan, (t->options.init = KMU_GIVEN, t->mu[1] = NAN))
WRONG(label_too_large, t->c[4] = 3)
WRONG(negative_label, t->c[1] = -1)
WRONG(m_zero, t->m = 0)
WRONG(m_four, t->m = 4)
/* clang-format on */

static void beyond_2_to_53(struct call *t)
{
    static const int64_t x[N * D] = {[3] = (1ll << 53) + 1};
    t->points.type = KMU_I64;
    t->points.x = x;
}

static void beyond_f32(struct call *t)
{
    static const float x[N * D];
    t->points.type = KMU_F32;
    t->points.x = x;
    t->options.init = KMU_GIVEN;
    t->mu[3] = 1e39;
}

/* clang-format off */
static const struct wrong {
    const char *name;
    void (*make)(struct call *);
    kmu_status (*call)(struct call *, kmu_error *);
    kmu_status status;
    const char *named[3];
} wrongs[] = {
#define ROW(make, call, status, ...) {#make, make, call, status, {__VA_ARGS__}}
    ROW(nothing,                   fit_it,     KMU_OK,     ""),
    ROW(nothing,                   update_it,  KMU_OK,     ""),
    ROW(nothing,                   assign_it,  KMU_OK,     ""),
    ROW(nothing,                   nearest_it, KMU_OK,     ""),
    ROW(no_options_size,           fit_it,     KMU_EUSAGE, "options.size"),
    ROW(no_points_size,            fit_it,     KMU_EUSAGE, "points.size"),
    ROW(no_clusters,               fit_it,     KMU_EUSAGE, "k = 0"),
    ROW(too_many_clusters,         fit_it,     KMU_EUSAGE, "k = 2147483648", "2^31 - 1"),
    ROW(more_clusters_than_points, fit_it,     KMU_EDATA,  "k = 7", "n = 6"),
    ROW(no_runs,                   fit_it,     KMU_EUSAGE, "n_init = 0", "1"),
    ROW(negative_turns,            fit_it,     KMU_EUSAGE, "max_iter = -1"),
    ROW(tol_that_is_nan,           fit_it,     KMU_EUSAGE, "tol = ", "nan"),
    ROW(negative_tol,              fit_it,     KMU_EUSAGE, "tol = -1"),
    ROW(negative_seconds,          fit_it,     KMU_EUSAGE, "max_seconds = -0.5"),
    ROW(negative_threads,          fit_it,     KMU_EUSAGE, "threads = -2", "4096"),
    ROW(too_many_threads,          fit_it,     KMU_EUSAGE, "threads = 4097", "4096"),
    ROW(unknown_algorithm,         fit_it,     KMU_EUSAGE, "algorithm 77"),
    ROW(unknown_isa,               fit_it,     KMU_EUSAGE, "isa 78"),
    ROW(unknown_init,              fit_it,     KMU_EUSAGE, "init 79"),
    ROW(unknown_method,            fit_it,     KMU_EUSAGE, "method 81"),
    ROW(unknown_strategy,          fit_it,     KMU_EUSAGE, "strategy 82"),
    ROW(no_batch,                  fit_it,     KMU_EUSAGE, "batch_size = 0"),
    ROW(negative_sample,           fit_it,     KMU_EUSAGE, "init_size = -1"),
    ROW(negative_patience,         fit_it,     KMU_EUSAGE, "max_no_improvement = -1"),
    ROW(ratio_that_is_nan,         fit_it,     KMU_EUSAGE, "reassignment_ratio = nan"),
    ROW(unlabelled_lloyd,          fit_it,     KMU_EUSAGE, "unlabelled", "mini-batch", "lloyd"),
    ROW(unknown_type,              fit_it,     KMU_EUSAGE, "points.type", "80"),
    ROW(no_x,                      fit_it,     KMU_EUSAGE, "points.x", "NULL"),
    ROW(no_points,                 fit_it,     KMU_EDATA,  "n = 0"),
    ROW(no_coordinates,            fit_it,     KMU_EDATA,  "d = 0"),
    ROW(too_large,                 fit_it,     KMU_EDATA,  SIZE_MAX > UINT32_MAX ? "n = 4611686018427387903" : "n = 1073741823"),
    ROW(csr,                       fit_it,     KMU_EUSAGE, "points.column without points.start"),
    ROW(a_nan,                     fit_it,     KMU_EDATA,  "point 4", "coordinate 1", "NaN"),
    ROW(an_inf,                    fit_it,     KMU_EDATA,  "point 3", "coordinate 0", "infinite"),
    ROW(beyond_2_to_53,            fit_it,     KMU_EDATA,  "point 1", "coordinate 1", "2^53"),
    ROW(negative_weight,           fit_it,     KMU_EDATA,  "weight 2", "-0.25"),
    ROW(infinite_weight,           fit_it,     KMU_EDATA,  "weight 5", "inf"),
    ROW(no_weight,                 fit_it,     KMU_EDATA,  "all 6 weights"),
    ROW(no_start,                  fit_it,     KMU_EUSAGE, "NULL"),
    ROW(start_type,                fit_it,     KMU_EUSAGE, "4", "f32 or f64"),
    ROW(start_nan,                 fit_it,     KMU_EDATA,  "centroid 0", "coordinate 1", "NaN"),
    ROW(beyond_f32,                fit_it,     KMU_EDATA,  "centroid 1", "coordinate 1", "infinite"),
    ROW(a_nan,                     assign_it,  KMU_EDATA,  "point 4"),
    ROW(label_too_large,           update_it,  KMU_EDATA,  "label 4 is 3", "0 .. 2"),
    ROW(negative_label,            update_it,  KMU_EDATA,  "label 1 is -1"),
    ROW(m_zero,                    nearest_it, KMU_EUSAGE, "0 nearest"),
    ROW(m_four,                    nearest_it, KMU_EUSAGE, "4 nearest", "k = 3"),
};
/* clang-format on */

static void what_is_wrong_is_named_with_its_value_limit_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct call t;
        kmu_error e = {""};
        prepare(&t);
        wrongs[i].make(&t);
        kmu_status status = wrongs[i].call(&t, &e);
        bool named = true;
        for (int a = 0; a < 3 && wrongs[i].named[a]; a++)
            named &= strstr(e.text, wrongs[i].named[a]) != NULL;
        if (status != wrongs[i].status || !named)
            fail_msg("%s: status %d, not %d; \"%s\"", wrongs[i].name, status, wrongs[i].status, e.text);
        if (wrongs[i].call(&t, NULL) != status)
            fail_msg("%s: another status without a buffer", wrongs[i].name);
    }
}

static void a_handler(int signal)
{
    (void)signal;
}

static void errno_locale_and_handlers_are_left_as_found(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = a_handler}, now;
    char locale[1024];
    snprintf(locale, sizeof locale, "%s", setlocale(LC_ALL, NULL));
    sigaction(SIGINT, &mine, NULL);
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct call t;
        prepare(&t);
        wrongs[i].make(&t);
        t.options.threads = t.options.threads == 1 ? 0 : t.options.threads; /* 0 asks the system */
        errno = EXDEV;
        wrongs[i].call(&t, NULL);
        if (errno != EXDEV)
            fail_msg("%s: errno is %d", wrongs[i].name, errno);
    }
    for (int e = -1074; e < 1024; e += 131) { /* sums and J beyond the range, and below it */
        struct problem p;
        begin(2);
        draw_problem(&p, 30, 2, 3);
        for (size_t a = 0; a < 60; a++)
            p.x[a] = ldexp(normal(), e);
        p.points.type = KMU_F64;
        p.points.x = p.x;
        p.options.init = KMU_KMEANSPP;
        errno = EXDEV;
        kmu_result_free(fit(&p));
        if (errno != EXDEV)
            fail_msg("data near 2^%d: errno is %d", e, errno);
        leave_problem(&p);
    }
    sigaction(SIGINT, NULL, &now);
    signal(SIGINT, SIG_DFL);
    assert_ptr_equal(now.sa_handler, a_handler);
    assert_string_equal(setlocale(LC_ALL, NULL), locale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_named_with_its_value_limit_and_place),
        cmocka_unit_test(errno_locale_and_handlers_are_left_as_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
