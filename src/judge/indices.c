/* indices.c - numbers by which partitions with different k are compared.
 *
 *   s    = mean of (b_j - a_j) / max(a_j, b_j)          a_j = ||x_j - mu_c||, b_j = the least ||x_j - mu_i|| of other i   (T13)
 *   CH   = (T - J) / (k - 1)  :  J / (N - k)            T = sum_j w_j ||x_j - mean of all||^2,  N = sum_j w_j
 *   DB   = mean_i max_h (r_i + r_h) / ||mu_i - mu_h||   r_i = the mean of a_j over C_i
 *   BIC  = sum_i m_i ln(m_i / N) - (N d / 2) ln(2 pi v) - (N - k) d / 2 - (k d + k) / 2 ln N,    v = J / (d (N - k))
 *
 * k counts the clusters that own a point. J is exact, and T is J of the same sums with every centroid at the mean of all; an
 * error e of that mean, or of the mu_i that J is taken at, adds N ||e||^2 to it and no more (T3), which is nothing. The mu_i
 * are the means in f64 whatever the type of the points. The rest is f64 with compensated sums (Neumaier 1974,
 * doi:10.1002/zamm.19740540106).
 *
 * Time O(n k d + k^2 d), memory 16 n. The simplified silhouette: Vendramin, Campello and Hruschka 2010, doi:10.1002/sam.10080;
 * Calinski and Harabasz 1974, doi:10.1080/03610927408827101; Davies and Bouldin 1979, doi:10.1109/TPAMI.1979.4766909; Pelleg
 * and Moore 2000, "X-means", ICML, for spherical Gaussians of one variance. */
#include <math.h>

#include "../exact/distance.h"
#include "../exact/wide.h"
#include "../ground/status.h"
#include "../update/objective.h"
#include "../update/tally.h"
#include "judge.h"

/* A sum and what its roundings left out. */
struct sum {
    double value, lost;
};

static void add(struct sum *s, double term)
{
    const double next = s->value + term;
    s->lost += fabs(s->value) >= fabs(term) ? (s->value - next) + term : (term - next) + s->value;
    s->value = next;
}

static double total(const struct sum *s)
{
    return s->value + s->lost;
}

struct judged {
    struct fit *f;
    size_t rows;           /* of a chunk */
    double *mean, *across; /* k x d, and d x k; infinite where a cluster is empty */
    double *mass;          /* k */
    double N;
    struct sum *spread;        /* k: sums of w_j a_j */
    double *near, *silhouette; /* n: a_j, s_j */
    struct memory memory;
};

static kmu_status open_judged(struct judged *t, struct fit *f, kmu_error *error)
{
    *t = (struct judged){.f = f, .memory = kmu__memory(f->options)};
    kmu__wish(&t->memory, &t->mean, f->k * f->d, sizeof *t->mean);
    kmu__wish(&t->memory, &t->across, f->k * f->d, sizeof *t->across);
    kmu__wish(&t->memory, &t->mass, f->k, sizeof *t->mass);
    kmu__wish(&t->memory, &t->spread, f->k, sizeof *t->spread);
    kmu__wish(&t->memory, &t->near, f->n, sizeof *t->near);
    kmu__wish(&t->memory, &t->silhouette, f->n, sizeof *t->silhouette);
    return kmu__grant(&t->memory, error);
}

/* Means in f64 and masses, by the sums; returns how many clusters own a point. */
static size_t take_means(struct judged *t)
{
    const struct fit *f = t->f;
    struct sum N = {0, 0};
    size_t own = 0;
    for (size_t i = 0; i < f->k; i++) {
        struct big mass, sum;
        struct wide m;
        kmu__mass(f, i, &mass);
        kmu__mass_wide(f, i, &m);
        t->mass[i] = kmu__wide_round(&m);
        add(&N, t->mass[i]);
        own += f->sums.count[i] > 0;
        for (size_t l = 0; l < f->d; l++) {
            kmu__sum_big(&f->sum, f->sums.S + i * f->sum.words, l, &sum);
            t->mean[i * f->d + l] = f->sums.count[i] ? kmu__quotient(&sum, &mass, KMU_F64) : 0;
        }
    }
    t->N = total(&N);
    return own;
}

/* T; the room of `across` is used for it. */
static double scatter(struct judged *t)
{
    struct fit *f = t->f;
    for (size_t l = 0; l < f->d; l++) {
        struct sum sum = {0, 0};
        for (size_t i = 0; i < f->k; i++)
            add(&sum, t->mass[i] / t->N * t->mean[i * f->d + l]);
        for (size_t i = 0; i < f->k; i++)
            t->across[i * f->d + l] = total(&sum);
    }
    return kmu__objective(f, t->across);
}

