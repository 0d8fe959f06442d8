/* test_layout.c - what is known of points before the first turn is true: the range of every column, and the places. */
#include "layout/places.h"
#include "room.h"

enum { ROWS = 100 };

/* ---- columns ---------------------------------------------------------------------------------------------------------- */

static void a_column_is_known_by_its_lowest_and_highest_bit(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 600; s++) {
        begin(s);
        struct room r;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        size_t n = 1 + below(ROWS), d = 1 + below(20), row = d + below(3), bad = below(4) ? n : below(n);
        double *x = doubles(n * row);
        struct range column[20], all = kmu__range_of(0);
        for (size_t l = 0; l < d; l++)
            column[l] = kmu__range_of(0);
        for (size_t a = 0; a < n * row; a++) {
            int low = type == KMU_F32 ? between(-149, 127) : between(-1074, 1023);
            x[a] = a % row < d ? number(low, low + 1,
                                        a % row % 2       ? 3
                                        : type == KMU_F32 ? 24
                                                          : 53)
                               : NAN; /* what lies between is not ours */
            x[a] = type == KMU_F32 ? (double)(float)x[a] : x[a];
            if (a % row < d) {
                column[a % row] = kmu__range_join(column[a % row], kmu__range_of(x[a]));
                all = kmu__range_join(all, kmu__range_of(x[a]));
            }
        }
        if (bad < n)
            x[bad * row + below(d)] = below(2) ? NAN : -INFINITY;
        narrow(x, n * row, type);
        kmu_status status = enter(&r, x, type, n, d, (ptrdiff_t)row, NULL, between(1, 3));
        char text[32];
        snprintf(text, sizeof text, "point %zu, coordinate ", bad);
        if (status != (bad < n ? KMU_EDATA : KMU_OK) || (bad < n && !strstr(r.error.text, text)))
            FAIL("status %d, \"%s\"; the bad point is %zu of %zu", status, r.error.text, bad, n);
        for (size_t l = 0; status == KMU_OK && l < d; l++)
            if (memcmp(&r.points.range[l], &column[l], sizeof *column) != 0)
                FAIL("column %zu: %d .. %d, not %d .. %d", l, r.points.range[l].low, r.points.range[l].high, column[l].low,
                     column[l].high);
        if (status == KMU_OK && memcmp(&r.points.all, &all, sizeof all) != 0)
            FAIL("all columns: %d .. %d, not %d .. %d", r.points.all.low, r.points.all.high, all.low, all.high);
        leave(&r);
        free(x);
    }
}

/* ---- places ----------------------------------------------------------------------------------------------------------- */

static int row_order(const double *a, const double *b, size_t d)
{
    for (size_t l = 0; l < d; l++)
        if (a[l] != b[l])
            return a[l] < b[l] ? -1 : 1;
    return 0;
}

static void places_are_the_distinct_rows_of_positive_weight_in_order(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 1000; s++) {
        begin(s);
        struct room r;
        struct places q;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        size_t n = 1 + below(ROWS), d = 1 + below(4), grid = 1 + below(5), rows = 0, members = 0;
        double *x = doubles(n * d), *stored = doubles(n * d), *w = doubles(n), values[5];
        uint32_t stand[ROWS];
        bool weighted = below(2), ordered = below(2);
        for (size_t v = 0; v < grid; v++) /* often equal in the leading bits, or zeros of either sign */
            values[v] = below(3) == 0 ? (below(2) ? -0.0 : 0.0)
                        : below(2)    ? normal()
                                      : 1 + (double)below(9) * (type == KMU_F32 ? 0x1p-23 : 0x1p-52);
        for (size_t j = 0; j < n; j++) { /* a random permutation */
            const size_t a = below(j + 1);
            stand[j] = stand[a];
            stand[a] = (uint32_t)j;
        }
        for (size_t j = 0; j < n; j++) {
            w[j] = weighted && j ? (double)below(4) : 1;
            rows += w[j] > 0;
            for (size_t l = 0; l < d; l++)
                x[j * d + l] = type == KMU_F32 ? (double)(float)values[below(grid)] : values[below(grid)];
        }
        memcpy(stored, x, n * d * sizeof *x);
        narrow(stored, n * d, type);
        assert_int_equal(enter(&r, stored, type, n, d, 0, weighted ? w : NULL, 1), KMU_OK);
        assert_int_equal(kmu__places_make(&q, &r.points, ordered ? stand : NULL, r.pool, &r.options, NULL), KMU_OK);
        for (size_t rank = 0; rank < q.count; rank++) {
            size_t slot = q.slot[rank], own = 0, first = n;
            const double *mine = x + kmu__place_row(&q, slot) * d;
            double W = 0;
            for (size_t j = n; j-- > 0;)
                if (w[j] > 0 && row_order(x + j * d, mine, d) == 0) {
                    own++;
                    first = j;
                    W += w[j];
                }
            members += own;
            if (kmu__place_row(&q, slot) != first || kmu__place_members(&q, slot) != own || kmu__place_weight(&q, slot) != W)
                FAIL("rank %zu: row %zu, %u rows of weight %g; not row %zu, %zu of %g", rank, kmu__place_row(&q, slot),
                     kmu__place_members(&q, slot), kmu__place_weight(&q, slot), first, own, W);
            if (rank && row_order(x + kmu__place_row(&q, q.slot[rank - 1]) * d, mine, d) >= 0)
                FAIL("rank %zu is not above the one before", rank);
        }
        for (size_t slot = 1; slot < q.count; slot++) {
            const size_t a = kmu__place_row(&q, slot - 1), b = kmu__place_row(&q, slot);
            if (ordered ? stand[a] >= stand[b] : a >= b)
                FAIL("slot %zu stands before the one before", slot);
        }
        if (members != rows)
            FAIL("the places have %zu rows, not %zu", members, rows);
        kmu__places_free(&q);
        leave(&r);
        free(x);
        free(stored);
        free(w);
    }
}

