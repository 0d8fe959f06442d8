/* cairo.c - marks as PNG and PDF by the cairo library (https://www.cairographics.org), where kmu is built with it. A PNG has
 * two pixels for each of the picture's, so that small text is sharp; a PDF has three points for four of them. Words are drawn
 * letter by letter (bidi.c), each in a font that has it (fonts.c). */
#include <cairo-pdf.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/bidi.h"
#include "report/draw.h"
#include "report/fonts.h"

#define FAMILY "sans-serif"

struct by_cairo {
    struct drawing d;
    cairo_t *cr;
    cairo_font_face_t *face; /* that the family stands for */
    struct fonts *fonts;     /* others; opened when a letter is beyond ASCII */
    cairo_surface_t *surface;
    enum kind kind;
    enum theme theme;
};

static cairo_t *pen(struct drawing *d)
{
    return ((struct by_cairo *)d)->cr;
}

static void set_ink(struct drawing *d, enum ink ink, double opacity)
{
    const unsigned c = ink_colour(ink, ((struct by_cairo *)d)->theme);
    cairo_set_source_rgba(pen(d), (c >> 16) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0, opacity);
}

/* Paints the path, and forgets it. */
static void paint_path(struct drawing *d, struct paint paint)
{
    if (paint.fill) {
        set_ink(d, paint.fill, paint.opacity);
        cairo_fill_preserve(pen(d));
    }
    if (paint.line) {
        set_ink(d, paint.line, 1);
        cairo_set_line_width(pen(d), paint.width);
        cairo_stroke_preserve(pen(d));
    }
    cairo_new_path(pen(d));
}

static void trace(struct drawing *d, const struct point *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cairo_line_to(pen(d), p[i].x, p[i].y);
}

static void cairo_maker_group(struct drawing *d, const char *title)
{
    (void)d;
    (void)title;
}

static void cairo_maker_end(struct drawing *d)
{
    (void)d;
}

static void cairo_maker_polygon(struct drawing *d, const struct point *p, size_t count, struct paint paint)
{
    trace(d, p, count);
    cairo_close_path(pen(d));
    paint_path(d, paint);
}

static void cairo_maker_line(struct drawing *d, const struct point *p, size_t count, enum ink ink, double width)
{
    trace(d, p, count);
    paint_path(d, (struct paint){.line = ink, .width = width});
}

static void cairo_maker_circle(struct drawing *d, struct point p, double radius, struct paint paint)
{
    cairo_arc(pen(d), p.x, p.y, radius, 0, 2 * acos(-1));
    cairo_close_path(pen(d));
    paint_path(d, paint);
}

static void cairo_maker_dots(struct drawing *d, const struct point *p, size_t count, double radius, enum ink ink,
                             double opacity)
{
    set_ink(d, ink, opacity);
    cairo_set_line_width(pen(d), 2 * radius);
    cairo_set_line_cap(pen(d), CAIRO_LINE_CAP_ROUND);
    for (size_t i = 0; i < count; i++) {
        cairo_move_to(pen(d), p[i].x, p[i].y);
        cairo_close_path(pen(d));
    }
    cairo_stroke(pen(d));
    cairo_set_line_cap(pen(d), CAIRO_LINE_CAP_BUTT);
}

/* The face for a letter, of which most have the first font's. */
static cairo_font_face_t *face_of(struct by_cairo *by, uint32_t letter)
{
    if (letter > 0x7f && !by->fonts)
        by->fonts = fonts_open(FAMILY);
    cairo_font_face_t *other = letter > 0x7f && by->fonts ? fonts_face(by->fonts, letter) : NULL;
    return other ? other : by->face;
}

/* Letters from (x, y) on, those of one face at a time; returns where they end. paint NULL: they are measured. */
static double put_letters(struct drawing *d, const uint32_t *letters, int count, double x, double y,
                          void (*paint)(cairo_t *, const char *))
{
    for (int i = 0, end; i < count; i = end) {
        char run[4 * SHOWN_PATH + 1];
        cairo_text_extents_t extents;
        cairo_font_face_t *face = face_of((struct by_cairo *)d, letters[i]);
        for (end = i + 1; end < count && face_of((struct by_cairo *)d, letters[end]) == face;)
            end++;
        bidi_text(run, letters + i, end - i);
        cairo_set_font_face(pen(d), face);
        cairo_text_extents(pen(d), run, &extents);
        cairo_move_to(pen(d), x, y);
        if (paint)
            paint(pen(d), run);
        x += extents.x_advance;
    }
    return x;
}

static void cairo_maker_text(struct drawing *d, struct point p, double size, enum anchor anchor, enum ink ink,
                             const char *words)
{
    uint32_t letters[SHOWN_PATH];
    const int count = bidi_order(letters, words);
    if (count < 0) {
        d->status = d->status == KMU_OK ? table_fail(d->error, KMU_EMEMORY, "not enough memory") : d->status;
        return;
    }
    cairo_set_font_size(pen(d), size);
    const double width = put_letters(d, letters, count, 0, 0, NULL);
    const double left = p.x - (anchor == ANCHOR_START ? 0 : anchor == ANCHOR_END ? width : width / 2);
    cairo_new_path(pen(d));
    put_letters(d, letters, count, left, p.y, cairo_text_path);
    set_ink(d, INK_PAPER, 1);
    cairo_set_line_width(pen(d), 3);
    cairo_stroke(pen(d));
    set_ink(d, ink, 1);
    put_letters(d, letters, count, left, p.y, cairo_show_text);
    cairo_new_path(pen(d));
}

