/* page.c - the page as a whole: head, the order of its sections, and how words get into it.
 *
 * It has one style and one script, which its Content-Security-Policy names by their SHA-256: whatever else stands in it is not
 * run, and nothing is fetched. Without the script every section is there to be read; what it adds are the steps and the order
 * of the table. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/page.h"
#include "report/sheet.h"

void put(struct page *p, const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start(list, format);
    const int bytes = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (p->status == KMU_OK)
        p->status = bytes < (int)sizeof text ? output_write(p->out, text, (size_t)bytes, p->error)
                                             : table_fail(p->error, KMU_EBUG, "a page has words that are too long");
}

static void put_bytes(struct page *p, const char *text, size_t bytes)
{
    if (p->status == KMU_OK)
        p->status = output_write(p->out, text, bytes, p->error);
}

void put_words(struct page *p, const char *words)
{
    if (p->status == KMU_OK)
        p->status = markup_text(p->out, words, p->error);
}

void put_number(struct page *p, double x, int digits)
{
    char text[32];
    text[number_write(text, x, KMU_F64)] = 0;
    if (isnan(x))
        put(p, "&ndash;");
    else if (isinf(x))
        put(p, "beyond binary64");
    else if (digits)
        put(p, "%s", (snprintf(text, sizeof text, "%.*g", digits, x), short_exponent(text)));
    else
        put(p, "%s", text);
}

void put_count(struct page *p, int64_t count)
{
    char text[COUNT_BYTES];
    put(p, "%s", count_text(text, count));
}

void put_name(struct page *p, const char *name)
{
    char text[NAME_BYTES];
    text_fit(text, sizeof text, name, 1, 24);
    put(p, "<bdi>"); /* what is written from right to left does not turn the number behind it */
    put_words(p, text);
    put(p, "</bdi>");
}

void put_column(struct page *p, size_t l)
{
    const struct plot *plot = &p->report->plot;
    if (plot->names && *plot->names[l])
        put_name(p, plot->names[l]);
    else
        put(p, "column&nbsp;%zu", l + 1);
}

void region_begin(struct page *p, const char *label, size_t rows)
{
    enum { FEW_ROWS = 24 };
    put(p, "<div class=\"wide%s\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n", rows > FEW_ROWS ? " tall" : "", label);
}

void region_end(struct page *p)
{
    put(p, "</div>\n");
}

struct drawing *picture(struct page *p, double width, double height, const char *title, const char *description)
{
    struct drawing *d = NULL;
    if (p->status == KMU_OK)
        p->status = drawing_open_inline(p->out, width, height, title, description, &d, p->error);
    return d;
}

void picture_end(struct page *p, struct drawing *d)
{
    const kmu_status closed = d ? drawing_close(d) : KMU_OK;
    p->status = p->status == KMU_OK ? closed : p->status;
}

void *page_memory(struct page *p, size_t count, size_t bytes)
{
    void *memory = p->status == KMU_OK ? calloc(count + 1, bytes) : NULL;
    if (!memory && p->status == KMU_OK)
        p->status = table_fail(p->error, KMU_EMEMORY, "not enough memory");
    return memory;
}

/* Mean and deviation of every column, by weight; numbers are divided by the largest of their column first, so that no square is
 * too large or too small. */
static void measure_columns(struct page *p)
{
    const struct plot *plot = &p->report->plot;
    const kmu_points *x = plot->points;
    double *most = page_memory(p, x->d, sizeof *most), heaviest = 0;
    p->mean = page_memory(p, x->d, sizeof *p->mean);
    p->deviation = page_memory(p, x->d, sizeof *p->deviation);
    for (size_t j = 0; p->deviation && j < x->n; j++) {
        heaviest = fmax(heaviest, x->w ? x->w[j] : 1);
        for (size_t l = 0; l < x->d; l++)
            most[l] = fmax(most[l], fabs(coordinate(x, j, l)));
    }
    for (int pass = 0; pass < 2 && p->deviation; pass++) {
        double mass = 0;
        for (size_t j = 0; j < x->n; j++) {
            const double w = x->w ? x->w[j] / heaviest : 1;
            mass += w;
            for (size_t l = 0; l < x->d && w > 0; l++) {
                const double v = most[l] > 0 ? coordinate(x, j, l) / most[l] : 0;
                if (pass == 0)
                    p->mean[l] += w * v;
                else
                    p->deviation[l] += w * (v - p->mean[l]) * (v - p->mean[l]);
            }
        }
        for (size_t l = 0; l < x->d; l++)
            if (pass == 0)
                p->mean[l] /= mass;
            else
                p->deviation[l] = sqrt(p->deviation[l] / mass);
    }
    for (size_t l = 0; l < x->d && p->deviation; l++) {
        p->mean[l] *= most[l];
        p->deviation[l] *= most[l];
    }
    free(most);
}

