/* sum.c - carry-free digits (sum.h). */
#include "sum.h"

#include "digit.h"

#define SPLIT 0x1p48

struct range kmu__range_of(double x)
{
    struct parts p = kmu__parts(x);
    if (!p.m)
        return (struct range){.low = 1 << 20, .high = -(1 << 20)};
    return (struct range){.low = p.e + __builtin_ctzll(p.m), .high = p.e + kmu__bits(p.m)};
}

struct range kmu__range_join(struct range a, struct range b)
{
    return (struct range){.low = a.low < b.low ? a.low : b.low, .high = a.high > b.high ? a.high : b.high};
}

void kmu__sum_wish(struct sum_layout *s, size_t d, struct memory *m)
{
    s->d = d;
    kmu__wish(m, &s->unit, d, sizeof *s->unit);
    kmu__wish(m, &s->inverse, d, sizeof *s->inverse);
    kmu__wish(m, &s->low, d, sizeof *s->low);
    kmu__wish(m, &s->digits, d, sizeof *s->digits);
    kmu__wish(m, &s->at, d, sizeof *s->at);
    kmu__wish(m, &s->wide, d, sizeof *s->wide);
}

/* Digits that hold bits bits: the top one takes 62, the others 48. */
static int digits_for(int bits)
{
    return bits <= 62 ? 1 : 1 + (bits - 62 + KMU__DIGIT - 1) / KMU__DIGIT;
}

void kmu__sum_fix(struct sum_layout *s, const struct range *x, struct range w, size_t n)
{
    int count_bits = kmu__bits(n) + 1;
    bool moderate = w.low >= -900 && w.high <= 900; /* x 2^-g is finite and exact before w comes in */
    s->narrow = 1;
    s->wide_count = 0;
    for (size_t l = 0; l < s->d; l++) {
        bool zero = x[l].low > x[l].high;
        int low = zero ? 0 : x[l].low + w.low, high = zero ? 1 : x[l].high + w.high, term = high - low;
        /* the fast way: w x exact in f64, its unit and its inverse normal, one digit of 51 bits or two of 48 */
        bool exact = w.high - w.low <= 1 || (x[l].high - x[l].low) + (w.high - w.low) <= 53;
        bool fits = zero || (exact && low >= -1000 && high <= 1000 && term <= 95 && x[l].low >= -1000 && moderate);
        s->low[l] = low;
        s->digits[l] = digits_for(term + count_bits);
        if (fits && term > 51 && s->digits[l] == 1)
            s->digits[l] = 2;
        if (!fits || s->digits[l] > 2) {
            int pieces = (term + KMU__DIGIT - 1) / KMU__DIGIT; /* that one term is cut into */
            s->digits[l] = pieces > s->digits[l] ? pieces : s->digits[l];
            s->wide[s->wide_count++] = l;
            s->unit[l] = s->inverse[l] = 0;
            continue;
        }
        s->unit[l] = kmu__power(low);
        s->inverse[l] = kmu__power(-low);
        if (s->digits[l] == 2)
            s->narrow = 2;
    }
    s->calm = s->wide_count == 0;
    for (size_t l = 0; l < s->d; l++) {
        bool zero = x[l].low > x[l].high;
        int high = zero ? 1 : x[l].high + w.high, top = high - s->low[l] + count_bits - (s->narrow - 1) * KMU__DIGIT;
        s->calm &= s->low[l] > -400 && high < 400 && top <= (s->narrow == 1 ? 62 : 51);
    }
    s->words = s->d * (size_t)s->narrow;
    for (size_t l = 0; l < s->d; l++)
        if (s->inverse[l] != 0)
            s->digits[l] = s->narrow;
    for (size_t i = 0; i < s->wide_count; i++) {
        size_t l = s->wide[i];
        s->at[l] = s->words;
        s->words += (size_t)s->digits[l];
    }
}

static void add_one_digit(int64_t *restrict S, const double *restrict x, const double *restrict inverse, double w, size_t count)
{
    for (size_t l = 0; l < count; l++)
        S[l] += kmu__whole(x[l] * inverse[l] * w);
}

static void add_two_digits(int64_t *restrict low, int64_t *restrict high, const double *restrict x,
                           const double *restrict inverse, double w, size_t count)
{
    for (size_t l = 0; l < count; l++) {
        double t = x[l] * inverse[l] * w, h = kmu__rounded(t * (1 / SPLIT)); /* |t| < 2^95, so |h| <= 2^47 */
        low[l] += kmu__whole(t - h * SPLIT);                                 /* exact, at most 2^47 */
        high[l] += kmu__whole(h);
    }
}

/* digits += +-w x, where the lowest digit is worth 2^low. */
static void add_wide(int64_t *digit, int low, double x, double w, bool negative)
{
    struct parts p = kmu__parts(x), q = kmu__parts(w);
    if (!p.m || !q.m)
        return;
    kmu__u128 m = (kmu__u128)p.m * q.m;
    int zeros = (uint64_t)m ? __builtin_ctzll((uint64_t)m) : 64 + __builtin_ctzll((uint64_t)(m >> 64));
    unsigned at = (unsigned)(p.e + q.e + zeros - low);
    m >>= zeros;
    digit += at / KMU__DIGIT;
    unsigned room = KMU__DIGIT - at % KMU__DIGIT; /* of the first digit touched */
    int64_t sign = negative ^ p.negative ^ q.negative ? -1 : 1;
    *digit += sign * (int64_t)(((uint64_t)m & ((1ull << room) - 1)) << (at % KMU__DIGIT));
    for (m >>= room; m; m >>= KMU__DIGIT)
        *++digit += sign * (int64_t)((uint64_t)m & ((1ull << KMU__DIGIT) - 1));
}

