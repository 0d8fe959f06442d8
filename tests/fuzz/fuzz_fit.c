/* fuzz_fit.c - whatever the points and the options, every algorithm and instruction set gives the bits of plain.
 *
 * The first bytes pick sizes, types and options, the others are the numbers: small integers, whose distances tie, or any. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmu.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MOST = 24, MANY = 200 }; /* rows; many for centroids that fill panels */

struct bytes {
    const uint8_t *at, *end;
};

static unsigned pick(struct bytes *b, unsigned below)
{
    return b->at < b->end ? *b->at++ % below : 0;
}

static void *numbers(struct bytes *b, kmu_type type, size_t count, bool any)
{
    const size_t size = kmu_type_bytes(type);
    char *x = calloc(count + 1, size);
    for (size_t i = 0; i < count; i++) {
        if (any) {
            for (size_t a = 0; a < size; a++)
                x[i * size + a] = (char)pick(b, 256);
        } else if (type == KMU_F32) {
            ((float *)(void *)x)[i] = (float)((int)pick(b, 9) - 4) / 2;
        } else if (type == KMU_F64) {
            ((double *)(void *)x)[i] = (double)((int)pick(b, 9) - 4) / 2;
        } else {
            x[i * size] = (char)pick(b, 5);
        }
    }
    return x;
}

static void differ(const char *what, const kmu_options *o)
{
    fprintf(stderr, "%s differs: %s, %s\n", what, kmu_algorithm_name(o->algorithm), kmu_isa_name(o->isa));
    abort();
}

static void compare(const kmu_result *a, const kmu_result *b, const kmu_options *o)
{
    const size_t bytes = kmu_type_bytes(a->type);
    if (a->k != b->k || a->iterations != b->iterations || a->stop != b->stop || a->run != b->run || a->splits != b->splits)
        differ("the way", o);
    if (memcmp(a->c, b->c, a->n * sizeof *a->c))
        differ("c", o);
    if (memcmp(a->mu, b->mu, a->k * a->d * bytes))
        differ("mu", o);
    if (memcmp(&a->J, &b->J, sizeof a->J) || memcmp(a->mass, b->mass, a->k * sizeof *a->mass))
        differ("J or a mass", o);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const kmu_type types[] = {KMU_F32, KMU_F64, KMU_U8, KMU_F16, KMU_I16, KMU_I32, KMU_U64};
    struct bytes b = {bytes, bytes + count};
    const kmu_type type = types[pick(&b, sizeof types / sizeof *types)];
    const size_t n = 1 + pick(&b, pick(&b, 4) ? MOST : MANY), d = 1 + pick(&b, pick(&b, 8) ? 4 : 40);
    kmu_options o;
    kmu_options_init(&o, sizeof o);
    o.k = 1 + pick(&b, (unsigned)n + 1);
    o.init = (kmu_init)pick(&b, KMU_KMEANS_PARALLEL + 1);
    o.method = (kmu_method)pick(&b, KMU_MINIBATCH + 1);
    o.n_init = 1 + pick(&b, 2);
    o.max_iter = pick(&b, 12);
    o.tol = pick(&b, 4) ? 0 : 0.1;
    o.seed = pick(&b, 256);
    o.strategy = (kmu_strategy)pick(&b, 2);
    o.batch_size = 1 + pick(&b, 9);
    o.threads = 1 + (pick(&b, 16) == 0);
    const kmu_algorithm algorithm = (kmu_algorithm)pick(&b, KMU_BOUNDS + 1);
    const kmu_isa isa = (kmu_isa)pick(&b, KMU_ISA_NEON + 1);
    const unsigned flags = pick(&b, 8);
    o.start_type = flags & 1 ? KMU_F32 : KMU_F64;
    void *start = numbers(&b, o.start_type, o.k * d, false);
    double *w = flags & 2 ? numbers(&b, KMU_F64, n, false) : NULL;
    for (size_t j = 0; w && j < n; j++)
        w[j] = w[j] < 0 ? -w[j] : w[j];
    void *x = numbers(&b, type, n * d, flags & 4);
    const kmu_points p = {.size = sizeof p, .type = type, .n = n, .d = d, .x = x, .w = w};
    o.start = start;
    kmu_result *r = NULL, *judge = NULL;
    kmu_error error = {""}, other = {""};
    o.algorithm = algorithm;
    o.isa = isa;
    const kmu_status status = kmu_fit(&p, &o, &r, &error);
    o.algorithm = KMU_PLAIN;
    o.isa = KMU_ISA_PLAIN;
    const kmu_status judged = kmu_fit(&p, &o, &judge, &other);
    o.algorithm = algorithm;
    o.isa = isa;
    const bool lacks = status == KMU_EUSAGE && strstr(error.text, "instructions");
    if (!lacks && (status != judged || strcmp(error.text, other.text)))
        differ("what is said", &o);
    if (status == KMU_OK && judged == KMU_OK)
        compare(r, judge, &o);
    if (status == KMU_EBUG)
        differ("nothing, but a bug was found", &o);
    if (status == KMU_OK)
        kmu_result_free(r);
    if (judged == KMU_OK)
        kmu_result_free(judge);
    free(start);
    free(w);
    free(x);
    return 0;
}
