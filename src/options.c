/* options.c - the table of options: a row each feeds defaults, parsing from text, --help and the documents. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ground/status.h"
#include "kernel/kernel.h"
#include "options.h"

struct name {
    const char *name;
    int value;
};

/* clang-format off */
static const struct name inits[] = {
    {"kmeans++", KMU_KMEANSPP}, {"k-means++", KMU_KMEANSPP}, {"kmeans||", KMU_KMEANS_PARALLEL},
    {"k-means||", KMU_KMEANS_PARALLEL}, {"random", KMU_RANDOM}, {"first", KMU_FIRST}, {0}};

static const struct name methods[] = {{"lloyd", KMU_LLOYD}, {"bisecting", KMU_BISECTING}, {"minibatch", KMU_MINIBATCH}, {0}};

static const struct name strategies[] = {{"biggest_inertia", KMU_BIGGEST_INERTIA}, {"largest_cluster", KMU_LARGEST_CLUSTER}, {0}};

static const struct name algorithms[] = {{"auto", KMU_AUTO}, {"plain", KMU_PLAIN}, {"dense", KMU_DENSE}, {"filter", KMU_FILTER},
    {"tree", KMU_TREE}, {"bounds", KMU_BOUNDS}, {0}};

static const struct name isas[] = {
    {"auto", KMU_ISA_AUTO}, {"plain", KMU_ISA_PLAIN}, {"base", KMU_ISA_BASE}, {"avx2", KMU_ISA_AVX2},
    {"avx512", KMU_ISA_AVX512}, {"neon", KMU_ISA_NEON}, {0}};

static const struct name stops[] = {
    {"fixpoint", KMU_FIXPOINT}, {"tolerance", KMU_TOLERANCE}, {"max_iter", KMU_MAX_ITER}, {"budget", KMU_BUDGET},
    {"interrupted", KMU_INTERRUPTED}, {"no_improvement", KMU_NO_IMPROVEMENT}, {0}};

static const struct name types[] = {
    {"f32", KMU_F32}, {"f64", KMU_F64}, {"f16", KMU_F16}, {"u8", KMU_U8}, {"i8", KMU_I8}, {"u16", KMU_U16}, {"i16", KMU_I16},
    {"u32", KMU_U32}, {"i32", KMU_I32}, {"u64", KMU_U64}, {"i64", KMU_I64}, {0}};

enum kind { COUNT, SIZE, WORD, REAL, CHOICE };

static const struct row {
    kmu_option option;        /* name, what its value is called, default, help, methods */
    const char *alias;        /* other spellings, each followed by a comma */
    enum kind kind;
    size_t offset;
    double least, most;       /* allowed values */
    const struct name *names; /* of a choice */
} rows[] = {
#define AT(field) offsetof(kmu_options, field)
#define ANY (~0u)
#define ONLY(method) (1u << (method))
    {{"k", "N", NULL, "clusters, 1 .. n", ANY},
     "n-clusters,clusters,", SIZE, AT(k), 1, INT32_MAX, NULL},
    {{"init", "NAME", "kmeans++", "where mu starts: kmeans++ (greedy), kmeans||, random, first", ANY},
     "", CHOICE, AT(init), 0, 0, inits},
    {{"n-init", "N", "1", "runs; the one with the least exact J is kept", ANY},
     "restarts,nstart,nredo,", COUNT, AT(n_init), 1, INT32_MAX, NULL},
    {{"max-iter", "N", "1000", "most turns; 0: one assignment to the start", ANY},
     "max-iterations,niter,", COUNT, AT(max_iter), 0, 9e18, NULL},
    {{"tol", "X", "0", "stop when the centroids' shift is at most X times the mean variance; 0: only at a fixpoint", ANY},
     "", REAL, AT(tol), 0, 1e308, NULL},
    {{"seed", "N", "0", "same seed, same bits", ANY},
     "random-state,", WORD, AT(seed), 0, 0, NULL},
    {{"threads", "N", "0", "threads; 0: what affinity and cgroup allow", ANY},
     "", COUNT, AT(threads), 0, 4096, NULL},
    {{"algorithm", "NAME", "auto", "how the nearest centroid is found: auto, plain, dense, filter, bounds, tree; the answer is the same", ANY},
     "", CHOICE, AT(algorithm), 0, 0, algorithms},
    {{"isa", "NAME", "auto", "instructions: auto, plain, base, avx2, avx512, neon; the answer is the same", ANY},
     "", CHOICE, AT(isa), 0, 0, isas},
    {{"max-seconds", "S", "0", "the best after S seconds is returned; 0: no limit", ANY},
     "", REAL, AT(max_seconds), 0, 1e15, NULL},
    {{"method", "NAME", "lloyd", "what is computed: lloyd, bisecting, minibatch", ANY},
     "", CHOICE, AT(method), 0, 0, methods},
    {{"strategy", "NAME", "biggest_inertia", "the part that bisecting splits next: biggest_inertia, largest_cluster", ONLY(KMU_BISECTING)},
     "bisecting-strategy,", CHOICE, AT(strategy), 0, 0, strategies},
    {{"batch-size", "N", "1024", "draws of a batch", ONLY(KMU_MINIBATCH)},
     "", COUNT, AT(batch_size), 1, INT32_MAX, NULL},
    {{"init-size", "N", "0", "draws that a start is made from; 0: 3 batches", ONLY(KMU_MINIBATCH)},
     "", COUNT, AT(init_size), 0, INT32_MAX, NULL},
    {{"max-no-improvement", "N", "10", "stop after so many batches without a lower smoothed J", ONLY(KMU_MINIBATCH)},
     "", COUNT, AT(max_no_improvement), 0, 9e18, NULL},
    {{"reassignment-ratio", "X", "0.01", "centroids of less than X times the largest mass move to points of the batch; 0: none", ONLY(KMU_MINIBATCH)},
     "", REAL, AT(reassignment_ratio), 0, 1e308, NULL},
#undef AT
#undef ANY
#undef ONLY
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof *rows };

