/* bench.c - kmu bench: what this machine can do at most, and what every method needs on data of every kind.
 *
 * The data are made here: mixtures of Gaussians with few and with many columns, pixels, embeddings with a decaying spectrum. All
 * methods start from the first k rows and make the same turns, so they have to end with the same J to the bit, and that is
 * checked. Times are those of kmu fit, packing, orders and bytes included, a turn; of some rounds in turn the least. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/peak.h"

enum { TURNS = 20, ROUNDS = 9, PEAK_ROUNDS = 4, RANK = 64 };
#define PATIENCE 1.5 /* seconds of a kind of data, after which no more rounds begin */
#define LONGEST 0.5  /* seconds of a fit: on a slow machine it makes fewer turns */

enum kind { MIXTURE, PIXELS, EMBEDDINGS };

static const struct cell {
    const char *name;
    size_t n, d, k, modes;
    double spread;
    enum kind kind;
} cells[] = {
    {"small", 3000, 2, 10, 10, 5, MIXTURE},
    {"plane", 200000, 2, 100, 300, 8, MIXTURE},
    {"pixels", 100000, 3, 256, 60, 60, PIXELS},
    {"table", 300000, 8, 20, 40, 1.5, MIXTURE},
    {"table", 100000, 16, 50, 80, 1.2, MIXTURE},
    {"wide", 8000, 784, 10, 40, 0.5, MIXTURE},
    {"wide", 10000, 128, 512, 700, 0.8, MIXTURE},
    {"embeddings", 4000, 768, 200, 500, 1, EMBEDDINGS},
};
enum { CELLS = sizeof cells / sizeof *cells };

/* The methods that are timed: auto comes first; the last one is auto again, on one thread. */
static const kmu_algorithm methods[] = {KMU_AUTO, KMU_DENSE, KMU_BOUNDS, KMU_FILTER, KMU_TREE, KMU_AUTO};
enum { METHODS = sizeof methods / sizeof *methods, ALONE = METHODS - 1 };

/* ---- data ------------------------------------------------------------------------------------------------------------- */

static double uniform(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (double)(*s >> 11) * 0x1p-53;
}

/* A sum of four: normal enough. */
static double normal(uint64_t *s)
{
    return (uniform(s) + uniform(s) + uniform(s) + uniform(s) - 2) * sqrt(3);
}

/* Unit vectors: a mixture in RANK dimensions of falling weight, turned into d, and some noise. */
static void turn_out(float *x, size_t n, size_t d, const float *low, uint64_t *s)
{
    static float basis[RANK][1024];
    for (size_t r = 0; r < RANK; r++)
        for (size_t l = 0; l < d; l++)
            basis[r][l] = (float)(normal(s) / sqrt((double)d) * pow((double)r + 1, -0.7));
    for (size_t j = 0; j < n; j++) {
        double square = 0;
        for (size_t l = 0; l < d; l++)
            x[j * d + l] = 0.02f * (float)normal(s);
        for (size_t r = 0; r < RANK; r++)
            for (size_t l = 0; l < d; l++)
                x[j * d + l] += low[j * RANK + r] * basis[r][l];
        for (size_t l = 0; l < d; l++)
            square += (double)x[j * d + l] * (double)x[j * d + l];
        for (size_t l = 0; l < d; l++)
            x[j * d + l] /= (float)sqrt(square);
    }
}

/* Overlapping Gaussians of different width, n x d. */
static bool mix(float *x, size_t n, size_t d, size_t modes, double spread, double wide, uint64_t *s)
{
    double *centre = malloc(modes * (d + 1) * sizeof *centre);
    for (size_t i = 0; centre && i < modes * (d + 1); i++)
        centre[i] = i < modes ? (0.5 + uniform(s)) * wide : spread * normal(s);
    for (size_t j = 0; centre && j < n; j++) {
        const size_t z = (size_t)(uniform(s) * (double)modes);
        for (size_t l = 0; l < d; l++)
            x[j * d + l] = (float)(centre[modes + z * d + l] + centre[z] * normal(s));
    }
    free(centre);
    return centre;
}

