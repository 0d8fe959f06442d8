/* test_coarse.c - bytes are as near to their rows as src/layout/coarse.c says, in exact arithmetic.
 *
 *   ||x' - scale (q - zero)|| <= error,      ||scale (q - zero)|| <= length,      square <= ||x'||^2          of a point
 *   ||c' - unit q|| <= noise,                ||c'|| <= norm                                                   of a centroid
 */
#include "scene.h"

static void check_rows(struct scene *s)
{
    const size_t d = s->f.d;
    const int zero = s->f.filter->zero, level = s->f.filter->level;
    for (size_t j = 0; j < ROWS; j++) {
        struct wide e, x, length;
        const struct coarse *c = &s->f.bytes->x[j];
        kmu__wide_zero(&e);
        kmu__wide_zero(&x);
        kmu__wide_zero(&length);
        for (size_t l = 0; l < s->f.bytes->stride; l++) {
            const int q = s->f.bytes->q[j * s->f.bytes->stride + l] - zero;
            const double o = l < d ? s->f.frame.centre[l] : 0, row = l < d ? s->rows[j * d + l] : 0, b = (double)c->scale * q;
            add_square(&e, row, s->g, o, b);
            add_square(&x, row, s->g, o, 0);
            add_square(&length, 0, 0, 0, b);
            if (abs(q) > level || (l >= d && q))
                FAIL("%s, d = %zu: byte %zu is %d", kmu_isa_name(s->f.filter->isa), d, l, q);
        }
        if (against(&e, (double)c->error, (double)c->error) > 0 || against(&length, (double)c->length, (double)c->length) > 0 ||
            against(&x, (double)c->square, 1) < 0)
            FAIL("%s, d = %zu, row %zu: scale %a, error %a, length %a, square %a", kmu_isa_name(s->f.filter->isa), d, j,
                 (double)c->scale, (double)c->error, (double)c->length, (double)c->square);
    }
}

static void a_point_is_as_near_to_its_bytes_as_its_bounds_say(void **state)
{
    (void)state;
    over_filters_and_lengths(check_rows);
}

/* Byte l of centroid a, where the panels have it. */
static int byte_of(const struct coarse_centroids *c, size_t a, size_t l)
{
    const size_t span = c->narrow ? 8 : 4, wide = c->narrow ? KMU__PANEL / 2 : KMU__PANEL, bytes = c->narrow ? 8 * c->octets : 4 * c->quads;
    return c->q[a / wide * wide * bytes + (l / span * wide + a % wide) * span + l % span];
}

static void check_centroid(const struct scene *s, const struct coarse_centroids *c, size_t a)
{
    const size_t d = s->f.d;
    const struct centroid *one = &c->one[a];
    struct wide f, m;
    int sum = 0;
    kmu__wide_zero(&f);
    kmu__wide_zero(&m);
    for (size_t l = 0; l < c->pad; l++) {
        const int q = c->rows[a * c->pad + l];
        const double o = l < d ? s->f.frame.centre[l] : 0, mu = l < d ? s->mu[a * d + l] : 0;
        add_square(&f, mu, s->g, o, (double)c->unit[a] * q);
        add_square(&m, mu, s->g, o, 0);
        sum += q;
        if (abs(q) > c->level || (l >= d && q) || (l < 4 * c->quads && byte_of(c, a, l) != q))
            FAIL("%s, d = %zu, centroid %zu: byte %zu is %d", kmu_isa_name(s->f.filter->isa), d, a, l, q);
    }
    if (against(&f, (double)c->noise[a], (double)c->noise[a]) > 0 || against(&m, (double)c->norm[a], (double)c->norm[a]) > 0)
        FAIL("%s, d = %zu, centroid %zu: unit %a, noise %a, norm %a", kmu_isa_name(s->f.filter->isa), d, a, (double)c->unit[a],
             (double)c->noise[a], (double)c->norm[a]);
    if (c->start[a] != -s->f.filter->zero * sum || one->start != c->start[a] || one->unit != c->unit[a] ||
        one->half != c->half[a] || one->size != c->size[a])
        FAIL("d = %zu, centroid %zu: its parts are not the same everywhere, or start is %d", d, a, c->start[a]);
}

