/* test_filter.c - every filter of this CPU keeps its contract (src/kernel/filter.h).
 *
 *   s - E  <=  S  <=  s + E          over the real numbers (scene.h), for every centroid (N15)
 */
#include "guard.h"
#include "scene.h"

/* ---- bounds of S ---------------------------------------------------------------------------------------------------- */

static void check_one(const struct scene *s, size_t j, size_t i, float high)
{
    struct wide S;
    twice_S(&S, s, j, i);
    if (against(&S, 2, (double)high) > 0)
        FAIL("%s, d = %zu, row %zu: %a is below centroid %zu", kmu_isa_name(s->f.filter->isa), s->f.d, j, (double)high, i);
}

/* best is at most the largest S of the centroids which[0 .. count - 1]. */
static void check_best(const struct scene *s, size_t j, const uint32_t *which, size_t count, float best)
{
    struct wide S;
    for (size_t a = 0; a < count; a++) {
        twice_S(&S, s, j, which[a]);
        if (against(&S, 2, (double)best) >= 0)
            return;
    }
    FAIL("%s, d = %zu, row %zu: nobody of %zu reaches %a", kmu_isa_name(s->f.filter->isa), s->f.d, j, count, (double)best);
}

static void check_bounds_of(const struct scene *s, const struct coarse_centroids *c)
{
    static _Alignas(64) float high[ROWS][K], best[ROWS][KMU__PANEL], some[K + KMU__ASKED];
    const struct filter *filter = s->f.filter;
    const struct panels panels = kmu__coarse_panels(c, false), rows = kmu__coarse_panels(c, true);
    const size_t step = s->f.d > 130 ? 5 : 1;
    struct walker walker[ROWS];
    uint32_t which[K + KMU__ASKED];
    for (size_t j = 0; j < ROWS; j++) {
        kmu__coarse_walker(&walker[j], s->f.bytes, c, j, high[j], best[j]);
        for (size_t i = 0; i < KMU__PANEL; i++)
            best[j][i] = -INFINITY;
    }
    for (size_t g = 0; g < ROWS; g += filter->group)
        for (size_t p = 0; p < c->panels; p++)
            filter->bound(walker + g, &panels, p, c->quads);
    for (size_t j = 0; j < ROWS; j += step) {
        for (size_t i = 0; i < s->k; i++)
            check_one(s, j, i, high[j][i]);
        for (size_t i = s->k; i < c->panels * KMU__PANEL; i++)
            assert_true(high[j][i] == -INFINITY);
        for (size_t p = 0; p < KMU__PANEL; p++) { /* the best of the centroids p, p + KMU__PANEL, ... */
            size_t count = 0;
            for (size_t i = p; i < s->k; i += KMU__PANEL)
                which[count++] = (uint32_t)i;
            if (count)
                check_best(s, j, which, count, best[j][p]);
            else
                assert_true(best[j][p] == -INFINITY);
        }
        const size_t count = 1 + below(s->k);
        for (size_t a = 0; a < count; a++)
            which[a] = (uint32_t)below(s->k);
        walker[j].high = some;
        check_best(s, j, which, count, filter->bound_some(&walker[j], &rows, c->pad, which, count));
        for (size_t a = 0; a < count; a++)
            check_one(s, j, which[a], some[a]);
    }
}

static void check_bounds(struct scene *s)
{
    check_bounds_of(s, &s->c);
    check_bounds_of(s, &s->rough);
}

static void bounds_of_S_hold(void **state)
{
    (void)state;
    over_filters_and_lengths(check_bounds);
}

