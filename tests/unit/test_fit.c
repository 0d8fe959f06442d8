/* test_fit.c - the theorems of a fit, seen from the public door alone.
 *
 *   J_assign(t) >= J_update(t) >= J_assign(t+1)       c_j is the argmin, mu_i the mean: neither can raise J
 *   J(mu_i)     <= J(mu_i +- an ulp)                  the rounded mean is the best centroid there is
 *   ||x_j - mu_c|| <= ||x_j - mu_i||                  with c < i where they are equal
 *
 * Distances are compared in the slow arithmetic of slow.h, J by its exact differences. */
#include "problem.h"
#include "slow.h"

enum { LONGEST = 8 };

static struct problem begin_small(uint64_t s)
{
    struct problem p;
    begin(s);
    size_t n = 1 + below(80);
    draw_problem(&p, n, 1 + below(LONGEST), 1 + below(n < 12 ? n : 12));
    return p;
}

static void over_small_problems(uint64_t count, void (*check)(const struct problem *, const kmu_result *))
{
    for (uint64_t s = 1; s <= count; s++) {
        struct problem p = begin_small(s);
        kmu_result *r = fit(&p);
        check(&p, r);
        kmu_result_free(r);
        leave_problem(&p);
    }
}

/* ---- the theorems ------------------------------------------------------------------------------------------------ */

static void J_falls_or_stays(const struct problem *p, const kmu_result *r)
{
    (void)p;
    double J = INFINITY;
    for (size_t t = 0; t < r->turns; t++) {
        const kmu_turn *turn = &r->trace[t];
        if (!(J >= turn->J_assign && turn->J_assign >= turn->J_update))
            FAIL("turn %zu: J was %a, then %a, then %a", t + 1, J, turn->J_assign, turn->J_update);
        J = turn->J_update;
    }
    if (!(J >= r->J) || (r->stop == KMU_FIXPOINT && r->turns && r->J != J))
        FAIL("J ends at %a after %a", r->J, J);
}

static void J_never_rises(void **state)
{
    (void)state;
    over_small_problems(1500, J_falls_or_stays);
}

/* The sign of sum_j w_j ((x - y)^2 - (x - z)^2) over cluster i and coordinate l: how much worse y is than z. */
static int worse(const struct problem *p, const kmu_result *r, size_t i, size_t l, double y, double z)
{
    struct slow sum = {{0}};
    for (size_t j = 0; j < p->n; j++)
        if ((size_t)r->c[j] == i) {
            slow_add_distance(&sum, false, &p->x[j * p->d + l], &y, 1, weight(p, j));
            slow_add_distance(&sum, true, &p->x[j * p->d + l], &z, 1, weight(p, j));
        }
    return slow_sign(&sum);
}

static void neighbours_are_worse(const struct problem *p, const kmu_result *r)
{
    for (size_t i = 0; r->stop == KMU_FIXPOINT && i < r->k; i++)
        for (size_t l = 0; r->mass[i] > 0 && l < r->d; l++) {
            double mu = centroid(r, i, l), up = nextafter(mu, INFINITY), down = nextafter(mu, -INFINITY);
            if (r->type == KMU_F32) {
                up = (double)nextafterf((float)mu, INFINITY);
                down = (double)nextafterf((float)mu, -INFINITY);
            }
            if (worse(p, r, i, l, up, mu) < 0 || worse(p, r, i, l, down, mu) < 0)
                FAIL("centroid %zu, coordinate %zu: a neighbour of %a is better", i, l, mu);
        }
}

static void the_mean_is_the_best_centroid(void **state)
{
    (void)state;
    over_small_problems(400, neighbours_are_worse);
}

static void labels_are_nearest(const struct problem *p, const kmu_result *r)
{
    for (size_t j = 0; j < r->n; j++)
        for (size_t i = 0; i < r->k; i++) {
            double own[LONGEST], other[LONGEST];
            struct slow sum = {{0}};
            for (size_t l = 0; l < r->d; l++) {
                own[l] = centroid(r, (size_t)r->c[j], l);
                other[l] = centroid(r, i, l);
            }
            slow_add_distance(&sum, false, p->x + j * r->d, other, r->d, 1);
            slow_add_distance(&sum, true, p->x + j * r->d, own, r->d, 1);
            int order = slow_sign(&sum);
            if (order < 0 || (order == 0 && (size_t)r->c[j] > i))
                FAIL("point %zu is with centroid %d, but %zu is %s", j, r->c[j], i, order ? "nearer" : "as near");
        }
}

