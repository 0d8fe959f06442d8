/* plane.c - the plane that points are drawn in.
 *
 * Of two columns it is the space itself. Of more it is the plane through the centroids' mean along their two principal
 * axes, each centroid counted by its mass; of fewer than three centroids, which span no plane, along those of (at most
 * SAMPLE of) the points. The axes come from power iteration, the second kept at right angles to the first.
 *
 * However good the axes are, the cells are true. A point of the plane is x = o + p_1 u + p_2 v, and
 *   ||x - mu||^2 = ||x - o||^2 - 2 (p_1 u + p_2 v).(mu - o) + ||mu - o||^2,
 * where the first term is the same for all centroids: so mu is a site at q = (u.(mu - o), v.(mu - o)) with
 * h = ||mu - o||^2 - ||q||^2 (cells.h). Time O(n d), memory O((SAMPLE + k) d). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/sheet.h"

enum { SAMPLE = 2048, ROUNDS = 100 };

double coordinate(const kmu_points *p, size_t j, size_t l)
{
    const ptrdiff_t row = p->row ? p->row : (ptrdiff_t)p->d, col = p->col ? p->col : 1;
    return load_number(p->x, (size_t)((ptrdiff_t)j * row + (ptrdiff_t)l * col), p->type);
}

/* The power of two, as two factors, that brings all numbers to below 1. */
static void choose_unit(struct plane *s, const struct plot *plot)
{
    double most = 0;
    int e;
    for (size_t j = 0; j < plot->points->n; j++)
        for (size_t l = 0; l < s->d; l++)
            most = fmax(most, fabs(coordinate(plot->points, j, l)));
    for (size_t a = 0; a < plot->k * s->d; a++)
        most = fmax(most, fabs(plot->mu[a]));
    frexp(most, &e);
    s->f = ldexp(1, -(e / 2));
    s->g = ldexp(1, -(e - e / 2));
}

/* The mean of the centroids by mass; masses beyond binary64 count alike. */
static void choose_origin(struct plane *s, const struct plot *plot)
{
    double most = 0, sum = 0;
    for (size_t i = 0; i < plot->k; i++)
        most = fmax(most, plot->mass[i]);
    for (size_t i = 0; i < plot->k; i++) {
        const double w = isfinite(most) && most > 0 ? plot->mass[i] / most : 1;
        sum += w;
        for (size_t l = 0; l < s->d; l++)
            s->origin[l] += w * (plot->mu[i * s->d + l] * s->f * s->g);
    }
    for (size_t l = 0; l < s->d; l++)
        s->origin[l] /= sum;
}

static double dot(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t l = 0; l < d; l++)
        sum += a[l] * b[l];
    return sum;
}

/* v loses what it has of u (twice is enough: Kahan, in Parlett 1998), and gets length 1; false: nothing is left. */
static bool straighten(double *v, const double *u, size_t d)
{
    for (int pass = 0; pass < 2; pass++) {
        const double length = sqrt(dot(v, v, d));
        for (size_t l = 0; l < d && length > 0; l++)
            v[l] /= length;
        const double of_u = dot(u, v, d);
        for (size_t l = 0; l < d; l++)
            v[l] -= of_u * u[l];
        if (!(dot(v, v, d) > 1e-18))
            return false;
    }
    const double length = sqrt(dot(v, v, d));
    for (size_t l = 0; l < d; l++)
        v[l] /= length;
    return true;
}

/* v := the direction, at right angles to u, in which weighted rows vary most; returns how much they do. */
static double principal_axis(const double *rows, const double *w, size_t count, size_t d, const double *u, double *v,
                             double *sum)
{
    size_t start = 0;
    double most = -1;
    for (size_t j = 0; j < count; j++) {
        const double *row = rows + j * d, of_u = dot(row, u, d), square = w[j] * (dot(row, row, d) - of_u * of_u);
        start = square > most ? j : start;
        most = fmax(most, square);
    }
    memcpy(v, rows + start * d, d * sizeof *v);
    for (size_t l = 0; !straighten(v, u, d) && l < d; l++) { /* the rows have no second direction: any will do */
        memset(v, 0, d * sizeof *v);
        v[l] = 1;
    }
    double variance = 0;
    for (int round = 0; round < ROUNDS; round++) {
        memset(sum, 0, d * sizeof *sum);
        double now = 0;
        for (size_t j = 0; j < count; j++) {
            const double *row = rows + j * d, at = dot(row, v, d);
            now += w[j] * at * at;
            for (size_t l = 0; l < d; l++)
                sum[l] += w[j] * at * row[l];
        }
        const bool settled = fabs(now - variance) <= 1e-12 * now;
        variance = now;
        if (settled || !straighten(sum, u, d))
            break;
        memcpy(v, sum, d * sizeof *v);
    }
    size_t largest = 0; /* the sign is chosen, so that it is the same everywhere */
    for (size_t l = 0; l < d; l++)
        largest = fabs(v[l]) > fabs(v[largest]) ? l : largest;
    for (size_t l = 0, turn = v[largest] < 0; l < d && turn; l++)
        v[l] = -v[l];
    return variance;
}

