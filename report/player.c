/* player.c - a fit as a film. Lloyd's alternation: (A) points take the colour of their nearest centroid, (B) centroids move to
 * the means, and J drops; of mini-batch a batch is a step, of bisecting a split. What stands in the page is the end, as a
 * picture; the script turns it back to the start and plays (page.js).
 *
 * The frames are JSON: hue of every cluster, and for each step its number, J as it is in the trace, and what changed: labels of
 * points (c: point, label, ..) or centroids (m: x, y, h, .., as pixels; cells.h says what h is, below 0 for one that is not
 * there yet). ratio is the square of the scale across over that up, by which distances are measured in pixels. A tree has its
 * splits' children and sites, so that its regions can be cut. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/format.h"
#include "report/page.h"
#include "report/sheet.h"

struct film {
    struct plane plane;
    struct sheet sheet;
    struct point *at;  /* of the sample */
    struct site *site; /* count x k */
};

/* Of one column points stand in a strip: anywhere up, but the same everywhere. */
static double strip(size_t r)
{
    const double golden = (double)(r + 1) * 0.6180339887498949;
    return golden - floor(golden) - 0.5;
}

static void place(struct film *f, const struct report *r)
{
    const struct steps *steps = &r->steps;
    const size_t d = r->plot.points->d, k = r->plot.k;
    struct sheet *s = &f->sheet;
    s->low[0] = s->low[1] = INFINITY;
    s->high[0] = s->high[1] = -INFINITY;
    for (size_t a = 0; a < steps->samples; a++) {
        f->at[a] = plane_place(&f->plane, r->plot.points, steps->row[a]);
        sheet_take(s, f->at[a].x, f->at[a].y);
    }
    for (size_t a = 0; a < steps->count * k; a++) { /* what is not there is NaN, and passed over */
        f->site[a] = plane_site(&f->plane, steps->mu + a * d);
        sheet_take(s, f->site[a].x, f->site[a].y);
    }
    s->area = (struct box){MARGIN, MARGIN, SHEET - 2 * MARGIN, 0};
    if (d == 1) {
        const double range = s->high[0] - s->low[0], high = range > 0 ? 0.3 * range : 1;
        for (size_t a = 0; a < steps->samples; a++)
            f->at[a].y = strip(a) * high;
        sheet_take(s, s->low[0], -high / 2);
        sheet_take(s, s->low[0], high / 2);
    }
    sheet_fit(s);
}

static void draw(struct film *f, const struct report *r, struct drawing *d)
{
    const struct steps *steps = &r->steps;
    const size_t k = r->plot.k, last = steps->count - 1;
    const double radius = steps->samples < 300 ? 4 : steps->samples < 1000 ? 3 : 2.2;
    draw_group(d, NULL); /* the cells' place */
    draw_end(d);
    draw_group(d, NULL);
    for (size_t a = 0; a < steps->samples; a++) {
        const int32_t c = steps->label[last * steps->samples + a];
        const struct point at = sheet_at(&f->sheet, f->at[a]);
        draw_circle(d, (struct point){round(at.x * 10) / 10, round(at.y * 10) / 10}, radius,
                    (struct paint){.fill = (enum ink)(INK_HUE + r->plot.hue[c]), .opacity = 1});
    }
    draw_end(d);
    draw_group(d, NULL);
    for (size_t i = 0; i < k; i++) {
        const struct site *q = &f->site[last * k + i];
        draw_circle(d, sheet_at(&f->sheet, (struct point){q->x, q->y}), k > 40 ? 5 : 8,
                    (struct paint){(enum ink)(INK_HUE + r->plot.hue[i]), 1, INK_TEXT, k > 40 ? 1.5 : 2.5});
    }
    draw_end(d);
    draw_box(d, f->sheet.area, (struct paint){.line = INK_EDGE, .width = 1});
}

/* What (A) to mu[t] changes since (A) to mu[before]; all, if that is t. */
static void put_labels(struct page *p, size_t t, size_t before)
{
    const struct steps *s = &p->report->steps;
    const int32_t *now = s->label + t * s->samples, *then = s->label + before * s->samples;
    put(p, ",\"c\":[");
    for (size_t a = 0, count = 0; a < s->samples; a++)
        if (t == before || now[a] != then[a])
            put(p, "%s%zu,%d", count++ ? "," : "", a, (int)now[a]);
    put(p, "]");
}

