/* scatter.c - points of two columns, or of more in a plane: their cells, themselves, their centroids. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/format.h"
#include "report/density.h"
#include "report/scene.h"

static void choose_ticks(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    for (int l = 0; l < 2; l++)
        sheet_ticks(s, l, plane_unit(&a->plane, p, l, s->low[l]), plane_unit(&a->plane, p, l, s->high[l]),
                    l ? s->area.height : s->area.width);
}

/* The area: what the labels of the ticks leave of the width. True: one scale for both axes. */
static bool choose_area(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    s->area = (struct box){MARGIN, sheet_top(p, 1) + 6, SHEET - 2 * MARGIN, 0};
    scene_take(a, p);
    sheet_fit(s);
    choose_ticks(a, p);
    s->area.x = sheet_left(s);
    s->area.width = SHEET - MARGIN - s->area.x;
    scene_take(a, p);
    const bool one_scale = sheet_fit(s);
    choose_ticks(a, p);
    return one_scale;
}

static void choose_caption(struct scene *a, const struct plot *p, bool one_scale, size_t unlabelled)
{
    struct sheet *s = &a->sheet;
    const size_t d = p->points->d;
    sheet_say_counts(s, p);
    if (d > 2)
        sheet_say(s, "The plane of the two principal axes of the %s (%.0f\u00a0%% of their variance), of %zu columns. ",
                  a->plane.of_points ? "points" : "centroids", 100 * fmin(a->plane.share, 1), d);
    sheet_say(s, p->splits ? "Each region is what the tree of splits gives to one cluster"
                           : "Each cell is nearer to its centroid than to any other");
    sheet_say(s,
              d > 2 ? ", cut by this plane; points are shown where they fall on it, in the colour of their cluster, whose cell "
                      "may lie above or below. "
                    : ". ");
    sheet_say(s, "Circles: centroids, area by mass%s. ", p->k > HUES ? "; neighbours differ in colour" : "");
    if (p->points->n > FEW_POINTS)
        sheet_say(s, "The stronger the colour, the more points. ");
    if (!one_scale)
        sheet_say(s, "The axes differ in scale. ");
    scene_say_left(a, p, unlabelled);
}

static kmu_status prepare(struct scene *a, const struct plot *p, kmu_error *error)
{
    kmu_status status = scene_begin(a, p, error);
    if (status != KMU_OK)
        return status;
    const bool one_scale = choose_area(a, p);
    status = scene_cut(a, p, error);
    if (status != KMU_OK)
        return status;
    for (size_t i = 0; i < p->k; i++)
        a->mark[i].at = sheet_at(&a->sheet, (struct point){a->site[i].x, a->site[i].y});
    const struct box *area = &a->sheet.area;
    const double most = fmin(15, 0.3 * sqrt(area->width * area->height / (double)p->k));
    size_t unlabelled;
    status = marks_place(a->mark, p, area, most, &unlabelled, error);
    choose_caption(a, p, one_scale, unlabelled);
    sheet_finish(&a->sheet, p, 2.2 * LINE + MARGIN);
    return status;
}

static void draw_axes(const struct scene *a, const struct plot *p, struct drawing *d)
{
    const struct sheet *s = &a->sheet;
    const struct box *area = &s->area;
    const double bottom = area->y + area->height;
    char name[NAME_BYTES];
    for (int l = 0; l < 2; l++) {
        sheet_axis(s, l, plane_unit(&a->plane, p, l, s->low[l]), plane_unit(&a->plane, p, l, s->high[l]), l ? area->x : bottom,
                   false, d);
        if (p->points->d == 2)
            column_name(p, (size_t)l, area->width, name, sizeof name);
        else
            snprintf(name, sizeof name, "principal axis %d", l + 1);
        draw_text(d, l ? (struct point){MARGIN, area->y - 13} : (struct point){area->x + area->width, bottom + 2.1 * LINE},
                  SMALL, l ? ANCHOR_START : ANCHOR_END, INK_TEXT, name);
    }
    draw_box(d, *area, (struct paint){.line = INK_EDGE, .width = 1});
}

static kmu_status draw_density(const struct scene *a, const struct plot *p, struct drawing *d, kmu_error *error)
{
    const struct box *area = &a->sheet.area;
    const size_t width = (size_t)area->width / 2, height = (size_t)area->height / 2;
    unsigned char *tone = malloc(width * height);
    const bool made = tone && density(&a->sheet, &a->plane, p, a->hue, width, height, tone);
    if (made)
        draw_image(d, *area, &(struct raster){width, height, NULL, tone});
    free(tone);
    return made ? KMU_OK : table_fail(error, KMU_EMEMORY, "not enough memory");
}

/* The points, one list a cluster. */
static kmu_status draw_points(const struct scene *a, const struct plot *p, struct drawing *d, kmu_error *error)
{
    const size_t n = p->points->n;
    struct point *list = malloc(n * sizeof *list);
    if (!list)
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    for (size_t i = 0; i < p->k; i++) {
        size_t count = 0;
        for (size_t j = 0; j < n; j++)
            if ((size_t)p->c[j] == i)
                list[count++] = sheet_at(&a->sheet, plane_place(&a->plane, p->points, j));
        draw_dots(d, list, count,
                  n < 50     ? 5
                  : n < 300  ? 3.2
                  : n < 1500 ? 2.4
                             : 1.6,
                  (enum ink)(INK_HUE + a->hue[i]), n < 1500 ? 0.85 : 0.6);
    }
    free(list);
    return KMU_OK;
}

kmu_status plot_plane(const struct plot *p, struct output *out, kmu_error *error)
{
    struct scene a = {.site = NULL};
    struct drawing *d = NULL;
    const bool many = p->points->n > FEW_POINTS;
    kmu_status status = prepare(&a, p, error);
    if (status == KMU_OK)
        status = drawing_open(p->kind, out, SHEET, a.sheet.height, p->theme, p->name, a.sheet.caption, &d, error);
    if (status == KMU_OK && many)
        status = draw_density(&a, p, d, error);
    if (status == KMU_OK)
        scene_cells(&a, p, INK_EDGE, p->k > 300 ? 0.7 : 1.2, d);
    if (status == KMU_OK && !many)
        status = draw_points(&a, p, d, error);
    if (status == KMU_OK) {
        draw_axes(&a, p, d);
        marks_draw(a.mark, p, a.hue, d);
        sheet_words(&a.sheet, p, d);
    }
    return scene_end(&a, d, status);
}
