/* plot.c - which picture points get: of an image, of one column, of more. */
#include "report/sheet.h"

kmu_status plot_write(const struct plot *p, struct output *out, kmu_error *error)
{
    return p->image_height     ? plot_pixels(p, out, error)
           : p->points->d == 1 ? plot_strip(p, out, error)
                               : plot_plane(p, out, error);
}