/* The points of a cell; NULL: no memory. */
static float *make_points(const struct cell *c)
{
    uint64_t s = 1;
    float *x = malloc(c->n * c->d * sizeof *x), *low = c->kind == EMBEDDINGS ? malloc(c->n * RANK * sizeof *low) : x;
    bool made = x && low;
    made = made && mix(low, c->n, c->kind == EMBEDDINGS ? RANK : c->d, c->modes, c->spread,
                       c->kind == PIXELS ? 12 : c->kind == EMBEDDINGS ? 0.6 : 1, &s);
    if (made && c->kind == EMBEDDINGS)
        turn_out(x, c->n, c->d, low, &s);
    for (size_t i = 0; made && c->kind == PIXELS && i < c->n * c->d; i++)
        x[i] = rintf(fminf(fmaxf(x[i] + 128, 0), 255));
    if (low != x)
        free(low);
    if (!made)
        free(x);
    return made ? x : NULL;
}

/* ---- fits ------------------------------------------------------------------------------------------------------------- */

/* The fastest of the fits by a method. */
struct timing {
    double seconds; /* a turn; 0: none yet */
    double J;
    int64_t turns, threads;
    kmu_stop stop;
    kmu_turn trace[TURNS];
};

static kmu_status time_fit(const struct job *job, const struct cell *c, const float *x, size_t method, struct timing *t,
                           kmu_error *error)
{
    const kmu_points p = {.size = sizeof p, .type = KMU_F32, .n = c->n, .d = c->d, .x = x};
    kmu_options o = job->o;
    kmu_result *r;
    o.k = c->k;
    o.init = KMU_FIRST;
    o.algorithm = methods[method];
    o.max_iter = TURNS;
    o.max_seconds = LONGEST;
    o.threads = method == ALONE ? 1 : o.threads;
    kmu_status status = kmu_fit(&p, &o, &r, error);
    if (status != KMU_OK)
        return status;
    const double seconds = r->seconds_fit / (double)(r->iterations ? r->iterations : 1);
    if (t->seconds <= 0 || seconds < t->seconds) {
        *t = (struct timing){.seconds = seconds, .J = r->J, .turns = r->iterations, .threads = r->threads, .stop = r->stop};
        memcpy(t->trace, r->trace, (size_t)r->iterations * sizeof *r->trace);
    }
    kmu_result_free(r);
    return KMU_OK;
}

/* Whether a method was its own in some turn, or left all to others. */
static bool took_part(const struct timing *t, kmu_algorithm method)
{
    for (int64_t i = 0; i < t->turns; i++)
        if (method == KMU_AUTO || t->trace[i].method == (int32_t)method)
            return true;
    return false;
}

/* Times all methods on a cell, round by round, each time after another one. */
static kmu_status time_cell(const struct job *job, const struct cell *c, struct timing t[METHODS], kmu_error *error)
{
    float *x = make_points(c);
    kmu_status status = x ? KMU_OK : out_of_memory(error);
    const double from = seconds_now();
    memset(t, 0, METHODS * sizeof *t);
    for (int round = 0; round < ROUNDS && (round == 0 || seconds_now() - from < PATIENCE); round++)
        for (size_t a = 0; a < METHODS && status == KMU_OK; a++) {
            const size_t m = (a * (size_t)(round % 2 ? METHODS - 1 : 1) + (size_t)round) % METHODS;
            if (round == 0 || took_part(&t[m], methods[m]))
                status = time_fit(job, c, x, m, &t[m], error);
        }
    for (size_t m = 1; m < METHODS && status == KMU_OK; m++)
        if (t[m].turns == t[0].turns && t[m].J != t[0].J) {
            snprintf(error->text, sizeof error->text, "%s: J = %.17g by %s, but %.17g by auto", c->name, t[m].J,
                     kmu_algorithm_name(methods[m]), t[0].J);
            status = KMU_EBUG;
        }
    free(x);
    return status;
}

/* ---- words ------------------------------------------------------------------------------------------------------------- */

