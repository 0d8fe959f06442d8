/* facts.h - what a page says was asked. */
#ifndef KMU_CLI_FACTS_H
#define KMU_CLI_FACTS_H

#include "cli/cli.h"
#include "report/page.h"

void add_fact(struct facts *, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The data, as every command reads them. */
void add_data(struct facts *, const struct job *, const struct table *, const kmu_points *);
void add_start(struct facts *, const struct job *);
#endif
