/* test_random.c - the random stream is Philox4x32-10, read at any place. */
#include "draw.h"
#include "ground/random.h"

/* The answers that Random123's authors publish (Salmon et al. 2011, doi:10.1145/2063384.2063405). */
static void philox_gives_the_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint64_t key;
        uint32_t counter[4], word[4];
    } known[] = {
        {0, {0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {UINT64_MAX, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x299f31d0a4093822,
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t word[4];
        kmu__philox(known[i].key, known[i].counter, word);
        for (int t = 0; t < 4; t++)
            if (word[t] != known[i].word[t])
                fail_msg("answer %zu, word %d: %08x, not %08x", i, t, word[t], known[i].word[t]);
    }
}

static void a_word_is_its_place_in_the_stream(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 1000; s++) {
        begin(s);
        uint64_t key = draw();
        const uint32_t run = (uint32_t)draw(), step = (uint32_t)draw(), t = (uint32_t)draw();
        const enum kmu__purpose purpose = (enum kmu__purpose)between(1, 3);
        uint32_t word[4];
        kmu__philox(key, (const uint32_t[4]){run, (uint32_t)purpose, step, t}, word);
        uint64_t right = (uint64_t)word[1] << 32 | word[0], got = kmu__word(key, run, purpose, step, t);
        if (got != right)
            FAIL("%016llx, not %016llx", (unsigned long long)got, (unsigned long long)right);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_answers),
        cmocka_unit_test(a_word_is_its_place_in_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
