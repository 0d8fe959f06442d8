/* text.c - a table as text: a file becomes blocks, a block becomes chunks of lines, a chunk becomes rows.
 *
 * A block without quotes is cut at line ends into one chunk a thread; one with quotes is one chunk, because only reading
 * from the start tells which line ends are inside a quote. The table, and the place of an error, are the same either way.
 *
 * Memory: the table, and 1 MB of text and its numbers a thread (more only where a single row is longer). */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/text.h"

#ifndef TEXT_BLOCK /* tests cut finer */
#define TEXT_BLOCK (1 << 20)
#define TEXT_CHUNK (64 << 10)
#endif

/* Only parsing is shared out: the file is read, and rows are joined, by one thread, so many would wait for it. */
enum { MOST_THREADS = 256, MOST_UNASKED = 8 };

struct reading {
    struct stream *stream;
    struct layout layout;
    char *text; /* [at, filled) waits to be read */
    size_t room, at, filled;
    bool complete; /* the file ends at filled */
    size_t lines;  /* before at */
    size_t blank;  /* as in struct chunk, but counted from the start of the file */
    struct chunk *chunk;
    size_t threads;
    struct table *t;
    size_t rows_room;
    struct texts id, written;
};

/* Moves what waits to the front and reads more behind it. */
static kmu_status refill(struct reading *r, kmu_error *error)
{
    memmove(r->text, r->text + r->at, r->filled - r->at);
    r->filled -= r->at;
    r->at = 0;
    if (r->filled > r->room / 2) {
        char *larger = realloc(r->text, 2 * r->room);
        if (!larger)
            return table_no_memory(r->stream, error);
        r->text = larger;
        r->room *= 2;
    }
    size_t taken;
    kmu_status status = stream_read(r->stream, r->text + r->filled, r->room - r->filled, &taken, error);
    r->complete = taken < r->room - r->filled;
    r->filled += taken;
    return status;
}

/* The end of the last whole line. */
static const char *whole_lines(const struct reading *r)
{
    const char *from = r->text + r->at, *end = r->text + r->filled;
    if (r->complete)
        return end;
    const char *last = memrchr(from, '\n', (size_t)(end - from));
    return last ? last + 1 : from;
}

/* Reads until the layout is known, and to where the rows begin. */
static kmu_status begin(struct reading *r, const struct table_options *o, int delimiter, kmu_error *error)
{
    kmu_status status;
    for (bool more = true; more;) {
        const char *rows = NULL;
        status = refill(r, error);
        if (!status)
            status =
                learn_layout(&r->layout, r->stream, o, delimiter, r->text, whole_lines(r), r->complete, &rows, &more, error);
        if (status)
            return status;
        if (!more)
            r->at = (size_t)(rows - r->text);
    }
    r->lines = r->layout.lines;
    return KMU_OK;
}

static void *run_chunk(void *chunk)
{
    read_rows(chunk);
    return NULL;
}

/* Reads the whole lines that wait, in chunks; returns their count. */
static size_t read_chunks(struct reading *r)
{
    const char *p = r->text + r->at, *end = whole_lines(r);
    const size_t bytes = (size_t)(end - p), most = bytes / TEXT_CHUNK + 1;
    const size_t count = memchr(p, '"', bytes) ? 1 : most < r->threads ? most : r->threads;
    pthread_t thread[MOST_THREADS];
    bool started[MOST_THREADS] = {false};
    for (size_t i = 0; i < count; i++) {
        const size_t rest = (size_t)(end - p), part = rest / (count - i);
        const char *to = part < rest ? memchr(p + part, '\n', rest - part) : NULL;
        struct chunk *c = &r->chunk[i];
        *c =
            (struct chunk){.layout = &r->layout, .x = c->x, .weight = c->weight, .room = c->room, .id = c->id, .written = c->written};
        c->id.used = c->id.count = c->written.used = c->written.count = 0;
        c->begin = p;
        c->end = p = to ? to + 1 : end;
        c->complete = r->complete && p == end;
    }
    for (size_t i = 1; i < count; i++)
        started[i] = pthread_create(&thread[i], NULL, run_chunk, &r->chunk[i]) == 0;
    for (size_t i = 0; i < count; i++)
        if (!started[i])
            read_rows(&r->chunk[i]);
    for (size_t i = 1; i < count; i++)
        if (started[i])
            pthread_join(thread[i], NULL);
    return count;
}

