/* sha256.c - SHA-256 (FIPS 180-4, 2015): a page names its only script and style by it, so that a browser runs no other.
 *
 * The constants are the leading 32 bits behind the point of the square roots of the first 8 primes, and of the cube roots of
 * the first 64: integer roots of p 2^64 and p 2^96, below 2^32. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "io/u128.h"
#include "report/markup.h"

struct hash {
    uint32_t h[8], k[64];
};

/* The leading 32 bits behind the point of the root of p: the largest r with r^power <= p 2^(32 power). */
static uint32_t root(unsigned p, int power)
{
    uint64_t r = 0;
    for (int bit = 39; bit >= 0; bit--) {
        const u128 t = r | 1ull << bit;
        if (power == 2 ? t * t >> 64 < p : t * t * t >> 96 < p)
            r = (uint64_t)t;
    }
    return (uint32_t)r;
}

static bool is_prime(unsigned p)
{
    for (unsigned a = 2; a * a <= p; a++)
        if (p % a == 0)
            return false;
    return true;
}

static void begin(struct hash *s)
{
    for (unsigned p = 2, i = 0; i < 64; p++)
        if (is_prime(p)) {
            s->k[i] = root(p, 3);
            if (i < 8)
                s->h[i] = root(p, 2);
            i++;
        }
}

static uint32_t turn(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

/* One block of 64 bytes (section 6.2.2). */
static void take(struct hash *s, const unsigned char *block)
{
    uint32_t w[64], v[8];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               block[4 * t + 3];
    for (int t = 16; t < 64; t++)
        w[t] = (turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
               (turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
    memcpy(v, s->h, sizeof v);
    for (int t = 0; t < 64; t++) {
        const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]), majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        const uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + choice + s->k[t] + w[t];
        const uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + majority;
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        s->h[i] += v[i];
}

void sha256_base64(const char *text, size_t bytes, char out[45])
{
    unsigned char last[128] = {0}, sum[32];
    struct hash s;
    const size_t whole = bytes / 64 * 64, rest = bytes - whole, end = rest < 56 ? 64 : 128;
    begin(&s);
    for (size_t at = 0; at < whole; at += 64)
        take(&s, (const unsigned char *)text + at);
    memcpy(last, text + whole, rest);
    last[rest] = 0x80;
    for (int b = 0; b < 8; b++)
        last[end - 1 - (size_t)b] = (unsigned char)((uint64_t)bytes * 8 >> 8 * b);
    for (size_t at = 0; at < end; at += 64)
        take(&s, last + at);
    for (int b = 0; b < 32; b++)
        sum[b] = (unsigned char)(s.h[b / 4] >> (24 - 8 * (b % 4)));
    for (size_t b = 0; b < 32; b += 3)
        base64_four(sum + b, 32 - b, out + b / 3 * 4);
}
