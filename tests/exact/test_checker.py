"""test_checker.py - the judge judged: against the definition's own programs where they are at hand, and by known facts.

The definition is a pair of programs, lloyd.py and seeding.py, in the folder KMU_SPEC or in ../shared/spec beside the
checkout. The checker shares no code with them."""
import importlib
import os
import sys
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checker
import grids
from cases import all_cases, answer
from cases_edge import column

SPEC = Path(os.environ.get("KMU_SPEC") or Path(__file__).resolve().parents[3] / "shared" / "spec")
needs_spec = pytest.mark.skipif(not (SPEC / "lloyd.py").exists(), reason="the definition's programs are not at hand")


@lru_cache(None)
def spec(name):
    sys.path.insert(0, str(SPEC))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SPEC))


SEEDS = {"kmeans++": "kmeanspp", "random": "random", "kmeans||": "kmeans_parallel"}  # functions of seeding.py


def spec_fit(case):
    """The definition's fit of a case: the run kept, its number, and the trace of every run."""
    t = grids.number_type(case.x)
    x = np.asarray(case.x).astype(t)
    seeds = SEEDS.get(case.init)
    if seeds and not hasattr(spec("seeding"), seeds):
        pytest.skip(f"the definition at hand has no {seeds}")
    best, trace = None, []
    for run in range(case.n_init if seeds else 1):
        if seeds:
            start = getattr(spec("seeding"), seeds)(x, case.k, case.seed, run, case.w)
        else:
            start = x[: case.k] if case.init == "first" else case.start
        one = spec("lloyd").fit(x, start, case.max_iter, case.w, case.tol)
        trace += one[5]
        if best is None or one[2] < best[0][2]:
            best = one, run
    return *best, trace


def small_cases():
    """The three cheapest cases of every family, and all facts and defects of a few rows."""
    families = {}
    for name, case in all_cases().items():
        n, d = case.x.shape
        cost = n * d * case.k * case.n_init
        families.setdefault(name.split("/")[0], []).append((cost, name))
    for family, members in families.items():
        for cost, name in sorted(members)[: 99 if family in ("fact", "defect") else 3]:
            if cost < 4000:
                yield name


@needs_spec
@pytest.mark.parametrize("name", small_cases())
def test_the_checker_is_the_definition(name):
    case, ours = all_cases()[name], answer(name)
    (c, mu, J, iterations, stop, _), run, trace = spec_fit(case)
    assert ours.labels.tolist() == c.tolist()
    assert ours.mu.dtype == mu.dtype and ours.mu.tolist() == mu.tolist()
    assert (ours.exact_J, ours.iterations, ours.stop, ours.run) == (J, iterations, stop, run)
    assert [t["exact"] for t in ours.trace] == trace


@needs_spec
@pytest.mark.parametrize("i", range(12))
def test_the_seeds_are_the_definition(i):
    r = np.random.default_rng(i)
    x = [r.normal(size=(40, 2)), r.integers(0, 3, (40, 2)), 1e160 * r.normal(size=(40, 1)),
         5e-324 * r.integers(0, 9, (40, 2))][i % 4].astype("f8" if i % 4 > 1 else "f4" if i % 2 else "f8")
    w = [None, r.random(40) * (r.random(40) < 0.7), 10.0 ** r.integers(-200, 200, 40)][i % 3]
    for run in (0, 3):
        for init, name in SEEDS.items():
            if not hasattr(spec("seeding"), name):
                continue
            theirs = getattr(spec("seeding"), name)(x, 12, i * 2**60, run, w)
            ours = checker.start_of(checker.Points(x, w), 12, init, None, i * 2**60, run)
            assert ours.tolist() == theirs.tolist(), (init, run, i)


# ---- numbers -------------------------------------------------------------------------------------------------------


def test_philox_known_answers():
    def words(text):
        return tuple(int(v, 16) for v in text.split())

    for counter, key, out in (
        ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ):
        low, high = words(key)
        assert checker.philox(low | high << 32, words(counter)) == words(out)


def neighbours(v, t):
    f = np.dtype(t).type
    return [u for u in (np.nextafter(v, f(-np.inf)), v, np.nextafter(v, f(np.inf))) if np.isfinite(u)]


@pytest.mark.parametrize("t", ("f4", "f8"))
@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(-(2**200), 2**200), st.integers(1, 2**120), st.integers(-1100, 1100), st.booleans())
def test_nearest_has_no_nearer_neighbour(t, p, q, shift, halfway):
    """The definition of rounding: no neighbour is nearer, and a tie went to the even significand."""
    if halfway:  # a value exactly between two neighbours
        v = abs(grids.nearest(p, q, t)) % 1e30
        a, b = (Fraction(float(u)) for u in neighbours(np.dtype(t).type(v), t)[-2:])
        p, q = ((a + b) / 2).as_integer_ratio()
    else:
        p, q = p << max(shift, 0), q << max(-shift, 0)
    if not abs(Fraction(p, q)) <= Fraction(float(np.finfo(t).max)):
        return
    v = np.dtype(t).type(grids.nearest(p, q, t))
    errors = {u: abs(Fraction(float(u)) - Fraction(p, q)) for u in neighbours(v, t)}
    assert errors[v] == min(errors.values()), (p, q, v)
    if list(errors.values()).count(errors[v]) > 1:
        assert v.view("u4" if t == "f4" else "u8") % 2 == 0, (p, q, v)
    assert v or not np.signbit(v)