static void put_sites(struct page *p, const struct film *f, const char *name, const struct site *site, size_t count)
{
    const double across = f->sheet.area.width / (f->sheet.high[0] - f->sheet.low[0]);
    put(p, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        const struct site *q = &site[i];
        const struct point at = sheet_at(&f->sheet, (struct point){q->x, q->y});
        if (isnan(q->x))
            put(p, "%s0,0,-1", i ? "," : "");
        else
            put(p, "%s%.1f,%.1f,%.0f", i ? "," : "", at.x, at.y, fmin(q->h * across * across, 1e15));
    }
    put(p, "]");
}

static void put_J(struct page *p, double J, int digits)
{
    if (isnan(J))
        return;
    put(p, ",\"J\":\"");
    put_number(p, J, digits);
    put(p, "\"");
}

/* The steps from which the film goes on to its end: all but the last, unless too many labels change. */
static size_t affordable(const struct steps *s)
{
    size_t changes = s->samples, t = 1;
    for (; t + 1 < s->count; t++) {
        for (size_t a = 0; a < s->samples; a++)
            changes += s->label[t * s->samples + a] != s->label[(t - 1) * s->samples + a];
        if (changes > MOST_CHANGES)
            break;
    }
    return t;
}

/* The frames of step t, which follows step `before`; (A) to mu[t] belongs to turn t + 1, if there was one. */
static void put_turn(struct page *p, const struct film *f, size_t t, size_t before)
{
    const struct report *r = p->report;
    const struct steps *s = &r->steps;
    const int64_t turn = s->turn[t];
    if (t > 0) {
        put(p, ",\n{\"s\":\"%s\",\"t\":%lld", turn > s->turn[before] + 1 ? "jump" : "B", (long long)turn);
        put_J(p, r->turn[turn - 1].J_update, 0);
        put_sites(p, f, "m", f->site + t * r->plot.k, r->plot.k);
        put(p, "}");
    }
    if (t + 1 == s->count)
        put(p, ",\n{\"s\":\"end\",\"t\":%lld", (long long)turn);
    else
        put(p, ",\n{\"s\":\"A\",\"t\":%lld,\"n\":%lld", (long long)turn + 1, (long long)r->turn[turn].moved);
    put_J(p, t + 1 == s->count ? r->J : r->turn[turn].J_assign, 0);
    put_labels(p, t, before);
    put(p, "}");
}

/* The frame of a batch or a split, and behind the last one the end. */
static void put_whole(struct page *p, const struct film *f, size_t t, size_t before)
{
    const struct report *r = p->report;
    const struct steps *s = &r->steps;
    const int64_t turn = s->turn[t];
    const bool jump = turn > s->turn[before] + 1;
    put(p, ",\n{\"s\":\"%s\",\"t\":%lld", jump ? "jump" : s->kind == STEP_BATCH ? "batch" : "split", (long long)turn);
    if (s->kind == STEP_BATCH)
        put_J(p, r->turn[turn - 1].J_update, 0);
    else if (t + 1 < s->count)
        put_J(p, s->J[t], 6);
    else
        put_J(p, r->J, 0);
    put_sites(p, f, "m", f->site + t * r->plot.k, r->plot.k);
    put_labels(p, t, before || s->kind == STEP_SPLIT ? before : t);
    put(p, "}");
    if (t + 1 < s->count)
        return;
    put(p, ",\n{\"s\":\"end\",\"t\":%lld", (long long)turn);
    put_J(p, r->J, 0);
    put(p, "}");
}

static void put_frames(struct page *p, const struct film *f)
{
    const struct steps *s = &p->report->steps;
    const size_t shown = affordable(s);
    put(p, "{\"s\":\"start\"");
    put_sites(p, f, "m", f->site, p->report->plot.k);
    if (s->kind == STEP_SPLIT) {
        put_J(p, s->J[0], 6);
        put_labels(p, 0, 0);
    }
    put(p, "}");
    for (size_t t = s->kind != STEP_TURN, before = 0; t < s->count; before = t, t = t + 1 < shown      ? t + 1
                                                                                    : t + 1 < s->count ? s->count - 1
                                                                                                       : t + 1)
        (s->kind == STEP_TURN ? put_turn : put_whole)(p, f, t, before);
}

