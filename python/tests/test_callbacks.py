"""test_callbacks.py - sklearn.callback: a task for the fit, in it one for every run, in that one for every turn."""

import numpy as np
import pytest
from sklearn.base import clone

pytest.importorskip("sklearn.callback")

from sklearn.callback import ScoringMonitor
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kmu import BisectingKMeans, KMeans, MiniBatchKMeans

X = np.random.default_rng(0).normal(size=(400, 3))


class Recorder:
    """A callback that notes what it is called with, and says stop at the turn it is told, or fails."""

    def __init__(self, stop=0, fail=0):
        self.seen, self.turns, self.stop, self.fail = [], 0, stop, fail

    def setup(self, estimator, context):
        self.seen.append(("setup", context.task_name))

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
        self.given = X, y, metadata
        self.seen.append(("begin", context.task_name))

    def on_fit_task_end(self, estimator, context, *, X, fitted_estimator):
        self.seen.append(("end", context.task_name))
        self.turns += context.task_name == "turn"
        if self.fail and self.turns == self.fail:
            raise RuntimeError(f"turn {self.turns}")
        if context.parent is None:
            self.fitted = fitted_estimator
        return bool(self.stop) and self.turns >= self.stop

    def teardown(self, estimator, context):
        self.seen.append(("teardown", context.task_name))


@pytest.mark.parametrize(
    ("km", "runs"),
    [
        (KMeans(4, n_init=3, random_state=0), 3),
        (KMeans(4, init=lambda x, k, random_state: x[:k], n_init=3), 3),
        (MiniBatchKMeans(4, batch_size=50, random_state=0), 1),
        (BisectingKMeans(4, n_init=2, random_state=0), 6),
    ],
    ids=["KMeans", "callable", "MiniBatchKMeans", "BisectingKMeans"],
)
def test_every_task_is_told(km, runs):
    one = Recorder()
    w = np.ones(400)
    right = clone(km).fit(X, sample_weight=w)
    km = clone(km).set_callbacks(one).fit(X, sample_weight=w)
    turns = len(km.trace_)
    assert one.seen[0] == ("setup", "fit")
    assert one.seen[1] == ("begin", "fit")
    assert one.seen[-2:] == [("end", "fit"), ("teardown", "fit")]
    for name, times in (("fit", 1), ("run", runs), ("turn", turns)):
        assert one.seen.count(("begin", name)) == one.seen.count(("end", name)) == times
    depth = np.cumsum([{"begin": 1, "end": -1}.get(what, 0) for what, _ in one.seen])
    assert depth.max() == 3
    assert depth[-1] == 0
    assert one.given[0] is X
    assert one.given[1] is None
    assert one.given[2]["sample_weight"] is w
    assert one.fitted.predict(X).tolist() == km.labels_.tolist() == right.labels_.tolist()
    assert km.cluster_centers_.tobytes() == right.cluster_centers_.tobytes()
    assert not {"_callback_fit_ctx", "_skl_callbacks_to_teardown"} & vars(km).keys()


@pytest.mark.parametrize(
    "km",
    [
        KMeans(300, tol=0, n_init=4, init="random", random_state=0),
        KMeans(300, tol=0, n_init=4, init=lambda x, k, random_state: x[:k]),
        MiniBatchKMeans(300, max_no_improvement=None, random_state=0),
        BisectingKMeans(300, random_state=0),
    ],
    ids=["KMeans", "callable", "MiniBatchKMeans", "BisectingKMeans"],
)
def test_stop_ends_a_fit_with_the_best_so_far(km):
    x = np.random.default_rng(1).normal(size=(30_000, 8))
    one = Recorder(stop=2)
    km = clone(km).set_callbacks(one).fit(x)
    assert km.stop_reason_ == "interrupted"
    assert one.turns == 2
    assert one.seen[-2:] == [("end", "fit"), ("teardown", "fit")]
    assert km.predict(x).tolist() == km.labels_.tolist()
    assert isinstance(km, BisectingKMeans) or km.certificate_.holds


@pytest.mark.parametrize("km", [KMeans(4, tol=0), MiniBatchKMeans(4), BisectingKMeans(4)], ids=lambda km: type(km).__name__)
def test_an_exception_leaves_the_estimator_as_it_was(km):
    one = Recorder()
    km = clone(km).set_callbacks(one).fit(X)
    before = dict(vars(km))
    one.fail, one.turns = 3, 0
    with pytest.raises(RuntimeError, match="turn 3"):
        km.fit(X[:100])
    assert one.seen[-1] == ("teardown", "fit")
    assert vars(km).keys() == before.keys()
    assert all(vars(km)[name] is before[name] for name in before)


def test_what_is_not_a_callback_is_refused():
    with pytest.raises(TypeError, match="callbacks must be instances following the FitCallback protocol"):
        KMeans().set_callbacks(print)


def test_a_pipelines_callbacks_come_through():
    class Propagated(Recorder):
        max_propagation_depth = None

    one = Propagated()
    make_pipeline(StandardScaler(), KMeans(3, random_state=0)).set_callbacks(one).fit(X)
    assert one.turns > 0
    assert one.seen.count(("teardown", "fit")) == 1


def test_scores_are_monitored():
    """When the fit is over; centroids do not leave the library before."""
    monitor, y = ScoringMonitor(scoring="adjusted_rand_score"), X[:, 0] > 0
    km = KMeans(3, random_state=0).set_callbacks(monitor).fit(X, y)
    (said,) = monitor.get_logs().data
    assert (said["task_name"], said["adjusted_rand_score"]) == ("fit", adjusted_rand_score(y, km.labels_))
