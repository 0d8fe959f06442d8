/* bidi.c - words as they are seen: what is written from right to left turned round, Arabic letters in the forms in which they
 * join. SVG and pages leave that to their reader; cairo.c draws letter by letter.
 *
 * It is the Unicode bidirectional algorithm (UAX #9, version 15) for one line from left to right without characters that set a
 * direction, which become U+FFFD. So there are three levels: 0, and within it 1 from right to left, and within that 2, numbers.
 * Arabic letters get their forms from the blocks U+FB50 and U+FE70; those that have none there stay as they are, and so do
 * scripts whose letters are put together in other ways.
 *
 * Time O(letters), and once more for every bracket that brackets stand in. */
#include <stdbool.h>
#include <string.h>

#include "report/bidi.h"

enum type { L, R, AL, EN, ES, ET, AN, CS, NSM, ON }; /* ON: white space too */

/* What is not L in the scripts from right to left, and in what commonly stands beside them, in order (Unicode 15,
 * DerivedBidiClass). The rest counts as L. */
/* clang-format off */
static const struct {
    uint32_t from, to;
    enum type type;
} ranges[] = {
    {0x20, 0x22, ON},     {0x23, 0x25, ET},     {0x26, 0x2a, ON},       {0x2b, 0x2b, ES},       {0x2c, 0x2c, CS},
    {0x2d, 0x2d, ES},     {0x2e, 0x2f, CS},     {0x30, 0x39, EN},       {0x3a, 0x3a, CS},       {0x3b, 0x40, ON},
    {0x5b, 0x60, ON},     {0x7b, 0x7e, ON},     {0xa0, 0xa0, CS},       {0xa1, 0xa1, ON},       {0xa2, 0xa5, ET},
    {0xa6, 0xa9, ON},     {0xab, 0xaf, ON},     {0xb0, 0xb1, ET},       {0xb2, 0xb3, EN},       {0xb4, 0xb4, ON},
    {0xb6, 0xb8, ON},     {0xb9, 0xb9, EN},     {0xbb, 0xbf, ON},       {0xd7, 0xd7, ON},       {0xf7, 0xf7, ON},
    {0x300, 0x36f, NSM},  {0x590, 0x590, R},    {0x591, 0x5bd, NSM},    {0x5be, 0x5be, R},      {0x5bf, 0x5bf, NSM},
    {0x5c0, 0x5c0, R},    {0x5c1, 0x5c2, NSM},  {0x5c3, 0x5c3, R},      {0x5c4, 0x5c5, NSM},    {0x5c6, 0x5c6, R},
    {0x5c7, 0x5c7, NSM},  {0x5c8, 0x5ff, R},    {0x600, 0x605, AN},     {0x606, 0x607, ON},     {0x608, 0x608, AL},
    {0x609, 0x60a, ET},   {0x60b, 0x60b, AL},   {0x60c, 0x60c, CS},     {0x60d, 0x60d, AL},     {0x60e, 0x60f, ON},
    {0x610, 0x61a, NSM},  {0x61b, 0x64a, AL},   {0x64b, 0x65f, NSM},    {0x660, 0x669, AN},     {0x66a, 0x66a, ET},
    {0x66b, 0x66c, AN},   {0x66d, 0x66f, AL},   {0x670, 0x670, NSM},    {0x671, 0x6d5, AL},     {0x6d6, 0x6dc, NSM},
    {0x6dd, 0x6dd, AN},   {0x6de, 0x6de, ON},   {0x6df, 0x6e4, NSM},    {0x6e5, 0x6e6, AL},     {0x6e7, 0x6e8, NSM},
    {0x6e9, 0x6e9, ON},   {0x6ea, 0x6ed, NSM},  {0x6ee, 0x6ef, AL},     {0x6f0, 0x6f9, EN},     {0x6fa, 0x7bf, AL},
    {0x7c0, 0x85f, R},    {0x860, 0x8c9, AL},   {0x8ca, 0x8ff, NSM},    {0x2000, 0x200d, ON},   {0x200f, 0x200f, R},
    {0x2010, 0x202e, ON}, {0x202f, 0x202f, CS}, {0x2030, 0x2034, ET},   {0x2035, 0x2043, ON},   {0x2044, 0x2044, CS},
    {0x2045, 0x2069, ON}, {0x2070, 0x2070, EN}, {0x2074, 0x2079, EN},   {0x207a, 0x207b, ES},   {0x207c, 0x207e, ON},
    {0x2080, 0x2089, EN}, {0x208a, 0x208b, ES}, {0x208c, 0x208e, ON},   {0x20a0, 0x20cf, ET},   {0x2190, 0x2211, ON},
    {0x2212, 0x2212, ES}, {0x2213, 0x2213, ET}, {0x2214, 0x2335, ON},   {0x3000, 0x3004, ON},   {0x3008, 0x3020, ON},
    {0xfb1d, 0xfb1d, R},  {0xfb1e, 0xfb1e, NSM}, {0xfb1f, 0xfb28, R},   {0xfb29, 0xfb29, ES},   {0xfb2a, 0xfb4f, R},
    {0xfb50, 0xfdff, AL}, {0xfe70, 0xfefe, AL}, {0xff08, 0xff09, ON},   {0xfffd, 0xfffd, ON},   {0x10800, 0x10fff, R},
    {0x1e800, 0x1edff, R}, {0x1ee00, 0x1eeff, AL}, {0x1ef00, 0x1efff, R},
};
/* clang-format on */

