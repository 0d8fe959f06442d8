/* main.c - from the command line to a command, and from its status to an exit code. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "io/format.h"

static const struct {
    const char *name;
    int (*run)(struct job *);
} commands[] = {
    {"fit", command_fit},   {"predict", command_predict}, {"verify", command_verify}, {"convert", command_convert},
    {"info", command_info}, {"plot", command_plot},       {"report", command_report}, {"bench", command_bench},
    {"select", command_select},
};

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

kmu_status out_of_memory(kmu_error *error)
{
    if (error)
        snprintf(error->text, sizeof error->text, "out of memory");
    return KMU_EMEMORY;
}

enum { LONGEST_TEXT = 1024 };
static volatile sig_atomic_t pipe_broke;

static void on_broken_pipe(int number)
{
    (void)number;
    pipe_broke = 1;
}

/* A write that fails does not end the process, so that outputs are tidied up. Whoever reads a pipe may stop early (head -1):
 * nothing is said then; a process that was started with SIGPIPE ignored says it as any other error. */
static void outlive_writes(void)
{
    struct sigaction action;
    signal(SIGXFSZ, SIG_IGN); /* a file beyond ulimit -f */
    if (sigaction(SIGPIPE, NULL, &action) || action.sa_handler != SIG_DFL)
        return;
    action.sa_handler = on_broken_pipe;
    sigaction(SIGPIPE, &action, NULL);
}

/* A file that is opened must not become standard output because that was closed: using what was closed fails. */
static void hold_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return;
}

/* Text for a terminal: what could steer it is shown, not sent. */
static void print_safely(FILE *f, const char *text)
{
    char safe[4 * LONGEST_TEXT + 4];
    fputs(shown(safe, LONGEST_TEXT, text, text + strlen(text)), f);
}

int say(const struct job *job, kmu_status status, const kmu_error *error)
{
    (void)job;
    if (status == KMU_OK)
        return 0;
    if (status == KMU_EIO && pipe_broke)
        return (int)status;
    fputs("kmu: ", stderr);
    print_safely(stderr, error->text);
    if (status == KMU_EBUG)
        fputs(" (this is a bug in kmu; please report it)", stderr);
    fputc('\n', stderr);
    return (int)status;
}

void note(const struct job *job, const char *format, ...)
{
    char text[LONGEST_TEXT];
    va_list list;
    if (job->quiet)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fputs("kmu: ", stderr);
    print_safely(stderr, text);
    fputc('\n', stderr);
}

/* What was printed has arrived, or the exit code says that it has not. */
static int flush(const struct job *job, int code)
{
    kmu_error error;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    snprintf(error.text, sizeof error.text, "standard output: cannot write: %s", strerror(errno));
    return say(job, KMU_EIO, &error);
}

static int run(int argc, char **argv)
{
    struct job job;
    kmu_error error = {""};
    bool done = false;
    kmu_status status = parse_command_line(&job, argc, argv, &done, &error);
    if (status != KMU_OK || done)
        return flush(&job, say(&job, status, &error));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, job.command) == 0)
            return flush(&job, commands[i].run(&job));
    snprintf(error.text, sizeof error.text, "there is no command \"%s\"; see kmu --help", job.command);
    return say(&job, KMU_EUSAGE, &error);
}

int main(int argc, char **argv)
{
    hold_standard_files();
    outlive_writes();
    const int code = run(argc, argv);
    if (code == KMU_EIO && pipe_broke) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    return code;
}
