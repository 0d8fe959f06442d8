/* summary.c - what was asked, why it stopped, and what is certain. */
#include <math.h>

#include "report/page.h"

void put_asked(struct page *p, const struct facts *f)
{
    put(p, "<section id=\"asked\">\n<h2>What was asked</h2>\n<dl>\n");
    for (size_t i = 0; i < f->count; i++) {
        put(p, "<div><dt>%s</dt><dd>", f->fact[i].name);
        put_words(p, f->fact[i].value);
        put(p, "</dd></div>\n");
    }
    put(p, "</dl>\n</section>\n");
}

/* "so many (12.3 %) of what" */
static void put_part(struct page *p, const char *what, double part, double all)
{
    put(p, "<li>");
    put_count(p, (int64_t)fmin(part, 0x1p62));
    if (all > 0)
        put(p, " (%.3g&#8239;%%)", 100 * part / all);
    put(p, " %s</li>\n", what);
}

/* How the pairs of all turns were decided: those that the first stage leaves open go to f64, what that leaves open to integers.
 */
static void put_work(struct page *p)
{
    double pairs = 0, skipped = 0, certified = 0, exact = 0; /* a trace that was read back may hold any counts */
    for (size_t t = 0; t < p->report->turns; t++) {
        const kmu_turn *turn = &p->report->turn[t];
        pairs += (double)turn->pairs, skipped += (double)turn->skipped;
        certified += (double)turn->certified, exact += (double)turn->exact;
    }
    const double all = pairs + skipped;
    if (all == 0)
        return;
    put(p, "<p>How the pairs of a point and a centroid were decided, over all turns:</p>\n<ul>\n");
    put_part(p, "without a distance, by bounds", skipped, all);
    put_part(p, "by the first, fast stage alone, and the bound on its error", fmax(pairs - certified, 0), all);
    put_part(p, "in f64 with its bound", fmax(certified - exact, 0), all);
    put_part(p, "exactly, in integers", exact, all);
    put(p, "</ul>\n");
}

void put_certain(struct page *p)
{
    const struct report *r = p->report;
    const kmu_verdict *v = r->verdict;
    const size_t coordinates = r->plot.k * r->plot.points->d;
    put(p,
        "<section id=\"certain\">\n<h2>Why it stopped, and what is certain</h2>\n<p>%s.</p>\n<dl>\n<div><dt>nearest</dt><dd>",
        r->why);
    if (v->not_nearest) {
        put_count(p, v->not_nearest);
        put(p, v->not_nearest == 1 ? " point has a centroid strictly nearer than its own"
                                   : " points have a centroid strictly nearer than their own");
        if (r->plot.splits)
            put(p, ": their labels are those of the tree of splits");
    } else {
        put(p, "every point is with a nearest centroid, over the real numbers");
    }
    if (v->ties_not_low) {
        put(p, "; ");
        put_count(p, v->ties_not_low);
        put(p, " tie with a centroid of lower index");
    }
    put(p, "</dd></div>\n<div><dt>means</dt><dd>");
    if (v->means_off) {
        put_count(p, v->means_off);
        put(p, " of %zu coordinates of the centroids are not the rounded mean of their cluster; the farthest is off by ",
            coordinates);
        put_number(p, v->means_ulps, 6);
        put(p, " units in the last place");
    } else {
        put(p, "every coordinate of every centroid is the exact mean of its cluster, rounded once");
    }
    if (v->empty)
        put(p, "; %lld cluster%s no point", (long long)v->empty, v->empty == 1 ? " owns" : "s own");
    put(p, "</dd></div>\n<div><dt>J</dt><dd>");
    put_number(p, v->J, 0);
    put(p, ", the exact sum, rounded once</dd></div>\n</dl>\n");
    put_work(p);
    put(p, "</section>\n");
}
