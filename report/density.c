/* density.c - many points as tones. Time O(n d), memory 4 HUES bytes a pixel. */
#include <math.h>
#include <stdlib.h>

#include "report/density.h"

bool density(const struct sheet *s, const struct plane *plane, const struct plot *plot, const unsigned char *hue, size_t width,
             size_t height, unsigned char *tone)
{
    uint32_t *count = calloc(width * height * HUES, sizeof *count);
    if (!count)
        return false;
    const double across = (double)width / (s->high[0] - s->low[0]), down = (double)height / (s->high[1] - s->low[1]);
    uint32_t most = 1;
    for (size_t j = 0; j < plot->points->n; j++) {
        const struct point p = plane_place(plane, plot->points, j);
        const double x = fmin((p.x - s->low[0]) * across, (double)width - 1);
        const double y = fmin((s->high[1] - p.y) * down, (double)height - 1);
        count[((size_t)y * width + (size_t)x) * HUES + hue[plot->c[j]]]++;
    }
    for (int pass = 0; pass < 2; pass++) /* the most points of a pixel, then tones by it */
        for (size_t a = 0; a < width * height; a++) {
            const uint32_t *of = count + a * HUES;
            uint32_t all = 0;
            int best = 0;
            for (int h = 0; h < HUES; h++) {
                all += of[h];
                best = of[h] > of[best] ? h : best;
            }
            if (!pass)
                most = all > most ? all : most;
            else
                tone[a] =
                    (unsigned char)(all ? 1 + best * TONES + (int)round((TONES - 1) * (0.25 + 0.75 * log1p(all) / log1p(most)))
                                        : 0);
        }
    free(count);
    return true;
}
