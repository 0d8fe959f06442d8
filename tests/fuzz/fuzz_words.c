/* fuzz_words.c - any words are a job or an error with a text: each line of the bytes is an argument. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

int LLVMFuzzerInitialize(int *, char ***);
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { WORDS = 24 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    if (!freopen("/dev/null", "w", stdout)) /* --help is heard there */
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *text = strndup((const char *)bytes, count), *words[WORDS + 2] = {(char[]){"kmu"}}, *at = text;
    int argc = 1;
    while (argc < WORDS && at)
        words[argc++] = strsep(&at, "\n");
    struct job job;
    kmu_error error = {""};
    bool done = false;
    const kmu_status status = parse_command_line(&job, argc, words, &done, &error);
    if ((status != KMU_OK) != (*error.text != 0) || (status != KMU_OK && status != KMU_EUSAGE && status != KMU_EIO))
        abort();
    if (memchr(error.text, 0, sizeof error.text) == NULL)
        abort();
    if (status == KMU_OK && !done && (job.top < 1 || job.image[0] > SIZE_MAX / 2 || !job.command))
        abort();
    free(text);
    return 0;
}
