/* frame.c - binary32 images of points and centroids, and how far they are from the truth.
 *
 * With u = 2^-24, image x^ = x' + e, |e_l| <= 1.001 u |x^_l| + 2^-148 (one rounding to binary32, or an underflow), likewise c^;
 * ||c'||^2 / 2 is summed in f64 and rounded to h. The kernel's sum has depth m (kernel.h). Then (N4)
 *
 *   |s - (x'.c' - ||c'||^2 / 2)| <= 1.01 u (m + 4) ||x^|| ||c^|| + 2.02 u |h| + d 2^-140 (||x^|| + ||c^|| + 1)
 *
 * and ||x^||^2 <= square (1 + (d + 4) 2^-23) + d 2^-120 for the kernel's sum of squares. */
#include "frame.h"

#include <math.h>

#include "../kernel/verdict.h"

enum { SAMPLE = 1024 };

void kmu__frame_choose(struct fit *f)
{
    struct frame *t = &f->frame;
    const struct points *p = f->original;
    int high = p->all.low > p->all.high ? 0 : p->all.high;
    bool extreme = high < -20 || high > 40;
    int most = p->stored == KMU_F32 ? 120 : 1000; /* the scale is a number of the points' type */
    t->scale = extreme ? kmu__power(10 - high > most ? most : 10 - high) : 1;
    double mean2 = 0, spread = 0;
    const size_t samples = p->n < 8 * SAMPLE ? p->n / 8 + 1 : SAMPLE;
    for (size_t l = 0; l < f->d; l++)
        t->centre[l] = 0;
    for (size_t a = 0; a < samples; a++) {
        const double *x = kmu__row(p, a * (p->n / samples), f->row);
        for (size_t l = 0; l < f->d; l++)
            t->centre[l] += x[l] * t->scale / (double)samples;
    }
    for (size_t a = 0; a < samples; a++) {
        const double *x = kmu__row(p, a * (p->n / samples), f->row);
        for (size_t l = 0; l < f->d; l++) {
            double step = x[l] * t->scale - t->centre[l];
            spread += step * step / (double)samples;
        }
    }
    for (size_t l = 0; l < f->d; l++)
        mean2 += t->centre[l] * t->centre[l];
    bool far = mean2 > spread && !kmu__are_sparse(p); /* a 0 is to stay one */
    for (size_t l = 0; l < f->d; l++) {
        t->centre_f32[l] = far ? (float)t->centre[l] : 0;
        t->centre[l] = (double)t->centre_f32[l];
    }
    t->as_it_is = !far && !extreme;
}

void kmu__images_wish(struct images *t, const struct fit *f, size_t count, struct memory *m)
{
    const size_t wide = f->kernels->wide;
    kmu__wish(m, &t->panels, (count + wide - 1) / wide * wide * f->d, sizeof *t->panels);
    kmu__wish(m, &t->half, count + wide, sizeof *t->half);
}

bool kmu__images_make(struct images *t, const struct fit *f, const double *mu, const int32_t *which, size_t count)
{
    const size_t wide = f->kernels->wide;
    double most = 0;
    t->count = count;
    t->panel_count = (count + wide - 1) / wide;
    for (size_t a = 0; a < t->panel_count * wide; a++) {
        float *panel = t->panels + a / wide * wide * f->d + a % wide;
        double norm2 = 0;
        for (size_t l = 0; l < f->d; l++) {
            double c = 0;
            if (a < count)
                c = mu[(which ? (size_t)which[a] : a) * f->d + l] * f->frame.scale - f->frame.centre[l];
            panel[l * wide] = (float)c;
            norm2 += c * c;
        }
        if (!(norm2 < 0x1p100))
            return false;
        t->half[a] = a < count ? (float)(-0.5 * norm2) : -INFINITY;
        most = fmax(most, norm2);
    }
    t->drop = 0.5 * most;
    t->reach = sqrt(most) * (1 + 0x1p-20);
    return f->d <= KMU__FRAME_COLUMNS;
}

void kmu__frame_slack(const struct fit *f, const struct images *t, const float *square, size_t count, float *slack)
{
    const double u = 0x1p-24, d = (double)f->d, depth = KMU__SUM_BLOCK + d / KMU__SUM_BLOCK + 1, up = 2 * (1 + 0x1p-10);
    const struct slack_line line = {.grow = (float)((1 + (d + 4) * 0x1p-23) * (1 + 0x1p-20)),
                                    .least = (float)(d * 0x1p-119),
                                    .slope = (float)(up * (1.01 * u * (fmin(depth, d) + 6) * t->reach + d * 0x1p-140)),
                                    .rest = (float)(up * (2.02 * u * t->drop + d * 0x1p-140 * (t->reach + 1)))};
    f->verdict->slack(square, count, &line, slack); /* its own roundings, 2^-22, are in `up` */
}

void kmu__frame_least_square(const struct fit *f, double *shrink, double *loss)
{
    *shrink = 1 - ((double)f->d + 16) * 0x1p-22;
    *loss = (double)f->d * 0x1p-120;
}

void kmu__frame_most_square(const struct fit *f, float *grown, float *added)
{
    *grown = 1 + ((float)f->d + 16) * 0x1p-21f;
    *added = (float)f->d * 0x1p-119f;
}

double kmu__frame_distance(const struct fit *f, const double *x, const double *y)
{
    double sum[8] = {0};
    for (size_t l = 0; l < f->d; l++) {
        const double step = (x[l] - y[l]) * f->frame.scale;
        sum[l % 8] += step * step;
    }
    return sqrt(((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7])));
}

float kmu__frame_moved(const struct fit *f, size_t i, const double *from)
{
    const double *mu = f->mu + i * f->d, *was = from + i * f->d;
    const double moved = kmu__frame_distance(f, mu, was);
    return moved == 0 && memcmp(mu, was, f->d * sizeof *mu) == 0 ? 0 : (float)(moved * (1 + 0x1p-20) + 0x1p-80);
}

void kmu__frame_points(const struct fit *f, const struct points *p, const size_t *row, size_t count, float *tile, float *square)
{
    const struct frame *t = &f->frame;
    const float *single[KMU__LANES];
    const double *twice[KMU__LANES];
    for (size_t a = 0; a < count; a++)
        if (p->stored == KMU_F32)
            single[a] = (const float *)p->x + row[a] * p->row;
        else
            twice[a] = (const double *)p->x + row[a] * p->row;
    if (p->stored == KMU_F32)
        f->kernels->pack_f32(single, count, f->d, (float)t->scale, t->as_it_is ? NULL : t->centre_f32, tile, square);
    else
        f->kernels->pack_f64(twice, count, f->d, t->scale, t->as_it_is ? NULL : t->centre, tile, square);
}