void kmu__sum_add(const struct sum_layout *s, int64_t *S, const double *x, double w, bool negative, size_t from, size_t to)
{
    double signed_w = negative ? -w : w;
    if (s->narrow == 1)
        add_one_digit(S + from, x + from, s->inverse + from, signed_w, to - from);
    else
        add_two_digits(S + from, S + s->d + from, x + from, s->inverse + from, signed_w, to - from);
    for (size_t i = 0; i < s->wide_count; i++) {
        size_t l = s->wide[i];
        if (l >= from && l < to)
            add_wide(S + s->at[l], s->low[l], x[l], w, negative);
    }
}

void kmu__sum_add_one(const struct sum_layout *s, int64_t *S, size_t l, double x, double w, bool negative)
{
    if (s->inverse[l] == 0)
        add_wide(S + s->at[l], s->low[l], x, w, negative);
    else if (s->narrow == 1)
        add_one_digit(S + l, &x, s->inverse + l, negative ? -w : w, 1);
    else
        add_two_digits(S + l, S + s->d + l, &x, s->inverse + l, negative ? -w : w, 1);
}

/* digit[i] keeps 48 bits in [-2^47, 2^47); the rest goes one up. step is the distance between digits. */
static void carry(int64_t *digit, int digits, size_t step)
{
    for (int t = 0; t + 1 < digits; t++) {
        int64_t up = (digit[t * step] + (1ll << (KMU__DIGIT - 1))) >> KMU__DIGIT;
        digit[t * step] -= up * (1ll << KMU__DIGIT);
        digit[(t + 1) * step] += up;
    }
}

void kmu__sum_carry(const struct sum_layout *s, int64_t *S, size_t from, size_t to)
{
    if (s->narrow == 2)
        for (size_t l = from; l < to; l++)
            carry(S + l, 2, s->d);
    for (size_t i = 0; i < s->wide_count; i++)
        if (s->wide[i] >= from && s->wide[i] < to)
            carry(S + s->at[s->wide[i]], s->digits[s->wide[i]], 1);
}

/* Column l's first digit and the step to the next. */
static const int64_t *column(const struct sum_layout *s, const int64_t *S, size_t l, size_t *step)
{
    bool wide = s->inverse[l] == 0;
    *step = wide ? 1 : s->d;
    return wide ? S + s->at[l] : S + l;
}

bool kmu__sum_short(const struct sum_layout *s, const int64_t *S, size_t l, bool *negative, kmu__u128 *m)
{
    size_t step;
    const int64_t *digit = column(s, S, l, &step);
    if (s->digits[l] > 2)
        return false;
    kmu__i128 value = digit[0];
    if (s->digits[l] == 2)
        value += (kmu__i128)digit[step] * ((kmu__i128)1 << KMU__DIGIT);
    *negative = value < 0;
    *m = value < 0 ? -(kmu__u128)value : (kmu__u128)value;
    return true;
}

void kmu__sum_big(const struct sum_layout *s, const int64_t *S, size_t l, struct big *big)
{
    size_t step;
    const int64_t *from = column(s, S, l, &step);
    int64_t digit[KMU__DIGITS + 2];
    int digits = s->digits[l];
    for (int t = 0; t < digits; t++)
        digit[t] = from[t * step];
    carry(digit, digits, 1);
    int top = digits;
    while (top > 0 && digit[top - 1] == 0)
        top--;
    *big = (struct big){.negative = top && digit[top - 1] < 0, .e = s->low[l]};
    if (!top)
        return;
    int64_t borrow = 0; /* digits of one sign now: each in 0 .. 2^48 - 1, the top one up to 2^63 */
    big->n = (top * KMU__DIGIT + 64 + 63) / 64;
    for (int t = 0; t < top; t++) {
        int64_t v = (big->negative ? -digit[t] : digit[t]) - borrow;
        borrow = t + 1 < top && v < 0;
        if (borrow)
            v += 1ll << KMU__DIGIT;
        kmu__u128 part = (kmu__u128)(uint64_t)v << (t * KMU__DIGIT % 64);
        int i = t * KMU__DIGIT / 64;
        kmu__u128 sum = (kmu__u128)big->limb[i] + (uint64_t)part;
        big->limb[i] = (uint64_t)sum;
        big->limb[i + 1] += (uint64_t)(part >> 64) + (uint64_t)(sum >> 64);
    }
    while (big->n && big->limb[big->n - 1] == 0)
        big->n--;
}

void kmu__sum_times(const struct sum_layout *s, const int64_t *S, size_t l, double y, bool negative, int e, struct wide *a)
{
    struct parts p = kmu__parts(y);
    size_t step;
    const int64_t *digit = column(s, S, l, &step);
    if (!p.m)
        return;
    for (int t = 0; t < s->digits[l]; t++) {
        int64_t v = digit[t * step];
        uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;
        if (size)
            kmu__wide_add(a, negative ^ p.negative ^ (v < 0), (kmu__u128)size * p.m, p.e + e + s->low[l] + KMU__DIGIT * t);
    }
}
