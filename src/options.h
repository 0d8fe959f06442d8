/* options.h - the door for options. */
#ifndef KMU_OPTIONS_H
#define KMU_OPTIONS_H

#include <stdbool.h>

#include "kmu.h"

/* Every field within its bounds; what depends on the points (k <= n) is checked with them. Error: KMU_EUSAGE. */
kmu_status kmu__options_check(const kmu_options *, kmu_error *);

#endif
