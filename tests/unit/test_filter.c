/* test_filter.c - every filter of this CPU keeps its contract (src/kernel/filter.h).
 *
 *   best <= max S,      S < best where a bit is missing,      S <= top          over the real numbers (scene.h)
 *
 * In a panel of one centroid the first and the last say |s - S| <= E (N15). */
#include "scene.h"

/* ---- exclude -------------------------------------------------------------------------------------------------------- */

/* A point's way through the panels. */
struct trip {
    struct walker walker;
    bool known, fixed; /* best came from outside; and stays, be it more than any S */
    float best[PANELS], top[PANELS];
    uint32_t mask[PANELS];
};

/* Some have a centroid of their own, and some of these a bound as near as can be; or all have one that stays. */
static void set_out(struct trip *t, const struct scene *s, size_t j, bool fixed)
{
    const struct coarse *x = &s->f.bytes->x[j];
    const size_t own = below(SLOTS);
    *t = (struct trip){.fixed = fixed};
    t->walker = (struct walker){.q = s->f.bytes->q + j * s->f.bytes->stride, .x = *x, .best = -INFINITY, .own = UINT32_MAX};
    t->walker.slop = kmu__coarse_slop(x, s->f.d);
    if (fixed && below(4) == 0)
        t->walker.best = x->square / 2 - fabsf(x->square) * (float)uniform();
    if (s->c.who[own] < 0 || below(3) == 0)
        return;
    t->known = fixed || below(2);
    t->walker.own = fixed ? UINT32_MAX : (uint32_t)own;
    if (t->known) {
        struct wide S;
        twice_S(&S, s, j, (size_t)s->c.who[own]);
        t->walker.best = nextafterf((float)(kmu__wide_round(&S) / 2), -INFINITY);
    }
}

static void travel(struct trip *trip, const struct scene *s)
{
    static _Alignas(64) int8_t octets[(LONGEST + 8) * KMU__PANEL / 2];
    const struct filter *filter = s->f.filter;
    for (size_t p = 0; p < PANELS; p++) {
        struct walker *w[KMU__GROUP];
        const struct panel panel = {.number = (uint32_t)p,
                                    .q = s->c.q + p * KMU__PANEL * 4 * s->c.quads,
                                    .start = s->c.start + p * KMU__PANEL,
                                    .unit = s->c.unit + p * KMU__PANEL,
                                    .half = s->c.half + p * KMU__PANEL,
                                    .noise = s->c.loud[p],
                                    .norm = s->c.norm[p],
                                    .slop = s->c.slop[p],
                                    .fixed = trip->fixed};
        bool half = below(4) > 0;
        for (size_t a = KMU__PANEL / 2; a < KMU__PANEL; a++)
            half &= s->c.who[p * KMU__PANEL + a] < 0;
        struct panel narrow = panel;
        narrow.q = octets;
        for (size_t l = 0; l < 8 * s->c.octets; l++)
            for (size_t i = 0; i < KMU__PANEL / 2; i++)
                octets[(l / 8 * (KMU__PANEL / 2) + i) * 8 + l % 8] =
                    l < 4 * s->c.quads ? panel.q[(l / 4 * KMU__PANEL + i) * 4 + l % 4] : 0;
        for (size_t g = 0; g < ROWS; g += filter->group) {
            uint32_t mask[KMU__GROUP];
            float top[KMU__GROUP];
            for (size_t a = 0; a < filter->group; a++)
                w[a] = &trip[g + a].walker;
            if (half)
                filter->exclude_narrow(w, &narrow, s->c.octets, mask, top);
            else
                filter->exclude(w, &panel, s->c.quads, mask, top);
            for (size_t a = 0; a < filter->group; a++) {
                trip[g + a].mask[p] = mask[a];
                trip[g + a].top[p] = top[a];
                trip[g + a].best[p] = w[a]->best;
            }
        }
    }
}

static void check_trip(const struct trip *t, const struct scene *s, size_t j)
{
    struct wide S, most;
    bool any = t->known && !t->fixed;
    const char *isa = kmu_isa_name(s->f.filter->isa);
    if (any)
        twice_S(&most, s, j, (size_t)s->c.who[t->walker.own]);
    for (size_t p = 0; p < PANELS; p++) {
        for (size_t a = 0; a < KMU__PANEL; a++) {
            const size_t slot = p * KMU__PANEL + a;
            const bool named = t->mask[p] >> a & 1, hidden = s->c.who[slot] < 0 || slot == t->walker.own;
            if (s->c.who[slot] >= 0) {
                twice_S(&S, s, j, (size_t)s->c.who[slot]);
                if (!any || kmu__wide_compare(&S, &most) > 0)
                    most = S;
                any = true;
            }
            if (hidden ? named : against(&S, 2, (double)t->top[p]) > 0)
                FAIL("%s, d = %zu, row %zu: %a is above slot %zu's panel, or that is hidden and named", isa, s->f.d, j,
                     (double)t->top[p], slot);
            if (!hidden && !named && against(&S, 2, (double)t->best[p]) >= 0)
                FAIL("%s, d = %zu, row %zu: slot %zu reaches %a and is excluded", isa, s->f.d, j, slot, (double)t->best[p]);
        }
        if (t->fixed ? t->best[p] != t->best[0] : any ? against(&most, 2, (double)t->best[p]) < 0 : t->best[p] > -INFINITY)
            FAIL("%s, d = %zu, row %zu, panel %zu: nobody reaches %a", isa, s->f.d, j, p, (double)t->best[p]);
    }
}

