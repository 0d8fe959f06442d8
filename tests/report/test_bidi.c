/* test_bidi.c - what FriBidi is asked for, and what comes before and after it. */
#include "../unit/draw.h"
#include "report/bidi.h"

struct words {
    const char *said, *seen;
};

static void assert_seen(const struct words *words, size_t count)
{
    uint32_t letters[SHOWN_PATH];
    char seen[4 * SHOWN_PATH + 1];
    for (size_t i = 0; i < count; i++) {
        bidi_text(seen, letters, bidi_order(letters, words[i].said));
        if (strcmp(seen, words[i].seen) != 0)
            fail_msg("words %zu: \"%s\" is seen as \"%s\", not as \"%s\"", i, words[i].said, seen, words[i].seen);
    }
}

static void words_stand_on_a_line_from_left_to_right(void **state)
{
    (void)state;
    static const struct words words[] = {
        {"", ""},
        {"\u8eab\u9ad8 (\u5398\u7c73), 3.5 % \U0001f600", "\u8eab\u9ad8 (\u5398\u7c73), 3.5 % \U0001f600"},
        {"\u05d0\u05d1 12.5 \u05d2", "\u05d2 12.5 \u05d1\u05d0"}, /* numbers stay */
        {"\u05d0\u05d1 abc", "\u05d1\u05d0 abc"},                 /* though its first letter is from right to left */
        {"\u05d0 ([\u05d1)", "(\u05d1]) \u05d0"},                 /* mirrored */
        {"\u05d0\u05b0\u05d1", "\u05d1\u05d0\u05b0"},             /* a mark stays behind its letter */
        {"\u0621 12 \u0661\u0662", "\u0661\u0662 12 \u0621"},
    };
    assert_seen(words, sizeof words / sizeof *words);
}

static void arabic_letters_join(void **state)
{
    (void)state;
    static const struct words words[] = {
        {"\u0628\u0628\u0628", "\ufe90\ufe92\ufe91"},       /* at an end, within, at a beginning */
        {"\u0633\u0644\u0627\u0645", "\ufee1\ufefc\ufeb3"}, /* lam and alef are one */
        {"\u0628\u200c\u0628", "\ufe8f\ufe8f"},             /* what keeps letters apart is not seen */
        {"\u0637\u0648\u0644 (\u0633\u0645)", "(\ufee2\ufeb3) \ufedd\ufeee\ufec3"},
    };
    assert_seen(words, sizeof words / sizeof *words);
}

static void words_set_no_direction(void **state)
{
    (void)state;
    static const struct words words[] = {{"a\u202e\u05d0\u05d1", "a\ufffd\u05d1\u05d0"}, {"\u2066ab\u2069", "\ufffdab\ufffd"}};
    assert_seen(words, sizeof words / sizeof *words);
}

static void words_are_fit_for_a_terminal_and_cut(void **state)
{
    (void)state;
    static char said[4 * SHOWN_PATH], seen[4 * SHOWN_PATH];
    for (size_t i = 0; i < SHOWN_PATH - 1; i++)
        strcat(said, "\U0001f600");
    for (size_t i = 0; i < LONGEST_PATH / 4; i++)
        strcat(seen, "\U0001f600");
    const struct words words[] = {{"\x1b[31m\xff", "\\x1b[31m\\xff"}, {said, strcat(seen, "...")}};
    assert_seen(words, sizeof words / sizeof *words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stand_on_a_line_from_left_to_right),
        cmocka_unit_test(arabic_letters_join),
        cmocka_unit_test(words_set_no_direction),
        cmocka_unit_test(words_are_fit_for_a_terminal_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