/* The splits, for the script to cut regions by. */
static void put_tree(struct page *p, const struct film *f)
{
    const struct plot *plot = &p->report->plot;
    struct site *site = page_memory(p, 2 * plot->splits, sizeof *site);
    put(p, ",\"child\":[");
    for (size_t a = 0; a < 2 * plot->splits; a++)
        put(p, "%s%d", a ? "," : "", (int)plot->child[a]);
    put(p, "]");
    for (size_t a = 0; site && a < 2 * plot->splits; a++)
        site[a] = plane_site(&f->plane, plot->split_mu + a * plot->points->d);
    if (site)
        put_sites(p, f, "at", site, 2 * plot->splits);
    free(site);
}

static void put_film(struct page *p, struct film *f)
{
    static const char *const words[] = {
        "(A) every point takes the colour of its nearest centroid; (B) every centroid moves to the mean of its points. Neither "
        "lets J rise.",
        "A batch of points is drawn at random; each centroid moves towards the mean of those that are nearest to it, the less "
        "the more points it has seen.",
        "One part at first; then, a split at a time, one of the parts becomes two: those nearer to the one and to the other of "
        "two centroids."};
    static const char *const kinds[] = {"turn", "batch", "split"};
    const struct report *r = p->report;
    const struct sheet *s = &f->sheet;
    char points[COUNT_BYTES + 32];
    const double up = s->area.height / (s->high[1] - s->low[1]), across = s->area.width / (s->high[0] - s->low[0]);
    put(p, "<section id=\"steps\">\n<h2>Step by step</h2>\n<p>%s</p>\n<figure>\n<div id=\"player\">\n", words[r->steps.kind]);
    struct drawing *d = picture(p, SHEET, s->area.height + 2 * MARGIN, "Points and centroids, step by step",
                                "The end of the fit: points in the colour of their cluster, centroids as circles.");
    if (d)
        draw(f, r, d);
    picture_end(p, d);
    put(p, "</div>\n<p id=\"step-said\" aria-live=\"polite\">The end: J&nbsp;=&nbsp;");
    put_number(p, r->J, 0);
    put(p, "</p>\n<figcaption>");
    if (r->steps.samples < r->plot.points->n)
        put(p, "%s drawn from all. ", count_things(points, r->steps.samples, "point"));
    else
        put(p, "All points. ");
    if (r->plot.points->d > 2)
        put(p, "The plane of two principal axes, and the cells cut by it. ");
    if (r->plot.points->d == 1)
        put(p, "Up and down has no meaning. ");
    if (r->plot.k > MOST_MOVING_CELLS)
        put(p, "No cells: they are drawn of at most %d centroids. ", MOST_MOVING_CELLS);
    put(p,
        "</figcaption>\n</figure>\n<script type=\"application/json\" "
        "id=\"film\">\n{\"kind\":\"%s\",\"hue0\":%d,\"cells\":%s,\"ratio\":%.9g,\"area\":[%g,%g,%g,%g],"
        "\"hue\":[",
        kinds[r->steps.kind], INK_HUE, r->plot.k > MOST_MOVING_CELLS ? "false" : "true",
        fmin(fmax(across / up * (across / up), 1e-12), 1e12), s->area.x, s->area.y, s->area.width, s->area.height);
    for (size_t i = 0; i < r->plot.k; i++)
        put(p, "%s%d", i ? "," : "", r->plot.hue[i]);
    put(p, "]");
    if (r->steps.kind == STEP_SPLIT)
        put_tree(p, f);
    put(p, ",\"frames\":[\n");
    put_frames(p, f);
    put(p, "]}\n</script>\n</section>\n");
}

void put_player(struct page *p)
{
    const struct report *r = p->report;
    struct film f = {.at = NULL};
    if (r->too_many)
        put(p,
            "<section id=\"steps\">\n<h2>Step by step</h2>\n<p>Left out: more than %d moving centroids are too many for the "
            "eye, and would make the page large.</p>\n</section>\n",
            MOST_MOVING);
    if (r->steps.count < 2 || p->status != KMU_OK)
        return;
    p->status = plane_make(&f.plane, &r->plot, p->error);
    f.at = page_memory(p, r->steps.samples, sizeof *f.at);
    f.site = page_memory(p, r->steps.count * r->plot.k, sizeof *f.site);
    if (p->status == KMU_OK) {
        place(&f, r);
        put_film(p, &f);
    }
    free(f.at);
    free(f.site);
    plane_free(&f.plane);
}
