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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_as_near_to_its_bytes_as_its_bounds_say),
        cmocka_unit_test(a_centroid_is_as_near_to_its_bytes_as_its_bounds_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
