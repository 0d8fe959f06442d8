"""test_bisecting.py - bisecting in the library is bisecting.py, bit for bit, for every algorithm, ISA and thread count."""
import time
import zlib

import numpy as np
import pytest

import bisecting
import checker
import kmu_c
from cases import blobs
from conftest import compared
from test_equality import COMBINATIONS, differences, of_arrays

STRATEGIES = ("biggest_inertia", "largest_cluster")


def weights(r, n):
    w = np.round(r.random(n) * 4) / 4 + r.integers(0, 2, n) * r.random(n)
    w[0] += 1
    return w


def cases():
    """{name: (x, k, w, options)}"""
    def add(name, make):
        r = np.random.default_rng(zlib.crc32(name.encode()))
        x, k, w, options = make(r)
        yield name, (x, k, w, {"seed": int(r.integers(1000)), **options})

    for t in ("f4", "f8"):
        for d, k in ((1, 2), (1, 9), (2, 5), (3, 12), (17, 7), (40, 4)):
            yield from add(f"blobs-{t}-d{d}-k{k}", lambda r: (blobs(r, 90, d, 6).astype(t), k, None, {}))
            yield from add(f"weighted-{t}-d{d}-k{k}", lambda r: (blobs(r, 70, d, 6).astype(t), k, weights(r, 70),
                                                                 {"init": "random"}))
        for strategy in STRATEGIES:
            for k in (3, 8):
                yield from add(f"lattice-{t}-{strategy}-k{k}", lambda r: (
                    r.integers(0, 4, (60, 2)).astype(t), k, None, {"strategy": strategy}))
                yield from add(f"mirrored-{t}-{strategy}-k{k}", lambda r: (  # parts with the same J
                    np.concatenate([q := r.integers(1, 9, (16, 2)), -q, q * (1, -1), q * (-1, 1)]).astype(t) * 8, k, None,
                    {"strategy": strategy, "init": "random", "n_init": 3}))
        yield from add(f"stopped-{t}", lambda r: (blobs(r, 90, 2, 3).astype(t), 6, None, {"max_iter": 1}))
        yield from add(f"start-only-{t}", lambda r: (blobs(r, 50, 2, 3).astype(t), 6, weights(r, 50), {"max_iter": 0}))
        yield from add(f"tolerated-{t}", lambda r: (r.random((120, 3)).astype(t), 5, weights(r, 120), {"tol": 0.02}))
        yield from add(f"runs-{t}", lambda r: (r.random((80, 2)).astype(t), 5, None, {"n_init": 4, "init": "random"}))
        yield from add(f"first-{t}", lambda r: (r.random((50, 2)).astype(t), 7, None, {"init": "first", "n_init": 2}))
        yield from add(f"far-{t}", lambda r: ((1e6 + blobs(r, 60, 2, 4)).astype(t), 5, None, {}))
    yield from add("few-places", lambda r: (r.integers(0, 2, (30, 2)).astype("f8"), 7, None, {}))
    yield from add("one-place", lambda r: (np.full((5, 2), 3.5), 4, None, {"strategy": "largest_cluster"}))
    yield from add("heavy-place", lambda r: (np.r_[np.zeros((9, 1)), r.random((9, 1))], 6, None,
                                             {"strategy": "largest_cluster"}))
    yield from add("weight-0-rows", lambda r: (r.random((30, 2)), 6, np.r_[np.zeros(20), np.ones(10)], {}))
    yield from add("one-part", lambda r: (r.random((30, 3)), 1, weights(r, 30), {}))
    yield from add("beyond-f64", lambda r: (r.choice([-1e200, 1e200, 3e200, 1e-200], (20, 2)), 5, None, {}))
    yield from add("every-point", lambda r: (r.random((9, 2)), 9, None, {}))


CASES = dict(cases())


@pytest.mark.parametrize("name", CASES)
def test_bisecting_is_the_definition(kmu, name):
    x, k, w, options = CASES[name]
    right, child, split_mu = bisecting.fit(x, k, w, **options)
    strategy = options.get("strategy", "biggest_inertia")
    chosen = {f: v for f, v in options.items() if f != "strategy"}
    wrong = []
    for algorithm, isa, threads in COMBINATIONS + [("tree", None, 2)]:  # one column is sorted
        got = kmu.fit(x, k, w, method="bisecting", strategy=strategy, algorithm=algorithm, isa=isa, threads=threads,
                      **chosen)
        said = differences(got, right)
        if np.asarray(got.child).tolist() != child:
            said.append(f"child: {np.asarray(got.child).tolist()}, not {child}")
        elif child:
            said.append(of_arrays("split_mu", got.split_mu, split_mu))
        compared["runs"] += 1
        compared["cases"].add(name)
        wrong += [f"  {algorithm}, isa {isa}, {threads} threads: {line}" for line in said if line]
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize("name", list(CASES)[::3])
def test_walking_the_tree_gives_the_labels(kmu, name):
    x, k, w, options = CASES[name]
    got = kmu.fit(x, k, w, method="bisecting", **{f: v for f, v in options.items() if f != "strategy"})
    if not len(got.child):
        return
    r = np.random.default_rng(3)
    other = np.concatenate([x[r.permutation(len(x))[:9]], (x[:7] + x[-7:]) / 2, got.mu]).astype(x.dtype)
    labels, at = bisecting.walk(other, got.child.tolist(), got.split_mu)
    ends = np.array([got.split_mu[place] for place in at])
    for threads in (1, 2):
        assert kmu.walk(x, got.child, got.split_mu, threads=threads)[0].tolist() == got.labels.tolist()
        c, distance = kmu.walk(other, got.child, got.split_mu, threads=threads)
        assert c.tolist() == labels.tolist()
        right = [checker.ranking(row[None], end[None], 1)[1][0, 0] for row, end in zip(other, ends)]
        assert distance.tolist() == [float(v) for v in right]


