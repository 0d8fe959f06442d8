/* chart.c - numbers over numbers: axes with round numbers, and curves. A logarithmic axis shows log10(1 + y), so that it has a
 * place for 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "report/sheet.h"

enum { TALL = 200, MOST_POINTS = 1000 };

static double height_of(double y, bool logarithmic)
{
    return logarithmic ? log10(1 + y) : y;
}

static void take_in(struct sheet *s, const struct curve *c, bool logarithmic)
{
    for (size_t i = 0; i < c->count; i++) {
        const double error = c->error ? c->error[i] : 0;
        sheet_take(s, c->x[i], height_of(c->y[i] - error, logarithmic));
        sheet_take(s, c->x[i], height_of(c->y[i] + error, logarithmic));
    }
}

/* 0, 1, 10, .. as far as they are shown, every second one where they are many; no 1 that would stand in the 0. */
static void choose_powers(struct sheet *s)
{
    const int most = (int)s->high[1], step = most / TICKS + 1;
    s->ticks[1] = 0;
    for (int e = -1; e <= most && s->ticks[1] < TICKS; e += e < 0 ? 1 : step) {
        static const char *const thousands[] = {"", "k", "M", "G", "T"};
        if (e == 0 && height_of(1, true) * TALL < SMALL * (s->high[1] - s->low[1]))
            continue;
        const size_t t = s->ticks[1]++;
        char *label = s->label[1][t];
        s->tick[1][t] = e < 0 ? 0 : height_of(pow(10, e), true);
        if (e < 0 || e >= 15)
            snprintf(label, sizeof s->label[1][t], e < 0 ? "0" : "1e%d", e);
        else
            snprintf(label, sizeof s->label[1][t], "%.0f%s", pow(10, e % 3), thousands[e / 3]);
    }
}

/* Of the ticks across those stay that are whole numbers. */
static void choose_whole(struct sheet *s)
{
    size_t kept = 0;
    for (size_t t = 0; t < s->ticks[0]; t++) {
        if (s->tick[0][t] != floor(s->tick[0][t]))
            continue;
        s->tick[0][kept] = s->tick[0][t];
        memmove(s->label[0][kept++], s->label[0][t], sizeof s->label[0][t]);
    }
    s->ticks[0] = kept;
}

/* The heights that have labels. */
static void choose_heights(struct sheet *s, bool logarithmic)
{
    if (logarithmic) {
        choose_powers(s);
        return;
    }
    sheet_ticks(s, 1, s->low[1], s->high[1], TALL);
    for (size_t t = 0; t < s->ticks[1]; t++)
        if (strlen(s->label[1][t]) > 7)
            snprintf(s->label[1][t], sizeof s->label[1][t], "%.4g", s->tick[1][t]), short_exponent(s->label[1][t]);
}

static void draw_axes(const struct sheet *s, const char *unit, struct drawing *d)
{
    const struct box *area = &s->area;
    const double bottom = area->y + area->height, right = area->x + area->width;
    for (int l = 0; l < 2; l++)
        sheet_axis(s, l, s->low[l], s->high[l], l ? area->x : bottom, true, d);
    draw_line(d, (struct point[]){{area->x, bottom}, {right, bottom}}, 2, INK_EDGE, 1);
    draw_text(d, (struct point){right, bottom + 2.1 * LINE}, SMALL, ANCHOR_END, INK_TEXT, unit);
}

/* The places of a curve's numbers; of more than MOST_POINTS the lowest and the highest of each of so many stretches over two,
 * in their order: all that can be seen. Returns how many. */
static size_t trace(const struct sheet *s, const struct curve *c, bool logarithmic, struct point at[MOST_POINTS])
{
    const size_t stretches = c->count > MOST_POINTS ? MOST_POINTS / 2 : c->count;
    size_t count = 0;
    for (size_t a = 0; a < stretches; a++) {
        const size_t from = a * c->count / stretches, to = (a + 1) * c->count / stretches;
        size_t ends[2] = {from, from};
        for (size_t i = from; i < to; i++) {
            ends[0] = c->y[i] < c->y[ends[0]] ? i : ends[0];
            ends[1] = c->y[i] > c->y[ends[1]] ? i : ends[1];
        }
        for (int e = 0; e < 1 + (ends[0] != ends[1]); e++) {
            const size_t i = ends[(ends[0] > ends[1]) ^ e];
            at[count++] = sheet_at(s, (struct point){c->x[i], height_of(c->y[i], logarithmic)});
        }
    }
    return count;
}

