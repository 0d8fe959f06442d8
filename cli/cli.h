/* cli.h - the command: options to a job, a job to files and words. */
#ifndef KMU_CLI_CLI_H
#define KMU_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "io/table.h"
#include "kmu.h"

enum scale { SCALE_NONE, SCALE_Z, SCALE_ROBUST };
enum progress { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_JSON, PROGRESS_NONE };

/* Everything the command line said. */
struct job {
    const char *command;
    const char *data; /* the first operand */
    kmu_options o;    /* the library's share */
    uint64_t named;   /* bit i: option i of the library's table was */
    struct table_options in;
    const char *init_file; /* --init names a file */
    const char *model, *output, *labels, *centers, *trace, *distances, *weights, *report;
    int64_t top, references; /* references: below 0: as many as n suggests */
    size_t most;             /* select: the largest k; o.k is the least */
    int scale, progress, theme;
    size_t image[2]; /* height and width; 0, 0: the points are no image */
    bool append, json, strict, watch, quiet, verbose;
};

/* Standardisation of columns: x' = (x - shift) / unit. shift == NULL: none. */
struct scaling {
    int kind;
    double *shift, *unit; /* d each */
};

/* A model file in memory (docs/model-file.md). */
struct model {
    kmu_type type;
    size_t n, d, k;
    void *mu;     /* k x d of type, in the scaled space */
    double *mass; /* k */
    double J;
    int64_t iterations;
    char stop[16];
    uint64_t seed;
    char method[16];
    size_t splits;  /* of bisecting, with child and split_mu as in a kmu_result; else 0 */
    int32_t *child; /* splits x 2 */
    void *split_mu; /* splits x 2 x d of type, in the scaled space */
    char **names; /* d, or NULL */
    struct scaling scaling;
};

/* options: fills the job; a status other than KMU_OK comes with a text. *done: --help or --version was answered. */
kmu_status parse_command_line(struct job *, int argc, char **argv, bool *done, kmu_error *);
void print_help(FILE *, const char *command);

/* commands: each returns the exit code and has said on standard error why, if it is not 0. */
int command_fit(struct job *);
int command_predict(struct job *);
int command_verify(struct job *);
int command_convert(struct job *);
int command_info(struct job *);
int command_bench(struct job *);
int command_plot(struct job *);
int command_report(struct job *);
int command_select(struct job *);

/* data */
kmu_status read_points(struct job *, struct table *, kmu_points *, kmu_error *);
/* Centroids for points in the type of these, or in f64 if the file holds f64 numbers. */
kmu_status read_centers(const struct job *, const char *path, const struct table *points, struct table *, kmu_error *);
/* Whether there is such a file, or something that opening it will tell. */
bool is_file(const char *path);
double table_number(const struct table *, size_t j, size_t l);
/* The numbers alone, as f32 or f64. */
kmu_status table_copy(const struct table *, kmu_type, struct table *copy, kmu_error *);
/* Labels 0 .. k - 1; *c is NULL on an error. */
kmu_status read_labels(const struct job *, const char *path, size_t n, size_t k, int32_t **c, kmu_error *);
/* The whole file, unpacked if it was packed, a 0 behind it; name (SHOWN_PATH bytes): what it is called in messages. *text is the
 * caller's to free. */
kmu_status read_text(const char *path, char *name, char **text, size_t *length, kmu_error *);
/* Puts the file before what was said about its content. */
void name_place(const char *path, kmu_error *);
/* Says no where two outputs are one file, or where two (or one and --json) are standard output; NULLs are passed over. */
kmu_status outputs_differ(const char *const *path, size_t count, bool json, kmu_error *);

/* scaling: learns shift and unit from a table of f32 or f64 and its weights, and replaces its numbers by the standardised
 * ones. */
