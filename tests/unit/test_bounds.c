/* test_bounds.c - the bounds that the filter keeps from turn to turn hold after every (A), and its answer is plain's.
 *
 *   upper_j >= ||x_j - mu_c||,      lower_jp <= ||x_j - mu_i|| for every i but c of panel p    in the frame's scale
 *
 * The filter of this program is the library's with a check behind it: each (A) of each fit is followed by one of all bounds, in
 * binary64 where its own bound (N2) decides, else in exact arithmetic. The data are made to break what is kept: centroids that
 * become equal and part again, empty clusters, labels that go back and forth, rows far from the origin or far too small. */
#include "ground/pool.h"

/* All threads get chunks, which they would not of jobs so small. */
static void in_turn(struct pool *p, size_t chunks, double cost, void (*work)(void *, size_t, int), void *context)
{
    (void)cost;
    for (size_t i = 0; i < chunks; i++)
        work(context, i, (int)((i + 1) % (size_t)kmu__pool_threads(p)));
}

#define kmu__assign_filter assign_unchecked
#define kmu__lead_pays pays_sometimes
#define kmu__parallel in_turn
#include "assign/filter.c"
#include "layout/frame.h"
#undef kmu__assign_filter
#undef kmu__lead_pays
#undef kmu__parallel

#include "exact/distance.h"
#include "problem.h"

enum { ROWS = 1024 }; /* the most of a fit */

bool kmu__assign_filter(struct fit *f);

/* What has happened in all fits so far: rows without bounds, centroids that came back, labels that changed, (A)s in which some
 * pair was not asked, in few directions, and those that came after one without the filter; rows that met nobody; centroids that
 * are known to be far; (A)s with new panels after the second. */
static struct {
    size_t unknown, back, changed, skipped, led, resumed, rested, far, anew;
    double reached; /* how many centroids few directions left to a point, when it was looked */
    bool refuses;   /* now and then the filter shall say that it cannot */
} seen;

/* Few directions are taken, or not, whatever would be faster. */
bool pays_sometimes(const struct fit *f, double reached)
{
    seen.reached = reached;
    return f->k % 3 > 0;
}

/* ---- exact numbers -------------------------------------------------------------------------------------------------- */

/* a += ||x - mu||^2 4^g */
static void add_distance(struct wide *a, bool negative, const struct fit *f, const double *x, const double *mu)
{
    struct wide exact;
    kmu__wide_zero(&exact);
    kmu__wide_add_distance(&exact, x, mu, f->d);
    kmu__wide_add_wide(a, negative, &exact, 1, 2 * ilogb(f->frame.scale));
}

/* a += ||x'||^2 */
static void add_square(struct wide *a, const struct fit *f, const double *x)
{
    const int g = ilogb(f->frame.scale);
    for (size_t l = 0; l < f->d; l++) {
        const struct parts p = kmu__parts(x[l]), o = kmu__parts(f->frame.centre[l]);
        kmu__wide_add(a, false, (kmu__u128)p.m * p.m, 2 * (p.e + g));
        kmu__wide_add(a, !(p.negative ^ o.negative), (kmu__u128)p.m * o.m, p.e + o.e + g + 1);
        kmu__wide_add(a, false, (kmu__u128)o.m * o.m, 2 * o.e);
    }
}

/* The sign of ||x - mu|| 2^g - bound, for bound >= 0. */
static int against(const struct fit *f, const double *x, const double *mu, float bound)
{
    const double square = (double)bound * (double)bound;
    double D = 0;
    struct wide a;
    for (size_t l = 0; l < f->d; l++) {
        const double step = (x[l] - mu[l]) * f->frame.scale;
        D += step * step;
    }
    if (D > 0x1p-200 && D < 0x1p200 && fabs(D - square) > 2 * kmu__distance_slack(f->d) * D)
        return D > square ? 1 : -1;
    kmu__wide_zero(&a);
    add_distance(&a, false, f, x, mu);
    kmu__wide_add_product(&a, true, (double)bound, (double)bound);
    return kmu__wide_sign(&a);
}

/* ---- the checks ----------------------------------------------------------------------------------------------------- */

#define WRONG(format, ...)                                                                                       \
    FAIL("%s, n %zu, d %zu, k %zu, turn %lld, row %zu: " format, kmu_isa_name(f->filter->isa), f->n, f->d, f->k, \
         (long long)t->turns, j, __VA_ARGS__)

