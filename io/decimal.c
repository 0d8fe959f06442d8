/* decimal.c - w 10^q as a binary number, rounded once, whatever w and q are.
 *
 * 1. w < 10^9 and -9 <= q <= 0: w and 10^-q are binary64 numbers, so one quotient rounds once (Clinger 1990).
 * 2. 5^q lies in [P, P + 1) 2^e with P of 128 bits from a table, so with w of 64 bits (its top bit set)
 *
 *        w 5^q in [w P, w P + w) 2^e,   w P + w < (H + 2) 2^64,   H = floor(w P / 2^64).
 *
 *    H has 127 or 128 bits and the result 53 or fewer, so the interval [H, H + 2) contains the half-way point about
 *    once in 2^72 numbers; anywhere else all of it is rounded to the same side. For 0 <= q <= 55 the table is exact
 *    (5^55 < 2^128) and so is the product. When digits were cut away, w and w + 1 must be rounded to the same number.
 *    decimal_quick is this stage for f64 away from the ends of its range, and leaves the two H at which it is not sure.
 * 3. Else integers of any length are held against the half-way point.
 *
 * The table is computed at first use: powers of 5 upwards, and 2^1055 divided by 5 again and again (floors of floors
 * are the floor of the whole, so each quotient is exact). It holds 685 rows, 16 KB, and takes about 20 us.
 *
 * Sources: W. Clinger, How to read floating point numbers accurately, 1990, doi:10.1145/93542.93557; 128 bits of 5^q as in
 * D. Lemire, Number parsing at a gigabyte per second, 2021, doi:10.1002/spe.2984, with an interval in place of its cases. */
#include "io/decimal.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

/* Below LEAST w 10^q < 2^64 10^-344 < 2^-1075 rounds to 0; above MOST (which writing 2^-1074 needs) it is beyond binary64. */
enum { LEAST = DECIMAL_LEAST, MOST = DECIMAL_MOST, EXACT = 55 };

struct power decimal_power[MOST - LEAST + 1];
bool decimal_filled;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The leading 128 bits of the integer in limbs[0 .. top], limbs[top] != 0, times 2^e. */
static struct power leading(const uint32_t *limbs, int top, int e)
{
    u128 m = 0;
    for (int i = top; i > top - 4; i--)
        m = m << 32 | (i >= 0 ? limbs[i] : 0);
    int zeros = __builtin_clz(limbs[top]);
    if (zeros)
        m = m << zeros | (top >= 4 ? limbs[top - 4] >> (32 - zeros) : 0);
    return (struct power){.high = (uint64_t)(m >> 64), .low = (uint64_t)m, .e = e + 32 * (top - 3) - zeros};
}

static void fill_powers(void)
{
    enum { LIMBS = 33 };
    uint32_t up[LIMBS] = {1}, down[LIMBS] = {0};
    int top = 0;
    for (int q = 0; q <= MOST; q++) {
        decimal_power[q - LEAST] = leading(up, top, 0);
        uint64_t carry = 0;
        for (int i = 0; i <= top; i++) {
            carry += 5ull * up[i];
            up[i] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry)
            up[++top] = (uint32_t)carry;
    }
    top = LIMBS - 1;
    down[top] = 1u << 31; /* 2^1055; 2^1055 / 5^343 still has 259 bits */
    for (int q = -1; q >= LEAST; q--) {
        uint64_t rest = 0;
        for (int i = top; i >= 0; i--) {
            rest = rest << 32 | down[i];
            down[i] = (uint32_t)(rest / 5);
            rest %= 5;
        }
        if (down[top] == 0)
            top--;
        decimal_power[q - LEAST] = leading(down, top, -(32 * LIMBS - 1));
    }
    __atomic_store_n(&decimal_filled, true, __ATOMIC_RELEASE);
}

/* H = floor(w P / 2^64) for the P of 5^q; *low is what the floor cut, *e the exponent: w 5^q in [H, H + 2) 2^e. */
static inline u128 product(uint64_t w, int q, uint64_t *low, int *e)
{
    pthread_once(&once, fill_powers);
    const struct power *p = &decimal_power[q - LEAST];
    u128 below = (u128)w * p->low;
    *low = (uint64_t)below;
    *e = p->e + 64;
    return (u128)w * p->high + (uint64_t)(below >> 64);
}

/* What stage 2 finds: the number lies in [m, m + 1] 2^e, and is rounded to (m + up) 2^e if that is sure. */
struct rounding {
    uint64_t m;
    int e;
    bool up, sure;
};

static inline struct rounding round_product(uint64_t w, int q, int bits, int least)
{
    const int shift = __builtin_clzll(w);
    uint64_t low;
    int e;
    const u128 h = product(w << shift, q, &low, &e);
    const uint64_t high = (uint64_t)(h >> 64), below = (uint64_t)h;
    e += q - shift + 64;                      /* that of high */
    int drop = 63 + (int)(high >> 63) - bits; /* bits of high below the last one kept; at least 10 */
    if (e + drop < least)
        drop = least - e;
    if (drop > 63) /* (H + 2) 2^-64 <= 2^64: less than half of 2^least from drop = 66 on */
        return (struct rounding){.m = 0, .e = least, .sure = drop >= 66};
    const uint64_t twice = high >> (drop - 1);
    struct rounding r = {.m = twice >> 1, .e = e + drop, .up = twice & 1, .sure = true};
    if (below + 1 <= 1) { /* all bits of it are equal: H or H + 1 may be half-way */
        const uint64_t rest = high & ((1ull << drop) - 1), half = 1ull << (drop - 1);
        const bool tie = rest == half && below == 0;
        if (tie || (rest == half - 1 && below != 0)) {
            r.sure = q >= 0 && q <= EXACT;
            r.up = tie && (low || (r.m & 1));
        }
    }
    return r;
}

