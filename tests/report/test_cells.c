/* test_cells.c - cells of sites in a plane: convex, neither too large nor too small, whatever lies where. All that is checked
 * is checked in integers: sites and points are integers, a step of the grid is 1 / STEPS. */
#include <stdlib.h>
#include <string.h>

#include "../unit/draw.h"
#include "exact/float.h"
#include "report/cells.h"

enum { SIDE = 1 << 20, STEPS = 512, POINTS = 10000, MOST = 2000 };
static const struct view view = {0, SIDE, STEPS, STEPS, (int64_t)SIDE *STEPS, (int64_t)SIDE *STEPS};

/* (||p - s||^2 + h) STEPS^2 of a point of the grid. */
static kmu__i128 cost(struct site s, struct corner p)
{
    const kmu__i128 dx = p.x - (int64_t)s.x * STEPS, dy = (int64_t)(SIDE - s.y) * STEPS - p.y;
    return dx * dx + dy * dy + (kmu__i128)(int64_t)s.h * STEPS * STEPS;
}

static size_t nearest(const struct site *s, size_t k, struct corner p)
{
    size_t best = 0;
    for (size_t i = 1; i < k; i++)
        if (cost(s[i], p) < cost(s[best], p))
            best = i;
    return best;
}

static bool inside(const struct cells *c, size_t i, struct corner p)
{
    const size_t count = c->first[i + 1] - c->first[i];
    const struct corner *at = c->corners + c->first[i];
    for (size_t a = 0; a < count; a++)
        if (cells_turn(at[a], at[(a + 1) % count], p) < 0)
            return false;
    return count > 0;
}

static void check_convex(const struct cells *c)
{
    for (size_t i = 0; i < c->k; i++) {
        const size_t count = c->first[i + 1] - c->first[i];
        const struct corner *at = c->corners + c->first[i];
        assert_true(count == 0 || count >= 3);
        for (size_t a = 0; a < count; a++)
            if (cells_turn(at[a], at[(a + 1) % count], at[(a + 2) % count]) <= 0)
                fail_msg("cell %zu of %zu is not convex at corner %zu (seed %llu)", i, c->k, a, (unsigned long long)seed);
    }
}

static void check_points(const struct cells *c, const struct site *s)
{
    for (int a = 0; a < POINTS; a++) {
        const struct corner p = {(int64_t)(uniform() * (double)view.width), (int64_t)(uniform() * (double)view.height)};
        const size_t own = nearest(s, c->k, p);
        if (!inside(c, own, p))
            fail_msg("the point %lld %lld is not in cell %zu of %zu", (long long)p.x, (long long)p.y, own, c->k);
        for (size_t i = 0; i < c->k && c->k <= 100; i++)
            if (i != own && inside(c, i, p))
                fail_msg("the point %lld %lld of cell %zu is in cell %zu too", (long long)p.x, (long long)p.y, own, i);
    }
}

/* Sites of a kind: anywhere, on a lattice (four cells meet in a corner), on a line, near one another, equal in pairs; beyond
 * the view. */
static void draw_sites(struct site *s, size_t k, int kind, double height)
{
    for (size_t i = 0; i < k; i++) {
        s[i] = (struct site){below(SIDE), below(SIDE), height > 0 ? floor(uniform() * height) : 0};
        if (kind == 1)
            s[i] = (struct site){(double)(i % 8) * SIDE / 8, (double)(i / 8 % 8) * SIDE / 8, s[i].h};
        if (kind == 2)
            s[i].y = s[i].x;
        if (kind == 3)
            s[i] = (struct site){1000 + s[i].x / SIDE * 8, 1000, s[i].h};
        if (kind == 3)
            s[i].x = floor(s[i].x);
        if (kind == 4 && i % 2)
            s[i] = s[i - 1];
        if (kind == 5)
            s[i].x -= 2.0 * SIDE;
    }
}

static void every_point_of_the_plane_is_in_the_cell_of_its_nearest_site(void **state)
{
    (void)state;
    static struct site s[MOST];
    begin(1);
    for (int kind = 0; kind < 6; kind++)
        for (size_t k = 1; k <= 100; k = 2 * k + 1) {
            struct cells c;
            draw_sites(s, k, kind, 0);
            assert_int_equal(cells_of_sites(s, k, &view, &c, NULL), KMU_OK);
            check_convex(&c);
            check_points(&c, s);
            cells_free(&c);
        }
}