static void every_point_sits_in_its_voronoi_cell(void **state)
{
    (void)state;
    over_small_problems(150, labels_are_nearest);
}

static size_t places(const struct problem *p)
{
    size_t count = 0;
    for (size_t j = 0; j < p->n; j++) {
        bool first = weight(p, j) > 0;
        for (size_t i = 0; i < j && first; i++) {
            first = weight(p, i) == 0;
            for (size_t l = 0; l < p->d; l++)
                first |= p->x[i * p->d + l] != p->x[j * p->d + l];
        }
        count += first;
    }
    return count;
}

static void an_empty_cluster_is_filled_and_J_falls(void **state)
{
    (void)state;
    size_t filled = 0;
    for (uint64_t s = 1; s <= 800; s++) {
        struct problem p = begin_small(s);
        p.options.init = KMU_GIVEN;
        p.options.max_iter = 1;
        for (size_t a = 1; a < p.k; a++) /* all points go to centroid 0 */
            for (size_t l = 0; l < p.d; l++)
                p.start[a * p.d + l] = 1e15 + (double)a;
        kmu_result *r = fit(&p);
        size_t owned = 0, able = places(&p) < p.k ? places(&p) : p.k;
        p.options.max_iter = 0;
        kmu_result *before = fit(&p);
        kmu_update(&p.points, &p.options, before->c, before->mu, NULL); /* the labels after fill */
        for (size_t i = 0; i < p.k; i++) {
            double mass = 0;
            for (size_t j = 0; j < p.n; j++)
                mass += before->c[j] == (int32_t)i ? weight(&p, j) : 0;
            owned += mass > 0;
        }
        if (owned != able)
            FAIL("%zu clusters own a point; there are %zu places for k = %zu", owned, able, p.k);
        if (able > 1 && !(r->trace[0].J_update < r->trace[0].J_assign))
            FAIL("J was %a and is %a", r->trace[0].J_assign, r->trace[0].J_update);
        filled += able > 1;
        kmu_result_free(before);
        kmu_result_free(r);
        leave_problem(&p);
    }
    assert_true(filled > 400);
}

/* Measured in several pieces, the last of which is short: cluster i takes the place that is i-th from the end of a line. */
static void many_rows_fill_in_order_of_distance(void **state)
{
    (void)state;
    enum { ROWS = 70001, COLUMNS = 16, CLUSTERS = 6 };
    double *x = doubles(ROWS * COLUMNS), start[CLUSTERS * COLUMNS] = {0};
    for (size_t j = 0; j < ROWS; j++) /* in a line, and shuffled */
        x[j * COLUMNS] = (double)(j * 7919 % ROWS);
    for (size_t i = 1; i < CLUSTERS; i++)
        start[i * COLUMNS] = 1e15;
    for (int threads = 1; threads <= 3; threads++) {
        const kmu_points points = {.size = sizeof points, .type = KMU_F64, .n = ROWS, .d = COLUMNS, .x = x};
        kmu_options o;
        kmu_result *r;
        kmu_options_init(&o, sizeof o);
        o.k = CLUSTERS;
        o.init = KMU_GIVEN;
        o.start = start;
        o.start_type = KMU_F64;
        o.max_iter = 1;
        o.threads = threads;
        o.algorithm = KMU_DENSE;
        assert_int_equal(kmu_fit(&points, &o, &r, NULL), KMU_OK);
        for (size_t i = 1; i < CLUSTERS; i++)
            if (((double *)r->mu)[i * COLUMNS] != (double)(ROWS - i))
                fail_msg("%d threads: cluster %zu has %a", threads, i, ((double *)r->mu)[i * COLUMNS]);
        kmu_result_free(r);
    }
    free(x);
}

/* ---- every method -------------------------------------------------------------------------------------------------------- */

