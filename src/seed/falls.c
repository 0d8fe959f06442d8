/* falls.c - which potentials a candidate lowers.
 *
 *   W ||x - c||^2 < P   <=>   S > (||x'||^2 - 4^s P / W) / 2,      S = x'.c' - ||c'||^2 / 2,  x' = 2^s x - o
 *
 * The kernel gives s with |s - S| <= E (N4), so pairs with s < (least ||x'||^2 - 4^s P / W) / 2 - E are out. P is a number of
 * 24 bits, so a cost that is not below it does not round below it either. Where P or P / W lie beyond f64's middle range, all
 * pairs are let through.
 *
 * From 24 columns on, where the filter has vectors, its products of bytes take the place of the kernel's, with E of N15.
 *
 * Time O(n d) to pack, O(n d candidates) at the rate of the FMA units. */
#include "falls.h"

#include <math.h>

#include "../exact/distance.h"
#include "../layout/frame.h"
#include "weight.h"

enum { BYTES_COLUMNS = 24 };

struct desk {
    _Alignas(64) float square[KMU__LANES], slack[KMU__LANES];
    _Alignas(64) float least[KMU__LANES];
    int32_t candidate[KMU__LANES * KMU__TRIALS];
    unsigned char lane[KMU__LANES * KMU__TRIALS];
    struct fall fall[KMU__LANES * KMU__TRIALS];
};

void kmu__falls_wish(struct falls *t, const struct seeding *s, struct lottery *lottery, struct memory *m)
{
    const struct fit *f = s->fit;
    size_t threads = (size_t)kmu__pool_threads(s->pool);
    *t = (struct falls){.s = s,
                        .lottery = lottery,
                        .exact = kmu__distances_are_exact(s->points->all, f->d),
                        .stride = f->kernels->lanes * f->d,
                        .row_stride = (f->d + 7) / 8 * 8};
    t->by_bytes = !kmu__are_sparse(f->points) && f->filter->isa != KMU_ISA_PLAIN && f->d >= BYTES_COLUMNS;
    if (kmu__are_sparse(s->points)) {
        kmu__across_wish(&t->across, f, KMU__TRIALS, m);
        t->stride = t->across.stride + t->row_stride;
    } else {
        kmu__images_wish(&t->images, f, KMU__TRIALS, m);
    }
    if (t->by_bytes) {
        kmu__coarse_wish(&t->coarse, f->d, KMU__TRIALS, m);
        t->coarse.few = true;
        kmu__wish(m, &t->least, s->places->count, sizeof *t->least);
    }
    kmu__wish(m, &t->tile, threads * t->stride, sizeof *t->tile);
    kmu__wish(m, &t->row, threads * t->row_stride, sizeof *t->row);
    kmu__wish(m, &t->desk, threads, sizeof(struct desk));
}

void kmu__falls_begin(struct falls *t)
{
    t->by_bytes = t->by_bytes && kmu__coarse_open(t->s->fit, t->s->fit->n);
    if (t->by_bytes)
        kmu__coarse_make(t->s->fit);
    for (size_t slot = 0; slot < t->s->places->count; slot++)
        t->lottery->P[slot] = KMU__ANYTHING;
    t->any = true;
}

/* What the kernels need of the candidates. */
static void prepare(struct falls *t, const double *candidate, size_t count)
{
    t->candidate = candidate;
    t->candidates = count;
    if (kmu__are_sparse(t->s->points)) {
        t->have_images = kmu__across_make(&t->across, t->s->fit, candidate, NULL, count);
    } else if (t->by_bytes) {
        t->have_images = kmu__coarse_centroids(&t->coarse, t->s->fit, candidate, count);
    } else {
        t->have_images = kmu__images_make(&t->images, t->s->fit, candidate, NULL, count);
    }
}

/* What s must reach for the potential of the place in a slot to fall; inf when it cannot, -inf when f64 cannot say. */
static inline float threshold(const struct falls *t, size_t slot, double scale2, double shrink, double loss, float square,
                              float slack)
{
    int64_t P = t->lottery->P[slot];
    if (P == KMU__NOTHING)
        return INFINITY;
    double W = kmu__place_weight(t->s->places, slot), value = W == 1 ? kmu__potential_value(P) : kmu__potential_value(P) / W;
    if (!(value > 0x1p-900 && value < 0x1p900))
        return -INFINITY;
    double reach = value * scale2 * (1 + 0x1p-30); /* a scale2 that underflows leaves less than slack has to spare */
    double least = (fmax((double)square * shrink - loss, 0) - reach) / 2 - (double)slack;
    return least > -0x1p120 ? (float)(least - fabs(least) * 0x1p-22) : -INFINITY; /* its own roundings go down */
}

