/* model.c - the model file: text that a person can read and every later kmu will (docs/model-file.md).
 *
 *   kmu-model 1
 *   key value                    one a line, in any order; unknown keys are passed over
 *   centroids
 *   mass x_1 ... x_d             k lines; numbers read back to the same bits
 *   splits                       of bisecting: its tree
 *   child x_1 ... x_d            2 (k - 1) lines
 *   crc32 xxxxxxxx               of every byte before this line
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cli/cli.h"
#include "io/format.h"

static const char magic[] = MODEL_MAGIC;
static const char *const scales[] = {"none", "z", "robust"};

/* Text on its way to a file, and its checksum. */
struct sink {
    struct output *out;
    uLong crc;
    kmu_status status;
    kmu_error *error;
};

static void put(struct sink *s, const char *text, size_t length)
{
    if (s->status != KMU_OK)
        return;
    s->crc = crc32(s->crc, (const Bytef *)text, (uInt)length);
    s->status = output_write(s->out, text, length, s->error);
}

static void put_line(struct sink *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put_line(struct sink *s, const char *format, ...)
{
    char text[256];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put(s, text, (size_t)length);
    put(s, "\n", 1);
}

static void put_number(struct sink *s, double x, kmu_type type)
{
    char text[32];
    put(s, text, number_write(text, x, type));
}

/* A key and a line of numbers. */
static void put_numbers(struct sink *s, const char *key, const double *x, size_t count)
{
    put(s, key, strlen(key));
    for (size_t i = 0; i < count; i++) {
        put(s, " ", 1);
        put_number(s, x[i], KMU_F64);
    }
    put(s, "\n", 1);
}

/* A name on a line of its own; what would end the line is left out. */
static void put_name(struct sink *s, const char *name)
{
    put(s, "name ", 5);
    for (; *name; name++)
        put(s, *name == '\n' || *name == '\r' ? " " : name, 1);
    put(s, "\n", 1);
}

/* The d coordinates of row i, with a blank before each, to the end of the line. */
static void put_row(struct sink *s, const struct model *m, const void *x, size_t i)
{
    for (size_t l = 0; l < m->d; l++) {
        put(s, " ", 1);
        put_number(s, m->type == KMU_F32 ? (double)((const float *)x)[i * m->d + l] : ((const double *)x)[i * m->d + l],
                   m->type);
    }
    put(s, "\n", 1);
}

kmu_status model_write(struct output *out, const struct model *m, kmu_error *error)
{
    struct sink s = {.out = out, .crc = crc32(0, NULL, 0), .error = error};
    put_line(&s, "%s1", magic);
    put_line(&s, "kmu %s", kmu_version());
    put_line(&s, "type %s", kmu_type_name(m->type));
    put_line(&s, "n %zu", m->n);
    put_line(&s, "d %zu", m->d);
    put_line(&s, "k %zu", m->k);
    put_numbers(&s, "J", &m->J, 1);
    put_line(&s, "iterations %lld", (long long)m->iterations);
    put_line(&s, "stop %s", m->stop);
    put_line(&s, "seed %llu", (unsigned long long)m->seed);
    if (strcmp(m->method, "lloyd") != 0)
        put_line(&s, "method %s", m->method);
    put_line(&s, "scale %s", scales[m->scaling.kind]);
    if (m->scaling.shift) {
        put_numbers(&s, "shift", m->scaling.shift, m->d);
        put_numbers(&s, "unit", m->scaling.unit, m->d);
    }
    for (size_t l = 0; m->names && l < m->d; l++)
        put_name(&s, m->names[l]);
    put_line(&s, "centroids");
    for (size_t i = 0; i < m->k; i++) {
        put_number(&s, m->mass[i], KMU_F64);
        put_row(&s, m, m->mu, i);
    }
    if (m->splits)
        put_line(&s, "splits");
    for (size_t a = 0; a < 2 * m->splits; a++) {
        put_number(&s, m->child[a], KMU_F64);
        put_row(&s, m, m->split_mu, a);
    }
    char last[32];
    int length = snprintf(last, sizeof last, "crc32 %08lx\n", s.crc);
    return s.status == KMU_OK ? output_write(out, last, (size_t)length, error) : s.status;
}

/* Reading: the whole file is text in memory, taken line by line. */
struct source {
    char *text, *at, *end;
    size_t line; /* the one taken last, from 1 */
    kmu_error *error;
    char name[SHOWN_PATH]; /* for messages */
};

static kmu_status damaged(const struct source *s, const char *why)
{
    if (!s->line)
        return table_fail(s->error, KMU_EMODEL, "%s: a damaged kmu model: %s; copy it again, or fit anew", s->name, why);
    return table_fail(s->error, KMU_EMODEL, "%s:%zu: a damaged kmu model: %s", s->name, s->line, why);
}

/* The checksum line is the last, and right; it is cut off. */
static kmu_status check(struct source *s)
{
    char *last = s->end;
    if (s->end - s->text < 16 || strlen(s->text) != (size_t)(s->end - s->text) || last[-1] != '\n')
        return damaged(s, "it is cut short");
    for (last--; last > s->text && last[-1] != '\n';)
        last--;
    char want[32];
    snprintf(want, sizeof want, "crc32 %08lx\n", crc32(crc32(0, NULL, 0), (Bytef *)s->text, (uInt)(last - s->text)));
    if (strncmp(last, "crc32 ", 6) != 0)
        return damaged(s, "it is cut short");
    if (strcmp(last, want) != 0)
        return damaged(s, "its checksum does not fit its content");
    s->end = last;
    return KMU_OK;
}

/* The next line without its end; NULL after the last. */
static char *next_line(struct source *s)
{
    s->line++;
    if (s->at >= s->end)
        return NULL;
    char *line = s->at, *end = memchr(line, '\n', (size_t)(s->end - line));
    *end = 0;
    s->at = end + 1;
    return line;
}

/* count finite numbers from line, to doubles or (for type f32) floats. */
static bool take_numbers(const char *line, size_t count, void *x, kmu_type type)
{
    const char *end = line + strlen(line);
    for (size_t i = 0; i < count; i++) {
        double v;
        while (*line == ' ')
            line++;
        const char *after = number_read(line, end, '.', &v);
        if (after == line || !isfinite(type == KMU_F32 ? (float)v : v))
            return false;
        line = after;
        if (type == KMU_F32)
            ((float *)x)[i] = (float)v;
        else
            ((double *)x)[i] = v;
    }
    return *line == 0;
}

/* One number that is not negative and may be beyond binary64: J, a mass. */
static bool take_sum(const char *line, double *x)
{
    const char *end = line + strlen(line);
    return *line && number_read(line, end, '.', x) == end && *x >= 0;
}

static bool take_count(const char *text, size_t *count)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    *count = (size_t)v;
    return *text >= '0' && *text <= '9' && !*end && !errno && v > 0 && v <= SIZE_MAX / 16;
}

