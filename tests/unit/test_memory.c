/* test_memory.c - any allocation may fail: the call says so, and nothing is lost.
 *
 * Every verb runs with an allocator whose n-th allocation fails, for n = 1, 2, ... until none does. It says so at once, or (the
 * kept images of the points, one allocation a run) does without and succeeds; whenever it ends, what it took it has given
 * back, but for a result until that is freed. */
#include "draw.h"
#include "ground/memory.h"
#include "kmu.h"

enum { N = 64, D = 3, K = 5, MOST = 100000 };

/* The allocator: how many were asked for, which one fails, how many are out. */
static struct {
    size_t asked, fails, out;
} heap;

static void *allocate(size_t bytes, void *context)
{
    assert_ptr_equal(context, &heap);
    if (++heap.asked == heap.fails)
        return NULL;
    heap.out++;
    char *p = malloc(bytes);
    memset(p, 0xee, bytes);
    return p;
}

static void release(void *p, void *context)
{
    assert_ptr_equal(context, &heap);
    assert_non_null(p);
    heap.out--;
    free(p);
}

static struct {
    double x[N * D], start[K * D], w[N], mu[K * D], J, J_cluster[K], radius[K], distance[N * 2], all[N * K];
    uint8_t bytes[N * D];
    int32_t c[N], index[N * 2];
    int64_t begin[N + 1];
    int32_t column[N * D];
    kmu_points points, table, rows; /* f64 with weights; u8 with a gap after each coordinate; CSR rows out of order */
    kmu_options options;
    kmu_error error;
} t;

static void prepare(void)
{
    begin(7);
    memset(&t, 0, sizeof t);
    for (size_t a = 0; a < N * D; a++) {
        t.x[a] = normal();
        t.bytes[a] = (uint8_t)below(8);
    }
    for (size_t j = 0; j < N; j++) {
        t.w[j] = 1 + (double)below(3) / 7;
        t.c[j] = (int32_t)below(K - 1); /* the last cluster is empty */
    }
    for (size_t a = 0; a < K * D; a++)
        t.start[a] = t.mu[a] = a < D ? 0 : 100 + (double)a; /* all clusters but the first begin empty */
    t.points = (kmu_points){.size = sizeof t.points, .type = KMU_F64, .n = N, .d = D, .x = t.x, .w = t.w};
    for (size_t a = 0; a < N * D; a++) {
        t.begin[a / D + 1] = (int64_t)(a / D + 1) * D;
        t.column[a] = (int32_t)(D - 1 - a % D);
    }
    t.rows = t.points;
    t.rows.start = t.begin;
    t.rows.column = t.column;
    t.table = (kmu_points){.size = sizeof t.table, .type = KMU_U8, .n = N / 2, .d = D, .x = t.bytes, .row = 2 * D, .col = 2};
    kmu_options_init(&t.options, sizeof t.options);
    t.options.k = K;
    t.options.threads = 2;
    t.options.allocate = allocate;
    t.options.release = release;
    t.options.memory_context = &heap;
}

/* ---- the verbs --------------------------------------------------------------------------------------------------------- */

static kmu_status fit(const kmu_points *p, kmu_init init, int64_t runs, kmu_algorithm algorithm)
{
    kmu_result *const none = (kmu_result *)&t, *r = none;
    t.options.init = init;
    t.options.start = t.start;
    t.options.start_type = KMU_F64;
    t.options.n_init = runs;
    t.options.algorithm = algorithm;
    kmu_status status = kmu_fit(p, &t.options, &r, &t.error);
    assert_true((status == KMU_OK) == (r != none));
    if (status == KMU_OK) {
        assert_true(heap.out > 0 && r->distinct == (t.options.unlabelled ? 0 : K));
        kmu_result_free(r);
    }
    return status;
}

