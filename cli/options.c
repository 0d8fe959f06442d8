/* options.c - the command line. The library's options come from its own table (kmu_option_at); the command's are rows
 * here. Both feed parsing and --help. */
#include <string.h>

#include "cli/values.h"

enum {
    FIT = 1, PREDICT = 2, VERIFY = 4, CONVERT = 8, INFO = 16, PLOT = 32, REPORT = 64, SELECT = 128, READS = 255, BENCH = 256, ALL = 511
};

/* clang-format off */
#define AT(field) offsetof(struct job, field)
static const struct row rows[] = {
    {"k", 'k', "n-clusters,clusters,", "N", NULL,
     "clusters, 1 .. n; select: LOW:HIGH, every k from one to the other", CLUSTERS, 0, FIT | SELECT, NULL},
    {"init", 0, "", "NAME|FILE", "kmeans++",
     "where mu starts: kmeans++ (greedy), kmeans||, random, first, centroids in a file, or a model", INIT, 0, FIT | SELECT, NULL},
    {"n-init", 0, "restarts,nstart,nredo,", "N", "1; select: 5",
     "runs; the one with the least exact J is kept", LIBRARY, 0, FIT | SELECT, NULL},
    {"output", 'o', "", "FILE", NULL,
     "fit: the model; predict: labels; convert: the data; plot: the picture, .svg, .png or .pdf; report: the page", TEXT, AT(output),
     FIT | PREDICT | CONVERT | PLOT | REPORT, NULL},
    {"model", 'm', "", "FILE", NULL,
     "a model that kmu fit -o wrote", TEXT, AT(model), PREDICT | VERIFY | PLOT | REPORT, NULL},
    {"labels", 0, "", "FILE", NULL,
     "labels, 0 .. k - 1, one a row", TEXT, AT(labels), FIT | VERIFY, NULL},
    {"centers", 0, "centroids,", "FILE", NULL,
     "centroids, k x d", TEXT, AT(centers), FIT | VERIFY, NULL},
    {"trace", 0, "", "FILE", NULL,
     "a record of every turn, .csv or .json; report: the one of the fit", TEXT, AT(trace), FIT | REPORT, NULL},
    {"report", 0, "", "FILE", NULL,
     "a page that shows and explains the result, .html", TEXT, AT(report), FIT | SELECT, NULL},
    {"distances", 0, "", "FILE", NULL,
     "the distance of every row to its centroid, rounded once", TEXT, AT(distances), PREDICT, NULL},
    {"top", 0, "", "M", "1",
     "the M nearest centroids of every row, nearest first", NUMBER, AT(top), PREDICT, NULL},
    {"append", 0, "", NULL, NULL,
     "write the rows back with their cluster as last column", FLAG, AT(append), PREDICT, NULL},
    {"json", 0, "", NULL, NULL,
     "the result as one JSON object on standard output", FLAG, AT(json), FIT | VERIFY | INFO | SELECT | BENCH, NULL},
    {"weights", 0, "", "FILE|COLUMN", NULL,
     "weights of the rows, >= 0: a file of n numbers, or a column", TEXT, AT(weights), FIT | VERIFY | REPORT | SELECT, NULL},
    {"scale", 0, "", "NAME", "none",
     "standardise columns: none, z (mean, deviation), robust (median, quartiles)", CHOICE, AT(scale), FIT | SELECT, "none,z,robust,"},
    {"strict", 0, "", NULL, NULL,
     "exit 6 unless at a fixpoint with k clusters", FLAG, AT(strict), FIT | VERIFY, NULL},
    {"references", 0, "", "B", NULL,
     "sets of uniform points that the gap is measured by; else 10 up to 20000 rows, and none beyond", COUNT, AT(references),
     SELECT, NULL},
    {"image", 0, "", "H,W", NULL,
     "the rows are pixels of an image, line by line", SHAPE, AT(image), FIT | PLOT | REPORT, NULL},
    {"theme", 0, "", "NAME", "auto",
     "colours: light, dark; auto: .svg as its reader prefers, .png and .pdf light", CHOICE, AT(theme), PLOT, "auto,light,dark,"},
    {"format", 0, "", "NAME", NULL,
     "csv, tsv, npy, fvecs, bvecs, ivecs, idx, raw; else by suffix", TEXT, AT(in.format), READS, NULL},
    {"columns", 0, "", "LIST", NULL,
     "columns that are coordinates, by number from 1 or name: 2-5,height", TEXT, AT(in.columns), READS, NULL},
    {"id", 0, "", "COLUMN", NULL,
     "a column of names, not a coordinate", TEXT, AT(in.id), READS, NULL},
    {"header", 0, "", "yes|no", NULL,
     "whether the first row names the columns; else guessed", HEADER, AT(in.header), READS, NULL},
    {"delimiter", 0, "", "C", NULL,
     "between fields (tab for a tabulator); else guessed", CHARACTER, AT(in.delimiter), READS, NULL},
    {"decimal", 0, "", "C", ".",
     "the decimal sign of the input; never guessed", CHARACTER, AT(in.decimal), READS, NULL},
    {"dtype", 0, "", "f32|f64", NULL,
     "compute in this type; for raw, what the file holds", DTYPE, AT(in.dtype), READS, NULL},
    {"shape", 0, "", "N,D", NULL,
     "rows and columns of a raw file", SHAPE, AT(in.shape_n), READS, NULL},
    {"progress", 0, "", "NAME", "auto",
     "on standard error: auto, bar, json, none", CHOICE, AT(progress), FIT | SELECT, "auto,bar,json,none,"},
    {"watch", 0, "", NULL, NULL,
     "show J and the moved points as they fall, on standard error", FLAG, AT(watch), FIT, NULL},
    {"quiet", 'q', "", NULL, NULL,
     "say nothing but errors", FLAG, AT(quiet), READS, NULL},
    {"verbose", 'v', "", NULL, NULL,
     "say how every turn was computed", FLAG, AT(verbose), FIT, NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };
#undef AT

static const struct {
    const char *name, *use, *what;
    int bit;
} commands[] = {
    {"fit", "kmu fit DATA -k K [-o MODEL] [--labels F] [--centers F] [--trace F] [--report F.html] [--json]", "find k centroids", FIT},
    {"predict", "kmu predict DATA -m MODEL [-o LABELS] [--distances F] [--top M] [--append]",
     "the nearest centroid of every row", PREDICT},
    {"verify", "kmu verify DATA --centers F --labels F, or -m MODEL [--labels F]", "prove or refute: nearest, means, J", VERIFY},
    {"convert", "kmu convert DATA -o F", "from one format to another", CONVERT},
    {"info", "kmu info DATA|MODEL", "what a file holds", INFO},
    {"plot", "kmu plot DATA -m MODEL -o F.svg|.png|.pdf [--image H,W] [--theme NAME]", "points, clusters and cells as a picture", PLOT},
    {"report", "kmu report DATA -m MODEL [--trace F] -o F.html [--image H,W]", "one page that shows and explains a model", REPORT},
    {"select", "kmu select DATA -k LOW:HIGH [--n-init N] [--references B] [--report F.html] [--json]", "which k: indices of every k, and what they recommend", SELECT},
    {"bench", "kmu bench [--json]", "what this machine can do, and how fast every method is on data made up for it", BENCH},
};
/* clang-format on */

enum { COMMANDS = sizeof commands / sizeof *commands };

static bool is_spelled(const char *alias, const char *name, size_t length)
{
    for (const char *a = alias; length && *a; a = strchr(a, ',') + 1)
        if (strncmp(a, name, length) == 0 && a[length] == ',')
            return true;
    return false;
}

/* Whether the library's option i belongs to a command: all to fit, how to compute to the others, threads to all. */
static bool library_takes(const char *name, int command)
{
    if (is_spelled("k,init,n-init,", name, strlen(name)))
        return false; /* a row here says more */
    if (command & FIT || strcmp(name, "threads") == 0)
        return true;
    if (command & SELECT && is_spelled("max-iter,tol,seed,", name, strlen(name)))
        return true;
    return (command & (PREDICT | VERIFY | REPORT | SELECT) && strcmp(name, "algorithm") == 0) ||
           (command & (PREDICT | VERIFY | REPORT | SELECT | BENCH) && strcmp(name, "isa") == 0);
}

static void print_option(FILE *f, char letter, const char *name, const char *value, const char *standard, const char *help)
{
    char left[64];
    int at = letter ? snprintf(left, sizeof left, "  -%c", letter) : snprintf(left, sizeof left, "    ");
    if (strlen(name) > 1)
        at += snprintf(left + at, sizeof left - (size_t)at, "%s --%s", letter ? "," : " ", name);
    if (value)
        snprintf(left + at, sizeof left - (size_t)at, " %s", value);
    fprintf(f, "%-31s %s%s%s%s\n", left, help, standard ? " [" : "", standard ? standard : "", standard ? "]" : "");
}

static char letter_of(const char *library_name)
{
    return strcmp(library_name, "threads") == 0 ? 't' : 0;
}

static void print_row(FILE *f, const struct row *r)
{
    print_option(f, r->letter, r->name, r->value, r->standard, r->help);
}

/* The row that says more of one of the library's options than its table, or NULL. */
static const struct row *row_for(const kmu_option *o)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, o->name) == 0)
            return &rows[i];
    return NULL;
}

