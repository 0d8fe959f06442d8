/* test_digits.c - the vectors of step (B) say what the exact text says (src/kernel/digits.h).
 *
 *   add      the digits of exact/sum.c, bit for bit
 *   means    S / m rounded once, or in doubt
 *   product  |high + low - sum| <= size kmu__twofold_slack(count), in exact arithmetic */
#include "fit.h"
#include "guard.h"
#include "kernel/digits.h"
#include "slow.h"

enum { MOST = 784, ISAS = KMU_ISA_NEON + 1 };

/* 1 .. 70 and 784. */
static size_t next_count(size_t count)
{
    return count < 70 ? count + 1 : count < MOST ? MOST : MOST + 1;
}

/* ---- add ---------------------------------------------------------------------------------------------------------------- */

/* A layout of one digit or two for numbers of `type` and weights of some bits; x is drawn to fill it. */
struct columns {
    struct sum_layout sum;
    struct memory memory;
    size_t d;
    double x[MOST], w;
    float single[MOST];
};

static void draw_columns(struct columns *t, size_t d, int narrow, kmu_type type)
{
    const int bits = type == KMU_F32 ? 24 : 53, w_bits = below(2) ? 1 : between(1, 20), scale = between(-60, 60);
    const struct range w = {.low = scale, .high = scale + w_bits};
    struct range range[MOST];
    *t = (struct columns){.d = d, .memory = kmu__memory(NULL)};
    t->w = w_bits == 1 ? ldexp(1, scale) : ldexp((double)(1 + below(((size_t)1 << w_bits) - 1)), scale);
    for (size_t l = 0; l < d; l++) { /* column 0 needs the second digit */
        const int most = w_bits > 1    ? 53 - w_bits
                         : narrow == 2 ? 94
                                       : 50,
                  width = narrow == 2 && l == 0 ? most : between(1, most);
        const int low = type == KMU_F32 ? between(-149, 128 - width) : between(-500, 500), e = low + (int)below((size_t)width);
        range[l] = (struct range){.low = low, .high = low + width};
        t->x[l] = below(9) ? number(e, e + 1, e - low + 1 < bits ? e - low + 1 : bits) : 0;
        t->single[l] = (float)t->x[l];
    }
    kmu__sum_wish(&t->sum, d, &t->memory);
    assert_int_equal(kmu__grant(&t->memory, NULL), KMU_OK);
    kmu__sum_fix(&t->sum, range, w, narrow == 2 && w_bits > 1 ? 1 << 12 : 1);
    assert_int_equal(t->sum.wide_count, 0);
}

static void digits_are_those_of_the_portable_text(void **state)
{
    (void)state;
    static struct columns t;
    static int64_t right[2 * MOST];
    size_t layouts[3] = {0};
    for (size_t d = 1, s = 1; d <= MOST; d = next_count(d))
        for (int way = 0; way < 40; way++, s++) {
            begin(s);
            const kmu_type type = way % 2 ? KMU_F32 : KMU_F64;
            const bool negative = below(2);
            draw_columns(&t, d, 1 + way / 2 % 2, type);
            layouts[t.sum.narrow]++;
            for (size_t a = 0; a < t.sum.words; a++)
                right[a] = (int64_t)draw() >> between(2, 60);
            const float *single = guarded_copy(0, t.single, d * sizeof *single, sizeof *single);
            const double *x = guarded_copy(1, t.x, d * sizeof *x, sizeof *x),
                         *inverse = guarded_copy(2, t.sum.inverse, d * sizeof *inverse, sizeof *inverse);
            for (int isa = 0; isa < ISAS; isa++) {
                const struct digits *kernel = kmu__digits((kmu_isa)isa);
                if (!kernel)
                    continue;
                int64_t *digits = guarded_copy(3, right, t.sum.words * sizeof *right, sizeof *right);
                for (size_t from = 0, to; from < d; from = to) { /* a row in one piece, or in several */
                    to = below(2) ? d : from + 1 + below(d - from);
                    int64_t *low = digits + from, *high = t.sum.narrow == 2 ? low + d : NULL;
                    if (type == KMU_F32)
                        kernel->add_f32(low, high, single + from, below(2) ? single : NULL, inverse + from, negative ? -t.w : t.w, to - from);
                    else
                        kernel->add_f64(low, high, x + from, below(2) ? x : NULL, inverse + from, negative ? -t.w : t.w, to - from);
                }
                kmu__sum_add(&t.sum, digits, t.x, t.w, !negative, 0, d); /* and what is added is taken away */
                if (memcmp(digits, right, t.sum.words * sizeof *right) != 0)
                    FAIL("%s, %zu columns of %d digits, w = %a: other digits", kmu_isa_name((kmu_isa)isa), d, t.sum.narrow,
                         t.w);
            }
            kmu__give_back(&t.memory);
        }
    assert_true(layouts[1] > 500 && layouts[2] > 500);
}

