/* coarse.c - rows as bytes: x' = scale (q - zero) + e, and how long e can be.
 *
 * The kernel rounds the image x^ of a row (layout/frame.h) to multiples of scale = max |x^_l| / level and gives a bound of
 * ||x^ - scale (q - zero)||; the image itself is off by at most 1.01 v ||x^|| + d 2^-148 (N4), v = 2^-24. Centroids are rounded
 * from binary64, so their remainder is measured directly (N15).
 *
 * Time O(n d) once, O(k d) a turn; memory n (d + 16) bytes. */
#include "coarse.h"

#include <math.h>

bool kmu__coarse_open(struct fit *f, size_t rows)
{
    struct memory m = kmu__memory(f->options);
    struct coarse_points *t, draft = {.stride = (f->d + 7) / 8 * 8};
    if (f->bytes || f->d > KMU__FILTER_COLUMNS)
        return f->bytes;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &draft.q, rows, draft.stride);
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

void kmu__coarse_wish(struct coarse_centroids *c, const struct fit *f, size_t count, struct memory *m)
{
    c->panels = (count + KMU__PANEL - 1) / KMU__PANEL;
    c->quads = (f->d + 3) / 4;
    c->octets = (f->d + 7) / 8;
    c->narrow = false;
    c->pad = (f->d + KMU__PAD - 1) / KMU__PAD * KMU__PAD;
    const size_t slots = c->panels * KMU__PANEL;
    kmu__wish(m, &c->q, slots, 8 * c->octets);
    kmu__wish(m, &c->start, slots, sizeof *c->start);
    kmu__wish(m, &c->home, slots, sizeof *c->home);
    kmu__wish(m, &c->who, slots, sizeof *c->who);
    kmu__wish(m, &c->unit, slots, sizeof *c->unit);
    kmu__wish(m, &c->half, slots, sizeof *c->half);
    kmu__wish(m, &c->noise, c->panels, sizeof *c->noise);
    kmu__wish(m, &c->norm, c->panels, sizeof *c->norm);
    kmu__wish(m, &c->slop, c->panels, sizeof *c->slop);
    kmu__wish(m, &c->loud, c->panels, sizeof *c->loud);
    kmu__wish(m, &c->image, slots, c->pad * sizeof *c->image);
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

/* Slot a := row i of mu, or one that never wins; norm2 and noise2 of it. */
static void make_slot(struct coarse_centroids *c, const struct fit *f, const double *rows, size_t a, int32_t i, double *norm2,
                      double *noise2)
{
    const struct frame *t = &f->frame;
    float *image = c->image + a * c->pad;
    const size_t span = c->narrow ? 8 : 4, wide = c->narrow ? KMU__PANEL / 2 : KMU__PANEL,
                 bytes = c->narrow ? 8 * c->octets : 4 * c->quads;
    int8_t *q = c->q + a / wide * wide * bytes + a % wide * span;
    const double *mu = rows + (size_t)(i < 0 ? 0 : i) * f->d;
    double most = 0;
    int32_t sum = 0;
    *norm2 = *noise2 = 0;
    for (size_t l = 0; l < f->d; l++) {
        const double x = i < 0 ? 0 : mu[l] * t->scale - t->centre[l];
        image[l] = (float)x;
        most = fmax(most, fabs(x));
        *norm2 += x * x;
    }
    memset(image + f->d, 0, (c->pad - f->d) * sizeof *image);
    if (!(*norm2 < 0x1p110)) { /* it will be refused, and has no bytes */
        i = -1;
        most = 0;
    }
    const float unit = (float)(most / 127);
    const double inverse = unit > 0x1p-100f ? 1 / ((double)unit * (1 + 0x1p-22)) : 0; /* so that |q| <= 127 */
    for (size_t l = 0; l < bytes; l++) {
        const double x = i < 0 || l >= f->d ? 0 : mu[l] * t->scale - t->centre[l], number = rint(x * inverse),
                     rest = x - number * (double)unit;
        q[l / span * wide * span + l % span] = (int8_t)number;
        sum += (int32_t)number;
        *noise2 += rest * rest;
    }
    c->unit[a] = unit;
    c->start[a] = -f->filter->zero * sum;
    c->half[a] = i < 0 ? -INFINITY : (float)(-0.5 * *norm2);
}

struct making {
    struct coarse_centroids *c;
    struct fit *f;
    const double *mu;
};

static void make_panel(void *context, size_t p, int thread)
{
    const struct making *t = context;
    struct coarse_centroids *c = t->c;
    double norm = 0, noise = 0;
    (void)thread;
    for (size_t a = p * KMU__PANEL; a < (p + 1) * KMU__PANEL; a++) {
        double norm2, noise2;
        make_slot(c, t->f, t->mu, a, c->who[a], &norm2, &noise2);
        norm = fmax(norm, norm2);
        noise = fmax(noise, noise2);
    }
    /* sums of d squares in binary64, roots, and the conversion */
    c->norm[p] = (float)(sqrt(norm) * (1 + 0x1p-20) + 0x1p-100);
    c->noise[p] = (float)((sqrt(noise) + sqrt(norm) * 0x1p-50) * (1 + 0x1p-20) + 0x1p-100);
    const double reach = ((double)c->norm[p] + (double)c->noise[p]) * (1 + 0x1p-10);
    c->loud[p] = (float)(((double)c->noise[p] + reach * 0x1p-21) * (1 + 0x1p-20));
    c->slop[p] = (float)(reach * reach * 0x1p-21 + 0x1p-100);
}

bool kmu__coarse_centroids(struct coarse_centroids *c, struct fit *f, const double *mu)
{
    struct making t = {.c = c, .f = f, .mu = mu};
    kmu__parallel(f->pool, c->panels, 5.0 * (double)(c->panels * KMU__PANEL) * (double)f->d, make_panel, &t);
    bool small = true;
    for (size_t p = 0; p < c->panels; p++)
        small &= c->norm[p] < 0x1p49f;
    return small;
}
