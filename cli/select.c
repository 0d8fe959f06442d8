/* select.c - kmu select: which k. A table of the indices of every k (T13), and what they recommend. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/facts.h"
#include "io/format.h"

enum { ROWS_WITH_GAP = 20000, REFERENCES = 10 };

/* ---- progress: how many of all fits have begun ----------------------------------------------------------------------------
 */

static struct {
    size_t fits, begun;
    double begin, drawn;
} progress;

static void on_turn(const kmu_turn *t, void *context)
{
    const double now = seconds_now();
    (void)context;
    progress.begun += t->turn == 1;
    if (now - progress.begin > 1 && now - progress.drawn > 0.1) {
        fprintf(stderr, "\rkmu: fit %zu of %zu  turn %lld   ", progress.begun, progress.fits, (long long)t->turn);
        progress.drawn = now;
    }
}

static void begin_progress(struct job *job, size_t references)
{
    const bool bar = !job->quiet && (job->progress == PROGRESS_BAR || (job->progress == PROGRESS_AUTO && isatty(2)));
    const size_t runs = job->o.init == KMU_FIRST ? 1 : (size_t)job->o.n_init;
    progress.fits = (job->most - job->o.k + 1) * runs * (1 + references);
    progress.begin = seconds_now();
    if (bar)
        job->o.on_turn = on_turn;
}

static void end_progress(void)
{
    if (progress.drawn > 0)
        fputs("\r\033[K", stderr);
}

/* ---- words ----------------------------------------------------------------------------------------------------------------
 */

static void print_cell(int width, const char *format, double x)
{
    char text[32] = "-";
    if (!isnan(x))
        snprintf(text, sizeof text, format, x);
    printf(" %*s", width, text);
}

static void print_table(const struct job *job, const struct table *t, const kmu_indices *v, const struct scaling *s)
{
    const long long runs = (long long)job->o.n_init;
    print_points(job, t->n, t->d, t->type);
    printf("k from %zu to %zu, %lld run%s each%s\n\n", job->o.k, job->most, runs, runs == 1 ? "" : "s",
           s->shift ? "; in standardised units" : "");
    puts("    k           J  silh.  Cal.-Har.  Dav.-B.         BIC     gap   +- s  stable");
    for (size_t a = 0; a <= job->most - job->o.k; a++) {
        printf("%5zu", v[a].k);
        print_cell(11, "%.6g", v[a].J);
        print_cell(6, "%.3f", v[a].silhouette);
        print_cell(10, "%.6g", v[a].calinski_harabasz);
        print_cell(8, "%.4f", v[a].davies_bouldin);
        print_cell(11, "%.6g", v[a].bic);
        print_cell(7, "%.3f", v[a].gap);
        print_cell(6, "%.3f", v[a].gap_error);
        print_cell(7, "%.2f", v[a].stability);
        putchar('\n');
    }
}

static void print_advice(const struct advice *a)
{
    if (!a->k) {
        puts("\nno k is recommended: nothing is defined that could choose");
        return;
    }
    printf("\nk = %zu is recommended: %s\n", a->k, a->reason);
    if (!*a->doubt)
        puts("nothing here speaks against it, and none of this proves it");
    for (const char *line = a->doubt, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        printf("doubt: %.*s\n", (int)(end - line), line);
    }
}

/* ,"name":x and null where it is not defined. */
static void print_number(const char *name, double x)
{
    char text[32];
    text[number_write(text, x, KMU_F64)] = 0;
    printf(",\"%s\":%s", name, isnan(x) ? "null" : isinf(x) ? (x > 0 ? "1e999" : "-1e999") : text);
}

static void print_k(const char *name, size_t k)
{
    printf(k ? "\"%s\":%zu" : "\"%s\":null", name, k);
}

static void print_json(const struct job *job, const struct table *t, const kmu_indices *v, const struct advice *a,
                       size_t references)
{
    printf("{\"kmu\":\"%s\",\"n\":%zu,\"d\":%zu,\"dtype\":\"%s\",\"n_init\":%lld,\"references\":%zu,\"seed\":%llu,\"table\":[",
           kmu_version(), t->n, t->d, kmu_type_name(t->type), (long long)job->o.n_init, references,
           (unsigned long long)job->o.seed);
    for (size_t r = 0; r <= job->most - job->o.k; r++) {
        printf("%s{\"k\":%zu,\"distinct\":%zu", r ? "," : "", v[r].k, v[r].distinct);
        print_number("J", v[r].J);
        print_number("silhouette", v[r].silhouette);
        print_number("calinski_harabasz", v[r].calinski_harabasz);
        print_number("davies_bouldin", v[r].davies_bouldin);
        print_number("bic", v[r].bic);
        print_number("gap", v[r].gap);
        print_number("gap_error", v[r].gap_error);
        print_number("stability", v[r].stability);
        putchar('}');
    }
    printf("],\"votes\":{");
    for (int i = 0; i < VOTES; i++) {
        printf("%s", i ? "," : "");
        print_k(criteria[i], a->vote[i]);
    }
    printf("},");
    print_k("recommended", a->k);
    printf(",\"reason\":\"%s\",\"doubts\":[", a->reason);
    for (const char *line = a->doubt, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        printf("%s\"%.*s\"", line == a->doubt ? "" : ",", (int)(end - line), line);
    }
    puts("]}");
}