static void check_exclude(struct scene *s)
{
    struct trip trip[ROWS];
    const size_t step = s->f.d > 130 ? 5 : 1;
    const bool fixed = below(4) == 0;
    for (size_t j = 0; j < ROWS; j++)
        set_out(&trip[j], s, j, fixed);
    travel(trip, s);
    for (size_t j = 0; j < ROWS; j += step)
        check_trip(&trip[j], s, j);
}

static void the_filter_excludes_nobody_who_is_nearest(void **state)
{
    (void)state;
    over_filters_and_lengths(check_exclude);
}

/* With scale, unit = 1 and nothing else, s is the integer, rounded once. */
static void sums_of_bytes_are_exact_for_every_length(void **state)
{
    (void)state;
    static uint8_t x[KMU__FILTER_COLUMNS];
    static _Alignas(64) int8_t q[KMU__FILTER_COLUMNS * KMU__PANEL];
    _Alignas(64) int32_t start[KMU__PANEL];
    _Alignas(64) float unit[KMU__PANEL], half[KMU__PANEL];
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (size_t a = 0; kmu__kernels((kmu_isa)isa) && a < 10; a++) {
            begin(a + 1);
            const struct filter *filter = kmu__filter((kmu_isa)isa);
            const size_t quads = a < 4 ? KMU__FILTER_COLUMNS / 4 : 1 + below(300), slot = below(KMU__PANEL);
            const bool extreme = a < 6;
            int64_t sum = 0, right = 0;
            for (size_t l = 0; l < 4 * quads; l++) {
                const int p = extreme ? (a % 2 ? filter->level : -filter->level) : between(-filter->level, filter->level),
                          c = extreme ? (a / 2 % 2 ? 127 : -127) : between(-127, 127);
                x[l] = (uint8_t)(p + filter->zero);
                for (size_t i = 0; i < KMU__PANEL; i++)
                    q[(l / 4 * KMU__PANEL + i) * 4 + l % 4] = (int8_t)(i == slot ? c : 127);
                sum += c;
                right += p * c;
            }
            for (size_t i = 0; i < KMU__PANEL; i++) {
                start[i] = -filter->zero * (int32_t)(i == slot ? sum : 127 * 4 * (int64_t)quads);
                unit[i] = 1;
                half[i] = i == slot ? 0 : -INFINITY;
            }
            struct walker w = {.q = x, .x = {.scale = 1}, .best = -INFINITY, .own = UINT32_MAX}, *group[KMU__GROUP];
            const struct panel panel = {.q = q, .start = start, .unit = unit, .half = half};
            uint32_t mask[KMU__GROUP];
            float top[KMU__GROUP];
            for (size_t g = 0; g < KMU__GROUP; g++)
                group[g] = &w;
            filter->exclude(group, &panel, quads, mask, top);
            if (top[0] != (float)right || w.best != (float)right || mask[0] != 1u << slot)
                FAIL("%s, d = %zu: %lld is %a", kmu_isa_name(filter->isa), 4 * quads, (long long)right, (double)top[0]);
        }
}

/* ---- bounds --------------------------------------------------------------------------------------------------------- */

enum { BOUNDS = 2 * 64 };

/* Whether a is at most b + x + y + z, as real numbers. */
static bool at_most(double a, double b, double x, double y, double z)
{
    struct wide sum;
    const double term[] = {b, x, y, z, -a};
    kmu__wide_zero(&sum);
    for (size_t t = 0; t < sizeof term / sizeof *term; t++)
        add_product(&sum, term[t], 1, 0);
    return kmu__wide_sign(&sum) >= 0;
}

