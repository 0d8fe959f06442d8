/* sheet.h - what the pictures of points share: a plane in their space, a sheet with axes, places for labels. */
#ifndef KMU_REPORT_SHEET_H
#define KMU_REPORT_SHEET_H

#include "report/cells.h"
#include "report/plot.h"

enum { SHEET = 460, SMALL = 15, LARGE = 17, LINE = 21, MARGIN = 12 }; /* pixels; at 340 wide small text is 11 high */
enum { FEW_POINTS = 5000 };                                           /* more are drawn as density */
enum { NAME_BYTES = 400, TICKS = 8, CAPTION_LINES = 12 };

/* A point x of the space has the place (u.(x f g - origin), v.(x f g - origin)), f g a power of two by which no number
 * is beyond 1. Of two columns u and v are the axes themselves; of one, v is 0. */
struct plane {
    size_t d;
    double f, g, share;           /* share: the part of the rows' variance that the plane has */
    bool of_points;               /* of more columns: the principal axes are those of the points, else of the centroids */
    double *origin, *u, *v, *row; /* d each; row is a place to work in */
};

/* Coordinate l of point j. */
double coordinate(const kmu_points *, size_t j, size_t l);
kmu_status plane_make(struct plane *, const struct plot *, kmu_error *);
void plane_free(struct plane *);
struct point plane_place(const struct plane *, const kmu_points *, size_t j);
struct site plane_site(const struct plane *, const double *mu);
/* What coordinate l (0: across, 1: up) of the plane is in the units of the data. */
double plane_unit(const struct plane *, const struct plot *, int l, double at);

/* Where the points are drawn, in whole pixels, and what is there. */
struct sheet {
    struct box area;
    double low[2], high[2]; /* of the plane */
    double height;          /* of the whole picture */
    char caption[CAPTION_BYTES];
    size_t lines;
    char line[CAPTION_LINES][NAME_BYTES];
    double tick[2][TICKS];
    char label[2][TICKS][32];
    size_t ticks[2];
};

/* Adds words to the caption. */
void sheet_say(struct sheet *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "1 000 points, 3 clusters. " */
void sheet_say_counts(struct sheet *, const struct plot *);
/* Where the area begins: below the title, and above it room for so many lines. */
double sheet_top(const struct plot *, int lines);
/* Breaks the caption into lines, and knows the height then. under: what lies between the area and the caption. */
void sheet_finish(struct sheet *, const struct plot *, double under);
/* What is shown grows to (x, y) of the plane; it begins with low at infinity, high at -infinity. */
void sheet_take(struct sheet *, double x, double y);
/* A rim around what is shown, and the height of the area for its width. True: one scale for both axes, where that leaves enough
 * to see. */
bool sheet_fit(struct sheet *);
/* Round numbers from low to high, far enough apart for their labels: across (0) or up (1), `room` pixels. */
void sheet_ticks(struct sheet *, int l, double low, double high, double room);
/* Where the middle of a label across is, so that it stays on the sheet; false: the one before it, up to *used, is in its way.
 */
bool sheet_label(double *x, const char *label, double *used);
/* Where the area begins, right of the labels of the ticks up. */
double sheet_left(const struct sheet *);
/* The ticks of the axis across (l = 0), at height `at`, or up (1), at `at` from the left, and their labels; low and high: what
 * the ends of the area are in the numbers of the ticks. grid: lines through the area in place of short marks. */
void sheet_axis(const struct sheet *, int l, double low, double high, double at, bool grid, struct drawing *);
/* A number's text without what nobody reads: 1.5e+08 becomes 1.5e8. Returns the text. */
char *short_exponent(char *);
/* A count >= 0, its thousands apart by narrow no-break spaces. Returns the text. */
enum { COUNT_BYTES = 48 };
char *count_text(char text[COUNT_BYTES], int64_t);
/* "1 000 points", "1 point". */
char *count_things(char text[COUNT_BYTES + 32], size_t count, const char *thing);
/* Title above, caption below. */
void sheet_words(const struct sheet *, const struct plot *, struct drawing *);
struct point sheet_at(const struct sheet *, struct point of_plane);
/* The view of the area in the steps of cells.h: millionths of a pixel. */
struct view sheet_view(const struct sheet *);
void sheet_cell(const struct sheet *, const struct cells *, size_t i, struct drawing *, struct paint);

/* The clusters, the heaviest first, a mass beyond binary64 as 1; malloc'ed, NULL without memory. */
size_t *clusters_by_mass(const struct plot *);
/* What a cluster is called: its index, size and share. */
void cluster_title(const struct plot *, size_t i, char *text, size_t bytes);
/* A name or "column 3", as much as fits. */
void column_name(const struct plot *, size_t l, double width, char *text, size_t bytes);

/* Circles for centroids by mass, and where their indices stand, so that no two overlap. */
struct mark {
    struct point at, text;
    double radius, rim; /* rim: around the circle, free of other indices */
    bool shown, labelled;
    enum anchor anchor;
};
/* Only the heaviest are shown where a plot has a limit. *unlabelled: how many of them have no room for their index. */
kmu_status marks_place(struct mark *, const struct plot *, const struct box *area, double most, size_t *unlabelled,
                       kmu_error *);
void marks_draw(const struct mark *, const struct plot *, const unsigned char *hue, struct drawing *);

kmu_status plot_plane(const struct plot *, struct output *, kmu_error *);  /* d >= 2 */
kmu_status plot_strip(const struct plot *, struct output *, kmu_error *);  /* d = 1 */
kmu_status plot_pixels(const struct plot *, struct output *, kmu_error *); /* an image */
#endif