/* ---- the page -------------------------------------------------------------------------------------------------------------
 */

static kmu_status write_page(struct output *out, const struct job *job, const struct table *t, const kmu_points *p,
                             const kmu_indices *v, const struct advice *a, size_t references, kmu_error *error)
{
    struct choice c = {.title = title_of(job->data),
                       .index = v,
                       .count = job->most - job->o.k + 1,
                       .k = a->k,
                       .reason = a->reason,
                       .doubt = a->doubt,
                       .criterion = criteria,
                       .vote = a->vote,
                       .votes = VOTES};
    struct facts *f = &c.facts;
    add_data(f, job, t, p);
    add_fact(f, "clusters", "%zu to %zu", job->o.k, job->most);
    add_start(f, job);
    add_fact(f, "runs", "%" PRId64 " of every k", job->o.n_init);
    add_fact(f, "references", references ? "%zu sets of uniform points for the gap" : "none, so there is no gap", references);
    add_fact(f, "seed", "%" PRIu64, job->o.seed);
    add_fact(f, "most turns", "%" PRId64, job->o.max_iter);
    if (job->o.tol > 0)
        add_fact(f, "tolerance", "%g", job->o.tol);
    add_fact(f, "version", "kmu %s", kmu_version());
    return choice_write(&c, out, error);
}

/* ---- the command ----------------------------------------------------------------------------------------------------------
 */

static kmu_status check_words(const struct job *job, kmu_error *error)
{
    if (job->o.k == 0)
        return table_fail(error, KMU_EUSAGE, "-k is missing: which range? (-k 2:20)");
    if (job->init_file)
        return table_fail(error, KMU_EUSAGE, "--init %s: centroids in a file are of one k", job->init_file);
    return job->report ? report_writable(job->report, error) : KMU_OK;
}

/* The page, and on standard output, unless it is there, the words. */
static kmu_status tell(const struct job *job, const struct table *t, const kmu_points *p, const kmu_indices *v,
                       const struct scaling *s, size_t references, struct output **out, kmu_error *error)
{
    const struct advice a = advise(job, v);
    if (*out) {
        kmu_status status = write_page(*out, job, t, p, v, &a, references, error);
        if (status == KMU_OK)
            status = output_commit(out, 1, error);
        if (status != KMU_OK)
            return status;
    }
    if (job->json) {
        print_json(job, t, v, &a, references);
    } else if (!job->report || strcmp(job->report, "-") != 0) {
        print_table(job, t, v, s);
        print_advice(&a);
    }
    return KMU_OK;
}

static kmu_status choose(struct job *job, struct table *t, const kmu_points *p, kmu_error *error)
{
    struct scaling scaling = {0};
    struct output *out = NULL;
    const size_t references = job->references >= 0 ? (size_t)job->references : t->n <= ROWS_WITH_GAP ? REFERENCES : 0;
    kmu_indices *v = calloc(job->most - job->o.k + 1, sizeof *v);
    kmu_status status = v ? outputs_differ((const char *const[]){job->report}, 1, job->json, error) : out_of_memory(error);
    if (status == KMU_OK && job->report)
        status = output_open(job->report, &out, error);
    if (status == KMU_OK && job->scale != SCALE_NONE)
        status = scaling_learn(&scaling, job->scale, t, error);
    if (status == KMU_OK) {
        scaling_apply(&scaling, t);
        v->size = sizeof *v;
        begin_progress(job, references);
        status = kmu_select(p, &job->o, job->most, references, v, error);
        end_progress();
    }
    if (status == KMU_OK)
        status = tell(job, t, p, v, &scaling, references, &out, error);
    output_discard(&out, 1);
    free(v);
    scaling_free(&scaling);
    return status;
}

int command_select(struct job *job)
{
    struct table t;
    kmu_points p;
    kmu_error error = {""};
    kmu_status status = check_words(job, &error);
    if (status != KMU_OK)
        return say(job, status, &error);
    watch_all(job);
    status = read_points(job, &t, &p, &error);
    if (status == KMU_OK) {
        if (job->most > t.n)
            status = table_fail(&error, KMU_EDATA, "k up to %zu clusters for n = %zu points", job->most, t.n);
        else
            status = choose(job, &t, &p, &error);
        if (status == KMU_EDATA)
            name_place(job->data, &error);
        table_free(&t);
    }
    if (watch_ended(job, status))
        return 128 + watch_end(job);
    return say(job, status, &error);
}
