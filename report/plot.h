/* plot.h - a picture of points, their clusters and the centroids' cells. */
#ifndef KMU_REPORT_PLOT_H
#define KMU_REPORT_PLOT_H

#include "report/draw.h"

enum { CAPTION_BYTES = 1200 };

/* What is drawn: points as the model measures them, their labels, and the model in f64. */
struct plot {
    const char *name; /* of the data */
    enum kind kind;
    enum theme theme;
    const kmu_points *points;
    const int32_t *c; /* n */
    size_t k;
    const double *mu, *mass; /* k x d, k */
    size_t splits;           /* of a tree (kmu_walk), or 0 */
    const int32_t *child;
    const double *split_mu;           /* 2 splits x d */
    char **names;                     /* d, or NULL */
    const double *shift, *unit;       /* a coordinate x was x unit + shift before it was standardised; NULL: it was not */
    unsigned char *hue;               /* k: is told the hue of each cluster, below HUES; or NULL */
    char *caption;                    /* CAPTION_BYTES: is told what stands below, and no title or caption is drawn; or NULL */
    size_t image_height, image_width; /* the points are pixels, row by row; else 0 */
    size_t most;                      /* clusters of which cell and centroid are drawn, the heaviest; 0: all */
};

/* Draws to an output. Time O(n d + k^2), memory O(k d) and the picture. */
kmu_status plot_write(const struct plot *, struct output *, kmu_error *);
#endif
