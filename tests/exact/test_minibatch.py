"""test_minibatch.py - mini-batch in the library is minibatch.py, bit for bit, for every algorithm, ISA and thread count."""
import zlib
from fractions import Fraction

import numpy as np
import pytest

import checker
import kmu_c
import minibatch
from cases import blobs
from conftest import compared
from grids import to_f64
from test_bisecting import weights
from test_equality import COMBINATIONS, differences, of_arrays


def cases():
    """{name: (x, k, w, options)}"""
    def add(name, make):
        r = np.random.default_rng(zlib.crc32(name.encode()))
        x, k, w, options = make(r)
        yield name, (x, k, w, {"seed": int(r.integers(1000)), **options})

    for t in ("f4", "f8"):
        for d, k, b in ((1, 2, 10), (2, 5, 30), (3, 12, 25), (17, 7, 40), (40, 40, 60), (70, 3, 16)):
            yield from add(f"blobs-{t}-d{d}-k{k}", lambda r: (blobs(r, 150, d, 6).astype(t), k, None, {
                "batch_size": b, "max_iter": 3}))
            yield from add(f"weighted-{t}-d{d}-k{k}", lambda r: (blobs(r, 120, d, 6).astype(t), k, weights(r, 120), {
                "batch_size": b, "init": "random", "n_init": 3, "max_iter": 3}))
        yield from add(f"duplicates-{t}", lambda r: (r.integers(0, 4, (200, 2)).astype(t), 5, None, {"batch_size": 20}))
        yield from add(f"more-than-all-{t}", lambda r: (r.random((60, 2)).astype(t), 5, None, {"batch_size": 1000, "max_iter": 8}))
        yield from add(f"tolerated-{t}", lambda r: (blobs(r, 100, 2, 3).astype(t), 3, None, {"batch_size": 50, "tol": 0.3}))
        yield from add(f"impatient-{t}", lambda r: (blobs(r, 100, 2, 3).astype(t), 3, None, {
            "batch_size": 20, "max_no_improvement": 1}))
        yield from add(f"second-{t}", lambda r: (blobs(r, 100, 2, 3).astype(t), 3, None, {
            "batch_size": 20, "max_no_improvement": 0}))
        yield from add(f"no-batch-{t}", lambda r: (blobs(r, 100, 2, 3).astype(t), 3, None, {"max_iter": 0}))
        yield from add(f"given-{t}", lambda r: (blobs(r, 100, 2, 3).astype(t), 4, weights(r, 100), {
            "batch_size": 30, "init": "given", "start_": r.normal(size=(4, 2)) * 40}))
        yield from add(f"first-{t}", lambda r: (r.random((90, 2)).astype(t), 4, None, {"batch_size": 30, "init": "first"}))
        for ratio in (0.0, 0.3, 0.9, 5.0):
            yield from add(f"ratio-{ratio}-{t}", lambda r: (blobs(r, 200, 2, 6).astype(t), 8, weights(r, 200), {
                "batch_size": 40, "reassignment_ratio": ratio, "max_iter": 6}))
        yield from add(f"few-places-{t}", lambda r: (r.integers(0, 2, (40, 2)).astype(t), 6, None, {"batch_size": 8}))
        yield from add(f"sample-{t}", lambda r: (blobs(r, 300, 3, 6).astype(t), 6, None, {
            "batch_size": 20, "init_size": 25, "n_init": 4, "max_iter": 2}))
        yield from add(f"small-sample-{t}", lambda r: (blobs(r, 300, 3, 6).astype(t), 20, None, {
            "batch_size": 20, "init_size": 5, "max_iter": 2}))
        yield from add(f"far-{t}", lambda r: ((1e6 + blobs(r, 120, 2, 4)).astype(t), 4, None, {"batch_size": 30}))
        yield from add(f"one-{t}", lambda r: (np.full((7, 2), 2.5).astype(t), 3, None, {"batch_size": 4, "max_iter": 2}))
    for s in range(12):
        yield from add(f"few-{s}", lambda r: (r.random((9, 2)), 2, None, {
            "batch_size": 2, "max_no_improvement": 3, "n_init": 8, "init": "random"}))
    yield from add("weight-0", lambda r: (r.random((60, 2)), 3, np.r_[np.zeros(30), np.ones(30)], {"batch_size": 10}))
    yield from add("all-magnitudes", lambda r: (r.normal(size=(80, 3)) * 2.0 ** r.integers(-300, 300, (80, 3)), 4, None,
                                                {"batch_size": 20}))
    yield from add("half-way", lambda r: (r.integers(-1, 2, (90, 2)) * np.spacing(1.0) + 1, 4, None, {"batch_size": 30}))
    yield from add("tiny", lambda r: (r.integers(-9, 10, (90, 2)) * 5e-324, 4, None, {"batch_size": 30}))
    yield from add("beyond-f64", lambda r: (r.choice([-1e200, 1e200, 3e200], (50, 2)), 4, None, {"batch_size": 20}))
    for d in (8, 16):  # whole vectors of the kernel
        for t in ("f4", "f8"):
            yield from add(f"cancelling-{t}-d{d}", lambda r: (  # around 0, and half-way
                r.integers(-3, 4, (120, d)).astype(t), 3, None, {"batch_size": 16, "max_iter": 4}))


