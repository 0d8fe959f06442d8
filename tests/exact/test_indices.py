"""test_indices.py - kmu_judge and kmu_select: the numbers by which k is chosen are their formulas (T13), scikit-learn's where it
has them, and those of the fits that kmu_fit makes."""
import math

import numpy as np
import pytest

import kmu_c as kmu
from minibatch import word

try:
    from sklearn import metrics
except ImportError:
    metrics = None


def blobs(n, d, modes, seed, dtype="f8", away=0.0):
    r = np.random.default_rng(seed)
    centres = r.normal(size=(modes, d)) * 6
    return (centres[r.integers(modes, size=n)] + r.normal(size=(n, d)) + away).astype(dtype)


def spread_out(x, c, k):
    """Means, masses and the distances of rows to means, of the clusters that own a row."""
    x = np.asarray(x, "f8")
    own = [i for i in range(k) if (c == i).any()]
    mu = np.array([x[c == i].mean(0) for i in own])
    D = np.sqrt(((x[:, None, :] - mu[None]) ** 2).sum(2))
    return x, own, mu, D, np.searchsorted(own, c)


def by_formula(x, c, k):
    """The indices by numpy."""
    x, own, mu, D, at = spread_out(x, c, k)
    n, d, k = len(x), x.shape[1], len(own)
    m = np.bincount(at)
    J, T = ((x - mu[at]) ** 2).sum(), ((x - x.mean(0)) ** 2).sum()
    a = D[np.arange(n), at]
    other = D.copy()
    other[np.arange(n), at] = np.inf
    b = other.min(1)
    r = np.array([a[at == i].mean() for i in range(k)])
    apart = np.sqrt(((mu[:, None] - mu[None]) ** 2).sum(2))
    np.fill_diagonal(apart, np.inf)
    v = J / (d * (n - k))
    return {
        "silhouette": ((b - a) / np.maximum(a, b)).mean(),
        "calinski_harabasz": (T - J) / (k - 1) / (J / (n - k)),
        "davies_bouldin": ((r[:, None] + r[None]) / apart).max(1).mean(),
        "bic": (m * np.log(m / n)).sum() - n * d / 2 * math.log(2 * math.pi * v) - J / (2 * v) - k * (d + 1) / 2 * math.log(n)}


