/* trace.c - reads what kmu fit --trace wrote, .csv or .json, and finds the turns of the run that a model was kept from.
 *
 * Columns and keys may stand in any order, and others beside them. The run kept has as many turns as the model, ends at no less
 * than its J, and is of such runs the one that ends lowest, the earliest on a tie; where the model stopped at a fixpoint it
 * ends at J itself, to the bit (T6). */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/trace.h"
#include "io/format.h"

enum kind { RUN, COUNT, REAL, NAME };

static const struct field {
    const char *name;
    size_t at;
    enum kind kind;
} fields[] = {{"run", offsetof(kmu_turn, run), RUN},
              {"turn", offsetof(kmu_turn, turn), COUNT},
              {"J_assign", offsetof(kmu_turn, J_assign), REAL},
              {"J_update", offsetof(kmu_turn, J_update), REAL},
              {"moved", offsetof(kmu_turn, moved), COUNT},
              {"method", offsetof(kmu_turn, method), NAME},
              {"shift", offsetof(kmu_turn, shift), REAL},
              {"pairs", offsetof(kmu_turn, pairs), COUNT},
              {"skipped", offsetof(kmu_turn, skipped), COUNT},
              {"certified", offsetof(kmu_turn, certified), COUNT},
              {"exact", offsetof(kmu_turn, exact), COUNT},
              {"seconds", offsetof(kmu_turn, seconds), REAL}};
enum { FIELDS = sizeof fields / sizeof *fields, NEEDED = 5, MOST_COLUMNS = 64 }; /* the first five have to be there */

/* A text on its way to records. */
struct reading {
    char *text, *at;
    struct trace *trace;
    size_t room;
    unsigned seen; /* bit i: field i, of the record that is read */
    char name[SHOWN_PATH];
    kmu_error *error;
};

static kmu_status refuse(const struct reading *r, const char *why)
{
    return table_fail(r->error, KMU_EDATA, "%s: record %zu: %s", r->name, r->trace->turns, why);
}

