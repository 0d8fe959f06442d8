/* replay.c - answers a file of fits on any machine that has a C compiler, so that the bits can be compared at home.
 *
 *     replay CASES ANSWERS ALGORITHM ISA THREADS
 *
 * Both files are sequences of little-endian numbers, written and read by replay_cases.py. uN, iN, fN have N bits.
 *
 *   CASES     u32 count, and for each:
 *             u32 length, the name;  u32 type, init, start_type (0: no start), weighted (0 or 1)
 *             u64 n, d, k, n_init, max_iter, seed;  f64 tol
 *             x (n d numbers of type);  w (n f64, if weighted);  start (k d numbers of start_type, if any)
 *   ANSWERS   u32 count, and for each:
 *             u32 status; nothing more of the case unless it is 0
 *             u32 stop, run;  u64 iterations, distinct, turns;  f64 J
 *             c (n i32);  mu (k d numbers of the result's type);  mass (k f64);  count (k u64)
 *             and for each turn u64 run, turn, moved;  f64 J_assign, J_update
 *
 * It needs libkmu and the C library alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmu.h"

static void stop(const char *what, const char *name)
{
    fprintf(stderr, "replay: %s: %s\n", name, what);
    exit(1);
}

static void *room(size_t bytes)
{
    void *p = malloc(bytes ? bytes : 1);
    if (!p)
        stop("out of memory", "-");
    return p;
}

/* ---- little-endian numbers --------------------------------------------------------------------------------------- */

/* One number of 1, 2, 4 or 8 bytes, from the file's order to this machine's; the other way it is the same. */
static void turn(unsigned char *to, const unsigned char *from, size_t width)
{
    const union {
        uint16_t word;
        unsigned char little;
    } order = {1};
    for (size_t b = 0; b < width; b++)
        to[order.little ? b : width - 1 - b] = from[b];
}

static void read_numbers(FILE *f, void *to, size_t count, size_t width)
{
    unsigned char bytes[8];
    for (size_t a = 0; a < count; a++) {
        if (fread(bytes, width, 1, f) != 1)
            stop("ends too early", "cases");
        turn((unsigned char *)to + a * width, bytes, width);
    }
}

static void write_numbers(FILE *f, const void *from, size_t count, size_t width)
{
    unsigned char bytes[8];
    for (size_t a = 0; a < count; a++) {
        turn(bytes, (const unsigned char *)from + a * width, width);
        if (fwrite(bytes, width, 1, f) != 1)
            stop("cannot be written", "answers");
    }
}

static uint32_t read_u32(FILE *f)
{
    uint32_t v;
    read_numbers(f, &v, 1, sizeof v);
    return v;
}

static uint64_t read_u64(FILE *f)
{
    uint64_t v;
    read_numbers(f, &v, 1, sizeof v);
    return v;
}

static void write_u32(FILE *f, uint32_t v)
{
    write_numbers(f, &v, 1, sizeof v);
}

static void write_u64(FILE *f, uint64_t v)
{
    write_numbers(f, &v, 1, sizeof v);
}

static void write_f64(FILE *f, double v)
{
    write_numbers(f, &v, 1, sizeof v);
}

/* An array of its own, or NULL for none. */
static void *read_array(FILE *f, size_t count, size_t width)
{
    if (!width)
        return NULL;
    void *p = room(count * width);
    read_numbers(f, p, count, width);
    return p;
}

/* ---- cases and answers ------------------------------------------------------------------------------------------- */

struct one {
    char name[256];
    kmu_points points;
    kmu_options options;
};

static void read_case(FILE *f, struct one *t)
{
    uint32_t length = read_u32(f);
    if (length >= sizeof t->name || fread(t->name, 1, length, f) != length)
        stop("no name", "cases");
    t->name[length] = 0;
    t->points = (kmu_points){.size = sizeof t->points, .type = (kmu_type)read_u32(f)};
    t->options.init = (kmu_init)read_u32(f);
    t->options.start_type = (kmu_type)read_u32(f);
    uint32_t weighted = read_u32(f);
    t->points.n = (size_t)read_u64(f);
    t->points.d = (size_t)read_u64(f);
    t->options.k = (size_t)read_u64(f);
    t->options.n_init = (int64_t)read_u64(f);
    t->options.max_iter = (int64_t)read_u64(f);
    t->options.seed = read_u64(f);
    read_numbers(f, &t->options.tol, 1, sizeof t->options.tol);
    t->points.x = read_array(f, t->points.n * t->points.d, kmu_type_bytes(t->points.type));
    t->points.w = read_array(f, t->points.n, weighted ? sizeof(double) : 0);
    t->options.start = read_array(f, t->options.k * t->points.d, kmu_type_bytes(t->options.start_type));
}

static void leave_case(struct one *t)
{
    free((void *)(uintptr_t)t->points.x);
    free((void *)(uintptr_t)t->points.w);
    free((void *)(uintptr_t)t->options.start);
}

static void write_answer(FILE *f, const kmu_result *r)
{
    write_u32(f, (uint32_t)r->stop);
    write_u32(f, (uint32_t)r->run);
    write_u64(f, (uint64_t)r->iterations);
    write_u64(f, r->distinct);
    write_u64(f, r->turns);
    write_f64(f, r->J);
    write_numbers(f, r->c, r->n, sizeof *r->c);
    write_numbers(f, r->mu, r->k * r->d, kmu_type_bytes(r->type));
    write_numbers(f, r->mass, r->k, sizeof *r->mass);
    write_numbers(f, r->count, r->k, sizeof *r->count);
    for (size_t t = 0; t < r->turns; t++) {
        write_u64(f, (uint64_t)r->trace[t].run);
        write_u64(f, (uint64_t)r->trace[t].turn);
        write_u64(f, (uint64_t)r->trace[t].moved);
        write_f64(f, r->trace[t].J_assign);
        write_f64(f, r->trace[t].J_update);
    }
}

static void choose(kmu_options *o, const char *name, const char *value)
{
    kmu_error e;
    if (kmu_options_set(o, name, value, &e) != KMU_OK)
        stop(e.text, name);
}

int main(int argc, char **argv)
{
    if (argc != 6)
        stop("CASES ANSWERS ALGORITHM ISA THREADS", "usage");
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "wb");
    if (!in || !out)
        stop("cannot be opened", in ? argv[2] : argv[1]);
    uint32_t count = read_u32(in);
    write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        struct one t;
        kmu_result *r = NULL;
        kmu_error e;
        kmu_options_init(&t.options, sizeof t.options);
        read_case(in, &t);
        choose(&t.options, "algorithm", argv[3]);
        choose(&t.options, "isa", argv[4]);
        choose(&t.options, "threads", argv[5]);
        kmu_status status = kmu_fit(&t.points, &t.options, &r, &e);
        write_u32(out, (uint32_t)status);
        if (status == KMU_OK)
            write_answer(out, r);
        else
            fprintf(stderr, "replay: %s: %s\n", t.name, e.text);
        kmu_result_free(r);
        leave_case(&t);
    }
    if (fclose(in) || fclose(out))
        stop("cannot be written", argv[2]);
    return 0;
}
