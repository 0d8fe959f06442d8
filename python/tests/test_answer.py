"""test_answer.py - the answer is the defined one: the exact checker's, the command's, and not what defects of others give."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from kmu import KMeans, k_means, kmeans_plusplus

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "exact"))

import checker  # noqa: E402

COMMAND = ROOT / "build" / "release" / "kmu"
BLOBS = np.repeat(np.eye(3) * 10, 40, axis=0) + np.random.default_rng(1).normal(size=(120, 3))


def fitted(x, k, start=None, **chosen):
    """A fit to the fixpoint, warnings of too few distinct points apart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        init = {} if start is None else {"init": np.asarray(start), "n_init": 1}
        return KMeans(k, **({"tol": 0, "random_state": 0} | init | chosen)).fit(x)


# ---- the definition ------------------------------------------------------------------------------------------------------

CASES = {
    "f64": (BLOBS, 5, None),
    "f32": (BLOBS.astype("f4"), 5, None),
    "f16": (BLOBS.astype("f2"), 4, None),
    "bytes": (np.random.default_rng(2).integers(0, 5, (80, 3), dtype=np.uint8), 6, None),
    "integers": (np.random.default_rng(3).integers(-(2**40), 2**40, (60, 2)), 4, None),
    "weights": (BLOBS, 4, np.random.default_rng(4).uniform(size=120) * (np.arange(120) % 3 > 0)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize("tol", [0, 0.01])
def test_a_fit_is_the_checkers(name, init, tol):
    x, k, w = CASES[name]
    right = checker.fit(x, k, w, init.replace("k-means", "kmeans"), n_init=2, max_iter=50, tol=tol, seed=7)
    km = KMeans(k, init=init, n_init=2, max_iter=50, tol=tol, random_state=7, n_threads=2).fit(x, sample_weight=w)
    assert km.labels_.tolist() == right.labels.tolist()
    assert km.cluster_centers_.tobytes() == right.mu.tobytes()
    assert (km.inertia_, km.n_iter_, km.stop_reason_) == (right.J, right.iterations, right.stop)
    for field in ("run", "turn", "J_assign", "J_update", "moved"):
        assert km.trace_[field].tolist() == [turn[field] for turn in right.trace], field


@pytest.mark.parametrize("name", CASES)
def test_seeds_are_the_checkers(name):
    x, k, w = CASES[name]
    centers, rows = kmeans_plusplus(x, k, sample_weight=w, random_state=3)
    assert centers.astype("f8").tobytes() == checker.seed_centroids(x, k, w, seed=3).astype("f8").tobytes()
    assert centers.dtype == x.dtype
    assert (centers == x[rows]).all()
    assert w is None or (w[rows] > 0).all()


@pytest.mark.parametrize("name", ["f64", "f32", "bytes"])
def test_a_fit_is_the_commands(name, tmp_path):
    if not COMMAND.exists():
        pytest.skip(f"no command at {COMMAND}")
    x, k, _ = CASES[name]
    np.save(tmp_path / "x.npy", x)
    words = [COMMAND, "fit", "x.npy", "-k", str(k), "--seed", "11", "--max-iter", "300", "--tol", "1e-4", "--json"]
    ran = subprocess.run(
        [*words, "--labels", "c.npy", "--centers", "mu.npy"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    km = KMeans(k, random_state=11).fit(x)
    said = json.loads(ran.stdout)
    assert km.labels_.tobytes() == np.load(tmp_path / "c.npy").tobytes()
    assert km.cluster_centers_.tobytes() == np.load(tmp_path / "mu.npy").tobytes()
    assert (km.inertia_, km.n_iter_, km.stop_reason_) == (said["J"], said["iterations"], said["stop"])


def test_the_same_bits_whatever_computes_them():
    right = KMeans(7, random_state=5).fit(BLOBS)
    for algorithm in ("elkan", "auto", "plain", "dense", "filter", "tree", "bounds"):
        for n_threads in (1, 2, 5):
            km = KMeans(7, random_state=5, algorithm=algorithm, n_threads=n_threads).fit(BLOBS)
            assert km.cluster_centers_.tobytes() == right.cluster_centers_.tobytes(), (algorithm, n_threads)
            assert km.labels_.tobytes() == right.labels_.tobytes(), (algorithm, n_threads)
            assert km.inertia_ == right.inertia_, (algorithm, n_threads)


def test_shuffled_split_and_absent_rows_change_nothing_else():
    rng = np.random.default_rng(6)
    right = KMeans(5, random_state=2).fit(BLOBS)
    order = rng.permutation(len(BLOBS))
    km = KMeans(5, random_state=2).fit(BLOBS[order])
    assert km.cluster_centers_.tobytes() == right.cluster_centers_.tobytes()
    assert km.labels_.tolist() == right.labels_[order].tolist()
    x = np.concatenate([BLOBS, BLOBS, rng.normal(size=(30, 3)) * 100])
    w = np.repeat([0.75, 0.25, 0], [120, 120, 30])
    km = KMeans(5, random_state=2).fit(x, sample_weight=w)
    assert km.cluster_centers_.tobytes() == right.cluster_centers_.tobytes()
    assert km.labels_[:120].tolist() == right.labels_.tolist()


def test_transform_and_score_are_exact():
    for x in (BLOBS, BLOBS.astype("f4")):
        km = KMeans(4, random_state=0).fit(x)
        index, distance = checker.ranking(x, km.cluster_centers_, 4)
        out = km.transform(x)
        assert out.dtype == x.dtype
        assert np.take_along_axis(out, index, 1).tobytes() == distance.tobytes()
        assert km.score(x) == -km.inertia_
        w = np.linspace(0, 3, len(x))
        assert km.score(x, sample_weight=w) == -checker.assign(x, km.cluster_centers_, w)[1]


# ---- the defects of others (design: "measured, and their defects") -------------------------------------------------------


def test_defect_1_predict_is_labels_far_from_the_origin():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(500, 2)) + 10 * i for i in range(3)]) + 1.7e9
    km = KMeans(3, random_state=0).fit(x)
    assert km.predict(x).tolist() == km.labels_.tolist()
    assert km.score(x) == -km.inertia_ < 0
    assert np.bincount(km.labels_).tolist() == [500, 500, 500]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csr_matrix])
