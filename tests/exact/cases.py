"""cases.py - the named fits on which the library must equal the checker to the bit: data as they come.

A family is a generator of (detail, fields); its cases are named family/detail and draw from the family's own random
stream, so no case changes when a family is added. cases_edge.py holds the families made to break things, cases_fast.py
those aimed at fast paths."""
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import checker

BOTH = ("f4", "f8")


@dataclass(frozen=True, eq=False)
class Case:
    """One fit: points, weights, and every option that changes the answer."""

    name: str
    x: np.ndarray
    k: int
    w: np.ndarray = None
    init: str = "kmeans++"
    start: np.ndarray = None
    n_init: int = 1
    max_iter: int = 40
    tol: float = 0.0
    seed: int = 0

    def options(self):
        return {f: getattr(self, f) for f in ("init", "start", "n_init", "max_iter", "tol", "seed")}


FAMILIES = []


def family(f):
    FAMILIES.append(f)
    return f


@lru_cache(None)
def all_cases():
    """{name: Case}, every family in order."""
    import cases_edge  # noqa: F401  these add their families
    import cases_fast  # noqa: F401

    cases = {}
    for f in FAMILIES:
        for detail, fields in f(np.random.default_rng(zlib.crc32(f.__name__.encode()))):
            name = f"{f.__name__}/{detail}"
            assert name not in cases, name
            if "start" in fields:
                fields = {"init": "given", "k": len(fields["start"]), **fields}
            cases[name] = Case(name, **fields)
    return cases


@lru_cache(None)
def answer(name):
    """The checker's fit of a case, computed once."""
    case = all_cases()[name]
    return checker.fit(case.x, case.k, case.w, **case.options())


def blobs(r, n, d, k, spread=6.0):
    """n points of k round clusters."""
    return r.normal(size=(n, d)) + spread * r.normal(size=(k, d))[r.integers(0, k, n)]


# ---- continuous data -----------------------------------------------------------------------------------------------


@family
def gaussian(r):
    for t in BOTH:
        for d in (1, 2, 3, 8, 17, 50):
            for k in (2, 7):
                init = "random" if (d + k) % 2 else "kmeans++"
                yield f"{t}-d{d}-k{k}", dict(x=blobs(r, 120, d, 5).astype(t), k=k, init=init, seed=d * k)
    yield "f4-n2000-d20", dict(x=blobs(r, 2000, 20, 9).astype("f4"), k=10, max_iter=25)
    yield "f8-n1500-d20", dict(x=r.normal(size=(1500, 20)), k=12, max_iter=15)
    yield "f4-structureless", dict(x=r.random((600, 4)).astype("f4"), k=40, max_iter=20)


@family
def many_turns(r):
    """Few clusters in a shapeless cloud, started together: most turns move only a few labels."""
    for t in BOTH:
        for n, d, k in ((500, 1, 6), (400, 2, 9), (300, 3, 5), (300, 6, 8)):
            x = r.random((n, d)).astype(t)
            yield f"{t}-d{d}", dict(x=x, start=x[:k] / 64, max_iter=100)
        x = r.integers(0, 40, (500, 2)).astype(t)
        yield f"{t}-integers", dict(x=x, start=x[:7] / 64, max_iter=100)


@family
def far_from_origin(r):
    for t in BOTH:
        for d in (1, 2, 10):
            for o in (1e6, 1e9):
                yield f"{t}-d{d}-{o:g}", dict(x=(o + 40 * blobs(r, 90, d, 4)).astype(t), k=4, seed=d)
    yield "f8-other-offset-each-column", dict(x=blobs(r, 90, 4, 4) + [1e3, -1e9, 1e12, 0], k=5)


@family
def one_column(r):
    for t in BOTH:
        yield f"{t}-normal", dict(x=r.normal(size=(300, 1)).astype(t), k=6)
        yield f"{t}-sorted", dict(x=np.sort(r.random((200, 1)), 0).astype(t), k=9)
        yield f"{t}-descending", dict(x=-np.sort(-r.random((200, 1)), 0).astype(t), k=3)
        yield f"{t}-integers", dict(x=r.integers(0, 30, (200, 1)).astype(t), k=8)
        yield f"{t}-weights", dict(x=r.normal(size=(200, 1)).astype(t), k=5, w=r.random(200))
        yield f"{t}-given-unsorted", dict(x=r.normal(size=(200, 1)).astype(t), start=r.normal(size=(6, 1)))


