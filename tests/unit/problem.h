/* problem.h - fits drawn at random for the tests of the public door: points, weights, start, options. */
#ifndef KMU_TESTS_PROBLEM_H
#define KMU_TESTS_PROBLEM_H

#include "draw.h"
#include "kmu.h"

struct problem {
    kmu_points points;
    kmu_options options;
    size_t n, d, k;
    double *x, *start, *w; /* w is NULL for half of them */
    float *single;
};

/* Data with many ties (a lattice, duplicates, mirror images) or none (normal, far from the origin, of all magnitudes). */
static inline double draw_coordinate(size_t kind, bool f32)
{
    switch (kind) {
    case 0:
        return (double)between(-3, 3);
    case 1:
        return (double)between(0, 255);
    case 2:
        return number(-8, 8, 24);
    case 3:
        return f32 ? (double)(float)normal() : normal();
    default:
        return f32 ? (double)(float)(1e6 + normal()) : 1e9 + normal();
    }
}

/* Rows of one number each, and a start of rotations of one row: as near as can be, but for rounding. */
static inline void make_level(struct problem *p)
{
    for (size_t j = 0; j < p->n; j++)
        for (size_t l = 0; l < p->d; l++) {
            p->x[j * p->d + l] = p->x[j * p->d];
            p->single[j * p->d + l] = (float)p->x[j * p->d];
        }
    for (size_t i = 0; i < p->k; i++)
        for (size_t l = 0; l < p->d; l++)
            p->start[i * p->d + l] = i ? p->start[(l + i) % p->d] : normal();
    p->options.init = KMU_GIVEN;
    p->options.max_iter = (int64_t)below(2);
}

static inline void draw_problem(struct problem *p, size_t n, size_t d, size_t k)
{
    const size_t kind = below(5);
    const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
    *p = (struct problem){
        .n = n, .d = d, .k = k, .x = doubles(n * d), .start = doubles(k * d), .single = calloc(n * d, sizeof(float))};
    p->w = below(2) ? doubles(n) : NULL;
    for (size_t j = 0; j < n; j++) {
        size_t other = below(j + 1), way = below(5); /* a new row, an old one, an old one's mirror image */
        for (size_t l = 0; l < d; l++) {
            double old = p->x[other * d + l];
            p->x[j * d + l] = way == 0 ? old : way == 1 ? 0.0 - old : draw_coordinate(kind, type == KMU_F32);
            p->single[j * d + l] = (float)p->x[j * d + l];
        }
        if (p->w)
            p->w[j] = below(9) ? (double)below(5) : uniform();
    }
    if (p->w)
        p->w[0] += 1;
    for (size_t i = 0; i < k; i++) {
        size_t j = below(n), far = below(6) == 0; /* some that nobody is near to, some twice */
        for (size_t l = 0; l < d; l++)
            p->start[i * d + l] = far ? 1e4 * normal() : p->x[j * d + l];
    }
    p->points = (kmu_points){.size = sizeof p->points, .type = type, .n = n, .d = d, .w = p->w};
    p->points.x = type == KMU_F32 ? (void *)p->single : (void *)p->x;
    kmu_options_init(&p->options, sizeof p->options);
    p->options.k = k;
    p->options.threads = 1;
    p->options.seed = draw();
    p->options.start = p->start;
    p->options.start_type = KMU_F64;
    p->options.init = below(2) ? KMU_GIVEN : below(2) ? KMU_KMEANSPP : below(2) ? KMU_KMEANS_PARALLEL : KMU_RANDOM;
    if (below(5) == 0)
        make_level(p);
}

static inline void leave_problem(struct problem *p)
{
    free(p->x);
    free(p->start);
    free(p->w);
    free(p->single);
}

static inline kmu_result *fit(const struct problem *p)
{
    kmu_result *r = NULL;
    kmu_error e;
    if (kmu_fit(&p->points, &p->options, &r, &e) != KMU_OK)
        FAIL("%s", e.text);
    return r;
}

static inline double centroid(const kmu_result *r, size_t i, size_t l)
{
    return r->type == KMU_F32 ? (double)((const float *)r->mu)[i * r->d + l] : ((const double *)r->mu)[i * r->d + l];
}

static inline double weight(const struct problem *p, size_t j)
{
    return p->w ? p->w[j] : 1;
}

#endif
