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

/* Room for the images of count rows. */
void kmu__images_wish(struct images *, const struct fit *f, size_t count, struct memory *);

/* The images of rows which[0 .. count - 1] of mu (all of them in turn for NULL). false if some image is not finite or too large
 * to be squared, or there are more than KMU__FRAME_COLUMNS columns. Time O(count d). */
bool kmu__images_make(struct images *, const struct fit *f, const double *mu, const int32_t *which, size_t count);

/* slack := 2 E rounded up, for points whose images have these sums of squares: E bounds how far s of kernel.h can be from
 * x'.c' - ||c'||^2 / 2 for all these images, where x' = x 2^s - o and c' = mu 2^s - o are real vectors. */
void kmu__frame_slack(const struct fit *f, const struct images *, const float *square, size_t count, float *slack);

/* ||x'||^2 >= square shrink - loss for a point whose image has this sum of squares. */
void kmu__frame_least_square(const struct fit *f, double *shrink, double *loss);

/* ||x'||^2 <= square grown + added likewise. */
void kmu__frame_most_square(const struct fit *f, float *grown, float *added);

/* No less than how far centroid i is from row i of others, ||mu_i - from_i|| 2^s; inf if that is no number of binary32. */
float kmu__frame_moved(const struct fit *f, size_t i, const double *from);

/* ||x - y|| 2^s, rounded. */
double kmu__frame_distance(const struct fit *f, const double *x, const double *y);

/* tile, square := the images of count rows of points, by number. */
void kmu__frame_points(const struct fit *f, const struct points *, const size_t *row, size_t count, float *tile, float *square);

#endif