/* As many rows as several threads sort, with few values or many, equal in their leading bits or not. */
static void many_rows_have_their_places(void **state)
{
    (void)state;
    enum { MANY = 150000 };
    for (uint64_t s = 1; s <= 8; s++) {
        begin(s);
        struct room r;
        struct places q;
        const kmu_type type = below(2) ? KMU_F32 : KMU_F64;
        const size_t n = MANY - below(1000), d = 1 + s % 2, values = s > 4 ? 200 : (size_t)1 << 50;
        const double near = s % 4 < 2 ? 0 : 1e5;
        double *x = doubles(n * d), *stored = doubles(n * d), *w = doubles(n);
        uint32_t *stand = calloc(n, sizeof *stand);
        size_t *came = calloc(n, sizeof *came);
        for (size_t j = 0; j < n; j++) {
            const size_t a = below(j + 1);
            stand[j] = stand[a];
            stand[a] = (uint32_t)j;
            w[j] = j % 1000 ? 1 : (double)below(2);
            for (size_t l = 0; l < d; l++)
                x[j * d + l] = near + (double)(draw() % values) / (double)values;
            for (size_t l = 0; type == KMU_F32 && l < d; l++)
                x[j * d + l] = (double)(float)x[j * d + l];
        }
        memcpy(stored, x, n * d * sizeof *x);
        narrow(stored, n * d, type);
        assert_int_equal(enter(&r, stored, type, n, d, 0, s % 3 ? NULL : w, 3), KMU_OK);
        assert_int_equal(kmu__places_make(&q, &r.points, s % 2 ? stand : NULL, r.pool, &r.options, NULL), KMU_OK);
        for (size_t rank = 1; rank < q.count; rank++)
            if (row_order(x + kmu__place_row(&q, q.slot[rank - 1]) * d, x + kmu__place_row(&q, q.slot[rank]) * d, d) >= 0)
                FAIL("rank %zu of %zu is not above the one before", rank, q.count);
        for (size_t j = 0; j < n; j++) {
            size_t from = 0, to = q.count; /* its place is of one of these ranks */
            while (to - from > 1) {
                const size_t middle = (from + to) / 2;
                *(row_order(x + kmu__place_row(&q, q.slot[middle]) * d, x + j * d, d) <= 0 ? &from : &to) = middle;
            }
            const bool here = row_order(x + kmu__place_row(&q, q.slot[from]) * d, x + j * d, d) == 0;
            if (!here && (s % 3 || w[j] > 0))
                FAIL("row %zu has no place", j);
            came[q.slot[from]] += here && (s % 3 || w[j] > 0);
        }
        for (size_t slot = 0; slot < q.count; slot++)
            if (kmu__place_members(&q, slot) != came[slot] || kmu__place_weight(&q, slot) != (double)came[slot])
                FAIL("slot %zu has %u rows of weight %g, not %zu", slot, kmu__place_members(&q, slot),
                     kmu__place_weight(&q, slot), came[slot]);
        kmu__places_free(&q);
        leave(&r);
        free(x);
        free(stored);
        free(w);
        free(stand);
        free(came);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_known_by_its_lowest_and_highest_bit),
        cmocka_unit_test(places_are_the_distinct_rows_of_positive_weight_in_order),
        cmocka_unit_test(many_rows_have_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
