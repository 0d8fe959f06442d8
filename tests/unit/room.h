/* room.h - points taken in by the door, for the tests of the rooms behind it. */
#ifndef KMU_TESTS_ROOM_H
#define KMU_TESTS_ROOM_H

#include "draw.h"
#include "points.h"

/* Points as the door leaves them, on a pool of `threads`. */
struct room {
    kmu_options options;
    kmu_points given;
    struct pool *pool;
    struct points points;
    kmu_error error;
};

static inline kmu_status enter(struct room *r, const void *x, kmu_type type, size_t n, size_t d, ptrdiff_t row, const double *w,
                               int threads)
{
    *r = (struct room){.given = {.size = sizeof r->given, .type = type, .n = n, .d = d, .x = x, .row = row, .w = w}};
    kmu_options_init(&r->options, sizeof r->options);
    r->options.threads = threads;
    assert_int_equal(kmu__pool_open(&r->pool, &r->options, 1e9, NULL), KMU_OK);
    return kmu__points_enter(&r->points, &r->given, r->pool, &r->options, &r->error);
}

static inline void leave(struct room *r)
{
    kmu__points_leave(&r->points);
    kmu__pool_close(r->pool);
}

/* x as numbers of `type`, in place. */
static inline void narrow(double *x, size_t count, kmu_type type)
{
    for (size_t a = 0; type == KMU_F32 && a < count; a++) {
        float v = (float)x[a];
        memcpy((char *)x + a * sizeof v, &v, sizeof v);
    }
}

#endif