void kmu__falls_settle(struct falls *t, size_t slot)
{
    const struct fit *f = t->s->fit;
    if (!t->by_bytes)
        return;
    const struct coarse *x = &f->bytes->x[kmu__place_row(t->s->places, slot)];
    const float best = threshold(t, slot, f->frame.scale * f->frame.scale, 1, 0, x->square, 0);
    t->least[slot] = best < INFINITY ? kmu__coarse_least(kmu__coarse_slop(f->bytes, x), best) : INFINITY;
}

/* Every pair of the tile. */
static size_t all_pairs(const struct falls *t, size_t slot, size_t here, struct fall *fall)
{
    size_t count = 0;
    for (size_t j = 0; j < here; j++)
        for (size_t a = 0; a < t->candidates; a++)
            fall[count++] = (struct fall){.slot = slot + j, .candidate = a};
    return count;
}

/* desk->fall := the pairs found, those of a slot together; returns how many. */
static size_t by_slot(struct desk *desk, size_t slot, size_t found, size_t candidates)
{
    size_t begin[KMU__LANES + 1] = {0}, count = 0;
    for (size_t a = 0; a < found; a++)
        if ((size_t)desk->candidate[a] < candidates) { /* panels are filled up */
            desk->candidate[count] = desk->candidate[a];
            desk->lane[count] = desk->lane[a];
            begin[desk->lane[count++] + 1]++;
        }
    for (size_t j = 0; j < KMU__LANES; j++)
        begin[j + 1] += begin[j];
    for (size_t a = 0; a < count; a++)
        desk->fall[begin[desk->lane[a]]++] =
            (struct fall){.slot = slot + desk->lane[a], .candidate = (size_t)desk->candidate[a]};
    return count;
}

/* Asks for the bytes of the places that come after a number of slots: they are read once a pass, in rows too short for a CPU to
 * see them coming. */
static void fetch(const struct falls *t, size_t slot, size_t count)
{
    const struct coarse_points *bytes = t->s->fit->bytes;
    for (size_t s = slot; s < slot + count && s < t->s->places->count; s++)
        for (size_t b = 0; b < bytes->stride; b += 64)
            __builtin_prefetch(bytes->q + kmu__place_row(t->s->places, s) * bytes->stride + b);
}

/* fall := the pairs of up to KMU__LANES slots that the filter leaves. Returns how many. */
static size_t filter_pairs(const struct falls *t, size_t slot, size_t here, struct fall *fall)
{
    const struct fit *f = t->s->fit;
    const size_t group = f->filter->group;
    const struct panels panels = kmu__coarse_panels(&t->coarse, false);
    const uint64_t all = UINT64_MAX >> (64 - t->candidates); /* panels are filled up */
    size_t found = 0;
    for (size_t g = 0; g < here; g += group) {
        struct walker w[KMU__GROUP];
        uint64_t bits[KMU__GROUP] = {0};
        uint32_t which[KMU__GROUP];
        float most[KMU__GROUP];
        const size_t count = here - g < group ? here - g : group;
        fetch(t, slot + g + 2 * group, group);
        for (size_t a = 0; a < group; a++) {
            const size_t at = slot + g + (a < count ? a : count - 1);
            kmu__coarse_walker(&w[a], f->bytes, &t->coarse, kmu__place_row(t->s->places, at), NULL, NULL);
            w[a].least = t->least[at];
            w[a].bits = &bits[a];
            which[a] = (uint32_t)a;
        }
        if (t->coarse.narrow)
            f->filter->pass_narrow(w, &panels, t->coarse.octets);
        for (size_t p = 0; p < t->coarse.panels && !t->coarse.narrow; p++)
            f->filter->pass(w, which, &panels, p, t->coarse.quads, most);
        for (size_t a = 0; a < count; a++)
            for (uint64_t left = bits[a] & all; left; left &= left - 1)
                fall[found++] = (struct fall){.slot = slot + g + a, .candidate = (size_t)__builtin_ctzll(left)};
    }
    return found;
}

/* desk->fall := the pairs of up to KMU__LANES slots of CSR rows that products leave. */
static size_t sparse_pairs(const struct falls *t, size_t slot, size_t here, struct desk *desk, float *s)
{
    const struct fit *f = t->s->fit;
    size_t count = 0;
    double shrink, loss;
    kmu__frame_least_square(f, &shrink, &loss);
    for (size_t j = 0; j < here; j++) {
        float square;
        const float slack = kmu__across_products(&t->across, f, t->s->points, kmu__place_row(t->s->places, slot + j),
                                                 s + t->across.stride, s, &square),
                    least = threshold(t, slot + j, f->frame.scale * f->frame.scale, shrink, loss, square, slack);
        for (size_t a = 0; a < t->candidates; a++)
            if (s[a] >= least)
                desk->fall[count++] = (struct fall){.slot = slot + j, .candidate = a};
    }
    return count;
}

