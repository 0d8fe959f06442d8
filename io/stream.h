/* stream.h - the bytes of a file, unpacked if it was packed. */
#ifndef KMU_IO_STREAM_H
#define KMU_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "kmu.h"

struct stream;

/* Opens path ("-" is standard input). gzip and zstd are known by their first bytes, or never if plain. */
kmu_status stream_open(const char *path, bool plain, struct stream **, kmu_error *);
void stream_close(struct stream *);
/* Closes what was read with this status, which it returns; or KMU_EIO, if the file has changed since it was opened. */
kmu_status stream_end(struct stream *, kmu_status, kmu_error *);

/* The name for messages: the path, printable and not too long. */
const char *stream_name(const struct stream *);

/* The first bytes, 16 or what there is, before and after they are read. */
const unsigned char *stream_head(const struct stream *, size_t *bytes);

/* Reads bytes; fewer only at the end. */
kmu_status stream_read(struct stream *, void *, size_t bytes, size_t *taken, kmu_error *);

/* Reads bytes into a new block that grows as they come; fewer only at the end. */
kmu_status stream_take(struct stream *, size_t bytes, void **block, size_t *taken, kmu_error *);

#endif
