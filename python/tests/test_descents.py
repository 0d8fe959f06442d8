"""test_descents.py - MiniBatchKMeans and BisectingKMeans: the exact programs' answers, the command's, and their own laws."""

import copy
import json
import math
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from test_answer import BLOBS, CASES, COMMAND

from kmu import BisectingKMeans, KMeans, MiniBatchKMeans

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "exact"))

import bisecting  # noqa: E402
import minibatch  # noqa: E402

SOME = np.random.default_rng(5).normal(size=(300, 2)) + 6 * np.random.default_rng(6).integers(0, 3, (300, 2))
LARGE = np.random.default_rng(8).normal(size=(300_000, 4))


def same_fit(km, right):
    """Assert that labels, centroids and records are those of a program in tests/exact."""
    assert km.labels_.tolist() == right.labels.tolist()
    assert km.cluster_centers_.tobytes() == right.mu.tobytes()
    assert (km.inertia_, km.stop_reason_) == (right.J, right.stop)
    for field in ("run", "turn", "J_assign", "J_update"):
        assert km.trace_[field].tolist() == [turn[field] for turn in right.trace], field


# ---- mini-batch ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"batch_size": 20, "init": "random", "n_init": 3, "tol": 0.01},
        {"batch_size": 15, "init_size": 30, "reassignment_ratio": 0.6, "max_no_improvement": 3},
        {"batch_size": 10, "max_iter": 3, "max_no_improvement": None},
    ],
    ids=["defaults", "tolerance", "reassignment", "all-steps"],
)
def test_mini_batch_is_the_definition(name, how):
    x, k, w = CASES[name]
    words = {"init": "kmeans++", "n_init": 1} | how
    words |= {"init_size": how.get("init_size", 0), "max_no_improvement": how.get("max_no_improvement", 10) or 10**9}
    right, state = minibatch.fit(x, k, w, seed=7, **words)
    km = MiniBatchKMeans(k, random_state=7, n_threads=2, **how).fit(x, sample_weight=w)
    same_fit(km, right)
    assert km.n_steps_ == right.iterations
    assert km.counts_.tolist() == state.v
    assert km._since == state.since
    places = len(np.unique(np.asarray(x, "f8")[np.ones(len(x)) > 0 if w is None else w > 0], axis=0))
    assert km.n_iter_ == -(-km.n_steps_ * min(how.get("batch_size", 1024), places) // places)
    bare = copy.deepcopy(km).set_params(compute_labels=False).fit(x, sample_weight=w)
    assert bare.cluster_centers_.tobytes() == km.cluster_centers_.tobytes()
    assert bare.inertia_ == state.average * (len(x) if w is None else math.fsum(w))
    assert not hasattr(bare, "labels_")


@pytest.mark.parametrize("name", ["f64", "f32", "weights"])
@pytest.mark.parametrize("begin", ["first", "fit"])
def test_partial_fit_is_the_definition(name, begin):
    x, k, w = CASES[name]
    km, state = MiniBatchKMeans(k, random_state=3, batch_size=30, reassignment_ratio=0.4, max_iter=2), minibatch.State()
    if begin == "fit":
        _, state = minibatch.fit(x, k, w, seed=3, batch_size=30, reassignment_ratio=0.4, max_iter=2)
        km.fit(x, sample_weight=w)
    for rows in (slice(0, 60), slice(60, 70), slice(40, 120)):
        some = None if w is None else w[rows]
        minibatch.partial_fit(x[rows], k, state, some, seed=3, batch_size=30, reassignment_ratio=0.4)
        assert km.partial_fit(x[rows], sample_weight=some) is km
        assert km.cluster_centers_.tobytes() == state.mu.tobytes()
        assert km.counts_.tolist() == [float(v) for v in state.v]
        assert (km.n_steps_, km._since) == (state.steps, state.since)
        assert km.labels_.tolist() == km.predict(x[rows]).tolist()
        assert km.inertia_ == -km.score(x[rows], sample_weight=some)
        km = pickle.loads(pickle.dumps(km))


def test_partial_fit_knows_its_calls_and_nothing_else():
    """Neither the order nor the repetition of rows in a call; a generator is drawn from once."""
    r = np.random.default_rng(1)
    w = r.integers(1, 4, 300)
    one, two = (MiniBatchKMeans(6, random_state=np.random.RandomState(4), reassignment_ratio=0.3) for _ in "ab")
    for at in (0, 100, 200):
        rows = np.repeat(np.arange(at, at + 100), w[at : at + 100])
        r.shuffle(rows)
        one.partial_fit(SOME[at : at + 100], sample_weight=w[at : at + 100])
        two.partial_fit(SOME[rows])
        assert one.cluster_centers_.tobytes() == two.cluster_centers_.tobytes()
        assert one.counts_.tobytes() == two.counts_.tobytes()
        assert one.inertia_ == two.inertia_


def test_partial_fit_computes_in_the_wider_type():
    km = MiniBatchKMeans(4, random_state=0).partial_fit(SOME.astype("f4"))
    assert km.cluster_centers_.dtype == np.float32
    assert copy.deepcopy(km).partial_fit(SOME[:3].astype("f4")).cluster_centers_.dtype == np.float32
    assert km.partial_fit(SOME[:3]).cluster_centers_.dtype == np.float64
    assert km.partial_fit(SOME[:3].astype("f4")).cluster_centers_.dtype == np.float64


def test_a_step_that_fails_leaves_the_estimator_as_it_was():
    km = MiniBatchKMeans(4, random_state=0).partial_fit(SOME)
    before, centers, masses = dict(vars(km)), km.cluster_centers_.copy(), km._masses.copy()
    for bad, w, words in (
        (np.full((4, 2), np.nan), None, "NaN"),
        (SOME[:, :1], None, "X has 1 features"),
        (SOME, np.full(300, 1e308), "beyond 1.8e308"),
        (SOME, -np.ones(300), "weight"),
    ):
        with pytest.raises(ValueError, match=words):
            km.partial_fit(bad, sample_weight=w)
        assert vars(km).keys() == before.keys()
        assert all(vars(km)[name] is before[name] for name in before)
    assert km.cluster_centers_.tobytes() == centers.tobytes()
    assert km._masses.tobytes() == masses.tobytes()
    with pytest.raises(ValueError, match=r"n_samples=3 should be >= n_clusters=4\."):
        MiniBatchKMeans(4).partial_fit(SOME[:3])


def test_of_a_callables_starts_the_best_is_taken():
    seen = []

    def init(x, k, random_state):
        assert x.shape == SOME.shape
        seen.append(x[random_state.permutation(len(x))[:k]])
        return seen[-1]

    km = MiniBatchKMeans(5, init=init, random_state=1, n_init=6).fit(SOME)
    best = min(seen, key=lambda start: -KMeans(5, init=start, n_init=1, max_iter=1).fit(SOME).trace_["J_assign"][0] * -1)
    again = MiniBatchKMeans(5, init=best, n_init=1, random_state=km._seed).fit(SOME)
    assert len(seen) == 6
    assert km.cluster_centers_.tobytes() == again.cluster_centers_.tobytes()
    seen.clear()
    MiniBatchKMeans(5, init=init, random_state=1, n_init=6).partial_fit(SOME)
    assert len(seen) == 1


def test_what_mini_batch_prints(capsys):
    km = MiniBatchKMeans(3, random_state=0, verbose=1).fit(SOME)
    said = capsys.readouterr().out
    assert said.count("Minibatch step ") == km.n_steps_
    assert f"Converged (lack of improvement in inertia) at step {km.n_steps_}" in said
    MiniBatchKMeans(3, random_state=0, verbose=1, tol=0.5).fit(SOME)
    assert "Converged (small centers change) at step 2" in capsys.readouterr().out


def test_the_certificate_of_labels():
    km = MiniBatchKMeans(5, random_state=0).fit(SOME)
    assert km.certificate_.holds
    assert km.inertia_ == km.certificate_.J
    assert km.certificate_.means_off > 0
    km.partial_fit(SOME[:50])
    assert km.inertia_ == km.certificate_.J
    assert not hasattr(MiniBatchKMeans(5, compute_labels=False).fit(SOME), "certificate_")


def test_mini_batch_has_a_budget():
    km = MiniBatchKMeans(5, random_state=0, max_iter=10**9, max_no_improvement=None, max_seconds=0.05).fit(SOME)
    assert (km.stop_reason_, km.n_steps_) == ("budget", len(km.trace_))
    assert km.certificate_.holds


# ---- bisecting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("strategy", ["biggest_inertia", "largest_cluster"])
@pytest.mark.parametrize("how", [{}, {"init": "k-means++", "n_init": 3, "tol": 0}], ids=["defaults", "more"])
def test_bisecting_is_the_definition(name, strategy, how):
    x, k, w = CASES[name]
    words = {"init": "random", "n_init": 1, "tol": 1e-4} | how
    words["init"] = words["init"].replace("k-means", "kmeans")
    right, child, _ = bisecting.fit(x, k, w, seed=7, strategy=strategy, max_iter=300, **words)
    km = BisectingKMeans(k, random_state=7, bisecting_strategy=strategy, n_threads=2, **how).fit(x, sample_weight=w)
    same_fit(km, right)
    assert km.n_iter_ == right.iterations
    assert km.predict(x).tolist() == km.labels_.tolist()
    assert km._child.tolist() == child


def test_the_certificate_says_how_many_labels_are_not_nearest():
    km = BisectingKMeans(7, random_state=0, tol=0).fit(SOME)
    nearest = KMeans(7, init=km.cluster_centers_, n_init=1, max_iter=1).fit(SOME).trace_["J_assign"][0]
    distance = km.transform(SOME)
    elsewhere = (distance.min(axis=1) < distance[np.arange(300), km.labels_]).sum()
    assert km.certificate_.not_nearest == elsewhere > 0
    assert not km.certificate_.holds
    assert km.certificate_.means_off == 0
    assert km.certificate_.J == km.inertia_ > nearest == -km.score(SOME)
    assert pickle.loads(pickle.dumps(km)).predict(SOME).tolist() == km.labels_.tolist()


def test_more_parts_are_splits_of_fewer():
    parts = BisectingKMeans(3, random_state=0).fit(SOME).labels_
    more = BisectingKMeans(9, random_state=0).fit(SOME).labels_
    assert all(len(set(parts[more == i])) == 1 for i in range(9))


def test_a_callable_sees_the_rows_of_the_part():
    seen = []

    def init(x, k, random_state):
        assert k == 2
        seen.append(x)
        return np.asarray(x[:2].todense() if sparse.issparse(x) else x[:2])

    km = BisectingKMeans(4, init=init, n_init=2).fit(SOME)
    assert len(seen) == 6
    assert seen[0].tobytes() == SOME.tobytes()
    parts = [{row.tobytes() for row in x} for x in seen]
    assert parts[0] == parts[1] > parts[2]
    assert BisectingKMeans(4, init=init).fit(sparse.csr_array(SOME)).labels_.tolist() == km.labels_.tolist()
    with pytest.raises(ValueError, match=r"initial centers \(3, 2\) does not match the number of clusters 2"):
        BisectingKMeans(4, init=lambda x, k, random_state: x[:3]).fit(SOME)
    with pytest.raises(ZeroDivisionError):
        BisectingKMeans(4, init=lambda x, k, random_state: 1 / 0).fit(SOME)


def test_bisecting_of_one_and_of_equal_points():
    km = BisectingKMeans(1).fit(SOME)
    assert km.predict(SOME[:5]).tolist() == [0] * 5
    assert km.n_iter_ == 0
    km = BisectingKMeans(3).fit(np.ones((5, 2)))
    assert km.inertia_ == 0
    assert km.predict(np.ones((5, 2))).tolist() == km.labels_.tolist()


def test_bisecting_in_no_time_has_fewer_parts():
    km = BisectingKMeans(50, random_state=0, max_seconds=1e-9).fit(LARGE)
    assert km.stop_reason_ == "budget"
    assert 2 <= len(km.cluster_centers_) == len(km.get_feature_names_out()) < 50
    assert km.predict(LARGE).tolist() == km.labels_.tolist()


def test_types_of_predict_widen():
    km = BisectingKMeans(4, random_state=0).fit(SOME.astype("f4"))
    assert km.predict(SOME.astype("f4").astype("f8")).tolist() == km.labels_.tolist()
    km = BisectingKMeans(4, random_state=0).fit(SOME)
    assert km.predict(SOME.astype("f4")).tolist() == km.predict(SOME.astype("f4").astype("f8")).tolist()


# ---- both ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MiniBatchKMeans, BisectingKMeans])
def test_the_commands_answer(kind, tmp_path):
    if not COMMAND.exists():
        pytest.skip(f"no command at {COMMAND}")
    np.save(tmp_path / "x.npy", BLOBS)
    how = {MiniBatchKMeans: ["minibatch", "--batch-size", "32"], BisectingKMeans: ["bisecting", "--tol", "1e-4"]}[kind]
    words = [
        "-k",
        "6",
        "--seed",
        "5",
        "--init",
        "random",
        "--max-iter",
        "300",
        "--json",
        "--centers",
        "mu.npy",
        "--method",
        *how,
    ]
    ran = subprocess.run([COMMAND, "fit", "x.npy", *words], cwd=tmp_path, capture_output=True, text=True, check=True)
    km = kind(6, random_state=5, init="random", n_init=1, max_iter=300, **{"batch_size": 32} if "minibatch" in how else {})
    assert km.fit(BLOBS).cluster_centers_.tobytes() == np.load(tmp_path / "mu.npy").tobytes()
    assert km.inertia_ == json.loads(ran.stdout)["J"]


@pytest.mark.parametrize("kind", [MiniBatchKMeans, BisectingKMeans])
def test_the_same_bits_whatever_computes_them(kind):
    r = np.random.default_rng(2)
    w = r.integers(0, 4, 300)
    right = kind(7, random_state=3).fit(SOME, sample_weight=w)
    rows = r.permutation(np.repeat(np.arange(300), w))
    for x, weight, index, threads in (
        (SOME, w, np.arange(300), 3),
        (np.asfortranarray(SOME), w, np.arange(300), 1),
        (sparse.csr_array(SOME), w, np.arange(300), 2),
        (SOME[rows], None, rows, 2),
    ):
        km = kind(7, random_state=3, n_threads=threads).fit(x, sample_weight=weight)
        assert km.cluster_centers_.tobytes() == right.cluster_centers_.tobytes()
        assert km.labels_.tolist() == right.labels_[index].tolist()
        assert km.inertia_ == right.inertia_


def test_the_size_of_a_start_is_said():
    with pytest.warns(RuntimeWarning, match=r"init_size=3 should be larger than n_clusters=8\. Setting it to min\(3\*n_clu"):
        km = MiniBatchKMeans(init_size=3).fit(SOME)
    assert km._init_size == 24
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert MiniBatchKMeans(batch_size=20).fit(SOME)._init_size == 60