static void chunk_of_rows(void *context, size_t chunk, int thread)
{
    const struct judged *t = context;
    const struct fit *f = t->f;
    const size_t k = f->k, end = (chunk + 1) * t->rows < f->n ? (chunk + 1) * t->rows : f->n;
    double *restrict D = f->near + (size_t)thread * f->near_stride;
    for (size_t j = chunk * t->rows; j < end; j++) {
        const double *x = kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride);
        for (size_t i = 0; i < k; i++)
            D[i] = 0;
        for (size_t l = 0; l < f->d; l++) {
            const double *restrict mean = t->across + l * k, here = x[l];
            for (size_t i = 0; i < k; i++)
                D[i] += (here - mean[i]) * (here - mean[i]);
        }
        const double a = sqrt(D[f->c[j]]);
        D[f->c[j]] = INFINITY;
        double B = INFINITY;
        for (size_t i = 0; i < k; i++)
            B = D[i] < B ? D[i] : B;
        const double b = sqrt(B);
        t->near[j] = a;
        t->silhouette[j] = a == b ? 0 : (b - a) / (a > b ? a : b);
    }
}

/* s, and the sums of a_j of every cluster. Neither threads nor their number change a bit. */
static double silhouette(struct judged *t)
{
    struct fit *f = t->f;
    const double cost = (double)f->k * (0.7 * (double)f->d + 1) + 20;
    struct sum s = {0, 0};
    for (size_t i = 0; i < f->k; i++)
        for (size_t l = 0; l < f->d; l++)
            t->across[l * f->k + i] = f->sums.count[i] ? t->mean[i * f->d + l] : INFINITY;
    t->rows = kmu__rows_per_chunk(f->n, cost);
    kmu__parallel(f->pool, (f->n + t->rows - 1) / t->rows, cost * (double)f->n, chunk_of_rows, t);
    for (size_t j = 0; j < f->n; j++) {
        const double w = kmu__weight(f->points, j);
        if (w == 0)
            continue;
        add(&t->spread[f->c[j]], w * t->near[j]);
        add(&s, w * t->silhouette[j]);
    }
    return total(&s) / t->N;
}

static double davies_bouldin(const struct judged *t, size_t own)
{
    const struct fit *f = t->f;
    struct sum sum = {0, 0};
    for (size_t i = 0; i < f->k; i++) {
        double most = 0;
        for (size_t h = 0; h < f->k; h++) {
            const double apart = sqrt(kmu__distance(t->mean + i * f->d, t->mean + h * f->d, f->d));
            if (f->sums.count[i] && f->sums.count[h] && apart > 0)
                most = fmax(most, (total(&t->spread[i]) / t->mass[i] + total(&t->spread[h]) / t->mass[h]) / apart);
        }
        add(&sum, most);
    }
    return total(&sum) / (double)own;
}

static double bic(const struct judged *t, double J, double own)
{
    const struct fit *f = t->f;
    const double d = (double)f->d, free = t->N - own, variance = J / (d * free);
    struct sum sum = {0, 0};
    for (size_t i = 0; i < f->k; i++)
        if (f->sums.count[i])
            add(&sum, t->mass[i] * log(t->mass[i] / t->N));
    add(&sum, -t->N * d / 2 * log(2 * 3.14159265358979323846 * variance));
    add(&sum, -free * d / 2);
    add(&sum, -(own * d + own) / 2 * log(t->N));
    return total(&sum);
}

kmu_status kmu__indices(struct fit *f, kmu_indices *v, kmu_error *error)
{
    struct judged t;
    kmu_status status = open_judged(&t, f, error);
    if (status != KMU_OK)
        return status;
    const size_t own = take_means(&t);
    const double J = kmu__objective(f, t.mean), T = scatter(&t), left = t.N - (double)own;
    v->k = f->k;
    v->distinct = own;
    v->J = kmu__objective(f, f->mu);
    v->silhouette = v->calinski_harabasz = v->davies_bouldin = v->bic = NAN;
    v->stability = v->gap = v->gap_error = NAN;
    if (own > 1) {
        v->silhouette = silhouette(&t);
        v->davies_bouldin = davies_bouldin(&t, own);
        if (left > 0)
            v->calinski_harabasz = J > 0 ? (T - J) / ((double)own - 1) / (J / left) : 1;
    }
    if (left > 0)
        v->bic = bic(&t, J, (double)own);
    kmu__give_back(&t.memory);
    return kmu__told(f->pool) == KMU_ABANDON ? kmu__fail(error, KMU_EABANDONED, "abandoned") : KMU_OK;
}