/* What follows from an upper bound of the distance to centroid i that is as near as can be: best <= S. */
static void check_best(const struct filtering *t, size_t j, const double *x, size_t i)
{
    const struct fit *f = t->f;
    const double *mu = f->mu + i * f->d;
    struct wide twice;
    float upper = (float)kmu__frame_distance(f, x, mu);
    while (against(f, x, mu, upper) > 0)
        upper = nextafterf(upper, INFINITY);
    const float best = best_from(&f->bytes->x[j], upper);
    kmu__wide_zero(&twice);
    add_square(&twice, f, x);
    add_distance(&twice, true, f, x, mu);
    if (best > -INFINITY)
        kmu__wide_add_product(&twice, true, (double)best, 2);
    if (best > -INFINITY && kmu__wide_sign(&twice) < 0)
        WRONG("centroid %zu is within %a and does not reach %a", i, (double)upper, (double)best);
}

static void check_bounds(const struct filtering *t, size_t j, const double *x)
{
    const struct fit *f = t->f;
    if (!(t->upper[j] >= 0) || against(f, x, f->mu + (size_t)f->c[j] * f->d, t->upper[j]) > 0)
        WRONG("its centroid is not within %a", (double)t->upper[j]);
    for (size_t i = 0; i < f->k && t->turns > 1; i++) {
        const size_t p = t->panel[i];
        const uint16_t kept = t->lower[(j / FILTER_ROWS * t->c.panels + p) * FILTER_ROWS + j % FILTER_ROWS];
        const float lower = kmu__length(kept, t->base) - t->drift[p]; /* exact, or nearly: a difference is rounded down */
        if ((int32_t)i != f->c[j] && lower > 0 && against(f, x, f->mu + i * f->d, nextafterf(lower, 0)) < 0)
            WRONG("centroid %zu is nearer than %a", i, (double)lower);
        seen.far += lower > t->upper[j];
    }
}

/* What is said of a row and its distances alone. */
static void check_row(struct filtering *t, size_t j, const double *x)
{
    struct fit *f = t->f;
    const struct coarse *coarse = &f->bytes->x[j];
    const float *image = kmu__coarse_image(f, j, t->image);
    struct wide square;
    kmu__wide_zero(&square);
    add_square(&square, f, x);
    kmu__wide_add_product(&square, true, (double)coarse->square, (double)t->grown);
    kmu__wide_add_product(&square, true, (double)t->added, 1);
    if (kmu__wide_sign(&square) > 0)
        WRONG("it is longer than its square, %a, can grow", (double)coarse->square);
    for (size_t i = 0; i < f->k; i++) {
        const double *mu = f->mu + i * f->d;
        const float D = f->filter->distance(image, t->c.image + i * t->c.pad, f->d), eta = eta_of(t, coarse, i),
                    high = high_of(t, D, eta), low = low_of(t, D, eta);
        if (against(f, x, mu, high) > 0 || (low > 0 && against(f, x, mu, low) < 0))
            WRONG("centroid %zu is not within %a .. %a", i, (double)low, (double)high);
        check_best(t, j, x, i);
    }
}

/* Before an (A): who got a label from another room has no bounds. */
static void check_labels(const struct filtering *t, const int32_t *decided)
{
    const struct fit *f = t->f;
    for (size_t j = 0; j < f->n; j++) {
        if (f->c[j] != decided[j] && t->upper[j] >= 0)
            WRONG("it was moved to cluster %d and is still within %a", f->c[j], (double)t->upper[j]);
        seen.unknown += t->upper[j] < 0;
    }
    for (size_t a = 0; a < f->distinct_count; a++)
        seen.back += !bit_of(t->named, (size_t)f->distinct[a]);
}

bool kmu__assign_filter(struct fit *f)
{
    static int32_t decided[ROWS]; /* the labels, as the last (A) left them */
    const struct filtering *was = f->filtering;
    const bool kept = was && was->turns;
    if (seen.refuses && was && below(3) == 0)
        return false;
    seen.resumed += was && !kept && f->iterations > 0;
    assert_true(f->n <= ROWS);
    if (kept)
        check_labels(was, decided);
    if (kept) /* others are looked for near and far, and panels are made anew now and then */
        f->filtering->beyond = 1 + (float)below(3) / 4, f->filtering->share = (double)below(2);
    if (!assign_unchecked(f))
        FAIL("the filter cannot, with d = %zu", f->d);
    struct filtering *t = f->filtering;
    for (size_t j = 0; j < f->n; j++) {
        const double *x = kmu__row(f->points, j, f->row);
        check_bounds(t, j, x);
        if (t->turns < 3 && j % 16 == 0)
            check_row(t, j, x);
        seen.changed += kept && decided[j] != f->c[j];
        decided[j] = f->c[j];
    }
    for (size_t i = 0; kept && i < f->k; i++)
        if (against(f, f->mu + i * f->d, f->last + i * f->d, t->step[i]) > 0)
            FAIL("centroid %zu moved more than %a", i, (double)t->step[i]);
    int64_t met = 0;
    for (int a = 0; a < kmu__pool_threads(f->pool); a++)
        met += f->work[a].met;
    seen.rested += f->n - (size_t)met;
    seen.led += t->lead != NULL;
    seen.anew += t->turns > 2 && t->placed_in == t->turns - 1 && t->c.panels >= 16;
    seen.skipped += f->work[0].skipped > 0;
    return true;
}