/* With scale, unit = 1 and nothing else, s is the integer, rounded once. */
static void sums_of_bytes_are_exact_for_every_length(void **state)
{
    (void)state;
    static uint8_t x[KMU__FILTER_COLUMNS + KMU__PAD];
    static _Alignas(64) int8_t q[KMU__FILTER_COLUMNS * KMU__PANEL], rows[KMU__FILTER_COLUMNS * KMU__PANEL];
    _Alignas(64) int32_t start[KMU__PANEL];
    _Alignas(64) float unit[KMU__PANEL], half[KMU__PANEL], size[KMU__PANEL] = {0}, high[KMU__PANEL], best[KMU__PANEL];
    struct centroid one[KMU__PANEL];
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (size_t a = 0; kmu__kernels((kmu_isa)isa) && a < 20; a++) {
            begin(a + 1);
            const struct filter *filter = kmu__filter((kmu_isa)isa);
            const bool rough = a >= 10;
            const int most = rough ? KMU__ROUGH : 127;
            const size_t quads = a % 10 < 4 ? KMU__FILTER_COLUMNS / 4 : 1 + below(300), slot = below(KMU__PANEL),
                         stride = (4 * quads + KMU__PAD - 1) / KMU__PAD * KMU__PAD;
            const bool extreme = a % 10 < 6;
            int64_t sum = 0, right = 0;
            memset(rows, 0, KMU__PANEL * stride);
            for (size_t l = 0; l < 4 * quads; l++) {
                const int p = extreme ? (a % 2 ? filter->level : -filter->level) : between(-filter->level, filter->level),
                          c = extreme ? (a % 10 / 2 % 2 ? most : -most) : between(-most, most);
                x[l] = (uint8_t)(p + filter->zero);
                for (size_t i = 0; i < KMU__PANEL; i++)
                    rows[i * stride + l] = q[(l / 4 * KMU__PANEL + i) * 4 + l % 4] = (int8_t)(i == slot ? c : most);
                sum += c;
                right += p * c;
            }
            for (size_t i = 0; i < KMU__PANEL; i++) {
                start[i] = -filter->zero * (int32_t)(i == slot ? sum : most * 4 * (int64_t)quads);
                unit[i] = 1;
                half[i] = i == slot ? 0 : -INFINITY;
                best[i] = -INFINITY;
                one[i] = (struct centroid){.start = start[i], .unit = unit[i], .half = half[i]};
            }
            const struct panels panels = {.q = q, .start = start, .unit = unit, .half = half, .size = size, .one = one, .rough = rough};
            struct panels by_rows = panels;
            struct walker walker[KMU__GROUP];
            uint32_t which[1 + KMU__ASKED] = {(uint32_t)slot};
            by_rows.q = rows;
            for (size_t g = 0; g < KMU__GROUP; g++)
                walker[g] = (struct walker){.q = x, .scale = 1, .high = high, .best = best};
            filter->bound(walker, &panels, 0, quads);
            if (high[slot] != (float)right || best[slot] != (float)right || high[(slot + 1) % KMU__PANEL] != -INFINITY)
                FAIL("%s, d = %zu: %lld is %a", kmu_isa_name(filter->isa), 4 * quads, (long long)right, (double)high[slot]);
            const float some = filter->bound_some(walker, &by_rows, stride, which, 1);
            if (some != (float)right || high[0] != (float)right)
                FAIL("%s, d = %zu, by rows: %lld is %a", kmu_isa_name(filter->isa), 4 * quads, (long long)right,
                     (double)high[0]);
        }
}

/* ---- bits and distances --------------------------------------------------------------------------------------------- */

enum { MOST = 3 * 64 };

static bool bit_of(const uint64_t *bits, size_t a)
{
    return bits[a / 64] >> a % 64 & 1;
}