static void check_fall(const struct filter *filter, size_t panels)
{
    _Alignas(64) float lower[BOUNDS] = {0}, drift[BOUNDS] = {0}, was[BOUNDS];
    for (size_t p = 0; p < panels; p++) {
        was[p] = lower[p] = below(9) ? (float)number(-149, 60, 24) : -INFINITY;
        drift[p] = below(9) ? fabsf(below(3) ? (float)number(-149, 60, 24) : was[p] * (float)uniform()) : INFINITY;
        drift[p] = isnan(drift[p]) ? 0 : drift[p];
    }
    filter->fall(lower, drift, panels);
    for (size_t p = 0; p < panels; p++)
        if (isinf(was[p]) || isinf(drift[p]) ? lower[p] != -INFINITY : !at_most(lower[p], was[p], -drift[p], 0, 0))
            FAIL("%s: %a less %a is %a", kmu_isa_name(filter->isa), (double)was[p], (double)drift[p], (double)lower[p]);
}

static void check_open(const struct filter *filter, size_t panels)
{
    _Alignas(64) float lower[BOUNDS] = {0};
    uint64_t open[BOUNDS / 64] = {0};
    const float upper = below(20) ? fabsf((float)number(-3, 3, 4)) : INFINITY;
    bool any = false;
    for (size_t p = 0; p < panels; p++)
        lower[p] = below(3) ? (float)number(-3, 3, 4) : below(3) ? upper : -INFINITY;
    for (size_t p = 0; p < panels && upper < INFINITY && panels % 32; p++)
        lower[p] = nextafterf(upper, INFINITY); /* none but perhaps one */
    if (below(2))
        lower[below(panels)] = upper;
    const bool said = filter->is_open(lower, upper, panels, open);
    for (size_t p = 0; p < panels; p++) {
        const bool bit = open[p / 64] >> p % 64 & 1, right = !(lower[p] > upper);
        if (bit != right)
            FAIL("%s: %a above %a says %d", kmu_isa_name(filter->isa), (double)lower[p], (double)upper, bit);
        any |= right;
    }
    if (said != any)
        FAIL("%s: of %zu panels some are open: %d", kmu_isa_name(filter->isa), panels, said);
}

/* lower^2 <= square - 2 top + 2^-24 max(square, 0), the last for a difference that cancels. */
static void check_rise(const struct filter *filter, size_t panels)
{
    _Alignas(64) float lower[BOUNDS] = {0}, top[BOUNDS] = {0};
    const float square = (float)number(-140, 100, 24);
    for (size_t p = 0; p < panels; p++) {
        const float half = square / 2, way[] = {NAN,
                                                -INFINITY,
                                                half,
                                                nextafterf(half, -INFINITY),
                                                half * (float)uniform(),
                                                (float)number(-149, 100, 24)};
        lower[p] = 3;
        top[p] = way[below(sizeof way / sizeof *way)];
    }
    filter->rise(lower, top, square, panels);
    for (size_t p = 0; p < panels; p++) {
        const double l = (double)lower[p], t = (double)top[p];
        if (isnan(t)   ? l != 3
            : isinf(t) ? !(l <= 0x1p60 && l > 0x1p59)
                       : l != 0 && !at_most(l * l, square, -t, -t, square > 0 ? square * 0x1p-24 : 0))
            FAIL("%s: sqrt(%a - 2 %a) is %a", kmu_isa_name(filter->isa), (double)square, t, l);
        if (!(l >= 0) || isinf(l))
            FAIL("%s: a bound is %a", kmu_isa_name(filter->isa), l);
    }
}

/* |square - D| - d 2^-149 <= 1.01 v (d / 64 + 9) D, D = ||x - c||^2; x lies anywhere, and nothing behind it is read. */
static void check_distance(const struct filter *filter, size_t d)
{
    const size_t pad = (d + KMU__PAD - 1) / KMU__PAD * KMU__PAD;
    double *rows = doubles(2 * d);
    float *x = malloc(d * sizeof *x), *c = aligned_alloc(64, pad * sizeof *c);
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
    kmu__wide_add_wide(&bound, true, &D, 101 * (d / KMU__PAD + 9), 0);
    add_product(&bound, -(double)d, 0x1p-149, 31);
    if (kmu__wide_sign(&bound) > 0)
        FAIL("%s, d = %zu: the squared distance is %a, not %a", kmu_isa_name(filter->isa), d, kmu__wide_round(&D),
             (double)square);
    free(rows);
    free(x);
    free(c);
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

static void lower_bounds_are_rounded_down_and_equality_is_open(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        for (uint64_t s = 1; kmu__kernels((kmu_isa)isa) && s <= 3000; s++) {
            const struct filter *filter = kmu__filter((kmu_isa)isa);
            const size_t panels = KMU__BOUNDS * (1 + s % (BOUNDS / KMU__BOUNDS));
            begin(s);
            check_fall(filter, panels);
            check_open(filter, panels);
            check_rise(filter, panels);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_filter_excludes_nobody_who_is_nearest),
        cmocka_unit_test(sums_of_bytes_are_exact_for_every_length),
        cmocka_unit_test(a_distance_is_within_its_bound),
        cmocka_unit_test(lower_bounds_are_rounded_down_and_equality_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
