/* plain.c - the kernels without vectors: the judge of the others (kernel.h is the contract). */
#include <math.h>

#include "kernel.h"

enum { LANES = 8, WIDE = 4 };

/* s of one point and one centroid, its coordinates `wide` apart. */
static float product(const float *x, const float *c, float half, size_t d)
{
    float total = 0;
    for (size_t from = 0; from < d; from += KMU__SUM_BLOCK) {
        float sum = 0;
        for (size_t l = from; l < d && l < from + KMU__SUM_BLOCK; l++)
            sum += x[l * LANES] * c[l * WIDE];
        total += sum;
    }
    return total + half;
}

static void nearest(const float *tile, const float *panel, const float *half, size_t d, size_t panels, int32_t from,
                    struct best *best)
{
    for (size_t t = 0; from == 0 && t < LANES; t++) {
        best->first[t] = best->second[t] = -INFINITY;
        best->which[t] = 0;
    }
    for (size_t i = 0; i < panels * WIDE; i++)
        for (size_t t = 0; t < LANES; t++) {
            float s = product(tile + t, panel + i / WIDE * d * WIDE + i % WIDE, half[i], d);
            if (s > best->first[t]) {
                best->second[t] = best->first[t];
                best->first[t] = s;
                best->which[t] = from + (int32_t)i;
            } else if (s > best->second[t]) {
                best->second[t] = s;
            }
        }
}

static size_t collect(const float *tile, const float *panel, const float *half, size_t d, size_t panels, int32_t from,
                      const float *least, int32_t *centroid, unsigned char *lane, size_t room)
{
    size_t found = 0;
    for (size_t i = 0; i < panels * WIDE; i++)
        for (size_t t = 0; t < LANES; t++)
            if (product(tile + t, panel + i / WIDE * d * WIDE + i % WIDE, half[i], d) >= least[t]) {
                if (found < room) {
                    centroid[found] = from + (int32_t)i;
                    lane[found] = (unsigned char)t;
                }
                found++;
            }
    return found;
}

static void squares(const float *tile, size_t d, float *square)
{
    for (size_t t = 0; t < LANES; t++) {
        square[t] = 0;
        for (size_t l = 0; l < d; l++)
            square[t] += tile[l * LANES + t] * tile[l * LANES + t];
    }
}

static void pack_f32(const float *const *row, size_t count, size_t d, float scale, const float *origin, float *tile,
                     float *square)
{
    for (size_t t = 0; t < LANES; t++)
        for (size_t l = 0; l < d; l++)
            tile[l * LANES + t] = t >= count ? 0 : origin ? row[t][l] * scale - origin[l] : row[t][l];
    squares(tile, d, square);
}

static void pack_f64(const double *const *row, size_t count, size_t d, double scale, const double *origin, float *tile,
                     float *square)
{
    for (size_t t = 0; t < LANES; t++)
        for (size_t l = 0; l < d; l++)
            tile[l * LANES + t] = t >= count ? 0 : (float)(origin ? row[t][l] * scale - origin[l] : row[t][l]);
    squares(tile, d, square);
}

const struct kernels kmu__kernels_plain = {
    .isa = KMU_ISA_PLAIN,
    .lanes = LANES,
    .wide = WIDE,
    .nearest = nearest,
    .collect = collect,
    .pack_f32 = pack_f32,
    .pack_f64 = pack_f64,
};
