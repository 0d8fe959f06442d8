/* coarse.c - rows as bytes: x' = scale (q - zero) + e, and how long e can be.
 *
 * The kernel rounds the image x^ of a row (layout/frame.h) to multiples of scale = max |x^_l| / level and gives a bound of
 * ||x^ - scale (q - zero)||; the image itself is off by at most 1.01 v ||x^|| + d 2^-148 (N4), v = 2^-24. Centroids are rounded
 * from binary64, so their remainder is measured directly (N15).
 *
 * Time O(n d) once, O(k d) a turn; memory n (d + 16) bytes. */
#include "coarse.h"

#include <math.h>

enum { ZERO = 128, LEVEL = 127 }; /* bytes of centroids are those of a point less ZERO */

bool kmu__coarse_open(struct fit *f, size_t rows)
{
    struct memory m = kmu__memory(f->options);
    struct coarse_points *t, draft = {.rows = rows, .stride = (f->d + 7) / 8 * 8, .d = f->d};
    if (f->bytes || f->d > KMU__FILTER_COLUMNS)
        return f->bytes && f->bytes->rows >= rows;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &draft.q, rows * draft.stride + KMU__PAD, 1);
    kmu__wish(&m, &draft.x, rows, sizeof *draft.x);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return false;
    draft.memory = m;
    *t = draft;
    f->bytes = t;
    return true;
}

void kmu__coarse_close(struct fit *f)
{
    if (!f->bytes)
        return;
    struct memory memory = f->bytes->memory;
    kmu__give_back(&memory);
    f->bytes = NULL;
}

