/* random.c - Philox4x32-10 (random.h). */
#include "random.h"

void kmu__philox(uint64_t seed, const uint32_t counter[4], uint32_t word[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9u; /* Weyl sequences of the golden ratio and of sqrt(3) - 1 */
        k1 += 0xBB67AE85u;
    }
    word[0] = c0, word[1] = c1, word[2] = c2, word[3] = c3;
}

uint64_t kmu__word(uint64_t seed, uint32_t run, enum kmu__purpose purpose, uint32_t step, uint32_t t)
{
    uint32_t word[4];
    kmu__philox(seed, (const uint32_t[4]){run, (uint32_t)purpose, step, t}, word);
    return word[0] | (uint64_t)word[1] << 32;
}