static kmu_status fit_seeded(void)
{
    return fit(&t.points, KMU_KMEANSPP, 2, KMU_DENSE);
}
static kmu_status fit_seeded_in_rounds(void)
{
    return fit(&t.points, KMU_KMEANS_PARALLEL, 2, KMU_DENSE);
}
static kmu_status fit_drawn(void)
{
    return fit(&t.points, KMU_RANDOM, 40, KMU_PLAIN);
} /* enough turns for the trace to grow */
static kmu_status fit_first(void)
{
    return fit(&t.points, KMU_FIRST, 2, KMU_AUTO);
}
static kmu_status fit_filled(void)
{
    return fit(&t.points, KMU_GIVEN, 1, KMU_AUTO);
}
static kmu_status fit_bytes(void)
{
    return fit(&t.table, KMU_KMEANSPP, 2, KMU_AUTO);
}
static kmu_status fit_rows(void)
{
    return fit(&t.rows, KMU_KMEANSPP, 2, KMU_AUTO);
}
static kmu_status fit_rows_in_rounds(void)
{
    return fit(&t.rows, KMU_KMEANS_PARALLEL, 2, KMU_DENSE);
}
static kmu_status fit_rows_by_bounds(void)
{
    return fit(&t.rows, KMU_RANDOM, 1, KMU_BOUNDS);
}
static kmu_status fit_rows_bisecting(void)
{
    t.options.method = KMU_BISECTING;
    return fit(&t.rows, KMU_KMEANSPP, 1, KMU_AUTO);
}
static kmu_status fit_rows_by_batches(void)
{
    t.options.method = KMU_MINIBATCH;
    t.options.batch_size = 8;
    return fit(&t.rows, KMU_KMEANSPP, 2, KMU_AUTO);
}
static kmu_status fit_bisecting(void)
{
    t.options.method = KMU_BISECTING;
    return fit(&t.points, KMU_RANDOM, 2, KMU_PLAIN);
}
static kmu_status fit_by_batches(void)
{
    t.options.method = KMU_MINIBATCH;
    t.options.batch_size = 8; /* starts on samples, that are judged; centroids move */
    t.options.reassignment_ratio = 0.9;
    return fit(&t.points, KMU_RANDOM, 2, KMU_PLAIN);
}
static kmu_status fit_without_labels(void)
{
    t.options.unlabelled = 1;
    return fit_by_batches();
}
static kmu_status partial_fit(void)
{
    double v[K * KMU_MASS_PARTS] = {0};
    kmu_state state = {.size = sizeof state, .mu = t.mu, .v = v};
    t.options.batch_size = 8;
    t.options.reassignment_ratio = 0.9;
    return kmu_partial_fit(&t.points, &t.options, &state, &t.J, &t.error);
}
static kmu_status walk(void)
{
    const int32_t child[] = {-1, 2, 0, 1};
    return kmu_walk(&t.points, &t.options, 2, child, t.start, t.c, t.distance, &t.error);
}
static kmu_status seed_it(void)
{
    return kmu_seed(&t.points, &t.options, t.mu, &t.error);
}
static kmu_status assign(void)
{
    return kmu_assign(&t.points, &t.options, t.start, t.c, &t.J, &t.error);
}
static kmu_status assign_rows(void)
{
    return kmu_assign(&t.rows, &t.options, t.start, t.c, &t.J, &t.error);
}
static kmu_status silhouette_of_rows(void)
{
    return kmu_silhouette(&t.rows, &t.options, t.mu, t.c, t.J_cluster, &t.J, &t.error);
}
static kmu_status verify_rows(void)
{
    kmu_verdict v = {.size = sizeof v};
    return kmu_verify(&t.rows, &t.options, t.mu, t.c, &v, &t.error);
}
static kmu_status update(void)
{
    return kmu_update(&t.points, &t.options, t.c, t.mu, &t.error);
}
static kmu_status nearest(void)
{
    return kmu_nearest(&t.rows, &t.options, t.start, 2, t.index, t.distance, &t.error);
}
static kmu_status distances(void)
{
    return kmu_distances(&t.rows, &t.options, t.start, t.all, &t.error);
}
static kmu_status describe(void)
{
    return kmu_describe(&t.points, &t.options, t.mu, t.c, t.J_cluster, t.radius, &t.error);
}

static kmu_status silhouette(void)
{
    return kmu_silhouette(&t.points, &t.options, t.mu, t.c, t.J_cluster, &t.J, &t.error);
}

static kmu_status silhouette_sampled(void)
{
    double standard_error;
    return kmu_silhouette_sampled(&t.points, &t.options, t.c, 5, &t.J, &standard_error, &t.error);
}

static kmu_status judge(void)
{
    kmu_indices v = {.size = sizeof v};
    return kmu_judge(&t.points, &t.options, t.c, &v, &t.error);
}

static kmu_status select_k(void)
{
    kmu_indices v[2] = {{.size = sizeof *v}};
    t.options.k = K - 1;
    t.options.n_init = 2;
    t.options.init = KMU_RANDOM;
    return kmu_select(&t.points, &t.options, K, 1, v, &t.error);
}

static kmu_status verify(void)
{
    kmu_verdict v = {.size = sizeof v};
    return kmu_verify(&t.table, &t.options, t.mu, t.c, &v, &t.error);
}

