/* wide.c - the long accumulator (wide.h). */
#include "wide.h"

/* Limbs outside [lo, hi) hold no promise until they are used; widening the range clears them. */
static inline void reach(struct wide *a, int from, int to)
{
    if (a->lo == a->hi)
        a->lo = a->hi = from;
    for (; a->lo > from; a->lo--)
        a->limb[0][a->lo - 1] = a->limb[1][a->lo - 1] = 0;
    for (; a->hi < to; a->hi++)
        a->limb[0][a->hi] = a->limb[1][a->hi] = 0;
}

void kmu__wide_zero(struct wide *a)
{
    a->lo = a->hi = 0;
}

void kmu__wide_add(struct wide *a, bool negative, kmu__u128 m, int e)
{
    unsigned at = (unsigned)(e - KMU__WIDE_BOTTOM), shift = at % 64;
    int i = (int)(at / 64);
    uint64_t low = (uint64_t)m, high = (uint64_t)(m >> 64);
    uint64_t part[3] = {low << shift, shift ? high << shift | low >> (64 - shift) : high, shift ? high >> (64 - shift) : 0};
    if (i < a->lo || i + 4 > a->hi)
        reach(a, i, i + 4);
    uint64_t *limb = a->limb[negative];
    unsigned char carry = 0;
    for (int t = 0; t < 3; t++) {
        kmu__u128 sum = (kmu__u128)limb[i + t] + part[t] + carry;
        limb[i + t] = (uint64_t)sum;
        carry = (unsigned char)(sum >> 64);
    }
    for (i += 3; carry; i++) {
        if (i == a->hi)
            reach(a, a->lo, i + 1);
        carry = ++limb[i] == 0;
    }
}

void kmu__wide_add_wide(struct wide *a, bool negative, const struct wide *b, uint64_t f, int e)
{
    for (int side = 0; side < 2; side++)
        for (int i = b->lo; i < b->hi; i++)
            if (b->limb[side][i])
                kmu__wide_add(a, negative ^ side, (kmu__u128)b->limb[side][i] * f, 64 * i + KMU__WIDE_BOTTOM + e);
}

void kmu__wide_add_distance(struct wide *a, const double *x, const double *y, size_t d)
{
    for (size_t l = 0; l < d; l++) {
        if (x[l] == y[l])
            continue;
        kmu__wide_add_product(a, false, x[l], x[l]);
        struct parts p = kmu__parts(x[l]), q = kmu__parts(y[l]);
        if (p.m && q.m)
            kmu__wide_add(a, !(p.negative ^ q.negative), (kmu__u128)p.m * q.m, p.e + q.e + 1);
        kmu__wide_add_product(a, false, y[l], y[l]);
    }
}

void kmu__wide_multiply_add(struct wide *a, bool negative, const struct wide *b, const struct wide *c)
{
    for (int side = 0; side < 2; side++)
        for (int i = c->lo; i < c->hi; i++)
            if (c->limb[side][i])
                kmu__wide_add_wide(a, negative ^ side, b, c->limb[side][i], 64 * i + KMU__WIDE_BOTTOM);
}

/* limb i of what was added to a and taken from b, on one side */
static inline uint64_t limb_at(const struct wide *a, int side, int i)
{
    return i >= a->lo && i < a->hi ? a->limb[side][i] : 0;
}

/* The sign of (a0 + b1) - (a1 + b0): the highest limb in which the sums differ decides, so the sums are formed upwards,
 * carries and all, and the last difference seen is the highest. */
static int compare_sums(const struct wide *a, const struct wide *b)
{
    static const struct wide nothing = {0};
    b = b ? b : &nothing;
    bool a_empty = a->lo == a->hi, b_empty = b->lo == b->hi;
    if (a_empty && b_empty)
        return 0;
    int lo = a_empty || (!b_empty && b->lo < a->lo) ? b->lo : a->lo;
    int hi = a_empty || (!b_empty && b->hi > a->hi) ? b->hi : a->hi;
    kmu__u128 up = 0, down = 0;
    int sign = 0;
    for (int i = lo; i <= hi; i++) {
        up = (up >> 64) + limb_at(a, 0, i) + limb_at(b, 1, i);
        down = (down >> 64) + limb_at(a, 1, i) + limb_at(b, 0, i);
        if ((uint64_t)up != (uint64_t)down)
            sign = (uint64_t)up > (uint64_t)down ? 1 : -1;
    }
    return sign;
}

int kmu__wide_sign(const struct wide *a)
{
    return compare_sums(a, NULL);
}

int kmu__wide_compare(const struct wide *a, const struct wide *b)
{
    return compare_sums(a, b);
}

kmu__u128 kmu__wide_leading(const struct wide *a, int *e, bool *inexact, bool *negative)
{
    uint64_t size[KMU__WIDE_LIMBS]; /* |a| */
    int sign = kmu__wide_sign(a), top = a->hi;
    *negative = sign < 0;
    *inexact = false;
    *e = 0;
    if (sign == 0)
        return 0;
    unsigned char borrow = 0;
    for (int i = a->lo; i < a->hi; i++) {
        kmu__u128 difference = (kmu__u128)a->limb[sign < 0][i] - a->limb[sign > 0][i] - borrow;
        size[i] = (uint64_t)difference;
        borrow = (unsigned char)(difference >> 64 != 0);
    }
    while (size[top - 1] == 0)
        top--;
    int bits = 64 * (top - a->lo), unused = 64 - kmu__bits(size[top - 1]);
    kmu__u128 m = 0;
    int used = 0;
    for (int i = top - 1; i >= a->lo && i >= top - 2; i--, used += 64)
        m = m << 64 | size[i];
    if (used == 128 && unused && top - 3 >= a->lo) {
        m = m << unused | size[top - 3] >> (64 - unused);
        used += unused;
    }
    *e = 64 * top + KMU__WIDE_BOTTOM - used;
    if (bits > used) {
        int i = top - 1 - used / 64;
        *inexact = used % 64 ? size[i] << (used % 64) != 0 : size[i] != 0;
        for (i--; i >= a->lo; i--)
            *inexact |= size[i] != 0;
    }
    return m;
}

double kmu__wide_round(const struct wide *a)
{
    int e;
    bool inexact, negative;
    kmu__u128 m = kmu__wide_leading(a, &e, &inexact, &negative);
    return kmu__round(negative, m, e, inexact, KMU_F64);
}
