/* turns.c - J at each half-step, the points that moved and the work, turn by turn: curves, and a table with every digit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/page.h"
#include "report/sheet.h"

enum { MOST_TURNS = 500 }; /* of the table */

static const char *say_J(char text[32], double J)
{
    if (isinf(J))
        return "beyond binary64";
    snprintf(text, 32, "%.6g", J);
    return short_exponent(text);
}

/* "J falls from .. to .. in so many turns.", or stays what it is. */
static void say_fall(char *words, size_t bytes, double from, double to, const char *tail)
{
    char first[32], last[32];
    if (from == to)
        snprintf(words, bytes, "J stays %s %s.", say_J(first, from), tail);
    else
        snprintf(words, bytes, "J falls from %s to %s %s.", say_J(first, from), say_J(last, to), tail);
}

/* J over the turns: after (A) at t - 1/2, after (B) at t. */
static void put_falling(struct page *p, double *x, double *y)
{
    const struct report *r = p->report;
    size_t count = 0;
    for (size_t t = 0; t < r->turns; t++) {
        if (!r->batches)
            x[count] = (double)r->turn[t].turn - 0.5, y[count++] = r->turn[t].J_assign;
        x[count] = (double)r->turn[t].turn, y[count++] = r->turn[t].J_update;
    }
    char words[200], tail[60];
    snprintf(tail, sizeof tail, "in %zu turn%s of two half-steps", r->turns, r->turns == 1 ? "" : "s");
    if (r->batches)
        snprintf(words, sizeof words, "%zu batches, each with a J of its own.", r->turns);
    else
        say_fall(words, sizeof words, y[0], y[count - 1], tail);
    put(p, "<div class=\"three\">\n<figure>\n");
    put_chart(p, "J by turn", words, r->batches ? "batch" : "turn",
              &(struct curve){.x = x,
                              .y = y,
                              .count = count,
                              .ink = INK_HUE,
                              .name = r->batches ? "J of each batch" : "J, after (A) and after (B) of each turn"},
              1, false);
    put(p, "<figcaption>%s</figcaption>\n</figure>\n", words);
}

static void put_work(struct page *p, double *x, double *y, double *z)
{
    static const char *const caption = "<figcaption>The axis up is logarithmic.</figcaption>\n";
    const struct report *r = p->report;
    for (size_t t = 0; t < r->turns; t++) {
        x[t] = (double)r->turn[t].turn;
        y[t] = (double)r->turn[t].moved;
    }
    put(p, "<figure>\n");
    put_chart(
        p, "Moved points by turn", "How many points changed their cluster in each turn.", "turn",
        &(struct curve){.x = x, .y = y, .count = r->turns, .ink = INK_HUE + 1, .name = "points that changed their cluster"}, 1,
        true);
    put(p, "%s</figure>\n<figure>\n", caption);
    for (size_t t = 0; t < r->turns; t++) {
        y[t] = (double)r->turn[t].pairs;
        z[t] = (double)r->turn[t].pairs + (double)r->turn[t].skipped;
    }
    const struct curve work[] = {{.x = x, .y = z, .count = r->turns, .ink = INK_EDGE, .name = "all pairs"},
                                 {.x = x, .y = y, .count = r->turns, .ink = INK_HUE + 2, .name = "distances evaluated"}};
    put_chart(p, "Work by turn", "How many distances each turn evaluated, of all pairs of a point and a centroid.", "turn",
              work, 2, true);
    put(p, "%s</figure>\n", caption);
}

static void put_table(struct page *p)
{
    static const char *const heads[] = {"turn",      "by",      "J after (A)", "J after (B)", "moved",  "shift",
                                        "evaluated", "skipped", "in f64",      "in integers", "seconds"};
    const struct report *r = p->report;
    put(p, "<details>\n<summary>Every %s in numbers</summary>\n", r->batches ? "batch" : "turn");
    region_begin(p, "Turns", r->turns);
    put(p, "<table id=\"trace\">\n<thead><tr>");
    for (size_t a = 0; a < sizeof heads / sizeof *heads; a++)
        put(p, "<th scope=\"col\">%s</th>", heads[a]);
    put(p, "</tr></thead>\n<tbody>\n");
    for (size_t t = 0; t < r->turns && t < MOST_TURNS; t++) {
        const kmu_turn *turn = &r->turn[t];
        put(p, "<tr><th scope=\"row\">%lld</th><td>%s</td><td>", (long long)turn->turn,
            kmu_algorithm_name((kmu_algorithm)turn->method));
        put_number(p, turn->J_assign, 0);
        put(p, "</td><td>");
        put_number(p, turn->J_update, 0);
        put(p, "</td><td>%lld</td><td>", (long long)turn->moved);
        put_number(p, turn->shift, 6);
        put(p, "</td><td>%lld</td><td>%lld</td><td>%lld</td><td>%lld</td><td>%.4f</td></tr>\n", (long long)turn->pairs,
            (long long)turn->skipped, (long long)turn->certified, (long long)turn->exact, turn->seconds);
    }
    put(p, "</tbody>\n</table>\n");
    region_end(p);
    if (r->turns > MOST_TURNS)
        put(p, "<p>The first %d of %zu.</p>\n", MOST_TURNS, r->turns);
    put(p, "</details>\n");
}

/* J of the parts, split by split: where every split ended at a fixpoint. */
static void put_splits(struct page *p)
{
    const struct steps *s = &p->report->steps;
    double *x = page_memory(p, s->count, sizeof *x);
    char words[200], tail[60];
    for (size_t t = 0; x && t < s->count; t++)
        x[t] = (double)s->turn[t];
    snprintf(tail, sizeof tail, "in %lld split%s", (long long)s->turn[s->count - 1], s->turn[s->count - 1] == 1 ? "" : "s");
    say_fall(words, sizeof words, s->J[0], s->J[s->count - 1], tail);
    put(p, "<section id=\"turns\">\n<h2>J falls</h2>\n<div class=\"three\">\n<figure>\n");
    if (x)
        put_chart(
            p, "J by split", words, "splits",
            &(struct curve){.x = x, .y = s->J, .count = s->count, .ink = INK_HUE, .name = "J of the parts after each split"}, 1,
            false);
    put(p, "<figcaption>%s</figcaption>\n</figure>\n</div>\n</section>\n", words);
    free(x);
}

void put_turns(struct page *p)
{
    const size_t turns = p->report->turns;
    if (p->report->steps.kind == STEP_SPLIT && p->report->steps.count && !isnan(p->report->steps.J[0]))
        put_splits(p);
    if (!turns)
        return;
    put(p, "<section id=\"turns\">\n<h2>%s</h2>\n", p->report->batches ? "J of the batches" : "J falls");
    double *x = page_memory(p, 2 * turns, sizeof *x), *y = page_memory(p, 2 * turns, sizeof *y);
    double *z = page_memory(p, turns, sizeof *z);
    if (p->status == KMU_OK) {
        put_falling(p, x, y);
        if (!p->report->batches)
            put_work(p, x, y, z);
        put(p, "</div>\n");
        put_table(p);
    }
    free(x);
    free(y);
    free(z);
    put(p, "</section>\n");
}