struct line {
    size_t count;
    uint32_t c[BIDI_LETTERS];
    unsigned char type[BIDI_LETTERS];
};

uint32_t utf8_next(const char **s)
{
    const unsigned char *b = (const unsigned char *)*s;
    const int more = b[0] < 0x80 ? 0 : b[0] < 0xe0 ? 1 : b[0] < 0xf0 ? 2 : 3;
    uint32_t c = more ? b[0] & (0x3f >> more) : b[0];
    for (int i = 1; i <= more; i++)
        c = c << 6 | (b[i] & 0x3f);
    *s += 1 + more;
    return c;
}

static char *utf8_put(char *at, uint32_t c)
{
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    *at++ = (char)(lead[more] | c >> 6 * more);
    for (int i = more; i-- > 0;)
        *at++ = (char)(0x80 | (c >> 6 * i & 0x3f));
    return at;
}

static enum type type_of(uint32_t c)
{
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (ranges[middle].to < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof ranges / sizeof *ranges && ranges[low].from <= c ? ranges[low].type : L;
}

/* ---- Arabic letters ---------------------------------------------------------------------------------------------------------
 */

/* Letters and their forms: alone, at an end, and of those that join what comes next too at a beginning and within. */
static const struct letter {
    uint16_t c, first;
    bool both;
} letters[] = {
    {0x622, 0xfe81, 0}, {0x623, 0xfe83, 0}, {0x624, 0xfe85, 0}, {0x625, 0xfe87, 0}, {0x626, 0xfe89, 1}, {0x627, 0xfe8d, 0},
    {0x628, 0xfe8f, 1}, {0x629, 0xfe93, 0}, {0x62a, 0xfe95, 1}, {0x62b, 0xfe99, 1}, {0x62c, 0xfe9d, 1}, {0x62d, 0xfea1, 1},
    {0x62e, 0xfea5, 1}, {0x62f, 0xfea9, 0}, {0x630, 0xfeab, 0}, {0x631, 0xfead, 0}, {0x632, 0xfeaf, 0}, {0x633, 0xfeb1, 1},
    {0x634, 0xfeb5, 1}, {0x635, 0xfeb9, 1}, {0x636, 0xfebd, 1}, {0x637, 0xfec1, 1}, {0x638, 0xfec5, 1}, {0x639, 0xfec9, 1},
    {0x63a, 0xfecd, 1}, {0x641, 0xfed1, 1}, {0x642, 0xfed5, 1}, {0x643, 0xfed9, 1}, {0x644, 0xfedd, 1}, {0x645, 0xfee1, 1},
    {0x646, 0xfee5, 1}, {0x647, 0xfee9, 1}, {0x648, 0xfeed, 0}, {0x649, 0xfeef, 1}, {0x64a, 0xfef1, 1}, {0x671, 0xfb50, 0},
    {0x679, 0xfb66, 1}, {0x67e, 0xfb56, 1}, {0x686, 0xfb7a, 1}, {0x688, 0xfb88, 0}, {0x691, 0xfb8c, 0}, {0x698, 0xfb8a, 0},
    {0x6a9, 0xfb8e, 1}, {0x6af, 0xfb92, 1}, {0x6ba, 0xfb9e, 0}, {0x6be, 0xfbaa, 1}, {0x6c1, 0xfba6, 1}, {0x6cc, 0xfbfc, 1},
    {0x6d2, 0xfbae, 0},
};
enum { LAM = 0x644, STROKE = 0x640 }; /* a stroke joins on both sides */

static const struct letter *letter_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].c == c)
            return &letters[i];
    return NULL;
}

