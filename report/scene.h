/* scene.h - what the pictures of points find out before the first mark, be they of a plane or of a line. */
#ifndef KMU_REPORT_SCENE_H
#define KMU_REPORT_SCENE_H

#include "report/sheet.h"

struct scene {
    struct plane plane;
    struct sheet sheet;
    struct cells cells;
    struct site *site; /* k, then those of the splits */
    struct mark *mark;
    unsigned char *hue;
};

/* The plane, and the sites in it. */
kmu_status scene_begin(struct scene *, const struct plot *, kmu_error *);
/* What is shown grows to all sites and points. */
void scene_take(struct scene *, const struct plot *);
/* The cells, once the view is known, and their hues. */
kmu_status scene_cut(struct scene *, const struct plot *, kmu_error *);
/* Of the clusters whose marks are shown. */
void scene_cells(const struct scene *, const struct plot *, enum ink line, double width, struct drawing *);
/* Says so where not all are shown, and where so many of those that are have no index. */
void scene_say_left(struct scene *, const struct plot *, size_t unlabelled);
/* Closes the drawing, if there is one, and gives back the scene; the first error of both. */
kmu_status scene_end(struct scene *, struct drawing *, kmu_status);
#endif
