/* table.h - files of numbers: what every reader gives and every writer takes.
 *
 * A format is one file in this room and one row of the table in formats.c. Readers use read calls only (a file
 * that shrinks is an error, never a signal), and their memory grows with the bytes read, not with what a header
 * promises. An error in a text names file, line and field, both from 1: "points.csv:1043:7: \"12,5\" is not a number". */
#ifndef KMU_IO_TABLE_H
#define KMU_IO_TABLE_H

#include <signal.h>
#include <stdbool.h>

#include "kmu.h"

/* n rows of d numbers, and what the reader learnt about them. */
struct table {
    kmu_type type;            /* as stored in x, native byte order */
    size_t n, d;
    void *x;                  /* malloc'ed; x[j row + l col] */
    ptrdiff_t row, col;       /* strides in elements */
    bool text;                /* the file was a text: its numbers had no type */
    bool flat;                /* the file held a 1-D array (n x 1 here) */
    char **names;             /* d column names from a header, or NULL; each list of texts is one block */
    char **left_out;          /* names of columns set aside because no row held a number */
    size_t left_out_count;
    char **id;                /* n texts of the --id column, or NULL */
    char **lines;             /* n rows as they were written, without line ends, or NULL; asked for by keep_lines */
    char **fields;            /* the names of all field_count fields, or NULL without a header; likewise */
    size_t field_count;
    char delimiter;           /* of the text */
    double *weight;           /* n numbers of the --weights column, or NULL */
    size_t rounded;           /* numbers that --dtype rounded */
};

/* How to read: what the command line said. Zero-initialised is "guess". */
struct table_options {
    const char *format;       /* NULL: by suffix */
    const char *columns;      /* "2-5,height": which columns are coordinates, by number (from 1) or name */
    const char *id;           /* column of names, by number or name */
    const char *weight;       /* column of weights, by number or name */
    int header;               /* 0 guess, 1 yes, 2 no */
    char **names;             /* d names, or NULL: a first row of just these is guessed to be a header, even of numbers */
    size_t d;
    char delimiter;           /* 0 guess */
    char decimal;             /* 0: '.' */
    kmu_type dtype;           /* 0: as the file says; KMU_F32 or KMU_F64 rounds or widens; for raw: what is stored */
    kmu_type text_type;       /* what the numbers of a text are where dtype is 0: KMU_F32, or KMU_F64 (0 too) */
    size_t shape_n, shape_d;  /* raw */
    bool keep_lines;          /* a text's rows are kept in table.lines */
    int threads;              /* of a text; 0: one */
};

/* Reads path ("-" is standard input). On any error nothing is left allocated. */
kmu_status table_read(const char *path, const struct table_options *, struct table *, kmu_error *);
void table_free(struct table *);

/* An output that appears whole or not at all: written to a temporary file beside its target, flushed, fsynced,
 * then renamed; a symbolic link is followed, mode and owner of a replaced file are kept. What exists and is no
 * regular file (/dev/null, a pipe) and "-" are written directly. A path that ends in .gz or .zst is packed. */
struct output;
kmu_status output_open(const char *path, struct output **, kmu_error *);
kmu_status output_write(struct output *, const void *, size_t bytes, kmu_error *);
kmu_status output_printf(struct output *, kmu_error *, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Flushes and fsyncs all, then renames all; on an error no target has changed. Frees them either way; NULLs are skipped. */
kmu_status output_commit(struct output **, size_t count, kmu_error *);
void output_discard(struct output **, size_t count);
/* Whether two paths lead to one place, so that one output would replace the other. */
bool outputs_meet(const char *, const char *);
/* From now on writing fails once *stop is not 0: what a signal handler sets ends a long write, and a wait for a reader. */
void output_heed(const volatile sig_atomic_t *stop);
/* Unlinks all temporary files: for a signal handler that ends the process. */
void output_clean(void);

/* Says before the work whether table_write will know the format, and (type not 0) whether it holds such numbers. */
kmu_status table_writable(const char *path, const char *format, kmu_type type, kmu_error *);

/* Writes t in the format of path's suffix (or format, if not NULL) to out. A number that the format cannot hold is an
 * error with its place, never rounded. */
kmu_status table_write(struct output *out, const char *path, const char *format, const struct table *t, kmu_error *);

/* Numbers as text, the shortest that reads back to the same f32 (KMU_F32) or f64 (any other type: halves, whose digits
 * have to last for the f64 that they are computed in); locale-free. Returns the length (< 32). */
size_t number_write(char *buffer, double x, kmu_type type);
/* Writes s as one field of a text, in quotes where it would not be read back without them (RFC 4180). */
kmu_status field_write(struct output *, const char *s, char delimiter, kmu_error *);
/* A number at the start of [s, end): correctly rounded to f64, locale-free; returns the end of what was read, s if none.
 * Takes inf and nan spellings too: the caller refuses them. */
const char *number_read(const char *s, const char *end, char decimal, double *x);
#endif