@family
def thousand_columns(r):
    for t in BOTH:
        yield f"{t}-blobs", dict(x=blobs(r, 150, 1000, 4, 0.2).astype(t), k=5, max_iter=15)
        yield f"{t}-binary", dict(x=r.integers(0, 2, (60, 1000)).astype(t), k=4)
        yield f"{t}-d1025", dict(x=r.normal(size=(40, 1025)).astype(t), k=3, w=r.random(40))
    yield "u1", dict(x=r.integers(0, 256, (120, 784)).astype("u1"), k=6)
    yield "i1-all-minus-128", dict(x=np.where(r.random((40, 1030)) < 0.97, -128, 127).astype("i1"), k=4)


# ---- discrete data: ties everywhere --------------------------------------------------------------------------------


@family
def lattice(r):
    for t in BOTH:
        for d, side in ((1, 40), (2, 9), (3, 5)):
            grid = np.stack(np.meshgrid(*[np.arange(side)] * d, indexing="ij"), -1).reshape(-1, d).astype(t)
            yield f"{t}-d{d}-whole", dict(x=grid, k=4, init="first")
            yield f"{t}-d{d}-seeded", dict(x=grid, k=7, seed=d)
            some = grid[r.integers(0, len(grid), 150)]
            yield f"{t}-d{d}-drawn", dict(x=some / t_half(t), k=6, init="random", seed=d)


def t_half(t):
    return np.dtype(t).type(2)


@family
def binary(r):
    for t in (*BOTH, "u1"):
        for d in (1, 4, 12):
            yield f"{t}-d{d}", dict(x=r.integers(0, 2, (160, d)).astype(t), k=min(2 + d, 10), seed=d)
    yield "first-k-rows", dict(x=r.integers(0, 2, (160, 6)).astype("f4"), k=8, init="first")


@family
def scores(r):
    for t in (*BOTH, "i4"):
        for d in (2, 5, 20):
            yield f"{t}-d{d}", dict(x=r.integers(1, 6, (180, d)).astype(t), k=5, seed=d)


@family
def one_decimal(r):
    for t in BOTH:
        for d in (1, 3, 7):
            yield f"{t}-d{d}", dict(x=np.round(3 * r.normal(size=(160, d)), 1).astype(t), k=5, seed=d)
        yield f"{t}-tenths-of-integers", dict(x=(r.integers(-20, 20, (160, 2)) / 10).astype(t), k=9, init="random")


@family
def image(r):
    for n, d, k in ((400, 3, 8), (900, 3, 16), (500, 1, 5), (300, 4, 6)):
        x = np.clip(128 + 40 * blobs(r, n, d, 6, 1.0), 0, 255).astype("u1")
        yield f"u1-n{n}-d{d}-k{k}", dict(x=x, k=k)
        yield f"u1-n{n}-d{d}-k{k}-random", dict(x=x, k=k, init="random", seed=3)
    yield "u1-two-colours", dict(x=np.repeat(np.array([[0, 0, 0], [255, 255, 255]], "u1"), 50, 0), k=2)
    yield "u1-as-f4", dict(x=r.integers(0, 256, (400, 3)).astype("f4"), k=8)


@family
def stored(r):
    """Every type of number in memory."""
    for t in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"):
        i = np.iinfo(t)
        low, high = max(i.min, -(2**53)), min(i.max, 2**53)
        yield f"{t}-whole-range", dict(x=r.integers(low, high, (60, 3), dtype=t, endpoint=True), k=4)
        x = r.integers(max(low, -3), 4, (60, 3)).astype(t)
        x[0], x[1] = low, high
        yield f"{t}-small-and-limits", dict(x=x, k=5, seed=1)
    half = r.normal(size=(80, 4)).astype("f2")
    half[0], half[1], half[2] = 65504, 6e-8, -6e-5
    yield "f2", dict(x=half, k=5)
    yield "f2-scores", dict(x=r.integers(1, 6, (80, 4)).astype("f2"), k=5)
    yield "i8-consecutive-near-2^53", dict(x=2**53 - r.integers(0, 9, (80, 2)), k=4)


@family
def duplicates(r):
    for t in BOTH:
        for places, d in ((3, 2), (10, 3), (25, 1)):
            x = r.normal(size=(places, d)).astype(t)[r.integers(0, places, 200)]
            yield f"{t}-{places}-places", dict(x=x, k=min(places, 6))
            yield f"{t}-{places}-places-weights", dict(x=x, k=min(places, 6), w=r.random(200), seed=2)
    yield "f4-all-equal-k1", dict(x=np.full((50, 3), 0.1, "f4"), k=1)
    yield "f8-all-equal-k1", dict(x=np.full((51, 3), 0.1), k=1)