def adjusted_rand(a, b):
    """Of the pairs of rows that one of two labellings joins, those that both join, adjusted for chance."""
    def pairs(m):
        return sum(int(v) * (int(v) - 1) // 2 for v in np.asarray(m).ravel())
    table = np.zeros((max(a) + 1, max(b) + 1), int)
    np.add.at(table, (a, b), 1)
    S, A, B, P = pairs(table), pairs(table.sum(1)), pairs(table.sum(0)), pairs([len(a)])
    return 1.0 if S == A == B else (S - A * B / P) / ((A + B) / 2 - A * B / P)


def check_same(got, right, rel=1e-9):
    for name, value in right.items():
        assert got[name] == pytest.approx(value, rel=rel, abs=1e-12), name


CASES = [(300, 2, 4, "f8", 0), (500, 7, 3, "f8", 1e3), (400, 33, 6, "f4", 0), (64, 1, 5, "f8", -3), (9000, 3, 40, "f4", 0)]


@pytest.mark.parametrize("n, d, modes, dtype, away", CASES)
def test_indices_are_their_formulas(n, d, modes, dtype, away):
    x = blobs(n, d, modes, n, dtype, away)
    for k in (2, 5):
        c = kmu.fit(x, k).labels if k == 2 else np.random.default_rng(k).integers(k, size=n)
        got = kmu.judge(x, c, k, threads=2)
        check_same(got, by_formula(x, c, k))
        mu = np.array([x[c == i].mean(0, dtype="f8") for i in range(k)])
        assert got["silhouette"] == pytest.approx(kmu.silhouette(x, c, mu)[1], rel=1e-9 if dtype == "f8" else 1e-6)
        if metrics:
            wide = x.astype("f8")
            check_same(got, {"calinski_harabasz": metrics.calinski_harabasz_score(wide, c),
                             "davies_bouldin": metrics.davies_bouldin_score(wide, c)})
        assert (got["k"], got["distinct"]) == (k, k) and math.isnan(got["stability"]) and math.isnan(got["gap"])


def test_far_from_the_origin_they_hold():
    """The same points, moved by a number that leaves them exact: what is made of exact sums does not change, and the others by
    what a mean in f64 is off there, 2^-24."""
    near = np.round(blobs(400, 3, 4, 7) * 1024) / 1024
    c = kmu.fit(near, 4).labels
    got, right = kmu.judge(near + 2.0**30, c, 4), by_formula(near, c, 4)
    check_same(got, {name: right[name] for name in ("calinski_harabasz", "bic")}, 1e-12)
    check_same(got, right, 1e-7)


def test_an_empty_cluster_is_no_cluster():
    x = blobs(200, 2, 3, 8)
    c = np.random.default_rng(1).integers(3, size=200)
    full = kmu.judge(x, c, 3)
    for name in ("silhouette", "calinski_harabasz", "davies_bouldin", "bic", "J", "distinct"):
        assert kmu.judge(x, 2 * c, 6)[name] == pytest.approx(full[name], rel=1e-12)


def test_a_weight_is_so_many_rows():
    x = blobs(300, 4, 3, 9)
    w = np.random.default_rng(2).integers(0, 4, size=300)
    c = np.random.default_rng(3).integers(4, size=300)
    once, spelt = kmu.judge(x, c, 4, w), kmu.judge(np.repeat(x, w, 0), np.repeat(c, w), 4)
    check_same(once, {name: spelt[name] for name in spelt if name not in ("stability", "gap", "gap_error", "size")})
    chosen = dict(n_init=3, seed=4, init="random", max_iter=3)
    for once, spelt in zip(kmu.select(x, 3, 6, w, **chosen), kmu.select(np.repeat(x, w, 0), 3, 6, **chosen)):
        check_same(once, {name: spelt[name] for name in spelt if name not in ("gap", "gap_error", "size")})


def test_where_nothing_is_to_be_said_it_is_nan():
    x = blobs(10, 2, 2, 10)
    one = kmu.judge(x, np.zeros(10), 1)
    assert all(math.isnan(one[name]) for name in ("silhouette", "calinski_harabasz", "davies_bouldin"))
    assert one["bic"] == pytest.approx(-5 * 2 * math.log(2 * math.pi * one["J"] / 18) - 9 - 1.5 * math.log(10))
    alone = kmu.judge(x, np.arange(10), 10)
    assert math.isnan(alone["bic"]) and math.isnan(alone["calinski_harabasz"]) and alone["J"] == 0


@pytest.mark.parametrize("n, d, dtype, init", [(400, 2, "f8", "kmeans++"), (20000, 2, "f4", "random"), (9000, 1, "f8", "random"),
                                               (600, 40, "f4", "random"), (500, 3, "f8", "kmeans||")])
def test_selecting_makes_the_fits_that_fit_makes(n, d, dtype, init):
    """J to the bit, the indices of those labels, and the mean agreement of runs that follow each other."""
    x = blobs(n, d, 5, n + d, dtype)
    chosen = dict(seed=3, init=init, threads=2)
    table = kmu.select(x, 2, 6, n_init=3, **chosen)
    assert [row["k"] for row in table] == [2, 3, 4, 5, 6]
    for row in table:
        best = kmu.fit(x, row["k"], n_init=3, **chosen)
        assert row["J"] == best.J and row["distinct"] == best.distinct
        right = kmu.judge(x, best.labels, row["k"])
        check_same(row, {name: right[name] for name in ("silhouette", "calinski_harabasz", "davies_bouldin", "bic")})
    runs = [kmu.fit(x, 6, n_init=1 + r, **chosen) for r in range(3)]
    if [run.run for run in runs] == [0, 1, 2]:  # then every one of them shows its run
        agreement = [adjusted_rand(runs[r].labels, runs[r + 1].labels) for r in range(2)]
        assert table[-1]["stability"] == pytest.approx(sum(agreement) / 2, rel=1e-12)
        if metrics:
            assert agreement == pytest.approx([metrics.adjusted_rand_score(runs[r].labels, runs[r + 1].labels) for r in range(2)])


def test_starts_of_large_points_are_those_of_fit():
    """They are put in order only after the first start, which stands in the order in which they came."""
    x = np.random.default_rng(18).integers(0, 1000, size=(2_100_000, 8)).astype("f4")
    chosen = dict(init="random", algorithm="tree", max_iter=1, threads=2)
    for row in kmu.select(x, 2, 3, **chosen):
        assert row["J"] == kmu.fit(x, row["k"], **chosen).J


def test_stability_is_the_agreement_of_runs():
    """Seeds are tried until each run is better than those before, so that kmu_fit shows all of them."""
    x = blobs(300, 2, 9, 11)
    shown = 0
    for seed in range(60):
        runs = [kmu.fit(x, 7, n_init=1 + r, seed=seed, init="random") for r in range(3)]
        if [run.run for run in runs] == [0, 1, 2]:
            shown += 1
            right = np.mean([adjusted_rand(runs[r].labels, runs[r + 1].labels) for r in range(2)])
            row, = kmu.select(x, 7, 7, n_init=3, seed=seed, init="random")
            assert row["stability"] == pytest.approx(right, rel=1e-12), seed
    assert shown >= 3
    assert math.isnan(kmu.select(x, 7, 7)[0]["stability"]) and math.isnan(kmu.select(x, 7, 7, init="first", n_init=4)[0]["stability"])


def test_neither_threads_nor_algorithms_change_a_bit():
    x = blobs(9000, 3, 5, 12, "f4")
    plain = kmu.select(x, 1, 4, n_init=2, references=2, algorithm="plain", isa="plain")
    for chosen in (dict(threads=1), dict(threads=4), dict(threads=2, algorithm="dense"), dict(threads=3, algorithm="tree")):
        for got, right in zip(kmu.select(x, 1, 4, n_init=2, references=2, **chosen), plain):
            for name in ("J", "gap", "gap_error", "stability"):
                assert got[name] == right[name], (chosen, name)
            check_same(got, {name: right[name] for name in ("silhouette", "davies_bouldin", "bic") if right["k"] > 1})


@pytest.mark.parametrize("dtype, w", [("f8", False), ("f4", True)])
def test_the_gap_is_its_formula(dtype, w):
    """Reference sets drawn by Python, each fitted by kmu_fit."""
    x, B, seed = blobs(60, 3, 3, 20, dtype), 4, 2**40 + 5
    weight = np.random.default_rng(21).integers(0, 3, size=60).astype("f8") if w else None
    box = x if weight is None else x[weight > 0]
    low, high = box.min(0).astype("f8"), box.max(0).astype("f8")
    chosen = dict(n_init=2, seed=seed, init="random")
    table = kmu.select(x, 1, 4, weight, references=B, threads=2, **chosen)
    for row in table:
        ln = []
        for b in range(B):
            u = np.array([[(word(seed, b, 9, l, j) >> 11) / 2**53 for l in range(3)] for j in range(60)])
            ln.append(math.log(kmu.fit((low * (1 - u) + high * u).astype(dtype), row["k"], weight, **chosen).J))
        assert row["gap"] == pytest.approx(np.mean(ln) - math.log(row["J"]), rel=1e-12)
        assert row["gap_error"] == pytest.approx(math.sqrt(1 + 1 / B) * np.std(ln), rel=1e-9)


def test_the_gap_finds_three_clusters_and_none_in_noise():
    """The least k with gap(k) >= gap(k + 1) - s(k + 1), as in section 3 of Tibshirani, Walther and Hastie."""
    def chosen(x):
        v = kmu.select(x, 1, 6, n_init=3, references=20)
        return next((a["k"] for a, b in zip(v, v[1:]) if a["gap"] >= b["gap"] - b["gap_error"]), None)
    r = np.random.default_rng(13)
    three = np.array([[0, 0], [9, 0], [0, 9]])[r.integers(3, size=150)] + r.normal(size=(150, 2))
    assert chosen(three) == 3
    assert chosen(r.uniform(size=(200, 4))) == 1


def test_the_gap_of_points_like_the_references_is_nothing():
    """Uniform points are one more reference set: the gap is within some of its errors of 0, and does not know their unit."""
    x = np.random.default_rng(14).uniform(size=(400, 2))
    for low, high in zip(kmu.select(x, 1, 3, references=30), kmu.select(1024 * x, 1, 3, references=30)):
        assert abs(low["gap"]) < 4 * low["gap_error"]
        assert 0 < low["gap_error"] < 0.2
        assert low["gap"] == pytest.approx(high["gap"], abs=1e-9)


@pytest.mark.parametrize("low, high, chosen, status, text", [
    (3, 2, {}, kmu.EUSAGE, "k from 3 to 2: the range is reversed"),
    (2, 31, {}, kmu.EDATA, "k = 31 clusters for n = 30 points"),
    (2, 3, {"method": "bisecting"}, kmu.EUSAGE, "k is selected by method lloyd, not by bisecting"),
    (2, 2, {"init": "given", "start": np.zeros((2, 2))}, kmu.EUSAGE, "centroids to start from are of one k; k is selected by starts that are drawn")])
def test_what_cannot_be_selected(low, high, chosen, status, text):
    with pytest.raises(kmu.KmuError) as e:
        kmu.select(blobs(30, 2, 2, 15), low, high, **chosen)
    assert (e.value.status, e.value.text) == (status, text)


@pytest.mark.parametrize("chosen", [{"poll": lambda: kmu.FINISH}, {"poll": lambda: kmu.ABANDON}, {"max_seconds": 1e-9}])
@pytest.mark.parametrize("n, references", [(60_000, 0), (500, 200)])
def test_a_wish_to_stop_ends_it_without_a_table(n, references, chosen):
    with pytest.raises(kmu.KmuError) as e:
        kmu.select(np.random.default_rng(17).normal(size=(n, 8)), 20, 24, references=references, **chosen)
    assert (e.value.status, e.value.text) == (kmu.EABANDONED, "abandoned")


def test_sparse_rows_have_the_indices_of_dense_ones():
    x = np.where(np.random.default_rng(16).random((200, 12)) < 0.3, blobs(200, 12, 3, 16), 0)
    stored = x != 0
    csr = kmu.Csr(x[stored], np.r_[0, stored.sum(1).cumsum()], np.nonzero(stored)[1], 12)
    for a, b in zip(kmu.select(csr, 2, 4, n_init=2), kmu.select(x, 2, 4, n_init=2)):
        check_same(a, {name: b[name] for name in b if not name.startswith("gap")})
    with pytest.raises(kmu.KmuError, match="there are none for CSR rows"):
        kmu.select(csr, 2, 4, references=1)
