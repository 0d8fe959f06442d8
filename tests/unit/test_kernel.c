/* test_kernel.c - every kernel of this CPU keeps its contract (src/kernel/kernel.h).
 *
 *   |s - (x.c + half)| <= u (depth + 2) ||x|| ||c|| + u |half| + d 2^-149,      u = 2^-24
 *
 * in exact arithmetic: with E = s - x.c - half and L = |E| - u |half| - d 2^-149 it says  L <= 0  or
 * L^2 <= u^2 (depth + 2)^2 ||x||^2 ||c||^2. What `nearest` saw, `collect` sees to the bit. Nothing
 * beside its arrays is touched (guard.h). */
#include "exact/wide.h"
#include "guard.h"
#include "kernel/kernel.h"

enum { PANELS = 3, MOST = PANELS * 8, LONGEST = 2000 };
enum { TILE, PANEL, HALF, FEW, LEAST, CENTROID, LANE, SQUARE, ORIGIN, ROWS }; /* arrays; a row each behind them */

/* ---- sums ----------------------------------------------------------------------------------------------------------- */

struct problem {
    float *tile, *panel, *half;
    float s[MOST][KMU__LANES]; /* of each centroid alone */
    size_t d, centroids;
};

/* Row `kind` of d numbers: normal, constant, one-hot, of all magnitudes, or cancelling in pairs. */
static void draw_row(float *x, size_t step, size_t d, size_t kind)
{
    const float level = (float)number(-30, 30, 24);
    const size_t hot = below(d);
    for (size_t l = 0; l < d; l++) {
        float v = (float)normal();
        v = kind == 1 ? level : kind == 2 ? (l == hot ? level : 0) : kind == 3 ? (float)number(-80, 30, 24) : v;
        x[l * step] = kind == 4 && l % 2 ? -x[(l - 1) * step] : kind == 4 ? v * 0x1p30f : v;
    }
}

static void draw_problem(struct problem *p, const struct kernels *k, size_t d)
{
    p->d = d;
    p->centroids = (PANELS - 1) * k->wide + 1 + below(k->wide); /* the last panel is not full */
    p->tile = guarded(TILE, d * k->lanes * sizeof(float), 64);
    p->panel = guarded(PANEL, d * k->wide * PANELS * sizeof(float), 64);
    p->half = guarded(HALF, PANELS * k->wide * sizeof(float), 64);
    for (size_t t = 0; t < k->lanes; t++)
        draw_row(p->tile + t, k->lanes, d, below(5));
    for (size_t i = 0; i < PANELS * k->wide; i++) {
        float *c = p->panel + i / k->wide * d * k->wide + i % k->wide;
        double square = 0;
        draw_row(c, k->wide, d, below(5));
        size_t same = below(4) ? KMU__LANES : below(k->lanes); /* a centroid that is a point, and so may come twice */
        for (size_t l = 0; l < d; l++) {
            c[l * k->wide] = i >= p->centroids ? 0 : same < k->lanes ? p->tile[l * k->lanes + same] : c[l * k->wide];
            square += (double)c[l * k->wide] * (double)c[l * k->wide];
        }
        p->half[i] = i < p->centroids ? (float)(-square / 2) : -INFINITY;
    }
}

static void forget(struct best *best)
{
    for (size_t t = 0; t < KMU__LANES; t++)
        best->first[t] = best->second[t] = -INFINITY;
}

/* s of every centroid, alone in its panel but for fillers that cannot win. */
static void each_alone(struct problem *p, const struct kernels *k)
{
    for (size_t i = 0; i < p->centroids; i++) {
        struct best best;
        float *half = guarded(FEW, k->wide * sizeof *half, 64);
        for (size_t a = 0; a < k->wide; a++)
            half[a] = a == i % k->wide ? p->half[i] : -INFINITY;
        forget(&best);
        if (i < k->wide) /* what came before is forgotten */
            best.first[i % k->lanes] = best.second[i % k->lanes] = INFINITY;
        k->nearest(p->tile, p->panel + i / k->wide * p->d * k->wide, half, p->d, 1, (int32_t)(i - i % k->wide), &best);
        for (size_t t = 0; t < k->lanes; t++) {
            p->s[i][t] = best.first[t];
            if (best.which[t] != (int32_t)i || best.second[t] != -INFINITY)
                FAIL("%s, d = %zu: centroid %zu is called %d", kmu_isa_name(k->isa), p->d, i, best.which[t]);
        }
    }
}

