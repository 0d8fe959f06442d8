/* pack.h - bytes on their way to a file, packed by gzip or zstd. */
#ifndef KMU_IO_PACK_H
#define KMU_IO_PACK_H

#include <stdbool.h>
#include <stddef.h>

struct pack;

/* Takes packed bytes; false: stop. */
typedef bool pack_sink(void *context, const void *, size_t bytes);

/* By the suffix of path: .gz, .zst; *made is NULL for any other. false: no memory. */
bool pack_open(const char *path, struct pack **made, pack_sink *, void *context);

/* Packs bytes; `last` ends the stream, its checksum included. false: the sink said stop, or no memory. */
bool pack_write(struct pack *, const void *, size_t bytes, bool last);
void pack_close(struct pack *);

/* The length of path without .gz or .zst. */
size_t pack_suffix(const char *path);

#endif
