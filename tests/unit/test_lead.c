/* test_lead.c - rows in few directions (src/layout/lead.h): what bytes say of their products bounds S of the rows.
 *
 *   s + E >= S = x'.c' - ||c'||^2 / 2          over the real numbers (scene.h), for every centroid and any directions (N26)
 *
 * The directions are those of the scene, which has fewer rows than directions, so that nothing is left of a row, or of another
 * one. */
#include "scene.h"

#define PANELS PANELS_OF_LEAD
#define SAMPLE SAMPLE_OF_LEAD
#define draw draw_directions
#include "layout/lead.c"
#undef PANELS
#undef SAMPLE
#undef draw

static void check_high(const struct scene *s, size_t j, size_t i, float high)
{
    struct wide S;
    twice_S(&S, s, j, i);
    if (against(&S, 2, (double)high) > 0)
        FAIL("%s, d = %zu, row %zu: %a is below centroid %zu", kmu_isa_name(s->f.filter->isa), s->f.d, j, (double)high, i);
}

/* a += (P'x')_i of row j */
static void add_part(struct wide *a, const struct scene *s, const struct lead *t, size_t j, size_t i)
{
    for (size_t l = 0; l < s->f.d; l++) {
        const double p = (double)t->basis[(i / KMU__BESIDE * s->f.d + l) * KMU__BESIDE + i % KMU__BESIDE];
        add_product(a, s->rows[j * s->f.d + l], p, s->g);
        add_product(a, -s->f.frame.centre[l], p, 0);
    }
}

/* What is computed of a row: how far y is from P'x', and the length of what is left, which is at least that of x' without P'x' even if
 * the directions are not quite orthonormal. In binary64 from exact parts. */
static void check_complete(const struct scene *s, const struct lead *t, size_t j, const float *image)
{
    static _Alignas(64) float y[KMU__GROUP * KMU__LEAD];
    const float *row[KMU__GROUP] = {image};
    double off = 0, inside = 0;
    struct wide square;
    kmu__wide_zero(&square);
    for (size_t l = 0; l < s->f.d; l++)
        add_square(&square, s->rows[j * s->f.d + l], s->g, s->f.frame.centre[l], 0);
    const double length = sqrt(kmu__wide_round(&square)) * (1 + 0x1p-40);
    multiply(s->f.filter, row, 1, t->basis, s->f.d, y, KMU__LEAD);
    for (size_t i = 0; i < DIRECTIONS; i++) {
        struct wide part;
        kmu__wide_zero(&part);
        add_part(&part, s, t, j, i);
        inside += pow(kmu__wide_round(&part), 2);
        add_product(&part, -(double)y[i], 1, 0);
        off += pow(kmu__wide_round(&part), 2);
    }
    const double error = complete(t, length, y), rest = (double)y[DIRECTIONS];
    if (sqrt(off) > error)
        FAIL("%s, d = %zu, row %zu: its parts are off by %a, not %a", kmu_isa_name(s->f.filter->isa), s->f.d, j, sqrt(off), error);
    if (rest * rest < (kmu__wide_round(&square) - inside * (1 + 2 * t->eta)) * (1 - 0x1p-30))
        FAIL("%s, d = %zu, row %zu: %a is left, not %a", kmu_isa_name(s->f.filter->isa), s->f.d, j,
             sqrt(kmu__wide_round(&square) - inside), rest);
}

static void check_lead(struct scene *s, struct lead *t)
{
    static _Alignas(64) float high[ROWS][K], best[ROWS][KMU__PANEL];
    const struct filter *filter = s->f.filter;
    float *images = aligned_alloc(64, filter->group * s->c.pad * sizeof *images);
    struct walker walker[ROWS];
    assert_true(kmu__lead_centroids(&s->f, t, &s->c));
    for (size_t j = 0; j < ROWS; j += filter->group) {
        const float *image[KMU__GROUP];
        for (size_t a = 0; a < filter->group; a++)
            image[a] = kmu__coarse_image(&s->f, j + a, images + a * s->c.pad);
        kmu__lead_rows(&s->f, t, j, filter->group, image);
        check_complete(s, t, j, image[0]);
    }
    const struct panels panels = kmu__coarse_panels(&t->c, false);
    for (size_t j = 0; j < ROWS; j++)
        kmu__coarse_walker(&walker[j], &t->x, &t->c, j, high[j], best[j]);
    memset(best, 0, sizeof best);
    for (size_t g = 0; g < ROWS; g += filter->group)
        for (size_t p = 0; p < t->c.panels; p++)
            filter->bound(walker + g, &panels, p, t->c.quads);
    for (size_t j = 0; j < ROWS; j += s->f.d > 130 ? 3 : 1)
        for (size_t i = 0; i < s->k; i++)
            check_high(s, j, i, high[j][i]);
    free(images);
}

static size_t led; /* scenes with directions */

static void directions_of(const struct filter *filter, size_t d, uint64_t number)
{
    struct scene s, other;
    begin(number);
    open_scene(&other, filter, d);
    open_scene(&s, filter, d);
    s.f.k = other.f.k = K;
    struct lead *t = kmu__lead_open(number % 2 ? &s.f : &other.f, ROWS);
    if (t) /* rows of zeros have no directions */
        check_lead(&s, t);
    led += t != NULL;
    kmu__lead_close(t);
    close_scene(&s);
    close_scene(&other);
}

static void bounds_hold_in_few_directions(void **state)
{
    (void)state;
    const size_t length[] = {KMU__LEAD + 1, 40, 63, 64, 65, 100, 130, 784, LONGEST};
    for (int isa = KMU_ISA_PLAIN; isa <= KMU_ISA_NEON; isa++) {
        const struct filter *filter = kmu__filter((kmu_isa)isa);
        if (!kmu__kernels((kmu_isa)isa) || (isa > KMU_ISA_PLAIN && filter == kmu__filter((kmu_isa)(isa - 1))))
            continue;
        led = 0;
        for (size_t a = 0; a < sizeof length / sizeof *length; a++)
            for (uint64_t again = 0; again < (length[a] > 130 ? 6 : 24); again++)
                directions_of(filter, length[a], 100 * a + again);
        if (led < 100)
            FAIL("%s: only %zu scenes have directions", kmu_isa_name(filter->isa), led);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_hold_in_few_directions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
