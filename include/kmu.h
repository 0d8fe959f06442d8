/* kmu.h - k-means with one right answer.
 *
 *     J = sum_i sum_{x_j in C_i} w_j ||x_j - mu_i||^2        is made small over the centroids mu_1 .. mu_k.
 *
 * Three nouns: points, options, result. Three verbs: seed (where mu starts), assign (A), update (B). One
 * sentence: fit, which seeds and then alternates (A) and (B) until no centroid moves.
 *
 *     kmu_points p = {.size = sizeof p, .type = KMU_F32, .n = n, .d = d, .x = x};
 *     kmu_options o;
 *     kmu_options_init(&o, sizeof o);
 *     o.k = 10;
 *     kmu_result *r;
 *     kmu_error e;
 *     if (kmu_fit(&p, &o, &r, &e) != KMU_OK) { fprintf(stderr, "%s\n", e.text); return 1; }
 *     ... r->mu, r->c, r->J, r->stop ...
 *     kmu_result_free(r);
 *
 * The answer is defined (docs/theory.md): a label is the true argmin over the real numbers (ties go to the
 * lower index), a centroid is the exact mean rounded once, J is the exact sum rounded once. It is the same bits
 * for every thread count, instruction set, algorithm and order of the rows.
 *
 * The library prints nothing, keeps nothing between calls, reads no environment variable and installs no
 * signal handler. Calls may run in several threads at once, on different results. */
#ifndef KMU_H
#define KMU_H

#include <stddef.h>
#include <stdint.h>

#if defined _WIN32 || !defined __GNUC__
#define KMU_API
#else
#define KMU_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define KMU_VERSION "0.1.0"

/* What a call says. The values are the command's exit codes too. */
typedef enum kmu_status {
    KMU_OK = 0,
    KMU_EBUG = 1,       /* a defect in kmu itself */
    KMU_EUSAGE = 2,     /* an option's value */
    KMU_EDATA = 3,      /* points, weights, labels or centroids */
    KMU_EIO = 4,        /* reading or writing failed (the command, never the library) */
    KMU_EMEMORY = 5,    /* an allocation failed; nothing is lost but this call */
    KMU_EMODEL = 7,     /* a model file that is damaged (the command, never the library) */
    KMU_EABANDONED = 8, /* poll said KMU_ABANDON */
} kmu_status;

/* The caller's own buffer for one line of text: value, limit and place. NULL is allowed everywhere. */
typedef struct kmu_error {
    char text[512];
} kmu_error;

/* The type of the numbers in memory. Results are f32 for KMU_F32, else f64; the other types widen. */
typedef enum kmu_type {
    KMU_F32 = 1, KMU_F64 = 2, KMU_F16 = 3,
    KMU_U8 = 4, KMU_I8 = 5, KMU_U16 = 6, KMU_I16 = 7, KMU_U32 = 8, KMU_I32 = 9,
    KMU_U64 = 10, KMU_I64 = 11, /* integers beyond 2^53 are an error */
} kmu_type;

/* Points: n rows of d coordinates. x[j row + l col] is coordinate l of point j. */
typedef struct kmu_points {
    size_t size;             /* sizeof(kmu_points), set by the caller */
    kmu_type type;
    size_t n, d;
    const void *x;           /* never written to; finite */
    ptrdiff_t row, col;      /* strides in elements; 0 means d and 1 (C order) */
    const int64_t *start;    /* n + 1, not NULL: CSR rows. Point j has the numbers x[start[j]] .. x[start[j + 1] - 1]; no strides */
    const int32_t *column;   /* the column of each, in any order, none twice in a point; what is not stored is 0 */
    const double *w;         /* n weights >= 0, finite, not all 0; NULL: every w_j = 1 */
} kmu_points;

/* What is computed. */
typedef enum kmu_method {
    KMU_LLOYD = 0,     /* (A) and (B) in turn */
    KMU_BISECTING = 1, /* points are split in two, part by part (Steinbach, Karypis and Kumar 2000) */
    KMU_MINIBATCH = 2, /* centroids follow batches of places drawn at random (Sculley 2010) */
} kmu_method;

