/* strip.c - points of one column: how many are where, as bars in the colours of their clusters, and the cuts between the
 * clusters. The cells of a line are intervals: those of a plane whose second coordinate does not matter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/format.h"
#include "report/scene.h"

enum { BAR = 4, HEIGHT = 220 }; /* pixels: the width of a bar, the height of the highest */

/* How many points are where. */
struct bars {
    uint32_t *count; /* bars x HUES */
    size_t bars;
    uint32_t most;
};

static void choose_view(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    s->area = (struct box){MARGIN, sheet_top(p, 0), SHEET - 2 * MARGIN, HEIGHT};
    scene_take(a, p);
    const double range = s->high[0] - s->low[0], rim = range > 0 ? 0.05 * range : 0.5;
    s->low[0] -= rim;
    s->high[0] += rim;
    s->low[1] = s->low[0]; /* as high as wide: cuts run up and down */
    s->high[1] = s->high[0];
    sheet_ticks(s, 0, plane_unit(&a->plane, p, 0, s->low[0]), plane_unit(&a->plane, p, 0, s->high[0]), s->area.width);
}

/* Puts the points into bars. */
static bool fill_bars(const struct scene *a, const struct plot *p, struct bars *b)
{
    const struct sheet *s = &a->sheet;
    b->bars = (size_t)s->area.width / BAR;
    b->count = calloc(b->bars * HUES, sizeof *b->count);
    b->most = 1;
    if (!b->count)
        return false;
    const double scale = (double)b->bars / (s->high[0] - s->low[0]);
    for (size_t j = 0; j < p->points->n; j++) {
        const double x = (plane_place(&a->plane, p->points, j).x - s->low[0]) * scale;
        b->count[(size_t)fmin(x, (double)b->bars - 1) * HUES + a->hue[p->c[j]]]++;
    }
    for (size_t i = 0; i < b->bars; i++) {
        uint32_t all = 0;
        for (int h = 0; h < HUES; h++)
            all += b->count[i * HUES + (size_t)h];
        b->most = all > b->most ? all : b->most;
    }
    return true;
}

static kmu_status prepare(struct scene *a, const struct plot *p, struct bars *b, kmu_error *error)
{
    kmu_status status = scene_begin(a, p, error);
    if (status != KMU_OK)
        return status;
    choose_view(a, p);
    const double middle = (a->sheet.low[1] + a->sheet.high[1]) / 2;
    for (size_t i = 0; i < p->k + 2 * p->splits; i++)
        a->site[i].y = middle;
    status = scene_cut(a, p, error);
    if (status == KMU_OK && !fill_bars(a, p, b))
        status = table_fail(error, KMU_EMEMORY, "not enough memory");
    if (status != KMU_OK)
        return status;
    const struct box *area = &a->sheet.area, under = {0, area->y, SHEET, area->height + 2 * LINE};
    for (size_t i = 0; i < p->k; i++)
        a->mark[i].at = (struct point){sheet_at(&a->sheet, (struct point){a->site[i].x, 0}).x, area->y + area->height};
    size_t unlabelled;
    status = marks_place(a->mark, p, &under, fmin(13, 0.35 * area->width / (double)p->k), &unlabelled, error);
    sheet_say_counts(&a->sheet, p);
    sheet_say(&a->sheet,
              "Bars: how many points are where, at most %u; lines: the cuts, half-way between neighbouring centroids; circles: "
              "centroids, area by mass. ",
              (unsigned)b->most);
    scene_say_left(a, p, unlabelled);
    sheet_finish(&a->sheet, p, 3.6 * LINE + MARGIN);
    return status;
}

static void draw_bars(const struct scene *a, const struct bars *b, struct drawing *d)
{
    const struct box *area = &a->sheet.area;
    const double width = area->width / (double)b->bars;
    for (int h = 0; h < HUES; h++)
        for (size_t i = 0; i < b->bars; i++) {
            double below = 0;
            for (int under = 0; under < h; under++)
                below += b->count[i * HUES + (size_t)under];
            const double count = b->count[i * HUES + (size_t)h], scale = (area->height - 2 * LINE) / b->most;
            if (count > 0)
                draw_box(d,
                         (struct box){area->x + (double)i * width, area->y + area->height - (below + count) * scale, width,
                                      count * scale},
                         (struct paint){.fill = (enum ink)(INK_HUE + h), .opacity = 1});
        }
}

