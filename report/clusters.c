/* clusters.c - the clusters as a table: how large, how wide, how far from the next, which row stands for each, and by which
 * columns it differs; and how well each is parted from the others. Time O(n d + k d). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/page.h"
#include "report/sheet.h"

enum { MOST_ROWS = 200, APART = 3, MOST_BARS = 40 };

/* A cluster, and what it is sorted by. */
struct ranked {
    int64_t count;
    size_t i;
};

/* For each cluster the row nearest to its centroid, and the nearest other centroid that owns a point. */
struct near {
    double *row_distance, *distance;
    size_t *row, *other;
    struct ranked *order; /* the largest first */
};

static int larger_first(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    return a->count != b->count ? (a->count > b->count ? -1 : 1) : (a->i > b->i) - (a->i < b->i);
}

/* The clusters, the largest first; NULL without memory, or after an error. */
static struct ranked *rank(struct page *p)
{
    const size_t k = p->report->plot.k;
    struct ranked *order = page_memory(p, k, sizeof *order);
    for (size_t i = 0; order && i < k; i++)
        order[i] = (struct ranked){p->report->count[i], i};
    if (order)
        qsort(order, k, sizeof *order, larger_first);
    return order;
}

static void find_rows(const struct plot *p, struct near *t)
{
    const size_t d = p->points->d;
    for (size_t j = 0; j < p->points->n; j++) {
        const size_t i = (size_t)p->c[j];
        double D = 0;
        for (size_t l = 0; l < d && D < t->row_distance[i]; l++) {
            const double step = coordinate(p->points, j, l) - p->mu[i * d + l];
            D += step * step;
        }
        if (D < t->row_distance[i])
            t->row_distance[i] = D, t->row[i] = j;
    }
}

/* Of the clusters that have a row in the table. */
static void find_others(const struct report *r, struct near *t)
{
    const size_t d = r->plot.points->d, k = r->plot.k;
    for (size_t a = 0; a < k && a < MOST_ROWS; a++)
        for (size_t h = 0, i = t->order[a].i; h < k; h++) {
            double D = 0;
            for (size_t l = 0; l < d && D < t->distance[i]; l++) {
                const double step = r->plot.mu[i * d + l] - r->plot.mu[h * d + l];
                D += step * step;
            }
            if (h != i && r->count[h] && D < t->distance[i])
                t->distance[i] = D, t->other[i] = h;
        }
}

static bool find(struct page *p, struct near *t)
{
    const struct report *r = p->report;
    const size_t k = r->plot.k;
    t->row_distance = page_memory(p, k, sizeof *t->row_distance);
    t->distance = page_memory(p, k, sizeof *t->distance);
    t->row = page_memory(p, k, sizeof *t->row);
    t->other = page_memory(p, k, sizeof *t->other);
    t->order = rank(p);
    if (p->status != KMU_OK)
        return false;
    for (size_t i = 0; i < k; i++)
        t->row_distance[i] = t->distance[i] = INFINITY;
    find_rows(&r->plot, t);
    find_others(r, t);
    return true;
}

/* The columns in which a centroid is farthest from the mean of all points, in standard deviations. */
static void put_apart(struct page *p, size_t i)
{
    const struct plot *plot = &p->report->plot;
    const size_t d = plot->points->d;
    double before = INFINITY;
    size_t last = d;
    for (int a = 0; a < APART; a++) {
        size_t best = d;
        double most = 0;
        for (size_t l = 0; l < d; l++) {
            const double away = p->deviation[l] > 0 ? fabs(plot->mu[i * d + l] - p->mean[l]) / p->deviation[l] : 0;
            if ((away < before || (away == before && l > last)) && away > most)
                most = away, best = l;
        }
        if (best == d || most < 0.1) {
            put(p, "%s", a ? "</span>" : "&ndash;");
            return;
        }
        put(p, "%s<span>", a ? ",</span> " : "");
        put_column(p, best);
        put(p, "&nbsp;%+.1f", (plot->mu[i * d + best] - p->mean[best]) / p->deviation[best]);
        before = most, last = best;
    }
    put(p, "</span>");
}

