/* density.h - many points as tones: where they are, whose most of them are. */
#ifndef KMU_REPORT_DENSITY_H
#define KMU_REPORT_DENSITY_H

#include "report/sheet.h"

/* tone (width x height, as a raster's) := the darker the more points a pixel has (log), in the hue of most of them.
 * false: no memory. */
bool density(const struct sheet *, const struct plane *, const struct plot *, const unsigned char *hue, size_t width,
             size_t height, unsigned char *tone);
#endif
