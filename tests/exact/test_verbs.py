"""test_verbs.py - seed, assign, update and verify against the checker, fits over tiny grids, and what errors say."""
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checker
import grids
from cases import all_cases, blobs
from cases_edge import column
from conftest import compared
from test_equality import COMBINATIONS, differences, told

SOME = list(all_cases())[::5]

# ---- seed ----------------------------------------------------------------------------------------------------------


def seeding_sets():
    r = np.random.default_rng(10)
    x = r.normal(size=(500, 3))
    yield "f8", x, 20, None
    yield "f4", x.astype("f4"), 20, None
    yield "f8-weights", x, 12, r.random(500)
    yield "f8-wide-weights", x, 12, 10.0 ** r.integers(-200, 201, 500)
    yield "f4-zero-weights", x.astype("f4"), 12, r.integers(0, 2, 500) * 0.3
    yield "duplicates", r.integers(0, 4, (900, 2)).astype("f4"), 14, None
    yield "duplicates-weights", r.integers(0, 4, (900, 2)), 14, r.random(900)
    for d, t in ((1, "f8"), (12, "f8"), (30, "f4")):  # by herds, by the dense kernels, by the filter
        triples = np.repeat(r.normal(size=(200, d)), 3, axis=0).astype(t)
        yield f"d{d}-triples-weights", triples, 9, r.random(600)
        yield f"d{d}-triples-wide-weights", triples, 9, 10.0 ** r.integers(-200, 201, 600)
    yield "masses-beyond-f64", np.sort(np.repeat(r.random((300, 1)) * 1e-70, 2, axis=0), axis=0), 8, np.full(600, 1.7e308)
    yield "fewer-places", r.integers(0, 2, (90, 2)).astype("u1"), 9, None
    yield "u1-n3000", r.integers(0, 256, (3000, 3)).astype("u1"), 25, None
    yield "f4-n3000", blobs(r, 3000, 2, 9).astype("f4"), 25, None
    yield "f8-n3000-one-column", r.normal(size=(3000, 1)), 10, None
    yield "first-column-constant", np.c_[np.ones(700), r.normal(size=700)], 10, None
    yield "first-column-binary", np.c_[r.integers(0, 2, 700), r.normal(size=700)].astype("f4"), 10, None
    yield "signed-zeros", np.where(r.random((200, 3)) < 0.7, -0.0, r.integers(-1, 2, (200, 3))), 9, None
    yield "huge", 1e300 * r.normal(size=(200, 2)), 8, None
    yield "denormal", 5e-324 * r.integers(-99, 99, (200, 2)), 8, None
    yield "wide", r.normal(size=(200, 2)) * 10.0 ** r.integers(-300, 300, (200, 2)), 8, None
    for d, t in ((2, "f8"), (12, "f4"), (30, "f8")):  # many candidates are as near as another
        yield f"d{d}-lattice", r.integers(0, 40 if d == 2 else 3, (700, d)).astype(t), 5, None
        yield f"d{d}-lattice-weights", r.integers(0, 40 if d == 2 else 3, (700, d)).astype(t), 5, r.random(700)
    yield "each-scale-by-itself", np.c_[16.0 ** -np.arange(90)], 60, None  # a round takes few: more than five are needed
    yield "one-cluster", x, 1, None
    yield "as-many-as-rows", r.normal(size=(60, 2)).astype("f4"), 60, None
    yield "one-row", np.ones((1, 1)), 1, None


@pytest.mark.parametrize("init", ("kmeans++", "kmeans||", "random"))
@pytest.mark.parametrize("name, x, k, w", [pytest.param(*s, id=s[0]) for s in seeding_sets()])
def test_seed_is_the_definition(kmu, name, x, k, w, init):
    for seed in (0, 1, 2**64 - 1):
        right = checker.seed_centroids(x, k, w, init, seed=seed)
        for threads in (1, 2):
            got = kmu.seed(x, k, w, init, seed=seed, threads=threads)
            at = np.argwhere((got != right).any(1)).ravel()
            assert got.tobytes() == right.tobytes(), (name, init, f"seed {seed}", threads, f"differ at {at[:5]}",
                                                      got[at[:1]], right[at[:1]])