static void draw_curve(struct page *p, const struct sheet *s, const struct curve *c, bool logarithmic, struct drawing *d)
{
    struct point *at = page_memory(p, MOST_POINTS, sizeof *at);
    if (!at)
        return;
    const size_t count = trace(s, c, logarithmic, at);
    draw_group(d, c->name);
    for (size_t i = 0; c->error && i < c->count; i++) {
        const double x = c->x[i], low = height_of(c->y[i] - c->error[i], logarithmic);
        draw_line(d,
                  (struct point[]){sheet_at(s, (struct point){x, low}),
                                   sheet_at(s, (struct point){x, height_of(c->y[i] + c->error[i], logarithmic)})},
                  2, INK_EDGE, 1.5);
    }
    draw_line(d, at, count, c->ink, 2);
    for (size_t i = 0; c->mark && i < c->count; i++)
        if (c->x[i] == *c->mark)
            draw_circle(d, sheet_at(s, (struct point){c->x[i], height_of(c->y[i], logarithmic)}), 8,
                        (struct paint){.line = INK_TEXT, .width = 2});
    for (size_t i = 0; i < count && count <= 60; i++)
        draw_circle(d, at[i], 3, (struct paint){.fill = c->ink, .opacity = 1});
    draw_end(d);
    free(at);
}

/* The names of the curves above them, a stroke of its colour before each. */
static void draw_names(const struct curve *c, size_t count, struct drawing *d)
{
    double x = MARGIN;
    for (size_t i = 0; i < count; i++) {
        draw_line(d, (struct point[]){{x, 15}, {x + 18, 15}}, 2, c[i].ink, 3);
        draw_text(d, (struct point){x + 24, 20}, SMALL, ANCHOR_START, INK_TEXT, c[i].name);
        x += 24 + text_width(c[i].name, SMALL) + 24;
    }
}

void put_chart(struct page *p, const char *title, const char *description, const char *unit, const struct curve *c,
               size_t count, bool logarithmic)
{
    struct sheet s = {.low = {INFINITY, logarithmic ? 0 : INFINITY}, .high = {-INFINITY, logarithmic ? 1 : -INFINITY}};
    for (size_t i = 0; i < count; i++)
        take_in(&s, &c[i], logarithmic);
    const double range = s.high[1] - s.low[1];
    if (!(isfinite(s.low[1]) && isfinite(range)))
        return;
    if (s.high[0] <= s.low[0]) /* what is alone stands in the middle */
        s.low[0] -= 0.5, s.high[0] += 0.5;
    const double rim = 0.03 * (s.high[0] - s.low[0]); /* so that no mark covers a label beside the axis */
    s.low[0] -= rim;
    s.high[0] += rim;
    if (range > 0) {
        s.high[1] += 0.04 * range;
        s.low[1] -= logarithmic ? 0 : 0.04 * range;
    } else { /* of one number there is as much above as below, and of zeros what is above */
        const double half = s.high[1] != 0 ? fabs(s.high[1]) / 2 : 1;
        s.high[1] += half;
        s.low[1] -= s.low[1] != 0 ? half : 0;
    }
    s.area = (struct box){MARGIN, 34, SHEET - 2 * MARGIN, TALL};
    choose_heights(&s, logarithmic);
    s.area.x = sheet_left(&s);
    s.area.width = SHEET - 2 * MARGIN - s.area.x;
    sheet_ticks(&s, 0, s.low[0], s.high[0], s.area.width);
    choose_whole(&s);
    struct drawing *d = picture(p, SHEET, s.area.y + TALL + 2.1 * LINE + MARGIN, title, description);
    if (!d)
        return;
    draw_axes(&s, unit, d);
    for (size_t i = 0; i < count; i++)
        draw_curve(p, &s, &c[i], logarithmic, d);
    draw_names(c, count, d);
    picture_end(p, d);
}
