"""cases_edge.py - the families of cases made to break things: ties, ranges, empty clusters, stops, known defects."""
from fractions import Fraction

import numpy as np

import checker
import grids
from cases import BOTH, blobs, family


def column(*v, t="f8"):
    return np.array(v, t)[:, None]


# ---- ties and ranges -----------------------------------------------------------------------------------------------


@family
def mirrored(r):
    """Sets equal to their mirror image: true ties that rounding must not decide."""
    for t in BOTH:
        for d in (1, 2, 6):
            a = r.normal(size=(40, d)).astype(t)
            x = np.r_[a, -a, np.zeros((5, d), t)]
            m = r.normal(size=(1, d)).astype(t)
            yield f"{t}-d{d}-two", dict(x=x, start=np.r_[m, -m])
            yield f"{t}-d{d}-two-swapped", dict(x=x[::-1], start=np.r_[-m, m])
            swap = np.r_[a, a[:, ::-1], -a, -a[:, ::-1]]
            yield f"{t}-d{d}-four", dict(x=swap, start=np.r_[m, m[:, ::-1], -m, -m[:, ::-1]])
        o = np.dtype(t).type(2.0**20)
        x = np.r_[o + a, o - a]
        yield f"{t}-about-2^20", dict(x=x, start=np.r_[x[:1], 2 * o - x[:1], np.full((1, 6), o)])


@family
def wide_column(r):
    for t in BOTH:
        for d in (1, 3):
            x = (r.normal(size=(100, d)) * 10.0 ** r.integers(-12, 13, (100, d))).astype(t)
            yield f"{t}-d{d}", dict(x=x, k=6)
            yield f"{t}-d{d}-weights", dict(x=x, k=6, w=10.0 ** r.integers(-9, 9, 100), init="random")
        yield f"{t}-scale-a-column", dict(x=(r.normal(size=(100, 5)) * 10.0 ** np.arange(-12, 13, 6)).astype(t), k=5)


@family
def denormal(r):
    for t, least in (("f4", 1e-45), ("f8", 5e-324)):
        unit = np.dtype(t).type(least)
        for d in (1, 3):
            x = r.integers(-9, 10, (70, d)).astype(t) * unit
            yield f"{t}-d{d}", dict(x=x, k=4)
            yield f"{t}-d{d}-tol", dict(x=x, k=4, tol=1e-4, init="random")
            yield f"{t}-d{d}-weights", dict(x=x, k=4, w=r.random(70))
        yield f"{t}-half-units", dict(x=column(0, 1, 2, 3, 5, 6, t=t) * unit, start=column(0, 5, t=t) * unit)
        yield f"{t}-mean-rounds-to-zero", dict(x=column(0, 0, 0, -1, 9, t=t) * unit, start=column(0, 9, t=t) * unit)
        normal = np.finfo(t).tiny
        yield f"{t}-about-the-least-normal", dict(x=(r.normal(size=(70, 2)) * normal).astype(t), k=4)
        yield f"{t}-among-ones", dict(x=np.r_[x, r.normal(size=(30, 3)).astype(t)], k=5)


@family
def huge(r):
    for t, scale in (("f4", 1e20), ("f4", 1e37), ("f8", 1e160), ("f8", 1e306)):
        x = (r.normal(size=(80, 2)) * scale).astype(t)
        yield f"{t}-{scale:g}", dict(x=x, k=4)
        yield f"{t}-{scale:g}-tol", dict(x=x, k=4, tol=1e-4)
        yield f"{t}-{scale:g}-runs", dict(x=x, k=5, n_init=4, init="random", max_iter=20)
    for t in BOTH:
        top = np.finfo(t).max
        yield f"{t}-all-at-the-limit", dict(x=np.full((9, 2), top, t), k=2)
        yield f"{t}-plus-and-minus-the-limit", dict(x=column(*[top, -top] * 9, top, t=t), k=1)
        yield f"{t}-limit-and-nothing", dict(x=column(top, -top, 0, 1e-30, -1e-30, top, t=t), k=3)


@family
def tiny_among_ones(r):
    for least in (1e-300, 5e-324, 1e-30):
        x = r.normal(size=(60, 2))
        x[7, 0], x[8, 1] = least, -least
        yield f"{least:g}", dict(x=x, k=4)
        yield f"{least:g}-weights", dict(x=x, k=4, w=10.0 ** r.integers(-200, 200, 60))
    yield "decides-the-tie", dict(x=column(1e-300, 0, -1e-300, 1, -1), start=column(-1, 1))
    yield "decides-the-mean", dict(x=column(1, 1 + 2.0**-52, 1e-300, -1e-300, 3e-310), k=1)
    yield "product-below-range", dict(x=np.array([[1e-170, 1.0], [3e-170, 1], [5e-170, 1], [9e-170, 1]]), k=2)