static void wish(struct coarse_centroids *c, int level, size_t d, size_t count, struct memory *m)
{
    const size_t slots = (count + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL;
    c->d = d;
    c->level = level;
    c->quads = (d + 3) / 4;
    c->octets = (d + 7) / 8;
    c->pad = (d + KMU__PAD - 1) / KMU__PAD * KMU__PAD;
    kmu__wish(m, &c->q, slots, 8 * c->octets);
    kmu__wish(m, &c->rows, slots, c->pad);
    kmu__wish(m, &c->start, slots, sizeof *c->start);
    kmu__wish(m, &c->unit, slots, sizeof *c->unit);
    kmu__wish(m, &c->half, slots, sizeof *c->half);
    kmu__wish(m, &c->noise, slots, sizeof *c->noise);
    kmu__wish(m, &c->norm, slots, sizeof *c->norm);
    kmu__wish(m, &c->size, slots, sizeof *c->size);
    kmu__wish(m, &c->one, slots, sizeof *c->one);
}

void kmu__coarse_wish(struct coarse_centroids *c, size_t d, size_t count, struct memory *m)
{
    wish(c, LEVEL, d, count, m);
    kmu__wish(m, &c->image, (count + KMU__PANEL - 1) / KMU__PANEL * KMU__PANEL, c->pad * sizeof *c->image);
}

void kmu__coarse_wish_rough(struct coarse_centroids *c, size_t d, size_t count, struct memory *m)
{
    wish(c, KMU__ROUGH, d, count, m);
}

const float *kmu__coarse_image(const struct fit *f, size_t j, float *buffer)
{
    const struct points *p = f->points;
    const struct frame *t = &f->frame;
    if (p->stored == KMU_F64)
        f->filter->image_f64((const double *)p->x + j * p->row, p->d, t->scale, t->as_it_is ? NULL : t->centre, buffer);
    else if (t->as_it_is)
        return (const float *)p->x + j * p->row;
    else
        f->filter->image_f32((const float *)p->x + j * p->row, p->d, (float)t->scale, t->centre_f32, buffer);
    return buffer;
}

void kmu__coarse_rows(struct fit *f, size_t from, size_t to, size_t at, float *buffer)
{
    struct coarse_points *x = f->bytes;
    const double d = (double)f->d;
    const size_t pad = (f->d + KMU__PAD - 1) / KMU__PAD * KMU__PAD;
    memset(buffer + f->d, 0, (pad - f->d) * sizeof *buffer);
    for (size_t j = from; j < to; j++, at++) {
        struct coarse *row = &x->x[at];
        const float *image = kmu__coarse_image(f, j, buffer);
        if (image != buffer)
            memcpy(buffer, image, f->d * sizeof *buffer);
        f->filter->quantise(buffer, f->d, f->filter->zero, f->filter->level, x->q + at * x->stride, row);
        const double square = (double)row->square, least = square * (1 - (d + 16) * 0x1p-22) - d * 0x1p-120,
                     length = sqrt(square * (1 + (d + 4) * 0x1p-23) + d * 0x1p-120);
        row->square = (float)(least - fabs(least) * 0x1p-22);
        row->error = (float)(((double)row->error + length * 0x1.1p-24 + d * 0x1p-140) * (1 + 0x1p-20));
    }
}

static void make_rows(void *context, size_t chunk, int thread)
{
    struct fit *f = context;
    const size_t rows = kmu__rows_per_chunk(f->n, (double)f->d), from = chunk * rows;
    float *buffer = (float *)(f->row + (size_t)thread * f->row_stride); /* of pad doubles at least */
    kmu__coarse_rows(f, from, from + rows < f->n ? from + rows : f->n, from, buffer);
}

void kmu__coarse_make(struct fit *f)
{
    const size_t rows = kmu__rows_per_chunk(f->n, (double)f->d);
    if (!f->bytes->made)
        kmu__parallel(f->pool, (f->n + rows - 1) / rows, (double)f->n * (double)f->d, make_rows, f);
    f->bytes->made = true;
}

/* image := fl(mu scale - centre); returns the sum of the squares before they are rounded to binary32. */
static double make_image(const struct frame *t, const double *restrict mu, size_t d, float *restrict image)
{
    const double *restrict centre = t->centre, scale = t->scale;
    double sum[8] = {0};
    for (size_t l = 0; l < d; l++) {
        const double x = mu[l] * scale - centre[l];
        image[l] = (float)x;
        sum[l % 8] += x * x;
    }
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

void kmu__coarse_slot(struct coarse_centroids *c, const struct filter *filter, size_t a, double norm, float half, double off)
{
    const size_t span = c->narrow ? 8 : 4, wide = c->narrow ? KMU__PANEL / 2 : KMU__PANEL,
                 bytes = c->narrow ? 8 * c->octets : 4 * c->quads;
    int8_t *row = c->rows + a * c->pad, *q = c->q + a / wide * wide * bytes + a % wide * span;
    const bool taken = half > -INFINITY;
    struct coarse x = {0};
    int32_t sum = 0;
    memset(row, 0, c->pad);
    if (taken)
        filter->quantise(c->image + a * c->pad, c->d, ZERO, c->level, (uint8_t *)row, &x);
    for (size_t l = 0; taken && l < c->d; l++) {
        row[l] = (int8_t)((uint8_t)row[l] - ZERO);
        sum += row[l];
    }
    memset(row + c->d, 0, c->pad - c->d);
    for (size_t l = 0; l < bytes; l += span)
        memcpy(q + l * wide, row + l, span);
    c->start[a] = -filter->zero * sum;
    c->unit[a] = x.scale;
    c->half[a] = half;
    c->norm[a] = (float)(norm * (1 + 0x1p-20) + 0x1p-100); /* the conversion, and sums of d squares in binary64 and their roots */
    c->noise[a] = (float)(((double)x.error + off) * (1 + 0x1p-20));
}

/* Slot a := row a of mu, or one that never wins. */
static void make_slot(struct coarse_centroids *c, const struct fit *f, const double *rows, size_t a)
{
    float *image = c->image + a * c->pad;
    double norm2 = 0;
    memset(image, 0, c->pad * sizeof *image);
    if (a < c->count)
        norm2 = make_image(&f->frame, rows + a * f->d, f->d, image);
    const bool taken = a < c->count && norm2 < 0x1p110; /* else it will be refused, and has no bytes */
    const float half = taken ? (float)(-0.5 * norm2) : -INFINITY;
    const double off = sqrt(norm2) * 0x1.11p-24 + (double)f->d * 0x1p-140;
    kmu__coarse_slot(c, f->filter, a, sqrt(norm2), half, off);
    if (c->rough)
        kmu__coarse_slot(c->rough, f->filter, a, sqrt(norm2), half, off);
}

/* From noise and norm:  length noise + error norm  <=  (length ratio + error) size. */
bool kmu__coarse_measure(struct coarse_centroids *c)
{
    double noise = 0, norm = 0, most = 0;
    for (size_t a = 0; a < c->count; a++) {
        noise += (double)c->noise[a];
        norm += (double)c->norm[a];
        most = fmax(most, (double)c->norm[a] + (double)c->noise[a]);
    }
    if (!(most < 0x1p49))
        return false;
    const double ratio = noise / norm;
    for (size_t a = 0; a < c->panels * KMU__PANEL; a++) {
        c->size[a] = (float)(fmax((double)c->norm[a], (double)c->noise[a] / ratio) * (1 + 0x1p-20));
        c->one[a] = (struct centroid){.start = c->start[a], .unit = c->unit[a], .half = c->half[a], .size = c->size[a]};
    }
    c->ratio = (float)((ratio + (1 + ratio) * 0x1p-21) * (1 + 0x1p-18));
    c->rest = (float)((1 + ratio) * most * 0x1p-21 * (1 + 0x1p-18));
    return true;
}

struct making {
    struct coarse_centroids *c;
    struct fit *f;
    const double *mu;
};

static void make_panel(void *context, size_t p, int thread)
{
    const struct making *t = context;
    (void)thread;
    for (size_t a = p * KMU__PANEL; a < (p + 1) * KMU__PANEL; a++)
        make_slot(t->c, t->f, t->mu, a);
}

bool kmu__coarse_centroids(struct coarse_centroids *c, struct fit *f, const double *mu, size_t count)
{
    struct making t = {.c = c, .f = f, .mu = mu};
    c->count = count;
    c->panels = (count + KMU__PANEL - 1) / KMU__PANEL;
    c->narrow = c->few && count <= KMU__PANEL / 2;
    if (c->rough) {
        c->rough->count = count;
        c->rough->panels = c->panels;
        c->rough->image = c->image;
    }
    kmu__parallel(f->pool, c->panels, 2.0 * (double)(c->panels * KMU__PANEL) * (double)f->d, make_panel, &t);
    return kmu__coarse_measure(c) && (!c->rough || kmu__coarse_measure(c->rough));
}
