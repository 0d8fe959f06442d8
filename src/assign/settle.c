/* settle.c - a point that has met centroids: who is the nearest, and how near are the others.
 *
 * Those who passed are asked one by one, by all their bytes; who reaches the best of them is measured in binary32, and who
 * cannot be told apart then is certified. What is seen bounds how far the nearest is, and how far everybody else (filter.c, N16). */
#include <stdlib.h>

#include "filtering.h"

static int ascending(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

/* The nearest of the first count candidates to row j; *upper bounds how far it is, k->distance how far each of them is at
 * least. */
static int32_t choose(struct filtering *t, struct part *k, size_t j, const struct coarse *x, size_t count, float *upper,
                      int thread)
{
    struct fit *f = t->f;
    const float *image = kmu__coarse_image(f, j, k->image);
    const int32_t *candidate = k->candidate;
    size_t best = 0, left = 0;
    *upper = INFINITY;
    for (size_t a = 0; a < count; a++) {
        const size_t i = (size_t)candidate[a];
        const float D = f->filter->distance(image, t->c.image + i * t->c.pad, f->d), eta = eta_of(t, x, i),
                    high = high_of(t, D, eta);
        k->distance[a] = low_of(t, D, eta);
        if (high < *upper) {
            best = a;
            *upper = high;
        }
    }
    for (size_t a = 0; a < count; a++)
        if (a == best || !(k->distance[a] > *upper))
            k->left[left++] = candidate[a];
    f->work[thread].measured += (int64_t)count;
    if (left == 1)
        return candidate[best];
    qsort(k->left, left, sizeof *k->left, ascending);
    return kmu__certify(f, kmu__row(f->points, j, f->row + (size_t)thread * f->row_stride), k->left, left, thread);
}

static void label(struct fit *f, size_t j, bool known, int32_t c)
{
    if (!known || f->c[j] != c)
        f->touched[j / KMU__ROWS_TOUCHED] = 1;
    f->c[j] = c;
}

float kmu__ask_own(const struct filtering *t, struct part *k, size_t at, int32_t c)
{
    struct walker w;
    kmu__coarse_walker(&w, t->f->bytes, &t->c, at, k->some, NULL);
    k->which[0] = (uint32_t)c;
    return t->f->filter->bound_some(&w, &k->rows, t->c.pad, k->which, 1);
}

float kmu__measure_own(const struct filtering *t, struct part *k, size_t j, int32_t c)
{
    const float *image = kmu__coarse_image(t->f, j, k->image);
    const float D = t->f->filter->distance(image, t->c.image + (size_t)c * t->c.pad, t->f->d);
    return high_of(t, D, eta_of(t, &t->f->bytes->x[j], (size_t)c));
}

/* k->which := the centroids of these slots, all but c; returns how many. They are few, so bits are taken one by one. *own says
 * whether c is there. */
static size_t list_others(const struct filtering *t, struct part *k, const uint64_t *slots, int32_t c, bool *own)
{
    const int32_t *order = t->turns > 0 ? t->order : NULL; /* in the first (A) a slot is a number */
    size_t count = 0, all = 0;
    for (size_t w = 0; w < t->words; w++)
        for (uint64_t bits = slots[w]; bits; bits &= bits - 1) {
            const int32_t slot = (int32_t)(w * WORDS_OF) + __builtin_ctzll(bits), i = order ? order[slot] : slot;
            k->which[count] = (uint32_t)i;
            count += i != c;
            all++;
        }
    *own = all > count;
    return count;
}

/* Candidates are c and who reaches best of those that were asked; *out is the largest s + E of the others. Returns how many
 * candidates there are. */
static size_t divide(const struct filtering *t, struct part *k, int32_t c, size_t count, float best, float *out)
{
    size_t left = 1;
    k->candidate[0] = c;
    for (size_t a = 0; a < count; a++) {
        const uint32_t i = k->which[a];
        if (k->some[a] >= best && bit_of(t->named, i))
            k->candidate[left++] = (int32_t)i;
        else
            *out = k->some[a] > *out ? k->some[a] : *out;
    }
    return left;
}

/* What is kept of a panel if everybody in it but the label is at least `lower` away. */
static uint16_t kept_of(const struct filtering *t, size_t p, float lower)
{
    return kmu__short_length(DOWN(lower + t->drift[p]), t->base);
}

/* The same of the panel of centroid i, if that is more than is known. */
static void lift(const struct filtering *t, uint16_t *kept, size_t i, float lower)
{
    uint16_t *at = kept + t->panel[i] * FILTER_ROWS;
    const uint16_t length = kept_of(t, t->panel[i], lower);
    *at = *at > length ? *at : length;
}

void kmu__settle(struct filtering *t, struct part *k, size_t j, size_t at, const uint64_t *slots, const struct meeting *m, int thread)
{
    struct fit *f = t->f;
    const struct coarse *x = &f->bytes->x[at];
    bool met; /* the panel of its own centroid was */
    const size_t count = list_others(t, k, slots, m->c, &met);
    const float own = m->best > -INFINITY ? m->best : best_from(x, m->upper); /* of c itself */
    float upper = m->upper, lower = m->radius, out = -INFINITY;
    int32_t c = m->c;
    if (count > 0) {
        struct walker w;
        kmu__coarse_walker(&w, f->bytes, &t->c, at, k->some, NULL);
        const float said = f->filter->bound_some(&w, &k->rows, t->c.pad, k->which, count), best = greater(own, said);
        const size_t left = divide(t, k, c, count, best, &out);
        lower = lesser(lower, lower_from(x, out));
        if (left == 1)
            upper = lesser(upper, upper_from(t, x, best));
        else
            c = choose(t, k, j, x, left, &upper, thread);
        for (size_t a = 0; left > 1 && a < left; a++)
            if (k->candidate[a] != c)
                lower = lesser(lower, k->distance[a]);
    }
    f->work[thread].asked += (int64_t)count;
    f->work[thread].met++;
    t->upper[j] = upper;
    lower = greater(lower, 0);
    for (size_t a = 0; a < count && m->lower; a++)
        lift(t, m->lower, k->which[a], lower);
    if (met && m->lower)
        lift(t, m->lower, (size_t)m->c, lower);
    if (c != m->c && m->lower) /* among its old neighbours, too, nobody can be nearer than it was known to be */
        m->lower[t->panel[m->c] * FILTER_ROWS] = kept_of(t, t->panel[m->c], lower);
    label(f, j, t->turns > 0, c);
}
