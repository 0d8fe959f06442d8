/* fit.h - what all rooms share: the points as the door left them, the centroids, the labels, the exact sums.
 *
 *     x (n, d) -> seed -> mu -> [ assign (A) -> c -> tally, fill, means (B) -> mu, J ] -> result
 *
 * Every number here is a binary64 or widens to one exactly, so no room below the door asks for the type, but for means
 * (which rounds to it) and the kernels (which read x as it lies). */
#ifndef KMU_FIT_H
#define KMU_FIT_H

#include "ground/memory.h"
#include "ground/pool.h"
#include "rows.h"

/* Binary32 images of centroids, panel by panel (kernel/kernel.h), and upper bounds of their norms and of |half|. */
struct images {
    float *panels, *half;
    size_t count, panel_count;
    double reach, drop;
};

/* Centroids side by side (layout/across.h): image l of centroid a is c[l used + a]; used is a multiple of what the kernel takes. */
struct across {
    float *c, *half;
    double *norm2; /* of mu as it is, in f64 */
    size_t stride, used;
    double reach, drop; /* upper bounds of ||c^|| and |half| */
    const struct sparse_kernel *kernel;
};

/* What a thread did in this (A), in pairs of a point and a centroid; a cache line, so that threads do not share one. */
struct work {
    _Alignas(64) int64_t pairs;
    int64_t skipped, certified, exact, moved, measured, met, asked;
};

/* Of every cluster: the sums of w x and of w, in digits, and the rows of positive weight. */
struct sums {
    int64_t *S, *M, *count;
};

enum { KMU__MOVES = 1 << 16, KMU__ROWS_TOUCHED = 64 };

#define KMU__UNKNOWN (-1.0f) /* what is kept of a point that nothing is known of */

/* How numbers become binary32 images: fl(x scale - origin) (layout/frame.h). */
struct frame {
    double scale, *centre; /* a power of two; d numbers of binary32 */
    float *centre_f32;     /* the same */
    bool as_it_is;         /* scale is 1 and centre 0 */
};

struct fit {
    const kmu_options *options;
    struct pool *pool;
    const struct points *points;   /* those that are worked on: as they came, or as layout/order.h put them */
    const struct points *original; /* as they came */
    const uint32_t *place;         /* where a row of these went; NULL: nowhere */
    const uint32_t *members;       /* n: how many rows a row stands for; NULL: itself */
    size_t n, d, k;

    double *mu, *last; /* k x d: now, and before the last (B) */
    double *moves;     /* k: the squared length of that step, or -1: it kept its value */
    int32_t *c, *was;  /* n: now, and at the end of the turn before; -1 in turn 1 */
    uint8_t *touched;  /* a block of KMU__ROWS_TOUCHED rows each: 0 where c is was */

    size_t *moved;   /* KMU__MOVES: rows whose label changed, a job at a time */
    uint32_t *event; /* 2 KMU__MOVES: what they do, by cluster */
    int64_t *begin;  /* k + 2: where the events of a cluster begin */
    struct sum_layout sum, mass;
    struct sums sums, *own;         /* exact; own: one a thread, empty between tallies, or NULL */
    struct wide *Q;                 /* sum_j w_j ||x_j||^2 */
    double Q_rest;                  /* what Q rounded to f64 leaves out, rounded */
    struct wide *J;                 /* J(c, mu), exact, when it was asked for */
    struct twofold *twofold;        /* one a thread */
    struct wide *partial;           /* one a thread */
    int64_t iterations;             /* turns done in this run */
    struct work *work;              /* one a thread: what (A) did */
    double *row;                    /* one row a thread, widened (threads x stride) */
    double *near;                   /* k distances, or bounds of them, a thread (threads x stride) */
    int32_t *near_at;               /* of CSR rows, 2 k candidates a thread */
    size_t row_stride, near_stride; /* doubles between two threads' parts */

    int32_t *distinct; /* centroids that differ from every earlier one, ascending */
    size_t distinct_count;
    int64_t *order;    /* 2 k: room to sort or count clusters in */
    bool exact_in_f64; /* x and mu lie on a grid where f64 distances are exact */

    const struct kernels *kernels;
    const struct verdict *verdict;
    struct frame frame;
    struct images images; /* of the distinct centroids */
    struct across across; /* the same, where points are CSR rows */
    float *tiles;         /* a chunk of tiles a thread (threads x tile_stride) */
    size_t tile_stride;
    void *desks; /* one struct desk a thread (assign/dense.c) */

    const struct digits *digits; /* NULL: the portable text */
    const struct filter *filter;
    struct coarse_points *bytes; /* the points as bytes (layout/coarse.h), or NULL */
    struct tree *tree;           /* what the boxes are (assign/tree.c), or NULL */
    struct filtering *filtering; /* what the filter keeps from turn to turn (assign/filter.c), or NULL */
    struct spans *spans;         /* the labels, where they are spans of sorted rows (update/spans.h), or NULL */
    struct margins *margins;     /* what the bounds keep (assign/margins.h), or NULL */
    float *kept; /* n: what the method of this turn keeps of a point, KMU__UNKNOWN where nothing holds; or NULL */
    bool once;   /* one (A) is all that is asked */
    struct places *places; /* room for those of points (layout/places.h), made by the first start and kept for the next; or NULL */

    size_t changed;     /* centroids that (B) gave another value */
    struct wide *bound; /* [2]: the two sides of the tolerance, and whether they are known yet */
    double limit;       /* tol V in f64 */
    bool limit_known;
    kmu_turn turn; /* the record of this turn */
    struct memory memory;
};

static inline int64_t kmu__members(const struct fit *f, size_t j)
{
    return f->members ? f->members[j] : 1;
}

/* Rows in a chunk of about a millisecond when a row costs nanoseconds. */
static inline size_t kmu__rows_per_chunk(size_t n, double nanoseconds)
{
    double rows = 1e6 / (nanoseconds + 1);
    return rows < 1 ? 1 : rows > (double)n ? n : (size_t)rows;
}

#endif