POTENTIALS = {  # places, weights, k, and a seed whose draw falls between the right potential and the one in brackets
    "weight-tie-to-even-down": ([[0], [1]], [2**24 + 1, 2**23], 1, 74626764),  # [rounded up, or not at all]
    "weight-tie-to-even-up": ([[0], [1]], [2**24 + 3, 2**23], 1, 65834617),  # [down, or not]
    "weight-a-hair-above-a-tie": ([[0], [1]], [2**24 + 1 + 2.0**-20, 2**23], 1, 73834598),  # [down, or not]
    "cost-tie-to-even-up": ([[0, 0, 0], [2401, 2501, 2601], [-2048, -1024, 0]], None, 2, 22291538),  # [down, or not]
    "cost-tie-to-even-down": ([[0], [4097], [-2048]], None, 2, 66224913),  # [up, or not]
    "cost-a-hair-above-a-tie": ([[0, 0], [4097, 2.0**-40], [-2048, 0]], None, 2, 412464293),  # [down, or not]
    "cost-a-hair-below-a-tie": ([[0], [float.fromhex("0x1.0000017ffffeep+12")], [-2048]], None, 2, 1362677074),  # [up]
}


@pytest.mark.parametrize("name", POTENTIALS)
def test_potentials_are_rounded_once_to_24_bits(kmu, name):
    """One draw in 2^26 sees the last bit of a potential; these seeds, found by trying 10^9, make it."""
    x, w, k, seed = POTENTIALS[name]
    init = "random" if k == 1 else "kmeans++"
    right = checker.seed_centroids(np.array(x, "f8"), k, w, init, seed=seed)
    got = kmu.seed(np.array(x, "f8"), k, w, init, seed=seed)
    assert got.tolist() == right.tolist(), (name, f"seed {seed}", got, right)


def test_a_given_start_comes_back_rounded(kmu):
    x, start = column(0, 1, 2, t="f4"), column(0.1, -0.0, 1 + 2.0**-24)
    got = kmu.seed(x, 3, init="given", start=start)
    assert got.tobytes() == checker.to_type(start, "f4").tobytes()
    assert kmu.seed(x, 2, init="first").tobytes() == x[:2].tobytes()


# ---- assign, update, verify ----------------------------------------------------------------------------------------


def model_of(case, r):
    """Centroids that are no means, one of them twice, and a label for every place that is not the nearest; the last
    cluster is empty."""
    x = np.asarray(case.x).astype(grids.number_type(case.x))
    mu = x[r.integers(0, len(x), case.k)]
    mu[::2] = mu[::2] / 2 + x[0] / 2
    mu[-1] = mu[0]
    place = np.unique(x + 0.0, axis=0, return_inverse=True)[1]
    return mu, r.integers(0, max(1, case.k - 1), len(x))[place].astype("i4")


@pytest.mark.parametrize("name", SOME)
def test_assign_is_the_definition(kmu, name):
    case = all_cases()[name]
    mu, _ = model_of(case, np.random.default_rng(11))
    right, J = checker.assign(case.x, mu, case.w)
    for algorithm, isa, threads in COMBINATIONS:
        c, got = kmu.assign(case.x, mu, case.w, algorithm=algorithm, isa=isa, threads=threads)
        at = np.argwhere(c != right).ravel()
        assert not len(at), (told(case), algorithm, f"point {at[0]}: {c[at[0]]}, not {right[at[0]]}")
        assert got == J, (told(case), algorithm, got.hex(), J.hex())


def test_fewer_rows_than_centroids_can_be_assigned(kmu):
    """predict takes one row, whatever k is."""
    mu = np.random.default_rng(14).normal(size=(7, 3))
    c, J = kmu.assign(mu[4:5], mu)
    assert c.tolist() == [4] and J == 0
    v = kmu.verify(mu[4:6], [4, 4], mu)
    assert (v["not_nearest"], v["first_not_nearest"], v["empty"]) == (1, 1, 6), v


@pytest.mark.parametrize("name", SOME)
def test_update_is_the_definition(kmu, name):
    case = all_cases()[name]
    mu, c = model_of(case, np.random.default_rng(12))
    right_c, right_mu = checker.update(case.x, c, mu, case.w)
    for threads in (1, 2):
        got_c, got_mu = kmu.update(case.x, c, mu, case.w, threads=threads)
        assert got_c.tolist() == right_c.tolist(), told(case)
        at = np.argwhere(got_mu != right_mu)
        assert got_mu.tobytes() == right_mu.tobytes(), (told(case), at[:3], got_mu, right_mu)


