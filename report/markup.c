/* markup.c - text on its way into SVG and HTML: what is ours as it is, what is data's escaped. */
#include "report/markup.h"

#include <string.h>

#include "io/format.h"

enum { LONGEST_TEXT = 1000 };

/* Characters that XML has none of, or that turn the direction of what follows: U+FFFE and U+FFFF, U+202A .. U+202E and
 * U+2066 .. U+2069. All are three bytes long. */
static bool is_unwelcome(const char *s)
{
    const unsigned char *c = (const unsigned char *)s;
    return (c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe) ||
           (c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) || (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9)));
}

void base64_four(const unsigned char *b, size_t count, char four[5])
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned bits = (unsigned)b[0] << 16 | (count > 1 ? (unsigned)b[1] << 8 : 0) | (count > 2 ? b[2] : 0u);
    for (int a = 0; a < 4; a++)
        four[a] = (size_t)a <= count ? digit[bits >> (18 - 6 * a) & 63] : '=';
    four[4] = 0;
}

kmu_status markup_text(struct output *out, const char *words, kmu_error *error)
{
    char safe[4 * LONGEST_TEXT + 8];
    kmu_status status = KMU_OK;
    shown(safe, LONGEST_TEXT, words, words + strlen(words));
    for (const char *s = safe; *s && status == KMU_OK; s++) {
        const char one[] = {*s, 0};
        const bool unwelcome = is_unwelcome(s);
        const char *text = unwelcome    ? "\xef\xbf\xbd"
                           : *s == '<'  ? "&lt;"
                           : *s == '>'  ? "&gt;"
                           : *s == '&'  ? "&amp;"
                           : *s == '"'  ? "&quot;"
                           : *s == '\'' ? "&#39;"
                                        : one;
        status = output_write(out, text, strlen(text), error);
        s += unwelcome ? 2 : 0;
    }
    return status;
}
