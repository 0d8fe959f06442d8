/* tally.c - the exact sums follow the labels; the one place where threads (and machines) add.
 *
 *   S_i = sum_{x_j in C_i} w_j x_j,      m_i = sum_{x_j in C_i} w_j        (T3)
 *
 * Only points whose label changed are added and taken away. Where all sums fit a nearest cache every thread has a copy of its
 * own, and goes over blocks of rows in which a label changed; the copies are added in the end. Otherwise the rows that moved
 * are listed, a job at a time, and their events (one leaves, one joins) sorted by cluster, so that a sum stays in the nearest
 * cache while its rows come in. The sums are split among the threads as a grid of P parts of clusters times Q parts of columns:
 * whoever owns a part adds to it, nobody else does, so there are no copies and no merging. P parts are cut so that each gets as
 * many events; columns are parted where clusters are few, for rows are read faster whole. Integer sums: the order cannot matter.
 *
 * Time O(n + moved d), memory 1 MiB and 8 k. */
#include "tally.h"

#include "../kernel/digits.h"
#include "spans.h"

enum {
    COLUMNS = 64,          /* least columns a part is worth */
    PARTS = 256,           /* most parts of clusters */
    MANY = 16,             /* clusters for a thread, so that none gets much more than another */
    COORDINATES = 1 << 24, /* added in a job, for poll's sake */
    AHEAD = 8,             /* events between asking for a row and adding it */
    OWN_ROWS = KMU__TERMS / 2,
    OWN_WORDS = 1 << 13, /* of all sums together: a nearest cache's worth */
    OWN_THREADS = 64
};

struct tally {
    struct fit *f;
    const size_t *row;     /* those that moved */
    const uint32_t *event; /* 2 a row, or 1 of a row that leaves no cluster: 2 a + 1 when row[a] joins, 2 a when it leaves */
    size_t count;
    size_t cluster_parts, column_parts;
    size_t cut[PARTS + 1]; /* where the parts of the clusters begin */
    const int64_t *begin;  /* where the events of a cluster begin */
};

/* S takes in the numbers of a CSR row that stand in columns from .. to - 1. */
static void add_sparse(const struct fit *f, int64_t *S, size_t j, double w, bool negative, size_t from, size_t to)
{
    const struct points *p = f->points;
    for (int64_t a = p->begin[j]; a < p->end[j]; a++)
        if ((size_t)p->column[a] >= from && (size_t)p->column[a] < to)
            kmu__sum_add_one(&f->sum, S, (size_t)p->column[a], kmu__number(p, (size_t)a), w, negative);
}

/* Asks for the row before it is added. */
static inline void fetch(const struct points *p, size_t j, size_t from)
{
    const size_t bytes = p->stored == KMU_F32 ? sizeof(float) : sizeof(double);
    if (kmu__are_sparse(p))
        __builtin_prefetch(p->column + p->begin[j]);
    __builtin_prefetch((const char *)p->x + (kmu__stored_at(p, j) + (kmu__are_sparse(p) ? 0 : from)) * bytes);
}

/* Adds the row to sum i, or takes it away, in columns from .. to - 1; who owns column 0 also keeps mass and count. Row `next` is
 * added after it. */
static inline void add(const struct fit *f, const struct sums *s, size_t i, size_t j, size_t next, bool negative, size_t from,
                       size_t to, double *buffer)
{
    const struct points *p = f->points;
    const double w = kmu__weight(p, j), one = 1;
    if (w == 0)
        return;
    int64_t *S = s->S + i * f->sum.words + from, *high = f->sum.narrow == 2 ? S + f->d : NULL;
    if (kmu__are_sparse(p))
        add_sparse(f, s->S + i * f->sum.words, j, w, negative, from, to);
    else if (f->digits && f->sum.wide_count == 0 && p->stored == KMU_F32)
        f->digits->add_f32(S, high, (const float *)p->x + j * p->row + from, (const float *)p->x + next * p->row + from,
                           f->sum.inverse + from, negative ? -w : w, to - from);
    else if (f->digits && f->sum.wide_count == 0)
        f->digits->add_f64(S, high, (const double *)p->x + j * p->row + from, (const double *)p->x + next * p->row + from,
                           f->sum.inverse + from, negative ? -w : w, to - from);
    else
        kmu__sum_add(&f->sum, s->S + i * f->sum.words, kmu__row(p, j, buffer), w, negative, from, to);
    if (from == 0) {
        if (p->w)
            kmu__sum_add(&f->mass, s->M + i * f->mass.words, &one, w, negative, 0, 1);
        else
            s->M[i] += negative ? -1 : 1; /* what that comes to */
        s->count[i] += negative ? -1 : 1;
    }
}

