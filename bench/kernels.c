/* kernels.c - every inner loop of src/kernel as a share of what this machine can do at most (cli/peak.h), on one thread.
 *
 *   kernels [--isa NAME] [--rounds N] [--only NAME] [--memory yes]
 *
 * prints a line a kernel, tab by tab: instruction set, name, columns, unit, rate, peak, share. Units, in 10^9 a second:
 *
 *   f32, f64   products that are added to something, of binary32 or binary64; the peak of f64 is half of that of f32
 *   u8         products of bytes, likewise
 *   B          bytes read, from the second-level cache; with --memory from memory
 *
 * A round measures the peaks, and then every kernel for some milliseconds on data as the library hands it over, in blocks of
 * the size that a chunk has there. The best of all rounds counts, of the peaks too, so that neither a slow machine nor a slow
 * moment makes a kernel look bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/loops.h"
#include "cli/cli.h"
#include "cli/peak.h"
#include "ground/clock.h"
#include "kernel/kernel.h"

#define MOMENT 2e-3 /* seconds of a kernel in a round */

static const char *const unit_name[] = {"f32", "f64", "u8", "B"};

double seconds_now(void)
{
    return kmu__now();
}

/* The rate of a moment. */
static double rate_of(const struct loop *l)
{
    const double from = seconds_now();
    double work = 0, now;
    do
        work += l->run(l->d);
    while ((now = seconds_now()) - from < MOMENT);
    return work / (now - from);
}

int main(int argc, char **argv)
{
    const char *only = "";
    bool memory = false;
    int rounds = 15;
    kmu_options o;
    kmu_error error;
    struct peaks p;
    kmu_options_init(&o, sizeof o);
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--isa") == 0 && kmu_options_set(&o, "isa", argv[i + 1], &error) != KMU_OK)
            return fprintf(stderr, "kernels: %s\n", error.text), 2;
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else if (strcmp(argv[i], "--memory") == 0)
            memory = true;
    const struct kernels *k = kmu__kernels(o.isa);
    if (!k)
        return fprintf(stderr, "kernels: this CPU has no %s\n", kmu_isa_name(o.isa)), 2;
    double *best = calloc(loop_count, sizeof *best);
    if (!best || !loops_open(k->isa, memory) || !peaks_open(&p, k->isa, 1))
        return fprintf(stderr, "kernels: out of memory\n"), 5;
    for (int round = 0; round < rounds; round++) {
        peaks_measure(&p);
        for (size_t i = 0; i < loop_count; i++)
            if (loop_is_here(&loops[i]) && strncmp(loops[i].name, only, strlen(only)) == 0) {
                const double rate = rate_of(&loops[i]);
                best[i] = rate > best[i] ? rate : best[i];
            }
    }
    const double peak[] = {p.fma, p.fma / 2, p.dot, memory ? p.read : p.near};
    for (size_t i = 0; i < loop_count; i++) {
        const double most = peak[loops[i].unit];
        if (best[i] > 0 && most > 0)
            printf("%s\t%s\t%zu\t%s\t%.2f\t%.2f\t%.3f\n", kmu_isa_name(k->isa), loops[i].name, loops[i].d, unit_name[loops[i].unit],
                   best[i] / 1e9, most / 1e9, best[i] / most);
    }
    peaks_close(&p);
    free(best);
    return 0;
}
