/* fuzz_model.c - any bytes are a model or an error; a model that is read is written and read again the same.
 *
 * An odd first byte puts the right first line and checksum around the others, so that what is between them is tried. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void there_and_back(const struct model *m)
{
    struct model again;
    struct output *out;
    kmu_error error;
    char name[64];
    snprintf(name, sizeof name, "/tmp/fuzz-%ld.kmu", (long)getpid());
    if (output_open(name, &out, &error) || model_write(out, m, &error) || output_commit(&out, 1, &error) ||
        model_read(name, &again, &error))
        abort();
    const size_t bytes = kmu_type_bytes(m->type), splits = 2 * m->splits;
    if (again.type != m->type || again.d != m->d || again.k != m->k || again.splits != m->splits || !again.names != !m->names)
        abort();
    if (memcmp(again.mu, m->mu, m->k * m->d * bytes) || memcmp(again.mass, m->mass, m->k * sizeof *m->mass))
        abort();
    if (splits && (memcmp(again.child, m->child, splits * sizeof *m->child) ||
                   memcmp(again.split_mu, m->split_mu, splits * m->d * bytes)))
        abort();
    model_free(&again);
    unlink(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return 0;
    char path[64], *text;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    if (bytes[0] & 1)
        fputs(MODEL_MAGIC "1\n", f);
    fwrite(bytes + 1, 1, count - 1, f);
    if (bytes[0] & 1 && bytes[count - 1] != '\n')
        fputc('\n', f);
    fflush(f);
    if (bytes[0] & 1)
        fprintf(f, "crc32 %08lx\n", crc32(0, (const Bytef *)text, (uInt)length));
    fclose(f);
    const int fd = memfd_create("model", 0);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct model m;
    kmu_error error = {""};
    const kmu_status status = model_read(path, &m, &error);
    if (status == KMU_OK) {
        if (m.n) /* which may be missing, but is always written */
            there_and_back(&m);
        model_free(&m);
    } else if (!*error.text || (status != KMU_EMODEL && status != KMU_EDATA && status != KMU_EMEMORY)) {
        abort();
    }
    free(text);
    close(fd);
    return 0;
}
