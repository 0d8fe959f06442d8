/* median.h - the middle of rows by one coordinate, on whole numbers. */
#ifndef KMU_LAYOUT_MEDIAN_H
#define KMU_LAYOUT_MEDIAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A row and its coordinate in the column that is looked at, in one number: 32 bits that order as binary32 numbers do, and the
 * row. So no two are equal. */
static inline uint64_t kmu__pair_of(float key, uint32_t row)
{
    uint32_t bits;
    key += 0.0f; /* -0 is +0 */
    memcpy(&bits, &key, sizeof bits);
    return (uint64_t)(bits >> 31 ? ~bits : bits | 1u << 31) << 32 | row;
}

static inline float kmu__key_of(uint64_t pair)
{
    uint32_t bits = (uint32_t)(pair >> 32);
    float key;
    bits = bits >> 31 ? bits & 0x7fffffff : ~bits;
    memcpy(&key, &bits, sizeof key);
    return key;
}

/* pair[middle] := what would be there if all were in order: none before it is greater, none behind it less. O(count). */
void kmu__select_middle(uint64_t *pair, size_t count, size_t middle);

#endif
