/* trace.h - the record of a fit, read back. */
#ifndef KMU_CLI_TRACE_H
#define KMU_CLI_TRACE_H

#include "cli/cli.h"

struct trace {
    kmu_turn *turn; /* of all runs */
    size_t turns;
    const kmu_turn *kept; /* among them */
    size_t kept_turns;
};

/* Reads the trace of the fit that a model is of; KMU_EDATA where it is of another. */
kmu_status trace_read(const char *path, const struct model *, struct trace *, kmu_error *);
void trace_free(struct trace *);
#endif
