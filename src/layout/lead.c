/* lead.c - rows in the few directions in which they spread most.
 *
 * The directions are leading right singular vectors of a sample S, by subspace iteration (Halko, Martinsson and Tropp 2011,
 * doi:10.1137/090771806): Z := S'(S Z), orthonormalised, from random Z; then they are mixed, so that the numbers of a row are of
 * like size and serve well as bytes. Which they are decides nothing but how many pairs are excluded.
 *
 * Proofs: N26. Time O(n d) for each direction once, O(k d) a turn; memory n (KMU__LEAD + 16) bytes. */
#include "lead.h"

#include <math.h>

#include "../ground/random.h"
#include "frame.h"

enum {
    SAMPLE = 1024, /* rows that show the directions, fewer if these are more numbers, */
    NUMBERS = 1 << 21,
    LEAST_SAMPLE = 64, /* but not less */
    ROUNDS = 3,        /* of the iteration */
    DIRECTIONS = KMU__LEAD - 1,
    PANELS = KMU__LEAD / KMU__BESIDE
};

#define GROWN (1 + 0x1p-20)

/* ---- the basis ------------------------------------------------------------------------------------------------------- */

/* Room for what becomes the basis. */
struct search {
    double *z, *mixed;                 /* d x KMU__LEAD */
    float *sample, *turned;            /* rows x pad, d x rows */
    float *columns, *products, *image; /* panels of z or of S z; S z, S'(S z); a row */
    size_t rows;
};

static void draw(double *z, size_t d, uint32_t step)
{
    for (size_t l = 0; l < d; l++)
        for (uint32_t i = 0; i < DIRECTIONS; i++)
            z[l * KMU__LEAD + i] = (double)(int64_t)kmu__word(0, (uint32_t)l, KMU__FOR_LEAD, step, i) * 0x1p-63;
}

/* Column i of z loses its parts in those before and gets length 1, twice, for what rounding left (Gram and Schmidt). */
static void straighten(double *z, size_t d, size_t i)
{
    for (int round = 0; round < 2; round++) {
        double product[KMU__LEAD] = {0}, left = 0;
        for (size_t l = 0; l < d; l++)
            for (size_t j = 0; j < i; j++)
                product[j] += z[l * KMU__LEAD + i] * z[l * KMU__LEAD + j];
        for (size_t l = 0; l < d; l++) {
            double *row = z + l * KMU__LEAD;
            for (size_t j = 0; j < i; j++)
                row[i] -= product[j] * row[j];
            left += row[i] * row[i];
        }
        const double scale = left > 0 ? 1 / sqrt(left) : 0;
        for (size_t l = 0; l < d; l++)
            z[l * KMU__LEAD + i] *= scale;
    }
}

static void orthonormalise(const struct fit *f, double *z)
{
    for (size_t i = 0; i < DIRECTIONS; i++) {
        straighten(z, f->d, i);
        kmu__ask(f->pool);
    }
}

/* panels := z in binary32, KMU__BESIDE columns at a time. */
static void to_panels(const double *z, size_t d, float *panels)
{
    for (size_t p = 0; p < PANELS; p++)
        for (size_t l = 0; l < d; l++)
            for (size_t i = 0; i < KMU__BESIDE; i++)
                panels[(p * d + l) * KMU__BESIDE + i] = (float)z[l * KMU__LEAD + p * KMU__BESIDE + i];
}

/* y, a KMU__LEAD a row := the products of up to a group of rows with the columns of the panels. */
static void multiply(const struct filter *filter, const float *const *row, size_t count, const float *panels, size_t d, float *y,
                     size_t apart)
{
    const float *rows[KMU__GROUP];
    float nowhere[KMU__LEAD], *to[KMU__GROUP];
    for (size_t p = 0; p < PANELS; p++) {
        for (size_t a = 0; a < filter->group; a++) {
            rows[a] = row[a < count ? a : 0];
            to[a] = a < count ? y + a * apart + p * KMU__BESIDE : nowhere;
        }
        filter->project(rows, panels + p * d * KMU__BESIDE, d, to);
    }
}

/* The same for many rows that lie `stride` apart. */
static void multiply_all(const struct fit *f, const float *from, size_t rows, size_t stride, const float *panels, size_t d, float *y)
{
    const struct filter *filter = f->filter;
    for (size_t j = 0; j < rows; j += filter->group) {
        const float *row[KMU__GROUP] = {0};
        const size_t count = rows - j < filter->group ? rows - j : filter->group;
        for (size_t a = 0; a < count; a++)
            row[a] = from + (j + a) * stride;
        multiply(filter, row, count, panels, d, y + j * KMU__LEAD, KMU__LEAD);
        kmu__ask(f->pool);
    }
}