static const struct verb {
    const char *name;
    kmu_status (*call)(void);
    size_t least; /* allocations it is known to make: fewer means that this test has gone blind */
    size_t runs;  /* allocations that can be done without: what a method keeps */
} verbs[] = {
    {"fit, kmeans++, dense, twice", fit_seeded, 6, 2},
    {"fit, kmeans||, dense, twice", fit_seeded_in_rounds, 8, 2},
    {"fit, random, plain, 40 times", fit_drawn, 40, 0},
    {"fit, first", fit_first, 4, 1},
    {"fit, given, with empty clusters", fit_filled, 6, 1},
    {"fit, bytes with gaps", fit_bytes, 6, 2},
    {"fit, CSR rows", fit_rows, 8, 1},
    {"fit, CSR rows, kmeans||", fit_rows_in_rounds, 8, 2},
    {"fit, CSR rows, by bounds", fit_rows_by_bounds, 6, 1},
    {"fit, CSR rows, bisecting", fit_rows_bisecting, 20, 4},
    {"fit, CSR rows, mini-batch", fit_rows_by_batches, 20, 4},
    {"assign, CSR rows", assign_rows, 3, 1},
    {"silhouette, CSR rows", silhouette_of_rows, 4, 0},
    {"verify, CSR rows", verify_rows, 3, 1},
    {"fit, bisecting", fit_bisecting, 20, 0},
    {"fit, mini-batch", fit_by_batches, 20, 0},
    {"fit, mini-batch, without labels", fit_without_labels, 20, 0},
    {"partial fit", partial_fit, 8, 1},
    {"walk", walk, 3, 0},
    {"seed", seed_it, 5, 0},
    {"assign", assign, 3, 1},
    {"update, with an empty cluster", update, 4, 0},
    {"nearest, CSR rows", nearest, 5, 0},
    {"distances, CSR rows", distances, 5, 0},
    {"describe", describe, 3, 0},
    {"silhouette", silhouette, 4, 0},
    {"silhouette, sampled", silhouette_sampled, 4, 0},
    {"judge", judge, 4, 0},
    {"select", select_k, 20, 4},
    {"verify", verify, 3, 1},
};

static void any_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const struct verb *v = &verbs[i];
        kmu_status status = KMU_EMEMORY;
        size_t without = 0; /* allocations that were done without */
        bool failed = true;
        for (size_t n = 1; failed && n < MOST; n++) {
            prepare();
            heap.asked = heap.out = 0;
            heap.fails = n;
            status = v->call();
            failed = heap.asked >= n;
            without += failed && status == KMU_OK;
            bool said = status == KMU_EMEMORY && heap.asked == n && strstr(t.error.text, "memory");
            if (heap.out || (failed ? !said && status != KMU_OK : status != KMU_OK) || without > v->runs)
                fail_msg("%s, allocation %zu of %zu fails: status %d, \"%s\", %zu not given back", v->name, n, heap.asked,
                         status, t.error.text, heap.out);
        }
        if (status != KMU_OK || heap.asked < v->least)
            fail_msg("%s: status %d, \"%s\" after %zu allocations", v->name, status, t.error.text, heap.asked);
    }
}

/* The text may be declined. */
static void an_error_without_a_buffer_is_a_status(void **state)
{
    (void)state;
    prepare();
    heap.asked = heap.out = 0;
    heap.fails = 2;
    assert_int_equal(kmu_assign(&t.points, &t.options, t.mu, t.c, &t.J, NULL), KMU_EMEMORY);
    assert_int_equal(heap.out, 0);
}

static void wishes_do_not_overlap_and_stand_on_lines_of_cache(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 200; s++) {
        begin(s);
        struct memory m = kmu__memory(NULL);
        char *part[KMU__WISHES];
        size_t bytes[KMU__WISHES], count = 1 + below(KMU__WISHES);
        for (size_t i = 0; i < count; i++) {
            size_t size = 1 + below(16);
            bytes[i] = below(300) * size;
            kmu__wish(&m, &part[i], bytes[i] / size, size);
        }
        assert_int_equal(kmu__grant(&m, NULL), KMU_OK);
        for (size_t i = 0; i < count; i++)
            for (size_t b = 0; b < bytes[i]; b++) {
                if (part[i][b] || (uintptr_t)part[i] % 64)
                    FAIL("wish %zu of %zu: byte %zu is %d at %p", i, count, b, part[i][b], (void *)part[i]);
                part[i][b] = 1;
            }
        kmu__give_back(&m);
        kmu__give_back(&m); /* harmless */
    }
}

static void sizes_beyond_the_address_space_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t count, size, times;
    } wishes[] = {{SIZE_MAX, 2, 1},     {SIZE_MAX / 8 + 1, 8, 1}, {SIZE_MAX, 1, 1},       {SIZE_MAX - 62, 1, 1},
                  {SIZE_MAX / 2, 1, 3}, {SIZE_MAX - 63, 1, 1},    {1, 1, KMU__WISHES + 1}};
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        struct memory m = kmu__memory(NULL);
        kmu_error e = {{0}};
        void *part;
        m.allocate = allocate;
        m.release = release;
        m.context = &heap;
        heap.asked = heap.out = 0;
        heap.fails = 1;
        for (size_t a = 0; a < wishes[i].times; a++)
            kmu__wish(&m, &part, wishes[i].count, wishes[i].size);
        kmu_status status = kmu__grant(&m, &e);
        if (status != KMU_EMEMORY || heap.asked || !strstr(e.text, "memory"))
            fail_msg("case %zu: status %d, \"%s\", %zu allocations", i, status, e.text, heap.asked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(an_error_without_a_buffer_is_a_status),
        cmocka_unit_test(wishes_do_not_overlap_and_stand_on_lines_of_cache),
        cmocka_unit_test(sizes_beyond_the_address_space_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