kmu_status scaling_learn(struct scaling *, int kind, const struct table *, kmu_error *);
void scaling_apply(const struct scaling *, struct table *);
void scaling_undo(const struct scaling *, void *mu, size_t k, size_t d, kmu_type type);
void scaling_free(struct scaling *);

/* models */
#define MODEL_MAGIC "kmu-model " /* how the file begins */
kmu_status model_write(struct output *, const struct model *, kmu_error *);
kmu_status model_read(const char *path, struct model *, kmu_error *);
kmu_status model_is_one(const char *path, bool *is, kmu_error *);
/* The centroids in the type that points ask for; binary64 numbers are rounded once where --dtype asks for f32. */
kmu_status model_match_type(struct model *, kmu_type, kmu_error *);
/* Whether points are what the model was fitted to, as many columns of the same names; it gets their type. */
kmu_status model_take_points(struct model *, const struct job *, struct table *, kmu_error *);
/* Refuses data whose columns have other names than the model's, or another order: what it says would mean nothing there. */
kmu_status model_compare_names(const struct model *, const char *path, const struct table *, const char *data, kmu_error *);
void model_free(struct model *);

/* pictures and reports */
double *widen(const void *x, size_t count, kmu_type); /* in f64, malloc'ed; NULL without memory */
const char *title_of(const char *path); /* the file's name without its folders */
/* Centroids of the turns of a run, kept while a fit runs: mu[t] after turn t, mu[0] the start, for t below count <= most. */
struct walk {
    size_t k, d, most, count;
    int32_t run, only; /* of mu; the only run to keep, or -1 */
    double *mu;
};
kmu_status walk_begin(struct walk *, struct job *, size_t d, kmu_error *);
void walk_free(struct walk *);
/* Whether a page can be written under this name. */
kmu_status report_writable(const char *path, kmu_error *);
/* The report of a fit. */
kmu_status write_report(struct output *, struct job *, const struct table *, const kmu_points *, const kmu_result *,
                        const struct scaling *, struct walk *, kmu_error *);

/* words */
kmu_status write_json(struct output *, const struct job *, const struct table *, const kmu_result *, double read, double write,
                      kmu_error *);
/* Whether a trace can be written under this name. */
kmu_status trace_writable(const char *path, kmu_error *);
kmu_status write_trace(struct output *, const char *path, const kmu_result *, kmu_error *);
void print_points(const struct job *, size_t n, size_t d, kmu_type); /* the beginning of a line: what is fitted */
kmu_status print_fit(const struct job *, const struct table *, const kmu_points *, const kmu_result *, const struct scaling *,
                     kmu_error *);
const char *stop_words(kmu_method, kmu_stop); /* why it stopped, as a sentence */
int say(const struct job *, kmu_status, const kmu_error *); /* prints "kmu: text"; returns the exit code */
void note(const struct job *, const char *format, ...) __attribute__((format(printf, 2, 3))); /* unless -q */

/* while a fit runs */
void watch_begin(struct job *);    /* signals, progress, poll */
void watch_all(struct job *);      /* signals only: the first one abandons the work, for a part of it is of no use */
int watch_end(const struct job *); /* the signal that came, or 0 */
/* Whether a signal is why the work has failed: it ends a wait for a pipe's reader too. */
bool watch_ended(const struct job *, kmu_status);

/* A line on standard error that shows J and the moved points as they fall: redrawn on a terminal, else a line a turn. */
void curve_begin(void);
void curve_turn(const kmu_turn *);
void curve_end(void);

/* What the indices of a range of k recommend. */
enum { VOTES = 5 };
struct advice {
    size_t k;                   /* 0: nothing was defined */
    size_t vote[VOTES];         /* the k of each criterion; 0: none */
    char reason[256], doubt[1024]; /* doubt: sentences, each ended by a newline */
};
extern const char *const criteria[VOTES];
struct advice advise(const struct job *, const kmu_indices *);

double seconds_now(void);
kmu_status out_of_memory(kmu_error *);
#endif
