/* pool.c - the threads of one call (pool.h).
 *
 * One job at a time: a generation number, a count of chunks and an atomic ticket. A worker sleeps until the generation
 * changes, takes tickets until they run out, and reports. Everything that is not the ticket is guarded by one mutex. */
#include "pool.h"

#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "memory.h"

#define PAYS 100e3    /* nanoseconds of work below which no thread is woken: waking takes about 50 us */
#define PATIENCE 0.01 /* seconds between two calls of poll */

struct worker {
    struct pool *pool;
    pthread_t id;
    int number; /* 1 .. */
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work_is_here, work_is_done;
    int threads; /* wanted, the caller's included */
    int started; /* workers that live */
    int busy;    /* workers that have not reported for this job */
    uint64_t generation;
    int leave; /* workers shall end */
    void (*work)(void *, size_t, int);
    void *context;
    size_t chunks;
    atomic_size_t ticket;
    atomic_int told;
    kmu_poll (*poll)(void *);
    void *poll_context;
    double asked;    /* when poll was called last */
    double deadline; /* after it, KMU_FINISH is what poll would have said; 0: none */
    int late;        /* the deadline has said so */
    struct memory memory;
    struct worker *worker;
};

void kmu__float_enter(struct kmu__float_state *found)
{
    fenv_t env;
    _Static_assert(sizeof env <= sizeof *found, "fenv_t fits");
    fegetenv(&env);
    memcpy(found, &env, sizeof env);
    fesetenv(FE_DFL_ENV);
}

void kmu__float_leave(const struct kmu__float_state *found)
{
    fenv_t env;
    memcpy(&env, found, sizeof env);
    fesetenv(&env);
}

int kmu__pool_threads(const struct pool *p)
{
    return p->threads;
}

kmu_poll kmu__told(const struct pool *p)
{
    return (kmu_poll)atomic_load_explicit(&p->told, memory_order_relaxed);
}

kmu_poll kmu__ask(struct pool *p)
{
    if (!p->poll && p->deadline <= 0)
        return KMU_GO;
    double now = kmu__now();
    if (now - p->asked < PATIENCE || kmu__told(p) == KMU_ABANDON)
        return kmu__told(p);
    kmu_poll said = p->poll ? p->poll(p->poll_context) : KMU_GO;
    if (said == KMU_GO && p->deadline > 0 && now > p->deadline && kmu__told(p) == KMU_GO) {
        said = KMU_FINISH;
        p->late = 1;
    }
    p->asked = kmu__now();
    if (said > kmu__told(p))
        atomic_store_explicit(&p->told, (int)said, memory_order_relaxed);
    return kmu__told(p);
}

int kmu__late(const struct pool *p)
{
    return p->late;
}

/* Takes tickets until none is left. */
static void take_chunks(struct pool *p, int thread)
{
    size_t chunk;
    while (kmu__told(p) != KMU_ABANDON &&
           (chunk = atomic_fetch_add_explicit(&p->ticket, 1, memory_order_relaxed)) < p->chunks) {
        p->work(p->context, chunk, thread);
        if (thread == 0)
            kmu__ask(p);
    }
}

static void *live(void *me)
{
    struct worker *w = me;
    struct pool *p = w->pool;
    struct kmu__float_state found;
    kmu__float_enter(&found);
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->generation == seen && !p->leave)
            pthread_cond_wait(&p->work_is_here, &p->lock);
        if (p->leave)
            break;
        seen = p->generation;
        pthread_mutex_unlock(&p->lock);
        take_chunks(p, w->number);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0)
            pthread_cond_signal(&p->work_is_done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Starts the workers with every signal blocked, so that handlers run on the caller's threads only. A thread that
 * cannot be had is done without. */
static void start_workers(struct pool *p)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (p->started < p->threads - 1) {
        struct worker *w = &p->worker[p->started];
        *w = (struct worker){.pool = p, .number = p->started + 1};
        if (pthread_create(&w->id, NULL, live, w) != 0)
            break;
        p->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    p->threads = p->started + 1;
}

/* Waits for the workers of this job, asking poll in between. */
static void wait_for_workers(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->busy > 0) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)(PATIENCE * 1e9);
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (pthread_cond_timedwait(&p->work_is_done, &p->lock, &until) == ETIMEDOUT) {
            pthread_mutex_unlock(&p->lock);
            kmu__ask(p);
            pthread_mutex_lock(&p->lock);
        }
    }
    pthread_mutex_unlock(&p->lock);
}

void kmu__parallel(struct pool *p, size_t chunks, double cost, void (*work)(void *, size_t, int), void *context)
{
    int many = p->threads > 1 && chunks > 1 && cost > PAYS;
    if (many && !p->started)
        start_workers(p);
    many = many && p->started;
    pthread_mutex_lock(&p->lock);
    p->work = work;
    p->context = context;
    p->chunks = chunks;
    atomic_store(&p->ticket, 0);
    if (many) {
        p->busy = p->started;
        p->generation++;
        pthread_cond_broadcast(&p->work_is_here);
    }
    pthread_mutex_unlock(&p->lock);
    take_chunks(p, 0);
    if (many)
        wait_for_workers(p);
}

kmu_status kmu__pool_open(struct pool **pool, const kmu_options *o, double work, kmu_error *error)
{
    int threads = o->threads > 0 ? (int)o->threads : work > PAYS ? kmu_cpus() : 1;
    struct memory memory = kmu__memory(o);
    struct pool *p;
    struct worker *worker;
    kmu__wish(&memory, &p, 1, sizeof *p);
    kmu__wish(&memory, &worker, (size_t)threads, sizeof *worker);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work_is_here, NULL);
    pthread_cond_init(&p->work_is_done, &clock);
    pthread_condattr_destroy(&clock);
    p->threads = threads;
    p->worker = worker;
    p->poll = o->poll;
    p->poll_context = o->context;
    p->asked = kmu__now();
    p->deadline = o->max_seconds > 0 ? p->asked + o->max_seconds : 0;
    p->memory = memory;
    *pool = p;
    return KMU_OK;
}

void kmu__pool_close(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->leave = 1;
    pthread_cond_broadcast(&p->work_is_here);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->started; i++)
        pthread_join(p->worker[i].id, NULL);
    pthread_cond_destroy(&p->work_is_done);
    pthread_cond_destroy(&p->work_is_here);
    pthread_mutex_destroy(&p->lock);
    struct memory memory = p->memory;
    kmu__give_back(&memory);
}
