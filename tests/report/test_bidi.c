/* test_bidi.c - words from right to left, numbers and brackets in them, and Arabic letters that join. */
#include "../unit/draw.h"
#include "report/bidi.h"

struct words {
    const char *said, *seen;
};

static void assert_seen(const struct words *words, size_t count)
{
    char seen[4 * BIDI_LETTERS + 1];
    for (size_t i = 0; i < count; i++) {
        bidi_order(seen, words[i].said);
        if (strcmp(seen, words[i].seen) != 0)
            fail_msg("words %zu: \"%s\" is seen as \"%s\", not as \"%s\"", i, words[i].said, seen, words[i].seen);
    }
}

static void words_from_left_to_right_stay(void **state)
{
    (void)state;
    static const struct words words[] = {{"", ""},
                                         {"petal (cm), 3.5 %", "petal (cm), 3.5 %"},
                                         {"\u8eab\u9ad8 (\u5398\u7c73) \U0001f600", "\u8eab\u9ad8 (\u5398\u7c73) \U0001f600"}};
    assert_seen(words, sizeof words / sizeof *words);
}

/* As FriBidi 1.0.8 has them in a paragraph from left to right. */
static void words_from_right_to_left_are_turned_round(void **state)
{
    (void)state;
    static const struct words words[] = {
        {"\u05d0\u05d1\u05d2", "\u05d2\u05d1\u05d0"},
        {"abc \u05d0\u05d1, \u05d2 d", "abc \u05d2 ,\u05d1\u05d0 d"},
        {"\u05d0\u05d1 12.5 \u05d2", "\u05d2 12.5 \u05d1\u05d0"},
        {"\u05d0 -3", "3- \u05d0"},
        {"\u05d0 $5 + 1", "1 + $5 \u05d0"},
        {"7 \u05d0", "7 \u05d0"},
        {"\u05d0\u05d1 (\u05d2)", "(\u05d2) \u05d1\u05d0"},
        {"\u05d0 [b] \u05d1", "\u05d0 [b] \u05d1"},
        {"x (\u05d0)", "x (\u05d0)"},
        {"\u05d0 ([\u05d1)", "(\u05d1]) \u05d0"},
        {"\u05d0 \u00ab\u05d1\u00bb \u05d2", "\u05d2 \u00ab\u05d1\u00bb \u05d0"},
        {"\u05d0\u05b0\u05d1", "\u05d1\u05d0\u05b0"},
        {"\u0621 12 \u0661\u0662", "\u0661\u0662 12 \u0621"},
        {"a\u202e\u05d0\u05d1", "a\ufffd\u05d1\u05d0"},
    };
    assert_seen(words, sizeof words / sizeof *words);
}

static void arabic_letters_join(void **state)
{
    (void)state;
    static const struct words words[] = {
        {"\u0628", "\u0628"},                               /* alone */
        {"\u0628\u0628\u0628", "\ufe90\ufe92\ufe91"},       /* at an end, within, at a beginning */
        {"\u062f\u0628\u062f", "\ufeaa\ufe91\u062f"},       /* dal joins what is before alone */
        {"\u0628\u064e\u0628", "\ufe90\ufe91\u064e"},       /* a mark is not looked at */
        {"\u0633\u0644\u0627\u0645", "\u0645\ufefc\ufeb3"}, /* lam and alef are one */
        {"\u0644\u0627", "\ufefb"},                         /* also alone */
        {"\u0628\u0640\u0628", "\ufe90\u0640\ufe91"},       /* a stroke */
        {"\u0628\u200c\u0628", "\u0628\u200c\u0628"},       /* what keeps them apart */
        {"\u06af\u0686", "\ufb7b\ufb94"},                   /* Persian */
        {"\u0628\u0649\u0628", "\ufe90\ufbe9\ufe91"},       /* U+0649, whose forms lie apart */
        {"\u0637\u0648\u0644 (\u0633\u0645)", "(\ufee2\ufeb3) \u0644\ufeee\ufec3"},
    };
    assert_seen(words, sizeof words / sizeof *words);
}

static void too_many_letters_are_cut(void **state)
{
    (void)state;
    static char said[4 * (BIDI_LETTERS + 5) + 1], seen[4 * BIDI_LETTERS + 1];
    for (size_t i = 0; i < BIDI_LETTERS + 5; i++)
        strcat(said, "\U0001f600");
    bidi_order(seen, said);
    assert_int_equal(strlen(seen), 4 * BIDI_LETTERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_from_left_to_right_stay),
        cmocka_unit_test(words_from_right_to_left_are_turned_round),
        cmocka_unit_test(arabic_letters_join),
        cmocka_unit_test(too_many_letters_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
