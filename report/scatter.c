/* scatter.c - points of two columns, or of more in a plane: their cells, themselves, their centroids. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/density.h"

/* All that is found out before the first mark. */
struct scene {
    struct plane plane;
    struct sheet sheet;
    struct cells cells;
    struct site *site; /* k, then those of the splits */
    struct mark *mark;
    unsigned char *hue;
    bool one_scale;
};

/* The part of the plane that is shown: all points and centroids, and a rim. */
static void choose_view(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    s->low[0] = s->low[1] = INFINITY;
    s->high[0] = s->high[1] = -INFINITY;
    for (size_t j = 0; j < p->points->n; j++) {
        const struct point at = plane_place(&a->plane, p->points, j);
        sheet_take(s, at.x, at.y);
    }
    for (size_t i = 0; i < p->k; i++)
        sheet_take(s, a->site[i].x, a->site[i].y);
    a->one_scale = sheet_fit(s);
}

static void choose_ticks(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    for (int l = 0; l < 2; l++)
        sheet_ticks(s, l, plane_unit(&a->plane, p, l, s->low[l]), plane_unit(&a->plane, p, l, s->high[l]),
                    l ? s->area.height : s->area.width);
}

/* The area: what the labels of the ticks leave of the width. */
static void choose_area(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    double left = 0;
    s->area = (struct box){MARGIN, sheet_top(p, 1) + 6, SHEET - 2 * MARGIN, 0};
    choose_view(a, p);
    choose_ticks(a, p);
    for (size_t t = 0; t < s->ticks[1]; t++)
        left = fmax(left, text_width(s->label[1][t], SMALL));
    s->area.x = ceil(MARGIN + left + 8);
    s->area.width = SHEET - MARGIN - s->area.x;
    choose_view(a, p);
    choose_ticks(a, p);
}

static void choose_caption(struct scene *a, const struct plot *p, size_t unlabelled)
{
    struct sheet *s = &a->sheet;
    const size_t d = p->points->d;
    sheet_say(s, "%zu point%s, %zu cluster%s. ", p->points->n, p->points->n == 1 ? "" : "s", p->k, p->k == 1 ? "" : "s");
    if (d > 2)
        sheet_say(s, "The plane of the two principal axes of the %s (%.0f %% of their variance), of %zu columns. ",
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
    if (!a->one_scale)
        sheet_say(s, "The axes differ in scale. ");
    if (unlabelled)
        sheet_say(s, "%zu indices had no room. ", unlabelled);
}

static kmu_status prepare(struct scene *a, const struct plot *p, kmu_error *error)
{
    const size_t d = p->points->d;
    kmu_status status = plane_make(&a->plane, p, error);
    a->site = malloc((p->k + 2 * p->splits) * sizeof *a->site);
    a->mark = malloc(p->k * sizeof *a->mark);
    a->hue = malloc(p->k);
    if (status == KMU_OK && (!a->site || !a->mark || !a->hue))
        status = table_fail(error, KMU_EMEMORY, "not enough memory");
    if (status != KMU_OK)
        return status;
    for (size_t i = 0; i < p->k + 2 * p->splits; i++)
        a->site[i] = plane_site(&a->plane, i < p->k ? p->mu + i * d : p->split_mu + (i - p->k) * d);
    choose_area(a, p);
    const struct view view = sheet_view(&a->sheet);
    status = p->splits ? cells_of_tree(a->site + p->k, p->splits, p->child, &view, &a->cells, error)
                       : cells_of_sites(a->site, p->k, &view, &a->cells, error);
    if (status == KMU_OK)
        status = cells_hues(&a->cells, HUES, a->hue, error);
    if (status != KMU_OK)
        return status;
    if (p->hue)
        memcpy(p->hue, a->hue, p->k);
    for (size_t i = 0; i < p->k; i++)
        a->mark[i].at = sheet_at(&a->sheet, (struct point){a->site[i].x, a->site[i].y});
    const struct box *area = &a->sheet.area;
    const double most = fmin(15, 0.3 * sqrt(area->width * area->height / (double)p->k));
    size_t unlabelled;
    status = marks_place(a->mark, p, area, most, &unlabelled, error);
    choose_caption(a, p, unlabelled);
    sheet_finish(&a->sheet, p, 2.2 * LINE + MARGIN);
    return status;
}

static void draw_axes(const struct scene *a, const struct plot *p, struct drawing *d)
{
    const struct sheet *s = &a->sheet;
    const struct box *area = &s->area;
    const double bottom = area->y + area->height;
    double used = -SHEET;
    char name[NAME_BYTES];
    for (int l = 0; l < 2; l++) {
        const double low = plane_unit(&a->plane, p, l, s->low[l]), high = plane_unit(&a->plane, p, l, s->high[l]);
        for (size_t t = 0; t < s->ticks[l]; t++) {
            const double part = (s->tick[l][t] - low) / (high - low);
            const double x = l ? area->x : area->x + part * area->width, y = l ? bottom - part * area->height : bottom;
            const struct point mark[] = {{x, y}, {l ? x - 4 : x, l ? y : y + 4}};
            draw_line(d, mark, 2, INK_EDGE, 1);
            double middle = x;
            if (l)
                draw_text(d, (struct point){x - 7, y + 5}, SMALL, ANCHOR_END, INK_MUTED, s->label[l][t]);
            else if (sheet_label(&middle, s->label[l][t], &used))
                draw_text(d, (struct point){middle, y + 4 + SMALL}, SMALL, ANCHOR_MIDDLE, INK_MUTED, s->label[l][t]);
        }
        if (p->points->d == 2)
            column_name(p, (size_t)l, area->width, name, sizeof name);
        else
            snprintf(name, sizeof name, "principal axis %d", l + 1);
        draw_text(d, l ? (struct point){MARGIN, area->y - 13} : (struct point){area->x + area->width, bottom + 2.1 * LINE},
                  SMALL, l ? ANCHOR_START : ANCHOR_END, INK_TEXT, name);
    }
    draw_box(d, *area, (struct paint){.line = INK_EDGE, .width = 1});
}

static void draw_cells(const struct scene *a, const struct plot *p, struct drawing *d)
{
    for (size_t i = 0; i < p->k; i++) {
        char title[80];
        cluster_title(p, i, title, sizeof title);
        draw_group(d, title);
        sheet_cell(&a->sheet, &a->cells, i, d,
                   (struct paint){(enum ink)(INK_HUE + a->hue[i]), 0.13, INK_EDGE, p->k > 300 ? 0.7 : 1.2});
        draw_end(d);
    }
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
    struct scene a = {.one_scale = true};
    struct drawing *d = NULL;
    const bool many = p->points->n > FEW_POINTS;
    kmu_status status = prepare(&a, p, error);
    if (status == KMU_OK)
        status = drawing_open(p->kind, out, SHEET, a.sheet.height, p->theme, p->name, a.sheet.caption, &d, error);
    if (status == KMU_OK && many)
        status = draw_density(&a, p, d, error);
    if (status == KMU_OK)
        draw_cells(&a, p, d);
    if (status == KMU_OK && !many)
        status = draw_points(&a, p, d, error);
    if (status == KMU_OK) {
        draw_axes(&a, p, d);
        marks_draw(a.mark, p, a.hue, d);
        sheet_words(&a.sheet, p, d);
    }
    const kmu_status closed = d ? drawing_close(d) : KMU_OK;
    plane_free(&a.plane);
    cells_free(&a.cells);
    free(a.site);
    free(a.mark);
    free(a.hue);
    return status == KMU_OK ? closed : status;
}
