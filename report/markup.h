/* markup.h - text on its way into SVG and HTML. */
#ifndef KMU_REPORT_MARKUP_H
#define KMU_REPORT_MARKUP_H

#include "report/draw.h"

/* Writes words so that they can neither end a text nor leave an attribute in double quotes. Control characters, of which XML
 * has none, are shown, and marks that turn the direction of what follows are replaced. */
kmu_status markup_text(struct output *, const char *words, kmu_error *);

/* Base64 (RFC 4648) of the first three bytes, or of as many as there are. */
void base64_four(const unsigned char *bytes, size_t count, char four[5]);

/* SHA-256 (FIPS 180-4) of a text in base64, as a Content-Security-Policy names it. */
void sha256_base64(const char *text, size_t bytes, char out[45]);
#endif