static bool within_the_bound(const struct problem *p, const struct kernels *k, size_t i, size_t t)
{
    const double u = 0x1p-24;
    const uint64_t depth = KMU__SUM_BLOCK + p->d / KMU__SUM_BLOCK + 1;
    struct wide E, L, xx, cc, left, right;
    struct wide *const all[] = {&E, &L, &xx, &cc, &left, &right};
    for (int a = 0; a < 6; a++)
        kmu__wide_zero(all[a]);
    kmu__wide_add_product(&E, false, (double)p->s[i][t], 1);
    kmu__wide_add_product(&E, true, (double)p->half[i], 1);
    for (size_t l = 0; l < p->d; l++) {
        double x = (double)p->tile[l * k->lanes + t], c = (double)p->panel[(i / k->wide * p->d + l) * k->wide + i % k->wide];
        kmu__wide_add_product(&E, true, x, c);
        kmu__wide_add_product(&xx, false, x, x);
        kmu__wide_add_product(&cc, false, c, c);
    }
    kmu__wide_add_wide(&L, kmu__wide_sign(&E) < 0, &E, 1, 0);
    kmu__wide_add_product(&L, true, u, fabs((double)p->half[i]));
    kmu__wide_add_product(&L, true, (double)p->d, 0x1p-149);
    if (kmu__wide_sign(&L) <= 0)
        return true;
    kmu__wide_multiply_add(&left, false, &L, &L);
    kmu__wide_multiply_add(&right, false, &xx, &cc);
    kmu__wide_zero(&E);
    kmu__wide_add_wide(&E, false, &right, (depth + 2) * (depth + 2), -48);
    return kmu__wide_compare(&left, &E) <= 0;
}

static void over_kernels_and_lengths(void (*check)(const struct problem *, const struct kernels *))
{
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++) {
        const struct kernels *k = kmu__kernels((kmu_isa)isa);
        for (size_t d = 1; k && d <= LONGEST; d = d < 130 ? d + 1 : d == 130 ? 784 : d == 784 ? LONGEST : LONGEST + 1) {
            struct problem p;
            begin(d);
            draw_problem(&p, k, d);
            each_alone(&p, k);
            check(&p, k);
        }
    }
}

static void check_bound(const struct problem *p, const struct kernels *k)
{
    for (size_t i = 0; i < p->centroids; i++)
        for (size_t t = 0; t < k->lanes; t++)
            if (!within_the_bound(p, k, i, t))
                FAIL("%s, d = %zu: s of centroid %zu and lane %zu is %a", kmu_isa_name(k->isa), p->d, i, t, (double)p->s[i][t]);
}

static void s_is_within_its_bound(void **state)
{
    (void)state;
    over_kernels_and_lengths(check_bound);
}

static void check_nearest(const struct problem *p, const struct kernels *k)
{
    const int32_t from = 1000;
    struct best best;
    forget(&best);
    for (size_t a = 0, more = p->d % 2 ? PANELS : 1; a < PANELS; a += more) /* in one call, or panel by panel */
        k->nearest(p->tile, p->panel + a * p->d * k->wide, p->half + a * k->wide, p->d, more, from + (int32_t)(a * k->wide),
                   &best);
    for (size_t t = 0; t < k->lanes; t++) {
        size_t which = 0;
        float second = -INFINITY;
        for (size_t i = 1; i < p->centroids; i++)
            which = p->s[i][t] > p->s[which][t] ? i : which;
        for (size_t i = 0; i < p->centroids; i++)
            second = i != which && p->s[i][t] > second ? p->s[i][t] : second;
        if (best.first[t] != p->s[which][t] || best.which[t] != from + (int32_t)which || best.second[t] != second)
            FAIL("%s, d = %zu, lane %zu: %a of %d, then %a; not %a of %zu, then %a", kmu_isa_name(k->isa), p->d, t,
                 (double)best.first[t], best.which[t] - from, (double)best.second[t], (double)p->s[which][t], which,
                 (double)second);
    }
}

static void nearest_keeps_the_two_largest_and_the_first_of_equals(void **state)
{
    (void)state;
    over_kernels_and_lengths(check_nearest);
}

