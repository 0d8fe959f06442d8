/* text.c - a table as text: a file becomes blocks of lines, a block becomes rows, rows become the table.
 *
 * Each thread takes the next block, reads its rows, and appends them when those before it have been appended: the file is
 * read and the table grows in order, one thread at a time, and the numbers in between are read by all. A block ends at
 * the last line end read; what follows it is the beginning of the next one. In a block with quotes only reading from the
 * start tells which line ends are inside a quote, so nobody takes the next one before its rows are read. The table, and
 * the place of an error, are the same for any number of threads.
 *
 * Memory: the table, and 256 KB of text and its numbers a thread (more only where a single row is longer). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/text.h"

#ifndef TEXT_BLOCK /* tests cut finer; a core's own cache holds so much, and its numbers */
#define TEXT_BLOCK (256 << 10)
#endif

enum { MOST_THREADS = 256 };

struct text {
    char *bytes;
    size_t filled, room;
};

struct reading {
    struct stream *stream;
    struct layout layout;
    bool over; /* there was an error, so nobody has to take another block */

    pthread_mutex_t taking; /* for what follows */
    struct text rest;       /* read, but of no block yet */
    bool complete;          /* the file ends behind it */
    bool taken;             /* .. and all of it belongs to a block */
    size_t blocks;

    pthread_mutex_t passing; /* for turn; the rest is changed by whose turn it is */
    pthread_cond_t passed;
    size_t turn;  /* the block whose rows come next */
    size_t lines; /* before it */
    size_t blank; /* as in struct chunk, but counted from the start of the file */
    struct table *t;
    size_t rows_room;
    struct texts id, written;
    kmu_status status; /* the first error */
    kmu_error *error;
};

/* What a thread works with, and the block it has. */
struct worker {
    struct reading *r;
    pthread_t thread;
    bool started;
    struct text text;
    struct chunk chunk;
    size_t block;
    kmu_status status; /* of reading the file */
    kmu_error error;
};

static bool reserve(struct text *a, size_t room)
{
    if (room <= a->room)
        return true;
    char *larger = realloc(a->bytes, room);
    if (!larger)
        return false;
    a->bytes = larger;
    a->room = room;
    return true;
}

/* Reads more behind what a holds, at least as much again. */
static kmu_status fill(struct reading *r, struct text *a, kmu_error *error)
{
    const size_t more = a->filled > TEXT_BLOCK ? a->filled : TEXT_BLOCK;
    size_t taken;
    if (!reserve(a, a->filled + more))
        return table_no_memory(r->stream, error);
    kmu_status status = stream_read(r->stream, a->bytes + a->filled, more, &taken, error);
    r->complete = taken < more;
    a->filled += taken;
    return status;
}

/* The end of the last whole line. */
static const char *whole_lines(const struct text *a, bool complete)
{
    const char *last = complete ? NULL : memrchr(a->bytes, '\n', a->filled);
    return complete ? a->bytes + a->filled : last ? last + 1 : a->bytes;
}

/* Reads until the layout is known; the rest begins with the rows. */
static kmu_status begin(struct reading *r, const struct table_options *o, int delimiter, kmu_error *error)
{
    struct text *a = &r->rest;
    const char *rows = NULL;
    for (bool more = true; more;) {
        kmu_status status = fill(r, a, error);
        if (!status)
            status = learn_layout(&r->layout, r->stream, o, delimiter, a->bytes, whole_lines(a, r->complete), r->complete,
                                  &rows, &more, error);
        if (status)
            return status;
    }
    r->lines = r->layout.lines;
    a->filled -= (size_t)(rows - a->bytes);
    memmove(a->bytes, rows, a->filled);
    r->taken = r->complete && a->filled == 0;
    return KMU_OK;
}

/* Makes the whole lines of the rest, and of what can be read behind it, the block of w. */
static kmu_status take_lines(struct reading *r, struct worker *w, kmu_error *error)
{
    struct text *a = &w->text;
    struct chunk *c = &w->chunk;
    const char *end;
    kmu_status status = KMU_OK;
    if (!reserve(a, r->rest.filled + TEXT_BLOCK))
        return table_no_memory(r->stream, error);
    memcpy(a->bytes, r->rest.bytes, r->rest.filled);
    a->filled = r->rest.filled;
    do
        if (!r->complete && (status = fill(r, a, error)))
            return status;
    while ((end = whole_lines(a, r->complete)) == a->bytes && !r->complete);
    *c = (struct chunk){
        .layout = &r->layout, .x = c->x, .weight = c->weight, .room = c->room, .id = c->id, .written = c->written};
    c->id.used = c->id.count = c->written.used = c->written.count = 0;
    c->begin = a->bytes;
    c->end = end;
    c->complete = r->complete;
    if (memchr(c->begin, '"', (size_t)(end - c->begin))) {
        read_rows(c);
        end = c->stop;
    }
    r->rest.filled = (size_t)(a->bytes + a->filled - end);
    if (!reserve(&r->rest, r->rest.filled))
        return table_no_memory(r->stream, error);
    memcpy(r->rest.bytes, end, r->rest.filled);
    return KMU_OK;
}

