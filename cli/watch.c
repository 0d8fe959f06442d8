/* watch.c - while a fit runs: signals become a wish to finish, turns become progress.
 *
 * The first SIGINT, SIGTERM or SIGHUP asks the library to finish with the best so far; a second one stops at once, and so
 * does the first where a part of the result is of no use. A bar is drawn only on a terminal, and only after a second. */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t signals, first_signal, stop;

static struct {
    const struct job *job;
    double begin, drawn;
    bool bar, abandon;
} watch;

static void on_signal(int number)
{
    if (!signals)
        first_signal = number;
    signals = signals + 1;
    stop = signals > 1 || watch.abandon;
    if (signals > 2) { /* somebody insists */
        output_clean();
        signal(number, SIG_DFL);
        raise(number);
    }
}

static kmu_poll on_poll(void *context)
{
    (void)context;
    return stop ? KMU_ABANDON : signals ? KMU_FINISH : KMU_GO;
}

static void on_turn(const kmu_turn *t, void *context)
{
    (void)context;
    const struct job *job = watch.job;
    double now = seconds_now();
    char J[32];
    J[number_write(J, t->J_update, KMU_F64)] = 0;
    if (job->progress == PROGRESS_JSON)
        fprintf(stderr, "{\"run\":%d,\"turn\":%lld,\"J\":%s,\"moved\":%lld}\n", (int)t->run, (long long)t->turn,
                isinf(t->J_update) ? "1e999" : J, (long long)t->moved);
    if (job->watch)
        curve_turn(t);
    if (job->verbose)
        fprintf(stderr,
                "kmu: run %d turn %lld by %s: J %s, %lld moved, %lld pairs, %lld skipped, %lld certified, %lld exact, %.4f s\n",
                (int)t->run, (long long)t->turn, kmu_algorithm_name((kmu_algorithm)t->method), J, (long long)t->moved,
                (long long)t->pairs, (long long)t->skipped, (long long)t->certified, (long long)t->exact, t->seconds);
    else if (watch.bar && now - watch.begin > 1 && now - watch.drawn > 0.1) {
        fprintf(stderr, "\rkmu: run %d turn %lld  J %s  %lld moved   ", (int)t->run + 1, (long long)t->turn, J,
                (long long)t->moved);
        watch.drawn = now;
    }
}

static void listen(struct job *job)
{
    const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal}, found;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) /* what is ignored stays so: nohup */
        if (sigaction(numbers[i], NULL, &found) == 0 && found.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    job->o.poll = on_poll;
    output_heed(&stop);
}

void watch_all(struct job *job)
{
    watch.abandon = true;
    listen(job);
}

void watch_begin(struct job *job)
{
    watch.job = job;
    watch.begin = seconds_now();
    watch.drawn = 0;
    watch.bar = !job->quiet && !job->watch && (job->progress == PROGRESS_BAR || (job->progress == PROGRESS_AUTO && isatty(2)));
    listen(job);
    job->o.on_turn = on_turn;
    if (job->watch)
        curve_begin();
}

int watch_end(const struct job *job)
{
    if (job->watch)
        curve_end();
    if (watch.drawn > 0)
        fputs("\r\033[K", stderr);
    return (int)first_signal;
}

bool watch_ended(const struct job *job, kmu_status status)
{
    return status == KMU_EABANDONED || (status == KMU_EIO && watch_end(job));
}