/* Where mu starts. */
typedef enum kmu_init {
    KMU_KMEANSPP = 0, /* greedy k-means++ (Arthur and Vassilvitskii 2007) */
    KMU_RANDOM = 1,   /* k places drawn by weight, without replacement */
    KMU_FIRST = 2,    /* the first k rows */
    KMU_GIVEN = 3,    /* options.start */
    KMU_KMEANS_PARALLEL = 4, /* k-means|| (Bahmani et al. 2012), 5 rounds, about 2 k candidates each */
} kmu_init;

/* Which part bisecting splits next: the first of those with the largest J, or with the largest mass. */
typedef enum kmu_strategy {
    KMU_BIGGEST_INERTIA = 0,
    KMU_LARGEST_CLUSTER = 1,
} kmu_strategy;

/* How step (A) is computed. The answer is the same; every name is taken for every n, d, k and type. */
typedef enum kmu_algorithm {
    KMU_AUTO = 0,
    KMU_PLAIN = 1, /* every distance in f64: the judge */
    KMU_DENSE = 2, /* a matrix product in f32 names the candidates */
    KMU_FILTER = 3, /* bounds and a matrix product of bytes do */
    KMU_TREE = 4,  /* boxes of neighbours do; of one column, sorted rows */
    KMU_BOUNDS = 5, /* as dense, for the points alone that bounds leave open */
} kmu_algorithm;

/* The instructions of the kernels; the answer is the same. One that this CPU lacks is KMU_EUSAGE. */
typedef enum kmu_isa {
    KMU_ISA_AUTO = 0,
    KMU_ISA_PLAIN = 1,  /* portable C, the judge */
    KMU_ISA_BASE = 2,   /* what every CPU of the architecture has: SSE2, NEON */
    KMU_ISA_AVX2 = 3,   /* with FMA */
    KMU_ISA_AVX512 = 4, /* F, BW, DQ, VL; VNNI where present */
    KMU_ISA_NEON = 5,   /* aarch64; dot product where present */
} kmu_isa;

/* Why a fit ended: of bisecting, the last of these that ended one of its splits. None of them is an error. */
typedef enum kmu_stop {
    KMU_FIXPOINT = 0,    /* (B) moved no centroid: mu are the means of c, c is nearest to mu */
    KMU_TOLERANCE = 1,   /* sum_i ||mu_i - its last value||^2 <= tol V, V the mean variance of the columns */
    KMU_MAX_ITER = 2,
    KMU_BUDGET = 3,      /* max_seconds were spent */
    KMU_INTERRUPTED = 4, /* poll said KMU_FINISH */
    KMU_NO_IMPROVEMENT = 5, /* mini-batch: the smoothed J of the batches no longer falls */
} kmu_stop;

/* What poll may answer. */
typedef enum kmu_poll {
    KMU_GO = 0,
    KMU_FINISH = 1,  /* end with the best so far, made valid by one more (A) */
    KMU_ABANDON = 2, /* return KMU_EABANDONED at once */
} kmu_poll;

/* One turn: (A), fill, (B). The record the callback, the trace and the report are made of. In bisecting, of one split: J is
 * that of its part, and run r of split s is s n_init + r. In mini-batch, one step: J is that of the batch. */
typedef struct kmu_turn {
    int32_t run;        /* 0 .. n_init - 1 */
    int32_t method;     /* kmu_algorithm that computed (A) */
    int64_t turn;       /* 1 .. */
    double J_assign;    /* after (A), before empty clusters are filled */
    double J_update;    /* after (B) */
    int64_t moved;      /* labels that differ from the end of the turn before */
    double shift;       /* sum_i ||mu_i - its last value||^2 */
    int64_t pairs;      /* distances evaluated by the first, fast stage */
    int64_t skipped;    /* pairs decided without one */
    int64_t certified;  /* pairs decided in f64 with its bound */
    int64_t exact;      /* pairs decided in integers */
    double seconds;
} kmu_turn;

