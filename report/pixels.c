/* pixels.c - an image before and after its colours became k, and these colours: points are pixels of one column (grey) or
 * three (red, green, blue), 0 .. 255, or 0 .. 1 where none is beyond 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/format.h"
#include "report/sheet.h"

enum { MOST_SIDE = 1100, MOST_INLINE = 60000 }; /* pixels of what is drawn: of a side, and of all within a page, */
                                                /* where an image that nothing makes smaller has 4 bytes a pixel */
enum { BAND = 36, SWATCHES = 24 };              /* the height of the palette, the indices below it */

struct pixels {
    const struct plot *plot;
    size_t width, height; /* as drawn */
    double scale;         /* to bytes */
};

/* Coordinate l as it was before it was standardised. */
static double original(const struct plot *p, size_t l, double x)
{
    return p->shift ? x * p->unit[l] + p->shift[l] : x;
}

static unsigned char byte_of(const struct pixels *x, double v)
{
    return (unsigned char)lround(fmin(fmax(v * x->scale, 0), 255));
}

static void colour_of(const struct pixels *x, const double *v, unsigned char rgb[3])
{
    const size_t d = x->plot->points->d;
    for (size_t part = 0; part < 3; part++)
        rgb[part] = byte_of(x, v[d == 1 ? 0 : part]);
}

static void centroid_colour(const struct pixels *x, size_t i, unsigned char rgb[3])
{
    const size_t d = x->plot->points->d;
    double v[3];
    for (size_t l = 0; l < d; l++)
        v[l] = original(x->plot, l, x->plot->mu[i * d + l]);
    colour_of(x, v, rgb);
}

/* The pixel of a smaller image: the mean of those that it stands for, or the colour of the cluster in its middle. */
static void shrink(const struct pixels *x, bool after, unsigned char *rgb)
{
    const struct plot *p = x->plot;
    const size_t W = p->image_width, H = p->image_height, d = p->points->d;
    for (size_t b = 0; b < x->height; b++)
        for (size_t a = 0; a < x->width; a++, rgb += 3) {
            const size_t top = b * H / x->height, bottom = (b + 1) * H / x->height;
            const size_t left = a * W / x->width, right = (a + 1) * W / x->width;
            double v[3] = {0};
            if (after) {
                centroid_colour(x, (size_t)p->c[(top + bottom) / 2 * W + (left + right) / 2], rgb);
                continue;
            }
            for (size_t j = top; j < bottom; j++)
                for (size_t i = left; i < right; i++)
                    for (size_t l = 0; l < d; l++)
                        v[l] += original(p, l, coordinate(p->points, j * W + i, l));
            for (size_t l = 0; l < d; l++)
                v[l] /= (double)((bottom - top) * (right - left));
            colour_of(x, v, rgb);
        }
}

static void measure(struct pixels *x)
{
    const struct plot *p = x->plot;
    double most = 0;
    for (size_t j = 0; j < p->points->n; j++)
        for (size_t l = 0; l < p->points->d; l++)
            most = fmax(most, original(p, l, coordinate(p->points, j, l)));
    x->scale = most > 1 ? 1 : 255;
    const double wide = (double)p->image_width, high = (double)p->image_height;
    double part = fmin(1, MOST_SIDE / fmax(wide, high));
    if (p->kind == KIND_INLINE)
        part = fmin(part, sqrt(MOST_INLINE / (wide * high)));
    x->width = (size_t)(wide * part);
    x->height = (size_t)(high * part);
    x->width += x->width == 0;
    x->height += x->height == 0;
}

static double mass_of(const struct plot *p, size_t i)
{
    return isfinite(p->mass[i]) ? p->mass[i] : 1;
}

/* The colours side by side, the most frequent first, each as wide as it is frequent. */
static kmu_status draw_palette(const struct pixels *x, struct drawing *d, double y, kmu_error *error)
{
    enum { WIDE = SHEET - 2 * MARGIN };
    const struct plot *p = x->plot;
    unsigned char band[3 * WIDE];
    size_t *order = clusters_by_mass(p), pixels = 0;
    double sum = 0, from = 0, used = 0;
    if (!order)
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    for (size_t a = 0; a < p->k; a++)
        sum += mass_of(p, order[a]);
    for (size_t a = 0; a < p->k; a++) {
        const size_t i = order[a];
        const double to = from + mass_of(p, i) / sum;
        for (; pixels < WIDE && (((double)pixels + 0.5) / WIDE < to || a + 1 == p->k); pixels++)
            centroid_colour(x, i, band + 3 * pixels);
        from = to;
    }
    draw_image(d, (struct box){MARGIN, y, WIDE, BAND}, &(struct raster){WIDE, 1, band, NULL});
    draw_box(d, (struct box){MARGIN, y, WIDE, BAND}, (struct paint){.line = INK_EDGE, .width = 1});
    from = 0;
    for (size_t a = 0; a < p->k && a < SWATCHES; from += mass_of(p, order[a++]) / sum) { /* indices where there is room */
        char text[24];
        snprintf(text, sizeof text, "%zu", order[a]);
        const double width = text_width(text, SMALL), middle = MARGIN + WIDE * (from + mass_of(p, order[a]) / sum / 2);
        if (middle - width / 2 < used + 4 || middle + width / 2 > SHEET)
            continue;
        draw_text(d, (struct point){middle, y + BAND + SMALL + 3}, SMALL, ANCHOR_MIDDLE, INK_MUTED, text);
        used = middle + width / 2;
    }
    free(order);
    return KMU_OK;
}

kmu_status plot_pixels(const struct plot *p, struct output *out, kmu_error *error)
{
    struct pixels x = {.plot = p};
    struct sheet s = {.area = {MARGIN, sheet_top(p, 1), (SHEET - 3 * MARGIN) / 2.0, 0}};
    struct drawing *d = NULL;
    measure(&x);
    unsigned char *rgb = malloc(3 * x.width * x.height);
    if (!rgb)
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    const double ratio = (double)x.height / (double)x.width;
    s.area.height = fmin(s.area.width * ratio, 2 * s.area.width);
    sheet_say(&s,
              "%zu x %zu pixels; %zu colours, the centroids. Below: these colours, each as wide as it is frequent, with the "
              "indices that have room.",
              p->image_height, p->image_width, p->k);
    if (x.width < p->image_width)
        sheet_say(&s, " Shown as %zu x %zu pixels, to keep this small.", x.height, x.width);
    sheet_finish(&s, p, BAND + 2 * MARGIN + 2 * LINE);
    kmu_status status = drawing_open(p->kind, out, SHEET, s.height, p->theme, p->name, s.caption, &d, error);
    for (int after = 0; after < 2 && status == KMU_OK; after++) {
        struct box b = s.area;
        b.x += after * (b.width + MARGIN);
        draw_text(d, (struct point){b.x, b.y - 7}, SMALL, ANCHOR_START, INK_TEXT, after ? "after" : "before");
        b.x += (b.width - b.height / ratio) / 2; /* a very high image is not as wide as there is room */
        b.width = b.height / ratio;
        shrink(&x, after, rgb);
        draw_group(d, after ? "after" : "before");
        draw_image(d, b, &(struct raster){x.width, x.height, rgb, NULL});
        draw_end(d);
    }
    free(rgb);
    if (status == KMU_OK)
        status = draw_palette(&x, d, s.area.y + s.area.height + 2 * MARGIN, error);
    if (status == KMU_OK)
        sheet_words(&s, p, d);
    const kmu_status closed = d ? drawing_close(d) : KMU_OK;
    return status == KMU_OK ? closed : status;
}
