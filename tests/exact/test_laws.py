"""test_laws.py - theorems about the library's fit that need no second computation.

The fit is a function of the set of places with their weights, J never rises, labels belong to mu, an early end is the
fit that was asked for fewer turns, and neither threads nor the caller's surroundings change a bit."""
import ctypes
import os
import platform
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import checker
from cases import all_cases, blobs
from test_equality import RECORD, differences, told

SOME = list(all_cases())[::4]
BY_PLACE = [name for name, case in all_cases().items() if case.init != "first"][::5]  # starts that no row order changes


def fit_case(kmu, case, **other):
    return kmu.fit(case.x, case.k, case.w, **{"threads": 2, **case.options(), **other})


def weights_of(case):
    return np.ones(len(case.x)) if case.w is None else case.w


# ---- a set of places with weights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_PLACE)
def test_shuffled_rows_shuffle_the_labels(kmu, name):
    case = all_cases()[name]
    order = np.random.default_rng(5).permutation(len(case.x))
    right = fit_case(kmu, case)
    got = kmu.fit(np.ascontiguousarray(case.x[order]), case.k, weights_of(case)[order], **case.options())
    right.labels = right.labels[order]
    assert not differences(got, right), told(case)


@pytest.mark.parametrize("name", BY_PLACE)
def test_integer_weights_are_repetition(kmu, name):
    case = all_cases()[name]
    times = np.random.default_rng(6).integers(1, 4, len(case.x))
    got = kmu.fit(np.repeat(case.x, times, 0), case.k, **case.options())
    right = kmu.fit(case.x, case.k, times, **case.options())
    right.labels = np.repeat(right.labels, times)
    assert not differences(got, right, but=("count", "trace moved")), told(case)