static void put_head(struct page *p, const char *title)
{
    char *inks = svg_style(THEME_AUTO), style_hash[45], script_hash[45];
    const size_t bytes = inks ? strlen(inks) : 0;
    char *style = page_memory(p, bytes + page_css_bytes, 1);
    if (!inks && p->status == KMU_OK)
        p->status = table_fail(p->error, KMU_EMEMORY, "not enough memory");
    if (p->status == KMU_OK) {
        memcpy(style, page_css, page_css_bytes);
        memcpy(style + page_css_bytes, inks, bytes);
        sha256_base64(style, bytes + page_css_bytes, style_hash);
        sha256_base64(page_js, page_js_bytes, script_hash);
        put(p,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; script-src "
            "'sha256-%s'; img-src data:; base-uri 'none'; "
            "form-action 'none'\">\n",
            style_hash, script_hash);
        put(p,
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
            "content=\"light dark\">\n<meta name=\"generator\" content=\"kmu %s\">\n<title>",
            kmu_version());
        put_words(p, title);
        put(p, " &ndash; kmu</title>\n<style>");
        put_bytes(p, style, bytes + page_css_bytes);
        put(p, "</style>\n</head>\n");
    }
    free(inks);
    free(style);
}

static void put_cells(struct page *p)
{
    char caption[CAPTION_BYTES] = "";
    struct plot plot = p->report->plot;
    plot.name = "Clusters and cells";
    plot.kind = KIND_INLINE;
    plot.most = MOST_CELLS;
    plot.caption = caption;
    put(p, "<section id=\"cells\">\n<h2>%s</h2>\n<figure>\n", plot.image_height ? "Before and after" : "Cells");
    if (p->status == KMU_OK)
        p->status = plot_write(&plot, p->out, p->error);
    put(p, "<figcaption>");
    put_words(p, caption);
    put(p, "</figcaption>\n</figure>\n</section>\n");
}

void page_begin(struct page *p, const char *title)
{
    put_head(p, title);
    put(p, "<body>\n<header>\n<h1>");
    put_words(p, title);
    put(p, "</h1>\n");
}

void page_end(struct page *p)
{
    put(p, "</main>\n<footer><p>Made by kmu %s. This page holds all it needs; it asks for nothing.</p></footer>\n<script>",
        kmu_version());
    put_bytes(p, page_js, page_js_bytes);
    put(p, "</script>\n</body>\n</html>\n");
}

kmu_status report_write(const struct report *report, struct output *out, kmu_error *error)
{
    struct page p = {.out = out, .error = error, .report = report};
    for (size_t i = 0; i < report->plot.k; i++)
        report->plot.hue[i] = (unsigned char)(i % HUES);
    measure_columns(&p);
    page_begin(&p, report->title);
    char points[COUNT_BYTES + 32], coordinates[COUNT_BYTES + 32], clusters[COUNT_BYTES + 32];
    put(&p, "<p>%s of %s in %s. J&nbsp;=&nbsp;<strong>", count_things(points, report->plot.points->n, "point"),
        count_things(coordinates, report->plot.points->d, "coordinate"), count_things(clusters, report->plot.k, "cluster"));
    put_number(&p, report->J, 0);
    put(&p, "</strong></p>\n</header>\n<main>\n");
    put(&p, "<div class=\"two\">\n");
    put_cells(&p);
    put_player(&p);
    put(&p, "</div>\n");
    put_certain(&p);
    put_turns(&p);
    put_clusters(&p);
    put(&p, "<div class=\"two\">\n");
    put_silhouettes(&p);
    put_profiles(&p);
    put(&p, "</div>\n");
    put_asked(&p, &report->facts);
    page_end(&p);
    free(p.mean);
    free(p.deviation);
    return p.status;
}
