/* poll_latency.c - how long the caller's thread can be without a poll: 2M x 64 binary32, k = 1024, seeding and turns.
 *
 *   poll_latency [n d k seconds]      prints the longest and the mean gap between two calls of poll, in milliseconds */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kmu.h"

static struct {
    double last, longest, sum, end;
    long polls, turns;
} seen;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static kmu_poll on_poll(void *context)
{
    double t = now(), gap = t - seen.last;
    (void)context;
    seen.longest = gap > seen.longest ? gap : seen.longest;
    seen.sum += gap;
    seen.last = t;
    seen.polls++;
    return t > seen.end ? KMU_ABANDON : KMU_GO;
}

static void on_turn(const kmu_turn *t, void *context)
{
    (void)t;
    (void)context;
    seen.turns++;
}

/* Sums of uniform numbers: normal enough. */
static void fill(float *x, size_t count)
{
    uint64_t s = 1;
    for (size_t i = 0; i < count; i++) {
        float v = 0;
        for (int t = 0; t < 4; t++) {
            s = s * 6364136223846793005u + 1442695040888963407u;
            v += (float)(s >> 40) * 0x1p-24f - 0.5f;
        }
        x[i] = v;
    }
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000000, d = argc > 2 ? strtoul(argv[2], NULL, 10) : 64;
    size_t k = argc > 3 ? strtoul(argv[3], NULL, 10) : 1024;
    double seconds = argc > 4 ? atof(argv[4]) : 20;
    static const struct { const char *name; kmu_init init; } start[] = {{"kmeans++", KMU_KMEANSPP}, {"random", KMU_RANDOM}};
    float *x = malloc(n * d * sizeof *x);
    if (!x)
        return 1;
    fill(x, n * d);
    kmu_points p = {.size = sizeof p, .type = KMU_F32, .n = n, .d = d, .x = x};
    for (int a = 0; a < 2; a++) {
        kmu_options o;
        kmu_result *r = NULL;
        kmu_error error = {""};
        kmu_options_init(&o, sizeof o);
        o.k = k;
        o.init = start[a].init;
        o.poll = on_poll;
        o.on_turn = on_turn;
        seen.longest = seen.sum = 0;
        seen.polls = seen.turns = 0;
        seen.last = now();
        seen.end = seen.last + seconds;
        kmu_status status = kmu_fit(&p, &o, &r, &error);
        double gap = now() - seen.last;
        seen.longest = gap > seen.longest ? gap : seen.longest;
        printf("%zu x %zu, k = %zu, %s: %ld polls, %ld turns, longest gap %.1f ms, mean %.2f ms (status %d)\n", n, d, k, start[a].name, seen.polls,
               seen.turns, 1e3 * seen.longest, 1e3 * seen.sum / (double)(seen.polls ? seen.polls : 1), (int)status);
        kmu_result_free(r);
    }
    free(x);
    return 0;
}
