/* frame.h - binary32 images of points and centroids: x^ = fl(x 2^s - o), one origin o and one scale 2^s for a fit.
 *
 * Distances do not depend on the origin, but their rounding errors do: near the points' mean they are least. The scale
 * keeps squares away from overflow and underflow. Any o and s are right; these are chosen from a sample. */
#ifndef KMU_LAYOUT_FRAME_H
#define KMU_LAYOUT_FRAME_H

#include "../fit.h"
#include "../kernel/kernel.h"

enum { KMU__FRAME_COLUMNS = 1 << 20 }; /* the bounds are proved up to here */

/* Chooses f->frame, from a sample. */
void kmu__frame_choose(struct fit *f);

/* f->panels := the images of the distinct centroids, panel by panel, and f->half; f->reach := an upper bound of their norms,
 * f->drop of their |half|. false if some image is not finite or too large to be squared. Time O(k d). */
bool kmu__frame_centroids(struct fit *f);

/* slack := 2 E rounded up, for points whose images have these sums of squares: E bounds how far s of kernel.h can be from
 * x'.c' - ||c'||^2 / 2, where x' = x 2^s - o and c' = mu 2^s - o are real vectors. */
void kmu__frame_slack(const struct fit *f, const float *square, size_t count, float *slack);

/* tile, square := the images of count rows by number. */
void kmu__frame_points(const struct fit *f, const size_t *row, size_t count, float *tile, float *square);

#endif