static const char *difference(const kmu_result *a, const kmu_result *b)
{
    if (memcmp(a->c, b->c, a->n * sizeof *a->c) != 0)
        return "labels";
    if (memcmp(a->mu, b->mu, a->k * a->d * kmu_type_bytes(a->type)) != 0)
        return "centroids";
    if (memcmp(&a->J, &b->J, sizeof a->J) != 0 || a->iterations != b->iterations || a->stop != b->stop || a->turns != b->turns)
        return "J, stop or turns";
    for (size_t t = 0; t < a->turns; t++)
        if (a->trace[t].J_assign != b->trace[t].J_assign || a->trace[t].J_update != b->trace[t].J_update ||
            a->trace[t].moved != b->trace[t].moved)
            return "trace";
    return memcmp(a->mass, b->mass, a->k * sizeof *a->mass) != 0 || memcmp(a->count, b->count, a->k * sizeof *a->count) != 0
               ? "mass"
               : NULL;
}

static void every_method_gives_the_same_bits(void **state)
{
    (void)state;
    static const int64_t threads[] = {1, 2, 3, 7, 16};
    for (uint64_t s = 1; s <= 45; s++) {
        struct problem p;
        begin(s);
        size_t k = 1 + below(below(4) ? 12 : 300), d = 1 + below(below(3) ? 20 : 300), n = k + below(below(4) ? 200 : 1500);
        draw_problem(&p, n, d, k);
        p.options.max_iter = p.options.max_iter > 1 ? (int64_t)below(6) : p.options.max_iter;
        p.options.algorithm = KMU_PLAIN;
        p.options.isa = KMU_ISA_PLAIN;
        kmu_result *right = fit(&p);
        for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
            for (kmu_algorithm algorithm = KMU_AUTO; algorithm <= KMU_BOUNDS; algorithm++) {
                kmu_result *r = NULL;
                p.options.algorithm = algorithm;
                p.options.isa = (kmu_isa)isa;
                p.options.threads = threads[below(5)];
                if (kmu_fit(&p.points, &p.options, &r, NULL) == KMU_EUSAGE)
                    continue; /* not this CPU's */
                const char *what = difference(r, right);
                if (what)
                    FAIL("n %zu, d %zu, k %zu: %s, %s, %d threads: other %s", n, d, k, kmu_algorithm_name(algorithm),
                         kmu_isa_name((kmu_isa)isa), (int)p.options.threads, what);
                kmu_result_free(r);
            }
        kmu_result_free(right);
        leave_problem(&p);
    }
}

/* ---- poll ------------------------------------------------------------------------------------------------------------- */

static int polls_left;

static kmu_poll abandon_at_last(void *context)
{
    (void)context;
    return --polls_left <= 0 ? KMU_ABANDON : KMU_GO;
}

/* Before, in and after the order and the seeding: sums that were passed over are not looked at. */
static void a_fit_may_be_abandoned_at_any_poll(void **state)
{
    (void)state;
    enum { ROWS = 300000 };
    double *x = malloc(2 * ROWS * sizeof *x);
    begin(1);
    for (size_t a = 0; a < 2 * ROWS; a++)
        x[a] = normal();
    for (int last = 1; last <= 12; last++)
        for (int plain = 0; plain < 2; plain++) {
            kmu_points points = {.size = sizeof points, .type = KMU_F64, .n = ROWS, .d = 2, .x = x};
            kmu_options o;
            kmu_result *r = NULL;
            kmu_options_init(&o, sizeof o);
            o.k = 5;
            o.max_iter = 3;
            o.algorithm = plain ? KMU_PLAIN : KMU_AUTO;
            o.poll = abandon_at_last;
            polls_left = last;
            const kmu_status status = kmu_fit(&points, &o, &r, NULL);
            if (status != (polls_left <= 0 ? KMU_EABANDONED : KMU_OK))
                FAIL("%s, poll %d: status %d", plain ? "plain" : "auto", last, (int)status);
            kmu_result_free(r);
        }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(J_never_rises),
        cmocka_unit_test(the_mean_is_the_best_centroid),
        cmocka_unit_test(every_point_sits_in_its_voronoi_cell),
        cmocka_unit_test(an_empty_cluster_is_filled_and_J_falls),
        cmocka_unit_test(many_rows_fill_in_order_of_distance),
        cmocka_unit_test(every_method_gives_the_same_bits),
        cmocka_unit_test(a_fit_may_be_abandoned_at_any_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
