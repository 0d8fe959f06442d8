/* spans.c - sums, moves and labels where clusters are spans of sorted rows (spans.h). */
#include "spans.h"

#include "tally.h"

enum { BLOCK = KMU__SPAN_BLOCK, CHUNK = 64 }; /* blocks, or cuts, of a chunk */

/* ---- prefix sums ------------------------------------------------------------------------------------------------------ */

/* The parts of a prefix. */
static struct sums parts_of(const struct fit *f, int64_t *sum)
{
    return (struct sums){.S = sum, .M = sum + f->sum.words, .count = sum + f->sum.words + f->mass.words};
}

/* sum += rows from .. to - 1, at most a block of them. */
static void add_rows(const struct fit *f, size_t from, size_t to, int64_t *sum, int thread)
{
    const struct sums s = parts_of(f, sum);
    int64_t rows = 0;
    for (size_t j = from; j < to; j++) {
        kmu__tally_add(f, &s, 0, j, f->row + (size_t)thread * f->row_stride);
        rows += kmu__members(f, j);
    }
    sum[f->spans->words - 1] += rows;
    kmu__tally_carry(f, &s, 0);
}

static void block_chunk(void *context, size_t chunk, int thread)
{
    struct fit *f = context;
    struct spans *t = f->spans;
    for (size_t j = chunk * CHUNK * BLOCK; j < f->n && j < (chunk + 1) * CHUNK * BLOCK; j += BLOCK) {
        int64_t *sum = t->prefix + (j / BLOCK + 1) * t->words;
        memset(sum, 0, t->words * sizeof *sum);
        add_rows(f, j, j + BLOCK < f->n ? j + BLOCK : f->n, sum, thread);
    }
}

static void make_prefix(struct fit *f)
{
    struct spans *t = f->spans;
    const size_t blocks = (f->n + BLOCK - 1) / BLOCK;
    kmu__parallel(f->pool, (blocks + CHUNK - 1) / CHUNK, 8.0 * (double)f->n, block_chunk, f);
    memset(t->prefix, 0, t->words * sizeof *t->prefix);
    for (size_t b = 1; b <= blocks && kmu__told(f->pool) != KMU_ABANDON; b++) {
        int64_t *sum = t->prefix + b * t->words;
        const struct sums s = parts_of(f, sum);
        for (size_t a = 0; a < t->words; a++)
            sum[a] += (sum - t->words)[a];
        kmu__tally_carry(f, &s, 0);
    }
}

struct spans *kmu__spans_open(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct spans *t, draft = {.words = f->sum.words + f->mass.words + 2};
    if (f->spans)
        return f->spans;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &draft.now.cut, f->k + 1, sizeof *draft.now.cut);
    kmu__wish(&m, &draft.now.who, f->k, sizeof *draft.now.who);
    kmu__wish(&m, &draft.before.cut, f->k + 1, sizeof *draft.before.cut);
    kmu__wish(&m, &draft.before.who, f->k, sizeof *draft.before.who);
    kmu__wish(&m, &draft.prefix, (f->n + BLOCK - 1) / BLOCK + 1, draft.words * sizeof *draft.prefix);
    kmu__wish(&m, &draft.sum, f->k + 1, draft.words * sizeof *draft.sum);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    draft.memory = m;
    *t = draft;
    f->spans = t;
    make_prefix(f);
    return t;
}

void kmu__spans_close(struct fit *f)
{
    if (!f->spans)
        return;
    struct memory memory = f->spans->memory;
    kmu__give_back(&memory);
    f->spans = NULL;
}

/* ---- an (A) becomes sums ----------------------------------------------------------------------------------------------- */

static void cut_chunk(void *context, size_t chunk, int thread)
{
    struct fit *f = context;
    struct spans *t = f->spans;
    for (size_t a = chunk * CHUNK; a <= t->now.count && a < (chunk + 1) * CHUNK; a++) {
        int64_t *sum = t->sum + a * t->words;
        const size_t block = t->now.cut[a] / BLOCK;
        memcpy(sum, t->prefix + block * t->words, t->words * sizeof *sum);
        add_rows(f, block * BLOCK, t->now.cut[a], sum, thread);
    }
}