static int by_x(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where the value of the cut at x has room, right of it, else left, between its neighbours and behind the value before it. */
static bool place_value(double x, double before, double after, double width, double *used, double *at, enum anchor *anchor)
{
    enum { AWAY = 5, APART = 6 };
    const bool right = x + AWAY + width + APART <= after;
    if (!right && x - AWAY - width < fmax(before, *used) + APART)
        return false;
    *anchor = right ? ANCHOR_START : ANCHOR_END;
    *at = right ? x + AWAY : x - AWAY;
    *used = right ? x + AWAY + width : x - AWAY;
    return true;
}

/* The cuts: left ends of cells that are not the view's; the value beside each that has room. */
static kmu_status draw_cuts(const struct scene *a, const struct plot *p, struct drawing *d, kmu_error *error)
{
    const struct box *area = &a->sheet.area;
    double *left = malloc(p->k * sizeof *left), used = 0;
    size_t count = 0;
    if (!left)
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    for (size_t i = 0; i < p->k; i++) {
        int64_t least = INT64_MAX;
        for (size_t c = a->cells.first[i]; c < a->cells.first[i + 1]; c++)
            least = a->cells.corners[c].x < least ? a->cells.corners[c].x : least;
        if (least > 0 && least < INT64_MAX)
            left[count++] = (double)least / 1e6;
    }
    qsort(left, count, sizeof *left, by_x);
    for (size_t i = 0; i < count; i++) {
        const double x = area->x + left[i];
        const double at = a->sheet.low[0] + left[i] * ((a->sheet.high[0] - a->sheet.low[0]) / area->width);
        const struct point line[] = {{x, area->y}, {x, area->y + area->height}};
        double beside;
        enum anchor anchor;
        char text[32];
        draw_line(d, line, 2, INK_TEXT, p->k > 100 ? 0.7 : 1.3);
        snprintf(text, sizeof text, "%.4g", plane_unit(&a->plane, p, 0, at));
        short_exponent(text);
        if (place_value(left[i], i ? left[i - 1] : 0, i + 1 < count ? left[i + 1] : area->width, text_width(text, SMALL), &used,
                        &beside, &anchor))
            draw_text(d, (struct point){area->x + beside, area->y + SMALL + 2}, SMALL, anchor, INK_TEXT, text);
    }
    free(left);
    return KMU_OK;
}

static void draw_axis(const struct scene *a, const struct plot *p, struct drawing *d)
{
    const struct sheet *s = &a->sheet;
    const double bottom = s->area.y + s->area.height, right = s->area.x + s->area.width;
    char name[NAME_BYTES];
    sheet_axis(s, 0, plane_unit(&a->plane, p, 0, s->low[0]), plane_unit(&a->plane, p, 0, s->high[0]), bottom + 1.5 * LINE,
               false, d);
    draw_line(d, (struct point[]){{s->area.x, bottom + 1.5 * LINE}, {right, bottom + 1.5 * LINE}}, 2, INK_EDGE, 1);
    draw_line(d, (struct point[]){{s->area.x, bottom}, {right, bottom}}, 2, INK_EDGE, 1);
    column_name(p, 0, s->area.width, name, sizeof name);
    draw_text(d, (struct point){right, bottom + 3.5 * LINE}, SMALL, ANCHOR_END, INK_TEXT, name);
}

kmu_status plot_strip(const struct plot *p, struct output *out, kmu_error *error)
{
    struct scene a = {.site = NULL};
    struct bars bars = {.count = NULL};
    struct drawing *d = NULL;
    kmu_status status = prepare(&a, p, &bars, error);
    if (status == KMU_OK)
        status = drawing_open(p->kind, out, SHEET, a.sheet.height, p->theme, p->name, a.sheet.caption, &d, error);
    if (status == KMU_OK) {
        scene_cells(&a, p, INK_NONE, 0, d);
        draw_bars(&a, &bars, d);
        status = draw_cuts(&a, p, d, error);
        draw_axis(&a, p, d);
        marks_draw(a.mark, p, a.hue, d);
        sheet_words(&a.sheet, p, d);
    }
    free(bars.count);
    return scene_end(&a, d, status);
}