/* Takes the next block; false: there is none. */
static bool take_block(struct worker *w)
{
    struct reading *r = w->r;
    pthread_mutex_lock(&r->taking);
    const bool any = !r->taken && !__atomic_load_n(&r->over, __ATOMIC_RELAXED);
    if (any) {
        w->block = r->blocks++;
        w->chunk.stop = NULL;
        w->status = take_lines(r, w, &w->error);
        r->taken = r->complete || w->status || w->chunk.status;
    }
    pthread_mutex_unlock(&r->taking);
    return any;
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
    if (!texts_join(&r->id, &c->id) || !texts_join(&r->written, &c->written))
        return table_no_memory(r->stream, error);
    t->n += c->rows;
    t->rounded += c->rounded;
    return KMU_OK;
}

/* Appends the block of w, which is the next. */
static kmu_status append_block(struct reading *r, const struct worker *w, kmu_error *error)
{
    const struct chunk *c = &w->chunk;
    if (w->status) {
        if (error)
            *error = w->error;
        return w->status;
    }
    if (r->blank && c->rows + (c->status != KMU_OK))
        return fail_at(r, r->blank, 1, "an empty field", error);
    if (c->blank && !r->blank)
        r->blank = r->lines + c->blank;
    kmu_status status = c->status ? fail_in(r, c, error) : append(r, c, error);
    r->lines += c->lines;
    return status;
}

/* Appends the block of w when those before it are. After an error they pass all the same, and nobody waits for ever. */
static void pass_block(struct worker *w)
{
    struct reading *r = w->r;
    pthread_mutex_lock(&r->passing);
    while (r->turn != w->block)
        pthread_cond_wait(&r->passed, &r->passing);
    pthread_mutex_unlock(&r->passing);
    if (!r->status && (r->status = append_block(r, w, r->error)))
        __atomic_store_n(&r->over, true, __ATOMIC_RELAXED);
    pthread_mutex_lock(&r->passing);
    r->turn++;
    pthread_cond_broadcast(&r->passed);
    pthread_mutex_unlock(&r->passing);
}

static void *work(void *worker)
{
    struct worker *w = worker;
    while (take_block(w)) {
        if (!w->status && !w->chunk.stop)
            read_rows(&w->chunk);
        pass_block(w);
    }
    return NULL;
}

/* Reads all blocks. A thread that cannot be started is not missed. */
static void read_blocks(struct reading *r, struct worker *worker, size_t threads)
{
    for (size_t i = 0; i < threads; i++)
        worker[i].r = r;
    const bool more = !r->complete; /* before others change it */
    for (size_t i = 1; i < threads && more; i++)
        worker[i].started = pthread_create(&worker[i].thread, NULL, work, &worker[i]) == 0;
    work(&worker[0]);
    for (size_t i = 1; i < threads; i++)
        if (worker[i].started)
            pthread_join(worker[i].thread, NULL);
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

kmu_status text_read(struct stream *s, const struct table_options *o, int delimiter, struct table *t, kmu_error *error)
{
    const size_t threads = o->threads < 1 ? 1 : o->threads < MOST_THREADS ? (size_t)o->threads : MOST_THREADS;
    struct reading r = {.stream = s,
                        .t = t,
                        .error = error,
                        .taking = PTHREAD_MUTEX_INITIALIZER,
                        .passing = PTHREAD_MUTEX_INITIALIZER,
                        .passed = PTHREAD_COND_INITIALIZER};
    struct worker *worker = calloc(threads, sizeof *worker);
    kmu_status status = worker ? begin(&r, o, delimiter, error) : table_no_memory(s, error);
    if (!status) {
        read_blocks(&r, worker, threads);
        status = r.status ? r.status : finish(&r, error);
    }
    for (size_t i = 0; worker && i < threads; i++) {
        free(worker[i].text.bytes);
        free(worker[i].chunk.x);
        free(worker[i].chunk.weight);
        texts_clear(&worker[i].chunk.id);
        texts_clear(&worker[i].chunk.written);
    }
    texts_clear(&r.id);
    texts_clear(&r.written);
    clear_layout(&r.layout);
    free(worker);
    free(r.rest.bytes);
    return status;
}
