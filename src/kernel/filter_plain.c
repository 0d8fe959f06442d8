/* filter_plain.c - the filter without vectors: the judge of the others, and what serves ISAs that have none (filter.h). */
#include <math.h>
#include <string.h>

#include "filter.h"

enum { GROUP = 1, ZERO = 128, LEVEL = 127 };

/* s - E and s + E of centroid i, from its integer. */
static inline void judge(const struct walker *w, const struct panels *c, size_t i, int32_t sum, float *low, float *high)
{
    const struct centroid *one = &c->one[i];
    const float s = (float)sum * one->unit * w->scale + one->half, E = w->slope * one->size + w->slop;
    *low = s - E;
    *high = s + E;
}

/* The integer of place i of a panel of `wide` centroids, whose bytes lie `span` coordinates at a time. */
static inline int32_t integer(const uint8_t *x, const int8_t *q, size_t wide, size_t span, size_t i, size_t d)
{
    int32_t sum = 0;
    for (size_t l = 0; l < d; l++)
        sum += (int32_t)x[l] * q[(l / span * wide + i) * span + l % span];
    return sum;
}

static void bound(const struct walker *w, const struct panels *c, size_t p, size_t quads)
{
    for (size_t i = 0; i < KMU__PANEL; i++) {
        const size_t at = p * KMU__PANEL + i;
        float low;
        judge(w, c, at, c->start[at] + integer(w->q, c->q + p * KMU__PANEL * 4 * quads, KMU__PANEL, 4, i, 4 * quads), &low, &w->high[at]);
        w->best[i] = low > w->best[i] ? low : w->best[i];
    }
}

/* The bits of a panel, and the largest s + slope size. */
static uint64_t bits_of(const struct walker *w, const struct panels *c, size_t p, size_t wide, size_t span, size_t d, float *most)
{
    uint64_t bits = 0;
    *most = -INFINITY;
    for (size_t i = 0; i < wide; i++) {
        const size_t at = p * KMU__PANEL + i;
        const int32_t sum = c->start[at] + integer(w->q, c->q + p * KMU__PANEL * d, wide, span, i, d);
        const float s = (float)sum * c->unit[at] * w->scale + c->half[at], high = s + w->slope * c->size[at];
        bits |= (uint64_t)(high >= w->least) << i;
        *most = high > *most ? high : *most;
    }
    return bits;
}

static void pass(const struct walker *walker, const uint32_t *which, const struct panels *c, size_t p, size_t quads, float *most)
{
    const struct walker *w = walker + which[0];
    const size_t from = p * KMU__PANEL;
    const uint64_t bits = bits_of(w, c, p, KMU__PANEL, 4, 4 * quads, &most[which[0]]);
    w->bits[from / 64] = (w->bits[from / 64] & ~((uint64_t)0xffff << from % 64)) | bits << from % 64;
}

static void pass_narrow(const struct walker *w, const struct panels *c, size_t octets)
{
    float most;
    *w->bits = bits_of(w, c, 0, KMU__PANEL / 2, 8, 8 * octets, &most);
}

static void within(const uint16_t *length, int32_t base, const float *upper, float drift, size_t rows, uint64_t *bits)
{
    memset(bits, 0, (rows + 63) / 64 * sizeof *bits);
    for (size_t j = 0; j < rows; j++)
        bits[j / 64] |= (uint64_t)(kmu__length(length[j], base) <= upper[j] + drift) << j % 64;
}

static void renew(float *most, const float *square, const float *slop, float drift, int32_t base, size_t rows, uint16_t *length)
{
    for (size_t j = 0; j < rows; j++)
        if (most[j] < INFINITY) {
            const float high = most[j] + slop[j] + (fabsf(most[j]) + slop[j]) * 0x1p-21f, left = square[j] - high - high;
            length[j] = kmu__short_length((sqrtf(left > 0 ? left : 0) * (1 - 0x1p-21f) + drift) * (1 - 0x1p-21f), base);
            most[j] = INFINITY;
        }
}

static void project(const float *const *row, const float *columns, size_t d, float *const *y)
{
    for (size_t i = 0; i < KMU__BESIDE; i++) {
        float sum = 0;
        for (size_t l = 0; l < d; l++)
            sum += row[0][l] * columns[l * KMU__BESIDE + i];
        y[0][i] = sum;
    }
}

static float bound_some(const struct walker *w, const struct panels *c, size_t stride, uint32_t *which, size_t count)
{
    float best = -INFINITY;
    for (size_t a = 0; a < count; a++) {
        const int8_t *q = c->q + which[a] * stride;
        int32_t sum = c->one[which[a]].start;
        float low;
        for (size_t l = 0; l < stride; l++)
            sum += (int32_t)w->q[l] * q[l];
        judge(w, c, which[a], sum, &low, &w->high[a]);
        best = low > best ? low : best;
    }
    return best;
}

static bool reach(const float *high, float least, size_t slots, uint64_t *bits)
{
    bool any = false;
    memset(bits, 0, (slots + 63) / 64 * sizeof *bits);
    for (size_t a = 0; a < slots; a++)
        if (high[a] >= least) {
            bits[a / 64] |= (uint64_t)1 << a % 64;
            any = true;
        }
    return any;
}

static size_t list(const uint64_t *bits, size_t words, uint32_t *list)
{
    size_t count = 0;
    for (size_t a = 0; a < 64 * words; a++)
        if (bits[a / 64] >> a % 64 & 1)
            list[count++] = (uint32_t)a;
    return count;
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
    .bound = bound,
    .pass = pass,
    .pass_narrow = pass_narrow,
    .within = within,
    .renew = renew,
    .project = project,
    .bound_some = bound_some,
    .reach = reach,
    .list = list,
    .quantise = quantise,
    .image_f32 = image_f32,
    .image_f64 = image_f64,
    .distance = distance,
};
