/* spans.h - labels as spans of sorted rows, and sums over spans by exact prefix sums.
 *
 * Of one column every cluster is a span of the sorted rows, so a turn need not look at rows: of the sums S before a cut,
 *
 *   S_i = S(to) - S(from),      m_i likewise                                                                       (T3)
 *
 * Prefix sums are kept for every KMU__SPAN_BLOCK-th row; the rows behind it are added when they are asked for. Digits are whole
 * numbers, so a difference of sums is the sum. Labels are spelt out, row by row, where somebody needs them: fill, and the end.
 *
 * Time of a turn O(k (log n + KMU__SPAN_BLOCK)), and O(n) where an empty cluster took a place. */
#ifndef KMU_UPDATE_SPANS_H
#define KMU_UPDATE_SPANS_H

#include "../fit.h"

enum { KMU__SPAN_BLOCK = 64 };

/* Rows cut[a] .. cut[a + 1] - 1 are cluster who[a]'s; cut[0] = 0, cut[count] = n. */
struct cuts {
    size_t count, *cut;
    int32_t *who;
};

struct spans {
    struct memory memory;
    struct cuts now, before; /* of this (A), and at the end of the turn before */
    bool known;              /* `before` holds; else f->was does */
    bool spelt;              /* f->c has the labels too */
    bool regular;            /* `now` has them: no place was taken */
    size_t words;            /* of a prefix: S, M, count, and rows, as many as they stand for */
    int64_t *prefix;         /* of the rows before a block */
    int64_t *sum;            /* of the rows before a cut */
};

/* f->spans, made if need be from f->points, which are sorted; NULL where memory cannot be had. */
struct spans *kmu__spans_open(struct fit *);
void kmu__spans_close(struct fit *);

/* kmu__tally, kmu__tally_settle where labels are spans. */
void kmu__spans_tally(struct fit *);
void kmu__spans_settle(struct fit *);

/* f->c := the labels of this (A), and f->was those before it. */
void kmu__spans_spell(struct fit *);

#endif
