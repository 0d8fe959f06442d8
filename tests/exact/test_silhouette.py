"""test_silhouette.py - silhouettes by their definition, in NumPy and without haste; on_centroids shows every turn's mu."""
import math

import numpy as np
import pytest

from test_csr import csr, thinned

CLOUD = np.random.default_rng(3).normal(0, 1, (400, 3)) + np.random.default_rng(4).integers(0, 3, (400, 1)) * 4


def labelled(n, k, seed):
    return np.r_[np.arange(k), np.random.default_rng(seed).integers(0, k, n - k)].astype("i4")


def simplified(x, c, mu, w):
    owned = np.bincount(c, w, len(mu)) > 0
    far = np.linalg.norm(x[:, None] - mu[None], axis=2)
    a = far[np.arange(len(x)), c]
    b = np.where(owned & (np.arange(len(mu)) != c[:, None]), far, np.inf).min(1)
    return np.where(a == b, 0, (b - a) / np.maximum(a, b))


def true(x, c, k, w):
    far = np.linalg.norm(x[:, None] - x[None], axis=2)
    mass = np.bincount(c, w, k)
    s = np.zeros(len(x))
    for j in range(len(x)):
        sums = np.bincount(c, w * far[j], k)
        rest = mass[c[j]] - w[j]
        a, b = sums[c[j]] / rest if rest > 0 else 0, min(sums[i] / mass[i] for i in range(k) if i != c[j] and mass[i] > 0)
        s[j] = 0 if rest <= 0 or a == b else (b - a) / max(a, b)
    return s


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_silhouettes_are_the_definition(kmu, dtype, weighted, threads):
    x, k = CLOUD.astype(dtype), 5
    c = labelled(len(x), k, 1)
    c[c == 3] = 2  # cluster 3 is empty
    w = np.random.default_rng(5).integers(0, 4, len(x)).astype("f8") if weighted else None
    v, mu, wide = np.ones(len(x)) if w is None else w, CLOUD[:k].astype(dtype), x.astype("f8")
    s = simplified(wide, c, mu.astype("f8"), v)
    cluster, mean = kmu.silhouette(x, c, mu, w, threads=threads)
    assert mean == pytest.approx(np.average(s, weights=v), rel=1e-12)
    for i in (0, 1, 2, 4):
        assert cluster[i] == pytest.approx(np.average(s[c == i], weights=v[c == i]), rel=1e-11)
    assert math.isnan(cluster[3])
    mean, error = kmu.silhouette_sampled(x, c, k, len(x), w, threads=threads)
    assert (mean, error) == (pytest.approx(np.average(true(wide, c, k, v), weights=v), rel=1e-12), 0)


def test_a_sample_estimates_the_mean_within_its_error(kmu):
    """Of 200 seeds, about 68 % of the estimates are within one standard error, and all of them together are right. The rows are
    sorted by their silhouette and weighted, so that a draw that is not by weight is seen."""
    w = np.random.default_rng(6).integers(0, 4, len(CLOUD)).astype("f8")
    c = kmu.fit(CLOUD, 4).labels
    order = np.argsort(true(CLOUD, c, 4, w))
    x, c, w = CLOUD[order], c[order], w[order]
    right = np.average(true(x, c, 4, w), weights=w)
    got = np.array([kmu.silhouette_sampled(x, c, 4, 40, w, seed=seed) for seed in range(200)])
    assert 0.55 < (abs(got[:, 0] - right) < got[:, 1]).mean() < 0.8
    assert abs(got[:, 0].mean() - right) < 4 * got[:, 0].std() / math.sqrt(200)
    assert got[:, 1].mean() == pytest.approx(got[:, 0].std(), rel=0.2)


def test_points_alone_and_clusters_alone(kmu):
    x = np.array([[0.0], [1], [10]])
    assert kmu.silhouette_sampled(x, [0, 0, 1], 2, 3)[0] == pytest.approx((0.9 + 8 / 9 + 0) / 3)
    assert kmu.silhouette(x, [0, 0, 1], [[0.5], [10]])[1] == pytest.approx((9.5 / 10 + 8.5 / 9 + 1) / 3)
    assert all(map(math.isnan, (kmu.silhouette(x, [0, 0, 0], [[1.0], [5]])[1], *kmu.silhouette_sampled(x, [0, 0, 0], 2, 2))))
    with pytest.raises(kmu.KmuError, match="a sample of 1 points has no error"):
        kmu.silhouette_sampled(x, [0, 0, 1], 2, 1)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_csr_rows_have_the_same_silhouettes(kmu, dtype):
    x = thinned(CLOUD.astype(dtype), 1)
    c, mu = labelled(len(x), 5, 2), CLOUD[:5].astype(dtype)
    for form in (csr(x, 1), csr(x, 2, zeros=0, shuffled=False)):
        (cluster, mean), (right, right_mean) = kmu.silhouette(form, c, mu, threads=2), kmu.silhouette(x, c, mu)
        assert np.array_equal(cluster, right) and mean == right_mean
        assert kmu.silhouette_sampled(form, c, 5, 50, threads=2) == kmu.silhouette_sampled(x, c, 5, 50)


@pytest.mark.parametrize("algorithm", ["auto", "plain", "tree", "filter"])
def test_on_centroids_shows_the_mean_after_every_turn(kmu, algorithm):
    seen = []
    x = CLOUD[:, :2]
    f = kmu.fit(x, 6, n_init=2, init="random", algorithm=algorithm,
                on_centroids=lambda run, turn, mu: seen.append((run, turn, np.ctypeslib.as_array(mu, (6, 2)).copy())))
    turns = [(t["run"], t["turn"]) for t in f.trace]
    assert [s[:2] for s in seen] == sorted(turns + [(0, 0), (1, 0)])
    for (run, turn, mu), after in zip(seen, seen[1:]):
        if run != after[0]:
            continue
        record = next(t for t in f.trace if (t["run"], t["turn"]) == (run, turn + 1))
        c, J = kmu.assign(x, mu)
        assert record["J_assign"] == J
        assert np.array_equal(kmu.update(x, c, mu)[1], after[2])
    assert np.array_equal([s[2] for s in seen if s[0] == f.run][-1], f.mu)


def test_on_centroids_shows_the_mean_after_every_batch(kmu):
    """Of mini-batch: the start, and mu after every step, with the shift that the trace has; the last is the result's."""
    seen = []
    f = kmu.fit(CLOUD, 5, method="minibatch", batch_size=7, max_iter=3, n_init=2,
                on_centroids=lambda run, turn, mu: seen.append((run, turn, np.ctypeslib.as_array(mu, (5, CLOUD.shape[1])).copy())))
    assert [s[:2] for s in seen] == [(t["run"], t["turn"] - 1) for t in f.trace[:1]] + [(t["run"], t["turn"]) for t in f.trace]
    for (_, _, before), (_, _, after), record in zip(seen, seen[1:], f.trace):
        assert record["shift"] == pytest.approx(((after - before) ** 2).sum(), rel=1e-12)
    assert np.array_equal(seen[-1][2], f.mu)
