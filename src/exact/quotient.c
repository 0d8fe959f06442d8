/* quotient.c - the quotient of two integers of any length, rounded once.
 *
 *   q = num / den      from the leading bits N of num and D of den:      N / (D + 1) <= q <= (N + 1) / D
 *
 * (without the + 1 where nothing was cut off). When both ends round to the same float, that is the answer; else
 * schoolbook division gives two bits more than the float keeps and says whether a remainder is left. */
#include "sum.h"

/* The leading 64 or (for twice) 127 bits of b: b = m 2^e + something below 2^e. */
static kmu__u128 leading(const struct big *b, bool twice, int *e, bool *cut)
{
    int want = twice ? 127 : 63, bits = 64 * b->n - __builtin_clzll(b->limb[b->n - 1]);
    int drop = bits > want ? bits - want : 0, i = drop / 64;
    kmu__u128 m = (kmu__u128)b->limb[i] >> (drop % 64);
    if (i + 1 < b->n)
        m |= (kmu__u128)b->limb[i + 1] << (64 - drop % 64);
    if (i + 2 < b->n && drop % 64)
        m |= (kmu__u128)b->limb[i + 2] << (128 - drop % 64);
    *cut = drop % 64 ? b->limb[i] << (64 - drop % 64) != 0 : false;
    while (i-- > 0)
        *cut |= b->limb[i] != 0;
    *e = b->e + drop;
    return m;
}

static bool bit_of(const struct big *b, int i)
{
    return i >= 0 && i / 64 < b->n && (b->limb[i / 64] >> (i % 64) & 1);
}

/* r := 2 r + bit */
static void twice_and(struct big *r, bool bit)
{
    uint64_t out = bit;
    for (int i = 0; i < r->n; i++) {
        uint64_t next = r->limb[i] >> 63;
        r->limb[i] = r->limb[i] << 1 | out;
        out = next;
    }
    if (out)
        r->limb[r->n++] = out;
}

static bool at_least(const struct big *a, const struct big *b)
{
    if (a->n != b->n)
        return a->n > b->n;
    for (int i = a->n; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] > b->limb[i];
    return true;
}

/* a -= b, for a >= b */
static void take_away(struct big *a, const struct big *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < a->n; i++) {
        kmu__u128 difference = (kmu__u128)a->limb[i] - (i < b->n ? b->limb[i] : 0) - borrow;
        a->limb[i] = (uint64_t)difference;
        borrow = difference >> 64 != 0;
    }
    while (a->n && a->limb[a->n - 1] == 0)
        a->n--;
}

/* Division bit by bit until 58 bits of the quotient are known; the remainder says the rest. */
static double divide(const struct big *num, const struct big *den, kmu_type type)
{
    struct big rest = {.n = 0};
    uint64_t q = 0;
    int place = 64 * num->n; /* the bit of num taken in last; below 0 they are zeros */
    while (!(q >> 57)) {
        twice_and(&rest, bit_of(num, --place));
        q <<= 1;
        if (at_least(&rest, den)) {
            take_away(&rest, den);
            q |= 1;
        }
    }
    bool inexact = rest.n > 0;
    for (int i = 0; i < place && !inexact; i++)
        inexact = bit_of(num, i);
    return kmu__round(num->negative, q, num->e - den->e + place, inexact, type);
}

double kmu__quotient(const struct big *num, const struct big *den, kmu_type type)
{
    if (num->n == 0)
        return 0.0;
    int ne, de;
    bool n_cut, d_cut;
    kmu__u128 N = leading(num, true, &ne, &n_cut), D = leading(den, false, &de, &d_cut);
    while (kmu__bits128(N) < 127)
        N <<= 1, ne--; /* nothing was cut off: the quotient gets all the bits there are */
    if (!n_cut && !d_cut) {
        kmu__u128 q = N / D;
        return kmu__round(num->negative, q, ne - de, N % D != 0, type);
    }
    double low = kmu__round(num->negative, N / (D + d_cut), ne - de, true, type);
    double high = kmu__round(num->negative, (N + n_cut) / D, ne - de, true, type);
    return low == high ? low : divide(num, den, type);
}

/* b := a */
static void big_of(const struct wide *a, struct big *b)
{
    const int sign = kmu__wide_sign(a);
    unsigned char borrow = 0;
    *b = (struct big){.negative = sign < 0, .e = KMU__WIDE_BOTTOM};
    for (int i = a->lo; sign && i < a->hi; i++) {
        const kmu__u128 difference = (kmu__u128)a->limb[sign < 0][i] - a->limb[sign > 0][i] - borrow;
        borrow = (unsigned char)(difference >> 64 != 0);
        if (b->n == 0)
            b->e = KMU__WIDE_BOTTOM + 64 * i;
        if (b->n > 0 || (uint64_t)difference)
            b->limb[b->n++] = (uint64_t)difference;
    }
    while (b->n && b->limb[b->n - 1] == 0)
        b->n--;
}

double kmu__wide_quotient(const struct wide *num, const struct wide *den, kmu_type type)
{
    struct big n, d;
    big_of(num, &n);
    big_of(den, &d);
    return kmu__quotient(&n, &d, type);
}
