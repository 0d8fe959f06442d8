/* fuzz_number.c - a text is the number that strtod says in the C locale, as far as it goes; a number that is written is read
 * back to its bits.
 *
 * strtod knows more than number.c: blanks in front, hexadecimal numbers, nan(...). */
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void same(double a, double b, const char *text)
{
    if (memcmp(&a, &b, sizeof a) && !(isnan(a) && isnan(b))) {
        fprintf(stderr, "\"%s\": %a, but %a\n", text, a, b);
        abort();
    }
}

static void read_like_strtod(const char *text, size_t length)
{
    double x = 0, narrow = 0;
    bool rounded = false;
    char *own, *theirs;
    const char *end = number_read(text, text + length, '.', &x);
    if (number_read_f32(text, text + length, '.', &narrow, &rounded) != end)
        abort();
    own = strndup(text, (size_t)(end - text));
    const char *digits = text + (*text == '+' || *text == '-');
    const bool hexadecimal = *digits == '0' && (digits[1] | 32) == 'x', more = hexadecimal || isspace((unsigned char)*text);
    const double wide = strtod(text, &theirs);
    if (!more && theirs != end && !(isnan(wide) && *end == '('))
        abort();
    if (end > text) {
        same(x, strtod(own, &theirs), own);
        if (*theirs)
            abort();
        same(narrow, strtof(own, NULL), own);
        if (rounded != (!isnan(x) && x != narrow))
            abort();
    }
    free(own);
}

static void written_is_read_back(double x, kmu_type type)
{
    char text[64];
    double y = 0;
    const size_t length = number_write(text, x, type);
    if (length > 32 || text[length] || number_read(text, text + length, '.', &y) != text + length)
        abort();
    same(type == KMU_F32 ? (float)y : y, x, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    double x;
    float f;
    char *text = malloc(count + 1); /* ends where the bytes end, so that reading on is seen */
    memcpy(text, bytes, count);
    text[count] = 0;
    read_like_strtod(text, strlen(text));
    free(text);
    if (count >= sizeof x) {
        memcpy(&x, bytes, sizeof x);
        memcpy(&f, bytes, sizeof f);
        written_is_read_back(x, KMU_F64);
        written_is_read_back(f, KMU_F32);
    }
    return 0;
}
