/* number.h - numbers as text; table.h has the part that others use. */
#ifndef KMU_IO_NUMBER_H
#define KMU_IO_NUMBER_H

#include "io/table.h"

/* As number_read, but rounded once to f32; *rounded says whether the f64 would have been another number. */
const char *number_read_f32(const char *s, const char *end, char decimal, double *x, bool *rounded);

#endif