static void choose_axes(struct plane *s, const struct plot *plot, double *rows, double *w, size_t count)
{
    const size_t d = s->d, n = plot->points->n;
    double total = 0, most = 0;
    for (size_t i = 0; i < plot->k; i++)
        most = fmax(most, plot->mass[i]);
    for (size_t r = 0; r < count; r++) {
        w[r] = s->of_points || !isfinite(most) || !(most > 0) ? 1 : plot->mass[r] / most;
        for (size_t l = 0; l < d; l++)
            rows[r * d + l] =
                (s->of_points ? coordinate(plot->points, r * n / count, l) : plot->mu[r * d + l]) * s->f * s->g - s->origin[l];
        total += w[r] * dot(rows + r * d, rows + r * d, d);
    }
    double part = principal_axis(rows, w, count, d, s->v, s->u, s->row); /* v is still 0 */
    double *v = rows + count * d;
    part += principal_axis(rows, w, count, d, s->u, v, s->row);
    memcpy(s->v, v, d * sizeof *v);
    s->share = total > 0 ? part / total : 1;
}

kmu_status plane_make(struct plane *s, const struct plot *plot, kmu_error *error)
{
    const size_t d = plot->points->d;
    *s = (struct plane){.d = d, .share = 1, .origin = calloc(4 * d, sizeof(double))};
    if (!s->origin)
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    s->u = s->origin + d;
    s->v = s->u + d;
    s->row = s->v + d;
    choose_unit(s, plot);
    choose_origin(s, plot);
    if (d <= 2) {
        s->u[0] = 1;
        s->v[d - 1] = d == 2;
        return KMU_OK;
    }
    s->of_points = plot->k < 3;
    const size_t n = plot->points->n, count = !s->of_points ? plot->k : n < SAMPLE ? n : SAMPLE;
    double *rows = malloc((count + 1) * d * sizeof *rows), *w = calloc(count, sizeof *w);
    if (rows && w)
        choose_axes(s, plot, rows, w, count);
    const bool made = rows && w;
    free(rows);
    free(w);
    return made ? KMU_OK : table_fail(error, KMU_EMEMORY, "not enough memory");
}

void plane_free(struct plane *s)
{
    free(s->origin);
}

struct point plane_place(const struct plane *s, const kmu_points *p, size_t j)
{
    if (s->d <= 2)
        return (struct point){coordinate(p, j, 0) * s->f * s->g - s->origin[0],
                              s->d == 2 ? coordinate(p, j, 1) * s->f * s->g - s->origin[1] : 0};
    for (size_t l = 0; l < s->d; l++)
        s->row[l] = coordinate(p, j, l) * s->f * s->g - s->origin[l];
    return (struct point){dot(s->row, s->u, s->d), dot(s->row, s->v, s->d)};
}

struct site plane_site(const struct plane *s, const double *mu)
{
    for (size_t l = 0; l < s->d; l++)
        s->row[l] = mu[l] * s->f * s->g - s->origin[l];
    if (s->d <= 2)
        return (struct site){s->row[0], s->d == 2 ? s->row[1] : 0, 0};
    const double x = dot(s->row, s->u, s->d), y = dot(s->row, s->v, s->d);
    return (struct site){x, y, dot(s->row, s->row, s->d) - (x * x + y * y)};
}

double plane_unit(const struct plane *s, const struct plot *plot, int l, double at)
{
    if (s->d > 2)
        return at / s->f / s->g;
    const double x = (at + s->origin[l]) / s->f / s->g;
    return plot->shift ? x * plot->unit[l] + plot->shift[l] : x;
}
