/* print.c - a fit as a table for a person: what was asked, the clusters by size, where J stands and why it stopped. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/format.h"

enum { NARROW = 80, COLUMN = 11, MOST_CLUSTERS = 40 };

struct row {
    int64_t count;
    size_t i;
};

static int larger_first(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    return a->count != b->count ? (a->count > b->count ? -1 : 1) : (a->i > b->i) - (a->i < b->i);
}

static int terminal_width(void)
{
    struct winsize w;
    return isatty(1) && ioctl(1, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40 ? w.ws_col : 100;
}

static double coordinate(const kmu_result *r, const struct scaling *s, size_t i, size_t l)
{
    double v = r->type == KMU_F32 ? (double)((const float *)r->mu)[i * r->d + l] : ((const double *)r->mu)[i * r->d + l];
    return s->shift ? fma(v, s->unit[l], s->shift[l]) : v;
}

/* A column's name, right-aligned in COLUMN; what does not fit is left out, never half a character. */
static void print_name(const char *name)
{
    char text[4 * NARROW + 4];
    int wide = 0;
    char *end = shown(text, NARROW, name, name + strlen(name));
    for (; *end && wide < COLUMN - 1; wide++)
        for (end++; (*end & 0xc0) == 0x80;)
            end++;
    printf("%*s%.*s", COLUMN - wide, "", (int)(end - text), text);
}

const char *stop_words(kmu_method method, kmu_stop stop)
{
    switch (stop) {
    case KMU_FIXPOINT:
        return method == KMU_BISECTING
                   ? "every split ended at a fixpoint; a point may have a nearer centroid in another part (kmu verify)"
                   : "stopped at a fixpoint: no centroid moves any more; every point is with its nearest, every centroid is the mean";
    case KMU_TOLERANCE:
        return "stopped by tolerance: the centroids moved less than --tol allows";
    case KMU_MAX_ITER:
        return "stopped by --max-iter: more turns may lower J further";
    case KMU_BUDGET:
        return "stopped by --max-seconds: more time may lower J further";
    case KMU_NO_IMPROVEMENT:
        return "stopped by --max-no-improvement: the smoothed J of the batches no longer falls";
    case KMU_INTERRUPTED:
        return "interrupted: this is the best so far";
    }
    return "stopped";
}

static void print_stop(const struct job *job, const kmu_result *r)
{
    char J[32];
    J[number_write(J, r->J, KMU_F64)] = 0;
    printf("J = %s after %lld %s%s", J, (long long)r->iterations, job->o.method == KMU_MINIBATCH ? "batch" : "turn",
           r->iterations == 1 ? "" : job->o.method == KMU_MINIBATCH ? "es" : "s");
    if (job->o.method == KMU_BISECTING)
        printf(" of %zu split%s", r->splits, r->splits == 1 ? "" : "s");
    else if (job->o.n_init > 1 && job->o.init != KMU_FIRST && job->o.init != KMU_GIVEN)
        printf(" (%s %d of %lld is the best)", job->o.method == KMU_MINIBATCH ? "start" : "run", (int)r->run + 1,
               (long long)job->o.n_init);
    putchar('\n');
    puts(stop_words(job->o.method, r->stop));
    if (r->k < job->o.k)
        printf("%zu of %zu clusters were made\n", r->k, job->o.k);
    if (r->distinct < r->k)
        printf("only %zu of %zu clusters own a point: there are no more distinct points\n", r->distinct, r->k);
}

void print_points(const struct job *job, size_t n, size_t d, kmu_type type)
{
    char name[SHOWN_PATH];
    shown_path(name, strcmp(job->data, "-") ? job->data : "standard input");
    printf("%s: %zu point%s of %zu coordinate%s (%s), ", name, n, n == 1 ? "" : "s", d, d == 1 ? "" : "s", kmu_type_name(type));
}

kmu_status print_fit(const struct job *job, const struct table *t, const kmu_points *p, const kmu_result *r,
                     const struct scaling *s, kmu_error *error)
{
    struct row *row = malloc(r->k * sizeof *row);
    double *J = malloc(r->k * sizeof *J), *radius = malloc(r->k * sizeof *radius);
    kmu_options o = job->o;
    o.poll = NULL;
    o.on_turn = NULL;
    kmu_status status = row && J && radius ? kmu_describe(p, &o, r->mu, r->c, J, radius, error) : out_of_memory(error);
    for (size_t i = 0; status == KMU_OK && i < r->k; i++)
        row[i] = (struct row){.count = r->count[i], .i = i};
    if (status == KMU_OK) {
        int left = terminal_width() - 44;
        size_t columns = left / COLUMN < 1 ? 1 : (size_t)(left / COLUMN), shown = r->d < columns ? r->d : columns;
        qsort(row, r->k, sizeof *row, larger_first);
        print_points(job, r->n, r->d, r->type);
        printf("%zu cluster%s%s\n\n", r->k, r->k == 1 ? "" : "s",
               s->shift ? "; J and radius in standardised units" : "");
        printf("cluster     rows   share         J_i    radius  ");
        for (size_t l = 0; l < shown; l++) {
            if (t->names)
                print_name(t->names[l]);
            else
                printf(" %*zu", COLUMN - 1, l + 1);
        }
        puts(shown < r->d ? " ..." : "");
        for (size_t a = 0; a < r->k && a < MOST_CLUSTERS; a++) {
            size_t i = row[a].i;
            printf("%7zu %8lld  %5.1f%%  %10.6g  %8.4g  ", i, (long long)r->count[i],
                   100.0 * (double)r->count[i] / (double)r->n, J[i], radius[i]);
            for (size_t l = 0; l < shown; l++)
                printf(" %*.5g", COLUMN - 1, coordinate(r, s, i, l));
            puts(shown < r->d ? " ..." : "");
        }
        if (r->k > MOST_CLUSTERS)
            printf("    ... and %zu smaller ones\n", r->k - MOST_CLUSTERS);
        putchar('\n');
        print_stop(job, r);
    }
    free(row);
    free(J);
    free(radius);
    return status;
}