static void check_collect(const struct problem *p, const struct kernels *k)
{
    unsigned char seen[MOST][KMU__LANES] = {{0}};
    const size_t room = below(3) ? MOST * KMU__LANES : below(20);
    float *least = guarded(LEAST, k->lanes * sizeof *least, 64);
    int32_t *centroid = guarded(CENTROID, room * sizeof *centroid, sizeof *centroid);
    unsigned char *lane = guarded(LANE, room, 1);
    size_t right = 0;
    for (size_t t = 0; t < k->lanes; t++) { /* exactly some s, or just above it */
        least[t] = below(5) ? p->s[below(p->centroids)][t] : INFINITY;
        least[t] = below(3) ? least[t] : nextafterf(least[t], INFINITY);
        for (size_t i = 0; i < p->centroids; i++)
            right += p->s[i][t] >= least[t];
    }
    memset(lane, 255, room);
    size_t found = k->collect(p->tile, p->panel, p->half, p->d, PANELS, 0, least, centroid, lane, room);
    if (found != right)
        FAIL("%s, d = %zu: %zu pairs, not %zu", kmu_isa_name(k->isa), p->d, found, right);
    if (!untouched(CENTROID) || !untouched(LANE))
        FAIL("%s, d = %zu: something is written behind %zu pairs", kmu_isa_name(k->isa), p->d, room);
    for (size_t a = 0; a < room; a++) {
        bool written = lane[a] != 255, wanted = a < found;
        if (written != wanted || (written && (p->s[centroid[a]][lane[a]] < least[lane[a]] || seen[centroid[a]][lane[a]]++)))
            FAIL("%s, d = %zu: pair %zu of %zu, room for %zu", kmu_isa_name(k->isa), p->d, a, found, room);
    }
}

static void collect_sees_what_nearest_saw(void **state)
{
    (void)state;
    over_kernels_and_lengths(check_collect);
}

/* ---- packing -------------------------------------------------------------------------------------------------------- */

static void check_pack(const struct kernels *k, size_t d, size_t count, bool f32, bool moved)
{
    const size_t size = f32 ? sizeof(float) : sizeof(double), tile_bytes = d * k->lanes * sizeof(float);
    const double scale = ldexp(1, between(-20, 20));
    const void *row[KMU__LANES], *origin = NULL;
    for (size_t i = 0; i <= count; i++) {
        char *x = guarded(i < count ? ROWS + i : ORIGIN, d * size, size);
        for (size_t l = 0; l < d; l++) {
            double v = number(-60, 40, f32 ? 24 : 53);
            memcpy(x + l * size, f32 ? (const void *)&(float){(float)v} : &v, size);
        }
        *(i < count ? &row[i] : &origin) = x;
    }
    float *tile = guarded(TILE, tile_bytes, 64), *square = guarded(SQUARE, k->lanes * sizeof(float), 64);
    if (f32)
        k->pack_f32((const float *const *)row, count, d, (float)scale, moved ? origin : NULL, tile, square);
    else
        k->pack_f64((const double *const *)row, count, d, scale, moved ? origin : NULL, tile, square);
    if (!untouched(TILE) || !untouched(SQUARE))
        FAIL("%s, d = %zu, %zu rows: something is written beside the tile", kmu_isa_name(k->isa), d, count);
    for (size_t t = 0; t < k->lanes; t++) {
        double sum = 0;
        for (size_t l = 0; l < d; l++) {
            float x = tile[l * k->lanes + t], right = 0;
            if (t < count && f32)
                right =
                    moved ? ((const float *)row[t])[l] * (float)scale - ((const float *)origin)[l] : ((const float *)row[t])[l];
            else if (t < count)
                right = (float)(moved ? ((const double *)row[t])[l] * scale - ((const double *)origin)[l]
                                      : ((const double *)row[t])[l]);
            if (x != right)
                FAIL("%s, d = %zu, %zu rows: row %zu, coordinate %zu is %a, not %a", kmu_isa_name(k->isa), d, count, t, l,
                     (double)x, (double)right);
            sum += (double)x * (double)x;
        }
        if (fabs((double)square[t] - sum) > sum * (double)(d + 4) * 0x1p-23 + (double)d * 0x1p-120)
            FAIL("%s, d = %zu, lane %zu: the squares are %a, not %a", kmu_isa_name(k->isa), d, t, (double)square[t], sum);
    }
}

static void packing_reads_its_rows_and_writes_its_tile(void **state)
{
    (void)state;
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++) {
        const struct kernels *k = kmu__kernels((kmu_isa)isa);
        for (size_t d = 1; k && d <= 131; d = d == 70 ? 127 : d + 1)
            for (size_t count = 1; count <= k->lanes; count++)
                for (int way = 0; way < 4; way++) {
                    begin(d * 1000 + count);
                    check_pack(k, d, count, way % 2, way / 2);
                }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_is_within_its_bound),
        cmocka_unit_test(nearest_keeps_the_two_largest_and_the_first_of_equals),
        cmocka_unit_test(collect_sees_what_nearest_saw),
        cmocka_unit_test(packing_reads_its_rows_and_writes_its_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