static int field_of(const char *name)
{
    for (int i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return i;
    return -1;
}

static kmu_status begin_record(struct reading *r)
{
    struct trace *t = r->trace;
    if (t->turns == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        kmu_turn *more = realloc(t->turn, r->room * sizeof *more);
        if (!more)
            return out_of_memory(r->error);
        t->turn = more;
    }
    t->turn[t->turns++] = (kmu_turn){.run = 0};
    r->seen = 0;
    return KMU_OK;
}

static kmu_status end_record(const struct reading *r)
{
    const kmu_turn *t = &r->trace->turn[r->trace->turns - 1];
    for (int i = 0; i < NEEDED; i++)
        if (!(r->seen >> i & 1)) {
            char why[64];
            snprintf(why, sizeof why, "%s is missing; kmu fit --trace writes it", fields[i].name);
            return refuse(r, why);
        }
    if (t->turn < 1 || t->run < 0 || t->moved < 0 || t->pairs < 0 || t->skipped < 0 || t->certified < 0 || t->exact < 0)
        return refuse(r, "its counts make no sense");
    if (!(t->shift >= 0 && t->seconds >= 0 && isfinite(t->seconds)))
        return refuse(r, "its shift or its seconds make no sense");
    return t->J_assign >= 0 && t->J_update >= 0 ? KMU_OK : refuse(r, "its J make no sense");
}

/* Field i of the record := the text. */
static kmu_status set(struct reading *r, int i, const char *text)
{
    char *const at = (char *)&r->trace->turn[r->trace->turns - 1] + fields[i].at;
    char why[128], word[64];
    bool good = false;
    r->seen |= 1u << i;
    if (fields[i].kind == REAL) {
        double x = 0;
        const char *rest = number_read(text, text + strlen(text), '.', &x);
        memcpy(at, &x, sizeof x);
        good = rest != text && !*rest && !isnan(x);
    } else if (fields[i].kind == NAME) {
        int32_t method = 0;
        while (kmu_algorithm_name((kmu_algorithm)method) && strcmp(kmu_algorithm_name((kmu_algorithm)method), text) != 0)
            method++;
        memcpy(at, &method, sizeof method);
        good = kmu_algorithm_name((kmu_algorithm)method) != NULL;
    } else {
        char *end;
        errno = 0;
        const long long x = strtoll(text, &end, 10);
        const int32_t run = (int32_t)x;
        const int64_t count = x;
        fields[i].kind == RUN ? memcpy(at, &run, sizeof run) : memcpy(at, &count, sizeof count);
        good = end != text && !*end && !errno && (fields[i].kind != RUN || run == x);
    }
    if (good)
        return KMU_OK;
    shown(word, 12, text, text + strlen(text));
    snprintf(why, sizeof why, "\"%s\" is no value of %s", word, fields[i].name);
    return refuse(r, why);
}

/* ---- csv ------------------------------------------------------------------------------------------------------------------
 */

/* The next field of a line, without its end; *line is what follows, NULL after the last. */
static char *next_field(char **line)
{
    char *field = *line, *comma = strchr(field, ',');
    *line = comma ? comma + 1 : NULL;
    if (comma)
        *comma = 0;
    return field;
}

static char *next_line(struct reading *r)
{
    char *line = r->at;
    const size_t length = strcspn(line, "\n");
    r->at += length + (line[length] == '\n');
    line[length] = 0;
    if (length && line[length - 1] == '\r')
        line[length - 1] = 0;
    return line;
}

static kmu_status read_csv(struct reading *r)
{
    int column[MOST_COLUMNS];
    size_t columns = 0;
    char *rest = next_line(r);
    while (rest && columns < MOST_COLUMNS)
        column[columns++] = field_of(next_field(&rest));
    while (*r->at) {
        rest = next_line(r);
        if (!*rest)
            continue;
        kmu_status status = begin_record(r);
        for (size_t c = 0; c < columns && rest && status == KMU_OK; c++) {
            const char *text = next_field(&rest);
            status = column[c] >= 0 ? set(r, column[c], text) : KMU_OK;
        }
        if (status == KMU_OK)
            status = end_record(r);
        if (status != KMU_OK)
            return status;
    }
    return KMU_OK;
}

/* ---- json: a list of objects whose values are numbers and names ----------------------------------------------------------
 */

/* Whether the next letter is this one; it is passed then. */
static bool take(struct reading *r, char letter)
{
    r->at += strspn(r->at, " \t\r\n");
    if (*r->at != letter)
        return false;
    r->at++;
    return true;
}

/* A word in quotes, or a number; ended in place, and *next is the letter that stood there. NULL: neither. */
static char *take_word(struct reading *r, char *next)
{
    const bool quoted = take(r, '"');
    char *word = r->at, *end = word + (quoted ? strcspn(word, "\"\\") : strspn(word, "+-.0123456789eE"));
    if ((quoted && *end != '"') || (!quoted && end == word))
        return NULL;
    r->at = end + quoted;
    r->at += strspn(r->at, " \t\r\n");
    *next = *r->at;
    r->at += *next != 0;
    *end = 0;
    return word;
}

static kmu_status read_object(struct reading *r)
{
    kmu_status status = begin_record(r);
    char next = take(r, '{') ? ',' : 0;
    while (next == ',' && status == KMU_OK) {
        const char *key = take_word(r, &next), *text = key && next == ':' ? take_word(r, &next) : NULL;
        if (!text)
            return refuse(r, "no record of kmu fit --trace");
        const int field = field_of(key);
        status = field >= 0 ? set(r, field, text) : KMU_OK;
    }
    if (status == KMU_OK && next != '}')
        return refuse(r, "no record of kmu fit --trace");
    return status == KMU_OK ? end_record(r) : status;
}

static kmu_status read_json(struct reading *r)
{
    kmu_status status = KMU_OK;
    bool more = take(r, '[') && !take(r, ']');
    while (more && status == KMU_OK) {
        status = read_object(r);
        more = take(r, ',');
    }
    if (status != KMU_OK || !r->trace->turns)
        return status;
    return take(r, ']') && !r->at[strspn(r->at, " \t\r\n")] ? KMU_OK
                                                            : refuse(r, "what follows it is no record of kmu fit --trace");
}

/* ---- the run kept --------------------------------------------------------------------------------------------------------
 */

/* Whether a run, from turn 1 on, can be what the model was kept from. */
static bool fits(const struct model *m, const kmu_turn *turn, size_t turns)
{
    const double J = turn[turns - 1].J_update;
    if ((int64_t)turns != m->iterations)
        return false;
    for (size_t t = 0; t < turns; t++)
        if (turn[t].turn != (int64_t)t + 1)
            return false;
    if (strcmp(m->method, kmu_method_name(KMU_MINIBATCH)) == 0) /* J of a batch */
        return true;
    return strcmp(m->stop, kmu_stop_name(KMU_FIXPOINT)) == 0 ? J == m->J : J >= m->J;
}

static kmu_status find_run(struct trace *t, const struct model *m, const struct reading *r)
{
    size_t best = t->turns, length = 0;
    for (size_t from = 0, to = 0; from < t->turns; from = to) {
        for (to = from; to < t->turns && t->turn[to].run == t->turn[from].run;)
            to++;
        if (fits(m, t->turn + from, to - from) &&
            (best == t->turns || t->turn[to - 1].J_update < t->turn[best + length - 1].J_update))
            best = from, length = to - from;
    }
    if (best == t->turns)
        return table_fail(r->error, KMU_EDATA,
                          "%s: no run of %lld turn%s that ends at the J of the model: a trace of another fit", r->name,
                          (long long)m->iterations, m->iterations == 1 ? "" : "s");
    t->kept = t->turn + best;
    t->kept_turns = length;
    return KMU_OK;
}

kmu_status trace_read(const char *path, const struct model *m, struct trace *t, kmu_error *error)
{
    struct reading r = {.trace = t, .error = error};
    size_t length;
    *t = (struct trace){.turn = NULL};
    if (m->splits)
        return table_fail(error, KMU_EUSAGE, "--trace %s: the turns of a tree of splits are those of its parts", path);
    kmu_status status = read_text(path, r.name, &r.text, &length, error);
    if (status != KMU_OK)
        return status;
    r.at = r.text;
    if (strlen(r.text) != length)
        status = table_fail(error, KMU_EDATA, "%s: no trace: it holds a NUL byte", r.name);
    else
        status = r.text[strspn(r.text, " \t\r\n")] == '[' ? read_json(&r) : read_csv(&r);
    if (status == KMU_OK)
        status = m->iterations ? find_run(t, m, &r) : KMU_OK;
    free(r.text);
    if (status != KMU_OK)
        trace_free(t);
    return status;
}

void trace_free(struct trace *t)
{
    free(t->turn);
    *t = (struct trace){.turn = NULL};
}