static kmu_status fail_at(const struct reading *r, size_t line, size_t field, const char *what, kmu_error *error)
{
    return table_fail(error, KMU_EDATA, "%s:%zu:%zu: %s", stream_name(r->stream), line, field, what);
}

/* The error of chunk c, whose first line is behind r->lines. */
static kmu_status fail_in(const struct reading *r, const struct chunk *c, kmu_error *error)
{
    const struct layout *a = &r->layout;
    if (c->status == KMU_EMEMORY)
        return table_no_memory(r->stream, error);
    if (!c->aside)
        return fail_at(r, r->lines + c->line, c->field, c->what, error);
    char text[200], what[300];
    const char *first = a->first[c->field - 1];
    shown(text, 40, first, first + strlen(first));
    if (*first)
        snprintf(what, sizeof what, "\"%s\" is not a number, but line %zu has one here", text, r->lines + c->line);
    else
        snprintf(what, sizeof what, "an empty field, but line %zu has a number here", r->lines + c->line);
    return fail_at(r, a->lines + 1, c->field, what, error);
}

static kmu_status make_room(struct reading *r, size_t rows, kmu_error *error)
{
    struct table *t = r->t;
    const size_t need = t->n + rows;
    if (need <= r->rows_room)
        return KMU_OK;
    const size_t room = need > 2 * r->rows_room ? need : 2 * r->rows_room;
    void *x = realloc(t->x, room * r->layout.d * type_bytes(r->layout.type));
    if (!x)
        return table_no_memory(r->stream, error);
    t->x = x;
    double *weight = r->layout.has_weight ? realloc(t->weight, room * sizeof *weight) : NULL;
    if (r->layout.has_weight && !weight)
        return table_no_memory(r->stream, error);
    t->weight = weight;
    r->rows_room = room;
    return KMU_OK;
}

/* Appends the texts of another list. */
static bool add_all(struct texts *to, const struct texts *from)
{
    const char *s = from->bytes;
    for (size_t i = 0; i < from->count; i++, s += strlen(s) + 1)
        if (!texts_add(to, s, s + strlen(s), false))
            return false;
    return true;
}

/* Appends the rows of c to the table. */
static kmu_status append(struct reading *r, const struct chunk *c, kmu_error *error)
{
    struct table *t = r->t;
    const size_t d = r->layout.d, count = c->rows * d;
    kmu_status status = make_room(r, c->rows, error);
    if (status || count == 0)
        return status;
    if (r->layout.type == KMU_F32)
        for (size_t i = 0; i < count; i++)
            ((float *)t->x)[t->n * d + i] = (float)c->x[i];
    else
        memcpy((double *)t->x + t->n * d, c->x, count * sizeof *c->x);
    if (t->weight)
        memcpy(t->weight + t->n, c->weight, c->rows * sizeof *c->weight);
    if (!add_all(&r->id, &c->id) || !add_all(&r->written, &c->written))
        return table_no_memory(r->stream, error);
    t->n += c->rows;
    t->rounded += c->rounded;
    return KMU_OK;
}

/* Reads the whole lines that wait and appends their rows. */
static kmu_status read_block(struct reading *r, kmu_error *error)
{
    const size_t count = read_chunks(r);
    for (size_t i = 0; i < count; i++) {
        const struct chunk *c = &r->chunk[i];
        if (r->blank && c->rows + (c->status != KMU_OK))
            return fail_at(r, r->blank, 1, "an empty field", error);
        if (c->blank && !r->blank)
            r->blank = r->lines + c->blank;
        kmu_status status = c->status ? fail_in(r, c, error) : append(r, c, error);
        if (status)
            return status;
        r->lines += c->lines;
        r->at = (size_t)(c->stop - r->text);
    }
    return KMU_OK;
}