@family
def constant_columns(r):
    for t in BOTH:
        x = blobs(r, 100, 5, 4).astype(t)
        x[:, 1], x[:, 3] = 0.1, 0
        yield f"{t}-two-of-five", dict(x=x, k=4)
        x = x.copy()
        x[:, 1] = 3e7
        yield f"{t}-large-constant", dict(x=x, k=4, w=r.random(100))
        yield f"{t}-all-but-one", dict(x=np.where(np.arange(5) == 2, x, x.dtype.type(-7.7)), k=4)


# ---- weights -------------------------------------------------------------------------------------------------------


@family
def weights(r):
    kinds = {
        "integer": r.integers(1, 9, 120), "fractional": r.random(120), "some-zero": r.integers(0, 3, 120),
        "mostly-zero": np.where(np.arange(120) % 9, 0, 0.3), "tenths": r.integers(1, 9, 120) / 10,
        "wide": 10.0 ** r.integers(-200, 201, 120), "one-giant": np.where(np.arange(120) == 60, 1e200, 1),
        "tiny": np.full(120, 5e-324), "near-overflow": np.full(120, 1e307), "powers": 2.0 ** r.integers(-60, 60, 120),
    }
    for t in BOTH:
        for name, w in kinds.items():
            yield f"{t}-{name}", dict(x=blobs(r, 120, 3, 5).astype(t), k=5, w=w.astype("f8"), seed=len(name))
    for name in ("integer", "some-zero", "wide"):
        yield f"lattice-{name}", dict(x=r.integers(0, 4, (120, 2)).astype("f4"), k=5, w=kinds[name].astype("f8"))
    yield "one-row-alone", dict(x=r.normal(size=(30, 2)), k=3, w=(np.arange(30) == 7) * 0.7)
    yield "zero-on-the-first-k", dict(x=r.normal(size=(30, 2)), k=3, init="first", w=(np.arange(30) > 9) * 1.0)


# ---- many rows -----------------------------------------------------------------------------------------------------


@family
def many_rows(r):
    """Long enough for several blocks of rows, on grids that keep the checker quick."""
    yield "u1-n5000-d3", dict(x=r.integers(0, 256, (5000, 3)).astype("u1"), k=16, max_iter=12, init="random")
    yield "u1-n20000-d3", dict(x=r.integers(0, 8, (20000, 3)).astype("u1"), k=8, max_iter=8, init="random")
    yield "u1-n4097-d2-weights", dict(x=r.integers(0, 9, (4097, 2)).astype("u1"), k=5, max_iter=20, init="first",
                                      w=r.integers(0, 4, 4097).astype("f8"))
    yield "f4-binary-n9000-d5", dict(x=r.integers(0, 2, (9000, 5)).astype("f4"), k=6, max_iter=15, init="first")
    yield "f4-n4096-d4", dict(x=blobs(r, 4096, 4, 5).astype("f4"), k=5, max_iter=10, init="first")
    yield "f8-n6001-d2", dict(x=blobs(r, 6001, 2, 7), k=7, max_iter=8, init="random")
    yield "i2-n50000-d1", dict(x=r.integers(-300, 300, (50000, 1)).astype("i2"), k=5, max_iter=6, init="first")
    yield "f4-k300", dict(x=r.integers(0, 64, (3000, 2)).astype("f4"), k=300, max_iter=5, init="random")
    yield "f4-uniform-sum", dict(x=r.random((60000, 1)).astype("f4"), k=1, init="first")


# ---- memory --------------------------------------------------------------------------------------------------------


@family
def strides(r):
    for t in (*BOTH, "u1"):
        a = (100 * r.random((240, 12))).astype(t)
        yield f"{t}-fortran", dict(x=np.asfortranarray(a[:90, :3]), k=4)
        yield f"{t}-columns-of-a-table", dict(x=a[:90, 2:7], k=4)
        yield f"{t}-every-third-row", dict(x=a[::3, :5], k=4)
        yield f"{t}-every-other-column", dict(x=a[:90, 1::2], k=4)
        yield f"{t}-reversed", dict(x=a[80::-1, ::-1], k=4)
        yield f"{t}-one-column-of-a-table", dict(x=a[:, 4:5], k=4)
        yield f"{t}-transposed-slice", dict(x=a[3:9].T, k=3)