/* z := a like number of directions, each a random mixture of those of z. */
static void mix(const struct fit *f, struct search *s)
{
    double by[KMU__LEAD * KMU__LEAD];
    draw(by, DIRECTIONS, 1);
    for (size_t l = 0; l < f->d; l++) {
        double row[KMU__LEAD] = {0};
        for (size_t j = 0; j < DIRECTIONS; j++)
            for (size_t i = 0; i < DIRECTIONS; i++)
                row[i] += s->z[l * KMU__LEAD + j] * by[j * KMU__LEAD + i];
        memcpy(s->z + l * KMU__LEAD, row, sizeof row);
        if (l % 1024 == 0)
            kmu__ask(f->pool);
    }
}

static void take_sample(const struct fit *f, struct search *s)
{
    for (size_t a = 0; a < s->rows; a++) {
        const float *image = kmu__coarse_image(f, a * (f->n / s->rows), s->image);
        memcpy(s->sample + a * f->d, image, f->d * sizeof *image);
        for (size_t l = 0; l < f->d; l++)
            s->turned[l * s->rows + a] = image[l];
        kmu__ask(f->pool);
    }
}

/* S z grows like the square of lengths, so they are kept near 1. */
static void iterate(const struct fit *f, struct search *s)
{
    const size_t d = f->d;
    for (int round = 0; round < ROUNDS; round++) {
        to_panels(s->z, d, s->columns);
        multiply_all(f, s->sample, s->rows, d, s->columns, d, s->products);
        for (size_t a = 0; a < s->rows * KMU__LEAD; a++)
            s->mixed[a] = (double)s->products[a];
        to_panels(s->mixed, s->rows, s->columns);
        multiply_all(f, s->turned, d, s->rows, s->columns, s->rows, s->products);
        for (size_t a = 0; a < d * KMU__LEAD; a++)
            s->z[a] = (double)s->products[a];
        orthonormalise(f, s->z);
    }
}

/* >= ||P'P - 1||, by Frobenius' norm, of the columns as they were rounded. */
static double skew(const float *panels, size_t d)
{
    double product[KMU__LEAD][KMU__LEAD] = {{0}}, sum = 0;
    for (size_t l = 0; l < d; l++) {
        double row[KMU__LEAD];
        for (size_t i = 0; i < KMU__LEAD; i++)
            row[i] = (double)panels[(i / KMU__BESIDE * d + l) * KMU__BESIDE + i % KMU__BESIDE];
        for (size_t i = 0; i < DIRECTIONS; i++)
            for (size_t j = 0; j <= i; j++)
                product[i][j] += row[i] * row[j];
    }
    for (size_t i = 0; i < DIRECTIONS; i++)
        for (size_t j = 0; j <= i; j++) {
            const double off = product[i][j] - (i == j ? 1 : 0);
            sum += off * off * (i == j ? 1 : 2);
        }
    return sqrt(sum) * GROWN + 0x1p-30; /* sums of d <= 2^16 products in binary64 */
}