CASES = dict(cases())


def options_of(options):
    return {{"start_": "start"}.get(f, f): v for f, v in options.items()}


@pytest.mark.parametrize("name", CASES)
def test_minibatch_is_the_definition(kmu, name):
    x, k, w, options = CASES[name]
    right, state = minibatch.fit(x, k, w, **options)
    wrong = []
    for algorithm, isa, threads in COMBINATIONS + [("filter", None, 2), ("tree", None, 2)]:  # they keep things of points
        got = kmu.fit(x, k, w, method="minibatch", algorithm=algorithm, isa=isa, threads=threads,
                      **{"max_iter": 100, **options_of(options)})
        said = differences(got, right)
        for field in ("v", "since"):
            if getattr(got, field) != getattr(state, field):
                said.append(f"{field}: {getattr(got, field)}, not {getattr(state, field)}")
        compared["runs"] += 1
        compared["cases"].add(name)
        wrong += [f"  {algorithm}, isa {isa}, {threads} threads: {line}" for line in said]
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize("n, d, k, rank", [(1000, 64, 40, 64), (1200, 256, 256, 8), (3000, 80, 300, 4)])
def test_more_rows_than_a_chunk(kmu, n, d, k, rank):
    """All rows have bytes from the start's choice (n is no more than three batches), and the last assignment meets them chunk
    by chunk; only the methods are compared."""
    r = np.random.default_rng(n)
    x = (r.normal(size=(n, rank)) @ r.normal(size=(rank, d)) + 0.01 * r.normal(size=(n, d))).astype("f4")
    options = {"method": "minibatch", "batch_size": n, "max_iter": 2}
    right = kmu.fit(x, k, algorithm="dense", **options)
    for threads in (1, 3):
        for algorithm in ("filter", "auto"):
            got = kmu.fit(x, k, algorithm=algorithm, threads=threads, **options)
            assert (got.labels == right.labels).all() and got.mu.tobytes() == right.mu.tobytes() and got.J == right.J
            partial = [kmu.PartialFit(k, d, "f4", algorithm=name, threads=threads, batch_size=n) for name in ("dense", algorithm)]
            assert len({p(x, None) for p in partial}) == 1 and partial[0].mu.tobytes() == partial[1].mu.tobytes()


