/* test_kept.c - what the filter keeps from turn to turn, piece by piece, at the edge of rounding (N16).
 *
 *   upper + step,  drift + step  are rounded up,      lower + drift  is rounded down
 *
 * whatever is added to whatever: what a length has to spare of its own does not pay for a hundred roundings after it. The
 * pieces are those of the library's sources, which are part of this program. */
#include "assign/filter.c"
#include "assign/filtering.c"
#include "assign/settle.c"
#include "room.h"

enum { CENTROIDS = 40, ADDITIONS = 100 };

/* A filter for n rows and CENTROIDS centroids. */
struct place {
    struct room room;
    struct fit f;
    struct filtering *t;
    double *x;
};

static void open_place(struct place *p, size_t n, size_t d, int threads)
{
    *p = (struct place){.x = doubles(n * d)};
    for (size_t a = 0; a < n * d; a++)
        p->x[a] = normal();
    assert_int_equal(enter(&p->room, p->x, KMU_F64, n, d, 0, NULL, threads), KMU_OK);
    p->f = (struct fit){.points = &p->room.points, .pool = p->room.pool, .n = n, .d = d, .k = CENTROIDS, .frame = {.scale = 1},
                         .filter = kmu__filter(KMU_ISA_PLAIN)};
    p->f.c = calloc(n, sizeof *p->f.c);
    p->t = p->f.filtering = kmu__filtering_open(&p->f);
    assert_non_null(p->t);
    p->t->c.panels = (CENTROIDS + KMU__PANEL - 1) / KMU__PANEL;
    for (size_t i = 0; i < CENTROIDS; i++) {
        p->t->order[i] = (int32_t)(i * 7 % CENTROIDS);
        p->t->panel[i * 7 % CENTROIDS] = (uint32_t)(i / KMU__PANEL);
    }
}

static void leave_place(struct place *p)
{
    kmu__filter_close(&p->f);
    leave(&p->room);
    free(p->f.c);
    free(p->x);
}

/* A way that one addition to `length` loses all of, or nearly half a unit. */
static float small_way(float length)
{
    return (nextafterf(length, INFINITY) - length) * (float)(below(2) ? uniform() / 2 : 0.4999);
}

/* A centroid that goes a hundred ways, each too short to be seen beside how far a row is. */
static void upper_grows_by_every_step(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 100; s++) {
        struct place p;
        begin(s);
        open_place(&p, 7, 3, 1);
        struct filtering *t = p.t;
        static float upper[FILTER_ROWS];
        double far[7], gone[CENTROIDS] = {0};
        memset(t->forgotten, 0, t->c.panels * sizeof *t->forgotten);
        for (size_t j = 0; j < 7; j++) {
            p.f.c[j] = (int32_t)below(CENTROIDS);
            t->upper[j] = (float)fabs(number(-20, 8, 24)) + 0x1p-20f;
            far[j] = (double)t->upper[j];
        }
        for (size_t a = 0; a < ADDITIONS; a++) {
            for (size_t i = 0; i < CENTROIDS; i++)
                t->step[i] = small_way(t->upper[i % 7]);
            follow(t, 0, 7, upper, t->lower);
            memcpy(t->upper, upper, 7 * sizeof *t->upper);
            for (size_t i = 0; i < CENTROIDS; i++)
                gone[i] += (double)t->step[i];
        }
        for (size_t j = 0; j < 7; j++)
            if ((double)t->upper[j] < far[j] + gone[p.f.c[j]])
                FAIL("row %zu was within %a of a centroid that went %a, and is within %a", j, far[j], gone[p.f.c[j]],
                     (double)t->upper[j]);
        leave_place(&p);
    }
}