@pytest.mark.parametrize("name", SOME[::2])
def test_nearest_is_the_definition(kmu, name):
    case = all_cases()[name]
    x = case.x[:200]
    mu, _ = model_of(case, np.random.default_rng(16))
    mu = mu[:30]
    for m in sorted({1, min(3, len(mu)), len(mu)}):
        index, distance = checker.ranking(x, mu, m)
        got, far = kmu.nearest(x, mu, m, threads=2)
        at = np.argwhere(got != index)
        assert not len(at), (told(case), m, f"point {at[0][0]}, rank {at[0][1]}", got[at[0][0]], index[at[0][0]])
        at = np.argwhere(far.view(f"u{far.itemsize}") != distance.view(f"u{far.itemsize}"))
        assert not len(at), (told(case), m, at[0], far[tuple(at[0])], distance[tuple(at[0])])


@pytest.mark.parametrize("name", SOME[::2])
def test_distances_are_those_of_nearest(kmu, name):
    """The same distances as kmu_nearest's, in the order of the centroids."""
    case = all_cases()[name]
    mu, _ = model_of(case, np.random.default_rng(18))
    mu = mu[:30]
    index, far = kmu.nearest(case.x, mu, len(mu))
    for threads in (1, 2):
        got = np.take_along_axis(kmu.distances(case.x, mu, threads=threads), index, axis=1)
        assert got.tobytes() == far.tobytes(), told(case)


def test_squares_that_underflow_keep_their_order(kmu):
    """Four squares of 0.49 of the least number, all of which are lost in f64, are more than one that is not."""
    mu = np.array([[0.7] * 4, [1, 0, 0, 0]]) * 2.0**-537
    assert (mu**2).sum(axis=1).tolist() == [0, 2.0**-1074]
    assert kmu.nearest(np.zeros((1, 4)), mu, 2)[0].tolist() == [[1, 0]]


def test_a_distance_just_beyond_a_half_is_rounded_up(kmu):
    """||x||^2 = (32 m)^2 + 1 with m = p^2 + q^2 of 25 bits: in f64 the 1 is lost, and 32 m would go down to the even neighbour."""
    p, q = 3001, 2900
    m = p * p + q * q
    x = np.array([[32 * (p * p - q * q), 64 * p * q, 1]], "f4")
    assert m % 4 == 1 and m >> 24 == 1 and (x.astype("f8") ** 2).sum() == (32 * m) ** 2
    mu = np.zeros((1, 3), "f4")
    assert kmu.distances(x, mu)[0, 0] == 32 * (m + 1), "binary32"
    assert kmu.nearest(x, mu, 1)[1][0, 0] == 32 * (m + 1), "binary32"
    assert kmu.distances(x.astype("f8"), mu)[0, 0] == 32 * m, "binary64"


@pytest.mark.parametrize("name", SOME[::2])
def test_describe_shares_J(kmu, name):
    """J_i and the radius, right to 12 digits where f64 can hold the squares."""
    case = all_cases()[name]
    x = np.asarray(case.x).astype(grids.number_type(case.x))
    right = checker.lloyd(checker.Points(x, case.w), x[: case.k], 2)
    J, radius = kmu.describe(case.x, right.labels, right.mu, case.w, threads=2)
    w = np.ones(len(x)) if case.w is None else case.w
    far = [max((checker.ranking(x[j : j + 1], right.mu[i : i + 1], 1)[1][0, 0]
                for j in np.flatnonzero((right.labels == i) & (w > 0))[:50]), default=0) for i in range(min(case.k, 4))]
    for i, v in enumerate(right.J_cluster):
        if v == 0 or 1e-250 < v < 1e250:
            assert J[i] == pytest.approx(v, rel=1e-11, abs=0), (told(case), i, J[i].hex(), v.hex())
    for i, v in enumerate(far):
        if 1e-120 < v < 1e120:
            assert radius[i] >= v * (1 - 1e-6), (told(case), i, radius[i], v)


@pytest.mark.parametrize("name", SOME)
def test_verify_counts_as_the_checker(kmu, name):
    case = all_cases()[name]
    mu, c = model_of(case, np.random.default_rng(13))
    for labels in (c, checker.assign(case.x, mu)[0]):
        right, got = checker.verify(case.x, labels, mu, case.w), kmu.verify(case.x, labels, mu, case.w)
        assert {f: got[f] for f in right} == right, told(case)
        assert (got["means_ulps"] > 0) == (got["means_off"] > 0)