/* A word: a later kmu may have others. */
static bool take_word(const char *text, char word[16])
{
    return snprintf(word, 16, "%s", text) == (int)strspn(text, "abcdefghijklmnopqrstuvwxyz_-");
}

static kmu_status read_vector(const char *text, size_t d, double **x, struct source *s)
{
    if (!d || *x)
        return damaged(s, "a scale comes before d, or twice");
    *x = malloc(d * sizeof **x);
    if (!*x)
        return out_of_memory(s->error);
    return take_numbers(text, d, *x, KMU_F64) ? KMU_OK : damaged(s, "a scale is no list of d numbers");
}

/* One "key value" line before the centroids. */
static kmu_status take_key(struct model *m, struct source *s, char *line, size_t *names)
{
    char *value = strchr(line, ' ');
    if (!value)
        return KMU_OK;
    *value++ = 0;
    const size_t room = (size_t)(s->end - s->at); /* a column and a line take some each: promises take no memory */
    bool good = true;
    if (strcmp(line, "type") == 0)
        good = (m->type = strcmp(value, "f32") == 0 ? KMU_F32 : strcmp(value, "f64") == 0 ? KMU_F64 : 0) != 0;
    else if (strcmp(line, "n") == 0)
        good = take_count(value, &m->n);
    else if (strcmp(line, "d") == 0)
        good = !m->d && take_count(value, &m->d) && m->d <= room;
    else if (strcmp(line, "k") == 0)
        good = take_count(value, &m->k) && m->k <= room;
    else if (strcmp(line, "J") == 0)
        good = take_sum(value, &m->J);
    else if (strcmp(line, "iterations") == 0)
        m->iterations = strtoll(value, NULL, 10);
    else if (strcmp(line, "stop") == 0)
        good = take_word(value, m->stop);
    else if (strcmp(line, "method") == 0)
        good = take_word(value, m->method);
    else if (strcmp(line, "seed") == 0)
        m->seed = strtoull(value, NULL, 10);
    else if (strcmp(line, "scale") == 0)
        for (m->scaling.kind = SCALE_ROBUST; m->scaling.kind > 0 && strcmp(value, scales[m->scaling.kind]) != 0;)
            m->scaling.kind--;
    else if (strcmp(line, "shift") == 0)
        return read_vector(value, m->d, &m->scaling.shift, s);
    else if (strcmp(line, "unit") == 0)
        return read_vector(value, m->d, &m->scaling.unit, s);
    else if (strcmp(line, "name") == 0 && *names >= m->d)
        good = false;
    else if (strcmp(line, "name") == 0) {
        if (!m->names && !(m->names = calloc(m->d, sizeof *m->names)))
            return out_of_memory(s->error);
        if (!(m->names[(*names)++] = strdup(value)))
            return out_of_memory(s->error);
    }
    char why[64];
    snprintf(why, sizeof why, "the value of \"%.20s\" makes no sense", line);
    return good ? KMU_OK : damaged(s, why);
}

