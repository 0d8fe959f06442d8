/* test_markup.c - SHA-256 and base64 by the examples of their standards. */
#include <stdlib.h>
#include <string.h>

#include "../unit/draw.h"
#include "report/markup.h"

static void the_hash_is_that_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hash;
    } known[] = {{"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
                 {"abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="},
                 {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="}};
    char hash[45];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        sha256_base64(known[i].text, strlen(known[i].text), hash);
        assert_string_equal(hash, known[i].hash);
    }
    char *million = malloc(1000000);
    memset(million, 'a', 1000000);
    sha256_base64(million, 1000000, hash);
    free(million);
    assert_string_equal(hash, "zcduXJkU+5KBocfihNc+Z/GAmkiklyAOBG05zMcRLNA=");
}

static void base64_is_that_of_the_standard(void **state)
{
    (void)state;
    char four[5];
    for (size_t count = 1; count <= 6; count++) {
        base64_four((const unsigned char *)"foobar", count, four);
        assert_string_equal(four, count == 1 ? "Zg==" : count == 2 ? "Zm8=" : "Zm9v");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_that_of_the_standard),
        cmocka_unit_test(base64_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
