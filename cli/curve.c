/* curve.c - fit --watch: a line on standard error that shows J and the moved points as they fall.
 *
 * On a terminal the line is drawn anew, at most 20 times a second, in whatever width the terminal has by then. The curves are
 * the whole run: by logarithms, how far J was above its present value, from a millionth of the way down from its greatest on,
 * and the moved points. A run's last state stays. Elsewhere every turn is a line. Blocks are drawn where the locale's
 * characters are UTF-8, else ASCII. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

enum { MOST = 512, WIDEST = 200, LEVELS = 8, LEAST_CURVE = 4 };

static struct {
    bool terminal, blocks, due; /* due: the last turn is not drawn yet */
    double drawn, J[MOST], most_J;
    int64_t moved[MOST], most_moved;
    size_t turns, count, stride; /* of this run; kept is every stride-th turn, the first among them */
    kmu_turn last;
} curve;

static bool is_utf8(void)
{
    const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) /* the first that is set counts */
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static size_t columns(void)
{
    struct winsize w;
    return ioctl(2, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* 0 .. LEVELS - 1 for a share of 0 .. 1 of the height. */
static int level(double share)
{
    return share >= 0 && share <= 1 ? (int)(share * (LEVELS - 1) + 0.5) : LEVELS - 1;
}

/* Of what is kept, and then the last turn. */
static int level_of(size_t at, bool of_J)
{
    const double now = curve.last.J_update, J = at < curve.count ? curve.J[at] : now;
    const int64_t moved = at < curve.count ? curve.moved[at] : curve.last.moved;
    if (of_J)
        return J > now ? level(fmax(1 + log10((J - now) / (curve.most_J - now)) / 6, 0)) : 0;
    return level(log1p((double)moved) / log1p((double)curve.most_moved));
}

/* Appends the run to text, in so many columns. */
static void put_curve(char *text, size_t wide, bool of_J)
{
    static const char *const block[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, ascii[] = "_.,:-=+#";
    const size_t all = curve.count + ((curve.turns - 1) % curve.stride > 0), shown = all < wide ? all : wide;
    char *end = text + strlen(text);
    for (size_t a = 0; a < shown; a++) {
        const int at = level_of(all <= wide ? a : a * (all - 1) / (wide - 1), of_J);
        if (curve.blocks)
            end = stpcpy(end, block[at]);
        else
            *end++ = ascii[at];
    }
    memset(end, ' ', wide - shown);
    end[wide - shown] = 0;
}

/* Keeps a turn; where there is no room any more, every second of those before goes. */
static void keep(const kmu_turn *t)
{
    if (curve.turns++ % curve.stride)
        return;
    if (curve.count == MOST) {
        for (size_t a = 0; a < MOST / 2; a++) {
            curve.J[a] = curve.J[2 * a];
            curve.moved[a] = curve.moved[2 * a];
        }
        curve.count /= 2;
        curve.stride *= 2;
    }
    curve.J[curve.count] = t->J_update;
    curve.moved[curve.count++] = t->moved;
}

static void draw(void)
{
    char left[96], right[64], line[2 * 3 * WIDEST + 192];
    const size_t across = columns() - 1;
    size_t used = (size_t)snprintf(left, sizeof left, "run %d turn %lld  J %-11.6g ", (int)curve.last.run + 1,
                                   (long long)curve.last.turn, curve.last.J_update);
    used += (size_t)snprintf(right, sizeof right, "  moved %-8lld ", (long long)curve.last.moved);
    size_t room = across > used ? (across - used) / 2 : 0;
    room = room > WIDEST ? WIDEST : room;
    if (room >= LEAST_CURVE) {
        strcpy(line, left);
        put_curve(line, room, true);
        strcat(line, right);
        put_curve(line, room, false);
    } else {
        snprintf(line, sizeof line, "%s%s", left, right);
        line[across < used ? across : used] = 0;
    }
    fprintf(stderr, "\r%s\033[K", line);
    curve.drawn = seconds_now();
    curve.due = false;
}

/* The line of a run that is over stays. */
static void leave_line(void)
{
    if (curve.due)
        draw();
    if (curve.turns)
        fputc('\n', stderr);
}

void curve_begin(void)
{
    memset(&curve, 0, sizeof curve);
    curve.terminal = isatty(2);
    curve.blocks = is_utf8();
}

void curve_turn(const kmu_turn *t)
{
    if (!curve.terminal) {
        char J[32];
        J[number_write(J, t->J_update, KMU_F64)] = 0;
        fprintf(stderr, "kmu: run %d turn %lld  J %s  %lld moved\n", (int)t->run + 1, (long long)t->turn, J,
                (long long)t->moved);
        return;
    }
    if (curve.turns && t->run != curve.last.run) {
        leave_line();
        curve.turns = 0;
    }
    if (curve.turns == 0) {
        curve.count = 0;
        curve.stride = 1;
        curve.most_J = t->J_update;
        curve.most_moved = t->moved;
    }
    curve.most_J = fmax(curve.most_J, t->J_update); /* of batches J may rise */
    curve.most_moved = t->moved > curve.most_moved ? t->moved : curve.most_moved;
    keep(t);
    curve.last = *t;
    curve.due = true;
    if (seconds_now() - curve.drawn >= 0.05)
        draw();
}

void curve_end(void)
{
    if (curve.terminal)
        leave_line();
    curve.turns = 0;
}
