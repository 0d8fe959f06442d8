/* test_pool.c - the threads of one call: every chunk once, poll in time, nothing left behind.
 *
 * Nothing left behind: no thread (a fit in a forked child ends), no blocked signal, no floating-point state; and no state
 * of the caller's gets in: a fit under round-up and flush-to-zero gives the same bits. */
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "draw.h"
#include "ground/clock.h"
#include "ground/pool.h"

#if defined __SSE2__
#include <xmmintrin.h>
#define float_state() _mm_getcsr()
#define set_float_state(v) _mm_setcsr(v)
enum { FLUSH = 0x8040, USUAL = 0x1f80 }; /* FTZ and DAZ; all exceptions masked */
#else
#define float_state() ((unsigned)fegetround())
#define set_float_state(v) ((void)(v))
enum { FLUSH = 0, USUAL = 0 };
#endif

enum { CHUNKS = 3000, MUCH = 1000000000 /* nanoseconds: threads pay */ };

/* What the chunks of a job do and leave. */
struct job {
    atomic_int times[CHUNKS], wrong, calls, finished;
    int threads;
    useconds_t nap, nap_of_0;
    bool meet; /* the caller's chunk ends when another thread is in its own */
    pthread_t caller;
    kmu_poll answer;
    void (*check)(struct job *, int thread);
};

static struct job job;

static kmu_poll answer(void *context)
{
    struct job *t = context;
    t->wrong += !pthread_equal(pthread_self(), t->caller);
    t->calls++;
    return t->answer;
}

static void work(void *context, size_t chunk, int thread)
{
    struct job *t = context;
    t->times[chunk]++;
    t->wrong += thread < 0 || thread >= t->threads || (thread == 0) != pthread_equal(pthread_self(), t->caller);
    for (int i = 0; t->meet && thread == 0 && i < 2000 && t->times[0] + t->times[1] < 2; i++)
        usleep(1000);
    if (t->nap || t->nap_of_0)
        usleep(thread ? t->nap : t->nap_of_0);
    if (t->check)
        t->check(t, thread);
    t->finished++;
}

static struct pool *open_pool(int threads, double seconds)
{
    kmu_options o;
    struct pool *pool;
    kmu_options_init(&o, sizeof o);
    o.threads = threads;
    o.poll = answer;
    o.context = &job;
    o.max_seconds = seconds;
    memset(&job, 0, sizeof job);
    job.threads = threads;
    job.caller = pthread_self();
    assert_int_equal(kmu__pool_open(&pool, &o, 1e9, NULL), KMU_OK);
    assert_int_equal(kmu__pool_threads(pool), threads);
    return pool;
}

static void every_chunk_is_done_once(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 16, 61};
    static const size_t chunks[] = {0, 1, 2, 61, CHUNKS};
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++) {
            struct pool *pool = open_pool(threads[a], 0);
            for (int round = 1; round <= 20; round++) {
                kmu__parallel(pool, chunks[b], round % 2 ? MUCH : 1, work, &job);
                assert_int_equal(job.finished, round * (int)chunks[b]);
                for (size_t i = 0; i < CHUNKS; i++)
                    if (job.times[i] != (i < chunks[b] ? round : 0))
                        fail_msg("%d threads, round %d: chunk %zu of %zu was done %d times", threads[a], round, i, chunks[b],
                                 job.times[i]);
            }
            assert_int_equal(job.wrong, 0);
            kmu__pool_close(pool);
        }
}

/* ---- poll ------------------------------------------------------------------------------------------------------------- */

/* Millisecond chunks, and then a caller that waits for another thread's long chunk. */
static void poll_is_asked_in_time_and_by_the_caller(void **state)
{
    (void)state;
    for (int waits = 0; waits < 2; waits++) {
        struct pool *pool = open_pool(2, 0);
        job.nap = waits ? 400000 : 1000;
        job.nap_of_0 = 1000;
        job.meet = waits;
        double begin = kmu__now();
        kmu__parallel(pool, waits ? 2 : 600, MUCH, work, &job);
        double seconds = kmu__now() - begin;
        assert_int_equal(job.wrong, 0);
        assert_int_equal(job.finished, waits ? 2 : 600);
        if (seconds < 0.3 || job.calls < seconds / 0.1)
            fail_msg("%d calls of poll in %g s", job.calls, seconds);
        kmu__pool_close(pool);
    }
}

static void abandon_skips_the_rest_and_finish_does_not(void **state)
{
    (void)state;
    for (int said = KMU_GO; said <= KMU_ABANDON; said++)
        for (int threads = 1; threads <= 3; threads++) {
            struct pool *pool = open_pool(threads, 0);
            job.nap = job.nap_of_0 = 500;
            job.answer = (kmu_poll)said;
            kmu__parallel(pool, 200, MUCH, work, &job);
            int done = job.finished;
            assert_int_equal(kmu__told(pool), said);
            assert_int_equal(kmu__late(pool), 0);
            if (said == KMU_ABANDON ? done >= 200 : done != 200)
                fail_msg("poll says %d, and %d chunks of 200 are done by %d threads", said, done, threads);
            job.answer = KMU_GO; /* what was said stays said */
            job.nap_of_0 = 1000;
            kmu__parallel(pool, 30, 1, work, &job);
            assert_true(kmu__told(pool) == (kmu_poll)said && (said != KMU_ABANDON || job.finished == done));
            kmu__pool_close(pool);
        }
}