/* reach, and list. */
static void check_reach(const struct filter *filter, size_t slots)
{
    float *high = guarded(0, slots * sizeof *high, 64);
    uint64_t *bits = guarded(1, (slots + 63) / 64 * sizeof *bits, sizeof *bits);
    uint32_t *list = guarded(2, (slots + KMU__PANEL) * sizeof *list, sizeof *list);
    const float least = below(10) ? (float)number(-3, 3, 4) : -INFINITY;
    size_t count = 0;
    bool any = false;
    for (size_t a = 0; a < slots; a++)
        high[a] = below(9) ? below(3) ? (float)number(-3, 3, 4) : below(2) ? least : nextafterf(least, -INFINITY) : -INFINITY;
    const bool said = filter->reach(high, least, slots, bits);
    const size_t listed = filter->list(bits, (slots + 63) / 64, list);
    for (size_t a = 0; a < slots; a++) {
        if (bit_of(bits, a) != (high[a] >= least))
            FAIL("%s: %a reaches %a: %d", kmu_isa_name(filter->isa), (double)high[a], (double)least, bit_of(bits, a));
        any |= bit_of(bits, a);
        if (bit_of(bits, a) && (count >= listed || list[count++] != a))
            FAIL("%s: %zu is not on the list", kmu_isa_name(filter->isa), a);
    }
    if (said != any || count != listed)
        FAIL("%s: of %zu slots %zu are listed", kmu_isa_name(filter->isa), slots, listed);
}

/* |square - D| - d 2^-149 <= 1.01 v (d / 32 + 10) D, D = ||x - c||^2; x lies anywhere, and nothing behind it is read. */
static void check_distance(const struct filter *filter, size_t d)
{
    const size_t pad = (d + KMU__PAD - 1) / KMU__PAD * KMU__PAD;
    double *rows = doubles(2 * d);
    float *x = guarded(0, d * sizeof *x, sizeof *x), *c = guarded(1, pad * sizeof *c, 64);
    const double size = ldexp(1, between(-90, 30));
    struct wide D, bound, error;
    draw_row(rows, d, size, filter->level);
    draw_row(rows + d, d, below(2) ? size : 1, filter->level);
    memset(c, 0, pad * sizeof *c);
    kmu__wide_zero(&D);
    kmu__wide_zero(&bound);
    kmu__wide_zero(&error);
    for (size_t l = 0; l < d; l++) {
        x[l] = (float)rows[l];
        c[l] = (float)rows[d + l];
        add_square(&D, (double)x[l], 0, (double)c[l], 0);
    }
    const float square = filter->distance(x, c, d);
    kmu__wide_add_wide(&error, false, &D, 1, 0);
    add_product(&error, -(double)square, 1, 0);
    kmu__wide_add_wide(&bound, kmu__wide_sign(&error) < 0, &error, 100, 24);
    kmu__wide_add_wide(&bound, true, &D, 101 * (d / KMU__SQUARES + 10), 0);
    add_product(&bound, -(double)d, 0x1p-149, 31);
    if (kmu__wide_sign(&bound) > 0)
        FAIL("%s, d = %zu: the squared distance is %a, not %a", kmu_isa_name(filter->isa), d, kmu__wide_round(&D),
             (double)square);
    free(rows);
}

static void a_distance_is_within_its_bound(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (uint64_t s = 1; kmu__kernels((kmu_isa)isa) && s <= 1000; s++) {
            begin(s);
            check_distance(kmu__filter((kmu_isa)isa), s % 8 ? 1 + below(300) : 1 + below(LONGEST));
        }
}

