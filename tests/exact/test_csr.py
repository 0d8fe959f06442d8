"""test_csr.py - CSR rows are rows: whatever the order of their numbers and however many of the zeros are stored, every verb
gives the bits that it gives for the same numbers stored in full."""
import time

import numpy as np
import pytest

import grids
import kmu_c
from cases import all_cases
from kmu_c import EDATA, EUSAGE, Csr
from test_equality import differences, told


def csr(x, seed=0, zeros=0.3, shuffled=True, skip=0):
    """x as CSR rows, with some zeros stored and the numbers of a row in any order; the first `skip` numbers are nobody's."""
    rng = np.random.default_rng(seed)
    values, columns, start = [np.zeros(skip, x.dtype)], [np.full(skip, 99)], [skip]
    for row in x:
        kept = np.flatnonzero((row != 0) | (rng.random(len(row)) < zeros))
        kept = rng.permutation(kept) if shuffled else kept
        values.append(row[kept])
        columns.append(kept)
        start.append(start[-1] + len(kept))
    return Csr(np.concatenate(values), start, np.concatenate(columns), x.shape[1])


def thinned(x, seed):
    """x with most numbers made 0, of either sign, and some rows made all 0."""
    rng = np.random.default_rng(seed)
    out = x.copy()
    out[rng.random(x.shape) < 0.7] = 0
    out[rng.random(x.shape) < 0.1] *= 0
    out[rng.random(len(x)) < 0.1] = 0
    return out


def same(a, b):
    assert a.dtype == b.dtype and a.tobytes() == b.tobytes(), np.argwhere(np.asarray(a != b))[:3].tolist()


@pytest.mark.parametrize("name", all_cases())
def test_dense_and_sparse_give_the_same_bits(kmu, name):
    case = all_cases()[name]
    wrong = []
    for part, x in enumerate((np.ascontiguousarray(case.x), thinned(np.ascontiguousarray(case.x), len(name)))):
        right = kmu.fit(x, case.k, case.w, algorithm="plain", **case.options())
        for algorithm, threads, form in (("auto", 1, csr(x, 1)), ("auto", 2, csr(x, 2, zeros=0, shuffled=False)),
                                         ("plain", 2, csr(x, 3, skip=5)), ("dense", 1, csr(x, 4))):
            got = kmu.fit(form, case.k, case.w, threads=threads, algorithm=algorithm, **case.options())
            wrong += [f"  {('as it is', 'thinned')[part]}, {algorithm}: {line}" for line in differences(got, right)]
    assert not wrong, "\n".join([told(case), *wrong])