static void sites_off_the_plane_have_cells_of_a_power_diagram(void **state)
{
    (void)state;
    static struct site s[MOST];
    const double heights[] = {1e3, 1e9, 1e11, 1e12};
    begin(2);
    for (int kind = 0; kind < 6; kind++)
        for (int h = 0; h < 4; h++) {
            struct cells c;
            draw_sites(s, 60, kind, heights[h]);
            assert_int_equal(cells_of_sites(s, 60, &view, &c, NULL), KMU_OK);
            check_convex(&c);
            check_points(&c, s);
            cells_free(&c);
        }
}

/* A site in the plane, far from small cells of sites high above it, takes a part of them: it is not passed over as too far. */
static void a_low_site_reaches_far(void **state)
{
    (void)state;
    enum { K = 61 };
    static struct site s[K];
    struct cells c;
    begin(5);
    for (size_t i = 0; i + 1 < K; i++)
        s[i] = (struct site){below(SIDE), below(SIDE), floor(0.5625 * SIDE * SIDE)};
    s[K - 1] = (struct site){floor(0.9 * SIDE), SIDE / 2, 0};
    assert_int_equal(cells_of_sites(s, K, &view, &c, NULL), KMU_OK);
    check_convex(&c);
    check_points(&c, s);
    size_t beside = 0;
    for (size_t e = c.edge[K - 1]; e < c.edge[K]; e++)
        beside += c.beside[e] < K - 1;
    assert_true(beside > 3);
    cells_free(&c);
}

static void two_thousand_cells(void **state)
{
    (void)state;
    static struct site s[MOST];
    static unsigned char hue[MOST];
    struct cells c;
    begin(3);
    draw_sites(s, MOST, 0, 0);
    assert_int_equal(cells_of_sites(s, MOST, &view, &c, NULL), KMU_OK);
    check_convex(&c);
    check_points(&c, s);
    /* every edge has another hue on its other side, even if there are only six */
    for (int hues = 6; hues <= 8; hues++) {
        assert_int_equal(cells_hues(&c, hues, hue, NULL), KMU_OK);
        for (size_t i = 0; i < c.k; i++)
            for (size_t e = c.edge[i]; e < c.edge[i + 1]; e++)
                if (hue[i] >= hues || hue[i] == hue[c.beside[e]])
                    fail_msg("cells %zu and %d are neighbours of hue %d", i, (int)c.beside[e], hue[i]);
    }
    cells_free(&c);
}

/* The first of equal sites has their cell, as the first of equal centroids has their points (T2). */
static void equal_sites_have_one_cell(void **state)
{
    (void)state;
    const struct site s[] = {{100, 100, 0}, {SIDE - 100, 100, 0}, {100, 100, 0}, {SIDE - 100, 100, 1}};
    struct cells c;
    assert_int_equal(cells_of_sites(s, 4, &view, &c, NULL), KMU_OK);
    assert_int_equal(c.first[2], 8);
    assert_int_equal(c.first[4], 8);
    assert_int_equal(c.corners[0].x + c.corners[2].x, view.width / 2);
    cells_free(&c);
}

/* The region of a leaf is what goes down to it, split by split. */
static void every_point_is_in_the_region_that_its_tree_sends_it_to(void **state)
{
    (void)state;
    enum { SPLITS = 40 };
    static struct site s[2 * SPLITS];
    int32_t child[2 * SPLITS];
    begin(4);
    draw_sites(s, 2 * SPLITS, 0, 0);
    for (int i = 0; i < SPLITS; i++) { /* a split on the one side, a leaf on the other */
        const int side = (int)below(2);
        child[2 * i + side] = i + 1 < SPLITS ? -(i + 1) : SPLITS;
        child[2 * i + 1 - side] = i;
    }
    struct cells c;
    assert_int_equal(cells_of_tree(s, SPLITS, child, &view, &c, NULL), KMU_OK);
    check_convex(&c);
    for (int a = 0; a < POINTS; a++) {
        const struct corner p = {(int64_t)(uniform() * (double)view.width), (int64_t)(uniform() * (double)view.height)};
        int32_t at = 0;
        do
            at = child[2 * -at + (cost(s[2 * -at + 1], p) < cost(s[2 * -at], p))];
        while (at < 0);
        if (!inside(&c, (size_t)at, p))
            fail_msg("the point %lld %lld is not in region %d", (long long)p.x, (long long)p.y, (int)at);
    }
    cells_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_of_the_plane_is_in_the_cell_of_its_nearest_site),
        cmocka_unit_test(sites_off_the_plane_have_cells_of_a_power_diagram),
        cmocka_unit_test(a_low_site_reaches_far),
        cmocka_unit_test(two_thousand_cells),
        cmocka_unit_test(equal_sites_have_one_cell),
        cmocka_unit_test(every_point_is_in_the_region_that_its_tree_sends_it_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
