/* sheet.c - title, axes and caption around the place of the points; what things are called. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/sheet.h"

enum { MILLIONTHS = 1000000 };

void sheet_say(struct sheet *s, const char *format, ...)
{
    const size_t at = strlen(s->caption);
    va_list list;
    va_start(list, format);
    vsnprintf(s->caption + at, sizeof s->caption - at, format, list);
    va_end(list);
}

void sheet_say_counts(struct sheet *s, const struct plot *p)
{
    char points[COUNT_BYTES + 32], clusters[COUNT_BYTES + 32];
    sheet_say(s, "%s, %s. ", count_things(points, p->points->n, "point"), count_things(clusters, p->k, "cluster"));
}

double sheet_top(const struct plot *p, int lines)
{
    return MARGIN + (p->caption ? 0 : MARGIN + LARGE) + LINE * lines;
}

void sheet_finish(struct sheet *s, const struct plot *p, double under)
{
    const double width = SHEET - 2 * MARGIN;
    s->lines = 0;
    if (p->caption)
        strcpy(p->caption, s->caption);
    for (const char *word = p->caption ? "" : s->caption; *word && s->lines < CAPTION_LINES;) {
        char *line = s->line[s->lines++];
        size_t length = 0;
        while (*word) {
            const size_t next = strcspn(word, " ");
            char longer[NAME_BYTES];
            snprintf(longer, sizeof longer, "%.*s%s%.*s", (int)length, line, length ? " " : "", (int)next, word);
            if (length && text_width(longer, SMALL) > width)
                break;
            length = strlen(strcpy(line, longer));
            word += next + (word[next] == ' ');
        }
    }
    s->height = s->area.y + s->area.height + under + LINE * (double)s->lines + MARGIN;
}

char *short_exponent(char *text)
{
    char *e = strchr(text, 'e'), *digit = e ? e + 1 : NULL;
    if (!e)
        return text;
    e += 1 + (*digit == '-');
    digit += strspn(digit, "+-0");
    memmove(e, digit, strlen(digit) + 1);
    return text;
}

char *count_text(char text[COUNT_BYTES], int64_t count)
{
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%lld", (long long)count);
    char *end = text;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            end = stpcpy(end, "\xe2\x80\xaf");
        *end++ = digits[i];
    }
    *end = 0;
    return text;
}

char *count_things(char text[COUNT_BYTES + 32], size_t count, const char *thing)
{
    char number[COUNT_BYTES];
    snprintf(text, COUNT_BYTES + 32, "%s %s%s", count_text(number, (int64_t)count), thing, count == 1 ? "" : "s");
    return text;
}

/* i m 10^e as the number nearest to it, and its shortest text. */
static double round_number(long long i, int m, int e, char label[32])
{
    char text[48];
    double x = 0;
    snprintf(text, sizeof text, "%llde%d", i * m, e);
    number_read(text, text + strlen(text), '.', &x);
    if (label)
        label[number_write(label, x, KMU_F64)] = 0;
    if (label)
        short_exponent(label);
    return x;
}

/* The multiples of m 10^e from low to high; false if they do not fit. */
static bool try_step(struct sheet *s, int l, double low, double high, double room, int m, int e)
{
    const double step = round_number(1, m, e, NULL), first = ceil(low / step), last = floor(high / step);
    s->ticks[l] = 0;
    if (!(step > 0) || !(fabs(first) < 1e15 && fabs(last) < 1e15) || last - first >= TICKS)
        return false;
    double wide = LINE;
    for (long long i = (long long)first; i <= (long long)last; i++) {
        const size_t t = s->ticks[l]++;
        s->tick[l][t] = round_number(i, m, e, s->label[l][t]);
        if (l == 0)
            wide = fmax(wide, text_width(s->label[l][t], SMALL) + SMALL);
    }
    return wide * (last - first) <= room * (step * (last - first) / (high - low));
}

void sheet_ticks(struct sheet *s, int l, double low, double high, double room)
{
    static const int nice[] = {1, 2, 5};
    const double range = high - low;
    s->ticks[l] = 0;
    if (!(range > 0) || !isfinite(range))
        return;
    const int e = (int)floor(log10(range)) - 1;
    for (int i = 0; i < 9; i++)
        if (try_step(s, l, low, high, room, nice[i % 3], e + i / 3))
            return;
    s->ticks[l] = 0;
}

bool sheet_label(double *x, const char *label, double *used)
{
    const double half = text_width(label, SMALL) / 2;
    *x = fmin(fmax(*x, half + 2), SHEET - half - 2);
    const bool fits = *x - half > *used + 6;
    *used = fits ? *x + half : *used;
    return fits;
}

double sheet_left(const struct sheet *s)
{
    double widest = 0;
    for (size_t t = 0; t < s->ticks[1]; t++)
        widest = fmax(widest, text_width(s->label[1][t], SMALL));
    return ceil(MARGIN + widest + 8);
}

void sheet_axis(const struct sheet *s, int l, double low, double high, double at, bool grid, struct drawing *d)
{
    const struct box *area = &s->area;
    double used = -SHEET;
    for (size_t t = 0; t < s->ticks[l]; t++) {
        const double part = (s->tick[l][t] - low) / (high - low);
        const double x = l ? at : area->x + part * area->width, y = l ? area->y + (1 - part) * area->height : at;
        const struct point end =
            l ? (struct point){grid ? area->x + area->width : x - 4, y} : (struct point){x, grid ? area->y : y + 4};
        double middle = x;
        draw_line(d, (struct point[]){{x, y}, end}, 2, grid ? INK_GRID : INK_EDGE, 1);
        if (l)
            draw_text(d, (struct point){x - 7, y + 5}, SMALL, ANCHOR_END, INK_MUTED, s->label[l][t]);
        else if (sheet_label(&middle, s->label[l][t], &used))
            draw_text(d, (struct point){middle, y + 4 + SMALL}, SMALL, ANCHOR_MIDDLE, INK_MUTED, s->label[l][t]);
    }
}