/* And a panel of such centroids drifts as far as any of them, unless it is forgotten. */
static void drift_grows_by_every_step(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 100; s++) {
        struct place p;
        begin(s);
        open_place(&p, 7, 3, 1);
        struct filtering *t = p.t;
        double gone[CENTROIDS] = {0};
        drift(t, true);
        for (size_t a = 0; a < ADDITIONS; a++) {
            for (size_t i = 0; i < CENTROIDS; i++) {
                t->step[i] = a ? small_way(t->drift[t->panel[i]]) : (float)(1 + uniform());
                gone[i] += (double)t->step[i];
            }
            drift(t, false);
            for (size_t i = 0; i < CENTROIDS; i++)
                if (t->forgotten[t->panel[i]] || (double)t->drift[t->panel[i]] < gone[i])
                    FAIL("centroid %zu went %a, and its panel %a", i, gone[i], (double)t->drift[t->panel[i]]);
        }
        for (size_t i = 0; i < CENTROIDS; i++)
            t->step[i] = (int32_t)i == t->order[20] ? t->longest : 0;
        drift(t, false);
        if (t->forgotten[0] || !t->forgotten[1] || t->drift[1] != 0 || t->forgotten[2])
            FAIL("after %a more panel 1 has drifted %a", (double)t->longest, (double)t->drift[1]);
        leave_place(&p);
    }
}

/* A sum just below a number that 16 bits can say, which rounding would make that number. */
static void what_is_kept_is_no_more_than_was_seen(void **state)
{
    (void)state;
    struct place p;
    begin(1);
    open_place(&p, 7, 3, 1);
    for (size_t a = 0; a < 100000; a++) {
        const float border = kmu__length((uint16_t)(30000 + below(30000)), p.t->base),
                    way = border * (float)(below(2) ? uniform() : 1 - uniform() / 1024),
                    lower = nextafterf((float)((double)border - (double)way), 0);
        p.t->drift[1] = way;
        const double said = (double)kmu__length(kept_of(p.t, 1, lower), p.t->base) - (double)way;
        if (said > (double)lower || said < (double)lower - (double)border * 0x1p-10)
            FAIL("at least %a away, and a panel that drifted %a: %a is kept", (double)lower, (double)way, said);
    }
    leave_place(&p);
}

/* Where each thread works nobody else does. */
static void threads_work_apart(void **state)
{
    (void)state;
    enum { THREADS = 5, FIELDS = 11 };
    struct place p;
    begin(1);
    open_place(&p, 3 * FILTER_ROWS, 70, THREADS);
    const struct filtering *t = p.t;
    unsigned char *at[THREADS][FIELDS];
    size_t bytes[FIELDS];
    for (int a = 0; a < THREADS; a++) {
        const struct part k = kmu__filtering_part(t, a);
        void *const begins[FIELDS] = {k.walker, k.high,  k.best,      k.bits, k.open,    k.which,
                                      k.some,   k.image, k.candidate, k.left, k.distance};
        const size_t sizes[FIELDS] = {FILTER_ROWS * sizeof *k.walker,
                                      t->block * t->c.panels * KMU__PANEL * sizeof *k.high,
                                      t->block * KMU__PANEL * sizeof *k.best,
                                      FILTER_ROWS * t->words * sizeof *k.bits,
                                      t->words * sizeof *k.open,
                                      (t->slots + KMU__PANEL) * sizeof *k.which,
                                      (t->slots + KMU__PANEL) * sizeof *k.some,
                                      KMU__GROUP * t->c.pad * sizeof *k.image,
                                      (CENTROIDS + 1) * sizeof *k.candidate,
                                      (CENTROIDS + 1) * sizeof *k.left,
                                      (CENTROIDS + 1) * sizeof *k.distance};
        for (size_t i = 0; i < FIELDS; i++) {
            at[a][i] = begins[i];
            bytes[i] = sizes[i];
            memset(at[a][i], (int)(1 + a * FIELDS + (int)i), bytes[i]);
        }
    }
    for (size_t a = 0; a < THREADS; a++)
        for (size_t i = 0; i < FIELDS; i++)
            for (size_t b = 0; b < bytes[i]; b++)
                if (at[a][i][b] != 1 + a * FIELDS + i)
                    FAIL("thread %zu, array %zu: byte %zu is another's", a, i, b);
    leave_place(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upper_grows_by_every_step),
        cmocka_unit_test(drift_grows_by_every_step),
        cmocka_unit_test(what_is_kept_is_no_more_than_was_seen),
        cmocka_unit_test(threads_work_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