/* ---- fits ----------------------------------------------------------------------------------------------------------- */

enum { WHOLE = 1, SMALL = 2, PLAIN_NUMBERS = 6, KINDS = 8 };

static double draw_turning(size_t kind, bool f32)
{
    switch (kind) {
    case WHOLE: /* means are rounded to whole numbers, and become equal */
        return (f32 ? 0x1p23 : 0x1p52) + (below(6) == 0);
    case SMALL:
        return 0x1p-80 * normal();
    case 3: /* the frame's scale does not go far enough */
        return (f32 ? 0x1p-149 : 0x1p-1074) * between(-100, 100);
    case 4:
        return 1e6 + 30 * uniform() + between(0, 4);
    case 5:
        return between(0, 255);
    case 7:
        return (f32 ? 1e30 : 1e300) * normal();
    default: /* no structure, many turns */
        return uniform();
    }
}

/* Rows and start; kind 0 is problem.h's. */
static void draw_turns(struct problem *p, size_t kind, size_t n, size_t d, size_t k)
{
    draw_problem(p, n, d, k);
    const bool f32 = p->points.type == KMU_F32;
    for (size_t a = 0; kind && a < n * d; a++) {
        p->x[a] = kind == SMALL && a < d ? 1 : draw_turning(kind, f32); /* a row for which the scale is right */
        p->x[a] = f32 ? (double)(float)p->x[a] : p->x[a];
        p->single[a] = (float)p->x[a];
    }
    for (size_t i = 0; kind && i < k; i++) /* rows, of which some come twice, or others */
        for (size_t l = 0, j = n - 1 - below(n - 1), way = below(6); l < d; l++)
            p->start[i * d + l] = way == 0        ? draw_turning(kind, f32)
                                  : way == 1 && i ? p->start[(i - 1) * d + l]
                                                  : p->x[j * d + l];
    p->options.init = kind == SMALL ? KMU_GIVEN : p->options.init;
    p->options.max_iter = 100;
    p->options.tol = below(5) ? 0 : 1e-3;
    p->options.n_init = 1 + (int64_t)below(3);
}

static const char *difference(const kmu_result *a, const kmu_result *b)
{
    if (memcmp(a->c, b->c, a->n * sizeof *a->c) != 0 || memcmp(a->mu, b->mu, a->k * a->d * kmu_type_bytes(a->type)) != 0)
        return "labels or centroids";
    if (memcmp(&a->J, &b->J, sizeof a->J) != 0 || a->run != b->run || a->stop != b->stop || a->turns != b->turns)
        return "J, run, stop or turns";
    for (size_t t = 0; t < a->turns; t++)
        if (a->trace[t].J_assign != b->trace[t].J_assign || a->trace[t].moved != b->trace[t].moved)
            return "trace";
    return NULL;
}

static void compare_with_plain(struct problem *p, kmu_algorithm algorithm)
{
    p->options.algorithm = KMU_PLAIN;
    kmu_result *right = fit(p);
    p->options.algorithm = algorithm;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++) {
        kmu_result *r = NULL;
        p->options.isa = (kmu_isa)isa;
        p->options.threads = between(1, 2);
        if (kmu_fit(&p->points, &p->options, &r, NULL) == KMU_EUSAGE)
            continue; /* not this CPU's */
        const char *what = difference(r, right);
        if (what)
            FAIL("n %zu, d %zu, k %zu, %s: %s are not plain's", p->n, p->points.d, p->k, kmu_isa_name((kmu_isa)isa), what);
        kmu_result_free(r);
    }
    kmu_result_free(right);
    leave_problem(p);
}

