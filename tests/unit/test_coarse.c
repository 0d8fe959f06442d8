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

static void check_slot(const struct scene *s, size_t a)
{
    const size_t d = s->f.d, p = a / KMU__PANEL;
    struct wide f, c;
    int sum = 0;
    kmu__wide_zero(&f);
    kmu__wide_zero(&c);
    for (size_t l = 0; l < 4 * s->c.quads; l++) {
        const int q = s->c.q[((p * s->c.quads + l / 4) * KMU__PANEL + a % KMU__PANEL) * 4 + l % 4];
        const double o = l < d ? s->f.frame.centre[l] : 0, mu = l < d ? s->mu[(size_t)s->c.who[a] * d + l] : 0;
        add_square(&f, mu, s->g, o, (double)s->c.unit[a] * q);
        add_square(&c, mu, s->g, o, 0);
        sum += q;
        if (q == -128 || (l >= d && q))
            FAIL("%s, d = %zu, slot %zu: byte %zu is %d", kmu_isa_name(s->f.filter->isa), d, a, l, q);
    }
    if (against(&f, (double)s->c.noise[p], (double)s->c.noise[p]) > 0 ||
        against(&c, (double)s->c.norm[p], (double)s->c.norm[p]) > 0 || s->c.start[a] != -s->f.filter->zero * sum)
        FAIL("%s, d = %zu, slot %zu: unit %a, noise %a, norm %a, start %d", kmu_isa_name(s->f.filter->isa), d, a,
             (double)s->c.unit[a], (double)s->c.noise[p], (double)s->c.norm[p], s->c.start[a]);
}

static void check_slots(struct scene *s)
{
    for (size_t a = 0; a < SLOTS; a++)
        if (s->c.who[a] >= 0)
            check_slot(s, a);
        else if (s->c.half[a] != -INFINITY)
            FAIL("d = %zu: slot %zu is nobody's and has weight %a", s->f.d, a, (double)s->c.half[a]);
}

static void a_centroid_is_as_near_to_its_bytes_as_its_bounds_say(void **state)
{
    (void)state;
    over_filters_and_lengths(check_slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_as_near_to_its_bytes_as_its_bounds_say),
        cmocka_unit_test(a_centroid_is_as_near_to_its_bytes_as_its_bounds_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