void print_help(FILE *f, const char *command)
{
    int bit = 0;
    for (size_t i = 0; i < COMMANDS; i++)
        if (command && strcmp(command, commands[i].name) == 0) {
            bit = commands[i].bit;
            fprintf(f, "%s\n%s.\n\n", commands[i].use, commands[i].what);
        }
    if (!bit) {
        fputs("kmu: k-means with one right answer\n\n", f);
        for (size_t i = 0; i < COMMANDS; i++)
            fprintf(f, "  %s\n", commands[i].use);
        fputs("\nDATA is a file, or - for standard input; its format goes by its suffix: .csv .tsv (.gz .zst), .npy, .fvecs "
              ".bvecs .ivecs,\n"
              "idx-ubyte(.gz), raw. kmu COMMAND --help lists a command's options; these are all:\n\n",
              f);
        bit = ALL;
    }
    for (size_t i = 0; kmu_option_at(i); i++) {
        const kmu_option *o = kmu_option_at(i);
        const struct row *own = row_for(o);
        if (own && own->commands & bit)
            print_row(f, own);
        else if (library_takes(o->name, bit))
            print_option(f, letter_of(o->name), o->name, o->value, o->standard, o->help);
    }
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].commands & bit && !kmu_option_find(rows[i].name))
            print_row(f, &rows[i]);
    print_option(f, 'h', "help", NULL, NULL, "this text");
    print_option(f, 0, "version", NULL, NULL, "the version");
    fputs("\nExit codes: 0 ok, 2 usage, 3 bad data, 4 input or output failed, 5 out of memory, 6 not met or refuted,\n"
          "7 a damaged model, 129/130/143 interrupted (the best so far is written).\n",
          f);
}

