/* filter_plain.c - the filter without vectors: the judge of the others, and what serves ISAs that have none (filter.h). */
#include <math.h>
#include <string.h>

#include "filter.h"

enum { GROUP = 1, ZERO = 128, LEVEL = 127 };

/* `wide` centroids, whose bytes lie `span` coordinates at a time. */
static inline void meet(struct walker *w, const struct panel *c, size_t wide, size_t span, size_t d, uint32_t *mask, float *top)
{
    const float E = (w->x.length * c->noise + w->x.error * c->norm) * (1 + 0x1p-18f) + (w->slop + c->slop);
    float s[KMU__PANEL], most = -INFINITY;
    int32_t sum[KMU__PANEL];
    memcpy(sum, c->start, sizeof sum);
    for (size_t l = 0; l < d; l++)
        for (size_t i = 0; i < wide; i++)
            sum[i] += (int32_t)w->q[l] * c->q[(l / span * wide + i) * span + l % span];
    for (size_t i = 0; i < KMU__PANEL; i++) {
        s[i] = (float)sum[i] * c->unit[i] * w->x.scale + c->half[i];
        w->best = !c->fixed && s[i] - E > w->best ? s[i] - E : w->best;
        s[i] = w->own == c->number * KMU__PANEL + i ? -INFINITY : s[i];
        most = s[i] > most ? s[i] : most;
    }
    *mask = 0;
    for (size_t i = 0; i < KMU__PANEL; i++)
        *mask |= (uint32_t)(s[i] >= w->best - E && s[i] > -INFINITY) << i; /* what is hidden stays so */
    *top = most + E;
}

static void exclude(struct walker *const *w, const struct panel *c, size_t quads, uint32_t *mask, float *top)
{
    meet(w[0], c, KMU__PANEL, 4, 4 * quads, mask, top);
}

static void exclude_narrow(struct walker *const *w, const struct panel *c, size_t octets, uint32_t *mask, float *top)
{
    meet(w[0], c, KMU__PANEL / 2, 8, 8 * octets, mask, top);
}

static void fall(float *lower, const float *drift, size_t panels)
{
    for (size_t p = 0; p < panels; p++) {
        const float fallen = lower[p] - drift[p];
        lower[p] = fallen - fabsf(fallen) * 0x1p-21f;
    }
}

static bool is_open(const float *lower, float upper, size_t panels, uint64_t *open)
{
    bool any = false;
    memset(open, 0, (panels + 63) / 64 * sizeof *open);
    for (size_t p = 0; p < panels; p++)
        if (!(lower[p] > upper)) {
            open[p / 64] |= (uint64_t)1 << p % 64;
            any = true;
        }
    return any;
}

static void rise(float *lower, const float *top, float square, size_t panels)
{
    for (size_t p = 0; p < panels; p++)
        if (!isnan(top[p]))
            lower[p] = sqrtf(fminf(fmaxf(square - top[p] - top[p], 0), 0x1p120f)) * (1 - 0x1p-20f);
}

static void quantise(const float *image, size_t d, int zero, int level, uint8_t *q, struct coarse *coarse)
{
    float largest = 0;
    for (size_t l = 0; l < d; l++)
        largest = fabsf(image[l]) > largest ? fabsf(image[l]) : largest;
    const float scale = largest / (float)level, inverse = largest > 0x1p-100f ? (float)level / largest : 0;
    double squares = 0, rests = 0, norm = 0;
    for (size_t l = 0; l < (d + 7) / 8 * 8; l++) {
        const float x = l < d ? image[l] : 0, rounded = rintf(x * inverse);
        const double rest = (double)x - (double)rounded * (double)scale;
        q[l] = (uint8_t)((int)rounded + zero);
        squares += (double)rounded * (double)rounded;
        rests += rest * rest;
        norm += (double)x * (double)x;
    }
    const double length = sqrt(squares) * (double)scale;
    coarse->scale = scale;
    coarse->square = (float)norm;
    coarse->length = (float)(length * (1 + 0x1p-20) + 0x1p-100);
    coarse->error = (float)(sqrt(rests) * (1 + 0x1p-20) + length * 0x1p-22 + 0x1p-100);
}

/* KMU__PAD sums side by side, then in a tree. */
static float total(float sum[KMU__PAD])
{
    for (size_t half = KMU__PAD / 2; half; half /= 2)
        for (size_t t = 0; t < half; t++)
            sum[t] += sum[t + half];
    return sum[0];
}

static float distance(const float *x, const float *c, size_t d)
{
    float sum[KMU__PAD] = {0};
    for (size_t l = 0; l < d; l++)
        sum[l % KMU__PAD] += (x[l] - c[l]) * (x[l] - c[l]);
    return total(sum);
}

static void image_f32(const float *x, size_t d, float scale, const float *origin, float *image)
{
    for (size_t l = 0; l < d; l++)
        image[l] = origin ? x[l] * scale - origin[l] : x[l];
}

static void image_f64(const double *x, size_t d, double scale, const double *origin, float *image)
{
    for (size_t l = 0; l < d; l++)
        image[l] = (float)(origin ? x[l] * scale - origin[l] : x[l]);
}

const struct filter kmu__filter_plain = {
    .isa = KMU_ISA_PLAIN,
    .group = GROUP,
    .zero = ZERO,
    .level = LEVEL,
    .exclude = exclude,
    .exclude_narrow = exclude_narrow,
    .fall = fall,
    .is_open = is_open,
    .rise = rise,
    .quantise = quantise,
    .image_f32 = image_f32,
    .image_f64 = image_f64,
    .distance = distance,
};
