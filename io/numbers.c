/* numbers.c - the eleven types of number as they lie in memory: their sizes, names and exact conversions. */
#include <math.h>
#include <string.h>

#include "io/format.h"

static const struct {
    const char *name;
    size_t bytes;
    bool integer;
} types[] = {
    [KMU_F16] = {"f16", 2, false}, [KMU_F32] = {"f32", 4, false}, [KMU_F64] = {"f64", 8, false},
    [KMU_U8] = {"u8", 1, true},    [KMU_I8] = {"i8", 1, true},
    [KMU_U16] = {"u16", 2, true},  [KMU_I16] = {"i16", 2, true},
    [KMU_U32] = {"u32", 4, true},  [KMU_I32] = {"i32", 4, true},
    [KMU_U64] = {"u64", 8, true},  [KMU_I64] = {"i64", 8, true},
};

size_t type_bytes(kmu_type type)
{
    return types[type].bytes;
}

const char *type_name(kmu_type type)
{
    return types[type].name;
}

bool is_integer(kmu_type type)
{
    return types[type].integer;
}

bool big_endian(void)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

void swap_bytes(void *x, size_t count, size_t bytes)
{
    unsigned char *p = x;
    if (bytes > 1)
        for (; count; count--, p += bytes)
            for (size_t i = 0; i < bytes / 2; i++) {
                unsigned char low = p[i];
                p[i] = p[bytes - 1 - i];
                p[bytes - 1 - i] = low;
            }
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
static double widen_half(uint16_t h)
{
    const int exponent = h >> 10 & 31, fraction = h & 1023;
    double x = exponent == 31 ? (fraction ? NAN : INFINITY)
                              : ldexp(exponent ? fraction + 1024 : fraction, (exponent ? exponent : 1) - 25);
    return h >> 15 ? -x : x;
}

#define AT(type) (((const type *)x)[i])

int64_t load_integer(const void *x, size_t i, kmu_type type)
{
    switch (type) {
    case KMU_U8: return AT(uint8_t);
    case KMU_I8: return AT(int8_t);
    case KMU_U16: return AT(uint16_t);
    case KMU_I16: return AT(int16_t);
    case KMU_U32: return AT(uint32_t);
    case KMU_I32: return AT(int32_t);
    default: return AT(int64_t);
    }
}

double load_number(const void *x, size_t i, kmu_type type)
{
    switch (type) {
    case KMU_F32: return AT(float);
    case KMU_F64: return AT(double);
    case KMU_F16: return widen_half(AT(uint16_t));
    case KMU_U64: return (double)AT(uint64_t);
    default: return (double)load_integer(x, i, type);
    }
}

/* Whether v is an integer of least .. most; -0 is not. */
static bool whole(double v, double least, double most)
{
    return v >= least && v <= most && v == floor(v) && !(v == 0 && signbit(v));
}

bool store_number(void *x, size_t i, kmu_type type, double v)
{
    switch (type) {
    case KMU_F64: ((double *)x)[i] = v; return true;
    case KMU_F32: ((float *)x)[i] = (float)v; return (double)(float)v == v || v != v;
    case KMU_U8: return whole(v, 0, UINT8_MAX) && (((uint8_t *)x)[i] = (uint8_t)v, true);
    case KMU_I32: return whole(v, INT32_MIN, INT32_MAX) && (((int32_t *)x)[i] = (int32_t)v, true);
    default: return false;
    }
}