/* The sums of every cluster: those before the end of its span less those before its beginning. */
static void sum_spans(struct fit *f)
{
    struct spans *t = f->spans;
    const size_t S = f->sum.words, M = f->mass.words;
    kmu__parallel(f->pool, t->now.count / CHUNK + 1, 300.0 * (double)t->now.count, cut_chunk, f);
    memset(f->sums.S, 0, f->k * S * sizeof *f->sums.S);
    memset(f->sums.M, 0, f->k * M * sizeof *f->sums.M);
    memset(f->sums.count, 0, f->k * sizeof *f->sums.count);
    for (size_t a = 0; a < t->now.count; a++) {
        const size_t i = (size_t)t->now.who[a];
        const int64_t *from = t->sum + a * t->words, *to = from + t->words;
        for (size_t b = 0; b < S; b++)
            f->sums.S[i * S + b] = to[b] - from[b];
        for (size_t b = 0; b < M; b++)
            f->sums.M[i * M + b] = to[S + b] - from[S + b];
        f->sums.count[i] = to[S + M] - from[S + M];
        kmu__tally_carry(f, &f->sums, i);
    }
}

/* ---- labels, and who moved ----------------------------------------------------------------------------------------------- */

static void spell(const struct cuts *cuts, int32_t *c)
{
    for (size_t a = 0; a < cuts->count; a++)
        for (size_t j = cuts->cut[a]; j < cuts->cut[a + 1]; j++)
            c[j] = cuts->who[a];
}

void kmu__spans_spell(struct fit *f)
{
    struct spans *t = f->spans;
    if (t->spelt)
        return;
    spell(&t->now, f->c);
    if (t->known)
        spell(&t->before, f->was);
    t->spelt = true;
}

/* How many rows of the points as they came are before row j. */
static int64_t rows_before(const struct fit *f, size_t j)
{
    const struct spans *t = f->spans;
    int64_t rows = t->prefix[j / BLOCK * t->words + t->words - 1];
    for (size_t a = j / BLOCK * BLOCK; a < j; a++)
        rows += kmu__members(f, a);
    return rows;
}

/* The rows that are in spans of other clusters than before. */
static int64_t moved_between(const struct fit *f, const struct cuts *now, const struct cuts *before)
{
    int64_t moved = 0;
    for (size_t a = 0, b = 0, from = 0; from < f->n;) {
        const size_t to = now->cut[a + 1] < before->cut[b + 1] ? now->cut[a + 1] : before->cut[b + 1];
        if (now->who[a] != before->who[b] && from < to)
            moved += rows_before(f, to) - rows_before(f, from);
        a += now->cut[a + 1] == to;
        b += before->cut[b + 1] == to;
        from = to;
    }
    return moved;
}

void kmu__spans_tally(struct fit *f)
{
    struct spans *t = f->spans;
    if (kmu__told(f->pool) == KMU_ABANDON) /* there may be no cuts */
        return;
    sum_spans(f);
    if (f->iterations == 0)
        f->turn.moved = t->sum[t->now.count * t->words + t->words - 1];
    else if (t->known)
        f->turn.moved = moved_between(f, &t->now, &t->before);
    else {
        kmu__spans_spell(f);
        f->turn.moved = 0;
        for (size_t j = 0; j < f->n; j++)
            f->turn.moved += f->c[j] != f->was[j] ? kmu__members(f, j) : 0;
    }
}

void kmu__spans_settle(struct fit *f)
{
    struct spans *t = f->spans;
    t->known = t->regular;
    if (!t->regular) {
        memcpy(f->was, f->c, f->n * sizeof *f->was);
        return;
    }
    t->before.count = t->now.count;
    memcpy(t->before.cut, t->now.cut, (t->now.count + 1) * sizeof *t->now.cut);
    memcpy(t->before.who, t->now.who, t->now.count * sizeof *t->now.who);
}