/* |y - sum x c| <= (d + 2) 1.01 v sum |x c| + d 2^-149 for each of the columns. */
static void check_project(const struct filter *filter, size_t d)
{
    double *rows = doubles(KMU__GROUP * d), *columns = doubles(KMU__BESIDE * d);
    float *x = malloc(KMU__GROUP * d * sizeof *x), *c = aligned_alloc(64, KMU__BESIDE * d * sizeof *c), y[KMU__GROUP][KMU__BESIDE], *to[KMU__GROUP];
    const float *from[KMU__GROUP];
    for (size_t j = 0; j < KMU__GROUP; j++)
        draw_row(rows + j * d, d, ldexp(1, between(-40, 20)), filter->level);
    for (size_t i = 0; i < KMU__BESIDE; i++)
        draw_row(columns + i * d, d, 1, filter->level);
    for (size_t a = 0; a < KMU__GROUP * d; a++)
        x[a] = (float)rows[a];
    for (size_t i = 0; i < KMU__BESIDE; i++)
        for (size_t l = 0; l < d; l++)
            c[l * KMU__BESIDE + i] = (float)columns[i * d + l];
    for (size_t j = 0; j < KMU__GROUP; j++) {
        from[j] = x + j * d;
        to[j] = y[j];
    }
    filter->project(from, c, d, to);
    for (size_t j = 0; j < filter->group; j++)
        for (size_t i = below(3); i < KMU__BESIDE; i += 3) {
            struct wide bound, error;
            kmu__wide_zero(&bound);
            kmu__wide_zero(&error);
            add_product(&error, -(double)y[j][i], 1, 0);
            for (size_t l = 0; l < d; l++) {
                const double a = (double)x[j * d + l], b = (double)c[l * KMU__BESIDE + i];
                add_product(&error, a, b, 0);
                add_product(&bound, fabs(a) * 101, fabs(b) * (double)(d + 2), 0);
            }
            kmu__wide_add_wide(&bound, true, &error, 100, 24);
            add_product(&bound, (double)d, 0x1p-149, 31);
            struct wide below_it = bound, above; /* 100 2^24 (sum - y) and its negative are both within the bound */
            kmu__wide_zero(&above);
            kmu__wide_add_wide(&above, false, &bound, 1, 0);
            kmu__wide_add_wide(&above, false, &error, 200, 24);
            if (kmu__wide_sign(&below_it) < 0 || kmu__wide_sign(&above) < 0)
                FAIL("%s, d = %zu: a product is not %a", kmu_isa_name(filter->isa), d, (double)y[j][i]);
        }
    free(rows);
    free(columns);
    free(x);
    free(c);
}

static void projections_are_within_their_bound(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (uint64_t s = 1; kmu__kernels((kmu_isa)isa) && s <= 20; s++) {
            begin(s);
            check_project(kmu__filter((kmu_isa)isa), s % 4 ? 1 + below(100) : 1 + below(LONGEST));
        }
}

/* ---- who passes ------------------------------------------------------------------------------------------------------- */

/* The largest number of binary32 that is at most S. */
static float below_S(const struct wide *twice)
{
    float best = (float)(kmu__wide_round(twice) / 2);
    while (against(twice, 2, (double)best) < 0)
        best = nextafterf(best, -INFINITY);
    return best;
}

/* Whoever has S >= best passes, if only just; and nobody with s + E below it by more than rounding does. */
static void check_pass_of(const struct scene *s, const struct coarse_centroids *c)
{
    static _Alignas(64) float high[ROWS][K], most[ROWS][KMU__PANEL], top[K / KMU__PANEL][ROWS];
    const struct filter *filter = s->f.filter;
    const struct panels panels = kmu__coarse_panels(c, false);
    struct walker walker[ROWS];
    uint32_t which[ROWS];
    uint64_t bits[ROWS][(K + 63) / 64];
    float best[ROWS];
    for (size_t j = 0; j < ROWS; j++) {
        struct wide S;
        twice_S(&S, s, j, below(s->k));
        best[j] = below_S(&S);
        kmu__coarse_walker(&walker[j], s->f.bytes, c, j, high[j], most[j]);
        walker[j].bits = bits[j];
        walker[j].least = kmu__coarse_least(walker[j].slop, best[j]);
    }
    for (size_t j = 0; j < ROWS; j++)
        which[j] = (uint32_t)(ROWS - 1 - j); /* in any order */
    for (size_t g = 0; g < ROWS; g += filter->group)
        for (size_t p = 0; p < c->panels; p++) {
            filter->pass(walker, which + g, &panels, p, c->quads, top[p]);
            filter->bound(walker + g, &panels, p, c->quads);
        }
    for (size_t j = 0; j < ROWS; j++)
        for (size_t p = 0; p < c->panels; p++) {
            float right = -INFINITY, size = walker[j].slop;
            for (size_t i = p * KMU__PANEL; i < (p + 1) * KMU__PANEL; i++) {
                right = fmaxf(right, high[j][i]);
                size = fmaxf(size, walker[j].slope * panels.size[i]);
            }
            if (!(fabs((double)top[p][j] + (double)walker[j].slop - (double)right) <= (fabs((double)right) + (double)size) * 0x1p-20))
                FAIL("%s, d = %zu, row %zu: of panel %zu the largest is %a, not %a", kmu_isa_name(filter->isa), s->f.d, j, p,
                     (double)top[p][j], (double)right);
        }
    for (size_t j = 0; j < ROWS; j += s->f.d > 130 ? 5 : 1)
        for (size_t i = 0; i < c->panels * KMU__PANEL; i++) {
            struct wide S;
            const double size = fabs((double)best[j]) + fabs((double)high[j][i]) + (double)walker[j].slop;
            if (i < s->k)
                twice_S(&S, s, j, i);
            if (i < s->k && against(&S, 2, (double)best[j]) >= 0 && !bit_of(bits[j], i))
                FAIL("%s, d = %zu, row %zu: centroid %zu reaches %a and does not pass", kmu_isa_name(filter->isa), s->f.d, j, i, (double)best[j]);
            if (bit_of(bits[j], i) && (double)high[j][i] < (double)best[j] - size * 0x1p-18)
                FAIL("%s, d = %zu, row %zu: centroid %zu, at most %a, passes %a", kmu_isa_name(filter->isa), s->f.d, j, i,
                     (double)high[j][i], (double)best[j]);
        }
}

