/* draw.h - the few marks that pictures are made of, and who makes them.
 *
 * A picture says what is where in pixels, y downwards, and names colours by their part (an ink), never by their numbers.
 * A maker turns marks into a file: svg.c into text, alone or for a page, in the colours that its reader prefers; cairo.c
 * into PNG and PDF, in the colours of one theme. The same calls in the same order are the same picture.
 *
 * Nothing here fails at once: the first error is kept, later marks are passed over, and drawing_close tells. */
#ifndef KMU_REPORT_DRAW_H
#define KMU_REPORT_DRAW_H

#include "io/table.h"

enum { HUES = 8 };   /* clusters share them; no two are alike to anyone (ink.c) */
enum { TONES = 31 }; /* steps of opacity */

enum ink { INK_NONE, INK_PAPER, INK_TEXT, INK_MUTED, INK_EDGE, INK_GRID, INK_HUE, INKS = INK_HUE + HUES };
enum theme { THEME_AUTO, THEME_LIGHT, THEME_DARK };
enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };
enum kind { KIND_NONE, KIND_SVG, KIND_PNG, KIND_PDF, KIND_INLINE };

struct point {
    double x, y;
};
struct box {
    double x, y, width, height;
};

/* How a shape is painted: inside, and along its edge. */
struct paint {
    enum ink fill;
    double opacity; /* of the fill, 0 .. 1 */
    enum ink line;
    double width; /* of the line */
};

/* Points in colour: bytes are red, green, blue; or with rgb == NULL tones, 0 for nothing, else 1 + TONES hue + t for
 * opacity (t + 1) / TONES. */
struct raster {
    size_t width, height;
    const unsigned char *rgb, *tone;
};

struct drawing;
struct maker {
    void (*group)(struct drawing *, const char *title);
    void (*end)(struct drawing *);
    void (*polygon)(struct drawing *, const struct point *, size_t count, struct paint);
    void (*line)(struct drawing *, const struct point *, size_t count, enum ink, double width);
    void (*circle)(struct drawing *, struct point, double radius, struct paint);
    void (*dots)(struct drawing *, const struct point *, size_t count, double radius, enum ink, double opacity);
    void (*text)(struct drawing *, struct point, double size, enum anchor, enum ink, const char *);
    void (*image)(struct drawing *, struct box, const struct raster *);
    void (*close)(struct drawing *); /* everything is with the output, what the maker holds is given back */
};

/* What all makers share; each has its own behind it. */
struct drawing {
    const struct maker *make;
    struct output *out;
    double width, height;
    kmu_status status;
    kmu_error *error;
};

/* The kind that a path's suffix asks for; KIND_NONE with KMU_EUSAGE and what to do, if none or one that this kmu cannot make.
 */
kmu_status drawing_kind(const char *path, enum kind *, kmu_error *);

/* A picture of a size, on paper; of KIND_INLINE as drawing_open_inline makes it. title and description are for those who do not
 * see it. */
kmu_status drawing_open(enum kind, struct output *, double width, double height, enum theme, const char *title,
                        const char *description, struct drawing **, kmu_error *);
/* The same within a page that has svg_style in its head: an <svg> element without a style of its own. */
kmu_status drawing_open_inline(struct output *, double width, double height, const char *title, const char *description,
                               struct drawing **, kmu_error *);
kmu_status drawing_close(struct drawing *);

void draw_group(struct drawing *, const char *title); /* what follows, up to its end, is called title; NULL: has no name */
void draw_end(struct drawing *);
void draw_polygon(struct drawing *, const struct point *, size_t count, struct paint);
void draw_box(struct drawing *, struct box, struct paint);
void draw_line(struct drawing *, const struct point *, size_t count, enum ink, double width);
void draw_circle(struct drawing *, struct point, double radius, struct paint);
void draw_dots(struct drawing *, const struct point *, size_t count, double radius, enum ink, double opacity);
/* UTF-8 on a line, with a rim of paper around it; the point is on its base line. */
void draw_text(struct drawing *, struct point, double size, enum anchor, enum ink, const char *);
void draw_image(struct drawing *, struct box, const struct raster *);

/* How wide text is at most, whatever the font of its reader is (draw.c). */
double text_width(const char *, double size);
/* text := as much of s as fits, controls and what is no UTF-8 made visible; "..." for the rest. bytes >= 8. */
void text_fit(char *text, size_t bytes, const char *s, double size, double width);

/* The style of inks for SVG, theme or the reader's choice: malloc'ed; NULL without memory. */
char *svg_style(enum theme);

/* The colour of an ink in a theme (light for AUTO), 0xrrggbb. */
unsigned ink_colour(enum ink, enum theme);

/* PNG bytes of a raster, malloc'ed; NULL without memory. Tones take the colours of the theme. */
unsigned char *png_bytes(const struct raster *, enum theme, size_t *count);

/* makers */
struct drawing *svg_open(struct output *, double width, double height, bool alone, enum theme, const char *title,
                         const char *description, kmu_error *);
struct drawing *cairo_open(enum kind, struct output *, double width, double height, enum theme, const char *title, kmu_error *);
#endif