@pytest.mark.parametrize("name", list(CASES)[::3])
def test_without_labels_a_fit_ends_with_its_last_batch(kmu, name):
    """The same centroids, and J as the batches' moving average has it."""
    x, k, w, options = CASES[name]
    right, state = minibatch.fit(x, k, w, **options)
    J = to_f64(sum(map(Fraction, np.ones(len(x)) if w is None else w))) * (state.average if state.steps else np.nan)
    for algorithm, isa, threads in COMBINATIONS:
        got = kmu.fit(x, k, w, method="minibatch", unlabelled=True, algorithm=algorithm, isa=isa, threads=threads,
                      **{"max_iter": 100, **options_of(options)})
        assert got.mu.tobytes() == right.mu.tobytes() and got.J.hex() == float(J).hex(), (algorithm, isa, threads)
        assert (got.iterations, got.stop, got.run, got.v) == (right.iterations, right.stop, right.run, state.v)
        assert got.labels is got.mass is got.count is None and got.distinct == 0


def test_other_methods_end_with_labels(kmu):
    for method in ("lloyd", "bisecting"):
        with pytest.raises(kmu_c.KmuError, match=f"unlabelled is for mini-batch; method {method} ends with labels"):
            kmu.fit(np.ones((3, 2)), 1, method=method, unlabelled=True)


def same_state(partial, state):
    """None, or what differs: mu by its bits, the exact masses, the counts."""
    v = [sum(map(Fraction, row)) for row in partial.v.tolist()]
    return (of_arrays("mu", partial.mu, state.mu) or (v != state.v and f"v: {v}, not {state.v}") or
            ((partial.state.steps, partial.state.since) != (state.steps, state.since) and "steps or since"))