static const char *name_of(const struct name *names, int value)
{
    for (; names->name; names++)
        if (names->value == value)
            return names->name;
    return NULL;
}

const char *kmu_stop_name(kmu_stop stop)
{
    return name_of(stops, (int)stop);
}

const char *kmu_method_name(kmu_method method)
{
    return name_of(methods, (int)method);
}

const char *kmu_algorithm_name(kmu_algorithm algorithm)
{
    return name_of(algorithms, (int)algorithm);
}

const char *kmu_isa_name(kmu_isa isa)
{
    return name_of(isas, (int)isa);
}

const char *kmu_type_name(kmu_type type)
{
    return name_of(types, (int)type);
}

size_t kmu_type_bytes(kmu_type type)
{
    static const unsigned char bytes[] = {
        [KMU_F32] = 4, [KMU_F64] = 8, [KMU_F16] = 2, [KMU_U8] = 1,  [KMU_I8] = 1, [KMU_U16] = 2,
        [KMU_I16] = 2, [KMU_U32] = 4, [KMU_I32] = 4, [KMU_U64] = 8, [KMU_I64] = 8};
    return (size_t)type < sizeof bytes ? bytes[type] : 0;
}

const kmu_option *kmu_option_at(size_t i)
{
    return i < ROWS ? &rows[i].option : NULL;
}

void kmu_options_init(kmu_options *o, size_t bytes)
{
    memset(o, 0, bytes);
    o->size = bytes;
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].option.standard && rows[i].offset < bytes)
            kmu_options_set(o, rows[i].option.name, rows[i].option.standard, NULL);
}

/* Whether name is row's own name or one of its spellings. */
static bool is_called(const struct row *row, const char *name)
{
    size_t length = strlen(name);
    if (strcmp(row->option.name, name) == 0)
        return true;
    for (const char *a = row->alias; length && *a; a = strchr(a, ',') + 1)
        if (strncmp(a, name, length) == 0 && a[length] == ',')
            return true;
    return false;
}

static kmu_status refuse(const struct row *row, const char *value, kmu_error *error)
{
    const char *dashes = row->option.name[1] ? "--" : "-", *what = row->kind == REAL ? "a number" : "an integer";
    if (row->kind == WORD)
        return kmu__fail(error, KMU_EUSAGE, "%s%s %s: not an integer from 0 to 2^64 - 1", dashes, row->option.name, value);
    if (row->most > 1e12)
        return kmu__fail(error, KMU_EUSAGE, "%s%s %s: not %s of at least %.15g", dashes, row->option.name, value, what,
                         row->least);
    return kmu__fail(error, KMU_EUSAGE, "%s%s %s: not %s from %.15g to %.15g", dashes, row->option.name, value, what,
                     row->least, row->most);
}

static kmu_status set_choice(void *field, const struct row *row, const char *value, kmu_error *error)
{
    char known[256] = "";
    for (const struct name *n = row->names; n->name; n++) {
        if (strcmp(n->name, value) == 0) {
            if (row->names == isas && !kmu__kernels((kmu_isa)n->value))
                return kmu__fail(error, KMU_EUSAGE, "--%s %s: this CPU has no such instructions", row->option.name, value);
            memcpy(field, &n->value, sizeof n->value);
            return KMU_OK;
        }
        strncat(known, " ", sizeof known - strlen(known) - 1);
        strncat(known, n->name, sizeof known - strlen(known) - 1);
    }
    return kmu__fail(error, KMU_EUSAGE, "--%s %s: not one of%s", row->option.name, value, known);
}