/* A list of rows is what its rows are one by one; who has no cluster adds nothing. */
static void a_list_of_rows_is_its_rows(void **state)
{
    (void)state;
    enum { ROWS = 40, CLUSTERS = 3, COLUMNS = 40, ROW = COLUMNS + 3 };
    static int64_t right[CLUSTERS * 2 * COLUMNS];
    for (uint64_t s = 1; s <= 2000; s++) {
        begin(s);
        float single[ROWS * ROW];
        double x[ROWS * ROW], inverse[COLUMNS];
        int32_t c[ROWS];
        uint16_t which[ROWS];
        const size_t d = 1 + below(COLUMNS), row = d + below(4), rows = below(ROWS + 1);
        const bool two = below(2);
        const double w = below(2) ? 1 : -1;
        for (size_t l = 0; l < d; l++)
            inverse[l] = ldexp(1, between(0, 12));
        for (size_t a = 0; a < ROWS * row; a++)
            x[a] = single[a] = (float)ldexp((double)below(1 << 20), between(0, two ? 60 : 10));
        for (size_t a = 0; a < ROWS; a++) {
            which[a] = (uint16_t)below(ROWS);
            c[a] = between(-1, CLUSTERS - 1);
        }
        const size_t words = two ? 2 * d : d, all = CLUSTERS * words;
        for (size_t a = 0; a < all; a++)
            right[a] = (int64_t)draw() >> 20;
        const size_t numbers = (ROWS - 1) * row + d; /* nothing behind the last one */
        const float *lone = guarded_copy(0, single, numbers * sizeof *single, sizeof *single);
        const double *twice = guarded_copy(1, x, numbers * sizeof *x, sizeof *x),
                     *units = guarded_copy(2, inverse, d * sizeof *inverse, sizeof *inverse);
        for (int isa = 0; isa < ISAS; isa++) {
            const struct digits *kernel = kmu__digits((kmu_isa)isa);
            if (!kernel)
                continue;
            int64_t *digits = guarded_copy(3, right, all * sizeof *right, sizeof *right);
            if (s % 2)
                kernel->rows_f32(digits, words, two, lone, row, which, rows, c, units, w, d);
            else
                kernel->rows_f64(digits, words, two, twice, row, which, rows, c, units, w, d);
            for (size_t a = 0; a < rows; a++) /* and what was added is taken away */
                if (c[which[a]] >= 0) {
                    int64_t *low = digits + (size_t)c[which[a]] * words;
                    kernel->add_f64(low, two ? low + d : NULL, x + which[a] * row, NULL, inverse, -w, d);
                }
            assert_memory_equal(digits, right, all * sizeof *digits);
        }
    }
}

/* ---- means -------------------------------------------------------------------------------------------------------------- */

/* Sums in digits as a carry leaves them, their units, and a mass M 2^E. */
struct sums_of {
    size_t d;
    int narrow;
    kmu__i128 S[MOST];
    int g[MOST];
    int64_t digit[2 * MOST];
    double unit[MOST], mu[MOST + 1];
    uint64_t M;
    int E;
    bool usual[MOST]; /* nothing is near half-way */
};

static void set_sum(struct sums_of *t, size_t l, kmu__i128 S, int g)
{
    t->S[l] = S;
    t->g[l] = g < -399 ? -399 : g > 399 ? 399 : g;
    t->unit[l] = ldexp(1, t->g[l]);
    t->digit[l] = (int64_t)S;
    if (t->narrow == 2) {
        const kmu__i128 high = (S + ((kmu__i128)1 << 47)) >> 48;
        t->digit[l] = (int64_t)(S - high * ((kmu__i128)1 << 48));
        t->digit[t->d + l] = (int64_t)high;
    }
}

/* A random integer of 1 .. bits bits. */
static kmu__i128 draw_integer(int bits)
{
    const kmu__u128 high = draw();
    const kmu__i128 m = (kmu__i128)((high << 64 | draw()) >> (128 - between(1, bits)));
    return below(2) ? -m : m;
}

/* The odd M of up to `bits` bits for which Q M = r (mod 2^k). */
static uint64_t draw_partner(uint64_t Q, int64_t r, int k, int bits)
{
    uint64_t inverse = Q; /* Newton: bits that are right double */
    for (int i = 0; i < 6; i++)
        inverse *= 2 - Q * inverse;
    const uint64_t mask = ((uint64_t)1 << k) - 1;
    return ((draw() >> (64 - bits)) & ~mask) | ((uint64_t)r * inverse & mask) | 1;
}