static void put_row(struct page *p, const struct near *t, size_t i)
{
    const struct report *r = p->report;
    const bool owns = r->count[i] > 0;
    put(p,
        "<tr><th scope=\"row\" data-v=\"%zu\"><svg class=\"kmu dot\" aria-hidden=\"true\" viewBox=\"0 0 10 10\"><circle "
        "cx=\"5\" cy=\"5\" r=\"5\" class=\"f%d\"/></svg>%zu</th><td data-v=\"%lld\">",
        i, INK_HUE + r->plot.hue[i], i, (long long)r->count[i]);
    put_count(p, r->count[i]);
    put(p, "</td><td>%.1f&#8239;%%</td><td>", 100 * (double)r->count[i] / (double)r->plot.points->n);
    if (r->plot.points->w) {
        put_number(p, r->plot.mass[i], 6);
        put(p, "</td><td>");
    }
    put_number(p, r->J_cluster[i], 6);
    put(p, "</td><td>");
    put_number(p, owns ? r->radius[i] : NAN, 4);
    put(p, "</td><td>");
    put_number(p, r->silhouette[i], 3);
    put(p, "</td><td>");
    if (isfinite(t->distance[i])) {
        put(p, "%zu</td><td>", t->other[i]);
        put_number(p, sqrt(t->distance[i]), 4);
    } else {
        put(p, "&ndash;</td><td>&ndash;");
    }
    put(p, "</td><td%s>", r->id ? " class=\"name\"" : "");
    if (!isfinite(t->row_distance[i])) {
        put(p, "&ndash;");
    } else if (r->id) {
        put_name(p, r->id[t->row[i]]);
        put(p, " (%zu)", t->row[i] + 1);
    } else {
        put(p, "%zu", t->row[i] + 1);
    }
    put(p, "</td><td class=\"name apart\">");
    put_apart(p, i);
    put(p, "</td></tr>\n");
}

static void free_near(struct near *t)
{
    free(t->row_distance);
    free(t->distance);
    free(t->row);
    free(t->other);
    free(t->order);
}

static void put_heads(struct page *p)
{
    static const char *const heads[] = {"cluster",    "points", "share",        "mass",        "J<sub>i</sub>",     "radius",
                                        "silhouette", "next",   "its distance", "nearest row", "what sets it apart"};
    enum { MASS = 3, ROW = 9, SETS_APART };
    for (int a = 0; a <= SETS_APART; a++)
        if (a != MASS || p->report->plot.points->w)
            put(p, "<th scope=\"col\"%s>%s</th>", a == SETS_APART || (a == ROW && p->report->id) ? " class=\"name\"" : "",
                heads[a]);
}

void put_clusters(struct page *p)
{
    const struct report *r = p->report;
    struct near t = {0};
    if (find(p, &t)) {
        put(p, "<section id=\"clusters\">\n<h2>Clusters</h2>\n");
        region_begin(p, "Clusters", r->plot.k);
        put(p, "<table id=\"cluster-table\" class=\"sortable\">\n<thead><tr>");
        put_heads(p);
        put(p, "</tr></thead>\n<tbody>\n");
        for (size_t a = 0; a < r->plot.k && a < MOST_ROWS; a++)
            put_row(p, &t, t.order[a].i);
        put(p, "</tbody>\n</table>\n");
        region_end(p);
        if (r->plot.k > MOST_ROWS)
            put(p, "<p>The %d largest of %zu.</p>\n", MOST_ROWS, r->plot.k);
        put(p,
            "<p class=\"note\">%sRadius: the distance of the farthest point%s. Next: the nearest other centroid. Nearest row: "
            "the row that is nearest to the centroid, counted from 1. What sets it apart: how far the centroid is from the "
            "mean of all points, in standard deviations of the column.</p>\n</section>\n",
            r->plot.points->w ? "Share: of the points, whatever they weigh. " : "",
            r->plot.shift ? ", in standardised units" : "");
    }
    free_near(&t);
}

