/* output.c - files that appear whole or not at all.
 *
 *   temporary file beside the target -> write -> fsync -> (all outputs so far?) -> rename -> fsync of the directory
 *
 * A reader sees the old file or the new one, also after a crash (POSIX rename). The temporary file is ".kmu-HASH-N", made
 * with O_EXCL, where HASH is of the target's name; whoever writes it holds its lock (flock) until it is renamed. So one whose
 * lock is free was left by a process that was killed, and the next one that writes to the same target takes it away.
 * A new file's mode is what the umask leaves, a replaced file's mode and owner are kept. What exists and is no
 * regular file has no directory entry to replace, so it is written directly. Paths that end in .gz or .zst are packed.
 * A caller that writes into pipes ignores SIGPIPE, so that EPIPE can be said. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "io/format.h"
#include "io/pack.h"

enum { BUFFER = 256 << 10, LINKS = 40, TEMPORARIES = 1000 };

static const volatile sig_atomic_t *heeded;

/* The outputs that have a temporary file, newest first; a signal handler may read the list at any time. */
static struct output *_Atomic newest;

struct output {
    struct output *_Atomic older;
    int fd, lock; /* lock: the same open file, until it is renamed */
    char name[SHOWN_PATH];
    char *target, *temporary; /* temporary is NULL for what is written directly */
    struct pack *pack;
    int failed; /* errno of the write that failed */
    size_t used;
    char buffer[BUFFER];
};

const char *output_name(const struct output *o)
{
    return o->name;
}

static kmu_status cannot_write(const struct output *o, int why, kmu_error *error)
{
    return table_fail(error, why == ENOMEM ? KMU_EMEMORY : KMU_EIO, "%s: cannot write: %s", o->name, strerror(why));
}

/* Writes all bytes to the file itself. */
static bool write_file(void *context, const void *bytes, size_t count)
{
    struct output *o = context;
    const char *p = bytes;
    while (count) {
        if (heeded && *heeded) {
            o->failed = EINTR;
            return false;
        }
        ssize_t put = write(o->fd, p, count);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            o->failed = errno;
            return false;
        }
        p += put;
        count -= (size_t)put;
    }
    return true;
}

static kmu_status pass_on(struct output *o, const void *bytes, size_t count, bool last, kmu_error *error)
{
    o->failed = ENOMEM; /* unless the file says otherwise */
    bool ok = o->pack ? pack_write(o->pack, bytes, count, last) : write_file(o, bytes, count);
    return ok ? KMU_OK : cannot_write(o, o->failed, error);
}

static kmu_status flush(struct output *o, bool last, kmu_error *error)
{
    size_t used = o->used;
    o->used = 0;
    return used || last ? pass_on(o, o->buffer, used, last, error) : KMU_OK;
}

/* The directory of path with its slash: "" for the current one. */
static int directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path + 1) : 0;
}

/* path with symbolic links followed, the last of which may lead to nothing yet; malloc'ed, NULL with errno. */
static char *follow_links(const char *path)
{
    char *at = strdup(path);
    for (int i = 0; at; i++) {
        char link[PATH_MAX + 1], *next;
        ssize_t length = readlink(at, link, PATH_MAX);
        if (length < 0)
            return at; /* no link */
        link[length] = 0;
        const int directory = *link == '/' ? 0 : directory_length(at);
        if (i == LINKS || asprintf(&next, "%.*s%s", directory, at, link) < 0) {
            free(at);
            errno = i == LINKS ? ELOOP : ENOMEM;
            return NULL;
        }
        free(at);
        at = next;
    }
    return at;
}