/* Everything anew; near: the mass is odd, and some S / m are half-way between two numbers of the type, or as near to it as an
 * integer S lets them be: (Q 2^-k - r / (m 2^k)) 2^g with an odd Q of a bit too many. */
static void draw_sums(struct sums_of *t, size_t d, int narrow, kmu_type type, bool near)
{
    const int most = narrow == 2 ? 98 : 61, p = type == KMU_F32 ? 24 : 53, M_bits = between(1, 53);
    t->d = d;
    t->narrow = narrow;
    t->E = type == KMU_F32 ? between(-100, 100) : between(-399, 340);
    t->M = (draw() >> (64 - M_bits)) | 1;
    int k = 0;
    int64_t r = 0;
    const bool small = type == KMU_F32 && below(2); /* subnormal */
    uint64_t Q = (draw() >> (63 - p)) | 1 | (uint64_t)1 << p;
    if (small)
        Q >>= below((size_t)p), Q |= 1;
    if (near) {
        const int over = kmu__bits(Q) + M_bits - most;
        k = over > 0 ? over + (int)below(4) : (int)below(4);
        r = k ? (below(2) ? 1 : -1) : 0;
        if (k)
            t->M = draw_partner(Q, r, k, M_bits > k ? M_bits : k + 1);
    }
    for (size_t l = 0; l < d; l++) {
        kmu__i128 S = below(20) ? draw_integer(most) : 0;
        const int size = kmu__bits128((kmu__u128)(S < 0 ? -S : S)) - kmu__bits(t->M) - t->E;
        int g = type == KMU_F32 ? between(-160, 127) - size : between(-390, 390);
        t->usual[l] = true;
        if (near && below(2)) {
            S = ((kmu__i128)Q * t->M - r) >> k; /* divisible */
            S = below(2) ? -S : S;
            g = small ? k - 150 + t->E : type == KMU_F32 ? between(-100, 90) + t->E : g;
            t->usual[l] = false;
        }
        if (kmu__bits128((kmu__u128)(S < 0 ? -S : S)) > most)
            S = 1;
        set_sum(t, l, S, g);
    }
}

/* Whether r is mean l of type. */
static bool is_mean(const struct sums_of *t, size_t l, double r, kmu_type type)
{
    struct slow sum = {{0}};
    const struct big mass = {.n = 1, .e = t->E, .limb = {t->M}};
    slow_add(&sum, t->S[l] < 0, (kmu__u128)(t->S[l] < 0 ? -t->S[l] : t->S[l]), t->g[l]);
    return is_rounded(r, &sum, &mass, type);
}

static void means_are_rounded_once_or_in_doubt(void **state)
{
    (void)state;
    static struct sums_of t;
    size_t usual = 0, decided = 0, doubtful = 0;
    for (size_t d = 1, s = 1; d <= MOST; d = next_count(d))
        for (int way = 0; way < 32; way++, s++) {
            begin(s);
            const kmu_type type = way % 2 ? KMU_F32 : KMU_F64;
            draw_sums(&t, d, 1 + way / 2 % 2, type, way >= 8);
            const double m = ldexp((double)t.M, t.E);
            for (int isa = 0; isa < ISAS; isa++) {
                const struct digits *kernel = kmu__digits((kmu_isa)isa);
                if (!kernel)
                    continue;
                const int64_t *digit = guarded_copy(0, t.digit, (size_t)t.narrow * d * sizeof *digit, sizeof *digit);
                const double *unit = guarded_copy(1, t.unit, d * sizeof *unit, sizeof *unit);
                double *mu = guarded(2, d * sizeof *mu, sizeof *mu);
                uint32_t *doubt = guarded(3, d * sizeof *doubt, sizeof *doubt);
                const size_t doubts = kernel->means(digit, t.narrow == 2 ? digit + d : NULL, unit, m, type, mu, doubt, d);
                if (doubts > d || !untouched(2) || !untouched(3))
                    FAIL("%s, d = %zu: %zu doubts, or more is written", kmu_isa_name((kmu_isa)isa), d, doubts);
                for (size_t l = 0, a = 0; l < d; l++) {
                    const bool told = l < d / 8 * 8; /* not in the rest behind the last vector */
                    if (a < doubts && doubt[a] == l) {
                        a++;
                        doubtful += told && !t.usual[l];
                        usual += told && t.usual[l];
                        continue;
                    }
                    if (!is_mean(&t, l, mu[l], type))
                        FAIL("%s, d = %zu, %d digits: column %zu over %a is not %a in type %d", kmu_isa_name((kmu_isa)isa), d,
                             t.narrow, l, m, mu[l], type);
                    decided += told && t.usual[l];
                    usual += told && t.usual[l];
                }
            }
        }
    if (decided < usual - usual / 500 || (usual && !doubtful))
        fail_msg("%zu of %zu means are told, and %zu near half-way are in doubt", decided, usual, doubtful);
}