static void carry(const struct fit *f, const struct sums *s, size_t i, size_t from, size_t to)
{
    kmu__sum_carry(&f->sum, s->S + i * f->sum.words, from, to);
    if (from == 0)
        kmu__sum_carry(&f->mass, s->M + i * f->mass.words, 0, 1);
}

static void tally_part(void *context, size_t part, int thread)
{
    const struct tally *t = context;
    struct fit *f = t->f;
    size_t p = part / t->column_parts, q = part % t->column_parts;
    size_t from = f->d * q / t->column_parts, to = f->d * (q + 1) / t->column_parts;
    double *buffer = f->row + (size_t)thread * f->row_stride;
    const size_t last = (size_t)t->begin[t->cut[p + 1]];
    for (size_t i = t->cut[p]; i < t->cut[p + 1]; i++) {
        const size_t end = (size_t)t->begin[i + 1];
        for (size_t a = (size_t)t->begin[i], terms = 0; a < end; a++) {
            if (a + AHEAD < last)
                fetch(f->points, t->row[t->event[a + AHEAD] / 2], from);
            add(f, &f->sums, i, t->row[t->event[a] / 2], t->row[t->event[a + 1 < last ? a + 1 : a] / 2], t->event[a] % 2 == 0, from, to,
                buffer);
            if (++terms == KMU__TERMS / 2) {
                terms = 0;
                carry(f, &f->sums, i, from, to);
            }
        }
        if (end > (size_t)t->begin[i])
            carry(f, &f->sums, i, from, to);
    }
}

/* The events of the rows that moved, by cluster, and cut[p] := the first cluster of part p, so that the parts get about as many
 * events each. begin and event have room for k + 2 numbers and two a row. */
static void sort_events(struct tally *t, int64_t *begin, uint32_t *event)
{
    const struct fit *f = t->f;
    size_t p = 0;
    memset(begin, 0, (f->k + 2) * sizeof *begin);
    for (size_t a = 0; a < t->count; a++) {
        const int32_t was = f->was[t->row[a]];
        begin[f->c[t->row[a]] + 2]++;
        if (was >= 0)
            begin[was + 2]++;
    }
    for (size_t i = 2; i < f->k + 2; i++)
        begin[i] += begin[i - 1];
    const int64_t total = begin[f->k + 1];
    for (size_t i = 0; i < f->k; i++)
        while (p + 1 < t->cluster_parts && begin[i + 1] * (int64_t)t->cluster_parts >= total * (int64_t)(p + 1))
            t->cut[++p] = i;
    while (p < t->cluster_parts)
        t->cut[++p] = f->k;
    for (size_t a = 0; a < t->count; a++) { /* begin[i + 1] runs from the beginning of cluster i to its end */
        const int32_t was = f->was[t->row[a]];
        event[begin[f->c[t->row[a]] + 1]++] = 2 * (uint32_t)a + 1;
        if (was >= 0)
            event[begin[was + 1]++] = 2 * (uint32_t)a;
    }
}

/* Lists up to `most` rows from *from on whose label changed. */
static size_t list_moves(const struct fit *f, size_t *from, size_t most, size_t *row)
{
    size_t count = 0, j = *from;
    for (; j < f->n && count + KMU__ROWS_TOUCHED <= most; j += KMU__ROWS_TOUCHED) {
        if (!f->touched[j / KMU__ROWS_TOUCHED])
            continue;
        const size_t end = f->n - j < KMU__ROWS_TOUCHED ? f->n : j + KMU__ROWS_TOUCHED;
        for (size_t i = j; i < end; i++) {
            row[count] = i;
            count += f->c[i] != f->was[i];
        }
    }
    *from = j;
    return count;
}

static void settle_chunk(void *context, size_t chunk, int thread)
{
    struct fit *f = context;
    const size_t end = (chunk + 1) * OWN_ROWS < f->n ? (chunk + 1) * OWN_ROWS : f->n;
    (void)thread;
    for (size_t j = chunk * OWN_ROWS; j < end; j += KMU__ROWS_TOUCHED) {
        if (!f->touched[j / KMU__ROWS_TOUCHED])
            continue;
        memcpy(f->was + j, f->c + j, (f->n - j < KMU__ROWS_TOUCHED ? f->n - j : KMU__ROWS_TOUCHED) * sizeof *f->c);
        f->touched[j / KMU__ROWS_TOUCHED] = 0;
    }
}

