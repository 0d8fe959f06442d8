/* herds.c - which potentials a candidate lowers, where there are few columns.
 *
 *   P_p = W_p min_i ||x_p - mu_i||^2                                                                                    (T9)
 *
 * Places that stand together are a herd. It is passed over by candidates that are farther from its box than any P / W of its
 * own is large; for the others the kernel has the new potentials, but for a few that are too near to the middle between two
 * numbers of 24 bits (N21).
 *
 * The one that is taken is shown to the herds once more in which it lowers something.
 *
 * Time O(n) for the first centroid, then what boxes leave of O(n log k) for each; memory n (d / 3 + 1) bytes. */
#include "herds.h"

#include <math.h>

#include "../exact/distance.h"
#include "weight.h"

enum { CHUNK = 64 }; /* herds */

struct desk {
    _Alignas(64) double tile[KMU__HERD_COLUMNS * KMU__HERD];
    _Alignas(64) double W[KMU__HERD];
    struct herd_falls falls;
};

void kmu__herds_wish(struct herds *t, const struct seeding *s, struct lottery *lottery, struct memory *m)
{
    const size_t d = s->points->d;
    *t = (struct herds){.s = s,
                        .lottery = lottery,
                        .kernel = kmu__herd_kernel(s->options->isa),
                        .count = (s->places->count + KMU__HERD - 1) / KMU__HERD,
                        .exact = kmu__distances_are_exact(s->points->all, d)};
    kmu__wish(m, &t->columns, d * KMU__TRIALS, sizeof *t->columns);
    kmu__wish(m, &t->desk, (size_t)kmu__pool_threads(s->pool), sizeof *t->desk);
    kmu__wish(m, &t->box, t->count, 2 * d * sizeof *t->box);
    kmu__wish(m, &t->far, t->count, sizeof *t->far);
    kmu__wish(m, &t->lowered, t->count, sizeof *t->lowered);
}

/* ---- a herd ----------------------------------------------------------------------------------------------------------- */

static size_t size_of(const struct herds *t, size_t herd)
{
    const size_t left = t->s->places->count - herd * KMU__HERD;
    return left < KMU__HERD ? left : KMU__HERD;
}

static bool weighted(const struct places *q)
{
    return q->W || q->members;
}

static void load(const struct herds *t, size_t herd, struct desk *desk)
{
    const struct places *q = t->s->places;
    const struct points *p = t->s->points;
    const size_t from = herd * KMU__HERD, count = size_of(t, herd), skip = q->row ? 0 : from * p->row;
    const uint32_t *which = q->row ? q->row + from : NULL;
    if (p->stored == KMU_F32)
        t->kernel->load_f32((const float *)p->x + skip, p->row, which, count, p->d, desk->tile);
    else
        t->kernel->load_f64((const double *)p->x + skip, p->row, which, count, p->d, desk->tile);
    for (size_t j = 0; weighted(q) && j < count; j++)
        desk->W[j] = kmu__place_weight(q, from + j);
}

/* Asks for the rows of a herd that is loaded next, where they lie anywhere. */
static void fetch(const struct herds *t, size_t herd)
{
    const struct points *p = t->s->points;
    const size_t bytes = p->row * (p->stored == KMU_F32 ? sizeof(float) : sizeof(double)), count = size_of(t, herd);
    for (size_t j = 0; j < count; j++) {
        const char *x = (const char *)p->x + t->s->places->row[herd * KMU__HERD + j] * bytes;
        __builtin_prefetch(x);
        __builtin_prefetch(x + bytes - 1);
    }
}

/* desk->falls := what a candidate lowers in the herd that is loaded, without doubt. */
static void fall(const struct herds *t, size_t herd, size_t a, struct desk *desk)
{
    const size_t d = t->s->points->d, from = herd * KMU__HERD;
    const int64_t *P = t->lottery->P + from;
    const double *c = t->candidate + a * d;
    struct herd_falls *f = &desk->falls;
    t->kernel->fall(desk->tile, d, c, weighted(t->s->places) ? desk->W : NULL, P, t->lottery->most, t->exact, f);
    for (uint64_t bits = f->doubt; bits; bits &= bits - 1) {
        const size_t j = (size_t)__builtin_ctzll(bits);
        double x[KMU__HERD_COLUMNS];
        for (size_t l = 0; l < d; l++)
            x[l] = desk->tile[l * KMU__HERD + j];
        f->now[j] = kmu__least_potential(t->s, from + j, x, c, P[j], t->exact);
        if (f->now[j] == P[j])
            continue;
        f->sure |= (uint64_t)1 << j;
        f->lost[j] = P[j] == KMU__ANYTHING ? 0 : kmu__units(P[j], t->lottery->most) - kmu__units(f->now[j], t->lottery->most);
        f->gain += f->lost[j];
    }
}

