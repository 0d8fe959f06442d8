/* fuzz_trace.c - any bytes are a trace of a model, or an error; one that is read is a page, and is written and read again the
 * same.
 *
 * The first byte picks the model and the suffix that is written, the others are the trace. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/trace.h"

int LLVMFuzzerInitialize(int *, char ***);
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A model of the points 0, 1, 9 and 10, by how many turns, and where J stood. */
static const struct {
    const char *method, *stop;
    int64_t turns;
    double J;
} fits[] = {{"lloyd", "fixpoint", 3, 1}, {"lloyd", "max_iter", 1, 0}, {"minibatch", "max_iter", 2, 1}, {"lloyd", "max_iter", 0, 4}};
enum { MODELS = sizeof fits / sizeof *fits };

static char data[64], models[MODELS][64];

static void take_away(void)
{
    unlink(data);
    for (int i = 0; i < MODELS; i++)
        unlink(models[i]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    double mu[] = {0.5, 9.5}, mass[] = {2, 2};
    kmu_error error;
    (void)argc, (void)argv;
    snprintf(data, sizeof data, "/tmp/fuzz-%ld.csv", (long)getpid());
    FILE *f = fopen(data, "w");
    if (!f || fputs("0\n1\n9\n10\n", f) < 0 || fclose(f) || !freopen("/dev/null", "w", stdout)) /* where pages go */
        abort();
    for (int i = 0; i < MODELS; i++) {
        struct model m = {KMU_F64, 4, 1, 2, mu, mass, .J = fits[i].J, .iterations = fits[i].turns};
        struct output *out;
        strcpy(m.method, fits[i].method);
        strcpy(m.stop, fits[i].stop);
        snprintf(models[i], sizeof models[i], "/tmp/fuzz-%ld-%d.kmu", (long)getpid(), i);
        if (output_open(models[i], &out, &error) || model_write(out, &m, &error) || output_commit(&out, 1, &error))
            abort();
    }
    atexit(take_away);
    return 0;
}

/* What a turn holds, but for its seconds, which are written with six digits. */
static bool same(const kmu_turn *a, const kmu_turn *b)
{
    return a->run == b->run && a->turn == b->turn && a->method == b->method && a->J_assign == b->J_assign &&
           a->J_update == b->J_update && a->moved == b->moved && a->shift == b->shift && a->pairs == b->pairs &&
           a->skipped == b->skipped && a->certified == b->certified && a->exact == b->exact;
}

static void there_and_back(const struct trace *t, const struct model *m, const char *suffix)
{
    const kmu_result r = {.trace = (kmu_turn *)t->kept, .turns = t->kept_turns};
    struct trace again;
    struct output *out;
    kmu_error error;
    char name[64];
    snprintf(name, sizeof name, "/tmp/fuzz-%ld.trace.%s", (long)getpid(), suffix);
    if (output_open(name, &out, &error) || write_trace(out, name, &r, &error) || output_commit(&out, 1, &error) ||
        trace_read(name, m, &again, &error) || again.kept_turns != t->kept_turns)
        abort();
    for (size_t i = 0; i < t->kept_turns; i++)
        if (!same(&t->kept[i], &again.kept[i]))
            abort();
    trace_free(&again);
    unlink(name);
}

static void make_page(const char *model, char *path)
{
    char *words[] = {(char[]){"kmu"}, (char[]){"report"}, data,          (char[]){"-m"}, (char *)model, (char[]){"--trace"},
                     path,            (char[]){"-o"},     (char[]){"-"}, (char[]){"-q"}, (char[]){"-t1"}};
    struct job job;
    kmu_error error;
    bool done = false;
    if (parse_command_line(&job, sizeof words / sizeof *words, words, &done, &error) || command_report(&job))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return 0;
    const int pick = bytes[0] % MODELS;
    char path[64];
    struct model m;
    struct trace t;
    kmu_error error = {""};
    const int fd = memfd_create("trace", 0);
    if (fd < 0 || write(fd, bytes + 1, count - 1) != (ssize_t)(count - 1) || model_read(models[pick], &m, &error))
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const kmu_status status = trace_read(path, &m, &t, &error);
    if (status == KMU_OK) {
        if (t.kept_turns != (size_t)m.iterations)
            abort();
        there_and_back(&t, &m, bytes[0] & 128 ? "json" : "csv");
        make_page(models[pick], path);
        trace_free(&t);
    } else if (t.turn || !*error.text || (status != KMU_EDATA && status != KMU_EMEMORY)) {
        abort();
    }
    model_free(&m);
    close(fd);
    return 0;
}