void kmu__tally_settle(struct fit *f)
{
    if (f->spans) {
        kmu__spans_settle(f);
        return;
    }
    kmu__parallel(f->pool, (f->n + OWN_ROWS - 1) / OWN_ROWS, 0.5 * (double)f->n, settle_chunk, f);
}

static void tally_by_events(struct fit *f)
{
    const bool sparse = kmu__are_sparse(f->points); /* a row then has few numbers, which are looked at in every part of columns */
    size_t threads = (size_t)kmu__pool_threads(f->pool), most = sparse ? KMU__MOVES : COORDINATES / f->d, from = 0;
    struct tally t = {.f = f, .row = f->moved, .event = f->event, .begin = f->begin};
    most = most < 1024 ? 1024 : most > KMU__MOVES ? KMU__MOVES : most;
    t.column_parts = f->d / COLUMNS < 1 || sparse || f->k >= MANY * threads ? 1 : f->d / COLUMNS < threads ? f->d / COLUMNS : threads;
    t.cluster_parts = threads / t.column_parts > PARTS ? PARTS : threads / t.column_parts;
    while (from < f->n) {
        t.count = list_moves(f, &from, most, f->moved);
        for (size_t a = 0; a < t.count; a++)
            f->turn.moved += kmu__members(f, f->moved[a]);
        if (t.count) {
            sort_events(&t, f->begin, f->event);
            kmu__parallel(f->pool, t.cluster_parts * t.column_parts, 1.0 * (double)t.count * (double)f->d, tally_part, &t);
        }
    }
}

/* ---- a copy of the sums for each thread --------------------------------------------------------------------------------- */

/* The rows from + row[0 .. count - 1] join (sign 1) or leave (-1) the clusters c[row[a]], which are none where negative. */
static void add_rows(const struct fit *f, const struct sums *s, size_t from, const uint16_t *row, size_t count,
                     const int32_t *c, int sign, double *buffer)
{
    const struct points *p = f->points;
    if (p->w || !f->digits || f->sum.wide_count || kmu__are_sparse(p)) {
        for (size_t a = 0; a < count; a++)
            if (c[row[a]] >= 0)
                add(f, s, (size_t)c[row[a]], from + row[a], from + row[a], sign < 0, 0, f->d, buffer);
        return;
    }
    if (p->stored == KMU_F32)
        f->digits->rows_f32(s->S, f->sum.words, f->sum.narrow == 2, (const float *)p->x + from * p->row, p->row, row, count, c,
                            f->sum.inverse, sign, f->d);
    else
        f->digits->rows_f64(s->S, f->sum.words, f->sum.narrow == 2, (const double *)p->x + from * p->row, p->row, row, count, c,
                            f->sum.inverse, sign, f->d);
    for (size_t a = 0; a < count; a++)
        if (c[row[a]] >= 0) {
            s->M[c[row[a]]] += sign; /* what w = 1 comes to */
            s->count[c[row[a]]] += sign;
        }
}

/* The moves of a chunk of rows go to the thread's own sums: a cluster gets at most KMU__TERMS terms. */
static void tally_chunk(void *context, size_t chunk, int thread)
{
    struct fit *f = context;
    const struct sums *s = &f->own[thread];
    double *buffer = f->row + (size_t)thread * f->row_stride;
    const size_t from = chunk * OWN_ROWS, end = from + OWN_ROWS < f->n ? from + OWN_ROWS : f->n;
    uint16_t row[OWN_ROWS + KMU__ROWS_TOUCHED]; /* those that moved, counted from `from` */
    size_t count = 0;
    int64_t moved = 0;
    for (size_t j = from; j < end; j += KMU__ROWS_TOUCHED) {
        if (!f->touched[j / KMU__ROWS_TOUCHED])
            continue;
        const size_t last = end - j < KMU__ROWS_TOUCHED ? end : j + KMU__ROWS_TOUCHED;
        for (size_t i = j; i < last; i++) {
            row[count] = (uint16_t)(i - from);
            count += f->c[i] != f->was[i];
        }
    }
    for (size_t a = 0; a < count; a++)
        moved += kmu__members(f, from + row[a]);
    add_rows(f, s, from, row, count, f->c + from, 1, buffer);
    add_rows(f, s, from, row, count, f->was + from, -1, buffer);
    f->work[thread].moved += moved;
    for (size_t i = 0; i < f->k && moved; i++)
        carry(f, s, i, 0, f->d);
}