@pytest.mark.parametrize("name", BY_PLACE)
def test_weight_0_is_absence(kmu, name):
    case = all_cases()[name]
    r = np.random.default_rng(7)
    x, w = np.ascontiguousarray(case.x), weights_of(case)
    extra = x[r.permutation(len(x))[: 1 + len(x) // 3]][:, r.permutation(x.shape[1])]  # old places and new ones
    at = np.sort(r.integers(0, len(x) + 1, len(extra)))
    right = fit_case(kmu, case)
    more = np.insert(x, at, extra, 0)
    got = kmu.fit(more, case.k, np.insert(w, at, 0.0), **case.options())
    absent = np.insert(np.zeros(len(x), bool), at, True)
    assert got.labels[absent].tolist() == kmu.assign(more, got.mu)[0][absent].tolist(), told(case)
    got.labels = got.labels[~absent]
    assert not differences(got, right, but=("count", "trace moved")), told(case)


@pytest.mark.parametrize("name", BY_PLACE[::2])
def test_a_weight_may_be_split(kmu, name):
    """A row of weight w is two rows of weights a + b = w."""
    case = all_cases()[name]
    w = weights_of(case)
    half = np.ldexp(w, -1)
    if (np.ldexp(half, 1) != w).any():
        half = np.zeros_like(w)  # the least subnormal has no half
    right = fit_case(kmu, case)
    got = kmu.fit(np.r_[case.x, case.x], case.k, np.r_[w - half, half], **case.options())
    right.labels = np.r_[right.labels, right.labels]
    assert not differences(got, right, but=("count", "trace moved")), told(case)


# ---- J and labels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOME)
def test_J_never_rises(kmu, name):
    case = all_cases()[name]
    f = fit_case(kmu, case)
    for t in f.trace:
        assert t["J_assign"] >= t["J_update"], (told(case), t)
    for t, u in zip(f.trace, f.trace[1:]):
        assert t["run"] != u["run"] or t["J_update"] >= u["J_assign"], (told(case), t, u)
    last = [t["J_update"] for t in f.trace if t["run"] == f.run][-1:]
    assert not last or (f.J == last[0] if f.stop == "fixpoint" else f.J <= last[0]), told(case)


@pytest.mark.parametrize("name", SOME)
def test_predict_is_labels(kmu, name):
    """Whatever the stop, labels and J belong to mu; at a fixpoint mu are the means of the labels as well."""
    case = all_cases()[name]
    f = fit_case(kmu, case)
    c, J = kmu.assign(case.x, f.mu, case.w)
    assert c.tolist() == f.labels.tolist() and J == f.J, told(case)
    v = kmu.verify(case.x, f.labels, f.mu, case.w)
    assert (v["not_nearest"], v["ties_not_low"], v["first_not_nearest"], v["J"]) == (0, 0, -1, f.J), (told(case), v)
    assert v["empty"] == case.k - f.distinct
    if f.stop == "fixpoint":
        assert v["means_off"] == 0, (told(case), v)


@pytest.mark.parametrize("name", SOME)
def test_fit_is_seed_assign_update(kmu, name):
    """The verbs in a row are the sentence."""
    case = all_cases()[name]
    f = fit_case(kmu, case, n_init=1, tol=0.0)
    mu = kmu.seed(case.x, case.k, case.w, case.init, case.start, case.seed)
    for t in f.trace:
        c, J = kmu.assign(case.x, mu, case.w)
        assert J == t["J_assign"], (told(case), t)
        c, mu = kmu.update(case.x, c, mu, case.w)
    assert mu.tobytes() == f.mu.tobytes(), told(case)


# ---- an early end --------------------------------------------------------------------------------------------------

CLOUD = blobs(np.random.default_rng(8), 3000, 8, 5, 1.0).astype("f4")
ENDS = (0, 1, 2, 4)  # calls of poll before the answer changes


def after(calls, answer):
    """A poll that says go `calls` times, then `answer`."""
    left = [calls]

    def poll():
        left[0] -= 1
        return 0 if left[0] >= 0 else answer

    return poll


def slowly(_):
    """An on_turn that makes every turn long enough for a call of poll, which is due every 50 ms."""
    time.sleep(0.06)


@pytest.mark.parametrize("init", ("first", "kmeans++", "kmeans||", "random"))
@pytest.mark.parametrize("threads", (1, 2))
def test_finish_is_max_iter(kmu, init, threads):
    """An interrupted fit is, bit for bit, the fit of as many turns."""
    chosen = dict(init=init, threads=threads, seed=3)
    turns = []
    for calls in ENDS:
        got = kmu.fit(CLOUD, 20, poll=after(calls, kmu.FINISH), on_turn=slowly, **chosen)
        assert got.stop == "interrupted", (calls, got.stop, got.iterations)
        right = kmu.fit(CLOUD, 20, max_iter=got.iterations, **chosen)
        assert right.stop == "max_iter"
        assert not differences(got, right, but=("stop",)), (calls, got.iterations)
        turns.append(got.iterations)
    assert turns[-1] > 0, turns


def test_finish_inside_a_turn_is_max_iter(kmu):
    """The same where the wish comes in the middle of packing, seeding or (A), wherever that may be."""
    x = np.random.default_rng(15).random((60000, 16)).astype("f4")
    for init in ("first", "random", "kmeans++", "kmeans||"):
        chosen = dict(init=init, algorithm="plain", threads=2)
        for calls in (0, 1, 3, 6, 11):
            got = kmu.fit(x, 40, poll=after(calls, kmu.FINISH), max_iter=12, **chosen)
            right = kmu.fit(x, 40, max_iter=got.iterations, **chosen)
            assert not differences(got, right, but=("stop",)), (init, calls, got.iterations)


def test_finish_among_runs_keeps_a_run(kmu):
    """With several runs, what comes back is one of them after so many turns."""
    points = checker.Points(CLOUD[:400])
    for calls in (*ENDS, 9, 14):
        got = kmu.fit(CLOUD[:400], 9, n_init=3, init="random", seed=4, max_iter=5, on_turn=slowly,
                      poll=after(calls, kmu.FINISH))
        start = checker.start_of(points, 9, "random", None, 4, got.run)
        right = checker.lloyd(points, start, got.iterations, run=got.run)
        assert not differences(got, right, but=("stop", *(f"trace {f}" for f in RECORD))), (calls, got.run)


def test_budget_is_max_iter(kmu):
    for seconds in (1e-9, 0.05, 0.15):
        got = kmu.fit(CLOUD, 20, init="first", max_seconds=seconds, on_turn=slowly)
        right = kmu.fit(CLOUD, 20, init="first", max_iter=got.iterations)
        assert got.stop == "budget" and got.iterations <= 1 + seconds / 0.06, (got.stop, got.iterations)
        assert not differences(got, right, but=("stop",)), seconds


def test_abandon_is_status_8(kmu):
    for calls in ENDS:
        with pytest.raises(kmu.KmuError) as raised:
            kmu.fit(CLOUD, 20, init="first", poll=after(calls, kmu.ABANDON), on_turn=slowly)
        assert raised.value.status == kmu.EABANDONED, raised.value


def test_on_turn_is_the_trace(kmu):
    for name in ("runs/f4-kmeans++", "tolerance/f8-0.0001", "few_turns/f8-first-2", "few_turns/f8-first-0"):
        seen = []
        f = fit_case(kmu, all_cases()[name], on_turn=seen.append)
        assert seen == f.trace, name


# ---- surroundings --------------------------------------------------------------------------------------------------


def test_threads_do_not_change_the_answer(kmu):
    x = np.random.default_rng(9).normal(size=(4000, 50)).astype("f4")
    right = kmu.fit(x, 30, threads=1, max_iter=12)
    for threads in (2, 3, 8, 8, 8, 8, 0):
        assert not differences(kmu.fit(x, 30, threads=threads, max_iter=12), right), threads


def test_calls_may_run_at_once(kmu):
    names = SOME[::6]
    right = [fit_case(kmu, all_cases()[name]) for name in names]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda name: fit_case(kmu, all_cases()[name]), names * 4))
    for name, a, b in zip(names * 4, got, right * 4):
        assert not differences(a, b), name


