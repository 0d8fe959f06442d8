/* marks.c - centroids as circles whose area is their mass, and their indices: inside where there is room, else beside.
 *
 * An index takes the first of nine places that meets no circle and no index placed before it, and in a plane none that is as
 * near to another circle as to its own; the largest clusters come first. One that finds none is left out. Time O(k^2). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/format.h"
#include "report/sheet.h"

enum { MANY = 40, VERY_MANY = 300 }; /* of more circles are small, so that there is room beside them */
enum { APART = 3 };                  /* pixels: in a plane an index is that much farther from other circles than from its own */

static bool meet(struct box a, struct box b)
{
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/* A circle, and what has to be free around it. */
static struct box around(const struct mark *m)
{
    const double half = m->radius + m->rim;
    return (struct box){m->at.x - half, m->at.y - half, 2 * half, 2 * half};
}

/* The box of a text. */
static struct box text_box(const struct mark *m, double width)
{
    const double left = m->anchor == ANCHOR_START ? 0 : m->anchor == ANCHOR_END ? width : width / 2;
    return (struct box){m->text.x - left - 1, m->text.y - 0.8 * SMALL, width + 2, SMALL};
}

/* Whether a text meets nothing: other circles, and texts placed before it. */
static bool is_free(const struct mark *m, size_t k, size_t i, struct box b, const struct box *placed, size_t count,
                    const struct box *area)
{
    if (b.x < area->x || b.y < area->y || b.x + b.width > area->x + area->width || b.y + b.height > area->y + area->height)
        return false;
    for (size_t h = 0; h < k; h++)
        if (h != i && m[h].shown && meet(b, around(&m[h])))
            return false;
    for (size_t h = 0; h < count; h++)
        if (meet(b, placed[h]))
            return false;
    return true;
}

/* Finds the place of index i; *b is its box. */
static bool place(struct mark *m, size_t k, size_t i, const struct box *placed, size_t count, const struct box *area,
                  struct box *b)
{
    static const struct {
        double x, y;
        enum anchor anchor;
    } sides[] = {{0, 0, ANCHOR_MIDDLE},  {1, 0, ANCHOR_START},   {-1, 0, ANCHOR_END},
                 {0, -1, ANCHOR_MIDDLE}, {0, 1, ANCHOR_MIDDLE},  {.7, -.7, ANCHOR_START},
                 {-.7, -.7, ANCHOR_END}, {.7, .7, ANCHOR_START}, {-.7, .7, ANCHOR_END}};
    char text[24];
    snprintf(text, sizeof text, "%zu", i);
    const double width = text_width(text, SMALL), away = m[i].radius + 3;
    for (size_t s = fmax(width, SMALL) + 5 <= 2 * m[i].radius ? 0 : 1; s < sizeof sides / sizeof *sides; s++) {
        m[i].anchor = sides[s].anchor;
        m[i].text = (struct point){m[i].at.x + sides[s].x * away, m[i].at.y + sides[s].y * (away + SMALL / 2.0) + 0.36 * SMALL};
        *b = text_box(&m[i], width);
        if (is_free(m, k, i, *b, placed, count, area))
            return true;
    }
    return false;
}

/* By how much circles of radius sqrt(share) may grow: to nine tenths of the harmonic mean of what each has to its neighbour, in
 * which the close ones count most. */
static double room(const struct mark *m, const struct plot *p, double largest)
{
    double closeness = 0;
    for (size_t i = 0; i < p->k; i++) {
        double least = INFINITY;
        for (size_t h = 0; h < p->k; h++) {
            const double shares = sqrt(p->mass[i] / largest) + sqrt(p->mass[h] / largest);
            if (h != i && shares > 0)
                least = fmin(least, hypot(m[i].at.x - m[h].at.x, m[i].at.y - m[h].at.y) / shares);
        }
        closeness += 1 / fmin(fmax(least, 1), 1000);
    }
    return fmax(p->k > VERY_MANY ? 2 : 5, 0.9 * (double)p->k / closeness);
}

kmu_status marks_place(struct mark *m, const struct plot *p, const struct box *area, double most, size_t *unlabelled,
                       kmu_error *error)
{
    const size_t shown = p->most && p->most < p->k ? p->most : p->k;
    size_t *order = clusters_by_mass(p), count = 0;
    struct box *placed = malloc(p->k * sizeof *placed);
    const bool made = order && placed;
    double largest = 0;
    for (size_t i = 0; i < p->k; i++)
        largest = fmax(largest, p->mass[i]);
    if (p->k > MANY)
        most = fmin(most, 5);
    if (isfinite(largest) && largest > 0)
        most = fmin(most, room(m, p, largest));
    for (size_t i = 0; i < p->k; i++) {
        const double part = isfinite(largest) && largest > 0 ? p->mass[i] / largest : 1;
        m[i].radius = fmax(p->k > VERY_MANY ? 1.5 : 3, most * sqrt(part));
        m[i].rim = p->points->d == 1 ? 1 : 1 + APART;
        m[i].shown = m[i].labelled = false;
    }
    for (size_t o = 0; made && o < shown; o++)
        m[order[o]].shown = true;
    for (size_t o = 0; made && o < shown; o++) {
        const size_t i = order[o];
        m[i].labelled = place(m, p->k, i, placed, count, area, &placed[count]);
        count += m[i].labelled;
    }
    free(order);
    free(placed);
    *unlabelled = shown - count;
    return made ? KMU_OK : table_fail(error, KMU_EMEMORY, "not enough memory");
}

void marks_draw(const struct mark *m, const struct plot *p, const unsigned char *hue, struct drawing *d)
{
    for (size_t i = 0; i < p->k; i++) {
        const enum ink ink = (enum ink)(INK_HUE + hue[i]);
        char title[80];
        if (!m[i].shown)
            continue;
        cluster_title(p, i, title, sizeof title);
        draw_group(d, title);
        draw_circle(d, m[i].at, m[i].radius, (struct paint){INK_PAPER, 1, ink, m[i].radius > 6 ? 3 : m[i].radius < 3 ? 1 : 2});
        draw_end(d);
    }
    for (size_t i = 0; i < p->k; i++) {
        char text[24];
        snprintf(text, sizeof text, "%zu", i);
        if (m[i].labelled)
            draw_text(d, m[i].text, SMALL, m[i].anchor, INK_TEXT, text);
    }
}