/* Integers for stage 3. A half-way point of binary64 has at most 767 significant digits, so KEPT digits and a mark
 * that says whether anything follows decide; 10^(KEPT + 1) 2^64 and 5^(KEPT + 325) 2^54 stay below 2^3072. */
enum { KEPT = 780, BIG = 48 };

struct big {
    int count;
    uint64_t limb[BIG];
};

static void multiply_add(struct big *a, uint64_t factor, uint64_t addend)
{
    u128 carry = addend;
    for (int i = 0; i < a->count; i++) {
        carry += (u128)a->limb[i] * factor;
        a->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    if (carry)
        a->limb[a->count++] = (uint64_t)carry;
}

static void multiply_power_of_5(struct big *a, int64_t exponent)
{
    for (; exponent >= 27; exponent -= 27)
        multiply_add(a, 7450580596923828125, 0); /* 5^27 */
    for (; exponent > 0; exponent--)
        multiply_add(a, 5, 0);
}

static void shift_left(struct big *a, int64_t bits)
{
    int words = (int)(bits / 64);
    multiply_add(a, 1ull << (bits % 64), 0);
    memmove(a->limb + words, a->limb, (size_t)a->count * sizeof *a->limb);
    memset(a->limb, 0, (size_t)words * sizeof *a->limb);
    a->count += words;
}

static int compare_big(const struct big *a, const struct big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (int i = a->count - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* The digits of v as an integer; returns the power of ten that belongs to it. */
static int64_t collect_digits(struct big *a, const struct decimal *v)
{
    *a = (struct big){0};
    if (!v->digits) {
        multiply_add(a, 0, v->w);
        return v->q;
    }
    int64_t count = 0;
    bool more = false;
    for (const char *p = v->digits; p < v->end; p++) {
        if (*p < '0' || *p > '9' || (count == 0 && *p == '0'))
            continue;
        if (count < KEPT) {
            multiply_add(a, 10, (uint64_t)(*p - '0'));
            count++;
        } else if (*p != '0') {
            more = true;
            break;
        }
    }
    if (more)
        multiply_add(a, 10, 1);
    return v->q - (count - DECIMAL_DIGITS) - more;
}

/* Stage 3: the sign of v - (2 m + 1) 2^(e - 1). */
static int compare_half(const struct decimal *v, uint64_t m, int e)
{
    struct big a, b = {0};
    int64_t q = collect_digits(&a, v), twos = q - (e - 1);
    multiply_add(&b, 0, 2 * m + 1);
    multiply_power_of_5(q >= 0 ? &a : &b, q >= 0 ? q : -q);
    shift_left(twos >= 0 ? &a : &b, twos >= 0 ? twos : -twos);
    return compare_big(&a, &b);
}

/* m 2^e, for m <= 2^53 and, where m < 2^52, e = -1074; the carry of m = 2^53 lands in the exponent. */
static double assemble(uint64_t m, int e)
{
    if (e > 971)
        return INFINITY;
    uint64_t bits = m >> 52 ? ((uint64_t)(e + 1075) << 52) + (m - (1ull << 52)) : m;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

double decimal_round(const struct decimal *v, kmu_type type)
{
    if (v->w == 0 || v->q < LEAST)
        return 0;
    if (v->q > MOST)
        return INFINITY;
    const bool f64 = type != KMU_F32;
    const int bits = f64 ? 53 : 24, least = f64 ? -1074 : -149, q = (int)v->q;
    struct rounding r = round_product(v->w, q, bits, least);
    if (v->digits) {
        struct rounding next = round_product(v->w + 1, q, bits, least);
        r.sure = r.sure && next.sure && r.e == next.e && r.m + r.up == next.m + next.up;
    }
    if (!r.sure) {
        int sign = compare_half(v, r.m, r.e);
        r.up = sign > 0 || (sign == 0 && (r.m & 1));
    }
    if (f64)
        return assemble(r.m + r.up, r.e);
    double x = ldexp((double)(r.m + r.up), r.e);
    return x < 0x1p128 ? x : INFINITY;
}

void decimal_split(double x, int count, uint64_t *y, uint64_t *rest, int *k)
{
    static const uint64_t ten[] = {[9] = 1000000000, [17] = 100000000000000000};
    uint64_t bits, low;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52);
    uint64_t m = (bits & 0xfffffffffffff) | (uint64_t)(exponent > 0) << 52;
    int shift = __builtin_clzll(m), e2 = (exponent ? exponent : 1) - 1075 - shift; /* x = (m << shift) 2^e2 */
    m <<= shift;
    /* floor(log10 x) or one less: 2^(e2 + 63) <= x < 2^(e2 + 64), and no n log10 2 with 0 < |n| < 1100 is within 10^-4
     * of an integer */
    int guess = (int)floor((e2 + 63) * 0.30102999566398114);
    for (*k = count - 1 - guess;; (*k)--) {
        int e;
        u128 h = product(m, *k, &low, &e);
        int drop = -(e + e2 + *k); /* x 10^k in [h, h + 2) 2^-drop */
        *y = (uint64_t)(h >> drop);
        *rest = (uint64_t)(h >> (drop - 64));
        if (*y < ten[count])
            return;
    }
}
