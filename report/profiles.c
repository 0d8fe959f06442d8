/* profiles.c - the centroids in parallel coordinates (Inselberg 1985, doi:10.1007/BF01898350): a line each, over the columns,
 * in standard deviations from the mean of all points. Of many columns those are shown in which the centroids differ most. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "report/sheet.h"

enum { MOST_AXES = 24, MOST_LINES = 60, FEW_LINES = 12, LEADER = 12, TALL = 260 };

struct axis {
    double spread;
    size_t l;
};

static int wider_first(const void *left, const void *right)
{
    const struct axis *a = left, *b = right;
    return a->spread != b->spread ? (a->spread > b->spread ? -1 : 1) : (a->l > b->l) - (a->l < b->l);
}

static int in_order(const void *left, const void *right)
{
    const struct axis *a = left, *b = right;
    return (a->l > b->l) - (a->l < b->l);
}

static double height_of(const struct page *p, size_t i, size_t l)
{
    const struct plot *plot = &p->report->plot;
    return p->deviation[l] > 0 ? (plot->mu[i * plot->points->d + l] - p->mean[l]) / p->deviation[l] : 0;
}

/* axes := the columns shown, in their order. */
static size_t choose(const struct page *p, struct axis *axes)
{
    const struct plot *plot = &p->report->plot;
    const size_t d = plot->points->d, shown = d < MOST_AXES ? d : MOST_AXES;
    for (size_t l = 0; l < d; l++) {
        double squares = 0;
        for (size_t i = 0; i < plot->k; i++)
            squares += p->report->count[i] ? height_of(p, i, l) * height_of(p, i, l) : 0;
        axes[l] = (struct axis){squares, l};
    }
    qsort(axes, d, sizeof *axes, wider_first);
    qsort(axes, shown, sizeof *axes, in_order);
    return shown;
}

/* A name in one line, or in two where it has a space; false: it is too wide for both. d NULL: it is not drawn. */
static bool draw_name(const char *name, double wide, struct point at, struct drawing *d)
{
    if (text_width(name, SMALL) <= wide) {
        if (d)
            draw_text(d, at, SMALL, ANCHOR_MIDDLE, INK_TEXT, name);
        return true;
    }
    for (const char *space = strchr(name, ' '); space; space = strchr(space + 1, ' ')) {
        char first[NAME_BYTES];
        snprintf(first, sizeof first, "%.*s", (int)(space - name), name);
        if (text_width(first, SMALL) > wide || text_width(space + 1, SMALL) > wide)
            continue;
        if (d) {
            draw_text(d, at, SMALL, ANCHOR_MIDDLE, INK_TEXT, first);
            draw_text(d, (struct point){at.x, at.y + SMALL + 3}, SMALL, ANCHOR_MIDDLE, INK_TEXT, space + 1);
        }
        return true;
    }
    return false;
}

/* Whether every name fits under its axis, which has so much room; else numbers stand there, and the names in a list. */
static bool names_fit(const struct page *p, const struct axis *axes, size_t shown, double room)
{
    bool fit = true;
    for (size_t a = 0; a < shown; a++) {
        char name[NAME_BYTES];
        column_name(&p->report->plot, axes[a].l, SHEET, name, sizeof name);
        fit &= draw_name(name, room, (struct point){0, 0}, NULL);
    }
    return fit;
}

/* room: of a name; 0: there are numbers. */
static void draw_axes(const struct page *p, const struct sheet *s, const struct axis *axes, size_t shown, double room,
                      struct drawing *d)
{
    double used = -SHEET;
    sheet_axis(s, 1, s->low[1], s->high[1], s->area.x, true, d);
    for (size_t a = 0; a < shown; a++) {
        const double x = sheet_at(s, (struct point){(double)a, 0}).x, bottom = s->area.y + s->area.height;
        char text[NAME_BYTES];
        draw_line(d, (struct point[]){{x, s->area.y}, {x, bottom}}, 2, INK_EDGE, 1);
        snprintf(text, sizeof text, "%zu", a + 1);
        if (room > 0)
            column_name(&p->report->plot, axes[a].l, SHEET, text, sizeof text);
        double middle = x;
        if (room > 0 || sheet_label(&middle, text, &used)) /* numbers that have no room are left out */
            draw_name(text, room > 0 ? room : SHEET, (struct point){x, bottom + 4 + SMALL}, d);
    }
}

/* The end of a line, and where its cluster's index stands. */
struct end {
    double at, text;
    size_t i;
};

static int higher_first(const void *left, const void *right)
{
    const struct end *a = left, *b = right;
    return a->at != b->at ? (a->at < b->at ? -1 : 1) : (a->i > b->i) - (a->i < b->i);
}