void sheet_words(const struct sheet *s, const struct plot *p, struct drawing *d)
{
    char title[NAME_BYTES];
    if (p->caption)
        return;
    text_fit(title, sizeof title, p->name, LARGE, SHEET - 2 * MARGIN);
    draw_text(d, (struct point){MARGIN, MARGIN + LARGE - 2}, LARGE, ANCHOR_START, INK_TEXT, title);
    for (size_t i = 0; i < s->lines; i++)
        draw_text(d, (struct point){MARGIN, s->height - MARGIN - LINE * (double)(s->lines - i) + SMALL}, SMALL, ANCHOR_START,
                  INK_MUTED, s->line[i]);
}

void sheet_take(struct sheet *s, double x, double y)
{
    s->low[0] = fmin(s->low[0], x);
    s->high[0] = fmax(s->high[0], x);
    s->low[1] = fmin(s->low[1], y);
    s->high[1] = fmax(s->high[1], y);
}

static void widen(double *low, double *high, double by)
{
    *low -= by;
    *high += by;
}

bool sheet_fit(struct sheet *s)
{
    for (int l = 0; l < 2; l++) {
        const double range = s->high[l] - s->low[l], other = s->high[1 - l] - s->low[1 - l];
        widen(&s->low[l], &s->high[l], range > 0 ? 0.05 * range : other > 0 ? 0.25 * other : 0.5);
    }
    const double wide = s->high[0] - s->low[0], high = s->high[1] - s->low[1];
    const bool one_scale = high / wide > 0.1 && high / wide < 4;
    const double ratio = !one_scale ? 0.7 : fmin(fmax(high / wide, 0.5), 1);
    s->area.height = round(s->area.width * ratio);
    if (one_scale && ratio > high / wide)
        widen(&s->low[1], &s->high[1], (ratio * wide - high) / 2);
    else if (one_scale)
        widen(&s->low[0], &s->high[0], (high / ratio - wide) / 2);
    return one_scale;
}

/* Steps of the grid for a unit of the plane. */
static double across(const struct sheet *s)
{
    return s->area.width * MILLIONTHS / (s->high[0] - s->low[0]);
}

static double down(const struct sheet *s)
{
    return s->area.height * MILLIONTHS / (s->high[1] - s->low[1]);
}

struct point sheet_at(const struct sheet *s, struct point p)
{
    return (struct point){s->area.x + (p.x - s->low[0]) * across(s) / MILLIONTHS,
                          s->area.y + (s->high[1] - p.y) * down(s) / MILLIONTHS};
}

struct view sheet_view(const struct sheet *s)
{
    return (struct view){
        s->low[0], s->high[1], across(s), down(s), (int64_t)s->area.width * MILLIONTHS, (int64_t)s->area.height * MILLIONTHS};
}

void sheet_cell(const struct sheet *s, const struct cells *c, size_t i, struct drawing *d, struct paint paint)
{
    const size_t count = c->first[i + 1] - c->first[i];
    struct point few[32] = {{0, 0}}, *p = count <= 32 ? few : malloc(count * sizeof *p);
    if (!p) {
        d->status = table_fail(d->error, KMU_EMEMORY, "not enough memory");
        return;
    }
    for (size_t a = 0; a < count; a++) {
        const struct corner at = c->corners[c->first[i] + a];
        p[a] = (struct point){s->area.x + (double)at.x / MILLIONTHS, s->area.y + (double)at.y / MILLIONTHS};
    }
    draw_polygon(d, p, count, paint);
    if (p != few)
        free(p);
}

/* A cluster and its mass, to sort. */
struct ranked {
    double mass;
    size_t i;
};

static int by_mass(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->mass != y->mass ? (x->mass < y->mass) - (x->mass > y->mass) : (x->i > y->i) - (x->i < y->i);
}

size_t *clusters_by_mass(const struct plot *p)
{
    struct ranked *rank = malloc(p->k * sizeof *rank);
    size_t *order = malloc(p->k * sizeof *order);
    for (size_t i = 0; rank && order && i < p->k; i++)
        rank[i] = (struct ranked){isfinite(p->mass[i]) ? p->mass[i] : 1, i};
    if (rank && order)
        qsort(rank, p->k, sizeof *rank, by_mass);
    for (size_t a = 0; rank && order && a < p->k; a++)
        order[a] = rank[a].i;
    const bool made = rank != NULL;
    free(rank);
    if (made)
        return order;
    free(order);
    return NULL;
}

void cluster_title(const struct plot *p, size_t i, char *text, size_t bytes)
{
    const double k = (double)p->k;
    double mean = 0; /* a sum may be beyond binary64 */
    for (size_t h = 0; h < p->k; h++)
        mean += p->mass[h] / k;
    if (isfinite(mean))
        snprintf(text, bytes, "cluster %zu: mass %.6g, %.3g %%", i, p->mass[i], 100 * (p->mass[i] / k / mean));
    else if (isfinite(p->mass[i]))
        snprintf(text, bytes, "cluster %zu: mass %.6g", i, p->mass[i]);
    else
        snprintf(text, bytes, "cluster %zu: mass beyond binary64", i);
}

void column_name(const struct plot *p, size_t l, double width, char *text, size_t bytes)
{
    char number[32];
    snprintf(number, sizeof number, "column %zu", l + 1);
    text_fit(text, bytes, p->names && *p->names[l] ? p->names[l] : number, SMALL, width);
}