def test_J_beyond_the_range_is_inf():
    assert grids.nearest(2**1024 - 2**970, 1, "f8") == np.inf
    assert grids.nearest(2**1024 - 2**970 - 1, 1, "f8") == np.finfo("f8").max
    assert grids.nearest(1, 2**1075, "f8") == 0 and grids.nearest(3, 2**1075, "f8") == 1e-323


def test_24_bits():
    for v, out in ((0, 0), (2**24 - 1, 2**24 - 1), (2**24 + 1, 2**24), (2**24 + 3, 2**24 + 4), (2**25 - 1, 2**25)):
        assert grids.to24(v) == out


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_argmin_over_the_real_numbers(data):
    """(A) by digits is (A) by fractions, from subnormals to the limit."""
    d = data.draw(st.integers(1, 3))
    number = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3).map(float)
    rows = st.lists(st.lists(number, min_size=d, max_size=d), min_size=1, max_size=6)
    x, mu = np.array(data.draw(rows)), np.array(data.draw(rows))
    c, least = checker.Points(x).assign(mu + 0.0)
    for j, row in enumerate(x.tolist()):
        apart = [sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(row, m)) for m in mu.tolist()]
        assert c[j] == apart.index(min(apart)), (row, mu)
        assert least[j].tolist() == [v == min(apart) for v in apart]


# ---- facts ---------------------------------------------------------------------------------------------------------


def test_points_one_ulp_apart_end_at_J_0():
    assert answer("fact/J-ends-at-0").exact_J == 0


def test_J_may_stay_equal_over_a_turn_and_then_fall():
    J = [t["exact"][1] for t in answer("fact/J-keeps-then-falls").trace]
    assert any(a == b and b > J[-1] for a, b in zip(J, J[1:])), J


def test_fill_does_not_stop_at_J_2():
    assert answer("fact/fill-is-unweighted").J < 2


def test_infinite_distances_are_not_within_tolerance():
    case, f = all_cases()["fact/inf-is-not-within-inf"], answer("fact/inf-is-not-within-inf")
    assert f.J == np.inf and f.iterations > 1
    scaled = checker.fit(case.x * 2.0**-600, case.k, tol=case.tol)
    assert (f.stop, f.iterations, f.labels.tolist()) == (scaled.stop, scaled.iterations, scaled.labels.tolist())


def test_a_start_is_rounded_to_the_type_first():
    for name in ("fact/start-is-rounded-first", "given_start/f8-for-f4-halfway"):
        case = all_cases()[name]
        rounded = checker.fit(case.x, case.k, init="given", start=case.start.astype("f4"))
        assert rounded.mu.tobytes() == answer(name).mu.tobytes() and rounded.trace == answer(name).trace


def test_moved_counts_against_the_end_of_the_turn_before():
    """0 | 1 9 -> the empty cluster takes 9 (fill): against the filled labels nothing moves in turn 2."""
    f = checker.fit(column(0, 1, 9), 2, init="given", start=column(0, 100))
    assert [t["moved"] for t in f.trace] == [3, 0] and f.labels.tolist() == [0, 0, 1] and f.stop == "fixpoint"
    f = checker.fit(column(0, 4, 6, 20), 2, init="given", start=column(0, 5))
    assert [t["moved"] for t in f.trace] == [4, 1, 1, 0] and f.labels.tolist() == [0, 0, 0, 1]


def test_fill_takes_the_farthest_place_then_the_least():
    c, mu = checker.update(column(-3, 3, 0, 0), [0, 0, 0, 0], column(0, 50, 60))
    assert c.tolist() == [1, 2, 0, 0] and mu.ravel().tolist() == [0, -3, 3]
    c, mu = checker.update(column(0, 0, 5), [0, 0, 0], column(0, 50, 60), [1, 1, 0])
    assert c.tolist() == [0, 0, 0] and mu.ravel().tolist() == [0, 50, 60], "no place is left to take"


def test_the_cases_are_many_and_reach_every_stop():
    answers = [answer(name) for name in all_cases()]
    assert len(answers) >= 320
    assert {a.stop for a in answers} == {"fixpoint", "tolerance", "max_iter"}
    assert any(a.run for a in answers) and any(a.distinct < len(a.mu) for a in answers)
    for a in answers:
        for t in a.trace:
            assert t["exact"][0] >= t["exact"][1]
        for t, u in zip(a.trace, a.trace[1:]):
            assert t["run"] != u["run"] or t["exact"][1] >= u["exact"][0]
