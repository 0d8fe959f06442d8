/* svg.c - marks as SVG (W3C, SVG 1.1 2011): real text, and colours by class, so that a style sheet chooses them.
 *
 * Numbers are decimals of at most six digits behind the point, so a polygon on the grid of cells.h is written as it is;
 * within a page, of two, for pages are to be small.
 * Whatever comes from data passes `markup_text`. No style attribute is written: a page may forbid them
 * (Content-Security-Policy). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/markup.h"

struct svg {
    struct drawing d;
    enum theme theme;
    bool alone;
};

static void put(struct drawing *d, const char *text)
{
    if (d->status == KMU_OK)
        d->status = output_write(d->out, text, strlen(text), d->error);
}

static void put_number(struct drawing *d, const char *before, double x)
{
    char text[64];
    const long long v = ((struct svg *)d)->alone ? llround(x * 1e6) : 10000 * llround(x * 1e2);
    snprintf(text, sizeof text, "%s%lld.%06lld", v < 0 ? "-" : "", llabs(v) / 1000000, llabs(v) % 1000000);
    char *end = text + strlen(text);
    while (end[-1] == '0')
        *--end = 0;
    if (end[-1] == '.')
        end[-1] = 0;
    put(d, before);
    put(d, text);
}

static void put_points(struct drawing *d, const struct point *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_number(d, i ? " " : "", p[i].x);
        put_number(d, ",", p[i].y);
    }
}

static void put_text(struct drawing *d, const char *words)
{
    if (d->status == KMU_OK)
        d->status = markup_text(d->out, words, d->error);
}

static void put_class(struct drawing *d, const char *prefix, enum ink ink)
{
    char text[16];
    snprintf(text, sizeof text, "%s%d", prefix, (int)ink);
    put(d, text);
}

/* Attributes of a shape, and its end. */
static void put_paint(struct drawing *d, struct paint paint)
{
    put_class(d, " class=\"f", paint.fill);
    if (paint.line)
        put_class(d, " s", paint.line);
    put(d, "\"");
    if (paint.fill && paint.opacity < 1) {
        put_number(d, " fill-opacity=\"", paint.opacity);
        put(d, "\"");
    }
    if (paint.line) {
        put_number(d, " stroke-width=\"", paint.width);
        put(d, "\"");
    }
    put(d, "/>\n");
}

static void svg_group(struct drawing *d, const char *title)
{
    put(d, "<g>");
    if (title) {
        put(d, "<title>");
        put_text(d, title);
        put(d, "</title>");
    }
    put(d, "\n");
}

static void svg_end(struct drawing *d)
{
    put(d, "</g>\n");
}

static void svg_polygon(struct drawing *d, const struct point *p, size_t count, struct paint paint)
{
    put(d, "<polygon points=\"");
    put_points(d, p, count);
    put(d, "\"");
    put_paint(d, paint);
}

static void svg_line(struct drawing *d, const struct point *p, size_t count, enum ink ink, double width)
{
    put(d, "<polyline points=\"");
    put_points(d, p, count);
    put(d, "\"");
    put_paint(d, (struct paint){.line = ink, .width = width});
}

static void svg_circle(struct drawing *d, struct point p, double radius, struct paint paint)
{
    put_number(d, "<circle cx=\"", p.x);
    put_number(d, "\" cy=\"", p.y);
    put_number(d, "\" r=\"", radius);
    put(d, "\"");
    put_paint(d, paint);
}

/* Lines of length 0 with round ends: one path for all. */
static void svg_dots(struct drawing *d, const struct point *p, size_t count, double radius, enum ink ink, double opacity)
{
    put(d, "<path d=\"");
    for (size_t i = 0; i < count; i++) {
        put_number(d, "M", round(p[i].x * 100) / 100);
        put_number(d, " ", round(p[i].y * 100) / 100);
        put(d, "h0");
    }
    put_number(d, "\" stroke-linecap=\"round\" stroke-opacity=\"", opacity);
    put(d, "\"");
    put_paint(d, (struct paint){.line = ink, .width = 2 * radius});
}

static void svg_text(struct drawing *d, struct point p, double size, enum anchor anchor, enum ink ink, const char *words)
{
    static const char *const names[] = {"start", "middle", "end"};
    put_number(d, "<text x=\"", p.x);
    put_number(d, "\" y=\"", p.y);
    put_number(d, "\" font-size=\"", size);
    put(d, "\" text-anchor=\"");
    put(d, names[anchor]);
    put_class(d, "\" class=\"f", ink);
    put(d, "\">");
    put_text(d, words);
    put(d, "</text>\n");
}

