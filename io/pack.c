/* pack.c - bytes on their way to a file, packed by gzip (RFC 1952, zlib) or zstd (RFC 8878, libzstd), with a checksum.
 *
 * The same bytes in give the same bytes out: no name and no time go into a header. */
#include "io/pack.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

enum { ROOM = 128 << 10 };

struct pack {
    pack_sink *sink;
    void *context;
    z_stream gzip;
    ZSTD_CCtx *zstd; /* NULL: gzip */
    unsigned char out[ROOM];
};

static bool ends_with(const char *path, const char *suffix)
{
    size_t a = strlen(path), b = strlen(suffix);
    return a > b && strcasecmp(path + a - b, suffix) == 0;
}

size_t pack_suffix(const char *path)
{
    return strlen(path) - (ends_with(path, ".gz") ? 3 : ends_with(path, ".zst") ? 4 : 0);
}

bool pack_open(const char *path, struct pack **made, pack_sink *sink, void *context)
{
    *made = NULL;
    if (path[pack_suffix(path)] == 0)
        return true;
    struct pack *p = calloc(1, sizeof *p);
    if (!p)
        return false;
    p->sink = sink;
    p->context = context;
    bool open;
    if (ends_with(path, ".gz"))
        open = deflateInit2(&p->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    else
        open = (p->zstd = ZSTD_createCCtx()) && !ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1));
    if (!open) {
        pack_close(p);
        return false;
    }
    *made = p;
    return true;
}

static bool write_gzip(struct pack *p, const void *bytes, size_t count, bool last)
{
    const unsigned char *from = bytes;
    do {
        uInt some = count < (1u << 30) ? (uInt)count : 1u << 30;
        p->gzip.next_in = (z_const Bytef *)(size_t)from; /* zlib only reads it */
        p->gzip.avail_in = some;
        from += some;
        count -= some;
        do {
            p->gzip.next_out = p->out;
            p->gzip.avail_out = ROOM;
            deflate(&p->gzip, last && count == 0 ? Z_FINISH : Z_NO_FLUSH);
            if (!p->sink(p->context, p->out, ROOM - p->gzip.avail_out))
                return false;
        } while (p->gzip.avail_out == 0);
    } while (count);
    return true;
}

static bool write_zstd(struct pack *p, const void *bytes, size_t count, bool last)
{
    ZSTD_inBuffer in = {bytes, count, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {p->out, ROOM, 0};
        left = ZSTD_compressStream2(p->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) || !p->sink(p->context, p->out, out.pos))
            return false;
    } while (last ? left > 0 : in.pos < in.size);
    return true;
}

bool pack_write(struct pack *p, const void *bytes, size_t count, bool last)
{
    return (p->zstd ? write_zstd : write_gzip)(p, bytes, count, last);
}

void pack_close(struct pack *p)
{
    if (!p)
        return;
    if (p->zstd)
        ZSTD_freeCCtx(p->zstd);
    else
        deflateEnd(&p->gzip);
    free(p);
}