def test_two_parts_are_the_fit_with_k_2(kmu):
    x = blobs(np.random.default_rng(1), 200, 3, 5)
    for n_init in (1, 4):
        two = kmu.fit(x, 2, method="bisecting", init="random", n_init=n_init, seed=3)
        assert not differences(two, kmu.fit(x, 2, init="random", n_init=n_init, seed=3), but=("run",))


def test_J_falls_with_every_split_and_no_part_is_empty(kmu):
    x = blobs(np.random.default_rng(2), 300, 2, 5).astype("f4")
    J = [kmu.fit(x, k, method="bisecting").J for k in range(1, 30)]
    assert all(a > b for a, b in zip(J, J[1:]))
    places = np.round(x)
    for k in (3, 40, 250):
        assert kmu.fit(places, k, method="bisecting").distinct == min(k, len(np.unique(places, axis=0)))


def test_more_parts_are_splits_of_fewer(kmu):
    x = blobs(np.random.default_rng(4), 300, 2, 5)
    few, many = (kmu.fit(x, k, method="bisecting", n_init=2, init="random") for k in (5, 9))
    assert few.split_mu.tobytes() == many.split_mu[:4].tobytes()
    assert all(len(set(few.labels[many.labels == i])) == 1 for i in range(9))


def test_verify_counts_those_that_are_not_nearest(kmu):
    x = blobs(np.random.default_rng(5), 400, 2, 9).astype("f4")
    got = kmu.fit(x, 9, method="bisecting")
    said = kmu.verify(x, got.labels, got.mu)
    assert said["not_nearest"] == checker.verify(x, got.labels, got.mu)["not_nearest"] > 0
    assert (said["means_off"], said["J"]) == (0, got.J)


def test_a_start_for_every_split(kmu):
    """KMU_GIVEN asks for the start of each part, by its rows."""
    x = blobs(np.random.default_rng(6), 100, 2, 5)
    asked = []

    def start(rows):
        asked.append(rows)
        return x[rows[:2]]

    got = kmu.fit(x, 6, method="bisecting", init="given", start_split=start)
    right = kmu.fit(x, 6, method="bisecting", init="first")
    assert not differences(got, right) and got.child.tolist() == right.child.tolist()
    assert len(asked) == 5 and asked[0].tolist() == list(range(100)) and all((np.diff(rows) > 0).all() for rows in asked)


def test_a_start_for_every_run_of_a_split(kmu):
    """Of n_init starts that are given for a part, the best is kept."""
    x = blobs(np.random.default_rng(8), 100, 2, 5)
    starts = [x[np.random.default_rng(s).permutation(100)[:2]] for s in range(2, 8)]
    J = [kmu.fit(x, 2, init="given", start=start, max_iter=1).J for start in starts]
    for runs in (1, 2, 6):
        asked = iter(starts)
        got = kmu.fit(x, 2, method="bisecting", init="given", n_init=runs, max_iter=1, start_split=lambda rows: next(asked))
        assert got.J == min(J[:runs]) and [t["run"] for t in got.trace] == list(range(runs))
    assert J[0] > min(J)


def test_a_finish_returns_the_parts_there_are(kmu):
    x = blobs(np.random.default_rng(7), 500, 2, 9)
    whole = kmu.fit(x, 9, method="bisecting")
    for last in (1, 9, 20):
        turns = []

        def slowly(turn):
            turns.append(turn)
            time.sleep(0.011)  # longer than the library waits before it asks poll again
        got = kmu.fit(x, 9, method="bisecting", on_turn=slowly,
                      poll=lambda: kmu_c.FINISH if len(turns) >= last else kmu_c.GO)
        k = len(got.mu)
        assert got.stop == "interrupted" and 2 <= k < 9 and len(got.child) == k - 1
        assert kmu.walk(x, got.child, got.split_mu)[0].tolist() == got.labels.tolist()
        assert got.split_mu[:k - 2].tobytes() == whole.split_mu[:k - 2].tobytes()


@pytest.mark.parametrize("child, text", [
    ([[0, 2]], "child 1 of split 0 is 2"), ([[0, -1]], "child 1 of split 0 is -1"), ([[-1, 0], [-1, 1]], "child 0 of split 1 is -1"),
    ([[-2, 0], [1, 2]], "child 0 of split 0 is -2")])
def test_a_tree_that_leads_nowhere_is_refused(kmu, child, text):
    with pytest.raises(kmu_c.KmuError, match=text):
        kmu.walk(np.zeros((3, 1)), child, np.zeros((len(child), 2, 1)))


def test_what_bisecting_refuses(kmu):
    x = np.random.default_rng(8).random((20, 2))
    with pytest.raises(kmu_c.KmuError, match="takes no centroids to start from") as e:
        kmu.fit(x, 3, method="bisecting", init="given", start=x[:3])
    assert e.value.status == kmu_c.EUSAGE
    with pytest.raises(kmu_c.KmuError, match="more than 2\\^31 - 1"):
        kmu.fit(x, 20, method="bisecting", n_init=2**30)
