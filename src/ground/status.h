/* status.h - how a function below the door says no: a status, and one line of text in the caller's buffer. */
#ifndef KMU_GROUND_STATUS_H
#define KMU_GROUND_STATUS_H

#include "kmu.h"

/* Writes the text (if error is not NULL) and returns status. */
kmu_status kmu__fail(kmu_error *error, kmu_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
