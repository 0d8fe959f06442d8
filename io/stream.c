/* stream.c - the bytes of a file, unpacked if it was packed.
 *
 * gzip (RFC 1952, zlib) and zstd (RFC 8878, libzstd) are known by their first bytes. Members and frames may follow one
 * another; anything else behind them, a missing end and a wrong checksum are errors. A file that somebody changes meanwhile is
 * one too: what was read could be of two times. Memory: 128 KB and the decompressor's window. */
#include "io/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "io/format.h"

enum { BUFFER = 128 << 10, HEAD = 16, LARGE_PAGE = 2 << 20 };

enum packing { PLAIN, GZIP, ZSTD };

struct stream {
    int fd;
    char name[SHOWN_PATH];
    enum packing packing;
    unsigned char head[HEAD]; /* the first unpacked bytes, read ahead */
    size_t head_bytes, head_at;
    unsigned char *in; /* packed bytes [at, filled) wait */
    size_t at, filled;
    bool complete; /* a member or frame has ended and none begun since */
    struct stat opened;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

static const char *const packing_name[] = {"", "gzip", "zstd"};

static enum packing packing_at(const unsigned char *p, size_t bytes)
{
    if (bytes >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
        return GZIP;
    if (bytes >= 4 && memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0)
        return ZSTD;
    if (bytes >= 4 && (p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0)
        return ZSTD; /* a skippable frame */
    return PLAIN;
}

/* Reads from the file itself; fewer bytes only at its end. */
static kmu_status read_file(struct stream *s, unsigned char *p, size_t bytes, size_t *taken, kmu_error *error)
{
    *taken = 0;
    while (*taken < bytes) {
        ssize_t got = read(s->fd, p + *taken, bytes - *taken);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return table_fail(error, KMU_EIO, "%s: cannot read: %s", s->name, strerror(errno));
        if (got == 0)
            break;
        *taken += (size_t)got;
    }
    return KMU_OK;
}

/* Keeps what waits in the buffer and fills the rest of it. */
static kmu_status fill(struct stream *s, kmu_error *error)
{
    memmove(s->in, s->in + s->at, s->filled - s->at);
    s->filled -= s->at;
    s->at = 0;
    size_t taken;
    kmu_status status = read_file(s, s->in + s->filled, BUFFER - s->filled, &taken, error);
    s->filled += taken;
    return status;
}

static kmu_status read_plain(struct stream *s, unsigned char *p, size_t bytes, size_t *taken, kmu_error *error)
{
    size_t waiting = s->filled - s->at, rest;
    if (waiting > bytes)
        waiting = bytes;
    memcpy(p, s->in + s->at, waiting);
    s->at += waiting;
    kmu_status status = read_file(s, p + waiting, bytes - waiting, &rest, error);
    *taken = waiting + rest;
    return status;
}

static kmu_status damaged(const struct stream *s, const char *why, kmu_error *error)
{
    return table_fail(error, KMU_EDATA, "%s: the %s stream is damaged (%s)", s->name, packing_name[s->packing], why);
}

/* Unpacks what waits into p; *made bytes come out. */
static kmu_status unpack_gzip(struct stream *s, unsigned char *p, size_t bytes, size_t *made, kmu_error *error)
{
    uInt room = bytes < (1u << 30) ? (uInt)bytes : 1u << 30;
    s->gzip.next_in = s->in + s->at;
    s->gzip.avail_in = (uInt)(s->filled - s->at);
    s->gzip.next_out = p;
    s->gzip.avail_out = room;
    int said = inflate(&s->gzip, Z_NO_FLUSH);
    s->at = s->filled - s->gzip.avail_in;
    *made = room - s->gzip.avail_out;
    s->complete = said == Z_STREAM_END;
    if (said == Z_MEM_ERROR)
        return table_no_memory(s, error);
    if (said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR)
        return damaged(s, s->gzip.msg ? s->gzip.msg : "no valid data", error);
    return KMU_OK;
}

static kmu_status unpack_zstd(struct stream *s, unsigned char *p, size_t bytes, size_t *made, kmu_error *error)
{
    ZSTD_inBuffer in = {s->in, s->filled, s->at};
    ZSTD_outBuffer out = {p, bytes, 0};
    size_t said = ZSTD_decompressStream(s->zstd, &out, &in);
    s->at = in.pos;
    *made = out.pos;
    if (ZSTD_isError(said))
        return damaged(s, ZSTD_getErrorName(said), error);
    s->complete = said == 0;
    return KMU_OK;
}

/* After a whole member: nothing more, or the next one. */
static kmu_status begin_next(struct stream *s, kmu_error *error)
{
    if (packing_at(s->in + s->at, s->filled - s->at) != s->packing)
        return table_fail(error, KMU_EDATA, "%s: other bytes follow the end of the %s stream", s->name,
                          packing_name[s->packing]);
    s->complete = false;
    if (s->packing == GZIP)
        inflateReset(&s->gzip);
    return KMU_OK;
}

static kmu_status read_packed(struct stream *s, unsigned char *p, size_t bytes, size_t *taken, kmu_error *error)
{
    kmu_status status = KMU_OK;
    for (*taken = 0; *taken < bytes && !status;) {
        if (s->filled - s->at < 4 && (status = fill(s, error)))
            break;
        const bool drained = s->at == s->filled;
        if (drained && s->complete)
            break;
        if (s->complete && (status = begin_next(s, error)))
            break;
        size_t made;
        status = (s->packing == GZIP ? unpack_gzip : unpack_zstd)(s, p + *taken, bytes - *taken, &made, error);
        *taken += made;
        if (!status && drained && made == 0 && !s->complete)
            return table_fail(error, KMU_EDATA, "%s: the %s stream is cut short", s->name, packing_name[s->packing]);
    }
    return status;
}

static kmu_status read_any(struct stream *s, unsigned char *p, size_t bytes, size_t *taken, kmu_error *error)
{
    return (s->packing == PLAIN ? read_plain : read_packed)(s, p, bytes, taken, error);
}

static kmu_status begin(struct stream *s, bool plain, kmu_error *error)
{
    kmu_status status = fill(s, error);
    if (status)
        return status;
    s->packing = plain ? PLAIN : packing_at(s->in, s->filled);
    if (s->packing == GZIP && inflateInit2(&s->gzip, 15 + 16) != Z_OK)
        return table_no_memory(s, error);
    if (s->packing == ZSTD && !(s->zstd = ZSTD_createDStream()))
        return table_no_memory(s, error);
    return read_any(s, s->head, HEAD, &s->head_bytes, error);
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    if (s->packing == GZIP)
        inflateEnd(&s->gzip);
    ZSTD_freeDStream(s->zstd);
    free(s->in);
    free(s);
}

/* Whether the file is as it was, as far as its size and its time tell. */
static kmu_status at_rest(const struct stream *s, kmu_error *error)
{
    const struct stat *then = &s->opened;
    struct stat now;
    if (!S_ISREG(then->st_mode))
        return KMU_OK;
    if (fstat(s->fd, &now))
        return table_fail(error, KMU_EIO, "%s: cannot read: %s", s->name, strerror(errno));
    if (now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
        return KMU_OK;
    return table_fail(error, KMU_EIO, "%s: changed while it was read; take a copy that rests", s->name);
}

kmu_status stream_end(struct stream *s, kmu_status status, kmu_error *error)
{
    const kmu_status rest = status == KMU_OK || status == KMU_EDATA ? at_rest(s, error) : KMU_OK;
    stream_close(s);
    return rest ? rest : status;
}

kmu_status stream_open(const char *path, bool plain, struct stream **made, kmu_error *error)
{
    struct stream *s = calloc(1, sizeof *s);
    if (!s || !(s->in = malloc(BUFFER))) {
        free(s);
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    }
    const bool standard = strcmp(path, "-") == 0;
    shown_path(s->name, standard ? "standard input" : path);
    s->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    kmu_status status;
    if (s->fd < 0 || fstat(s->fd, &s->opened))
        status = table_fail(error, KMU_EIO, "%s: cannot open: %s", s->name, strerror(errno));
    else if (S_ISDIR(s->opened.st_mode))
        status = table_fail(error, KMU_EIO, "%s: is a directory, not a file", s->name);
    else
        status = begin(s, plain, error);
    if (status)
        return stream_end(s, status, error);
    *made = s;
    return KMU_OK;
}

const char *stream_name(const struct stream *s)
{
    return s->name;
}

const unsigned char *stream_head(const struct stream *s, size_t *bytes)
{
    *bytes = s->head_bytes;
    return s->head;
}

kmu_status stream_read(struct stream *s, void *block, size_t bytes, size_t *taken, kmu_error *error)
{
    unsigned char *p = block;
    size_t ahead = s->head_bytes - s->head_at, rest;
    if (ahead > bytes)
        ahead = bytes;
    memcpy(p, s->head + s->head_at, ahead);
    s->head_at += ahead;
    kmu_status status = read_any(s, p + ahead, bytes - ahead, &rest, error);
    *taken = ahead + rest;
    return status;
}

/* Large pages for a block that has not been touched: filling it costs less, and rows that lie far apart are found sooner. */
static void ask_for_large_pages(char *p, size_t bytes)
{
#if defined MADV_HUGEPAGE
    const size_t begin = (LARGE_PAGE - (uintptr_t)p % LARGE_PAGE) % LARGE_PAGE,
                 end = bytes - (size_t)((uintptr_t)(p + bytes) % LARGE_PAGE);
    if (bytes >= 4 * LARGE_PAGE)
        madvise(p + begin, end - begin, MADV_HUGEPAGE);
#else
    (void)p;
    (void)bytes;
#endif
}

kmu_status stream_take(struct stream *s, size_t bytes, void **block, size_t *taken, kmu_error *error)
{
    size_t room = 0;
    char *p = NULL;
    kmu_status status = KMU_OK;
    for (*taken = 0; !status && *taken == room && (room < bytes || !p);) {
        room = room < (1 << 20) ? 1 << 20 : 2 * room;
        if (s->packing == PLAIN && S_ISREG(s->opened.st_mode) && room < (size_t)s->opened.st_size)
            room = (size_t)s->opened.st_size; /* which is there, whatever a header says */
        if (room > bytes)
            room = bytes;
        char *larger = realloc(p, room ? room : 1);
        if (!larger) {
            status = table_no_memory(s, error);
            break;
        }
        p = larger;
        ask_for_large_pages(p, room);
        size_t got;
        status = stream_read(s, p + *taken, room - *taken, &got, error);
        *taken += got;
    }
    if (status) {
        free(p);
        return status;
    }
    *block = p;
    return KMU_OK;
}
