/* session.c - what every call opens and closes (session.h). */
#include "session.h"

#include <errno.h>

#include "ground/status.h"
#include "options.h"
#include "points.h"

void kmu__session_close(struct session *s)
{
    kmu__close(&s->work);
    kmu__points_leave(&s->points);
    kmu__pool_close(s->pool);
    kmu__float_leave(&s->found);
    errno = s->found_errno;
}

/* About the nanoseconds of the largest job: all pairs in binary32, or a pass of seeding. */
static double largest_job(const kmu_points *p, const kmu_options *o)
{
    return p ? (double)p->n * ((double)o->k * (0.3 + 0.03 * (double)p->d) + 2 * (double)p->d + 20) : 0;
}

kmu_status kmu__session_open(struct session *s, const kmu_points *p, const kmu_options *o, kmu_error *error)
{
    *s = (struct session){.found_errno = errno};
    kmu__float_enter(&s->found);
    kmu_status status = kmu__options_check(o, error);
    if (status == KMU_OK)
        status = kmu__pool_open(&s->pool, o, largest_job(p, o), error);
    if (status == KMU_OK)
        status = kmu__points_enter(&s->points, p, s->pool, o, error);
    return status;
}

kmu_status kmu__session_starts(const struct session *s, const kmu_options *o, kmu_error *error)
{
    if (o->k > s->points.n)
        return kmu__fail(error, KMU_EDATA, "k = %zu clusters for n = %zu points", o->k, s->points.n);
    return KMU_OK;
}