static kmu_status needs_value(kmu_error *error, const char *name, const char *value)
{
    return usage(error, name[1] ? "--%s needs a value (%s)" : "-%s needs a value (%s)", name, value);
}

/* One option of the command line, by its long name. */
static kmu_status set_option(struct job *job, int command, const char *name, size_t length, const char *value, const char *next,
                             int *used, kmu_error *error)
{
    char own[64];
    snprintf(own, sizeof own, "%.*s", (int)length, name);
    const char *dashes = own[1] ? "--" : "-";
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        if (!(r->commands & command) || (strcmp(r->name, own) != 0 && !is_spelled(r->alias, name, length)))
            continue;
        if (!r->value && value)
            return usage(error, "--%s takes no value%s", own, "");
        if (r->value && !value) {
            *used = 2;
            value = next;
        }
        return r->value && !value ? needs_value(error, own, r->value) : set_row(job, r, value, error);
    }
    const kmu_option *o = kmu_option_find(own);
    if (!o || !library_takes(o->name, command)) {
        snprintf(error->text, sizeof error->text, "there is no option %s%s; see kmu %s --help", dashes, own, job->command);
        return KMU_EUSAGE;
    }
    if (!value) {
        *used = 2;
        value = next;
    }
    for (size_t i = 0; kmu_option_at(i); i++)
        job->named |= (uint64_t)(kmu_option_at(i) == o) << i;
    return value ? kmu_options_set(&job->o, own, value, error) : needs_value(error, own, o->value);
}

