/* values.h - a row of the command's option table, and what its value may be. */
#ifndef KMU_CLI_VALUES_H
#define KMU_CLI_VALUES_H

#include <stddef.h>

#include "cli/cli.h"

/* NUMBER: at least 1; COUNT: at least 0; CLUSTERS: k, or for select a range of it. LIBRARY: what the
 * library's option of this name takes. */
enum kind { TEXT, FLAG, NUMBER, COUNT, CHARACTER, HEADER, DTYPE, SHAPE, CHOICE, INIT, CLUSTERS, LIBRARY };

struct row {
    const char *name;
    char letter;
    const char *alias; /* other spellings, each followed by a comma */
    const char *value, *standard, *help;
    enum kind kind;
    size_t offset;
    int commands;
    const char *choices; /* of a CHOICE, in the order of its values, each followed by a comma */
};

/* The row's field of the job := the value, checked. */
kmu_status set_row(struct job *, const struct row *, const char *value, kmu_error *);

/* Writes format with a and b, both texts; KMU_EUSAGE. */
kmu_status usage(kmu_error *, const char *format, const char *a, const char *b);

#endif
