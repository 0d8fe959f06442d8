/* choice.c - the page of a range of k: what is recommended and what speaks against it, a curve for each criterion (T13), and
 * all numbers as a table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"

enum { MOST_ROWS = 500 }; /* of the table */

/* An index, where it stands in kmu_indices, and what is said of it. */
static const struct index {
    const char *name, *title;
    size_t at;
    int digits;
    const char *criterion; /* whose vote it has, or NULL */
    const char *words;
} indices[] = {
    {"silhouette", "Silhouette", offsetof(kmu_indices, silhouette), 4, "silhouette",
     "The mean simplified silhouette (b &minus; a) / max(a, b), a: the distance to the own centroid, b: to the nearest other "
     "one. The more the better; below 0.25 there is no clear structure, below 0.5 a weak one."},
    {"Calinski-Harabasz", "Calinski-Harabasz", offsetof(kmu_indices, calinski_harabasz), 6, "Calinski-Harabasz",
     "How far the clusters are from each other over how wide they are, as variances. The more the better."},
    {"Davies-Bouldin", "Davies-Bouldin", offsetof(kmu_indices, davies_bouldin), 4, "Davies-Bouldin",
     "How alike each cluster is to the one most like it: their widths over their distance. The less the better."},
    {"BIC", "BIC", offsetof(kmu_indices, bic), 6, "BIC",
     "How likely the points are under k spherical Gaussians of one variance, less a price for their number. The more the "
     "better."},
    {"gap", "Gap", offsetof(kmu_indices, gap), 4, "gap",
     "How much smaller ln J is than that of points without clusters, and its error. The least k that is within one error of "
     "the next one is taken."},
    {"stability", "Stability", offsetof(kmu_indices, stability), 3, NULL,
     "How far runs from other starts agree (adjusted Rand index): 1, they are the same; 0, as by chance. It has no vote."},
    {"J", "J", offsetof(kmu_indices, J), 6, NULL,
     "It falls with every cluster more, to 0, so it cannot choose; a bend may be a hint."}};
enum { INDICES = sizeof indices / sizeof *indices };

static double value(const kmu_indices *v, const struct index *i)
{
    return *(const double *)((const char *)v + i->at);
}

static size_t vote_of(const struct choice *c, const struct index *i)
{
    for (size_t a = 0; i->criterion && a < c->votes; a++)
        if (strcmp(c->criterion[a], i->criterion) == 0)
            return c->vote[a];
    return 0;
}

static void put_advice(struct page *p, const struct choice *c)
{
    put(p, "<section id=\"advice\">\n<h2>Which k</h2>\n");
    if (!c->k) {
        put(p, "<p>No k is recommended: nothing is defined that could choose.</p>\n</section>\n");
        return;
    }
    put(p, "<p>Recommended is <strong id=\"recommended\">k = %zu</strong>: ", c->k);
    put_words(p, c->reason);
    put(p, ".</p>\n<dl>\n");
    for (size_t a = 0; a < c->votes; a++) {
        put(p, "<div><dt>%s</dt><dd>", c->criterion[a]);
        put(p, c->vote[a] ? "k = %zu" : "no vote", c->vote[a]);
        put(p, "</dd></div>\n");
    }
    put(p, "</dl>\n");
    if (*c->doubt)
        put(p, "<p>What speaks against it:</p>\n<ul id=\"doubts\">\n");
    else
        put(p, "<p>Nothing here speaks against it, and none of this proves it.</p>\n");
    for (const char *line = c->doubt, *end; *line; line = end + 1) {
        char words[300];
        end = strchr(line, '\n');
        snprintf(words, sizeof words, "%.*s", (int)(end - line), line);
        put(p, "<li>");
        put_words(p, words);
        put(p, "</li>\n");
    }
    put(p, "%s</section>\n", *c->doubt ? "</ul>\n" : "");
}