@pytest.mark.parametrize("name", [name for name in CASES if not CASES[name][3].keys() & {"tol", "max_no_improvement"}][::2])
def test_partial_fits_are_the_definition(kmu, name):
    x, k, w, options = CASES[name]
    options = {f: v for f, v in options.items() if f not in ("n_init", "max_iter")}
    sizes = [len(x) // 2, len(x) // 5, 1, len(x) - len(x) // 2 - len(x) // 5 - 1, len(x)]
    for algorithm, isa, threads in COMBINATIONS:
        state, at = minibatch.State(), 0
        partial = kmu.PartialFit(k, x.shape[1], checker.number_type(x), algorithm=algorithm, isa=isa, threads=threads,
                                 **options_of(options))
        for size in sizes:
            rows = np.arange(at, at + size) % len(x)
            at += size
            some = None if w is None else w[rows]
            if some is not None and not some.any():
                continue
            J = minibatch.partial_fit(x[rows], k, state, some, **options)
            got = partial(x[rows], some)
            wrong = same_state(partial, state) or (got.hex() != J.hex() and f"J: {got}, not {J}")
            assert not wrong, (name, algorithm, isa, threads, size, wrong)


@pytest.mark.parametrize("spread, dtype, parts", [(900, "f8", 4), (15, "f4", 2)])
def test_masses_are_exact(kmu, spread, dtype, parts):
    """Weights of all magnitudes: what is small is not lost in what is large, and is there when it is needed."""
    r = np.random.default_rng(3)
    x, w = r.integers(0, 9, (60, 9)).astype(dtype), r.random(60) * 2.0 ** r.integers(-spread, spread, 60)
    state, partial = minibatch.State(), kmu.PartialFit(3, 9, dtype, reassignment_ratio=0.5)
    for at in range(0, 60, 10):
        minibatch.partial_fit(x[at:at + 10], 3, state, w[at:at + 10], reassignment_ratio=0.5)
        partial(x[at:at + 10], w[at:at + 10])
        assert not same_state(partial, state), at
    assert (partial.v[:, parts - 1] != 0).any()


def test_a_partial_fit_knows_neither_the_order_of_its_rows_nor_their_repetition(kmu):
    r = np.random.default_rng(4)
    x, w = blobs(r, 200, 3, 5).astype("f4"), r.integers(1, 4, 200)
    one, two = (kmu.PartialFit(6, 3, "f4", seed=5, reassignment_ratio=0.4, init_size=40) for _ in "ab")
    for at in (0, 100):
        rows = np.repeat(np.arange(at, at + 100), w[at:at + 100])
        r.shuffle(rows)
        assert one(x[at:at + 100], w[at:at + 100]) == two(x[rows])
        assert one.mu.tobytes() == two.mu.tobytes() and one.v.tobytes() == two.v.tobytes()


def test_integer_weights_are_repetition(kmu):
    r = np.random.default_rng(5)
    x, w = blobs(r, 300, 2, 5), r.integers(0, 4, 300)
    chosen = dict(method="minibatch", batch_size=50, seed=6, n_init=3)
    got, right = kmu.fit(np.repeat(x, w, axis=0), 5, **chosen), kmu.fit(x, 5, w, **chosen)
    right.labels = np.repeat(right.labels, w)
    assert not differences(got, right, but=("count",))
    order = r.permutation(300)
    got, right = kmu.fit(x[order], 5, w[order], **chosen), kmu.fit(x, 5, w, **chosen)
    right.labels = right.labels[order]
    assert not differences(got, right)


def test_a_fit_goes_on_by_partial_fits(kmu):
    x = blobs(np.random.default_rng(6), 400, 2, 5).astype("f4")
    right, state = minibatch.fit(x, 5, batch_size=50, max_iter=2)
    got = kmu.fit(x, 5, method="minibatch", batch_size=50, max_iter=2)
    partial = kmu.PartialFit(5, 2, "f4")
    partial.mu[:], partial.v[:, 0], partial.state.steps, partial.state.since = got.mu, got.v, got.iterations, got.since
    minibatch.partial_fit(x[:70], 5, state)
    partial(x[:70])
    assert got.places == 400 and not same_state(partial, state)


@pytest.mark.parametrize("name", list(CASES)[::5])
def test_a_step_lowers_what_all_that_was_taken_in_costs(kmu, name):
    """v_i ||new_i - mu_i||^2 + J(new) <= J(mu): the blend is the best centroid of what it has seen and what comes."""
    x, k, w, options = CASES[name]
    got = kmu.fit(x, k, w, method="minibatch", **{"max_iter": 100, **options_of(options)})
    assert all(t["J_update"] <= t["J_assign"] for t in got.trace)


def test_a_finish_returns_what_there_is(kmu):
    x = np.random.default_rng(9).random((20000, 8)).astype("f4")
    seen = []
    got = kmu.fit(x, 20, method="minibatch", max_no_improvement=10**9, max_iter=10**9, on_turn=seen.append,
                  poll=lambda: kmu_c.FINISH if len(seen) > 20 else kmu_c.GO)
    assert got.stop == "interrupted" and got.iterations == len(seen) > 20
    assert got.labels.tolist() == kmu.assign(x, got.mu)[0].tolist() and got.J == kmu.assign(x, got.mu)[1]
    got = kmu.fit(x, 20, method="minibatch", max_no_improvement=10**9, max_iter=10**9, max_seconds=0.2)
    assert got.stop == "budget"


def test_what_a_partial_fit_refuses(kmu):
    x = np.random.default_rng(8).random((20, 2))
    partial = kmu.PartialFit(3, 2, "f8")
    partial(x)
    before = partial.mu.copy(), partial.v.copy()
    for bad in (np.nan, np.inf, -1.0):
        partial.v[1, 0] = bad
        with pytest.raises(kmu_c.KmuError, match="state.v: mass 1 is not a finite number"):
            partial(x)
        partial.v[:] = before[1]
    labels = kmu.assign(x, partial.mu)[0]
    for i in range(3):  # one cluster is enough, whichever it is
        with pytest.raises(kmu_c.KmuError, match="beyond 1.8e308"):
            partial(x, np.where(labels == i, 1e308, 1.0))
    partial.state.size = 1
    with pytest.raises(kmu_c.KmuError, match="state.size"):
        partial(x)
    assert partial.mu.tobytes() == before[0].tobytes() and partial.v.tobytes() == before[1].tobytes()
    with pytest.raises(kmu_c.KmuError, match="k = 30 clusters for n = 20 points"):
        kmu.PartialFit(30, 2, "f8")(x)