typedef struct kmu_options {
    size_t size;              /* set by kmu_options_init */
    size_t k;                 /* clusters, 1 .. n */
    kmu_init init;
    kmu_type start_type;      /* KMU_F32 or KMU_F64, for KMU_GIVEN */
    const void *start;        /* k x d, C order, for KMU_GIVEN; rounded once to the type of the result */
    int64_t n_init;           /* runs; the one with the least exact J is kept, the earliest on a tie */
    int64_t max_iter;         /* most turns; 0: one (A) on the start; mini-batch: batches of N places together */
    double tol;               /* > 0: stop by KMU_TOLERANCE */
    uint64_t seed;
    int64_t threads;          /* 0: what affinity and cgroup allow, 1 for so few points that no second one pays */
    kmu_algorithm algorithm;
    kmu_isa isa;
    double max_seconds;       /* 0: no limit */
    void (*on_turn)(const kmu_turn *, void *context);
    kmu_poll (*poll)(void *context); /* called from the calling thread, at least every 50 ms */
    void *context;            /* for on_turn, poll, start_split and on_centroids */
    void *(*allocate)(size_t bytes, void *context); /* NULL: malloc */
    void (*release)(void *, void *context);         /* NULL: free */
    void *memory_context;     /* for allocate and release */
    kmu_method method;
    kmu_strategy strategy;    /* of bisecting */
    kmu_poll (*start_split)(const uint32_t *row, size_t rows, void *start, void *context); /* KMU_GIVEN in bisecting: start :=
                                 2 x d centroids of start_type for these rows, in each of n_init runs; anything but KMU_GO
                                 abandons the fit */
    int64_t batch_size;         /* of mini-batch: draws of a batch, or all places if they are fewer */
    int64_t init_size;          /* draws that the start is made from; 0: 3 batches. If less than k, 3 k */
    int64_t max_no_improvement; /* steps in succession without a lower smoothed J, at which to stop */
    double reassignment_ratio;  /* centroids of less mass than this part of the largest move to places of the batch */
    int unlabelled;             /* not 0: no (A) of all points in the end; the result has no c, mass and count, and distinct 0 */
    void (*on_centroids)(int32_t run, int64_t turn, const double *mu, void *context); /* mu, k x d, widened, at the start (turn 0)
                                 and after every (B), before on_turn; of bisecting, the two of a split */
} kmu_options;

typedef struct kmu_result {
    size_t n, d, k;          /* k is less than asked only where bisecting was told to finish */
    kmu_type type;           /* of mu: KMU_F32 or KMU_F64 */
    void *mu;                /* k x d centroids, C order */
    int32_t *c;              /* n labels, 0 .. k - 1; NULL if unlabelled, and so are mass and count */
    double *mass;            /* k: sum of w_j over the cluster, exact, rounded once */
    int64_t *count;          /* k: rows of the cluster */
    double J;                /* belongs to c and mu; exact, rounded once; inf beyond f64. Unlabelled: in f64, sum of w_j times
                                the smoothed J of a point of the batches, NaN if there was none */
    int64_t iterations;      /* turns of the run kept; of bisecting, of all splits; of mini-batch, steps */
    kmu_stop stop;
    int32_t run;             /* the run kept; of bisecting, 0 */
    size_t distinct;         /* clusters that own a point of positive weight */
    const kmu_turn *trace;   /* every turn of every run, in order */
    size_t turns;
    int64_t threads;         /* threads used */
    kmu_isa isa;             /* instructions used */
    double seconds_seed;     /* choosing the start */
    double seconds_fit;      /* everything else between data in memory and the result */
    size_t splits;           /* of bisecting, k - 1: its tree, for kmu_walk; else 0 */
    int32_t *child;          /* splits x 2: a label, or below 0 the split -child; split 0 has all points */
    void *split_mu;          /* splits x 2 x d, of type: the second child takes the points strictly nearer to its centroid */
    size_t places;           /* of mini-batch: N, the distinct rows of positive weight; else 0 */
    double *v;               /* of mini-batch, k: the points that each centroid has taken in; else NULL */
    int64_t since;           /* and a kmu_state's since */
} kmu_result;

enum { KMU_MASS_PARTS = 40 }; /* numbers whose sum is a mass, exactly: each is what those before leave, rounded; then 0 */

/* What mini-batch k-means keeps from one kmu_partial_fit to the next; the arrays are the caller's. To go on from a fit: its mu,
 * v in the first of the parts, iterations and since. */
typedef struct kmu_state {
    size_t size;             /* sizeof(kmu_state), set by the caller */
    void *mu;                /* k x d of the result's type; whatever it is while steps is 0 */
    double *v;               /* k x KMU_MASS_PARTS: the mass that each centroid has taken in; at first 0 */
    int64_t steps;           /* calls so far; at first 0 */
    int64_t since;           /* places that came since centroids of little mass were looked for; at first 0 */
} kmu_state;