@family
def signed_zero(r):
    for t in BOTH:
        x = np.where(r.random((60, 2)) < 0.5, -0.0, r.integers(-1, 2, (60, 2))).astype(t)
        yield f"{t}-mixed", dict(x=x, k=4)
        yield f"{t}-nothing-else", dict(x=np.where(x == 0, x, 0), k=2)
        yield f"{t}-start", dict(x=x, start=np.array([[-0.0, 0.0], [0.0, -0.0], [-0.0, 1.0]]))


# ---- clusters ------------------------------------------------------------------------------------------------------


@family
def as_many_clusters_as_rows(r):
    for t in BOTH:
        yield f"{t}-normal", dict(x=r.normal(size=(40, 3)).astype(t), k=40)
        yield f"{t}-random", dict(x=r.normal(size=(40, 3)).astype(t), k=40, init="random")
        yield f"{t}-given-away", dict(x=r.normal(size=(25, 2)).astype(t), start=r.normal(size=(25, 2)) + 9)
        yield f"{t}-repeated-rows", dict(x=r.integers(0, 3, (30, 2)).astype(t), k=30)
        yield f"{t}-one-row", dict(x=r.normal(size=(1, 3)).astype(t), k=1)


@family
def fewer_places_than_clusters(r):
    for t in BOTH:
        three = r.normal(size=(3, 2)).astype(t)[np.arange(30) % 3]
        for init in ("kmeans++", "kmeans||", "random", "first"):
            yield f"{t}-{init}", dict(x=three, k=7, init=init)
        yield f"{t}-given", dict(x=three, start=r.normal(size=(7, 2)))
        yield f"{t}-weight-0-elsewhere", dict(x=np.r_[three, r.normal(size=(9, 2)).astype(t)], k=6,
                                              w=np.r_[np.ones(30), np.zeros(9)])
        yield f"{t}-one-place", dict(x=np.full((8, 2), 0.3, t), k=3)


@family
def empty_clusters(r):
    for t in BOTH:
        x = r.normal(size=(60, 2)).astype(t)
        for many in (1, 3, 8):
            yield f"{t}-{many}-far", dict(x=x, start=np.r_[x[:3], np.full((many, 2), 1e3, t)])
            yield f"{t}-{many}-far-first", dict(x=x, start=np.r_[np.full((many, 2), -1e3, t), x[:3]])
        grid = r.integers(0, 4, (60, 2)).astype(t)
        yield f"{t}-equal-distances", dict(x=grid, start=np.r_[[[1.5, 1.5]], np.full((6, 2), 99)])
        yield f"{t}-repeated-places", dict(x=np.repeat(grid[:9], 5, 0), start=np.full((7, 2), 50.0))
        yield f"{t}-weights", dict(x=grid, start=np.full((6, 2), 50.0), w=r.integers(0, 4, 60) * 0.1)
        yield f"{t}-weight-0-on-a-taken-place", dict(x=column(0, 0, 1, 9, 9, t=t), start=column(0, 50, 60, t=t),
                                                     w=np.array([1.0, 1, 1, 1, 0]))
    yield "f8-emptied-later", dict(x=column(-3, -2, -2, 0, 0, 1, 1, 4), start=column(-3, -2.5, 0.4, 0.6))