/* The names of the columns of that role, in the order of the coordinates; *list stays NULL without any. */
static kmu_status take_names(const struct reading *r, enum role role, size_t *count, char ***list, kmu_error *error)
{
    const struct layout *a = &r->layout;
    struct texts texts = {0};
    size_t *field = malloc(a->fields * sizeof *field);
    *count = 0;
    for (size_t i = 0; field && i < a->fields; i++)
        if (a->column[i].role == role)
            field[role == COORDINATE ? a->column[i].at : *count] = i, ++*count;
    bool ok = field != NULL;
    for (size_t l = 0; ok && l < *count; l++)
        ok = texts_add(&texts, a->names[field[l]], a->names[field[l]] + strlen(a->names[field[l]]), false);
    if (ok && *count)
        ok = (*list = texts_release(&texts)) != NULL;
    texts_clear(&texts);
    free(field);
    return ok ? KMU_OK : table_no_memory(r->stream, error);
}

/* The names of all fields, for who writes the rows back. */
static bool take_fields(struct reading *r)
{
    struct texts texts = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < r->layout.fields; i++)
        ok = texts_add(&texts, r->layout.names[i], r->layout.names[i] + strlen(r->layout.names[i]), false);
    r->t->field_count = r->layout.fields;
    return ok && (r->t->fields = texts_release(&texts)) != NULL;
}

static kmu_status finish(struct reading *r, kmu_error *error)
{
    struct table *t = r->t;
    t->text = true;
    t->type = r->layout.type;
    t->d = r->layout.d;
    t->row = (ptrdiff_t)t->d;
    t->col = 1;
    void *smaller = realloc(t->x, t->n * t->d * type_bytes(t->type));
    t->x = smaller ? smaller : t->x;
    t->delimiter = r->layout.delimiter;
    if (r->layout.has_id && !(t->id = texts_release(&r->id)))
        return table_no_memory(r->stream, error);
    if (r->layout.keep_lines && !(t->lines = texts_release(&r->written)))
        return table_no_memory(r->stream, error);
    if (r->layout.keep_lines && r->layout.names && !take_fields(r))
        return table_no_memory(r->stream, error);
    size_t count;
    kmu_status status = KMU_OK;
    if (r->layout.names)
        status = take_names(r, COORDINATE, &count, &t->names, error);
    if (r->layout.names && !status)
        status = take_names(r, ASIDE, &t->left_out_count, &t->left_out, error);
    return status;
}

/* The threads that were asked for, or those that the affinity mask allows. */
static size_t count_threads(int asked)
{
    cpu_set_t set;
    if (asked > 0)
        return asked < MOST_THREADS ? (size_t)asked : MOST_THREADS;
    const int allowed = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : MOST_UNASKED; /* over 1024 CPUs */
    return allowed < MOST_UNASKED ? (size_t)allowed : MOST_UNASKED;
}

kmu_status text_read(struct stream *s, const struct table_options *o, int delimiter, struct table *t, kmu_error *error)
{
    const size_t threads = count_threads(o->threads);
    struct reading r = {.stream = s, .t = t, .threads = threads, .room = threads * TEXT_BLOCK};
    r.text = malloc(r.room);
    r.chunk = calloc(threads, sizeof *r.chunk);
    kmu_status status = r.text && r.chunk ? begin(&r, o, delimiter, error) : table_no_memory(s, error);
    while (!status && r.at < r.filled) {
        status = read_block(&r, error);
        if (!status && !r.complete)
            status = refill(&r, error);
    }
    if (!status)
        status = finish(&r, error);
    for (size_t i = 0; r.chunk && i < threads; i++) {
        free(r.chunk[i].x);
        free(r.chunk[i].weight);
        texts_clear(&r.chunk[i].id);
        texts_clear(&r.chunk[i].written);
    }
    texts_clear(&r.id);
    texts_clear(&r.written);
    clear_layout(&r.layout);
    free(r.chunk);
    free(r.text);
    return status;
}