/* The curve of an index, where it is defined for more than one k. */
static void put_curve(struct page *p, const struct choice *c, const struct index *i, double *x, double *y, double *error)
{
    const bool gap = i->at == offsetof(kmu_indices, gap);
    const double mark = (double)vote_of(c, i);
    size_t count = 0;
    char title[40], words[80];
    for (size_t a = 0; a < c->count; a++) {
        if (!isfinite(value(&c->index[a], i)))
            continue;
        x[count] = (double)c->index[a].k;
        y[count] = value(&c->index[a], i);
        error[count++] = c->index[a].gap_error;
    }
    if (count < 2)
        return;
    snprintf(title, sizeof title, "%s by k", i->title);
    snprintf(words, sizeof words, mark ? "%s of every k; k = %.0f is best by it." : "%s of every k.", i->title, mark);
    put(p, "<figure>\n");
    put_chart(p, title, words, "k",
              &(struct curve){x, y, count, (enum ink)(INK_HUE + (i - indices) % HUES), i->title, gap ? error : NULL,
                              mark ? &mark : NULL},
              1, false);
    put(p, "<figcaption>%s%s</figcaption>\n</figure>\n", i->words, mark ? " The ring is its choice." : "");
}

static void put_curves(struct page *p, const struct choice *c)
{
    if (c->count < 2)
        return;
    double *x = page_memory(p, c->count, sizeof *x), *y = page_memory(p, c->count, sizeof *y);
    double *error = page_memory(p, c->count, sizeof *error);
    put(p, "<section id=\"criteria\">\n<h2>What each criterion says</h2>\n<div class=\"three\">\n");
    for (size_t i = 0; i < INDICES && p->status == KMU_OK; i++)
        put_curve(p, c, &indices[i], x, y, error);
    put(p, "</div>\n</section>\n");
    free(x);
    free(y);
    free(error);
}

static void put_table(struct page *p, const struct choice *c)
{
    put(p, "<section id=\"table\">\n<h2>All numbers</h2>\n");
    region_begin(p, "All numbers", c->count);
    put(p, "<table id=\"index-table\" class=\"sortable\">\n<thead><tr><th scope=\"col\">k</th><th scope=\"col\">clusters with "
           "points</th>");
    for (size_t i = 0; i < INDICES; i++)
        put(p, "<th scope=\"col\">%s</th>%s", indices[i].name,
            indices[i].at == offsetof(kmu_indices, gap) ? "<th scope=\"col\">its error</th>" : "");
    put(p, "</tr></thead>\n<tbody>\n");
    for (size_t a = 0; a < c->count && a < MOST_ROWS; a++) {
        const kmu_indices *v = &c->index[a];
        put(p, "<tr%s><th scope=\"row\">%zu</th><td>%zu</td>", v->k == c->k ? " class=\"chosen\"" : "", v->k, v->distinct);
        for (size_t i = 0; i < INDICES; i++) {
            put(p, "<td>");
            put_number(p, value(v, &indices[i]), indices[i].digits);
            put(p, "</td>");
            if (indices[i].at != offsetof(kmu_indices, gap))
                continue;
            put(p, "<td>");
            put_number(p, v->gap_error, 3);
            put(p, "</td>");
        }
        put(p, "</tr>\n");
    }
    put(p, "</tbody>\n</table>\n");
    region_end(p);
    if (c->count > MOST_ROWS)
        put(p, "<p>The first %d of %zu.</p>\n", MOST_ROWS, c->count);
    put(p, "</section>\n");
}

kmu_status choice_write(const struct choice *c, struct output *out, kmu_error *error)
{
    struct page p = {.out = out, .error = error};
    page_begin(&p, c->title);
    put(&p, "<p>k-means with %zu", c->index->k);
    if (c->count > 1)
        put(&p, " to %zu", c->index[c->count - 1].k);
    put(&p, " cluster%s.", c->index[c->count - 1].k == 1 ? "" : "s");
    if (c->k)
        put(&p, " Recommended: <strong>k = %zu</strong>", c->k);
    put(&p, "</p>\n</header>\n<main>\n");
    put_advice(&p, c);
    put_curves(&p, c);
    put_table(&p, c);
    put_asked(&p, &c->facts);
    page_end(&p);
    return p.status;
}