/* What is said about labels and centroids that somebody made. */
typedef struct kmu_verdict {
    size_t size;             /* sizeof(kmu_verdict), set by the caller */
    int64_t not_nearest;     /* points with a centroid strictly nearer than their own */
    int64_t ties_not_low;    /* points whose centroid is nearest, but not the first of the nearest */
    int64_t first_not_nearest; /* the first such point, or -1 */
    int64_t means_off;       /* coordinates of centroids of nonempty clusters that are not the rounded mean */
    double means_ulps;       /* the farthest of them, in units in the last place */
    int64_t empty;           /* clusters without mass */
    double J;                /* exact, rounded once */
} kmu_verdict;

/* Numbers by which partitions with different k are compared (formulas in docs/theory.md, T13): a row of weight w counts as w
 * rows. NaN where one is not defined. In f64, to about 12 digits; J is exact, rounded once. */
typedef struct kmu_indices {
    size_t size;              /* sizeof(kmu_indices), set by the caller (kmu_select: in the first) */
    size_t k, distinct;       /* clusters, and those that own a point */
    double J;
    double silhouette;        /* simplified: -1 .. 1, more is better (Vendramin, Campello and Hruschka 2010) */
    double calinski_harabasz; /* more is better (1974) */
    double davies_bouldin;    /* less is better (1979) */
    double bic;               /* spherical Gaussians of one variance; more is better (Pelleg and Moore 2000) */
    double stability;         /* mean adjusted Rand index of runs that follow each other (Hubert and Arabie 1985) */
    double gap, gap_error;    /* and its s_k (Tibshirani, Walther and Hastie 2001) */
} kmu_indices;

/* One option that has a name in text: for commands, bindings and documents. */
typedef struct kmu_option {
    const char *name;        /* "max-iter" */
    const char *value;       /* what its value is called: "N", "X", "NAME" */
    const char *standard;    /* the default as text; NULL: required */
    const char *help;        /* one line */
    unsigned methods;        /* bit i: kmu_method i heeds it */
} kmu_option;

/* Sets every option to its default. bytes is sizeof(kmu_options) as the caller knows it. */
KMU_API void kmu_options_init(kmu_options *, size_t bytes);

/* Sets one option from text, checked. Peers' spellings are accepted ("n-clusters", "k-means++"). */
KMU_API kmu_status kmu_options_set(kmu_options *, const char *name, const char *value, kmu_error *);

/* Row i of the option table, or NULL after the last; the row that a name or another spelling of it means, or NULL. */
KMU_API const kmu_option *kmu_option_at(size_t i);
KMU_API const kmu_option *kmu_option_find(const char *name);

/* Fits k centroids. *result is set only when KMU_OK is returned; free it with kmu_result_free.
 * Time per turn O(n k d) at most; memory O(n + k d) beside the points. */
KMU_API kmu_status kmu_fit(const kmu_points *, const kmu_options *, kmu_result **, kmu_error *);
KMU_API void kmu_result_free(kmu_result *);

/* The start a fit would use: mu is k x d of the result's type. */
KMU_API kmu_status kmu_seed(const kmu_points *, const kmu_options *, void *mu, kmu_error *);

/* (A): c_j = argmin_i ||x_j - mu_i||^2, ties to the lower i; mu has the result's type. c (n) and J may be NULL; c holds
 * nothing certain unless KMU_OK is returned. c alone for few points without weights (k d up to 1024, n k d up to 8192) is
 * found on the stack, without memory and threads: one row of 2 coordinates among 10 centroids in half a microsecond. */
KMU_API kmu_status kmu_assign(const kmu_points *, const kmu_options *, const void *mu, int32_t *c, double *J, kmu_error *);

/* fill and (B): empty clusters take their place in c, then mu_i becomes the exact mean, rounded once.
 * mu comes in as the centroids that c was assigned by. */
KMU_API kmu_status kmu_update(const kmu_points *, const kmu_options *, int32_t *c, void *mu, kmu_error *);

/* One step of mini-batch k-means: these points are the batch. The first begins with a start, as a fit does. *J (may be NULL) :=
 * that of the batch at the centroids before the step. On an error the state is as it was. */
KMU_API kmu_status kmu_partial_fit(const kmu_points *, const kmu_options *, kmu_state *, double *J, kmu_error *);

