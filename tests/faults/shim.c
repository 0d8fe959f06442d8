/* shim.c - makes one call of a program fail: the system has every fault that it may have, when a test wants it.
 *
 *   cc -shared -fPIC -o shim.so tests/faults/shim.c -ldl;  FAULT_CALL=write FAULT_AT=3 FAULT_DO=28 LD_PRELOAD=./shim.so kmu ...
 *
 *   FAULT_CALL  the call, or a class of them: "file" all of files, "memory" all that allocate
 *   FAULT_AT    counted from 1; 0: none, they are only counted
 *   FAULT_ON    set: from then on, not once
 *   FAULT_DO    an errno; "kill": SIGKILL before the call; "some": reads and writes take 3 bytes at a time; "intr": every
 *               other call fails with EINTR; "truncate", "append", "overwrite": FAULT_FILE is changed, then the call goes on
 *   FAULT_IN    calls are counted of objects with this in their path, "*" of all; else of the program
 *   FAULT_LOG   gets "calls blocks" at the end: how many calls were counted, how many blocks were not given back
 *
 * glibc: its allocator has second names, and its own calls of read and write are not seen. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);
extern char *program_invocation_name;

static bool armed;
static const char *call, *what, *object;
static long at, calls, blocks;
static const void *program;

static bool counts(const void *caller)
{
    Dl_info info;
    if (object && *object == '*')
        return true;
    if (!dladdr(caller, &info))
        return false;
    return object ? strstr(info.dli_fname, object) != NULL : info.dli_fbase == program;
}

static void change_input(void)
{
    const char *path = getenv("FAULT_FILE");
    struct stat s;
    char byte = '7';
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);
    if (fd < 0 || fstat(fd, &s))
        abort();
    if (*what == 't' && ftruncate(fd, s.st_size / 2))
        abort();
    if (*what != 't' && pwrite(fd, &byte, 1, *what == 'a' ? s.st_size : s.st_size / 2) != 1)
        abort();
    syscall(SYS_close, fd);
}

/* Whether this call fails, with errno set; *some: of these bytes only a few are taken. */
static bool fails(const char *name, const char *class, const void *caller, size_t *some)
{
    if (!armed || (strcmp(call, name) && strcmp(call, class)) || !counts(caller))
        return false;
    const long now = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (!at || (getenv("FAULT_ON") ? now < at : now != at))
        return false;
    if (*what == 'k')
        raise(SIGKILL);
    if (*what == 's' && some && *some > 3)
        *some = 3;
    if (*what == 't' || *what == 'a' || *what == 'o')
        change_input();
    if (*what == 'i' && now % 2)
        return false;
    if (*what != 'i' && (*what < '0' || *what > '9'))
        return false;
    errno = *what == 'i' ? EINTR : atoi(what);
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FILE_CALL(type, name, formal, actual)                        \
    type name formal                                                 \
    {                                                                \
        if (fails(#name, "file", __builtin_return_address(0), NULL)) \
            return -1;                                               \
        return REAL(name) actual;                                    \
    }

FILE_CALL(int, stat, (const char *path, struct stat *s), (path, s))
FILE_CALL(int, lstat, (const char *path, struct stat *s), (path, s))
FILE_CALL(int, fstat, (int fd, struct stat *s), (fd, s))
FILE_CALL(int, access, (const char *path, int mode), (path, mode))
FILE_CALL(int, fchown, (int fd, uid_t owner, gid_t group), (fd, owner, group))
FILE_CALL(int, fchmod, (int fd, mode_t mode), (fd, mode))
FILE_CALL(int, flock, (int fd, int how), (fd, how))
FILE_CALL(int, fsync, (int fd), (fd))
FILE_CALL(int, rename, (const char *from, const char *to), (from, to))
FILE_CALL(int, unlink, (const char *path), (path))
FILE_CALL(ssize_t, readlink, (const char *path, char *link, size_t room), (path, link, room))

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return fails("open", "file", __builtin_return_address(0), NULL) ? -1 : REAL(open)(path, flags, mode);
}

int close(int fd) /* the descriptor is gone, whatever close says */
{
    const bool no = fails("close", "file", __builtin_return_address(0), NULL);
    const int why = errno, said = REAL(close)(fd);
    if (no)
        errno = why;
    return no ? -1 : said;
}

ssize_t read(int fd, void *p, size_t bytes)
{
    return fails("read", "file", __builtin_return_address(0), &bytes) ? -1 : REAL(read)(fd, p, bytes);
}

ssize_t write(int fd, const void *p, size_t bytes)
{
    return fails("write", "file", __builtin_return_address(0), &bytes) ? -1 : REAL(write)(fd, p, bytes);
}

static void *counted(void *p)
{
    __atomic_add_fetch(&blocks, p != NULL, __ATOMIC_SEQ_CST);
    return p;
}

void *malloc(size_t bytes)
{
    return fails("malloc", "memory", __builtin_return_address(0), NULL) ? NULL : counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return fails("calloc", "memory", __builtin_return_address(0), NULL) ? NULL : counted(__libc_calloc(count, bytes));
}

void *aligned_alloc(size_t line, size_t bytes)
{
    return fails("aligned_alloc", "memory", __builtin_return_address(0), NULL) ? NULL : counted(__libc_memalign(line, bytes));
}

void *realloc(void *p, size_t bytes)
{
    if (fails("realloc", "memory", __builtin_return_address(0), NULL))
        return NULL;
    return p ? __libc_realloc(p, bytes) : counted(__libc_realloc(p, bytes));
}

void free(void *p)
{
    __atomic_sub_fetch(&blocks, p != NULL, __ATOMIC_SEQ_CST);
    __libc_free(p);
}

void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (fails("mmap", "memory", __builtin_return_address(0), NULL))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, bytes, protection, flags, fd, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    const bool no = fails("pthread_create", "thread", __builtin_return_address(0), NULL);
    return no ? errno : REAL(pthread_create)(thread, attributes, run, argument);
}

/* The same without environment, for a program that runs on: what fails from now on, and how often it was asked for. */
void fault_arm(const char *name, const char *of, long n, const char *action)
{
    call = name, object = of, at = n, what = action;
    calls = 0;
    armed = true;
}

long fault_disarm(void)
{
    armed = false;
    return calls;
}

static __attribute__((constructor)) void begin(void)
{
    Dl_info info;
    call = getenv("FAULT_CALL");
    if (dladdr((void *)getauxval(AT_ENTRY), &info))
        program = info.dli_fbase;
    if (!call)
        return;
    what = getenv("FAULT_DO");
    object = getenv("FAULT_IN");
    at = atol(getenv("FAULT_AT"));
    blocks = 0;
    armed = true;
}

static __attribute__((destructor)) void end(void)
{
    const char *log = getenv("FAULT_LOG");
    char text[64];
    armed = false;
    if (!log)
        return;
    const int length = snprintf(text, sizeof text, "%ld %ld\n", calls, blocks);
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    syscall(SYS_write, fd, text, length);
    syscall(SYS_close, fd);
}