static bool choose_basis(struct lead *t, const struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    const size_t fit = NUMBERS / f->d, rows = fit < LEAST_SAMPLE ? LEAST_SAMPLE : fit > SAMPLE ? SAMPLE : fit;
    struct search s = {.rows = f->n < rows ? f->n : rows};
    const size_t most = f->d > s.rows ? f->d : s.rows;
    m.as_it_comes = true;
    kmu__wish(&m, &s.z, f->d * KMU__LEAD, sizeof *s.z);
    kmu__wish(&m, &s.mixed, most * KMU__LEAD, sizeof *s.mixed);
    kmu__wish(&m, &s.sample, s.rows * f->d, sizeof *s.sample);
    kmu__wish(&m, &s.turned, s.rows * f->d, sizeof *s.turned);
    kmu__wish(&m, &s.columns, most * KMU__LEAD, sizeof *s.columns);
    kmu__wish(&m, &s.products, most * KMU__LEAD, sizeof *s.products);
    kmu__wish(&m, &s.image, t->c.pad + f->d, sizeof *s.image);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return false;
    take_sample(f, &s);
    memset(s.z, 0, f->d * KMU__LEAD * sizeof *s.z);
    draw(s.z, f->d, 0);
    iterate(f, &s);
    mix(f, &s);
    orthonormalise(f, s.z);
    to_panels(s.z, f->d, t->basis);
    t->eta = skew(t->basis, f->d);
    kmu__give_back(&m);
    return t->eta < 0x1p-10;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* y, products of an image with the basis, gets the length of what is left, at most; length >= ||x'||. Returns how far it can be
 * from (P'x', that). */
static double complete(const struct lead *t, double length, float *y)
{
    double square = 0;
    for (size_t i = 0; i < DIRECTIONS; i++)
        square += (double)y[i] * (double)y[i];
    const double error = length * (8 * ((double)t->d + 8) * 0x1.1p-24) + (double)t->d * 0x1p-140,
                 lead = fmax(sqrt(square) * (1 - 0x1p-40) - error, 0),
                 rest = length * length - lead * lead * (1 - t->eta) * (1 - 0x1p-40);
    y[DIRECTIONS] = (float)(sqrt(fmax(rest, 0)) * GROWN + 0x1p-100);
    return error * GROWN;
}

struct lead *kmu__lead_open(struct fit *f, size_t rows)
{
    struct memory m = kmu__memory(f->options);
    struct lead *t, draft = {.d = f->d, .x = {.rows = rows, .stride = KMU__LEAD, .d = f->d}};
    if (f->d <= KMU__LEAD || f->d > KMU__FILTER_COLUMNS)
        return NULL;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &draft.basis, f->d * KMU__LEAD, sizeof *draft.basis);
    kmu__wish(&m, &draft.x.q, rows * KMU__LEAD + KMU__PAD, 1);
    kmu__wish(&m, &draft.x.x, rows, sizeof *draft.x.x);
    kmu__coarse_wish(&draft.c, KMU__LEAD, f->k, &m);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    draft.memory = m;
    *t = draft;
    if (choose_basis(t, f))
        return t;
    kmu__lead_close(t);
    return NULL;
}

void kmu__lead_close(struct lead *t)
{
    if (!t)
        return;
    struct memory memory = t->memory;
    kmu__give_back(&memory);
}

void kmu__lead_rows(const struct fit *f, struct lead *t, size_t at, size_t count, const float *const *image)
{
    const struct filter *filter = f->filter;
    _Alignas(64) float y[KMU__GROUP * KMU__PAD] = {0};
    multiply(filter, image, count, t->basis, f->d, y, KMU__PAD);
    for (size_t a = 0; a < count; a++) {
        const struct coarse *full = &f->bytes->x[at + a];
        struct coarse *x = &t->x.x[at + a];
        const double d = (double)f->d, square = fmax((double)full->square, 0) * (1 + (d + 32) * 0x1p-21) + d * 0x1p-116,
                     length = sqrt(square) * GROWN, error = complete(t, length, y + a * KMU__PAD);
        filter->quantise(y + a * KMU__PAD, KMU__LEAD, filter->zero, filter->level, t->x.q + (at + a) * KMU__LEAD, x);
        x->square = full->square;
        x->error = (float)(((double)x->error + error + t->eta * length) * GROWN);
    }
}

struct making {
    struct fit *f;
    struct lead *t;
    const struct coarse_centroids *full;
};

static void make_group(void *context, size_t g, int thread)
{
    const struct making *m = context;
    struct coarse_centroids *c = &m->t->c;
    const size_t group = m->f->filter->group, slots = c->panels * KMU__PANEL, from = g * group,
                 count = slots - from < group ? slots - from : group;
    const float *image[KMU__GROUP] = {0};
    (void)thread;
    memset(c->image + from * c->pad, 0, count * c->pad * sizeof *c->image);
    for (size_t a = 0; a < count; a++)
        image[a] = m->full->image + (from + a) * m->full->pad;
    multiply(m->f->filter, image, count, m->t->basis, m->f->d, c->image + from * c->pad, c->pad);
    for (size_t a = from; a < from + count; a++) {
        float *row = c->image + a * c->pad;
        const double length = (double)m->full->norm[a] * GROWN, error = complete(m->t, length, row);
        double square = 0; /* the row may be a little longer than what it is made of */
        for (size_t i = 0; i < KMU__LEAD; i++)
            square += (double)row[i] * (double)row[i];
        kmu__coarse_slot(c, m->f->filter, a, fmax(length, sqrt(square) + error) * GROWN, m->full->half[a], error);
    }
}

bool kmu__lead_centroids(struct fit *f, struct lead *t, const struct coarse_centroids *full)
{
    struct making m = {.f = f, .t = t, .full = full};
    t->c.count = full->count;
    t->c.panels = full->panels;
    const size_t slots = t->c.panels * KMU__PANEL;
    kmu__parallel(f->pool, (slots + f->filter->group - 1) / f->filter->group, (double)slots * (double)f->d * 8, make_group, &m);
    return kmu__coarse_measure(&t->c);
}
