/* text.h - a table as text (RFC 4180 and its relatives), in parts that share these nouns.
 *
 *   fields.c    one field: where it begins and ends
 *   layout.c    what the first lines say: delimiter, header
 *   columns.c   what the options say: the role of each column
 *   rows.c      a chunk of lines becomes numbers, or an error with its place
 *   text.c      a file becomes chunks, chunks become a table
 *
 * Blanks around a field are passed over. Where the delimiter is a blank, a run of them is one. A line of blanks alone is
 * passed over too, but between the rows of a single column it is an empty field. */
#ifndef KMU_IO_TEXT_H
#define KMU_IO_TEXT_H

#include "io/format.h"

/* A growing list of texts. */
struct texts {
    char *bytes; /* each ends with a NUL */
    size_t used, room, count;
};
bool texts_add(struct texts *, const char *s, const char *end, bool doubled); /* doubled: "" stands for " */
char **texts_release(struct texts *);                                         /* one block; NULL: no memory */
bool texts_join(struct texts *, const struct texts *more);                    /* appends them */
void texts_clear(struct texts *);

struct field {
    const char *begin, *end; /* without quotes and blanks around */
    bool quoted, doubled;    /* doubled: holds "" */
    bool ends_row;
    const char *next; /* the next field, or the next line */
};

enum field_status { FIELD_OK, FIELD_UNCLOSED, FIELD_TRAILS, FIELD_NUL, FIELD_RETURN };

/* Takes the field at p. */
enum field_status take_field(char delimiter, const char *p, const char *end, struct field *);

/* What is wrong, for messages. */
const char *field_status_text(enum field_status);

/* Whether the field that ends at p does so with a delimiter or a line end; *next is behind it. */
bool pass_delimiter(char delimiter, const char *p, const char *end, const char **next, bool *ends_row);

/* The start of the next line if this one holds nothing but blanks, else NULL. */
const char *pass_blank_line(char delimiter, const char *p, const char *end);

/* What every row is like; fixed before the first row of numbers is read. */
struct column {
    enum role {
        COORDINATE,
        SKIPPED,
        WEIGHT,
        ID,
        ASIDE, /* its name is in a header, and its first row holds no number */
    } role;
    size_t at; /* COORDINATE: which of a point's */
};

struct layout {
    char delimiter, point;
    kmu_type type; /* of the coordinates: KMU_F32 or KMU_F64 */
    size_t fields, d;
    struct column *column; /* one for each field */
    bool has_id, has_weight, keep_lines;
    char **names, **first; /* the texts of the header (NULL: none) and of the first row (NULL: none) */
    size_t names_count, first_count;
    size_t lines; /* before the first row */
};

/* Learns the layout from the first rows; *rows is where those of numbers begin. *more: they do not end before `end`. */
kmu_status learn_layout(struct layout *, const struct stream *, const struct table_options *, int delimiter, const char *text,
                        const char *end, bool complete, const char **rows, bool *more, kmu_error *);
void clear_layout(struct layout *);

/* Gives each column its role, by the options and the first row. */
kmu_status assign_roles(struct layout *, const struct stream *, const struct table_options *, kmu_error *);

/* Whether [s, end) is a number and nothing else. */
bool is_number(char point, const char *s, const char *end);

/* .. or would be one with a decimal comma, which is no text to set aside. */
bool looks_like_number(char point, const char *s);

/* Lines on their way to numbers. */
struct chunk {
    const struct layout *layout;
    const char *begin, *end; /* whole lines */
    bool complete;           /* the file ends here */
    /* What became of them: */
    const char *stop;    /* behind the last row taken */
    size_t rows, lines;  /* .. and how many these were */
    size_t room;         /* rows that x and weight have room for; kept from block to block */
    double *x, *weight;  /* rows x d, rows */
    struct texts id, written;
    size_t rounded;      /* by --dtype f32 */
    size_t blank;        /* a line of blanks in a single column, with no row behind it yet; counted from 1; 0: none */
    /* The first error: */
    kmu_status status;
    size_t line, field;  /* from 1, the line counted from begin */
    bool aside;          /* it is a number in a column that was set aside */
    char what[300];
};

/* Takes rows up to the end, the first error, or a row that does not end here. */
void read_rows(struct chunk *);

#endif
