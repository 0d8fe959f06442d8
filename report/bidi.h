/* bidi.h - words as they are seen, for who draws letter by letter. */
#ifndef KMU_REPORT_BIDI_H
#define KMU_REPORT_BIDI_H

#include <stdint.h>

#include "io/format.h"

/* letters := words, fit for a terminal and cut (shown), in the order in which they stand on a line from left to right, Arabic
 * letters in the forms in which they join. Returns how many; -1 without memory. */
int bidi_order(uint32_t letters[SHOWN_PATH], const char *words);

/* text (4 bytes a letter, and 1) := letters as UTF-8. */
void bidi_text(char *text, const uint32_t *letters, int count);
#endif