/* Whether CSR row j needs no more than its numbers to say what candidate a leaves of the potential *P of its slot. */
static bool sparse_potential(const struct falls *t, size_t slot, size_t j, size_t a, double *buffer, int64_t *P)
{
    const struct points *p = t->s->points;
    double slack;
    if (!kmu__are_sparse(p))
        return false;
    const double D = kmu__across_distance(p, j, kmu__stored(p, j, buffer), t->candidate + a * p->d, t->across.norm2[a], &slack);
    return kmu__potential_between(t->s, slot, D - slack, D + slack, P);
}

/* desk->fall := every pair with W ||x - c||^2 < P among the places of the tile that begins at a slot, and few others, by slot
 * and then by candidate; returns how many. */
static size_t find(const struct falls *t, size_t slot, int thread)
{
    const struct fit *f = t->s->fit;
    const struct places *places = t->s->places;
    const size_t lanes = f->kernels->lanes, here = places->count - slot < lanes ? places->count - slot : lanes;
    struct desk *desk = (struct desk *)t->desk + thread;
    float *tile = t->tile + (size_t)thread * t->stride;
    size_t row[KMU__LANES] = {0};
    if (!t->have_images || t->any)
        return all_pairs(t, slot, here, desk->fall);
    if (kmu__are_sparse(t->s->points))
        return sparse_pairs(t, slot, here, desk, tile);
    if (t->by_bytes)
        return filter_pairs(t, slot, here, desk->fall);
    for (size_t j = 0; j < here; j++)
        row[j] = kmu__place_row(places, slot + j);
    kmu__frame_points(f, t->s->points, row, here, tile, desk->square);
    kmu__frame_slack(f, &t->images, desk->square, lanes, desk->slack);
    const double scale2 = f->frame.scale * f->frame.scale;
    double shrink, loss;
    kmu__frame_least_square(f, &shrink, &loss);
    for (size_t j = 0; j < lanes; j++)
        desk->least[j] = j < here ? threshold(t, slot + j, scale2, shrink, loss, desk->square[j], desk->slack[j]) : INFINITY;
    size_t found = f->kernels->collect(tile, t->images.panels, t->images.half, f->d, t->images.panel_count, 0, desk->least,
                                       desk->candidate, desk->lane, KMU__LANES * KMU__TRIALS);
    return by_slot(desk, slot, found, t->candidates);
}

static void show_tile(const struct falls *t, size_t slot, int thread)
{
    const struct fall *fall = ((struct desk *)t->desk + thread)->fall;
    const size_t count = find(t, slot, thread);
    for (size_t a = 0; a < count; a++) {
        const size_t held = fall[a].slot, j = kmu__place_row(t->s->places, held);
        const double *mu = t->candidate + fall[a].candidate * t->s->points->d;
        const int64_t P = t->lottery->P[held];
        double *buffer = t->row + (size_t)thread * t->row_stride;
        int64_t now = P;
        if (!sparse_potential(t, held, j, fall[a].candidate, buffer, &now))
            now = kmu__least_potential(t->s, held, kmu__row(t->s->points, j, buffer), mu, P, t->exact);
        if (now < P)
            t->told(t->context, held, fall[a].candidate, now, thread);
    }
}

static void show_chunk(void *context, size_t chunk, int thread)
{
    const struct falls *t = context;
    const size_t from = chunk * t->chunk * KMU__HERD, count = t->s->places->count, lanes = t->s->fit->kernels->lanes;
    for (size_t slot = from; slot < count && slot < from + t->chunk * KMU__HERD; slot += lanes)
        show_tile(t, slot, thread);
}

void kmu__falls_show(struct falls *t, const double *candidate, size_t count, kmu__hears_of_fall *told, void *context)
{
    const size_t places = t->s->places->count, herds = (places + KMU__HERD - 1) / KMU__HERD;
    const double cost = 10 + (1 + 0.05 * (double)count) * (double)t->s->points->d;
    t->chunk = kmu__rows_per_chunk(places, cost) / KMU__HERD + 1;
    t->told = told;
    t->context = context;
    prepare(t, candidate, count);
    kmu__parallel(t->s->pool, (herds + t->chunk - 1) / t->chunk, cost * (double)places, show_chunk, t);
    t->any = false;
}