@family
def given_start(r):
    for t in BOTH:
        x = r.normal(size=(70, 3)).astype(t)
        yield f"{t}-all-the-same", dict(x=x, start=np.repeat(x[:1], 5, 0))
        yield f"{t}-pairs-the-same", dict(x=x, start=np.repeat(x[:3], 2, 0))
        yield f"{t}-very-far", dict(x=x, start=1e30 * r.normal(size=(4, 3)))
        yield f"{t}-one-far-one-near", dict(x=x, start=np.r_[x[:2], [[1e15, 0, 0]]])
        yield f"{t}-at-the-means", dict(x=x, start=np.repeat(x.mean(0)[None], 2, 0))
        yield f"{t}-ulps-apart", dict(x=x, start=np.nextafter(x[:1], np.dtype(t).type(9)) + np.zeros((3, 1), t))
        yield f"{t}-tiny", dict(x=x, start=np.finfo(t).tiny * r.normal(size=(3, 3)))
    x = (r.integers(0, 9, (80, 2)) / 10).astype("f4")
    for e in (1e-9, -1e-9, 3e-8):
        yield f"f8-for-f4-{e:g}", dict(x=x, start=x[:4].astype("f8") + e)
    yield "f8-for-f4-halfway", dict(x=x, start=1 + np.array([[1, 3], [5, 7], [9, 11]]) * 2.0**-24)
    yield "f8-for-f4-below-range", dict(x=x, start=np.array([[1e-60, 0], [0.3, 0.4], [2e-45, 0.8]]))
    yield "f4-for-f8", dict(x=x.astype("f8") + 1e-9, start=x[:4])
    yield "f4-for-u1", dict(x=r.integers(0, 9, (80, 2)).astype("u1"), start=x[:4] * 10)


# ---- stops and runs ------------------------------------------------------------------------------------------------


@family
def tolerance(r):
    for t in BOTH:
        x = blobs(r, 300, 3, 3, 1.5).astype(t)
        for tol in (1e-12, 1e-6, 1e-4, 1e-2, 1.0, 1e300, 5e-324):
            yield f"{t}-{tol:g}", dict(x=x, k=8, tol=tol, init="random")
        w = 10.0 ** r.integers(-3, 3, 300)
        yield f"{t}-weights", dict(x=x, k=8, tol=1e-4, w=w)
    pair = column(-2, -2, 2, 2)  # turn 1 moves one centroid by 1, V = 4: the threshold is 1/4
    for name, tol in (("below", np.nextafter(0.25, 0)), ("at", 0.25), ("above", np.nextafter(0.25, 1))):
        yield f"quarter-{name}", dict(x=pair, start=column(-1, 2), tol=tol)
        yield f"half-{name}", dict(x=np.c_[pair, pair].astype("f4"), start=np.array([[-1, -1], [2, 2]]), tol=2 * tol)
        yield f"quarter-weighted-{name}", dict(x=pair[1:3], start=column(-1, 2), w=np.full(2, 0.1), tol=tol)
    for t in BOTH:  # the two f64 beside shift / V of a later turn
        x, start = r.normal(size=(60, 2)).astype(t), r.normal(size=(4, 2)).astype(t)
        points = checker.Points(x)
        for turns in (2, 3):
            run = checker.lloyd(points, start, turns - 1)
            _, new, _, _ = checker.turn_of(points, run.mu)
            ratio = checker.shift_of(points, new, run.mu) / points.variance()
            near = grids.to_f64(ratio)
            low = near if Fraction(near) <= ratio else np.nextafter(near, 0)
            yield f"{t}-turn{turns}-just-below", dict(x=x, start=start, tol=float(low))
            yield f"{t}-turn{turns}-just-above", dict(x=x, start=start, tol=float(np.nextafter(low, np.inf)))


@family
def tolerance_beyond_f64(r):
    """tol V where one side of the exact comparison is subnormal, underflows, or lies below every single product."""
    x = column(1, 2, 3, 10)
    yield "least-weights", dict(x=x, k=2, tol=1e-300, w=np.array([5e-324, 5e-324, 5e-324, 1e-323]))
    for e in (1e-162, 1e-155, 1e-320):
        for a in range(6):
            x = r.normal(size=(40, 2))
            yield f"weights-{e}-{a}", dict(x=x, k=4, tol=10.0 ** -r.integers(1, 5), w=r.integers(1, 9, 40) * e, init="random")


@family
def runs(r):
    for t in BOTH:
        x = blobs(r, 90, 2, 6).astype(t)
        for init in ("kmeans++", "kmeans||", "random"):
            yield f"{t}-{init}", dict(x=x, k=6, n_init=5, init=init, seed=11)
        yield f"{t}-short", dict(x=x, k=6, n_init=8, init="random", max_iter=2)
        yield f"{t}-weights", dict(x=x, k=6, n_init=4, w=r.random(90), seed=2**64 - 1)
    a = r.integers(-4, 5, (30, 2)).astype("f4")
    yield "ties-in-J", dict(x=np.r_[a, -a], k=3, n_init=10, init="random")
    yield "J-rounds-to-0", dict(x=r.normal(size=(60, 2)) * 1e-200, k=5, n_init=6, init="random")
    yield "J-differs-below-f64", dict(x=np.r_[column(-(2.0**70), 2.0**70), r.normal(size=(40, 1))], k=2, n_init=6,
                                      init="random", w=np.r_[2.0**60, 2.0**60, np.ones(40)])
    yield "seed-of-64-bits", dict(x=x, k=6, seed=0xDEADBEEFCAFEF00D)


