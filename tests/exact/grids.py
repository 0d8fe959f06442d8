"""grids.py - floats as integers on a grid, rounded once, and compared by digits.

Every finite float is an integer over a power of two: a = A 2^-s. On the grid 2^-s sums and products are exact.

    argmin_i ||x_j - mu_i||^2 = argmin_i  M_i.M_i - 2^(t-s+1) X_j.M_i        for x = X 2^-s, mu = M 2^-t

X.M is a matrix product of long integers: both are cut into digits of b bits, each pair of digits is one f64 product of
matrices, whose partial sums are integers below d 2^(2b) <= 2^52, hence exact in every order of summation.

Time O(n k d) times the square of the number of digits; memory O(n k) times their number."""
import math
from fractions import Fraction

import numpy as np

# ---- rounding ------------------------------------------------------------------------------------------------------

FORMAT = {np.dtype("f4"): (24, -149), np.dtype("f8"): (53, -1074)}  # significant bits, exponent of the least subnormal


def number_type(x):
    """f32 for binary32 data, else f64."""
    return np.dtype("f4") if np.asarray(x).dtype == np.float32 else np.dtype("f8")


def nearest(p, q, dtype, e=0):
    """2^e p / q (q > 0) rounded once to dtype, to nearest, ties to even; inf beyond the range of f64; never -0."""
    bits, least = FORMAT[np.dtype(dtype)]
    p, q = p << max(e, 0), q << max(-e, 0)
    a = abs(p)
    e = a.bit_length() - q.bit_length()
    e -= (a << max(-e, 0)) < (q << max(e, 0))  # now 2^e <= a / q < 2^(e+1)
    unit = max(e - bits + 1, least)
    f, rest = divmod(a << max(-unit, 0), q << max(unit, 0))
    f += (2 * rest, f & 1) > (q << max(unit, 0), 0)  # above a half, or a half beside an odd significand
    try:
        v = math.ldexp(f, unit)
    except OverflowError:
        v = math.inf
    return -v if p < 0 and f else v


def nearest_root(v, s, dtype):
    """sqrt(v 2^-s) rounded once: the integer root of 80 bits or more, and half a unit for what it leaves."""
    up = max(0, 160 - v.bit_length())
    up += (s + up) % 2
    r = math.isqrt(v << up)
    return nearest(2 * r + (r * r != v << up), 2, dtype, -((s + up) // 2))


def to24(v):
    """The integer v >= 0 rounded to 24 significant bits, to nearest, ties to even."""
    e = v.bit_length() - 24
    if e <= 0:
        return v
    f, rest, half = v >> e, v & ((1 << e) - 1), 1 << (e - 1)
    return (f + (rest > half or (rest == half and f & 1))) << e


def dyadic(v, s):
    """v 2^-s."""
    return Fraction(v << max(-s, 0), 1 << max(s, 0))


def to_f64(v):
    """The Fraction v rounded once to f64."""
    return nearest(v.numerator, v.denominator, "f8")


# ---- grids ---------------------------------------------------------------------------------------------------------


def fine(a):
    """The least s for which every a 2^s is an integer, negative where all are even; 0 when all are 0."""
    m, e = np.frexp(np.asarray(a, "f8"))
    m = (m[m != 0] * 2.0**53).astype(np.int64)
    if not len(m):
        return 0
    lowest_bit = np.frexp((m & -m).astype("f8"))[1] - 1
    return -int((np.asarray(e)[np.asarray(a) != 0] - 53 + lowest_bit).min())


def integers(a, s):
    """The integers a 2^s, s >= fine(a), in an object array."""
    m, e = np.frexp(np.asarray(a, "f8"))
    m, e = (m * 2.0**53).astype(np.int64).astype(object), (e.astype(np.int64) - 53 + s).astype(object)
    up, down = np.maximum(e, 0), np.maximum(-e, 0)
    return np.where(m == 0, 0, (m << np.where(m == 0, 0, up)) >> np.where(m == 0, 0, down))


def bits_of(a):
    """The bits of the largest |a|."""
    return max((int(a.max()).bit_length(), int(a.min()).bit_length()), default=0) if a.size else 0


def machine(a, bits):
    """a as int64 when results of that many bits fit, else as it is: the same code runs on both."""
    return a.astype(np.int64) if bits <= 62 else a


# ---- comparing distances -------------------------------------------------------------------------------------------


def digit_bits(d):
    """b with d 2^(2b) <= 2^52."""
    return (52 - d.bit_length()) // 2


def digits(a, b):
    """a = sum_t D_t 2^(b t) with |D_t| < 2^b and the sign of a: {t: D_t} in f64, digits that are all 0 left out."""
    bits = bits_of(a)
    a = machine(a, bits)
    size, sign = np.abs(a), np.where(a < 0, -1, 1)
    cut = {t: ((size >> b * t & (1 << b) - 1) * sign).astype("f8") for t in range(-(-bits // b))}
    return {t: D for t, D in cut.items() if D.any()}


def argmin_distance(X, M, q, b):
    """argmin_i M_i.M_i - 2^(b q) X_j.M_i for the digits X of n rows, integers M: c, and whether the least is tied."""
    A = [sum(v * v for v in row) for row in M.tolist()]
    M_digits = digits(M, b)
    top = max(max(X, default=0) + max(M_digits, default=0) + q + 1, max(A).bit_length() // b + 1)
    n = len(next(iter(X.values()))) if X else 0
    D = np.zeros((top + 1, n, len(A)), np.int64)
    for t in range(top):
        D[t] += [a >> b * t & (1 << b) - 1 for a in A]
    for t, U in X.items():
        for u, V in M_digits.items():
            D[t + u + q] -= (U @ V.T).astype(np.int64)
    for t in range(top):  # carries: afterwards 0 <= D_t < 2^b below a signed top digit
        D[t + 1] += D[t] >> b
        D[t] &= (1 << b) - 1
    least = np.ones(D.shape[1:], bool)
    for t in range(top, -1, -1):  # the lexicographically least columns of digits
        v = np.where(least, D[t], np.iinfo(np.int64).max)
        least &= v == v.min(1)[:, None]
    return least.argmax(1), least