def test_a_forked_child_can_fit(kmu):
    """A fit in a child, after a fit with threads in the parent, returns."""
    right = kmu.fit(CLOUD, 20, init="first", threads=4)
    child = os.fork()
    if not child:
        code = 1
        try:
            code = len(differences(kmu.fit(CLOUD, 20, init="first", threads=4), right))
        finally:
            os._exit(code)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, status
            return
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail("the child never returned")


CONTROL = {  # machine: (offset in fenv_t, bits by environment) of each control word
    "x86_64": [(0, {"up": 2 << 10, "down": 1 << 10, "to-zero": 3 << 10, "flush": 0}),
               (28, {"up": 2 << 13, "down": 1 << 13, "to-zero": 3 << 13, "flush": 0x8040})],
    "aarch64": [(0, {"up": 1 << 22, "down": 2 << 22, "to-zero": 3 << 22, "flush": 1 << 24})],
}


@pytest.mark.skipif(platform.machine() not in CONTROL, reason="the layout of fenv_t is not known")
@pytest.mark.parametrize("environment", ("up", "down", "to-zero", "flush"))
def test_the_callers_float_environment_changes_nothing(kmu, environment):
    """Directed rounding and subnormals flushed to zero are the caller's: not used, and found again."""
    m, usual, ours, found = ctypes.CDLL(None), *(ctypes.create_string_buffer(64) for _ in range(3))
    m.fegetenv(usual)
    ours.raw = usual.raw
    words = [(ctypes.c_uint32.from_buffer(ours, at), ctypes.c_uint32.from_buffer(found, at), bits[environment])
             for at, bits in CONTROL[platform.machine()]]
    for word, _, bits in words:
        word.value |= bits
    for name in ("gaussian/f4-d3-k7", "gaussian/f8-d3-k7", "far_from_origin/f8-d2-1e+09", "weights/f8-wide",
                 "denormal/f4-d3-weights", "denormal/f8-d3-tol", "underflow/f4-2^-71", "stored/f2",
                 "tolerance/f4-turn2-just-below", "many_rows/f8-n6001-d2", "biased_sums/f4-d64"):
        case = all_cases()[name]
        right = fit_case(kmu, case)
        try:
            m.fesetenv(ours)
            got = fit_case(kmu, case)
            m.fegetenv(found)
        finally:
            m.fesetenv(usual)
        assert not differences(got, right), (told(case), differences(got, right))
        assert all(word.value & bits == bits for _, word, bits in words), "the caller's environment is not restored"


def test_the_points_are_only_read(kmu):
    for name in SOME[::5]:
        case = all_cases()[name]
        before, w = case.x.tobytes(), None if case.w is None else case.w.tobytes()
        fit_case(kmu, case)
        assert case.x.tobytes() == before and (w is None or case.w.tobytes() == w), name