/* What is known of a herd whose potentials are new. */
static void settle(struct herds *t, size_t herd, const struct desk *desk)
{
    const size_t from = herd * KMU__HERD, count = size_of(t, herd);
    const int64_t chief = kmu__lottery_herd(t->lottery, herd), *P = t->lottery->P + from;
    double far = kmu__potential_value(chief);
    if (weighted(t->s->places)) {
        far = 0;
        for (size_t j = 0; j < count; j++)
            far = fmax(far, kmu__potential_value(P[j]) / (fmin(desk->W[j], DBL_MAX) * (1 - 0x1p-40)));
    }
    t->far[herd] = far * (1 + 0x1p-40) + 0x1p-1000;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------ */

static size_t end_of(const struct herds *t, size_t chunk)
{
    return (chunk + 1) * CHUNK < t->count ? (chunk + 1) * CHUNK : t->count;
}

static void over_herds(struct herds *t, double cost, void (*work)(void *, size_t, int))
{
    kmu__parallel(t->s->pool, (t->count + CHUNK - 1) / CHUNK, cost * (double)t->count, work, t);
}

static void make_box(const double *tile, size_t count, size_t d, double *box)
{
    for (size_t l = 0; l < d; l++) {
        const double *x = tile + l * KMU__HERD;
        double least = x[0], most = x[0];
        for (size_t j = 1; j < count; j++) {
            least = x[j] < least ? x[j] : least;
            most = x[j] > most ? x[j] : most;
        }
        box[l] = least;
        box[d + l] = most;
    }
}

static void first_chunk(void *context, size_t chunk, int thread)
{
    struct herds *t = context;
    const size_t d = t->s->points->d;
    struct desk *desk = t->desk + thread;
    for (size_t herd = chunk * CHUNK; herd < end_of(t, chunk); herd++) {
        int64_t *P = t->lottery->P + herd * KMU__HERD;
        const size_t count = size_of(t, herd);
        if (t->s->places->row && herd + 1 < end_of(t, chunk))
            fetch(t, herd + 1);
        load(t, herd, desk);
        make_box(desk->tile, count, d, t->box + herd * 2 * d);
        for (size_t j = 0; j < count; j++)
            P[j] = KMU__ANYTHING;
        fall(t, herd, 0, desk);
        memcpy(P, desk->falls.now, count * sizeof *P);
        settle(t, herd, desk);
    }
}

void kmu__herds_first(struct herds *t, const double *c)
{
    t->candidate = c;
    over_herds(t, 500, first_chunk);
}

static void try_chunk(void *context, size_t chunk, int thread)
{
    struct herds *t = context;
    const size_t d = t->s->points->d, end = end_of(t, chunk);
    struct desk *desk = t->desk + thread;
    kmu__u128 *gain = t->gain + (size_t)thread * KMU__TRIALS;
    for (size_t herd = chunk * CHUNK; herd < end; herd++)
        t->lowered[herd] = t->kernel->reach(t->box + herd * 2 * d, d, t->columns, t->candidates, t->far[herd]);
    for (size_t herd = chunk * CHUNK, next; herd < end; herd = next) {
        for (next = herd + 1; next < end && !t->lowered[next];)
            next++;
        uint64_t bits = t->lowered[herd];
        if (!bits)
            continue;
        if (t->s->places->row && next < end)
            fetch(t, next);
        load(t, herd, desk);
        for (; bits; bits &= bits - 1) {
            const size_t a = (size_t)__builtin_ctzll(bits);
            fall(t, herd, a, desk);
            gain[a] += desk->falls.gain;
            if (!desk->falls.sure)
                t->lowered[herd] ^= (uint64_t)1 << a;
        }
    }
}

static void set_candidates(struct herds *t, const double *candidate, size_t count)
{
    const size_t d = t->s->points->d;
    t->candidate = candidate;
    t->candidates = count;
    for (size_t a = 0; a < count; a++)
        for (size_t l = 0; l < d; l++)
            t->columns[l * KMU__TRIALS + a] = candidate[a * d + l];
}

void kmu__herds_try(struct herds *t, const double *candidate, size_t count, kmu__u128 *gain)
{
    set_candidates(t, candidate, count);
    t->gain = gain;
    over_herds(t, 100, try_chunk);
}

static void lower_chunk(void *context, size_t chunk, int thread)
{
    struct herds *t = context;
    const size_t d = t->s->points->d;
    struct desk *desk = t->desk + thread;
    for (size_t herd = chunk * CHUNK; herd < end_of(t, chunk); herd++) {
        uint64_t bits = t->kernel->reach(t->box + herd * 2 * d, d, t->columns, t->candidates, t->far[herd]);
        const size_t from = herd * KMU__HERD;
        if (!bits)
            continue;
        load(t, herd, desk);
        for (; bits; bits &= bits - 1) {
            const size_t a = (size_t)__builtin_ctzll(bits);
            fall(t, herd, a, desk);
            for (uint64_t sure = desk->falls.sure; sure; sure &= sure - 1) {
                const size_t j = (size_t)__builtin_ctzll(sure);
                t->lottery->P[from + j] = desk->falls.now[j];
                t->owner[from + j] = t->number + (uint32_t)a;
            }
        }
        settle(t, herd, desk);
    }
}

void kmu__herds_lower(struct herds *t, const double *candidate, size_t count, uint32_t first, uint32_t *owner)
{
    set_candidates(t, candidate, count);
    t->number = first;
    t->owner = owner;
    over_herds(t, 100, lower_chunk);
}

static void take_chunk(void *context, size_t chunk, int thread)
{
    struct herds *t = context;
    struct lottery *lottery = t->lottery;
    const size_t end = end_of(t, chunk);
    struct desk *desk = t->desk + thread;
    for (size_t herd = chunk * CHUNK, next; herd < end; herd = next) {
        for (next = herd + 1; next < end && !(t->lowered[next] >> t->best & 1);)
            next++;
        if (!(t->lowered[herd] >> t->best & 1))
            continue;
        if (t->s->places->row && next < end)
            fetch(t, next);
        load(t, herd, desk);
        fall(t, herd, t->best, desk);
        for (uint64_t bits = desk->falls.sure; bits; bits &= bits - 1) {
            const size_t j = (size_t)__builtin_ctzll(bits);
            kmu__lottery_fall(lottery, herd * KMU__HERD + j, desk->falls.now[j], desk->falls.lost[j], thread);
        }
        settle(t, herd, desk);
    }
}

void kmu__herds_take(struct herds *t, size_t best)
{
    t->best = best;
    over_herds(t, 50, take_chunk);
}
