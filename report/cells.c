/* cells.c - cells cut out of the view, one half-plane after the other (T2).
 *
 *   cell i = { p : ||p - s_i||^2 + h_i <= ||p - s_j||^2 + h_j for all j },   the half-plane of j:
 *   2 (p - s_i).(s_j - s_i) <= ||s_j - s_i||^2 + h_j - h_i
 *
 * With h = 0 these are Voronoi cells, else those of a power diagram (Aurenhammer 1987, doi:10.1137/0216006): the plane's
 * cut through Voronoi cells of more dimensions, where h is how far the centroid lies from the plane, squared. A cell's
 * polygon starts as the view and loses what a half-plane leaves out (Sutherland and Hodgman 1974,
 * doi:10.1145/360767.360802), the sites taken by distance D from s_i, from a heap. Where r is the distance of the
 * farthest corner, j cuts only if D^2 - 2 r D < h_i - h_j, so the rest is passed over once
 *   D >= r + sqrt(r^2 + h_i - min h).
 *
 * How wrong it is (N24). A corner is made on an edge of the polygon, between two corners whose values 2 (p - s_i).a - b
 * differ in sign, so that rounding moves an edge by a few ulps of the view's and the sites' extent for each cut; then corners
 * are rounded to the grid, which is coarser, and the hull of the grid points is taken in integers. So a polygon is convex
 * exactly, and its edges are where they belong to within a step of the grid.
 *
 * Time O(k^2) at worst for the heaps, of which few sites are taken; memory O(k). */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/cells.h"

/* A corner of a cell in the making, and the site beyond the edge that starts here (-1: the view's edge). */
struct vertex {
    double x, y;
    int32_t beyond;
};

/* What making cells takes; lists grow. */
struct work {
    const struct view *view;
    struct vertex *poly, *next; /* room for `room` each */
    size_t count, room;
    struct corner *corner, *hull; /* room + 1 each */
    size_t corners_room, edges_room;
    double *key; /* k: squared distances, in heap order with `order` */
    int32_t *order;
};

static bool grow(void *list, size_t bytes, size_t count)
{
    void *more = realloc(*(void **)list, bytes * count);
    if (more)
        *(void **)list = more;
    return more != NULL;
}

static bool make_room(struct work *w, size_t count)
{
    if (count <= w->room)
        return true;
    w->room = 2 * count;
    return grow(&w->poly, sizeof *w->poly, w->room) && grow(&w->next, sizeof *w->next, w->room) &&
           grow(&w->corner, sizeof *w->corner, w->room + 1) && grow(&w->hull, sizeof *w->hull, w->room + 1);
}

/* The polygon := the view. */
static void begin_cell(struct work *w)
{
    const struct view *v = w->view;
    const double right = v->left + (double)v->width / v->across, bottom = v->top - (double)v->height / v->down;
    const struct vertex whole[] = {{v->left, v->top, -1}, {right, v->top, -1}, {right, bottom, -1}, {v->left, bottom, -1}};
    memcpy(w->poly, whole, sizeof whole);
    w->count = 4;
}

/* The polygon loses what is strictly nearer to site j than to site i. false: no memory. */
static bool cut(struct work *w, struct site i, struct site j, int32_t beyond)
{
    const double ax = j.x - i.x, ay = j.y - i.y, b = ax * ax + ay * ay + (j.h - i.h);
    size_t kept = 0;
    if (!make_room(w, w->count + 2))
        return false;
    for (size_t v = 0; v < w->count; v++) {
        const struct vertex p = w->poly[v], q = w->poly[(v + 1) % w->count];
        const double of_p = 2 * ((p.x - i.x) * ax + (p.y - i.y) * ay) - b, of_q = 2 * ((q.x - i.x) * ax + (q.y - i.y) * ay) - b;
        if (of_p <= 0)
            w->next[kept++] = p;
        if ((of_p <= 0) == (of_q <= 0))
            continue;
        const double t = of_p / (of_p - of_q); /* the edge that starts at the crossing: j's where p was inside, else p's */
        w->next[kept++] = (struct vertex){p.x + t * (q.x - p.x), p.y + t * (q.y - p.y), of_p <= 0 ? beyond : p.beyond};
    }
    struct vertex *swap = w->poly;
    w->poly = w->next;
    w->next = swap;
    w->count = kept;
    return true;
}