static void a_deadline_says_finish(void **state)
{
    (void)state;
    struct pool *pool = open_pool(2, 0.03);
    job.nap = job.nap_of_0 = 1000;
    kmu__parallel(pool, 100, MUCH, work, &job);
    assert_int_equal(job.finished, 100);
    assert_int_equal(kmu__told(pool), KMU_FINISH);
    assert_true(kmu__late(pool));
    kmu__pool_close(pool);
}

/* ---- what is found and left ------------------------------------------------------------------------------------------- */

static void check_signals(struct job *t, int thread)
{
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    t->wrong += sigismember(&mask, SIGUSR1) != 1; /* the caller blocks it too */
    t->wrong += sigismember(&mask, SIGINT) != (thread > 0);
}

static void signals_are_the_callers(void **state)
{
    (void)state;
    sigset_t mine, before, after;
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &mine, &before);
    struct pool *pool = open_pool(4, 0);
    job.check = check_signals;
    job.nap = job.nap_of_0 = 100;
    kmu__parallel(pool, 100, MUCH, work, &job);
    kmu__pool_close(pool);
    pthread_sigmask(SIG_SETMASK, &before, &after);
    assert_int_equal(job.wrong, 0);
    assert_true(sigismember(&after, SIGUSR1) == 1 && sigismember(&after, SIGINT) == 0);
}

static void check_float_state(struct job *t, int thread)
{
    if (thread)
        t->wrong += fegetround() != FE_TONEAREST || (float_state() & FLUSH);
}

static void workers_round_to_nearest_and_keep_subnormals(void **state)
{
    (void)state;
    struct kmu__float_state found;
    fesetround(FE_UPWARD);
    set_float_state(float_state() | FLUSH);
    unsigned before = float_state();
    struct pool *pool = open_pool(3, 0);
    job.check = check_float_state;
    job.nap = job.nap_of_0 = 100;
    kmu__parallel(pool, 200, MUCH, work, &job);
    kmu__pool_close(pool);
    kmu__float_enter(&found);
    bool usual = fegetround() == FE_TONEAREST && !(float_state() & FLUSH);
    kmu__float_leave(&found);
    unsigned after = float_state();
    set_float_state(USUAL);
    fesetround(FE_TONEAREST);
    assert_int_equal(job.wrong, 0);
    assert_true(usual);
    assert_int_equal(after, before);
}

/* ---- whole fits ------------------------------------------------------------------------------------------------------- */

enum { N = 4000, D = 6, CLUSTERS = 8 };

/* A fit by three threads; kmu_fit is called, and must return, under this rounding, with or without flushing to zero. */
static kmu_result *fit(kmu_type type, int rounding, unsigned flush)
{
    static double x[N * D];
    static float single[N * D];
    kmu_options o;
    kmu_result *r = NULL;
    kmu_points p = {.size = sizeof p, .type = type, .n = N, .d = D, .x = type == KMU_F32 ? (void *)single : (void *)x};
    begin(1);
    for (size_t a = 0; a < N * D; a++) {
        x[a] = normal() * (a % D ? 1 : 0x1p-1060); /* a column of subnormals */
        single[a] = (float)(normal() * (a % D ? 1 : 0x1p-135));
    }
    kmu_options_init(&o, sizeof o);
    o.k = CLUSTERS;
    o.threads = 3;
    o.max_iter = 12;
    fesetround(rounding);
    set_float_state(float_state() | flush);
    unsigned before = float_state();
    kmu_status status = kmu_fit(&p, &o, &r, NULL), refused = kmu_fit(NULL, NULL, NULL, NULL);
    unsigned after = float_state();
    set_float_state(USUAL);
    fesetround(FE_TONEAREST);
    assert_int_equal(status, KMU_OK);
    assert_int_equal(refused, KMU_EUSAGE);
    assert_int_equal(after, before);
    return r;
}

static bool same(const kmu_result *a, const kmu_result *b)
{
    return a->J == b->J && a->iterations == b->iterations && memcmp(a->c, b->c, N * sizeof *a->c) == 0 &&
           memcmp(a->mu, b->mu, CLUSTERS * D * kmu_type_bytes(a->type)) == 0;
}

static void a_fit_neither_sees_nor_changes_the_callers_float_state(void **state)
{
    (void)state;
    static const int rounding[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (kmu_type type = KMU_F32; type <= KMU_F64; type++) {
        kmu_result *right = fit(type, FE_TONEAREST, 0);
        for (int i = 0; i < 4; i++) {
            kmu_result *r = fit(type, rounding[i], FLUSH);
            if (!same(r, right))
                fail_msg("%s, rounding %d: J = %a, not %a", kmu_type_name(type), i, r->J, right->J);
            kmu_result_free(r);
        }
        kmu_result_free(right);
    }
}

static void a_fit_in_a_forked_child_ends(void **state)
{
    (void)state;
    kmu_result *right = fit(KMU_F32, FE_TONEAREST, 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60);
        _exit(same(fit(KMU_F32, FE_TONEAREST, 0), right) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        fail_msg("the child's fit %s", WIFEXITED(status) ? "is another" : "did not end");
    kmu_result_free(right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_is_done_once),
        cmocka_unit_test(poll_is_asked_in_time_and_by_the_caller),
        cmocka_unit_test(abandon_skips_the_rest_and_finish_does_not),
        cmocka_unit_test(a_deadline_says_finish),
        cmocka_unit_test(signals_are_the_callers),
        cmocka_unit_test(workers_round_to_nearest_and_keep_subnormals),
        cmocka_unit_test(a_fit_neither_sees_nor_changes_the_callers_float_state),
        cmocka_unit_test(a_fit_in_a_forked_child_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
