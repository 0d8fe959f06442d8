/* facts.c - what a page says was asked, whatever the command. */
#include <stdarg.h>
#include <string.h>

#include "cli/applied.h"
#include "cli/facts.h"
#include "io/format.h"
#include "report/sheet.h"

kmu_status report_writable(const char *path, kmu_error *error)
{
    const size_t length = strlen(path);
    if (strcmp(path, "-") == 0 || (length > 5 && strcasecmp(path + length - 5, ".html") == 0))
        return KMU_OK;
    return table_fail(error, KMU_EUSAGE, "%s: a report is .html", path);
}

void add_fact(struct facts *f, const char *name, const char *format, ...)
{
    const size_t i = f->count++;
    va_list list;
    va_start(list, format);
    f->fact[i].name = name;
    vsnprintf(f->fact[i].value, sizeof f->fact[i].value, format, list);
    va_end(list);
}

void add_data(struct facts *f, const struct job *job, const struct table *t, const kmu_points *p)
{
    static const char *const scales[] = {"none", "mean and deviation (z)", "median and quartiles (robust)"};
    char n[COUNT_BYTES], coordinates[COUNT_BYTES + 32];
    add_fact(f, "data", "%s", title_of(job->data));
    add_fact(f, "points", "%s of %s, %s", count_text(n, (int64_t)p->n), count_things(coordinates, p->d, "coordinate"),
             kmu_type_name(p->type));
    if (job->weights)
        add_fact(f, "weights", "%s", title_of(job->weights));
    if (job->scale != SCALE_NONE)
        add_fact(f, "scale", "%s", scales[job->scale]);
    if (t->left_out_count)
        add_fact(f, "left out", "%zu column%s without numbers, \"%s\"%s", t->left_out_count, t->left_out_count == 1 ? "" : "s",
                 t->left_out[0], t->left_out_count == 1 ? "" : ", ..");
}

void add_start(struct facts *f, const struct job *job)
{
    static const char *const inits[] = {"kmeans++", "random", "first", "given", "kmeans||"};
    add_fact(f, "start", "%s", job->init_file ? title_of(job->init_file) : inits[job->o.init]);
}