/* Whether a child of a split is a label, or a split that comes later: whoever walks arrives. */
static bool leads_on(long child, size_t split, size_t splits)
{
    return child >= 0 ? (size_t)child <= splits : (size_t)-child > split && (size_t)-child < splits;
}

/* The tree of bisecting, behind the centroids. */
static kmu_status take_splits(struct model *m, struct source *s)
{
    const size_t rows = 2 * (m->k - 1), bytes = m->d * kmu_type_bytes(m->type);
    m->child = malloc((rows + 1) * sizeof *m->child);
    m->split_mu = malloc(rows * bytes + 1);
    if (!m->child || !m->split_mu)
        return out_of_memory(s->error);
    for (size_t a = 0; a < rows; a++) {
        char *line = next_line(s), *rest = line ? strchr(line, ' ') : NULL, *end;
        if (!rest)
            return damaged(s, "splits are missing");
        *rest++ = 0;
        errno = 0;
        const long to = strtol(line, &end, 10);
        if (end + 1 != rest || errno || !leads_on(to, a / 2, m->k - 1) ||
            !take_numbers(rest, m->d, (char *)m->split_mu + a * bytes, m->type))
            return damaged(s, "a split is no child and d numbers");
        m->child[a] = (int32_t)to;
    }
    m->splits = m->k - 1;
    return next_line(s) ? damaged(s, "there are lines behind the splits") : KMU_OK;
}

static kmu_status take_centroids(struct model *m, struct source *s, size_t names)
{
    size_t bytes = kmu_type_bytes(m->type), room = (size_t)(s->end - s->at);
    if (!m->type || !m->d || !m->k || m->d > room / m->k)
        return damaged(s, "type, d or k are missing or too large");
    if ((names && names != m->d) || !m->scaling.shift != !m->scaling.unit || (m->scaling.kind && !m->scaling.shift))
        return damaged(s, "names or scales are incomplete");
    for (size_t l = 0; m->scaling.unit && l < m->d; l++)
        if (m->scaling.unit[l] <= 0)
            return damaged(s, "a unit is not positive");
    m->mu = malloc(m->k * m->d * bytes);
    m->mass = malloc(m->k * sizeof *m->mass);
    if (!m->mu || !m->mass)
        return out_of_memory(s->error);
    for (size_t i = 0; i < m->k; i++) {
        char *line = next_line(s), *rest = line ? strchr(line, ' ') : NULL;
        if (!rest)
            return damaged(s, "centroids are missing");
        *rest++ = 0;
        if (!take_sum(line, &m->mass[i]) || !take_numbers(rest, m->d, (char *)m->mu + i * m->d * bytes, m->type))
            return damaged(s, "a centroid is no list of d numbers");
    }
    const char *line = next_line(s);
    if (line && strcmp(line, "splits") == 0)
        return take_splits(m, s);
    return line ? damaged(s, "there are lines behind the centroids") : KMU_OK;
}

kmu_status model_read(const char *path, struct model *m, kmu_error *error)
{
    struct source s = {.error = error};
    *m = (struct model){.method = "lloyd"};
    size_t length;
    kmu_status status = read_text(path, s.name, &s.text, &length, error);
    if (status != KMU_OK)
        return status;
    s.at = s.text;
    s.end = s.text + length;
    if (strncmp(s.text, magic, strlen(magic)) != 0) {
        status = table_fail(error, KMU_EMODEL, "%s: not a kmu model (kmu fit -o makes one)", s.name);
    } else if (strtol(s.text + strlen(magic), NULL, 10) > 1) {
        status = table_fail(error, KMU_EMODEL, "%s: a kmu model of a newer version (%.8s); this is kmu %s", s.name,
                            s.text + strlen(magic), kmu_version());
        error->text[strcspn(error->text, "\n")] = ' ';
    } else {
        status = check(&s);
    }
    size_t names = 0;
    char *line = NULL;
    if (status == KMU_OK && strcmp(next_line(&s) + strlen(magic), "1") != 0)
        status = damaged(&s, "its version makes no sense");
    while (status == KMU_OK && (line = next_line(&s)) && strcmp(line, "centroids") != 0)
        status = take_key(m, &s, line, &names);
    if (status == KMU_OK)
        status = line ? take_centroids(m, &s, names) : damaged(&s, "it has no centroids");
    free(s.text);
    if (status != KMU_OK)
        model_free(m);
    return status;
}

void model_free(struct model *m)
{
    for (size_t l = 0; m->names && l < m->d; l++)
        free(m->names[l]);
    free(m->names);
    free(m->mu);
    free(m->mass);
    free(m->child);
    free(m->split_mu);
    scaling_free(&m->scaling);
    *m = (struct model){.type = 0};
}