static void bounds_hold_from_turn_to_turn(void **state)
{
    (void)state;
    seen.unknown = seen.back = seen.changed = seen.skipped = seen.led = seen.rested = seen.far = 0;
    for (uint64_t s = 1; s <= 150; s++) {
        struct problem p;
        begin(s);
        const size_t k = below(3) ? 33 + below(48) : 2 + below(30), kind = s % 2 ? PLAIN_NUMBERS : s / 2 % KINDS;
        draw_turns(&p, kind, k + 1 + below(2 * k), s % 2 ? 1 + below(4) : 12 + below(100), k);
        p.options.init = s % 2 ? KMU_GIVEN : p.options.init; /* clusters that lose their last point late */
        compare_with_plain(&p, KMU_FILTER);
    }
    if (seen.unknown < 1000 || seen.back < 100 || seen.changed < 3000 || seen.skipped < 100 || seen.led < 100 || seen.rested < 1000 || seen.far < 100000)
        FAIL("%zu rows without bounds, %zu centroids back, %zu labels changed, %zu (A)s with pairs not asked, %zu in few directions, "
             "%zu rows at rest, %zu centroids far", seen.unknown, seen.back, seen.changed, seen.skipped, seen.led, seen.rested, seen.far);
}

/* Many panels, of which a row meets few; and so many that they are made by steps. */
static void bounds_hold_where_there_are_many_panels(void **state)
{
    (void)state;
    seen.anew = 0;
    for (uint64_t s = 1; s <= 18; s++) {
        struct problem p;
        begin(s);
        const size_t k = s % 3 ? 120 + below(80) : 256 + below(40), n = s % 3 ? k + 1 + below(ROWS / 2 - k) : ROWS;
        draw_turns(&p, PLAIN_NUMBERS, n, 1 + below(3), k);
        p.options.n_init = 1;
        compare_with_plain(&p, KMU_FILTER);
    }
    if (seen.anew < 10)
        FAIL("only %zu (A)s after the second with new panels", seen.anew);
}

/* Whoever else makes an (A) between two of the filter's moves labels, and centroids follow. */
static void no_bound_outlives_a_turn_without_the_filter(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 150; s++) { /* enough where plain C is the only instruction set */
        struct problem p;
        begin(s);
        const size_t k = 2 + below(60);
        draw_turns(&p, PLAIN_NUMBERS, k + 1 + below(2 * k), 1 + below(20), k);
        seen.refuses = true;
        compare_with_plain(&p, KMU_FILTER);
        seen.refuses = false;
    }
    if (seen.resumed < 25)
        FAIL("only %zu (A)s came after one without the filter", seen.resumed);
}

/* A run that is cut short leaves bounds that its last step has not been taken from. */
static void no_bound_outlives_its_run(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 150; s++) {
        struct problem p;
        begin(s);
        const size_t k = 1 + below(12);
        draw_turns(&p, PLAIN_NUMBERS, k + below(1 + k / 2) + 1, 1 + below(4), k);
        p.options.init = KMU_RANDOM;
        p.options.n_init = 3;
        p.options.max_iter = (int64_t)below(3);
        compare_with_plain(&p, KMU_FILTER);
    }
}

/* Rows of one number, whose sums lose the same with every addition. */
static void bounds_hold_for_the_longest_rows(void **state)
{
    (void)state;
    struct problem p;
    begin(1);
    draw_turns(&p, PLAIN_NUMBERS, 17, KMU__FILTER_COLUMNS, 2);
    for (size_t a = 0; a < p.n * p.points.d; a++) {
        p.x[a] = (double)(float)p.x[a - a % p.points.d];
        p.single[a] = (float)p.x[a];
    }
    p.options.n_init = 1, p.options.max_iter = 1;
    compare_with_plain(&p, KMU_FILTER);
}

/* Rows near five directions: hardly any centroid is left to a point, on average. */
static void few_directions_are_enough_where_rows_lie_near_them(void **state)
{
    (void)state;
    struct problem p;
    begin(1);
    draw_turns(&p, PLAIN_NUMBERS, 250, 90, 50);
    for (size_t j = 0; j < p.n; j++) {
        double along[5];
        for (size_t t = 0; t < 5; t++)
            along[t] = normal();
        for (size_t l = 0; l < 90; l++) {
            double x = 0.01 * normal();
            for (size_t t = 0; t < 5; t++)
                x += along[t] * sin((double)(l * (t + 1)));
            p.single[j * 90 + l] = (float)x;
            p.x[j * 90 + l] = p.points.type == KMU_F32 ? (double)(float)x : x;
        }
    }
    p.options.init = KMU_RANDOM;
    p.options.n_init = 1, p.options.max_iter = 3;
    compare_with_plain(&p, KMU_FILTER);
    if (!(seen.reached >= 1 && seen.reached < 5))
        FAIL("%g of 50 centroids are left to a point", seen.reached);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_hold_from_turn_to_turn),
        cmocka_unit_test(bounds_hold_where_there_are_many_panels),
        cmocka_unit_test(no_bound_outlives_a_turn_without_the_filter),
        cmocka_unit_test(no_bound_outlives_its_run),
        cmocka_unit_test(bounds_hold_for_the_longest_rows),
        cmocka_unit_test(few_directions_are_enough_where_rows_lie_near_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