int64_t cells_turn(struct corner a, struct corner b, struct corner c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static int by_place(const void *a, const void *b)
{
    const struct corner *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

static int64_t to_grid(double g, int64_t most)
{
    return g > 0 ? g < (double)most ? llround(g) : most : 0;
}

/* The upper or lower half of a hull: corners from here on that turn one way, behind `count` others; corner[i] in order. */
static size_t go_round(const struct work *w, size_t count, size_t from, size_t to)
{
    const size_t least = count + 1;
    for (size_t i = from;; i = from < to ? i + 1 : i - 1) {
        while (count > least && cells_turn(w->hull[count - 2], w->hull[count - 1], w->corner[i]) <= 0)
            count--;
        w->hull[count++] = w->corner[i];
        if (i == to)
            return count - 1; /* the last begins the next half */
    }
}

/* hull := the strictly convex hull of the polygon's corners on the grid (Andrew 1979, doi:10.1016/0020-0190(79)90072-3);
 * returns how many corners it has, 0 where it has no area. */
static size_t snap(struct work *w)
{
    size_t count = 0;
    qsort(w->corner, w->count, sizeof *w->corner, by_place);
    for (size_t i = 0; i < w->count; i++) /* each place once */
        if (count == 0 || by_place(&w->corner[count - 1], &w->corner[i]) != 0)
            w->corner[count++] = w->corner[i];
    if (count < 3)
        return 0;
    const size_t half = go_round(w, 0, 0, count - 1), all = go_round(w, half, count - 1, 0);
    return all < 3 ? 0 : all;
}

/* The polygon becomes the next cell. */
static bool end_cell(struct work *w, struct cells *c, size_t cell)
{
    const struct view *v = w->view;
    size_t at = c->first[cell], edge = c->edge[cell];
    for (size_t i = 0; i < w->count; i++)
        w->corner[i] = (struct corner){to_grid((w->poly[i].x - v->left) * v->across, v->width),
                                       to_grid((v->top - w->poly[i].y) * v->down, v->height)};
    if (edge + w->count > w->edges_room) {
        w->edges_room = 2 * (edge + w->count);
        if (!grow(&c->beside, sizeof *c->beside, w->edges_room))
            return false;
    }
    for (size_t i = 0; i < w->count; i++)
        if (w->poly[i].beyond >= 0 && by_place(&w->corner[i], &w->corner[(i + 1) % w->count]) != 0)
            c->beside[edge++] = w->poly[i].beyond;
    const size_t count = snap(w);
    if (at + count > w->corners_room) {
        w->corners_room = 2 * (at + count);
        if (!grow(&c->corners, sizeof *c->corners, w->corners_room))
            return false;
    }
    if (count)
        memcpy(c->corners + at, w->hull, count * sizeof *w->hull);
    c->first[cell + 1] = at + count;
    c->edge[cell + 1] = count ? edge : c->edge[cell];
    return true;
}

/* Below `at` in a heap of `count` keys the least comes first again. */
static void sift(struct work *w, size_t at, size_t count)
{
    const double key = w->key[at];
    const int32_t site = w->order[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && w->key[child + 1] < w->key[child];
        if (!(w->key[child] < key))
            break;
        w->key[at] = w->key[child];
        w->order[at] = w->order[child];
    }
    w->key[at] = key;
    w->order[at] = site;
}

/* From this distance on no site cuts the polygon of i, where none is lower than `lowest`; what rounding may do is added. */
static double reach(const struct work *w, struct site i, double lowest)
{
    double square = 0;
    for (size_t v = 0; v < w->count; v++) {
        const double dx = w->poly[v].x - i.x, dy = w->poly[v].y - i.y;
        square = fmax(square, dx * dx + dy * dy);
    }
    return (sqrt(square) + sqrt(square + (i.h - lowest))) * (1 + 0x1p-30);
}

/* The polygon := what site i has of the view. */
static bool cut_all(struct work *w, const struct site *s, size_t k, size_t i, double lowest)
{
    size_t count = 0;
    begin_cell(w);
    for (size_t j = 0; j < k; j++) {
        const double dx = s[j].x - s[i].x, dy = s[j].y - s[i].y;
        if (j == i)
            continue;
        if (dx == 0 && dy == 0 && (s[j].h < s[i].h || (s[j].h == s[i].h && j < i))) {
            w->count = 0; /* it ties with it everywhere, or is farther */
            return true;
        }
        w->key[count] = dx * dx + dy * dy;
        w->order[count++] = (int32_t)j;
    }
    for (size_t at = count / 2; at-- > 0;)
        sift(w, at, count);
    while (count && w->count && sqrt(w->key[0]) < reach(w, s[i], lowest)) {
        if (!cut(w, s[i], s[w->order[0]], w->order[0]))
            return false;
        w->key[0] = w->key[--count];
        w->order[0] = w->order[count];
        sift(w, 0, count);
    }
    return true;
}

static void work_free(struct work *w)
{
    free(w->poly);
    free(w->next);
    free(w->corner);
    free(w->hull);
    free(w->key);
    free(w->order);
}

static bool begin(struct work *w, struct cells *c, size_t k, const struct view *view)
{
    *w = (struct work){.view = view};
    *c = (struct cells){k, calloc(k + 1, sizeof *c->first), calloc(k + 1, sizeof *c->edge), NULL, NULL};
    return c->first && c->edge && make_room(w, 16);
}

static kmu_status end(struct work *w, struct cells *c, bool done, kmu_error *error)
{
    work_free(w);
    if (done)
        return KMU_OK;
    cells_free(c);
    return table_fail(error, KMU_EMEMORY, "not enough memory");
}

kmu_status cells_of_sites(const struct site *s, size_t k, const struct view *view, struct cells *c, kmu_error *error)
{
    struct work w;
    double lowest = INFINITY;
    bool going = begin(&w, c, k, view);
    w.key = malloc(k * sizeof *w.key);
    w.order = malloc(k * sizeof *w.order);
    going = going && w.key && w.order;
    for (size_t i = 0; i < k; i++)
        lowest = fmin(lowest, s[i].h);
    for (size_t i = 0; i < k && going; i++)
        going = cut_all(&w, s, k, i, lowest) && end_cell(&w, c, i);
    return end(&w, c, going, error);
}

kmu_status cells_of_tree(const struct site *s, size_t splits, const int32_t *child, const struct view *view, struct cells *c,
                         kmu_error *error)
{
    struct work w;
    bool going = begin(&w, c, splits + 1, view);
    size_t *up = calloc(2 * splits + 1, sizeof *up); /* of split t: the child it is; of label i: splits + i */
    going = going && up;
    for (size_t a = 0; a < 2 * splits && going; a++)
        up[child[a] >= 0 ? splits + (size_t)child[a] : (size_t)-child[a]] = a;
    for (size_t i = 0; i <= splits && going; i++) {
        begin_cell(&w);
        for (size_t t = splits + i; t && going; t = up[t] / 2)
            going = cut(&w, s[up[t]], s[up[t] ^ 1], -1);
        going = going && end_cell(&w, c, i);
    }
    free(up);
    return end(&w, c, going, error);
}

void cells_free(struct cells *c)
{
    free(c->first);
    free(c->edge);
    free(c->corners);
    free(c->beside);
    *c = (struct cells){.k = 0};
}