static bool joins_next(uint32_t c)
{
    const struct letter *a = letter_of(c);
    return c == STROKE || (a && a->both);
}

/* The form of a letter by what it joins; those of U+0649 lie apart. */
static uint32_t form_of(const struct letter *a, bool before, bool after)
{
    return a->c == 0x649 && after ? 0xfbe8u + before : a->first + 2u * after + before;
}

/* Lam and alef are one letter: its form alone, the next one is at an end; 0: c is no alef. */
static uint32_t lam_with(uint32_t c)
{
    return c == 0x622 ? 0xfef5 : c == 0x623 ? 0xfef7 : c == 0x625 ? 0xfef9 : c == 0x627 ? 0xfefb : 0;
}

/* Every letter := its form by what stands on both sides; marks are not looked at. */
static void join(struct line *t)
{
    bool before = false; /* the letter before joins this one */
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        const uint32_t c = t->c[i];
        const struct letter *a = letter_of(c);
        size_t next = i + 1;
        while (next < t->count && t->type[next] == NSM)
            next++;
        const uint32_t other = next < t->count ? t->c[next] : 0;
        const bool after = joins_next(c) && (other == STROKE || letter_of(other));
        const uint32_t two = c == LAM && next == i + 1 ? lam_with(other) : 0;
        t->type[kept] = t->type[i];
        t->c[kept++] = two ? two + before : a && (before || after) ? form_of(a, before, after) : c;
        if (t->type[i] != NSM)
            before = joins_next(c) && !two;
        i += two != 0;
    }
    t->count = kept;
}

/* ---- directions -------------------------------------------------------------------------------------------------------------
 */

/* W1 .. W7: marks, numbers and what stands in them. */
static void resolve_numbers(struct line *t)
{
    unsigned char *of = t->type, strong = L;
    const size_t n = t->count;
    for (size_t i = 0; i < n; i++) {
        of[i] = of[i] == NSM ? i ? of[i - 1] : L : of[i] == EN && strong == AL ? AN : of[i];
        strong = of[i] <= AL ? of[i] : strong;
    }
    for (size_t i = 0; i < n; i++)
        of[i] = of[i] == AL ? R : of[i];
    for (size_t i = 1; i + 1 < n; i++)
        if (of[i - 1] == of[i + 1] &&
            ((of[i] == ES && of[i - 1] == EN) || (of[i] == CS && (of[i - 1] == EN || of[i - 1] == AN))))
            of[i] = of[i - 1];
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && of[end] == ET;)
            end++;
        if (end > i && ((i && of[i - 1] == EN) || (end < n && of[end] == EN)))
            memset(of + i, EN, end - i);
        end += end == i;
    }
    strong = L;
    for (size_t i = 0; i < n; i++) {
        of[i] = of[i] == ES || of[i] == ET || of[i] == CS ? ON : of[i] == EN && strong == L ? L : of[i];
        strong = of[i] <= R ? of[i] : strong;
    }
}