def test_verify_sees_one_wrong_label_one_wrong_mean_one_wrong_tie(kmu):
    x = column(0, 2, 10, 12, 6)
    f = kmu.fit(x, 2, init="given", start=column(0, 12))
    assert f.labels.tolist() == [0, 0, 1, 1, 0]
    right = kmu.verify(x, f.labels, f.mu)
    assert (right["not_nearest"], right["ties_not_low"], right["means_off"], right["means_ulps"]) == (0, 0, 0, 0)
    wrong = f.labels.copy()
    wrong[3] = 0
    v = kmu.verify(x, wrong, f.mu)
    assert (v["not_nearest"], v["first_not_nearest"], v["means_off"]) == (1, 3, 2), v
    off = f.mu.copy()
    off[1] = np.nextafter(off[1], 99)
    v = kmu.verify(x, f.labels, off)
    assert (v["not_nearest"], v["means_off"], v["means_ulps"]) == (0, 1, 1.0), v
    mu = column(1, 11)
    v = kmu.verify(x, [0, 0, 1, 1, 1], mu)  # 6 is as far from 1 as from 11
    assert (v["not_nearest"], v["ties_not_low"], v["first_not_nearest"]) == (0, 1, -1), v


# ---- tiny grids ----------------------------------------------------------------------------------------------------


@st.composite
def tiny_fits(draw):
    """A whole fit over a grid so small that ties, duplicates and empty clusters are the rule."""
    n, d = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    dtype = draw(st.sampled_from(["f4", "f8", "i1", "f2"]))
    coordinate = st.integers(-3, 3)
    rows = st.lists(st.lists(coordinate, min_size=d, max_size=d), min_size=n, max_size=n)
    x, k = np.array(draw(rows), dtype), draw(st.integers(1, n))
    w = draw(st.none() | st.lists(st.sampled_from([0, 1, 2, 0.1, 1e-9]), min_size=n, max_size=n).filter(any))
    start = draw(st.none() | st.lists(st.lists(st.integers(-6, 6), min_size=d, max_size=d), min_size=k, max_size=k))
    chosen = dict(init=draw(st.sampled_from(["kmeans++", "kmeans||", "random", "first"])), seed=draw(st.integers(0, 9)),
                  n_init=draw(st.integers(1, 3)), max_iter=draw(st.sampled_from([0, 1, 2, 50])),
                  tol=draw(st.sampled_from([0, 0.01, 0.25])))
    if start is not None:
        chosen.update(init="given", start=np.array(start) / 2)
    return x, k, None if w is None else np.array(w, "f8"), chosen


@settings(max_examples=600, deadline=None, derandomize=True)
@given(tiny_fits())
def test_tiny_grids(fields):
    """Runs without the `kmu` fixture, which hypothesis would not renew; skipped with it where there is no library."""
    import kmu_c

    if not kmu_c.LIBRARY.exists():
        pytest.skip("no library")
    x, k, w, chosen = fields
    right = checker.fit(x, k, w, **chosen)
    for algorithm, isa, threads in COMBINATIONS[::2]:
        got = kmu_c.fit(x, k, w, algorithm=algorithm, isa=isa, threads=threads, **chosen)
        compared["runs"] += 1
        assert not differences(got, right), (algorithm, isa, threads)



@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_any_finite_numbers(data):
    """From subnormals to the limit of the type, in one set."""
    import kmu_c

    if not kmu_c.LIBRARY.exists():
        pytest.skip("no library")
    width = data.draw(st.sampled_from([32, 64]))
    number = st.floats(allow_nan=False, allow_infinity=False, width=width) | st.sampled_from([0.0, -0.0, 1.0, 0.5])
    d = data.draw(st.integers(1, 2))
    rows = data.draw(st.lists(st.lists(number, min_size=d, max_size=d), min_size=1, max_size=9))
    x = np.array(rows, f"f{width // 8}")
    w = data.draw(st.none() | st.lists(st.floats(1e-300, 1e300), min_size=len(x), max_size=len(x)))
    k = data.draw(st.integers(1, len(x)))
    chosen = dict(init=data.draw(st.sampled_from(["kmeans++", "kmeans||", "random"])), tol=data.draw(st.sampled_from([0, 1e-4])))
    right = checker.fit(x, k, w, **chosen)
    got = kmu_c.fit(x, k, w, **chosen)
    compared["runs"] += 1
    assert not differences(got, right), (x.tolist(), w, k, chosen)


# ---- errors --------------------------------------------------------------------------------------------------------


def spoilt(v, dtype="f4"):
    x = np.ones((9, 5), dtype)
    x[4, 3] = v
    return x


ones, nan, inf = np.ones((9, 5), "f4"), float("nan"), float("inf")
w = np.ones(9)


def weight(v):
    u = w.copy()
    u[6] = v
    return u