def test_defect_2_no_stale_labels_after_an_empty_cluster_is_filled(kind):
    x = np.array([[1.0], [2.0], [3.0]])
    km = fitted(kind(x), 3, [[4.0], [0.0], [1.0]])
    assert km.predict(kind(x)).tolist() == km.labels_.tolist()
    assert (km.cluster_centers_[km.labels_] == x).all()
    assert km.inertia_ == 0


def test_defect_3_centroids_stay_within_the_data():
    km = fitted(np.array([[1.0], [1], [3], [3], [3], [3]]), 3, [[1.0], [1], [3]])
    assert km.cluster_centers_.min() >= 1
    assert km.cluster_centers_.max() <= 3
    assert km.inertia_ == 0


def test_defect_4_sums_of_f32_do_not_saturate():
    """Of more than 2^24 ones, where a sum in binary32 stops; and of many uniform numbers."""
    n = 1 << 24
    x = np.ones((n + n // 2, 1), "f4")
    assert fitted(x, 1, [[0.0]]).cluster_centers_[0, 0] == 1
    x = np.random.default_rng(1).random((4_000_000, 1), "f4")
    km = fitted(x, 1, [[0.0]])
    assert km.cluster_centers_[0, 0] == pytest.approx(x.mean(dtype="f8"), rel=1e-6)


def test_defect_5_one_result_in_twenty_runs_of_eight_threads():
    x = np.random.default_rng(2).normal(size=(20_000, 50)).astype("f4")
    found = {KMeans(30, random_state=0, n_threads=8, max_iter=8).fit(x).cluster_centers_.tobytes() for _ in range(20)}
    assert len(found) == 1


def test_defect_6_large_finite_f32():
    x = (np.repeat([[1], [2], [3]], 10, axis=0) * 1e20).astype("f4") + np.zeros((30, 2), "f4")
    km = KMeans(3, random_state=0).fit(x)
    assert sorted(np.bincount(km.labels_)) == [10, 10, 10]
    assert km.inertia_ == 0
    assert np.isfinite(km.transform(x)).all()
    assert np.isfinite(KMeans(2, random_state=0).fit(x).inertia_)


def test_defect_8_J_is_zero_when_every_point_is_a_centroid():
    x = np.repeat([-0.4, np.nextafter(-0.4, 0), -0.5], [5, 14, 3])[:, None]
    assert fitted(x, 3).inertia_ == 0


# ---- what a user sees ----------------------------------------------------------------------------------------------------


def test_J_never_rises():
    J = KMeans(6, random_state=1, tol=0).fit(BLOBS).trace_[["J_assign", "J_update"]].tolist()
    flat = [v for turn in J for v in turn]
    assert flat == sorted(flat, reverse=True)


def test_the_certificate():
    km = KMeans(4, random_state=0, tol=0).fit(BLOBS)
    assert km.stop_reason_ == "fixpoint"
    proof = km.certificate_
    assert proof.holds
    assert (proof.not_nearest, proof.ties_not_low, proof.first_not_nearest, proof.means_off, proof.empty) == (0, 0, -1, 0, 0)
    assert km.inertia_ == proof.J
    assert km.certify(BLOBS) == proof
    km.labels_[3] = (km.labels_[3] + 1) % 4
    broken = km.certify(BLOBS)
    assert not broken.holds
    assert (broken.not_nearest, broken.first_not_nearest) == (1, 3)
    assert broken.means_off > 0


def test_runs_keep_the_least_J():
    km = KMeans(8, n_init=6, init="random", random_state=0).fit(BLOBS)
    runs = [km.trace_[km.trace_["run"] == run] for run in range(6)]
    assert all(turns["turn"].tolist() == list(range(1, len(turns) + 1)) for turns in runs)
    assert km.inertia_ <= min(turns["J_update"][-1] for turns in runs)
    calls = []

    def init(X, k, random_state):
        calls.append(X)
        return X[random_state.choice(len(X), k, replace=False)]

    km = KMeans(8, n_init=5, init=init, random_state=0).fit(BLOBS)
    assert len(calls) == 5
    assert all(X is calls[0] for X in calls)
    assert set(km.trace_["run"]) == set(range(5))
    assert km.inertia_ <= km.trace_["J_update"].min() * (1 + 1e-9)
    assert km.certificate_.not_nearest == 0


def test_k_means_is_KMeans():
    km = KMeans(3, random_state=4).fit(BLOBS)
    centers, labels, inertia, turns = k_means(BLOBS, 3, random_state=4, return_n_iter=True)
    assert centers.tobytes() == km.cluster_centers_.tobytes()
    assert labels.tobytes() == km.labels_.tobytes()
    assert (inertia, turns) == (km.inertia_, km.n_iter_)


def test_kmeans_starts_where_kmeans_plusplus_says():
    start, _ = kmeans_plusplus(BLOBS, 6, random_state=9)
    assert fitted(BLOBS, 6, start).trace_[0]["J_assign"] == fitted(BLOBS, 6, random_state=9).trace_[0]["J_assign"]