/* Holds labels c and centroids mu against the definition. */
KMU_API kmu_status kmu_verify(const kmu_points *, const kmu_options *, const void *mu, const int32_t *c, kmu_verdict *, kmu_error *);

/* The m nearest centroids of every point, nearest first, equally near ones by index: index is n x m, and distance
 * (n x m, of the result's type, may be NULL) is ||x_j - mu_i||, exact, rounded once. */
KMU_API kmu_status kmu_nearest(const kmu_points *, const kmu_options *, const void *mu, size_t m, int32_t *index, void *distance,
                               kmu_error *);

/* distance (n x k of the result's type) := ||x_j - mu_i|| of every point and centroid, exact, rounded once. */
KMU_API kmu_status kmu_distances(const kmu_points *, const kmu_options *, const void *mu, void *distance, kmu_error *);

/* The label of every point by the tree of a bisecting fit, from split 0 down; splits >= 1, options.k does not count. c (n) :=
 * the labels, distance (n of the result's type, may be NULL) := ||x_j - its centroid||, exact, rounded once. */
KMU_API kmu_status kmu_walk(const kmu_points *, const kmu_options *, size_t splits, const int32_t *child, const void *split_mu,
                            int32_t *c, void *distance, kmu_error *);

/* Of each cluster (k): its share of J and the distance of its farthest point, both in f64 to about 12 digits. */
KMU_API kmu_status kmu_describe(const kmu_points *, const kmu_options *, const void *mu, const int32_t *c, double *J_cluster,
                                double *radius, kmu_error *);

/* The simplified silhouette (b - a) / max(a, b) of every point, a and b its distances to its own centroid and to the nearest
 * other one that owns a point: means by weight, of each cluster (k, may be NULL) and of all (*mean), in f64 to about 12 digits;
 * NaN for an empty cluster, and where fewer than two own a point. Time O(n k d), memory O(n). */
KMU_API kmu_status kmu_silhouette(const kmu_points *, const kmu_options *, const void *mu, const int32_t *c, double *cluster,
                                  double *mean, kmu_error *);

/* The mean silhouette (Rousseeuw 1987) of all points, estimated by `sample` >= 2 of them, drawn by weight with replacement, each
 * held against all others; *standard_error (may be NULL) is that of the mean. All points, and 0, where sample >= n.
 * NaN where fewer than two clusters own a point. Time O(sample n d), memory O(n). */
KMU_API kmu_status kmu_silhouette_sampled(const kmu_points *, const kmu_options *, const int32_t *c, size_t sample, double *mean,
                                          double *standard_error, kmu_error *);

/* The indices of labels c (n, below options.k) somebody made, J at their means; stability and gap are NaN. Time O(n k d). */
KMU_API kmu_status kmu_judge(const kmu_points *, const kmu_options *, const int32_t *c, kmu_indices *, kmu_error *);

/* Which k: indices[k - options.k] := those of the fit with k clusters, for every k from options.k to most, as kmu_fit makes it by
 * these options, but for k. Stability wants n_init >= 2; the gap wants references >= 1 sets of n uniform points in the box of
 * the data (not of CSR rows), each fitted in the same way. The order of the points, their check and the threads are shared by all
 * k. Lloyd's method alone; on_turn sees every fit's turns, the largest k first; poll's KMU_FINISH and max_seconds abandon it.
 * Memory O(n + most d), and n d for the gap. */
KMU_API kmu_status kmu_select(const kmu_points *, const kmu_options *, size_t most, size_t references, kmu_indices *indices,
                              kmu_error *);

/* Names: "fixpoint", "kmeans++", "plain", "f32". NULL for a value out of range. */
KMU_API const char *kmu_stop_name(kmu_stop);
KMU_API const char *kmu_method_name(kmu_method);
KMU_API const char *kmu_algorithm_name(kmu_algorithm);
KMU_API const char *kmu_isa_name(kmu_isa);
KMU_API const char *kmu_type_name(kmu_type);
KMU_API size_t kmu_type_bytes(kmu_type);
KMU_API const char *kmu_version(void);

/* The threads that 0 stands for: what affinity and cgroup (version 1 or 2) allow this process. */
KMU_API int kmu_cpus(void);

#ifdef __cplusplus
}
#endif
#endif