WRONG = {  # name: call, status, what the text says
    "nan": (lambda k: k.fit(spoilt(nan), 2), 3, "point 4, coordinate 3.*nan"),
    "inf": (lambda k: k.fit(spoilt(inf), 2), 3, "point 4, coordinate 3.*inf"),
    "minus-inf-f8": (lambda k: k.fit(spoilt(-inf, "f8"), 2), 3, "point 4, coordinate 3.*inf"),
    "nan-f2": (lambda k: k.fit(spoilt(nan, "f2"), 2), 3, "point 4, coordinate 3.*nan"),
    "nan-fortran": (lambda k: k.fit(np.asfortranarray(spoilt(nan)), 2), 3, "point 4, coordinate 3.*nan"),
    "nan-reversed": (lambda k: k.fit(spoilt(nan)[::-1, ::-1], 2), 3, "point 4, coordinate 1.*nan"),
    "nan-of-weight-0": (lambda k: k.fit(spoilt(nan), 2, 1.0 * (np.arange(9) != 4)), 3, "point 4, coordinate 3.*nan"),
    "beyond-2^53": (lambda k: k.fit(spoilt(2**53 + 1, "i8"), 2), 3, "point 4, coordinate 3.*2.53"),
    "below-minus-2^53": (lambda k: k.fit(spoilt(-(2**53) - 1, "i8"), 2), 3, "point 4, coordinate 3.*2.53"),
    "u8-beyond-2^53": (lambda k: k.fit(spoilt(2**63, "u8"), 2), 3, "point 4, coordinate 3.*2.53"),
    "k-above-n": (lambda k: k.fit(ones, 10), (2, 3), "10.*9|9.*10"),
    "k-0": (lambda k: k.fit(ones, 0), 2, "k"),
    "no-points": (lambda k: k.fit(np.ones((0, 5)), 1), 3, "n = 0"),
    "no-columns": (lambda k: k.fit(np.ones((9, 0)), 1), 3, "d = 0"),
    "negative-weight": (lambda k: k.fit(ones, 2, weight(-1)), 3, "weight.*6.*-1"),
    "nan-weight": (lambda k: k.fit(ones, 2, weight(nan)), 3, "weight.*6.*nan"),
    "infinite-weight": (lambda k: k.fit(ones, 2, weight(inf)), 3, "weight.*6.*inf"),
    "all-weights-0": (lambda k: k.fit(ones, 2, 0 * w), 3, "weight.*0"),
    "nan-start": (lambda k: k.fit(ones, 9, init="given", start=spoilt(nan, "f8")), 3, "4.*3.*nan"),
    "start-beyond-f32": (lambda k: k.fit(ones, 9, init="given", start=spoilt(1e39, "f8")), 3, "4.*3.*inf"),
    "negative-tol": (lambda k: k.fit(ones, 2, tol=-1), 2, "tol"),
    "nan-tol": (lambda k: k.fit(ones, 2, tol=nan), 2, "tol"),
    "n_init-0": (lambda k: k.fit(ones, 2, n_init=0), 2, "n.init"),
    "negative-max_iter": (lambda k: k.fit(ones, 2, max_iter=-1), 2, "max.iter"),
    "unknown-algorithm": (lambda k: k.fit(ones, 2, algorithm="magic"), 2, "magic"),
    "assign-nan-centroid": (lambda k: k.assign(ones, spoilt(nan)), 3, "4.*3.*nan"),
    "assign-nan": (lambda k: k.assign(spoilt(nan), ones[:2]), 3, "point 4, coordinate 3.*nan"),
    "seed-nan": (lambda k: k.seed(spoilt(nan), 2), 3, "point 4, coordinate 3.*nan"),
    "update-label-above": (lambda k: k.update(ones, np.arange(9) % 3, ones[:2]), 3, "2"),
    "update-label-below": (lambda k: k.update(ones, np.arange(9) % 2 - 1, ones[:2]), 3, "-1"),
    "verify-label-above": (lambda k: k.verify(ones, np.arange(9) % 3, ones[:2]), 3, "2"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_error_names_value_and_place(kmu, name):
    call, status, text = WRONG[name]
    with pytest.raises(kmu.KmuError) as raised:
        call(kmu)
    e = raised.value
    assert e.status in (status if isinstance(status, tuple) else (status,)), e
    assert re.search(text, e.text, re.I), e
    assert "\n" not in e.text and len(e.text) > 10, e


def test_a_later_call_is_not_spoilt_by_an_error(kmu):
    with pytest.raises(kmu.KmuError):
        kmu.fit(spoilt(nan), 2)
    assert kmu.fit(ones, 2).J == 0
