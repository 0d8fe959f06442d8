/* tally.c - the exact sums follow the labels; the one place where threads (and machines) add.
 *
 *   S_i = sum_{x_j in C_i} w_j x_j,      m_i = sum_{x_j in C_i} w_j        (T3)
 *
 * Only points whose label changed are added and taken away. The sums are split among the threads as a grid of
 * P parts of clusters times Q parts of columns: whoever owns a part adds to it, nobody else does, so there are no copies
 * and no merging. The rows that moved are listed once, a job at a time; every thread walks the list and reads a row only
 * where it owns a part of its sum. P parts are cut so that each gets as many moves. Integer sums: the order cannot matter.
 *
 * Time O(n + moved d), memory 512 KiB. */
#include "tally.h"

enum {
    COLUMNS = 16,         /* least columns a part is worth */
    PARTS = 256,          /* most parts of clusters */
    BLOCK = 32,           /* labels compared at a time */
    COORDINATES = 1 << 24 /* added in a job, for poll's sake */
};

struct tally {
    struct fit *f;
    const size_t *row; /* those that moved */
    size_t count;
    size_t cluster_parts, column_parts;
    size_t cut[PARTS + 1]; /* where the parts of the clusters begin */
    const int64_t *moves;  /* of each cluster in these rows: it leaves or joins */
};

/* Carries in the sums of a part that have changed. */
static void carry_part(const struct tally *t, size_t p, size_t from, size_t to)
{
    struct fit *f = t->f;
    for (size_t i = t->cut[p]; i < t->cut[p + 1]; i++) {
        if (!t->moves[i])
            continue;
        kmu__sum_carry(&f->sum, f->S + i * f->sum.words, from, to);
        if (from == 0)
            kmu__sum_carry(&f->mass, f->M + i * f->mass.words, 0, 1);
    }
}

/* Adds the row to sum i, or takes it away, in columns from .. to - 1; who owns column 0 also keeps mass and count. */
static void add(struct fit *f, int32_t cluster, const double *x, double w, bool negative, size_t from, size_t to)
{
    size_t i = (size_t)cluster;
    kmu__sum_add(&f->sum, f->S + i * f->sum.words, x, w, negative, from, to);
    if (from == 0) {
        const double one = 1;
        kmu__sum_add(&f->mass, f->M + i * f->mass.words, &one, w, negative, 0, 1);
        f->count[i] += negative ? -1 : 1;
    }
}

static void tally_part(void *context, size_t part, int thread)
{
    const struct tally *t = context;
    struct fit *f = t->f;
    size_t p = part / t->column_parts, q = part % t->column_parts;
    size_t from = f->d * q / t->column_parts, to = f->d * (q + 1) / t->column_parts, terms = 0;
    int32_t first = (int32_t)t->cut[p], last = (int32_t)t->cut[p + 1];
    double *buffer = f->row + (size_t)thread * f->row_stride;
    for (size_t a = 0; a < t->count; a++) {
        size_t j = t->row[a];
        int32_t was = f->was[j], now = f->c[j];
        bool leaves = was >= first && was < last, joins = now >= first && now < last;
        double w = kmu__weight(f->points, j);
        if (!(leaves || joins) || w == 0)
            continue;
        const double *x = kmu__row(f->points, j, buffer);
        if (leaves)
            add(f, was, x, w, true, from, to);
        if (joins)
            add(f, now, x, w, false, from, to);
        if (++terms == KMU__TERMS / 2) {
            terms = 0;
            carry_part(t, p, from, to);
        }
    }
    carry_part(t, p, from, to);
}

/* cut[p] := the first cluster of part p, so that the parts get about as many moves each. */
static void cut_clusters(struct tally *t, int64_t *moves)
{
    const struct fit *f = t->f;
    int64_t total = 0, sum = 0;
    size_t p = 0;
    memset(moves, 0, f->k * sizeof *moves);
    for (size_t a = 0; a < t->count; a++) {
        int32_t was = f->was[t->row[a]];
        moves[f->c[t->row[a]]]++;
        total++;
        if (was >= 0) {
            moves[was]++;
            total++;
        }
    }
    t->cut[0] = 0;
    for (size_t i = 0; i < f->k; i++) {
        while (p + 1 < t->cluster_parts && sum * (int64_t)t->cluster_parts >= total * (int64_t)(p + 1))
            t->cut[++p] = i;
        sum += moves[i];
    }
    while (p < t->cluster_parts)
        t->cut[++p] = f->k;
}

/* Lists up to `most` rows from *from on whose label changed. */
static size_t list_moves(const struct fit *f, size_t *from, size_t most, size_t *row)
{
    size_t count = 0, j = *from;
    while (j < f->n && count + BLOCK <= most) {
        size_t end = f->n - j < BLOCK ? f->n : j + BLOCK;
        int32_t differ = 0;
        for (size_t i = j; i < end; i++)
            differ |= f->c[i] ^ f->was[i];
        for (; differ && j < end; j++)
            if (f->c[j] != f->was[j])
                row[count++] = j;
        j = end;
    }
    *from = j;
    return count;
}

void kmu__tally(struct fit *f)
{
    size_t threads = (size_t)kmu__pool_threads(f->pool), most = COORDINATES / f->d, from = 0;
    struct tally t = {.f = f, .row = f->moved, .moves = f->order};
    most = most < 1024 ? 1024 : most > KMU__MOVES ? KMU__MOVES : most;
    t.column_parts = f->d / COLUMNS < 1 ? 1 : f->d / COLUMNS < threads ? f->d / COLUMNS : threads;
    t.cluster_parts = threads / t.column_parts > PARTS ? PARTS : threads / t.column_parts;
    f->turn.moved = 0;
    while (from < f->n) {
        t.count = list_moves(f, &from, most, f->moved);
        f->turn.moved += (int64_t)t.count;
        if (t.count) {
            cut_clusters(&t, f->order);
            kmu__parallel(f->pool, t.cluster_parts * t.column_parts, 2.0 * (double)t.count * (double)f->d, tally_part, &t);
        }
    }
}

void kmu__tally_move(struct fit *f, size_t j, int32_t from, int32_t to)
{
    double w = kmu__weight(f->points, j);
    const double *x = kmu__row(f->points, j, f->row);
    for (int side = 0; side < 2 && w > 0; side++) {
        int32_t i = side ? to : from;
        add(f, i, x, w, !side, 0, f->d);
        kmu__sum_carry(&f->sum, f->S + (size_t)i * f->sum.words, 0, f->d);
        kmu__sum_carry(&f->mass, f->M + (size_t)i * f->mass.words, 0, 1);
    }
}

void kmu__mass(const struct fit *f, size_t i, struct big *m)
{
    kmu__sum_big(&f->mass, f->M + i * f->mass.words, 0, m);
}
