/* pool.h - the threads of one call.
 *
 * kmu__parallel(pool, chunks, cost, work, context) calls work(context, chunk, thread) once for every chunk, in any
 * order, on up to `threads` threads, the caller's own among them (as thread 0), and returns when all are done. Results
 * must not depend on which thread took which chunk. Threads are started by the first call whose cost (in rough
 * nanoseconds of one thread) pays for waking them, and end with the pool, so a process that forks between calls
 * carries none into the child.
 *
 * The caller's thread calls poll between its chunks and while it waits, at least every 50 ms as long as a chunk is
 * shorter than that: rooms cut their work into chunks of a few milliseconds. */
#ifndef KMU_GROUND_POOL_H
#define KMU_GROUND_POOL_H

#include "kmu.h"

struct pool;

/* A pool of at most o->threads threads, none of them started yet. 0: kmu_cpus(), which asks the system and takes 60 us; 1 where
 * `work`, the most that a job can cost, pays for no second one. */
kmu_status kmu__pool_open(struct pool **, const kmu_options *o, double work, kmu_error *);
void kmu__pool_close(struct pool *);

int kmu__pool_threads(const struct pool *);

/* What poll has said so far, the most severe; after KMU_ABANDON work is skipped. */
kmu_poll kmu__told(const struct pool *);

/* Whether KMU_FINISH came from max_seconds rather than from poll. */
int kmu__late(const struct pool *);

/* Asks poll if the last time is long ago; the caller's thread only. */
kmu_poll kmu__ask(struct pool *);

void kmu__parallel(struct pool *, size_t chunks, double cost, void (*work)(void *context, size_t chunk, int thread),
                   void *context);

/* Sets round to nearest, no flush to zero, in this thread; returns what was found through *found (bytes opaque). */
struct kmu__float_state {
    unsigned char bytes[64];
};
void kmu__float_enter(struct kmu__float_state *found);
void kmu__float_leave(const struct kmu__float_state *found);

#endif
