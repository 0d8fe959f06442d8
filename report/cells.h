/* cells.h - the cells of centroids in a plane: convex polygons on a grid. */
#ifndef KMU_REPORT_CELLS_H
#define KMU_REPORT_CELLS_H

#include "kmu.h"

/* A centroid as the plane sees it: point p has distance^2 ||p - (x, y)||^2 + h from it, but for a number that all share. */
struct site {
    double x, y, h;
};

/* The view: grid point (gx, gy) is the point (left + gx / across, top - gy / down) of the plane; 0 <= gx <= width,
 * 0 <= gy <= height, both at most 2^30. */
struct view {
    double left, top, across, down;
    int64_t width, height;
};

struct corner {
    int64_t x, y;
};

/* Cell i: corners[first[i]] .. corners[first[i + 1]] in order around it, none for a cell that the view does not show; and
 * the sites on the other side of its edges, beside[edge[i]] .. beside[edge[i + 1]]. */
struct cells {
    size_t k;
    size_t *first, *edge; /* k + 1 each */
    struct corner *corners;
    int32_t *beside;
};

/* Twice the area of the triangle a b c, positive when it turns from x towards y: exact. */
int64_t cells_turn(struct corner a, struct corner b, struct corner c);

/* The cells of k sites. */
kmu_status cells_of_sites(const struct site *, size_t k, const struct view *, struct cells *, kmu_error *);
/* The cells of a tree of splits (kmu_walk): two sites a split, the second child takes what is strictly nearer to its own. */
kmu_status cells_of_tree(const struct site *, size_t splits, const int32_t *child, const struct view *, struct cells *,
                         kmu_error *);
void cells_free(struct cells *);

/* A hue, below `hues`, for every cell: i itself while they last, else one that no neighbour has, if hues >= 6 (hues.c). */
kmu_status cells_hues(const struct cells *, int hues, unsigned char *hue, kmu_error *);
#endif