/* Whether the open file is still what its name leads to. */
static bool is_there(int fd, const char *name)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && lstat(name, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Unlinks a temporary file that nobody writes any more. Whoever holds the lock may rename or unlink it, and nobody else. */
static bool take_away(const char *temporary)
{
    const int fd = open(temporary, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat s;
    if (fd < 0)
        return false;
    const bool left = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_there(fd, temporary);
    const bool gone = left && unlink(temporary) == 0;
    close(fd);
    return gone;
}

/* Creates the temporary file of that name and locks it; false with errno, EEXIST where it is another one's. */
static bool create_locked(struct output *o, const char *temporary, mode_t mode)
{
    for (int tries = 0; tries < 3; tries++) {
        o->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (o->fd < 0 && errno != EEXIST)
            return false;
        if (o->fd < 0) {
            take_away(temporary);
            continue;
        }
        /* a file system may have no locks: then nobody takes anything away */
        if ((flock(o->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && is_there(o->fd, temporary))
            return true;
        close(o->fd); /* somebody came in between, and takes it away */
        o->fd = -1;
    }
    errno = EEXIST;
    return false;
}

/* The name of temporary file i of target; malloc'ed, NULL with errno. */
static char *name_temporary(const char *target, int i)
{
    char *name;
    const int directory = directory_length(target);
    const uLong hash = crc32(0, (const Bytef *)target + directory, (uInt)strlen(target + directory));
    if (asprintf(&name, "%.*s.kmu-%08lx-%d", directory, target, hash, i) >= 0)
        return name;
    errno = ENOMEM;
    return NULL;
}

/* Takes away what is left of temporary files i, i + 1, .. of target, as far as they go. */
static void tidy_up(const char *target, int i)
{
    struct stat s;
    char *name;
    for (; (name = name_temporary(target, i)) && lstat(name, &s) == 0; i++) {
        take_away(name);
        free(name);
    }
    free(name);
}

/* Creates the temporary file beside o->target. */
static bool create(struct output *o, mode_t mode)
{
    for (int i = 0; i < TEMPORARIES; i++) {
        char *name = name_temporary(o->target, i);
        if (name && create_locked(o, name, mode)) {
            o->temporary = name;
            o->older = newest;
            newest = o;
            tidy_up(o->target, i + 1);
            return true;
        }
        free(name);
        if (errno != EEXIST)
            return false;
    }
    return false;
}

static bool open_target(struct output *o, const char *path)
{
    struct stat old;
    if (strcmp(path, "-") == 0) {
        o->fd = STDOUT_FILENO;
        return true;
    }
    const bool exists = stat(path, &old) == 0;
    if (!exists && errno != ENOENT)
        return false;
    if (exists && !S_ISREG(old.st_mode)) {
        o->fd = open(path, O_WRONLY | O_CLOEXEC);
        return o->fd >= 0;
    }
    if (!(o->target = follow_links(path)) || (exists && access(o->target, W_OK)) || !create(o, exists ? 0600 : 0666))
        return false;
    if (!exists)
        return true;
    /* the owner first: a change of owner clears bits of the mode */
    struct stat made;
    if (fstat(o->fd, &made))
        return false;
    const bool owned = (made.st_uid == old.st_uid && made.st_gid == old.st_gid) || fchown(o->fd, old.st_uid, old.st_gid) == 0;
    return owned && fchmod(o->fd, old.st_mode & 07777) == 0;
}

kmu_status output_open(const char *path, struct output **made, kmu_error *error)
{
    struct output *o = calloc(1, sizeof *o);
    if (!o)
        return table_fail(error, KMU_EMEMORY, "not enough memory");
    o->fd = o->lock = -1;
    shown_path(o->name, strcmp(path, "-") ? path : "standard output");
    kmu_status status = KMU_OK;
    if (!open_target(o, path))
        status = cannot_write(o, errno, error);
    else if (!pack_open(path, &o->pack, write_file, o))
        status = cannot_write(o, ENOMEM, error);
    if (status)
        output_discard(&o, 1);
    *made = o;
    return status;
}

kmu_status output_write(struct output *o, const void *bytes, size_t count, kmu_error *error)
{
    kmu_status status = KMU_OK;
    if (count > BUFFER - o->used)
        status = flush(o, false, error);
    if (status)
        return status;
    if (count > BUFFER)
        return pass_on(o, bytes, count, false, error);
    if (count)
        memcpy(o->buffer + o->used, bytes, count);
    o->used += count;
    return KMU_OK;
}

kmu_status output_printf(struct output *o, kmu_error *error, const char *format, ...)
{
    char *text;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    if (length < 0)
        return cannot_write(o, ENOMEM, error);
    kmu_status status = output_write(o, text, (size_t)length, error);
    free(text);
    return status;
}

/* The temporary file is renamed or unlinked. */
static void forget_temporary(struct output *o)
{
    struct output *_Atomic *at = &newest;
    while (*at != o)
        at = &(*at)->older;
    *at = o->older;
    free(o->temporary);
    o->temporary = NULL;
}

/* Everything written is with the file system. */
static kmu_status finish(struct output *o, kmu_error *error)
{
    kmu_status status = flush(o, true, error);
    if (!status && o->temporary) {
        int fd = o->fd;
        o->lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        o->fd = -1;
        const bool synced = fsync(fd) == 0 || errno == EINVAL;
        const int why = errno;
        if (close(fd) || !synced)
            status = cannot_write(o, synced ? errno : why, error);
    }
    return status;
}

/* The directory of target; malloc'ed, NULL without memory. */
static char *directory_of(const char *target)
{
    char *directory;
    const int length = directory_length(target);
    return asprintf(&directory, "%.*s", length ? length : 1, length ? target : ".") < 0 ? NULL : directory;
}

static void sync_directory(const char *target)
{
    char *directory = directory_of(target);
    int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(directory);
}

kmu_status output_commit(struct output **outputs, size_t count, kmu_error *error)
{
    kmu_status status = KMU_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = outputs[i] ? finish(outputs[i], error) : KMU_OK;
    for (size_t i = 0; i < count && !status; i++) {
        struct output *o = outputs[i];
        if (!o || !o->temporary)
            continue;
        if (rename(o->temporary, o->target)) {
            status = cannot_write(o, errno, error);
        } else {
            forget_temporary(o);
            sync_directory(o->target);
        }
    }
    output_discard(outputs, count);
    return status;
}

void output_discard(struct output **outputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct output *o = outputs[i];
        outputs[i] = NULL;
        if (!o)
            continue;
        if (o->temporary) { /* while it is locked */
            unlink(o->temporary);
            forget_temporary(o);
        }
        if (o->fd > STDERR_FILENO)
            close(o->fd);
        if (o->lock >= 0)
            close(o->lock);
        pack_close(o->pack);
        free(o->target);
        free(o);
    }
}

bool outputs_meet(const char *a, const char *b)
{
    char *target[] = {follow_links(a), follow_links(b)};
    struct stat s[2];
    bool meet = target[0] && target[1];
    for (int i = 0; i < 2 && meet; i++) {
        char *directory = directory_of(target[i]);
        meet = directory && stat(directory, &s[i]) == 0;
        free(directory);
    }
    meet = meet && s[0].st_dev == s[1].st_dev && s[0].st_ino == s[1].st_ino &&
           strcmp(target[0] + directory_length(target[0]), target[1] + directory_length(target[1])) == 0;
    free(target[0]);
    free(target[1]);
    return meet;
}

void output_heed(const volatile sig_atomic_t *stop)
{
    heeded = stop;
}

void output_clean(void)
{
    for (const struct output *o = newest; o; o = o->older)
        unlink(o->temporary);
}