static uint32_t mirrored(uint32_t c)
{
    static const uint16_t pairs[][2] = {{'(', ')'},       {'[', ']'},       {'{', '}'},       {'<', '>'},
                                        {0xab, 0xbb},     {0x2039, 0x203a}, {0x2264, 0x2265}, {0x3008, 0x3009},
                                        {0x300a, 0x300b}, {0x3010, 0x3011}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int side = 0; side < 2; side++)
            if (pairs[i][side] == c)
                return pairs[i][1 - side];
    return c;
}

/* L or R for what has a direction, numbers count as R; else ON. */
static enum type direction(unsigned char type)
{
    return type == EN || type == AN ? R : type <= R ? (enum type)type : ON;
}

/* end[i] := where the bracket that opens at i closes, else 0: a bracket closes the last open one of its kind and forgets those
 * behind (BD16). */
static void pair_brackets(const struct line *t, size_t end[BIDI_LETTERS])
{
    size_t open[63], deep = 0;
    for (size_t i = 0; i < t->count; i++) {
        end[i] = 0;
        if (t->type[i] != ON || t->c[i] > 0x7f || !strchr("([{)]}", (int)t->c[i]))
            continue;
        if (strchr("([{", (int)t->c[i])) {
            if (deep < sizeof open / sizeof *open)
                open[deep++] = i;
            continue;
        }
        for (size_t a = deep; a-- > 0;)
            if (mirrored(t->c[open[a]]) == t->c[i]) {
                end[open[a]] = i;
                deep = a;
                break;
            }
    }
}

/* N0: both brackets of a pair take a direction from what is in them, or from what stands before. */
static void resolve_brackets(struct line *t)
{
    size_t end[BIDI_LETTERS];
    enum type before = L;
    pair_brackets(t, end);
    for (size_t i = 0; i < t->count; i++) {
        bool found[ON + 1] = {false};
        for (size_t a = i; a < end[i]; a++)
            found[direction(t->type[a])] = true;
        if (found[L] || found[R])
            t->type[i] = t->type[end[i]] = (unsigned char)(found[L] ? L : before);
        before = direction(t->type[i]) == ON ? before : direction(t->type[i]);
    }
}

/* N1, N2: what has no direction of its own takes that of both its sides, if they agree. */
static void resolve_neutrals(struct line *t)
{
    enum type before = L;
    for (size_t i = 0, end; i < t->count; i = end) {
        for (end = i; end < t->count && t->type[end] == ON;)
            end++;
        const enum type after = end < t->count ? direction(t->type[end]) : L;
        memset(t->type + i, before == after ? before : L, end - i);
        end += end == i;
        before = direction(t->type[end - 1]);
    }
}

static void reverse(uint32_t *c, size_t from, size_t to)
{
    for (; from + 1 < to; from++, to--) {
        const uint32_t swap = c[from];
        c[from] = c[to - 1];
        c[to - 1] = swap;
    }
}

/* L2 .. L4: what is from right to left is turned round, but for the numbers in it, and marks stay behind their letters. */
static void turn(struct line *t)
{
    for (size_t i = 0, end; i < t->count; i = end) {
        for (end = i; end < t->count && t->type[end] != L;)
            end++;
        for (size_t a = i, last; a < end; a = last) {
            const bool number = t->type[a] != R;
            for (last = a + 1; last < end && (number ? t->type[last] != R : type_of(t->c[last]) == NSM);)
                last++;
            t->c[a] = number ? t->c[a] : mirrored(t->c[a]);
            reverse(t->c, a, last);
        }
        reverse(t->c, i, end);
        end += end == i;
    }
}

void bidi_order(char *seen, const char *words)
{
    struct line t = {.count = 0};
    while (*words && t.count < BIDI_LETTERS) {
        const uint32_t c = utf8_next(&words);
        t.c[t.count] = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ? 0xfffd : c;
        t.type[t.count] = (unsigned char)type_of(t.c[t.count]);
        t.count++;
    }
    join(&t);
    resolve_numbers(&t);
    resolve_brackets(&t);
    resolve_neutrals(&t);
    turn(&t);
    for (size_t i = 0; i < t.count; i++)
        seen = utf8_put(seen, t.c[i]);
    *seen = 0;
}