static void print_json(const struct cell *c, const struct timing t[METHODS])
{
    printf("{\"data\":\"%s\",\"n\":%zu,\"d\":%zu,\"k\":%zu,\"fits\":[", c->name, c->n, c->d, c->k);
    for (size_t m = 0; m < METHODS; m++) {
        printf("%s{\"algorithm\":\"%s\",\"threads\":%lld,\"J\":%.17g,\"seconds\":%.9f,\"trace\":[", m ? "," : "",
               kmu_algorithm_name(methods[m]), (long long)t[m].threads, t[m].J, t[m].seconds * (double)t[m].turns);
        for (int64_t i = 0; i < t[m].turns; i++) {
            const kmu_turn *turn = &t[m].trace[i];
            printf("%s{\"turn\":%lld,\"method\":\"%s\",\"moved\":%lld,\"pairs\":%lld,\"skipped\":%lld,\"certified\":%lld,"
                   "\"exact\":%lld,\"seconds\":%.9f}",
                   i ? "," : "", (long long)turn->turn, kmu_algorithm_name((kmu_algorithm)turn->method), (long long)turn->moved,
                   (long long)turn->pairs, (long long)turn->skipped, (long long)turn->certified, (long long)turn->exact,
                   turn->seconds);
        }
        printf("]}");
    }
    printf("]}");
}

/* A line of the table. The best is that of the single methods; pairs are those of auto. */
static void print_cell(const struct cell *c, const struct timing t[METHODS], const struct peaks *p)
{
    double best = INFINITY, asked = 0, pairs = 0, certified = 0, exact = 0;
    printf("%-10s %7zu %4zu %4zu ", c->name, c->n, c->d, c->k);
    for (size_t m = 0; m < ALONE; m++) {
        const bool own = took_part(&t[m], methods[m]);
        if (own)
            printf(" %7.3f", 1e3 * t[m].seconds);
        else
            printf(" %7s", "-");
        best = m && own && t[m].seconds < best ? t[m].seconds : best;
    }
    for (int64_t i = 0; i < t[0].turns; i++) {
        asked += (double)t[0].trace[i].pairs;
        pairs += (double)t[0].trace[i].pairs + (double)t[0].trace[i].skipped;
        certified += (double)t[0].trace[i].certified;
        exact += (double)t[0].trace[i].exact;
    }
    printf("  %5.2f  %5.2f  %3.0f%%  %7.3f%% %8.5f%% %8.5f%%\n", t[0].seconds / best, t[ALONE].seconds / t[0].seconds,
           100 * (double)(c->n * c->k * c->d) / t[1].seconds / p->fma, 100 * asked / pairs, 100 * certified / pairs,
           100 * exact / pairs);
    fflush(stdout);
}

static void print_head(const struct job *job, const struct peaks *p)
{
    if (job->json)
        printf("{\"kmu\":\"%s\",\"isa\":\"%s\",\"threads\":%d,\"cells\":[", kmu_version(), kmu_isa_name(p->isa), p->threads);
    else
        printf("kmu %s, %s, %d thread%s\n\n"
               "                              milliseconds a turn                      auto is   dense  of its pairs auto\n"
               "data             n    d    k     auto   dense  bounds  filter    tree   /best x1 thr of fma   asked  in f64  in integers\n",
               kmu_version(), kmu_isa_name(p->isa), p->threads, p->threads == 1 ? "" : "s");
    fflush(stdout);
}

static void print_peaks(const struct job *job, const struct peaks *p)
{
    if (job->json) {
        printf("],\"peaks\":{\"fma\":%.6g,\"dot\":%.6g,\"read\":%.6g,\"near\":%.6g}}\n", p->fma, p->dot, p->read, p->near);
        return;
    }
    printf("\nat most, measured, 10^9 a second:\n%10.1f  products of binary32 added up (fma)\n", p->fma / 1e9);
    if (p->dot > 0)
        printf("%10.1f  products of bytes added up\n", p->dot / 1e9);
    printf("%10.1f  bytes read from memory\n%10.1f  bytes read from the second-level cache\n", p->read / 1e9, p->near / 1e9);
}

int command_bench(struct job *job)
{
    struct timing t[METHODS];
    struct peaks p;
    kmu_error error = {""};
    kmu_status status = KMU_OK;
    if (!peaks_open(&p, job->o.isa, job->o.threads ? (int)job->o.threads : kmu_cpus()))
        return say(job, out_of_memory(&error), &error);
    print_head(job, &p);
    for (size_t i = 0; i < CELLS && (status = time_cell(job, &cells[i], t, &error)) == KMU_OK; i++) {
        for (int round = 0; round < PEAK_ROUNDS; round++)
            peaks_measure(&p);
        if (job->json) {
            fputs(i ? "," : "", stdout);
            print_json(&cells[i], t);
        } else {
            print_cell(&cells[i], t, &p);
        }
    }
    if (status == KMU_OK)
        print_peaks(job, &p);
    peaks_close(&p);
    return say(job, status, &error);
}