/* The height of a bar with its rim. */
static double bar_height(size_t bars)
{
    return bars > 12 ? 19 : 24;
}

static void draw_bars(struct page *p, const struct ranked *order, size_t bars, struct drawing *d)
{
    enum { LEFT = 60, RIGHT = SHEET - 70 };
    const struct report *r = p->report;
    const double row = bar_height(bars);
    double least = 0;
    for (size_t a = 0; a < bars; a++)
        least = fmin(least, isnan(r->silhouette[order[a].i]) ? 0 : r->silhouette[order[a].i]);
    const double unit = (RIGHT - LEFT) / (1 - least), zero = LEFT - least * unit;
    for (size_t a = 0; a < bars; a++) {
        const size_t i = order[a].i;
        const double s = isnan(r->silhouette[i]) ? 0 : r->silhouette[i], y = MARGIN + (double)a * row;
        char text[32];
        snprintf(text, sizeof text, "%zu", i);
        draw_text(d, (struct point){LEFT - 8, y + row / 2 + 5}, SMALL, ANCHOR_END, INK_TEXT, text);
        draw_box(d, (struct box){fmin(zero, zero + s * unit), y + 2.5, fabs(s) * unit, row - 5},
                 (struct paint){.fill = (enum ink)(INK_HUE + r->plot.hue[i]), .opacity = 1});
        snprintf(text, sizeof text, isnan(r->silhouette[i]) ? "none" : "%.3f", s);
        draw_text(d, (struct point){fmax(zero, zero + s * unit) + 8, y + row / 2 + 5}, SMALL, ANCHOR_START, INK_MUTED, text);
    }
    draw_line(d, (struct point[]){{zero, MARGIN}, {zero, MARGIN + (double)bars * row}}, 2, INK_EDGE, 1);
}

void put_silhouettes(struct page *p)
{
    const struct report *r = p->report;
    const size_t k = r->plot.k, bars = k < MOST_BARS ? k : MOST_BARS;
    if (isnan(r->silhouette_mean))
        return;
    struct ranked *order = rank(p);
    put(p, "<section id=\"silhouette\">\n<h2>Silhouette</h2>\n<p>Simplified, of all points: <strong id=\"simplified\">");
    put_number(p, r->silhouette_mean, 4);
    put(p, "</strong>. True, %s%zu points: <strong>", r->sample < r->plot.points->n ? "estimated by " : "of all ", r->sample);
    put_number(p, r->sampled, 4);
    if (r->sample < r->plot.points->n) {
        put(p, "&nbsp;&plusmn;&nbsp;");
        put_number(p, r->sampled_error, 2);
    }
    put(p, "</strong>%s.</p>\n<figure>\n", r->sample < r->plot.points->n ? " (standard error)" : "");
    struct drawing *d = picture(p, SHEET, bar_height(bars) * (double)bars + 2 * MARGIN, "Silhouette by cluster",
                                "The mean simplified silhouette of each cluster, the largest clusters first.");
    if (d && order)
        draw_bars(p, order, bars, d);
    picture_end(p, d);
    put(p,
        "<figcaption>%s means of the simplified silhouette (b &minus; a) / max(a, b): a is a point&rsquo;s distance to its own "
        "centroid, b to the nearest other one. 1: well inside its cluster; 0: on the border; below 0: nearer to another. The "
        "true one has mean distances to the points themselves in place of centroids, and 0 for a point that is alone in its "
        "cluster.</figcaption>\n</figure>\n</section>\n",
        bars < k ? "The largest clusters&rsquo;" : "The clusters&rsquo;");
    free(order);
}
