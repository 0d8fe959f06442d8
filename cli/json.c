/* json.c - the result as one JSON object on one line (RFC 8259). Numbers read back to the same bits; a J beyond binary64 is
 * 1e999, which readers take for infinity. */
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/cli.h"
#include "io/format.h"

/* Where the text goes, and the first error. */
struct writer {
    struct output *out;
    kmu_status status;
    kmu_error *error;
};

static void put(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writer *w, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (w->status == KMU_OK)
        w->status = output_write(w->out, text, (size_t)length, w->error);
}

static void put_number(struct writer *w, double x)
{
    char text[32];
    text[number_write(text, x, KMU_F64)] = 0;
    put(w, "%s", isinf(x) ? "1e999" : text);
}

/* Passes over the character at s, more than one byte of UTF-8; a byte that is none is shown, for JSON is UTF-8. */
static const char *put_wide(struct writer *w, const char *s)
{
    const unsigned char first = (unsigned char)*s;
    const size_t bytes = strnlen(s, first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2);
    char text[24];
    shown(text, bytes, s, s + bytes);
    put(w, "%s%s", *text == '\\' ? "\\" : "", *text == '\\' ? shown(text, 1, s, s + 1) : text);
    return *text == '\\' ? s : s + bytes - 1;
}

static void put_text(struct writer *w, const char *s)
{
    put(w, "\"");
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            put(w, "\\%c", *s);
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            put(w, "\\u%04x", (unsigned char)*s);
        else if ((unsigned char)*s < 0x80)
            put(w, "%c", *s);
        else
            s = put_wide(w, s);
    put(w, "\"");
}

static void put_turn(struct writer *w, const kmu_turn *t)
{
    put(w, "{\"run\":%d,\"turn\":%lld,\"method\":\"%s\",\"J_assign\":", (int)t->run, (long long)t->turn,
        kmu_algorithm_name((kmu_algorithm)t->method));
    put_number(w, t->J_assign);
    put(w, ",\"J_update\":");
    put_number(w, t->J_update);
    put(w, ",\"moved\":%lld,\"shift\":", (long long)t->moved);
    put_number(w, t->shift);
    put(w, ",\"pairs\":%lld,\"skipped\":%lld,\"certified\":%lld,\"exact\":%lld,\"seconds\":%.6f}", (long long)t->pairs,
        (long long)t->skipped, (long long)t->certified, (long long)t->exact, t->seconds);
}

static void put_turns(struct writer *w, const kmu_result *r)
{
    put(w, "[");
    for (size_t i = 0; i < r->turns; i++) {
        put(w, "%s", i ? "," : "");
        put_turn(w, &r->trace[i]);
    }
    put(w, "]");
}

kmu_status write_json(struct output *out, const struct job *job, const struct table *t, const kmu_result *r, double read,
                      double write, kmu_error *error)
{
    struct writer w = {.out = out, .error = error};
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    put(&w, "{\"kmu\":\"%s\",\"n\":%zu,\"d\":%zu,\"k\":%zu,\"dtype\":\"%s\",\"J\":", kmu_version(), r->n, r->d, r->k,
        kmu_type_name(r->type));
    put_number(&w, r->J);
    put(&w, ",\"iterations\":%lld,\"stop\":\"%s\",\"distinct\":%zu,\"sizes\":[", (long long)r->iterations,
        kmu_stop_name(r->stop), r->distinct);
    for (size_t i = 0; i < r->k; i++)
        put(&w, "%s%lld", i ? "," : "", (long long)r->count[i]);
    put(&w, "],\"masses\":[");
    for (size_t i = 0; i < r->k; i++) {
        put(&w, "%s", i ? "," : "");
        put_number(&w, r->mass[i]);
    }
    put(&w, "],\"left_out\":[");
    for (size_t i = 0; i < t->left_out_count; i++) {
        put(&w, "%s", i ? "," : "");
        put_text(&w, t->left_out[i]);
    }
    put(&w, "],\"seed\":%llu,\"threads\":%lld,\"isa\":\"%s\",\"algorithm\":\"%s\",\"method\":\"%s\",\"peak_bytes\":%lld,",
        (unsigned long long)job->o.seed, (long long)r->threads, kmu_isa_name(r->isa), kmu_algorithm_name(job->o.algorithm),
        kmu_method_name(job->o.method), (long long)use.ru_maxrss * 1024);
    put(&w, "\"seconds\":{\"read\":%.6f,\"seed\":%.6f,\"fit\":%.6f,\"write\":%.6f},\"trace\":", read, r->seconds_seed,
        r->seconds_fit, write);
    put_turns(&w, r);
    put(&w, "}\n");
    return w.status;
}

/* What follows the last point of the file's name, .gz and .zst set aside; "" if nothing does. */
static void find_suffix(const char *path, char suffix[8])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    length -= length > 3 && strcmp(name + length - 3, ".gz") == 0 ? 3 : 0;
    length -= length > 4 && strcmp(name + length - 4, ".zst") == 0 ? 4 : 0;
    const char *point = memrchr(name, '.', length);
    snprintf(suffix, 8, "%.*s", point ? (int)(name + length - point - 1) : 0, point ? point + 1 : "");
}

kmu_status trace_writable(const char *path, kmu_error *error)
{
    char suffix[8];
    find_suffix(path, suffix);
    if (!*suffix || !strcmp(suffix, "csv") || !strcmp(suffix, "json"))
        return KMU_OK;
    return table_fail(error, KMU_EUSAGE, "--trace %s: a trace is .csv or .json", path);
}

kmu_status write_trace(struct output *out, const char *path, const kmu_result *r, kmu_error *error)
{
    struct writer w = {.out = out, .error = error};
    char suffix[8];
    find_suffix(path, suffix);
    if (strcmp(suffix, "json") == 0) {
        put_turns(&w, r);
        put(&w, "\n");
        return w.status;
    }
    put(&w, "run,turn,method,J_assign,J_update,moved,shift,pairs,skipped,certified,exact,seconds\n");
    for (size_t i = 0; i < r->turns; i++) {
        const kmu_turn *t = &r->trace[i];
        put(&w, "%d,%lld,%s,", (int)t->run, (long long)t->turn, kmu_algorithm_name((kmu_algorithm)t->method));
        put_number(&w, t->J_assign);
        put(&w, ",");
        put_number(&w, t->J_update);
        put(&w, ",%lld,", (long long)t->moved);
        put_number(&w, t->shift);
        put(&w, ",%lld,%lld,%lld,%lld,%.6f\n", (long long)t->pairs, (long long)t->skipped, (long long)t->certified,
            (long long)t->exact, t->seconds);
    }
    return w.status;
}
