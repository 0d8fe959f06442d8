/* session.h - what every call opens, and closes in the end whatever happened.
 *
 * A call sets the floating-point state it needs, and restores what it found, errno too. */
#ifndef KMU_SESSION_H
#define KMU_SESSION_H

#include "descend/open.h"

struct session {
    struct kmu__float_state found;
    int found_errno;
    struct pool *pool;
    struct points points;
    struct opened work;
};

/* Checks options and points; to be closed whatever is returned. */
kmu_status kmu__session_open(struct session *, const kmu_points *, const kmu_options *, kmu_error *);
void kmu__session_close(struct session *);

/* A start needs k points. */
kmu_status kmu__session_starts(const struct session *, const kmu_options *, kmu_error *);

#endif
