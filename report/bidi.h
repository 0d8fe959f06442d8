/* bidi.h - words as they are seen, for who draws letter by letter. */
#ifndef KMU_REPORT_BIDI_H
#define KMU_REPORT_BIDI_H

#include <stddef.h>
#include <stdint.h>

enum { BIDI_LETTERS = 1000 }; /* what comes behind so many is left out */

/* seen (4 BIDI_LETTERS + 1 bytes) := words, valid UTF-8, in the order in which they stand on a line from left to right, Arabic
 * letters in the forms in which they join. */
void bidi_order(char *seen, const char *words);

/* The character at *s, which then is behind it; of valid UTF-8. */
uint32_t utf8_next(const char **s);
#endif