static void put_base64(struct drawing *d, const unsigned char *b, size_t count)
{
    for (size_t i = 0; i < count; i += 3) {
        char four[5];
        base64_four(b + i, count - i, four);
        put(d, four);
    }
}

static void put_image(struct drawing *d, struct box b, const struct raster *r, enum theme theme, const char *class)
{
    size_t count;
    unsigned char *bytes = png_bytes(r, theme, &count);
    if (!bytes) {
        d->status = d->status == KMU_OK ? table_fail(d->error, KMU_EMEMORY, "not enough memory") : d->status;
        return;
    }
    put(d, "<image");
    put(d, class);
    put_number(d, " x=\"", b.x);
    put_number(d, "\" y=\"", b.y);
    put_number(d, "\" width=\"", b.width);
    put_number(d, "\" height=\"", b.height);
    put(d, "\" preserveAspectRatio=\"none\" image-rendering=\"");
    put(d, (double)r->width < b.width || (double)r->height < b.height ? "pixelated" : "auto");
    put(d, "\" href=\"data:image/png;base64,");
    put_base64(d, bytes, count);
    put(d, "\"/>\n");
    free(bytes);
}

/* Tones are drawn for both themes where the reader chooses. */
static void svg_image(struct drawing *d, struct box b, const struct raster *r)
{
    const enum theme theme = ((struct svg *)d)->theme;
    if (r->rgb || theme != THEME_AUTO) {
        put_image(d, b, r, theme, "");
    } else {
        put_image(d, b, r, THEME_LIGHT, " class=\"light\"");
        put_image(d, b, r, THEME_DARK, " class=\"dark\"");
    }
}

static void svg_close(struct drawing *d)
{
    put(d, "</svg>\n");
}

static void print_inks(FILE *f, enum theme theme)
{
    for (int i = INK_PAPER; i < INKS; i++) {
        const unsigned colour = ink_colour((enum ink)i, theme);
        fprintf(f, ".kmu .f%d{fill:#%06x}.kmu .s%d{stroke:#%06x}\n", i, colour, i, colour);
    }
    fprintf(f, ".kmu text{stroke:#%06x}\n", ink_colour(INK_PAPER, theme));
}

char *svg_style(enum theme theme)
{
    char *text = NULL;
    size_t bytes;
    FILE *f = open_memstream(&text, &bytes);
    if (!f)
        return NULL;
    fputs(".kmu .f0{fill:none}\n.kmu .dark{display:none}\n.kmu polygon,.kmu polyline{stroke-linejoin:round}\n"
          ".kmu text{font-family:\"DejaVu Sans\",Verdana,\"Liberation Sans\",Arial,sans-serif;stroke-width:3px;"
          "stroke-linejoin:round;paint-order:stroke}\n",
          f);
    print_inks(f, theme == THEME_DARK ? THEME_DARK : THEME_LIGHT);
    if (theme == THEME_AUTO) {
        fputs("@media screen and (prefers-color-scheme:dark){\n", f);
        print_inks(f, THEME_DARK);
        fputs(".kmu .light{display:none}.kmu .dark{display:inline}\n}\n", f);
    }
    const bool whole = !ferror(f);
    if (fclose(f) == 0 && whole)
        return text;
    free(text);
    return NULL;
}

static void put_style(struct drawing *d, enum theme theme)
{
    char *text = svg_style(theme);
    if (!text && d->status == KMU_OK)
        d->status = table_fail(d->error, KMU_EMEMORY, "not enough memory");
    put(d, "<style>\n");
    put(d, text ? text : "");
    put(d, "</style>\n");
    free(text);
}

static const struct maker svg_maker = {svg_group, svg_end,  svg_polygon, svg_line, svg_circle,
                                       svg_dots,  svg_text, svg_image,   svg_close};

struct drawing *svg_open(struct output *out, double width, double height, bool alone, enum theme theme, const char *title,
                         const char *description, kmu_error *error)
{
    struct svg *made = malloc(sizeof *made);
    if (!made)
        return NULL;
    *made = (struct svg){{&svg_maker, out, width, height, KMU_OK, error}, theme, alone};
    struct drawing *d = &made->d;
    put(d, alone ? "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"kmu\" role=\"img\"" : "<svg class=\"kmu\" role=\"img\"");
    put_number(d, " width=\"", width);
    put_number(d, "\" height=\"", height);
    put_number(d, "\" viewBox=\"0 0 ", width);
    put_number(d, " ", height);
    put(d, "\"><title>");
    put_text(d, title);
    put(d, "</title><desc>");
    put_text(d, description);
    put(d, "</desc>\n");
    if (alone)
        put_style(d, theme);
    draw_box(d, (struct box){0, 0, width, height}, (struct paint){.fill = INK_PAPER, .opacity = 1});
    return d;
}
