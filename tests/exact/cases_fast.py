"""cases_fast.py - the families aimed at fast paths: near ties no float can see, and shapes at the edges of blocks.

A row t (1, .., 1) is equally far from every permutation of a vector, over the real numbers; floating-point sums taken
in the order of the columns differ. A midpoint rounded to the type is nearer to one of two centroids by less than any
floating-point distance resolves."""
import numpy as np

from cases import BOTH, blobs, family


def rotations(v, many):
    """The first rotations of a vector, as rows."""
    return np.stack([np.roll(v, i) for i in range(many)])


@family
def permuted(r):
    """True ties that a rounded sum breaks."""
    for t in BOTH:
        for d in (3, 6, 17, 40, 130):
            v, many = r.normal(size=d).astype(t), min(d, 9)
            level = np.repeat(r.normal(size=(30, 1)), d, 1).astype(t)
            yield f"{t}-d{d}-level-rows", dict(x=np.r_[level, rotations(v, many)[::-1]], start=rotations(v, many))
            both = np.r_[rotations(v, d), np.repeat(level[:1], 3, 0)]
            yield f"{t}-d{d}-fill", dict(x=both, start=np.r_[level[:1], np.full((min(d, 5), d), 1e4)])
            weight = 10.0 ** r.integers(-3, 4, len(both))
            yield f"{t}-d{d}-fill-weights", dict(x=both[::-1], start=np.full((4, d), 50.0), w=weight)


@family
def bisector(r):
    """Points rounded onto the bisectors of the start, an ulp to either side."""
    for t in BOTH:
        for d in (1, 2, 3, 8, 33, 100):
            for offset in (0, 1000):
                start = (offset + r.normal(size=(6, d))).astype(t)
                a, b = start[r.integers(0, 6, 80)], start[r.integers(0, 6, 80)]
                x = ((a.astype("f8") + b) / 2).astype(t)
                x[::3, 0] = np.nextafter(x[::3, 0], np.dtype(t).type(1e9))
                x[1::3, -1] = np.nextafter(x[1::3, -1], np.dtype(t).type(-1e9))
                yield f"{t}-d{d}-offset{offset}", dict(x=x, start=start, max_iter=6)


@family
def close_centroids(r):
    """Centroids a few ulps apart, long vectors, short differences."""
    for t in BOTH:
        eps = np.finfo(t).eps
        for d in (2, 16, 64, 200):
            centre = 10 * r.normal(size=d)
            start = (centre * (1 + 4 * eps * r.integers(-9, 10, (8, d)))).astype(t)
            x = (centre * (1 + 4 * eps * r.integers(-30, 31, (100, d)))).astype(t)
            yield f"{t}-d{d}", dict(x=x, start=start, max_iter=8)


@family
def biased_sums(r):
    """x.c_1 is larger by two units, but in binary32, summed in order, every late term of it rounds down, of x.c_2 up.

    In units of the last place of the whole sum, d terms K + 29/64 against K + 35/64, the first few of them lowered."""
    for t in BOTH:
        for d in (16, 32, 48, 64, 128, 512):
            K = round(0.9 * 2**24 / d)
            for turned in (False, True):
                c = np.full((2, d), float(K)) + [[29 / 64], [35 / 64]]
                c[1, : round(6 * d / 64 + 2)] -= 1
                x = np.r_[np.ones((3, d)), -np.ones((3, d)), r.choice([-1, 1], (20, d))]
                yield f"{t}-d{d}{'-turned' * turned}", dict(x=(x * 2.0**20).astype(t), max_iter=2,
                                                            start=c[::-1 if turned else 1] * 2.0**-20)


@family
def equal_norms(r):
    """Next to the origin the norms of the centroids decide, as far as they are known."""
    for t in BOTH:
        for d in (4, 8, 32, 100):
            c = unit(r.normal(size=(8, d))).astype(t)
            near = r.normal(size=(200, d)) * 10.0 ** r.integers(-10, -6, (200, 1))
            yield f"{t}-d{d}", dict(x=np.r_[c, -c, near.astype(t)], start=c, max_iter=2)


@family
def underflow(r):
    """Products of binary32 numbers below its range, beside a row that forbids to scale them up."""
    for t in BOTH:
        for e in (40, 66, 69, 71, 74, 90):
            x = r.normal(size=(100, 5)) * 2.0**-e
            x[:2] = [[1] * 5, [-1] * 5]
            yield f"{t}-2^-{e}", dict(x=x.astype(t), start=(r.normal(size=(8, 5)) * 2.0**-e).astype(t), max_iter=1)
            x[2:, :3] = r.integers(-1, 2, (98, 3))
            yield f"{t}-2^-{e}-some-columns", dict(x=x.astype(t), k=8, init="first", max_iter=5)


