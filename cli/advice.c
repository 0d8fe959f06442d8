/* advice.c - what the indices of a range of k recommend, why, and what speaks against it.
 *
 * Each criterion has a vote: silhouette, Calinski-Harabasz and BIC for the k where they are greatest, Davies-Bouldin for where
 * it is least, the gap for the least k with gap(k) >= gap(k + 1) - s(k + 1). The k with most votes is recommended; of equal
 * ones the one with the greater silhouette, then the smaller. No index proves a number of clusters: the doubts say what a
 * reader has to know before using it. Silhouettes of 0.25 and 0.5 as marks of weak and of fair structure: Kaufman and Rousseeuw
 * 1990, doi:10.1002/9780470316801. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "cli/cli.h"

enum { SILHOUETTE, CALINSKI_HARABASZ, DAVIES_BOULDIN, BIC, GAP };
const char *const criteria[VOTES] = {"silhouette", "Calinski-Harabasz", "Davies-Bouldin", "BIC", "gap"};

/* How good a criterion finds row v; more is better. */
static double merit(const kmu_indices *v, int criterion)
{
    return criterion == SILHOUETTE          ? v->silhouette
           : criterion == CALINSKI_HARABASZ ? v->calinski_harabasz
           : criterion == DAVIES_BOULDIN    ? -v->davies_bouldin
                                            : v->bic;
}

static size_t vote(const kmu_indices *v, size_t count, int criterion)
{
    size_t best = count;
    for (size_t a = 0; a + 1 < count && criterion == GAP; a++)
        if (v[a].gap >= v[a + 1].gap - v[a + 1].gap_error)
            return v[a].k;
    for (size_t a = 0; a < count && criterion != GAP; a++)
        if (!isnan(merit(&v[a], criterion)) && (best == count || merit(&v[a], criterion) > merit(&v[best], criterion)))
            best = a;
    return best < count ? v[best].k : 0;
}

/* Of two k with as many votes the one with more of this; where it is not defined, k is 1 or n. */
static double silhouette_of(const kmu_indices *v)
{
    return isnan(v->silhouette) ? -2 : v->silhouette;
}

static void say_more(char *text, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say_more(char *text, size_t room, const char *format, ...)
{
    va_list list;
    const size_t used = strlen(text);
    va_start(list, format);
    vsnprintf(text + used, room - used, format, list);
    va_end(list);
}

/* Appends "a, b and c". */
static void list(char *text, size_t room, const char *const *name, size_t count)
{
    for (size_t a = 0; a < count; a++)
        say_more(text, room, "%s%s", a == 0 ? "" : a + 1 < count ? ", " : " and ", name[a]);
}

static void explain(struct advice *a, size_t for_it, size_t voters)
{
    const char *name[VOTES];
    size_t count = 0;
    for (int i = 0; i < VOTES; i++)
        if (a->vote[i] == a->k)
            name[count++] = criteria[i];
    list(a->reason, sizeof a->reason, name, count);
    say_more(a->reason, sizeof a->reason, for_it == 1 ? " chooses it" : " choose it");
    if (voters > 1)
        say_more(a->reason, sizeof a->reason, " (%zu of %zu votes)", for_it, voters);
}

static void doubt_votes(struct advice *a)
{
    char others[256] = "";
    for (int i = 0; i < VOTES; i++)
        if (a->vote[i] && a->vote[i] != a->k)
            say_more(others, sizeof others, "%s%s takes %zu", *others ? ", " : "", criteria[i], a->vote[i]);
    if (*others)
        say_more(a->doubt, sizeof a->doubt, "others disagree: %s\n", others);
}

static void doubt(const struct job *job, struct advice *a, const kmu_indices *v, size_t count)
{
    const kmu_indices *own = &v[a->k - v->k];
    char *text = a->doubt;
    const size_t room = sizeof a->doubt;
    doubt_votes(a);
    if (a->k == job->most && count > 1)
        say_more(text, room, "it is the largest k that was tried: a larger one may be better\n");
    else if (a->k == v->k && a->k > 2)
        say_more(text, room, "it is the smallest k that was tried: a smaller one may be better\n");
    if (isnan(own->stability))
        say_more(text, room, "whether other starts find the same clusters was not measured (--n-init 2 or more)\n");
    else if (own->stability < 0.9)
        say_more(text, room, "runs from other starts agree by %.2f only (adjusted Rand): the clusters depend on the start\n",
                 own->stability);
    if (own->silhouette < 0.25)
        say_more(text, room, "a silhouette of %.2f is no clear structure: there may be no clusters\n", own->silhouette);
    else if (own->silhouette < 0.5)
        say_more(text, room, "a silhouette of %.2f is weak structure: the clusters touch\n", own->silhouette);
    if (isnan(own->gap))
        say_more(text, room, "the gap to data without clusters was not measured (--references 10)\n");
    else if (!a->vote[GAP])
        say_more(text, room, "the gap still grows at the end of the range\n");
    if (own->distinct < own->k)
        say_more(text, room, "only %zu of its %zu clusters own a point\n", own->distinct, own->k);
}

struct advice advise(const struct job *job, const kmu_indices *v)
{
    struct advice a = {.k = 0};
    const size_t count = job->most - job->o.k + 1;
    size_t most = 0, voters = 0;
    for (int i = 0; i < VOTES; i++) {
        a.vote[i] = vote(v, count, i);
        voters += a.vote[i] > 0;
    }
    for (size_t r = 0; r < count; r++) {
        size_t votes = 0;
        for (int i = 0; i < VOTES; i++)
            votes += a.vote[i] == v[r].k;
        if (votes > most || (votes && votes == most && silhouette_of(&v[r]) > silhouette_of(&v[a.k - v->k]))) {
            most = votes;
            a.k = v[r].k;
        }
    }
    if (a.k) {
        explain(&a, most, voters);
        doubt(job, &a, v, count);
    }
    return a;
}