def scene(kind, dtype, n=300, d=40, seed=0):
    """Rows that are mostly 0: of counts, where ties are common; of real numbers; of numbers that differ in size."""
    rng = np.random.default_rng(seed)
    x = rng.poisson(0.15, (n, d)).astype(dtype)
    if kind != "counts":
        x *= rng.normal(size=(n, d)).astype(dtype)
    if kind == "wild":
        x *= (2.0 ** rng.integers(-30, 30, d)).astype(dtype)
    x[rng.integers(n, size=n // 5)] = x[rng.integers(n, size=n // 5)]
    x[:: 17] = 0
    return x


SCENES = [(kind, dtype) for kind in ("counts", "real", "wild") for dtype in ("f4", "f8", "i2", "u1")
          if kind == "counts" or dtype[0] == "f"]


@pytest.mark.parametrize("kind, dtype", SCENES)
@pytest.mark.parametrize("init", ["kmeans++", "kmeans||", "random", "first"])
def test_seeding_and_fit_of_rows_that_are_mostly_zero(kmu, kind, dtype, init):
    x = scene(kind, dtype)
    for w in (None, np.random.default_rng(5).random(len(x))):
        for k in (1, 3, 20, 70):
            same(kmu.seed(csr(x), k, w, init=init, seed=k), kmu.seed(x, k, w, init=init, seed=k))
            right = kmu.fit(x, k, w, init=init, seed=k, n_init=2, algorithm="plain")
            for threads in (1, 3):
                assert not differences(kmu.fit(csr(x, k), k, w, init=init, seed=k, n_init=2, threads=threads), right)


@pytest.mark.parametrize("method", ["bisecting", "minibatch"])
@pytest.mark.parametrize("kind, dtype", SCENES)
def test_other_descents(kmu, kind, dtype, method):
    x = scene(kind, dtype, seed=1)
    for w in (None, np.random.default_rng(6).integers(0, 4, len(x)).astype("f8")):
        chosen = {"method": method, "n_init": 2, "max_iter": 20, "batch_size": 50, "seed": 3}
        right, got = kmu.fit(x, 7, w, **chosen), kmu.fit(csr(x), 7, w, threads=2, **chosen)
        assert not differences(got, right)
        if method == "bisecting":
            same(got.split_mu, right.split_mu)
            for a, b in zip(kmu.walk(csr(x), got.child, got.split_mu), kmu.walk(x, got.child, got.split_mu)):
                same(a, b)


@pytest.mark.parametrize("kind, dtype", SCENES)
def test_verbs(kmu, kind, dtype):
    x = scene(kind, dtype, seed=2)
    rng = np.random.default_rng(7)
    mu = np.where(rng.random((9, x.shape[1])) < 0.5, x[:9], rng.normal(size=(9, x.shape[1])))
    mu[4] = mu[2]
    mu = mu.astype(x.dtype if x.dtype.kind == "f" else "f8")
    for w in (None, rng.random(len(x))):
        (c, J), (right, J_right) = kmu.assign(csr(x), mu, w), kmu.assign(x, mu, w)
        same(c, right)
        assert J == J_right
        wrong = (right + (rng.random(len(x)) < 0.1)) % 9
        for a, b in zip(kmu.update(csr(x), wrong, mu, w), kmu.update(x, wrong, mu, w)):
            same(a, b)
        assert kmu.verify(csr(x), wrong, mu, w) == kmu.verify(x, wrong, mu, w)
        for a, b in zip(kmu.describe(csr(x), c, mu, w), kmu.describe(x, c, mu, w)):
            same(a, b)
    for a, b in zip(kmu.nearest(csr(x), mu, 4), kmu.nearest(x, mu, 4)):
        same(a, b)
    same(kmu.distances(csr(x), mu), kmu.distances(x, mu))


@pytest.mark.parametrize("name", all_cases())
def test_how_far_every_centroid_is(kmu, name):
    """Distances, and the nearest in order, of numbers of every size; centroids that are rows, nearly rows, equal, far away."""
    case = all_cases()[name]
    x = thinned(np.ascontiguousarray(case.x[:100]), len(name))
    rng = np.random.default_rng(len(name))
    mu = x[rng.integers(len(x), size=12)].astype(grids.number_type(x))
    mu[3:6] = np.nextafter(mu[3:6], mu.dtype.type(0))
    mu[6:9] = mu[6:9] / 2 + mu[:3] / 2
    mu[9], mu[10] = mu[0], mu[1] + mu[2] / 2
    for form, threads in ((csr(x, 1), 1), (csr(x, 2, skip=3), 2)):
        same(kmu.distances(form, mu, threads=threads), kmu.distances(x, mu))
        for a, b in zip(kmu.nearest(form, mu, 12, threads=threads), kmu.nearest(x, mu, 12)):
            same(a, b)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_zeros_that_are_not_stored_cost_nothing(kmu, dtype):
    """Ten numbers a row of 300,000 columns: n d k is 2 10^10."""
    n, d, k = 6000, 300_000, 10
    rng = np.random.default_rng(5)
    column = rng.integers(0, d // 10, (n, 10)) * 10 + np.arange(10)
    x = Csr(rng.normal(size=column.size).astype(dtype), 10 * np.arange(n + 1), column.ravel(), d)
    mu = np.zeros((k, d), dtype)
    mu[:, rng.integers(0, d, 10**4)] = rng.normal(size=(k, 10**4))
    begin = time.process_time()
    kmu.distances(x, mu)
    kmu.nearest(x, mu, 3)
    kmu.walk(x, [[-1, -2], [-3, -4], [0, 1], [2, 3], [4, 5]], mu, far=False)
    assert time.process_time() - begin < 3


@pytest.mark.parametrize("isa", ["plain", "base", "avx2", "avx512"])
def test_every_instruction_set_and_as_many_centroids_as_it_takes_at_once(kmu, isa):
    x = scene("real", "f4", n=400, seed=4)
    for k in (1, 15, 16, 17, 33, 64, 100, 129, 250):
        right = kmu.fit(x, k, init="first", algorithm="plain")
        try:
            got = kmu.fit(csr(x), k, init="first", isa=isa)
        except kmu_c.KmuError as e:
            pytest.skip(e.text)
        assert not differences(got, right)


def test_partial_fit(kmu):
    x = scene("real", "f8", seed=3)
    ours, right = (kmu.PartialFit(5, x.shape[1], "f8", init="random") for _ in range(2))
    for t in range(4):
        part = x[t * 60:(t + 1) * 60]
        assert ours(csr(part, t)) == right(part)
    same(ours.mu, right.mu)
    same(ours.v, right.v)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
@pytest.mark.parametrize("n, d", [(6, 1), (5, 3), (1, 1)])
def test_nothing_but_zeros(kmu, dtype, n, d):
    x = np.zeros((n, d), dtype)
    for zeros in (0, 1):
        for init in ("kmeans++", "random", "first"):
            assert not differences(kmu.fit(csr(x, zeros=zeros), 1, init=init), kmu.fit(x, 1, init=init))


def test_an_empty_cluster_takes_its_place_with_its_label(kmu):
    """scikit-learn issue: labels of CSR rows [[1], [2], [3]] from [[4], [0], [1]] were those before the fill."""
    x, start = np.array([[1.0], [2], [3]]), [[4.0], [0], [1]]
    got = kmu.fit(csr(x), 3, init="given", start=start)
    assert not differences(got, kmu.fit(x, 3, init="given", start=start))
    same(kmu.assign(csr(x), got.mu)[0], got.labels)


def refused(kmu, status, message, p):
    with pytest.raises(kmu_c.KmuError, match=message) as e:
        kmu.fit(p, 1)
    assert e.value.status == status


def test_what_has_no_answer_is_named(kmu):
    x = np.array([1.0, 2, 3, 4])
    refused(kmu, EDATA, "point 1 has column 2 twice", Csr(x, [0, 1, 4], [2, 2, 0, 2], 3))
    refused(kmu, EDATA, "point 1 has column 0 twice", Csr(x * 0, [0, 1, 4], [2, 0, 0, 2], 3))
    refused(kmu, EDATA, r"point 0 has a number in column 3; columns are 0 \.\. 2", Csr(x, [0, 1, 4], [3, 0, 1, 2], 3))
    refused(kmu, EDATA, "point 1 has a number in column -1", Csr(x, [0, 1, 4], [0, -1, 1, 2], 3))
    refused(kmu, EDATA, "start falls from 3 to 2 behind point 1", Csr(x, [0, 3, 2, 4], [0, 1, 2, 0], 3))
    refused(kmu, EDATA, "start begins with -1", Csr(x, [-1, 4], [0, 1, 2, 3], 4))
    for bad, said in ((np.nan, "NaN"), (np.inf, "infinite"), (-np.inf, "infinite")):
        refused(kmu, EDATA, f"point 1, coordinate 2 is {said}", Csr([1, 2, bad, 4], [0, 1, 4], [0, 0, 2, 1], 3))
    refused(kmu, EDATA, r"point 0, coordinate 1 is an integer beyond 2\^53", Csr(np.array([2**53 + 1]), [0, 1], [1], 3))


def test_fields_that_do_not_go_together_are_refused(kmu):
    p, keep = kmu_c.points_of(csr(np.eye(3)))
    o, r = kmu_c.options(1), kmu_c.C.POINTER(kmu_c.Result)()
    for field, value, said in (("row", 3, "CSR rows have no strides"), ("column", None, "column is NULL"),
                               ("start", None, "column without points.start")):
        wrong = kmu_c.Points.from_buffer_copy(p)
        setattr(wrong, field, value)
        with pytest.raises(kmu_c.KmuError, match=said) as e:
            kmu_c.call("kmu_fit", kmu_c.C.byref(wrong), kmu_c.C.byref(o), kmu_c.C.byref(r))
        assert e.value.status == EUSAGE