/* The long name of a letter. */
static const char *long_name(char letter)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].letter == letter)
            return rows[i].name;
    return letter == 't' ? "threads" : letter == 'h' ? "help" : NULL;
}

static kmu_status parse_word(struct job *job, int command, const char *word, const char *next, int *used, kmu_error *error)
{
    const char *name = word + 2, *value;
    if (word[1] != '-') {
        name = long_name(word[1]);
        if (!name)
            return usage(error, "there is no option %s; see kmu %s --help", word, job->command);
        return set_option(job, command, name, strlen(name), word[2] ? word + 2 + (word[2] == '=') : NULL, next, used, error);
    }
    value = strchr(name, '=');
    return set_option(job, command, name, value ? (size_t)(value - name) : strlen(name), value ? value + 1 : NULL, next, used,
                      error);
}

/* Standard input can be read once. */
static kmu_status inputs_differ(const struct job *job, int command, kmu_error *error)
{
    const bool verify = command == VERIFY; /* what they name is written elsewhere */
    const char *path[] = {
        job->data, job->init_file, job->model, job->weights, verify ? job->labels : NULL, verify ? job->centers : NULL,
        command == REPORT ? job->trace : NULL};
    int count = 0;
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        count += path[i] && strcmp(path[i], "-") == 0;
    return count > 1 ? usage(error, "standard input: two inputs cannot come from there%s%s", "", "") : KMU_OK;
}

kmu_status parse_command_line(struct job *job, int argc, char **argv, bool *done, kmu_error *error)
{
    *job = (struct job){.command = argc > 1 ? argv[1] : NULL, .top = 1, .references = -1};
    kmu_options_init(&job->o, sizeof job->o);
    *done = true;
    if (argc < 2) {
        print_help(stderr, NULL);
        return usage(error, "a command is missing%s%s", "", "");
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 || (i == 1 && strcmp(argv[i], "help") == 0)) {
            print_help(stdout, i > 1 ? argv[1] : strcmp(argv[1], "help") == 0 ? argv[2] : NULL);
            return KMU_OK;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("kmu %s\n", kmu_version());
            return KMU_OK;
        }
    }
    *done = false;
    int command = 0;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            command = commands[i].bit;
    if (!command)
        return usage(error, "there is no command \"%s\"; see kmu --help%s", argv[1], "");
    if (command == SELECT)
        job->o.n_init = 5; /* stability wants some */
    bool operands = false;
    for (int i = 2, used; i < argc; i += used) {
        used = 1;
        if (!operands && strcmp(argv[i], "--") == 0) {
            operands = true;
        } else if (!operands && argv[i][0] == '-' && argv[i][1]) {
            kmu_status status = parse_word(job, command, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used, error);
            if (status != KMU_OK)
                return status;
        } else if (command == BENCH) {
            return usage(error, "kmu bench makes its data: there is no use for \"%s\"%s", argv[i], "");
        } else if (job->data) {
            return usage(error, "one DATA at a time: \"%s\" is one too many%s", argv[i], "");
        } else {
            job->data = argv[i];
        }
    }
    return command == BENCH ? KMU_OK : job->data ? inputs_differ(job, command, error) : usage(error, "DATA is missing: kmu %s FILE%s", job->command, "");
}
