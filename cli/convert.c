/* convert.c - kmu convert and kmu info: what a file holds, in another format or in words. */
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "io/format.h"

int command_convert(struct job *job)
{
    struct table t;
    struct output *out;
    kmu_points p;
    kmu_error error = {""};
    if (!job->output) {
        snprintf(error.text, sizeof error.text, "-o is missing: where to?");
        return say(job, KMU_EUSAGE, &error);
    }
    kmu_status status = table_writable(job->output, NULL, (kmu_type)0, &error);
    if (status == KMU_OK)
        status = read_points(job, &t, &p, &error);
    if (status != KMU_OK)
        return say(job, status, &error);
    watch_all(job); /* from here on there is a temporary file */
    status = output_open(job->output, &out, &error);
    if (status == KMU_OK) {
        status = table_write(out, job->output, NULL, &t, &error);
        if (status == KMU_OK)
            status = output_commit(&out, 1, &error);
        else
            output_discard(&out, 1);
    }
    table_free(&t);
    return watch_ended(job, status) ? 128 + watch_end(job) : say(job, status, &error);
}

static void print_model(const struct job *job, const struct model *m)
{
    char J[32], name[SHOWN_PATH];
    shown_path(name, job->data);
    J[number_write(J, m->J, KMU_F64)] = 0;
    if (job->json)
        printf("{\"kmu\":\"%s\",\"kind\":\"model\",\"n\":%zu,\"d\":%zu,\"k\":%zu,\"dtype\":\"%s\",\"J\":%s,\"iterations\":%lld,"
               "\"stop\":\"%s\",\"method\":\"%s\"}\n",
               kmu_version(), m->n, m->d, m->k, kmu_type_name(m->type), isinf(m->J) ? "1e999" : J, (long long)m->iterations,
               m->stop, m->method);
    else
        printf("%s: a kmu model: %zu centroids of %zu coordinates (%s), fitted to %zu points%s%s%s\nJ = %s after %lld turns (%s)\n",
               name, m->k, m->d, kmu_type_name(m->type), m->n, strcmp(m->method, "lloyd") ? " by " : "",
               strcmp(m->method, "lloyd") ? m->method : "", m->scaling.shift ? ", standardised" : "", J, (long long)m->iterations,
               m->stop);
}

static void print_table(const struct job *job, const struct table *t)
{
    if (job->json) {
        printf("{\"kmu\":\"%s\",\"kind\":\"data\",\"n\":%zu,\"d\":%zu,\"dtype\":\"%s\"}\n", kmu_version(), t->n, t->d,
               kmu_type_name(t->type));
        return;
    }
    char name[SHOWN_PATH];
    shown_path(name, strcmp(job->data, "-") ? job->data : "standard input");
    printf("%s: %zu rows of %zu columns (%s)\n\n%6s %12s %12s %12s  name\n", name, t->n, t->d, kmu_type_name(t->type), "column",
           "least", "mean", "most");
    for (size_t l = 0; l < t->d; l++) {
        double least = INFINITY, most = -INFINITY, sum = 0;
        for (size_t j = 0; j < t->n; j++) {
            double x = table_number(t, j, l);
            least = fmin(least, x);
            most = fmax(most, x);
            sum += x;
        }
        const char *own = t->names ? t->names[l] : "";
        printf("%6zu %12.6g %12.6g %12.6g  %s\n", l + 1, least, sum / (double)t->n, most,
               shown(name, LONGEST_PATH, own, own + strlen(own)));
    }
}

int command_info(struct job *job)
{
    kmu_error error = {""};
    bool is_model;
    kmu_status status = model_is_one(job->data, &is_model, &error);
    if (status == KMU_OK && is_model) {
        struct model m;
        status = model_read(job->data, &m, &error);
        if (status == KMU_OK) {
            print_model(job, &m);
            model_free(&m);
        }
    } else if (status == KMU_OK) {
        struct table t;
        kmu_points p;
        status = read_points(job, &t, &p, &error);
        if (status == KMU_OK) {
            print_table(job, &t);
            table_free(&t);
        }
    }
    return say(job, status, &error);
}
