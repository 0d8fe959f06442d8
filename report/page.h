/* page.h - one page that says what a fit has found: HTML that needs nothing else and asks for nothing. */
#ifndef KMU_REPORT_PAGE_H
#define KMU_REPORT_PAGE_H

#include "report/markup.h"
#include "report/plot.h"

enum { FACTS = 32 }; /* what a page says was asked */
/* What keeps a page below a megabyte, whatever n, k, d, the turns and the names are: of clusters those whose cells are drawn,
 * and beyond which no steps are shown; points and changes of labels in the steps. */
enum { MOST_CELLS = 1000, MOST_MOVING = 1000, SAMPLE_POINTS = 2000, MOST_CHANGES = 12000 };

enum { MOST_MOVING_CELLS = 100 }; /* of more centroids the steps show no cells: a browser cuts all of them at every step */

/* What was asked, in words. */
struct facts {
    size_t count;
    struct {
        const char *name;
        char value[200];
    } fact[FACTS];
};

/* What a step is: a turn of Lloyd's, a batch, or a split. */
enum step_kind { STEP_TURN, STEP_BATCH, STEP_SPLIT };

/* The steps as the player shows them: mu[t] (k x d) after step turn[t], mu[0] the start, and label[t] (samples) by (A) to
 * mu[t], for t below count. The last may be the result itself, some steps after the one before it. After s splits there are s +
 * 1 parts: a part has the label, and the place in mu, of its first leaf, and what has none yet is NaN. */
struct steps {
    enum step_kind kind;
    size_t count, samples;
    int64_t *turn;
    double *mu;
    size_t *row; /* the sample's */
    int32_t *label;
    double *J; /* of splits: count, NaN where it is not known */
};

/* All that is told. Numbers of clusters are in the space of the fit: standardised, if the points are. */
struct report {
    struct plot plot; /* plot.hue has room for k */
    char **id;        /* what the rows are called, or NULL */
    struct facts facts;
    const char *title, *why; /* why it stopped */
    const kmu_verdict *verdict;
    const kmu_turn *turn; /* of the run kept; none of bisecting */
    size_t turns;
    bool batches; /* a turn is a batch, whose J it has */
    double J;
    const int64_t *count;                          /* k */
    const double *J_cluster, *radius, *silhouette; /* k each */
    double silhouette_mean, sampled, sampled_error;
    size_t sample;
    struct steps steps; /* count 0: none are shown, .. */
    bool too_many;      /* .. for there are more than MOST_MOVING centroids */
};

/* Writes the page. Time O(n d + k d). */
kmu_status report_write(const struct report *, struct output *, kmu_error *);

/* What is told of a range of k. */
struct choice {
    struct facts facts;
    const char *title;
    const kmu_indices *index;   /* count, of k one by one */
    size_t count, k;            /* k: what is recommended; 0: nothing */
    const char *reason, *doubt; /* doubt: sentences, each ended by a newline */
    const char *const *criterion;
    const size_t *vote; /* votes each; 0: none */
    size_t votes;
};
kmu_status choice_write(const struct choice *, struct output *, kmu_error *);

/* What the sections share. */
struct page {
    struct output *out;
    kmu_status status; /* the first error; nothing is written behind it */
    kmu_error *error;
    const struct report *report; /* of a fit or a model */
    double *mean, *deviation;    /* d: of the columns, by weight */
};

/* Head and heading, with what comes below it; and all that follows the last section. */
void page_begin(struct page *, const char *title);
void page_end(struct page *);

/* Markup of our own: never anything from data. */
void put(struct page *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Words from anywhere. */
void put_words(struct page *, const char *);
/* A number in so many digits, or (0) in all that it takes to read back to the same bits. */
void put_number(struct page *, double, int digits);
/* A count, its thousands apart. */
void put_count(struct page *, int64_t);
/* A name, or as much of it as some 36 letters tell. */
void put_name(struct page *, const char *);
/* The name of column l. */
void put_column(struct page *, size_t l);
/* A place that scrolls by itself, for a table of so many rows; closed by region_end. */
void region_begin(struct page *, const char *label, size_t rows);
void region_end(struct page *);
/* A picture within the page, closed by picture_end; NULL after an error. */
struct drawing *picture(struct page *, double width, double height, const char *title, const char *description);
void picture_end(struct page *, struct drawing *);
/* count elements of memory; NULL, and the page has its error. */
void *page_memory(struct page *, size_t count, size_t bytes);

void put_asked(struct page *, const struct facts *);
void put_certain(struct page *);  /* why it stopped, what is certain */
void put_turns(struct page *);    /* J, moved points and work turn by turn */
void put_clusters(struct page *); /* the table */
void put_silhouettes(struct page *);
void put_profiles(struct page *); /* parallel coordinates */
void put_player(struct page *);   /* step by step */

/* Numbers over numbers. */
struct curve {
    const double *x, *y;
    size_t count;
    enum ink ink;
    const char *name;
    const double *error; /* of every number, or NULL */
    const double *mark;  /* an x at which there is a ring, or NULL */
};
/* A picture of curves over whole numbers; of a logarithmic one, y >= 0. */
void put_chart(struct page *, const char *title, const char *description, const char *unit, const struct curve *, size_t count,
               bool logarithmic);

/* page.css and page.js, as the build found them (CMakeLists.txt). */
extern const char page_css[], page_js[];
extern const size_t page_css_bytes, page_js_bytes;
#endif
