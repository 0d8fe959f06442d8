/* bidi.c - words as they are seen: what is written from right to left turned round, Arabic letters in the forms in which they
 * join. SVG and pages leave that to their reader; cairo.c draws letter by letter.
 *
 * FriBidi does it (https://github.com/fribidi/fribidi): the Unicode bidirectional algorithm (UAX #9) for one line from left to
 * right. Arabic letters get their forms from the blocks U+FB50 and U+FE70; scripts whose letters are put together in other ways
 * stay as they are. */
#include <fribidi.h>
#include <string.h>

#include "report/bidi.h"

int bidi_order(uint32_t letters[SHOWN_PATH], const char *words)
{
    char safe[SHOWN_PATH];
    FriBidiChar said[SHOWN_PATH];
    FriBidiParType line = FRIBIDI_PAR_LTR;
    shown(safe, LONGEST_PATH, words, words + strlen(words));
    const int count = fribidi_charset_to_unicode(FRIBIDI_CHAR_SET_UTF8, safe, (int)strlen(safe), said);
    for (int i = 0; i < count; i++) /* names set no direction: SVG shows the same */
        if ((said[i] >= 0x202a && said[i] <= 0x202e) || (said[i] >= 0x2066 && said[i] <= 0x2069))
            said[i] = 0xfffd;
    if (!fribidi_log2vis(said, count, &line, letters, NULL, NULL, NULL))
        return -1;
    return fribidi_remove_bidi_marks(letters, count, NULL, NULL, NULL); /* and what is left of two letters that became one */
}

void bidi_text(char *text, const uint32_t *letters, int count)
{
    fribidi_unicode_to_charset(FRIBIDI_CHAR_SET_UTF8, letters, count, text);
}