static const struct row *find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (is_called(&rows[i], name))
            return &rows[i];
    return NULL;
}

const kmu_option *kmu_option_find(const char *name)
{
    const struct row *row = find(name);
    return row ? &row->option : NULL;
}

kmu_status kmu_options_set(kmu_options *o, const char *name, const char *value, kmu_error *error)
{
    const struct row *row = find(name);
    if (!row)
        return kmu__fail(error, KMU_EUSAGE, "there is no option \"%s\"", name);
    void *field = (char *)o + row->offset;
    if (row->kind == CHOICE)
        return set_choice(field, row, value, error);
    char *end;
    int found = errno;
    if (row->kind == REAL) {
        locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* a host's comma is not ours */
        double x = strtod_l(value, &end, c);
        freelocale(c);
        errno = found;
        if (end == value || *end || !(x >= row->least && x <= row->most))
            return refuse(row, value, error);
        memcpy(field, &x, sizeof x);
        return KMU_OK;
    }
    errno = 0;
    unsigned long long word = strtoull(value, &end, 10);
    bool beyond = errno != 0;
    errno = found;
    if (end == value || *end || beyond || strchr(value, '-'))
        return refuse(row, value, error);
    if (row->kind != WORD && ((double)word < row->least || (double)word > row->most))
        return refuse(row, value, error);
    if (row->kind == SIZE)
        memcpy(field, &(size_t){(size_t)word}, sizeof(size_t));
    else
        memcpy(field, &(uint64_t){word}, sizeof(uint64_t));
    return KMU_OK;
}

kmu_status kmu__options_check(const kmu_options *o, kmu_error *error)
{
    if (!o || o->size < sizeof *o)
        return kmu__fail(error, KMU_EUSAGE, "options.size is not sizeof(kmu_options); call kmu_options_init");
    if (o->k < 1 || o->k > INT32_MAX)
        return kmu__fail(error, KMU_EUSAGE, "k = %zu; at least 1 cluster and at most 2^31 - 1 can be asked for", o->k);
    if (o->n_init < 1 || o->n_init > INT32_MAX)
        return kmu__fail(error, KMU_EUSAGE, "n_init = %lld; at least 1 run is needed", (long long)o->n_init);
    if (o->max_iter < 0)
        return kmu__fail(error, KMU_EUSAGE, "max_iter = %lld is negative", (long long)o->max_iter);
    if (!(o->tol >= 0 && o->tol <= 1e308))
        return kmu__fail(error, KMU_EUSAGE, "tol = %g; it is 0 or a positive number", o->tol);
    if (!(o->max_seconds >= 0))
        return kmu__fail(error, KMU_EUSAGE, "max_seconds = %g; it is 0 or a positive number", o->max_seconds);
    if (o->threads < 0 || o->threads > 4096)
        return kmu__fail(error, KMU_EUSAGE, "threads = %lld; 0 to 4096", (long long)o->threads);
    if (!kmu_algorithm_name(o->algorithm))
        return kmu__fail(error, KMU_EUSAGE, "algorithm %d is unknown", (int)o->algorithm);
    if (!kmu_isa_name(o->isa))
        return kmu__fail(error, KMU_EUSAGE, "isa %d is unknown", (int)o->isa);
    if (!kmu__kernels(o->isa))
        return kmu__fail(error, KMU_EUSAGE, "isa %s: this CPU has no such instructions", kmu_isa_name(o->isa));
    if ((int)o->init < KMU_KMEANSPP || o->init > KMU_KMEANS_PARALLEL)
        return kmu__fail(error, KMU_EUSAGE, "init %d is unknown", (int)o->init);
    if (!kmu_method_name(o->method))
        return kmu__fail(error, KMU_EUSAGE, "method %d is unknown", (int)o->method);
    if (!name_of(strategies, (int)o->strategy))
        return kmu__fail(error, KMU_EUSAGE, "strategy %d is unknown", (int)o->strategy);
    if (o->batch_size < 1 || o->batch_size > INT32_MAX)
        return kmu__fail(error, KMU_EUSAGE, "batch_size = %lld; 1 to 2^31 - 1", (long long)o->batch_size);
    if (o->init_size < 0 || o->init_size > INT32_MAX)
        return kmu__fail(error, KMU_EUSAGE, "init_size = %lld; 0 to 2^31 - 1", (long long)o->init_size);
    if (o->max_no_improvement < 0)
        return kmu__fail(error, KMU_EUSAGE, "max_no_improvement = %lld is negative", (long long)o->max_no_improvement);
    if (!(o->reassignment_ratio >= 0 && o->reassignment_ratio <= 1e308))
        return kmu__fail(error, KMU_EUSAGE, "reassignment_ratio = %g; it is 0 or a positive number", o->reassignment_ratio);
    return KMU_OK;
}