/* ---- products ----------------------------------------------------------------------------------------------------------- */

/* Fails unless t is the sum within its slack and size is no less than the magnitudes that were added. */
static void judge_product(const struct twofold *t, const struct wide *sum, const struct wide *sizes, size_t d, const char *what)
{
    struct wide error, size;
    kmu__wide_zero(&error);
    kmu__wide_zero(&size);
    kmu__wide_add_wide(&error, true, sum, 1, 0);
    kmu__wide_add_product(&error, false, t->high, 1);
    kmu__wide_add_product(&error, false, t->low, 1);
    kmu__wide_add_wide(&size, kmu__wide_sign(&error) < 0, &error, 1, 0);
    kmu__wide_add_product(&size, true, t->size, kmu__twofold_slack(d));
    kmu__wide_add_product(&size, true, (double)d, 0x1p-973);
    if (kmu__wide_sign(&size) > 0)
        FAIL("d = %zu: %s = %a + %a is off by %a, its size is %a", d, what, t->high, t->low, kmu__wide_round(&error), t->size);
    kmu__wide_zero(&size);
    kmu__wide_add_wide(&size, false, sizes, 1, 0);
    kmu__wide_add_product(&size, true, t->size, 1 + 0x1p-30);
    kmu__wide_add_product(&size, true, (double)d, 0x1p-973);
    if (kmu__wide_sign(&size) > 0)
        FAIL("d = %zu: %s has size %a, not %a", d, what, t->size, kmu__wide_round(sizes));
}

static void a_product_is_within_its_slack(void **state)
{
    (void)state;
    static struct sums_of t;
    for (size_t d = 1, s = 1; d <= MOST; d = next_count(d))
        for (int way = 0; way < 24; way++, s++) {
            begin(s);
            struct wide S, mu, S_sizes, size;
            struct wide *const all[] = {&S, &mu, &S_sizes, &size};
            struct twofold mu_S, mu_mu;
            draw_sums(&t, d, 1 + way % 2, KMU_F64, false);
            for (int a = 0; a < 4; a++)
                kmu__wide_zero(all[a]);
            for (size_t l = 0; l < d; l++) { /* alike in size, or not at all; they cancel in pairs, nearly */
                const int e = way % 3 ? -t.g[l] : between(-390, 390);
                t.mu[l] = number(e, e + (way % 3 ? 3 : 1), 53);
                if (way % 3 == 2 && l % 2) {
                    set_sum(&t, l, -t.S[l - 1] + between(-1, 1), t.g[l - 1]);
                    t.mu[l] = below(2) ? t.mu[l - 1] : nextafter(t.mu[l - 1], INFINITY);
                }
                for (int part = 0; part < t.narrow; part++) {
                    const int64_t v = t.digit[(size_t)part * d + l];
                    const struct parts c = kmu__parts(t.mu[l]);
                    const kmu__u128 m = (kmu__u128)(v < 0 ? -(uint64_t)v : (uint64_t)v) * c.m;
                    kmu__wide_add(&S, c.negative ^ (v < 0), m, c.e + t.g[l] + 48 * part);
                }
                const struct parts c = kmu__parts(t.mu[l]);
                const kmu__u128 m = (kmu__u128)(t.S[l] < 0 ? -t.S[l] : t.S[l]);
                kmu__wide_add(&S_sizes, false, (kmu__u128)(uint64_t)m * c.m, c.e + t.g[l]);
                kmu__wide_add(&S_sizes, false, (kmu__u128)(uint64_t)(m >> 64) * c.m, c.e + t.g[l] + 64);
                kmu__wide_add_product(&mu, false, t.mu[l], t.mu[l]);
            }
            for (int isa = 0; isa < ISAS; isa++) {
                const struct digits *kernel = kmu__digits((kmu_isa)isa);
                if (!kernel)
                    continue;
                kernel->product(t.digit, t.narrow == 2 ? t.digit + d : NULL, t.unit, t.mu, d, &mu_S, &mu_mu);
                judge_product(&mu_S, &S, &S_sizes, d, "mu S");
                judge_product(&mu_mu, &mu, &mu, d, "mu mu");
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_those_of_the_portable_text),
        cmocka_unit_test(a_list_of_rows_is_its_rows),
        cmocka_unit_test(means_are_rounded_once_or_in_doubt),
        cmocka_unit_test(a_product_is_within_its_slack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
