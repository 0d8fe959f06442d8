/* draw.c - the door of the makers, and how wide text may be.
 *
 * A picture is laid out before anyone knows its font, so text is measured by the wide ones of those that a sans-serif
 * stands for: of DejaVu Sans and Verdana each letter's wider form, rounded up. What fits by this measure fits in Helvetica,
 * Arial and Liberation Sans, which are narrower. */
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/draw.h"

static bool ends_in(const char *path, const char *suffix)
{
    const size_t length = strlen(path), end = strlen(suffix);
    return length >= end && strcasecmp(path + length - end, suffix) == 0;
}

kmu_status drawing_kind(const char *path, enum kind *kind, kmu_error *error)
{
    char name[SHOWN_PATH];
    const bool svg = ends_in(path, ".svg") || ends_in(path, ".svg.gz"), png = ends_in(path, ".png");
    *kind = svg ? KIND_SVG : png ? KIND_PNG : ends_in(path, ".pdf") ? KIND_PDF : KIND_NONE;
    shown_path(name, path);
    if (*kind == KIND_NONE)
        return table_fail(error, KMU_EUSAGE, "%s: a picture is .svg, .png or .pdf", name);
#ifndef KMU_CAIRO
    if (!svg) {
        *kind = KIND_NONE;
        return table_fail(error, KMU_EUSAGE,
                          "%s: this kmu makes .svg only; for .png and .pdf build it with cairo and FriBidi (Debian's "
                          "libcairo2-dev, libfribidi-dev)",
                          name);
    }
#endif
    return KMU_OK;
}

static kmu_status opened(struct drawing *made, struct drawing **d, kmu_error *error)
{
    *d = made;
    return made ? KMU_OK : table_fail(error, KMU_EMEMORY, "not enough memory");
}

kmu_status drawing_open(enum kind kind, struct output *out, double width, double height, enum theme theme, const char *title,
                        const char *description, struct drawing **d, kmu_error *error)
{
    if (kind == KIND_INLINE)
        return drawing_open_inline(out, width, height, title, description, d, error);
#ifdef KMU_CAIRO
    if (kind != KIND_SVG)
        return opened(cairo_open(kind, out, width, height, theme, title, error), d, error);
#endif
    (void)kind;
    return opened(svg_open(out, width, height, true, theme, title, description, error), d, error);
}

kmu_status drawing_open_inline(struct output *out, double width, double height, const char *title, const char *description,
                               struct drawing **d, kmu_error *error)
{
    return opened(svg_open(out, width, height, false, THEME_AUTO, title, description, error), d, error);
}

kmu_status drawing_close(struct drawing *d)
{
    d->make->close(d);
    const kmu_status status = d->status;
    free(d);
    return status;
}

void draw_group(struct drawing *d, const char *title)
{
    d->make->group(d, title);
}

void draw_end(struct drawing *d)
{
    d->make->end(d);
}

void draw_polygon(struct drawing *d, const struct point *p, size_t count, struct paint paint)
{
    if (count)
        d->make->polygon(d, p, count, paint);
}

void draw_box(struct drawing *d, struct box b, struct paint paint)
{
    const struct point corner[] = {{b.x, b.y}, {b.x + b.width, b.y}, {b.x + b.width, b.y + b.height}, {b.x, b.y + b.height}};
    draw_polygon(d, corner, 4, paint);
}

void draw_line(struct drawing *d, const struct point *p, size_t count, enum ink ink, double width)
{
    if (count)
        d->make->line(d, p, count, ink, width);
}

void draw_circle(struct drawing *d, struct point p, double radius, struct paint paint)
{
    d->make->circle(d, p, radius, paint);
}

void draw_dots(struct drawing *d, const struct point *p, size_t count, double radius, enum ink ink, double opacity)
{
    if (count)
        d->make->dots(d, p, count, radius, ink, opacity);
}

void draw_text(struct drawing *d, struct point p, double size, enum anchor anchor, enum ink ink, const char *text)
{
    if (*text)
        d->make->text(d, p, size, anchor, ink, text);
}

void draw_image(struct drawing *d, struct box b, const struct raster *r)
{
    d->make->image(d, b, r);
}

/* The width of the character at s in hundredths of the size, and its bytes. Beyond ASCII it is what words do not need, though
 * a letter may: of two bytes those of Latin, Greek, Cyrillic, Hebrew and Arabic, of more an em. */
static int letter_width(const char *s, size_t *bytes)
{
    static const unsigned char ascii[] = {
        36,  41, 46, 84, 64, 108, 78, 28, 46, 46, 64, 84, 37, 46, 37, 46,  /* space to / */
        64,  64, 64, 64, 64, 64,  64, 64, 64, 64, 46, 46, 84, 84, 84, 55,  /* 0 to ? */
        100, 69, 69, 70, 78, 64,  58, 78, 76, 43, 46, 70, 56, 87, 75, 79,  /* @ to O */
        61,  79, 70, 69, 62, 74,  69, 99, 69, 62, 69, 46, 46, 46, 84, 64,  /* P to _ */
        64,  62, 64, 55, 64, 62,  36, 64, 64, 28, 35, 60, 28, 98, 64, 62,  /* ` to o */
        64,  64, 43, 53, 40, 64,  60, 82, 60, 60, 53, 64, 46, 64, 84, 100, /* p to ~ */
    };
    const unsigned char c = (unsigned char)*s;
    *bytes = 1;
    if (c < 0x80)
        return ascii[c < ' ' ? '?' - ' ' : c - ' '];
    while ((s[*bytes] & 0xc0) == 0x80)
        ++*bytes;
    return c < 0xe0 ? 80 : 105;
}

double text_width(const char *s, double size)
{
    double width = 0;
    for (size_t bytes; *s; s += bytes)
        width += letter_width(s, &bytes);
    return width * size / 100;
}

void text_fit(char *text, size_t bytes, const char *s, double size, double width)
{
    char safe[4 * LONGEST_PATH + 8];
    shown(safe, LONGEST_PATH, s, s + strlen(s));
    const bool whole = strlen(safe) < bytes && text_width(safe, size) <= width;
    const double room = whole ? width : width - text_width("...", size);
    size_t at = 0;
    double used = 0;
    for (size_t step; safe[at]; at += step) {
        used += letter_width(safe + at, &step) * size / 100;
        if (!whole && (used > room || at + step + 4 > bytes))
            break;
    }
    memcpy(text, safe, at);
    strcpy(text + at, whole ? "" : "...");
}