static void check_pass(struct scene *s)
{
    check_pass_of(s, &s->c);
    check_pass_of(s, &s->rough);
}

/* A narrow panel says the same of its centroids. */
static void check_narrow(struct scene *s)
{
    const struct filter *filter = s->f.filter;
    struct walker walker[ROWS];
    uint32_t which[ROWS];
    uint64_t bits[ROWS] = {0}, narrow[ROWS];
    float most[ROWS];
    s->k = 1 + below(KMU__PANEL / 2);
    for (size_t j = 0; j < ROWS; j++)
        which[j] = (uint32_t)j;
    for (int round = 0; round < 2; round++) {
        s->c.few = round;
        assert_true(kmu__coarse_centroids(&s->c, &s->f, s->mu, s->k) && s->c.narrow == s->c.few);
        const struct panels panels = kmu__coarse_panels(&s->c, false);
        for (size_t j = 0; j < ROWS; j++) {
            struct wide S;
            twice_S(&S, s, j, j % s->k);
            kmu__coarse_walker(&walker[j], s->f.bytes, &s->c, j, NULL, NULL);
            walker[j].bits = round ? &narrow[j] : &bits[j];
            walker[j].least = kmu__coarse_least(walker[j].slop, below_S(&S));
        }
        for (size_t g = 0; g < ROWS; g += filter->group)
            if (round)
                filter->pass_narrow(walker + g, &panels, s->c.octets);
            else
                filter->pass(walker, which + g, &panels, 0, s->c.quads, most);
    }
    for (size_t j = 0; j < ROWS; j++)
        if ((bits[j] ^ narrow[j]) & (((uint64_t)1 << s->k) - 1))
            FAIL("%s, d = %zu, row %zu: narrow, %llx passes for %llx", kmu_isa_name(filter->isa), s->f.d, j, (unsigned long long)narrow[j],
                 (unsigned long long)bits[j]);
}

static void a_narrow_panel_says_the_same(void **state)
{
    (void)state;
    over_filters_and_lengths(check_narrow);
}

static void who_reaches_best_passes(void **state)
{
    (void)state;
    over_filters_and_lengths(check_pass);
}

static void equality_is_open(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (uint64_t s = 1; kmu__kernels((kmu_isa)isa) && s <= 3000; s++) {
            begin(s);
            check_reach(kmu__filter((kmu_isa)isa), KMU__PANEL * (1 + s % (MOST / KMU__PANEL)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_of_S_hold),
        cmocka_unit_test(sums_of_bytes_are_exact_for_every_length),
        cmocka_unit_test(a_distance_is_within_its_bound),
        cmocka_unit_test(projections_are_within_their_bound),
        cmocka_unit_test(who_reaches_best_passes),
        cmocka_unit_test(a_narrow_panel_says_the_same),
        cmocka_unit_test(equality_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