/* Of few lines each has its index beside its end, all of them apart. */
static void draw_indices(const struct page *p, const struct sheet *s, size_t last, size_t column, struct drawing *d)
{
    const struct plot *plot = &p->report->plot;
    struct end end[FEW_LINES];
    size_t count = 0;
    for (size_t i = 0; i < plot->k; i++)
        if (p->report->count[i])
            end[count++] = (struct end){sheet_at(s, (struct point){0, height_of(p, i, column)}).y, 0, i};
    qsort(end, count, sizeof *end, higher_first);
    for (size_t a = 0; a < count; a++)
        end[a].text = fmax(end[a].at, a ? end[a - 1].text + SMALL : s->area.y);
    for (size_t a = count; a-- > 0;)
        end[a].text = fmin(end[a].text, a + 1 < count ? end[a + 1].text - SMALL : s->area.y + s->area.height);
    const double x = sheet_at(s, (struct point){(double)last, 0}).x;
    for (size_t a = 0; a < count; a++) {
        char text[24];
        snprintf(text, sizeof text, "%zu", end[a].i);
        draw_line(d, (struct point[]){{x, end[a].at}, {x + LEADER, end[a].text}}, 2, (enum ink)(INK_HUE + plot->hue[end[a].i]),
                  1);
        draw_text(d, (struct point){x + LEADER + 3, end[a].text + 0.36 * SMALL}, SMALL, ANCHOR_START, INK_TEXT, text);
    }
}

static void draw_profiles(struct page *p, const struct sheet *s, const struct axis *axes, size_t shown, struct drawing *d)
{
    const struct plot *plot = &p->report->plot;
    struct point at[MOST_AXES];
    for (size_t i = 0, lines = 0; i < plot->k && lines < MOST_LINES; i++) {
        char title[80];
        if (!p->report->count[i])
            continue;
        for (size_t a = 0; a < shown; a++)
            at[a] = sheet_at(s, (struct point){(double)a, height_of(p, i, axes[a].l)});
        cluster_title(plot, i, title, sizeof title);
        draw_group(d, title);
        draw_line(d, at, shown, (enum ink)(INK_HUE + plot->hue[i]), plot->k > FEW_LINES ? 1.5 : 2.5);
        for (size_t a = 0; a < shown && plot->k <= FEW_LINES; a++)
            draw_circle(d, at[a], 3.5, (struct paint){.fill = (enum ink)(INK_HUE + plot->hue[i]), .opacity = 1});
        draw_end(d);
        lines++;
    }
}

static void put_names(struct page *p, const struct axis *axes, size_t shown)
{
    put(p, "<ol class=\"names\">\n");
    for (size_t a = 0; a < shown; a++) {
        put(p, "<li>");
        put_column(p, axes[a].l);
        put(p, "</li>\n");
    }
    put(p, "</ol>\n");
}

void put_profiles(struct page *p)
{
    const struct plot *plot = &p->report->plot;
    struct axis *axes = page_memory(p, plot->points->d, sizeof *axes);
    if (!axes || plot->points->d < 2) {
        free(axes);
        return;
    }
    const size_t shown = choose(p, axes);
    struct sheet s = {.low = {0, -1}, .high = {(double)shown - 1, 1}};
    for (size_t i = 0; i < plot->k; i++)
        for (size_t a = 0; a < shown && p->report->count[i]; a++) {
            s.low[1] = fmin(s.low[1], height_of(p, i, axes[a].l));
            s.high[1] = fmax(s.high[1], height_of(p, i, axes[a].l));
        }
    const double room = (SHEET - 60.0) / (double)shown - 6;
    const bool names = shown <= 8 && names_fit(p, axes, shown, room);
    const double rim = names ? (SHEET - 60.0) / (double)shown / 2 : 12;
    const double right = fmax(rim + MARGIN, plot->k <= FEW_LINES ? LEADER + 30 : 0);
    s.area = (struct box){40 + rim, MARGIN + 6, SHEET - 40 - rim - right, TALL};
    sheet_ticks(&s, 1, s.low[1], s.high[1], TALL);
    put(p, "<section id=\"profiles\">\n<h2>Centroids</h2>\n<figure>\n");
    struct drawing *d =
        picture(p, SHEET, s.area.y + TALL + (names ? 2 : 1) * LINE + MARGIN, "Parallel coordinates of the centroids",
                "Each line is a centroid, each axis a column: how far it is from the mean, in standard deviations.");
    if (d) {
        draw_axes(p, &s, axes, shown, names ? room : 0, d);
        draw_profiles(p, &s, axes, shown, d);
        if (plot->k <= FEW_LINES)
            draw_indices(p, &s, shown - 1, axes[shown - 1].l, d);
    }
    picture_end(p, d);
    put(p, "<figcaption>Each line is a centroid, each axis a column: how far it is from the mean of all points, in standard "
           "deviations.");
    if (plot->k > MOST_LINES)
        put(p, " The first %d centroids.", MOST_LINES);
    if (shown < plot->points->d)
        put(p, " The %zu of %zu columns in which the centroids differ most.", shown, plot->points->d);
    put(p, "</figcaption>\n");
    if (!names)
        put_names(p, axes, shown);
    put(p, "</figure>\n</section>\n");
    free(axes);
}
