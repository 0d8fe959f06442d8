/* frame.c - binary32 images of points and centroids, and how far they are from the truth.
 *
 * With u = 2^-24, image x^ = x' + e, |e_l| <= 1.001 u |x^_l| + 2^-148 (one rounding from f64, or an underflow), likewise c^;
 * ||c'||^2 / 2 is summed in f64 and rounded to h. The kernel's sum has depth m (kernel.h). Then (N4)
 *
 *   |s - (x'.c' - ||c'||^2 / 2)| <= 1.01 u (m + 4) ||x^|| ||c^|| + 2.02 u |h| + d 2^-140 (||x^|| + ||c^|| + 1)
 *
 * and ||x^||^2 <= square (1 + (d + 4) 2^-23) + d 2^-120 for the kernel's sum of squares. */
#include "layout/frame.h"

#include <math.h>

enum { SAMPLE = 1024 };

void kmu__frame_choose(struct fit *f)
{
    struct frame *t = &f->frame;
    int high = f->points->all.low > f->points->all.high ? 0 : f->points->all.high;
    bool extreme = high < -20 || high > 40;
    t->scale = extreme ? kmu__power(10 - high > 1000 ? 1000 : 10 - high) : 1;
    double mean2 = 0, spread = 0;
    size_t samples = f->n < SAMPLE ? f->n : SAMPLE;
    for (size_t l = 0; l < f->d; l++)
        t->centre[l] = 0;
    for (size_t a = 0; a < samples; a++) {
        const double *x = kmu__row(f->points, a * (f->n / samples), f->row);
        for (size_t l = 0; l < f->d; l++)
            t->centre[l] += x[l] * t->scale / (double)samples;
    }
    for (size_t a = 0; a < samples; a++) {
        const double *x = kmu__row(f->points, a * (f->n / samples), f->row);
        for (size_t l = 0; l < f->d; l++) {
            double step = x[l] * t->scale - t->centre[l];
            spread += step * step / (double)samples;
        }
    }
    for (size_t l = 0; l < f->d; l++) {
        t->centre[l] = isfinite(t->centre[l]) ? t->centre[l] : 0;
        mean2 += t->centre[l] * t->centre[l];
    }
    bool far = mean2 > spread;
    for (size_t l = 0; l < f->d && !far; l++)
        t->centre[l] = 0;
    t->origin = far || extreme || f->points->stored == KMU_F64 ? t->centre : NULL;
}

bool kmu__frame_centroids(struct fit *f)
{
    const size_t wide = f->kernels->wide, panels = (f->distinct_count + wide - 1) / wide;
    const struct frame *t = &f->frame;
    f->panel_count = panels;
    f->reach = f->drop = 0;
    for (size_t a = 0; a < panels * wide; a++) {
        float *panel = f->panels + a / wide * wide * f->d + a % wide;
        double norm2 = 0;
        for (size_t l = 0; l < f->d; l++) {
            double c = 0;
            if (a < f->distinct_count)
                c = f->mu[(size_t)f->distinct[a] * f->d + l] * t->scale - t->centre[l];
            panel[l * wide] = (float)c;
            norm2 += c * c;
        }
        if (!(norm2 < 0x1p100))
            return false;
        f->half[a] = a < f->distinct_count ? (float)(-0.5 * norm2) : -INFINITY;
        f->reach = fmax(f->reach, norm2);
    }
    f->drop = 0.5 * f->reach;
    f->reach = sqrt(f->reach) * (1 + 0x1p-20);
    return true;
}

double kmu__frame_error(const struct fit *f, float square)
{
    const double u = 0x1p-24, d = (double)f->d, depth = KMU__SUM_BLOCK + d / KMU__SUM_BLOCK + 1;
    double x = sqrt((double)square * (1 + (d + 4) * 0x1p-23) + d * 0x1p-120);
    return 1.01 * u * (fmin(depth, d) + 6) * x * f->reach + 2.02 * u * f->drop + d * 0x1p-140 * (x + f->reach + 1);
}

void kmu__frame_points(const struct fit *f, const size_t *row, size_t count, float *tile, float *square)
{
    const struct points *p = f->points;
    const float *single[KMU__LANES];
    const double *twice[KMU__LANES];
    for (size_t a = 0; a < count; a++)
        if (p->stored == KMU_F32)
            single[a] = (const float *)p->x + row[a] * p->row;
        else
            twice[a] = (const double *)p->x + row[a] * p->row;
    if (p->stored == KMU_F32)
        f->kernels->pack_f32(single, count, f->d, f->frame.scale, f->frame.origin, tile, square);
    else
        f->kernels->pack_f64(twice, count, f->d, f->frame.scale, f->frame.origin, tile, square);
}