@family
def halfway_means(r):
    """Means exactly between two neighbours, and a hair beside: the hair is a row of weight 1 among weights of 2^60."""
    for t in BOTH:
        u = np.dtype(t).type
        for low in (1.0, 1 + float(np.finfo(t).eps), 3.0, -1.0, float(np.finfo(t).tiny), 0.0):
            a = u(low)
            b = np.nextafter(a, u(np.inf))
            for name, third in (("above", b), ("below", a)):
                x = np.array([[a], [b], [third]])
                for weight in (2.0**60, 2.0**55, 2.0**90):
                    yield f"{t}-{low:g}-{a.tobytes().hex()}-{name}-{weight:g}", dict(
                        x=x, k=1, w=np.array([weight, weight, 1]))
            yield f"{t}-{low:g}-{a.tobytes().hex()}-tie", dict(x=np.array([[a], [b]]), k=1)
    for k in (3, 5, 7, 9, 11):
        yield f"f4-{k}-ths", dict(x=(r.integers(0, 2**24, (k * 40, 3)) * 2.0**-24).astype("f4"), k=2, init="first")


@family
def level_rows(r):
    """Rows that are constant over the columns: quantised without error but for the scale, or with the most."""
    for t in BOTH:
        for d in (16, 64, 129):
            x = np.repeat(r.normal(size=(120, 1)), d, 1).astype(t)
            yield f"{t}-d{d}", dict(x=x, start=x[:9])
            yield f"{t}-d{d}-integers", dict(x=np.round(9 * x), start=np.round(9 * x[:9]))


@family
def outlier_columns(r):
    """One coordinate that dwarfs the rest: a row's scale says nothing about its other coordinates."""
    for t in BOTH:
        for d in (16, 64, 200):
            x = r.normal(size=(150, d))
            x[np.arange(150), r.integers(0, d, 150)] *= 1e5
            yield f"{t}-d{d}-anywhere", dict(x=x.astype(t), k=12, init="first")
            x = blobs(r, 150, d, 6, 0.5)
            x[:, 3] = 1e6 * (1 + r.integers(0, 2, 150))
            yield f"{t}-d{d}-one-column", dict(x=x.astype(t), k=12, init="first")


@family
def block_edges(r):
    """n, d and k at and beside the sizes of registers, tiles and panels."""
    sizes = (1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129)
    for i, s in enumerate(sizes):
        t, other = BOTH[i % 2], sizes[(7 * i + 3) % len(sizes)]
        n = max(s, 40)
        yield f"n{s}", dict(x=blobs(r, s, 5, 4).astype(t), k=min(s, 9), init="first")
        yield f"d{s}", dict(x=blobs(r, 90 + i, s, 4, 1.0).astype(t), k=8 + i % 2, init="first")
        yield f"k{s}", dict(x=r.normal(size=(2 * n + 1, 4)).astype(t), k=s, init="random", max_iter=9)
        yield f"d{s}-k{other}", dict(x=r.normal(size=(other + 60, s)).astype(t), k=other, init="first", max_iter=9)
        yield f"d{s}-integers", dict(x=r.integers(-9, 10, (100, s)).astype(t), k=9, init="first", max_iter=12)


@family
def wide_and_many(r):
    """Many columns and many clusters at once."""
    yield "f4-n600-d64-k40", dict(x=blobs(r, 600, 64, 30, 0.6).astype("f4"), k=40, init="random", max_iter=8)
    yield "f4-n400-d128-k64", dict(x=r.normal(size=(400, 128)).astype("f4"), k=64, init="first", max_iter=6)
    yield "f8-n400-d96-k48", dict(x=r.normal(size=(400, 96)), k=48, init="first", max_iter=5)
    yield "u1-n500-d100-k33", dict(x=r.integers(0, 256, (500, 100)).astype("u1"), k=33, init="first", max_iter=6)
    yield "f4-decaying-spectrum", dict(x=(r.normal(size=(500, 80)) * 0.9 ** np.arange(80)).astype("f4"), k=40,
                                       init="first", max_iter=8)
    yield "f4-far-away", dict(x=(1e4 + r.normal(size=(400, 48))).astype("f4"), k=36, init="first", max_iter=8)
    yield "f4-mostly-zeros", dict(x=(r.normal(size=(500, 60)) * (r.random((500, 60)) < 0.05)).astype("f4"), k=32,
                                  init="random", max_iter=8)
    yield "f4-unit-rows", dict(x=unit(r.normal(size=(500, 48))).astype("f4"), k=40, init="random", max_iter=8)
    for d in (6, 20, 64):
        yield f"f4-n600-d{d}-parallel", dict(x=blobs(r, 600, d, 30, 0.6).astype("f4"), k=30, init="kmeans||", max_iter=2)


def unit(x):
    return x / np.linalg.norm(x, axis=1)[:, None]
