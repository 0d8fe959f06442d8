/* format.h - what the files of this room share: the row of a format, numbers in memory, and how to say no. */
#ifndef KMU_IO_FORMAT_H
#define KMU_IO_FORMAT_H

#include "io/stream.h"
#include "io/table.h"

/* One row of the table in formats.c. detail tells siblings apart: the delimiter of a text, the type in a vector file. */
struct format {
    const char *name;     /* of --format, and the suffix */
    const char *suffixes; /* further suffixes, separated by blanks */
    const char *magic;    /* how such a file begins; NULL: it has no mark */
    int detail;
    kmu_status (*read)(struct stream *, const struct table_options *, int detail, struct table *, kmu_error *);
    kmu_status (*write)(struct output *, int detail, const struct table *, kmu_error *);
};

kmu_status text_read(struct stream *, const struct table_options *, int delimiter, struct table *, kmu_error *);
kmu_status text_write(struct output *, int delimiter, const struct table *, kmu_error *);
kmu_status npy_read(struct stream *, const struct table_options *, int detail, struct table *, kmu_error *);
kmu_status npy_write(struct output *, int detail, const struct table *, kmu_error *);
kmu_status vecs_read(struct stream *, const struct table_options *, int type, struct table *, kmu_error *);
kmu_status vecs_write(struct output *, int type, const struct table *, kmu_error *);
kmu_status idx_read(struct stream *, const struct table_options *, int detail, struct table *, kmu_error *);
kmu_status idx_write(struct output *, int detail, const struct table *, kmu_error *);
kmu_status raw_read(struct stream *, const struct table_options *, int detail, struct table *, kmu_error *);
kmu_status raw_write(struct output *, int detail, const struct table *, kmu_error *);

/* Writes one line of text (if error is not NULL) and returns status. */
kmu_status table_fail(kmu_error *, kmu_status, const char *format, ...) __attribute__((format(printf, 3, 4)));
kmu_status table_no_memory(const struct stream *, kmu_error *);

/* s .. end with terminal control characters and invalid UTF-8 as \x1b, cut after about `most` bytes ("...").
 * text needs 4 most + 4 bytes; returns text. */
char *shown(char *text, size_t most, const char *s, const char *end);

/* A path for messages: its end, if it is long. */
enum { LONGEST_PATH = 160, SHOWN_PATH = 4 * LONGEST_PATH + 8 };
void shown_path(char text[SHOWN_PATH], const char *path);

/* Numbers in memory (numbers.c). */
size_t type_bytes(kmu_type);
const char *type_name(kmu_type);
bool is_integer(kmu_type);
bool big_endian(void);
void swap_bytes(void *x, size_t count, size_t bytes);        /* turns the order of the bytes in each number */
double load_number(const void *x, size_t i, kmu_type);       /* 64-bit integers are rounded */
bool store_number(void *x, size_t i, kmu_type, double);      /* false: the type has no such number */
int64_t load_integer(const void *x, size_t i, kmu_type);     /* KMU_U64 as its bits */

/* The table is n rows of d numbers: checks that n, d and their bytes make sense, sets t->n, d, type, row, col (C order). */
kmu_status table_shape(struct table *, const struct stream *, uint64_t n, uint64_t d, kmu_type, kmu_error *);
/* Reads t->x: as many bytes as its shape says, then nothing may follow. */
kmu_status table_take(struct table *, struct stream *, kmu_error *);
/* Makes the numbers of t what --dtype asks for. */
kmu_status table_convert(struct table *, const struct stream *, kmu_type, kmu_error *);
/* Writes the rows of t as `type` in C order, each behind the same prefix; swapped: bytes turned. */
kmu_status table_put(struct output *, const struct table *, kmu_type, const void *prefix, size_t prefix_bytes, bool swapped,
                     kmu_error *);

/* The name of an output for messages. */
const char *output_name(const struct output *);

#endif