/* The sums take in what the threads have, which are empty then. */
static void join(struct fit *f)
{
    for (int t = 0; t < kmu__pool_threads(f->pool); t++) {
        struct sums *own = &f->own[t];
        if (!f->work[t].moved)
            continue;
        f->turn.moved += f->work[t].moved;
        for (size_t a = 0; a < f->k * f->sum.words; a++)
            f->sums.S[a] += own->S[a];
        for (size_t a = 0; a < f->k * f->mass.words; a++)
            f->sums.M[a] += own->M[a];
        for (size_t i = 0; i < f->k; i++) {
            f->sums.count[i] += own->count[i];
            carry(f, &f->sums, i, 0, f->d);
        }
        memset(own->S, 0, f->k * f->sum.words * sizeof *own->S);
        memset(own->M, 0, f->k * f->mass.words * sizeof *own->M);
        memset(own->count, 0, f->k * sizeof *own->count);
    }
}

/* A thread that first writes to a page waits for it, so all do. */
static void begin_chunk(void *context, size_t chunk, int thread)
{
    struct fit *f = context;
    const size_t from = chunk * OWN_ROWS, rows = f->n - from < OWN_ROWS ? f->n - from : OWN_ROWS;
    (void)thread;
    memset(f->was + from, -1, rows * sizeof *f->was);
    memset(f->touched + from / KMU__ROWS_TOUCHED, 1, (rows + KMU__ROWS_TOUCHED - 1) / KMU__ROWS_TOUCHED);
}

void kmu__tally_begin(struct fit *f)
{
    memset(f->sums.S, 0, f->k * f->sum.words * sizeof *f->sums.S);
    memset(f->sums.M, 0, f->k * f->mass.words * sizeof *f->sums.M);
    memset(f->sums.count, 0, f->k * sizeof *f->sums.count);
    kmu__parallel(f->pool, (f->n + OWN_ROWS - 1) / OWN_ROWS, 0.5 * (double)f->n, begin_chunk, f);
    if (f->spans)
        f->spans->known = false;
}

void kmu__tally(struct fit *f)
{
    f->turn.moved = 0;
    if (f->spans) {
        kmu__spans_tally(f);
        return;
    }
    if (!f->own) {
        tally_by_events(f);
        return;
    }
    for (int t = 0; t < kmu__pool_threads(f->pool); t++)
        f->work[t].moved = 0;
    kmu__parallel(f->pool, (f->n + OWN_ROWS - 1) / OWN_ROWS, 2.0 * (double)f->n, tally_chunk, f);
    join(f);
}

size_t kmu__tally_copies(const struct fit *f, size_t words)
{
    const size_t threads = (size_t)kmu__pool_threads(f->pool);
    return words <= OWN_WORDS && threads <= OWN_THREADS ? threads : 0;
}

void kmu__tally_add(const struct fit *f, const struct sums *s, size_t i, size_t j, double *buffer)
{
    add(f, s, i, j, j, false, 0, f->d, buffer);
}

void kmu__tally_carry(const struct fit *f, const struct sums *s, size_t i)
{
    carry(f, s, i, 0, f->d);
}

void kmu__tally_move(struct fit *f, size_t j, int32_t from, int32_t to)
{
    for (int side = 0; side < 2; side++) {
        const size_t i = (size_t)(side ? to : from);
        add(f, &f->sums, i, j, j, !side, 0, f->d, f->row);
        carry(f, &f->sums, i, 0, f->d);
    }
}

void kmu__mass(const struct fit *f, size_t i, struct big *m)
{
    kmu__sum_big(&f->mass, f->sums.M + i * f->mass.words, 0, m);
}

void kmu__mass_wide(const struct fit *f, size_t i, struct wide *a)
{
    struct big mass;
    kmu__wide_zero(a);
    kmu__mass(f, i, &mass);
    for (int t = 0; t < mass.n; t++)
        kmu__wide_add(a, false, mass.limb[t], mass.e + 64 * t);
}
