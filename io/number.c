/* number.c - numbers as text, read and written without a locale.
 *
 *   number = [+-] (digits [point digits*] | point digits) [(e|E) [+-] digits]  |  [+-] (inf | infinity | nan)
 *
 * Reading takes eight digits at a time out of one 64-bit word (D. Lemire, 2021, doi:10.1002/spe.2984); decimal.c rounds.
 * Writing takes the leading 17 digits (9 for f32) of the exact value and drops as many as it can while the text still
 * reads back to the same bits. Of the numbers with so many digits the nearest to x is tried; where x is a power of two
 * the other neighbour too, because the gap below x is half the gap above it. */
#include "io/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/decimal.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Eight characters, the first in the lowest byte. */
static inline uint64_t load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* The number of eight digits, each a byte 0 .. 9: pairs, then fours, then all by two products. */
static inline uint64_t eight(uint64_t v)
{
    v = v * 10 + (v >> 8);
    return ((v & 0x000000ff000000ff) * 0x000f424000000064 + (v >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/* Appends the digits at p to *w, modulo 2^64; returns where they end. */
static inline const char *digits(const char *p, const char *end, uint64_t *w)
{
    static const uint64_t ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    while (end - p >= 8) {
        uint64_t v = load8(p) ^ 0x3030303030303030;
        uint64_t others = (v | (v + 0x7676767676767676)) & 0x8080808080808080; /* right up to the first byte above 9 */
        if (others) {
            int count = __builtin_ctzll(others) / 8;
            *w = *w * ten[count] + eight(v << (56 - 8 * count) << 8); /* by 64 in two steps, as C wants */
            return p + count;
        }
        *w = *w * 100000000 + eight(v);
        p += 8;
    }
    for (; p < end && is_digit(*p); p++)
        *w = *w * 10 + (uint64_t)(*p - '0');
    return p;
}

/* The exponent at p ("e-12"), added to *q; p itself where there is none. */
static const char *exponent(const char *p, const char *end, int64_t *q)
{
    const int64_t most = 1000000000000000; /* beyond what any count of digits can bring back */
    const char *s = p + 1;
    bool negative = false;
    if (s < end && (*s == '+' || *s == '-'))
        negative = *s++ == '-';
    if (s == end || !is_digit(*s))
        return p;
    int64_t e = 0;
    for (; s < end && is_digit(*s); s++)
        if (e < most)
            e = 10 * e + (*s - '0');
    *q += negative ? -e : e;
    return s;
}

/* Makes w the first 19 significant digits of [p, end), of which there are more; only digits other than 0 count as cut. */
static void cut_digits(const char *p, const char *end, struct decimal *v)
{
    int kept = 0;
    const char *first = p;
    v->w = 0;
    for (; p < end; p++) {
        if (!is_digit(*p) || (kept == 0 && *p == '0'))
            continue;
        if (kept < DECIMAL_DIGITS) {
            v->w = 10 * v->w + (uint64_t)(*p - '0');
            kept++;
        } else {
            v->q++;
            if (*p != '0')
                v->digits = first;
        }
    }
    v->end = end;
}

static const char *special(const char *s, const char *end, double *x)
{
    static const struct {
        const char *name;
        double x;
    } names[] = {{"infinity", INFINITY}, {"inf", INFINITY}, {"nan", NAN}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *p = s, *name = names[i].name;
        while (*name && p < end && (*p | 32) == *name)
            p++, name++;
        if (!*name) {
            *x = names[i].x;
            return p;
        }
    }
    return s;
}

/* x >= 0 or nan, or its negative. */
static inline double with_sign(double x, bool negative)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* w 10^q, where w took the count digits of [p, end); if they are too many for it, the number that they are. */
static __attribute__((noinline)) double round_digits(const char *p, const char *end, ptrdiff_t count, uint64_t w, int64_t q,
                                                     kmu_type type)
{
    struct decimal v = {.w = w, .q = q};
    for (const char *s = p; count > DECIMAL_DIGITS && s < end && (*s < '1' || *s > '9'); s++)
        count -= *s == '0'; /* zeros in front took no room in w */
    double x;
    if (count > DECIMAL_DIGITS)
        cut_digits(p, end, &v);
    else if (type == KMU_F64 && decimal_quick(w, q, &x))
        return x;
    return decimal_round(&v, type);
}

static inline __attribute__((always_inline)) const char *scan(const char *s, const char *end, char point, kmu_type type,
                                                              double *x)
{
    const char sign = s < end ? *s : 0;
    const bool negative = sign == '-'; /* no branch: signs cannot be foreseen */
    const char *p = s + (negative | (sign == '+')), *first = p, *last;
    uint64_t w = 0;
    int64_t q = 0;
    if (end - p > 1 && p[1] == point && is_digit(*p)) /* most often */
        w = (uint64_t)(*p++ - '0');
    else
        p = digits(p, end, &w);
    ptrdiff_t count = p - first;
    if (p < end && *p == point) {
        const char *after = ++p;
        p = digits(p, end, &w);
        q = after - p;
        count += p - after;
    }
    if (count == 0) {
        p = special(first, end, x);
        *x = with_sign(*x, negative);
        return p == first ? s : p;
    }
    last = p;
    if (p < end && (*p | 32) == 'e')
        p = exponent(p, end, &q);
    double size;
    if (count > DECIMAL_DIGITS || type == KMU_F32 || !decimal_quick(w, q, &size))
        size = round_digits(first, last, count, w, q, type);
    *x = with_sign(size, negative);
    return p;
}

const char *number_read(const char *s, const char *end, char decimal, double *x)
{
    return scan(s, end, decimal ? decimal : '.', KMU_F64, x);
}

const char *number_read_f32(const char *s, const char *end, char decimal, double *x, bool *rounded)
{
    double wide = 0;
    const char *p = number_read(s, end, decimal, &wide);
    uint64_t bits;
    memcpy(&bits, &wide, sizeof bits);
    /* Rounding twice differs only where the first result is half-way between two f32; below 2^-126 do not ask. */
    if ((bits & 0x1fffffff) == 0x10000000 || fabs(wide) < 0x1p-126)
        scan(s, end, decimal ? decimal : '.', KMU_F32, x);
    else
        *x = (double)(float)wide;
    *rounded = p > s && *x != wide && wide == wide;
    return p;
}

/* The digits of y without zeros at the end, as text; returns their count. */
static int write_digits(char *text, uint64_t y)
{
    char reversed[20];
    int count = 0;
    while (y % 10 == 0)
        y /= 10;
    for (; y; y /= 10)
        reversed[count++] = (char)('0' + y % 10);
    for (int i = 0; i < count; i++)
        text[i] = reversed[count - 1 - i];
    return count;
}

/* text = digit point digits 10^exponent, as a person would write it: 0.001, 12500, 1.5e+20. */
static size_t lay_out(char *buffer, bool negative, const char *text, int count, int e)
{
    char *p = buffer;
    if (negative)
        *p++ = '-';
    if (e < -4 || e > 15) {
        *p++ = *text;
        if (count > 1) {
            *p++ = '.';
            memcpy(p, text + 1, (size_t)count - 1);
            p += count - 1;
        }
        *p++ = 'e';
        *p++ = e < 0 ? '-' : '+';
        e = e < 0 ? -e : e;
        if (e > 99)
            *p++ = (char)('0' + e / 100);
        *p++ = (char)('0' + e / 10 % 10);
        *p++ = (char)('0' + e % 10);
    } else if (e < 0) {
        *p++ = '0';
        *p++ = '.';
        for (int zeros = -1 - e; zeros > 0; zeros--)
            *p++ = '0';
        memcpy(p, text, (size_t)count);
        p += count;
    } else {
        for (int i = 0; i < count || i <= e; i++) {
            if (i == e + 1)
                *p++ = '.';
            *p++ = i < count ? text[i] : '0';
        }
    }
    *p = 0;
    return (size_t)(p - buffer);
}

/* The shortest number near (y + rest 2^-64) 10^-k that reads back as a, in units of y; cut: how many digits can go. */
static uint64_t shorten(double a, kmu_type type, uint64_t y, uint64_t rest, int k, int cut)
{
    int ignored;
    const bool power_of_two = frexp(a, &ignored) == 0.5;
    uint64_t unit = 1;
    for (int i = 0; i < cut; i++)
        unit *= 10;
    for (; cut > 0; cut--, unit /= 10) {
        uint64_t floor = y / unit, over = y % unit;
        bool up = over > unit / 2 || (over == unit / 2 && (rest || (floor & 1)));
        for (int other = 0; other <= power_of_two; other++) {
            struct decimal v = {.w = floor + (up != other), .q = cut - k};
            if (decimal_round(&v, type) == a)
                return v.w * unit;
        }
    }
    return y + (rest >> 63);
}

size_t number_write(char *buffer, double x, kmu_type type)
{
    const bool f32 = type == KMU_F32, negative = signbit(x) != 0;
    const double a = fabs(x);
    if (!(a > 0) || a == INFINITY) {
        const char *name = a == 0 ? "0" : a > 0 ? "inf" : "nan";
        return (size_t)sprintf(buffer, "%s%s", negative && a == a ? "-" : "", name);
    }
    /* Every number of 15 (6) digits survives a normal f64 (f32), so no shorter one need be tried; subnormals keep less. */
    const int count = f32 ? 9 : 17, cut = a < (f32 ? 0x1p-126 : 0x1p-1022) ? count - 1 : f32 ? 3 : 2;
    uint64_t y, rest;
    int k;
    char text[20];
    decimal_split(a, count, &y, &rest, &k);
    y = shorten(a, f32 ? KMU_F32 : KMU_F64, y, rest, k, cut);
    int exponent = count - 1 - k + (y >= (f32 ? 1000000000 : 100000000000000000)); /* rounded up to one digit more */
    return lay_out(buffer, negative, text, write_digits(text, y), exponent);
}