static void check_centroids(struct scene *s)
{
    s->c.few = below(2);
    assert_true(kmu__coarse_centroids(&s->c, &s->f, s->mu, s->k));
    for (size_t a = 0; a < s->k; a++)
        check_centroid(s, &s->c, a);
    for (size_t a = 0; a < s->k; a++)
        check_centroid(s, &s->rough, a);
    for (size_t a = s->k; a < s->c.panels * KMU__PANEL; a++)
        if (s->c.half[a] != -INFINITY || s->rough.half[a] != -INFINITY)
            FAIL("d = %zu: slot %zu is nobody's and has weight %a", s->f.d, a, (double)s->c.half[a]);
}

static void a_centroid_is_as_near_to_its_bytes_as_its_bounds_say(void **state)
{
    (void)state;
    over_filters_and_lengths(check_centroids);
}

/* ---- rows at the edge of what becomes bytes --------------------------------------------------------------------------- */

static _Alignas(64) float image[KMU__FILTER_COLUMNS];
static uint8_t bytes[KMU__FILTER_COLUMNS + KMU__PAD];

/* Whether the image of d numbers is as near to its bytes as `quantise` says. In binary64, which is off by less than d u of the sums. */
static void check_image(const struct filter *filter, size_t d)
{
    struct coarse c = {.square = 0};
    double off = 0, long2 = 0;
    filter->quantise(image, d, filter->zero, filter->level, bytes, &c);
    for (size_t l = 0; l < d; l++) {
        const double b = (double)c.scale * (bytes[l] - filter->zero), rest = (double)image[l] - b;
        off += rest * rest;
        long2 += b * b;
    }
    if (!(sqrt(off) * (1 - 0x1p-36) <= (double)c.error) || !(sqrt(long2) * (1 - 0x1p-36) <= (double)c.length) || !isfinite(c.error))
        FAIL("%s, d = %zu: %a and others, %a: they are %a away, not %a, and %a long, not %a", kmu_isa_name(filter->isa), d, (double)image[0],
             (double)image[1], sqrt(off), (double)c.error, sqrt(long2), (double)c.length);
}

static void over_filters(void (*check)(const struct filter *))
{
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++)
        if (kmu__kernels((kmu_isa)isa))
            check(kmu__filter((kmu_isa)isa));
}

/* Every addition to the sum of the remainders rounds the same way. */
static void check_long_row(const struct filter *filter)
{
    for (uint64_t s = 1; s <= 60; s++) {
        begin(s);
        const float level = (float)filter->level, near = 1 / level * (float)(0.3 + 0.19 * uniform());
        for (size_t l = 0; l < KMU__FILTER_COLUMNS; l++)
            image[l] = l ? near : 1;
        check_image(filter, KMU__FILTER_COLUMNS);
    }
}

static void remainders_of_one_number_add_up(void **state)
{
    (void)state;
    over_filters(check_long_row);
}

/* The inverse of its scale is no number of binary32. */
static void check_small_row(const struct filter *filter)
{
    for (int e = -149; e <= -95; e++)
        for (size_t d = 1; d <= 9; d += 4) {
            memset(image, 0, KMU__PAD * sizeof *image);
            begin((uint64_t)(e + 200));
            for (size_t l = 0; l < d; l += 2)
                image[l] = ldexpf(l ? -1 : 1, e);
            check_image(filter, d);
        }
}

static void a_row_too_small_for_bytes_has_zeros(void **state)
{
    (void)state;
    over_filters(check_small_row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_as_near_to_its_bytes_as_its_bounds_say),
        cmocka_unit_test(a_centroid_is_as_near_to_its_bytes_as_its_bounds_say),
        cmocka_unit_test(remainders_of_one_number_add_up),
        cmocka_unit_test(a_row_too_small_for_bytes_has_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