static cairo_surface_t *surface_of(const struct raster *r, enum theme theme)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)r->width, (int)r->height);
    unsigned char *data = cairo_image_surface_get_data(s);
    for (size_t y = 0; data && y < r->height; y++)
        for (size_t x = 0; x < r->width; x++) {
            const unsigned char *rgb = r->rgb ? r->rgb + 3 * (y * r->width + x) : NULL;
            const int tone = rgb ? 0 : r->tone[y * r->width + x];
            const unsigned c = rgb    ? (unsigned)rgb[0] << 16 | (unsigned)rgb[1] << 8 | rgb[2]
                               : tone ? ink_colour((enum ink)(INK_HUE + (tone - 1) / TONES), theme)
                                      : 0;
            const uint32_t a = rgb ? 255 : tone ? (uint32_t)(255 * ((tone - 1) % TONES + 1) / TONES) : 0;
            const uint32_t pixel =
                a << 24 | ((c >> 16) * a / 255) << 16 | ((c >> 8 & 255) * a / 255) << 8 | (c & 255) * a / 255;
            memcpy(data + y * (size_t)cairo_image_surface_get_stride(s) + 4 * x, &pixel, 4);
        }
    cairo_surface_mark_dirty(s);
    return s;
}

static void cairo_maker_image(struct drawing *d, struct box b, const struct raster *r)
{
    cairo_t *cr = pen(d);
    cairo_surface_t *s = surface_of(r, ((struct by_cairo *)d)->theme);
    cairo_save(cr);
    cairo_translate(cr, b.x, b.y);
    cairo_scale(cr, b.width / (double)r->width, b.height / (double)r->height);
    cairo_set_source_surface(cr, s, 0, 0);
    const bool larger = (double)r->width < b.width || (double)r->height < b.height;
    cairo_pattern_set_filter(cairo_get_source(cr), larger ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_rectangle(cr, 0, 0, (double)r->width, (double)r->height);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(s);
}

static cairo_status_t write_bytes(void *context, const unsigned char *bytes, unsigned count)
{
    struct drawing *d = context;
    if (d->status == KMU_OK)
        d->status = output_write(d->out, bytes, count, d->error);
    return d->status == KMU_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void cairo_maker_close(struct drawing *d)
{
    struct by_cairo *made = (struct by_cairo *)d;
    cairo_status_t status = cairo_status(made->cr);
    cairo_font_face_destroy(made->face);
    cairo_destroy(made->cr);
    fonts_close(made->fonts);
    if (made->kind == KIND_PNG && status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(made->surface, write_bytes, d);
    cairo_surface_finish(made->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(made->surface);
    cairo_surface_destroy(made->surface);
    if (status != CAIRO_STATUS_SUCCESS && d->status == KMU_OK)
        d->status = table_fail(d->error, status == CAIRO_STATUS_NO_MEMORY ? KMU_EMEMORY : KMU_EIO, "%s: cannot draw: %s",
                               output_name(d->out), cairo_status_to_string(status));
}

static const struct maker cairo_maker = {cairo_maker_group, cairo_maker_end,    cairo_maker_polygon,
                                         cairo_maker_line,  cairo_maker_circle, cairo_maker_dots,
                                         cairo_maker_text,  cairo_maker_image,  cairo_maker_close};

struct drawing *cairo_open(enum kind kind, struct output *out, double width, double height, enum theme theme, const char *title,
                           kmu_error *error)
{
    struct by_cairo *made = malloc(sizeof *made);
    if (!made)
        return NULL;
    *made = (struct by_cairo){.d = {&cairo_maker, out, width, height, KMU_OK, error}, .kind = kind, .theme = theme};
    const double scale = kind == KIND_PNG ? 2 : 0.75;
    if (kind == KIND_PNG) {
        made->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
    } else {
        made->surface = cairo_pdf_surface_create_for_stream(write_bytes, &made->d, width * scale, height * scale);
        cairo_pdf_surface_set_metadata(made->surface, CAIRO_PDF_METADATA_TITLE, title);
        cairo_pdf_surface_set_metadata(made->surface, CAIRO_PDF_METADATA_CREATE_DATE, NULL); /* the same bytes tomorrow */
    }
    made->cr = cairo_create(made->surface);
    cairo_scale(made->cr, scale, scale);
    cairo_set_line_join(made->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_select_font_face(made->cr, FAMILY, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    made->face = cairo_font_face_reference(cairo_get_font_face(made->cr));
    set_ink(&made->d, INK_PAPER, 1);
    cairo_paint(made->cr);
    return &made->d;
}