@family
def few_turns(r):
    for t in BOTH:
        x = blobs(r, 80, 3, 4).astype(t)
        for turns in (0, 1, 2):
            for init in ("kmeans++", "kmeans||", "random", "first"):
                yield f"{t}-{init}-{turns}", dict(x=x, k=5, init=init, max_iter=turns)
            yield f"{t}-empty-{turns}", dict(x=x, start=np.full((4, 3), 77.0), max_iter=turns)
        yield f"{t}-first-weights-0", dict(x=x, k=5, init="first", max_iter=0, w=r.integers(0, 2, 80) * 1.0)


# ---- facts and defects ---------------------------------------------------------------------------------------------


@family
def fact(r):
    ulp = 2.0**-52
    yield "J-ends-at-0", dict(x=column(1, 1, 1 + ulp), start=column(10, 1000))
    v = np.array([-2, 5, -5, -3, 0, 4, -5, -4, -5, -2, -4.0])
    x = (2.0**53 + 2 * (v + 16))[:, None]
    yield "J-keeps-then-falls", dict(x=x[:8], start=x[8:])
    yield "fill-is-unweighted", dict(x=column(0, 2, 1), start=column(10, 1000), w=np.array([1.0, 1, 1000]))
    yield "inf-is-not-within-inf", dict(x=1e160 * r.normal(size=(50, 2)), k=4, tol=1e-4)
    x = (r.integers(0, 5, (60, 1)) / 10).astype("f4")
    yield "start-is-rounded-first", dict(x=x, start=column(0.1 + 7e-10, 0.2 - 7e-10, 0.4))


@family
def defect(r):
    x = r.normal(size=(1500, 2)) + 1.7e9 + 10 * r.integers(0, 3, 1500)[:, None]
    yield "predict-far-from-origin", dict(x=x, k=3)
    yield "stale-labels-after-fill", dict(x=column(1, 2, 3), start=column(4, 0, 1))
    yield "centroid-outside-the-data", dict(x=column(1, 1, 3, 3, 3, 3), start=column(1, 1, 3))
    yield "sum-saturates", dict(x=r.random((40000, 1)).astype("f4") + np.float32(0.5), k=1, init="first",
                                w=np.full(40000, 1024.0))
    yield "threads-change-the-answer", dict(x=r.normal(size=(800, 50)).astype("f4"), k=20, max_iter=12)
    yield "f4-near-1e20", dict(x=(1e20 * blobs(r, 90, 2, 3)).astype("f4"), k=3)
    yield "J-of-neighbours", dict(x=column(*[-0.4] * 5, *[np.nextafter(-0.4, 0)] * 14, -0.5), k=3)
    yield "J-of-other-neighbours", dict(x=column(*[-0.4] * 5, *[np.nextafter(-0.4, -1)] * 14, -0.5), k=3)


# ---- anything ------------------------------------------------------------------------------------------------------


@family
def anything(r):
    """Every property at once, drawn."""
    for i in range(60):
        t, n, d = str(r.choice(BOTH)), int(r.integers(2, 90)), int(r.integers(1, 7))
        x = [r.normal(size=(n, d)), r.integers(-3, 4, (n, d)) / 2, r.normal(size=(n, d)) * 10.0 ** r.integers(-9, 9, d),
             np.round(r.normal(size=(n, d)), 1), 1e7 + r.integers(0, 9, (n, d))][r.integers(5)].astype(t)
        k = int(r.integers(1, min(n, 12) + 1))
        w = [None, r.integers(0, 3, n) + (np.arange(n) == 0), r.random(n) + 0.01][r.integers(3)]
        fields = dict(x=x, k=k, w=None if w is None else w.astype("f8"), tol=float(r.choice([0, 0, 1e-3])),
                      n_init=int(r.integers(1, 4)), max_iter=int(r.choice([3, 40])), seed=i,
                      init=str(r.choice(["kmeans++", "kmeans||", "random", "first", "given"])))
        if fields["init"] == "given":
            fields["start"] = x[r.integers(0, n, k)] + r.choice([0, 0.5])
        yield f"{i:02d}-{t}-n{n}-d{d}-k{k}-{fields['init']}", fields
