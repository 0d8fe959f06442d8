"""test_interface.py - scikit-learn's interface: names, defaults, words, and what goes beyond it."""

import copy
import inspect
import pickle
import re
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn.cluster
from sklearn.base import clone

import kmu
from kmu import KMeans, MiniBatchKMeans, k_means, kmeans_plusplus

X = np.random.default_rng(0).normal(size=(200, 3))
ESTIMATORS = ("KMeans", "MiniBatchKMeans", "BisectingKMeans")
THEIRS = {name: getattr(sklearn.cluster, name) for name in (*ESTIMATORS, "k_means", "kmeans_plusplus")}


@pytest.mark.parametrize("name", THEIRS)
def test_parameters_and_defaults_are_scikit_learns(name):
    theirs = inspect.signature(THEIRS[name]).parameters
    ours = inspect.signature(getattr(kmu, name)).parameters
    assert [(p.name, p.default, p.kind) for p in theirs.values()] == [(p.name, p.default, p.kind) for p in ours.values()][
        : len(theirs)
    ]
    assert set(ours) - set(theirs) == ({"n_threads", "max_seconds"} if name in ESTIMATORS else set())


@pytest.mark.parametrize("name", ESTIMATORS)
def test_methods_and_attributes_are_scikit_learns(name):
    ours, theirs = getattr(kmu, name)(3).fit(X), THEIRS[name](3).fit(X)
    assert {a for a in dir(theirs) if not a.startswith("_")} <= set(dir(ours))
    tags = [km.__sklearn_tags__() for km in (ours, theirs)]
    assert set(tags[0].transformer_tags.preserves_dtype) == {"float64", "float32"}, "theirs do so too, but not all say it"
    tags[1].transformer_tags.preserves_dtype = tags[0].transformer_tags.preserves_dtype
    assert tags[0] == tags[1]
    for attribute in vars(theirs):
        if attribute.endswith("_") and not attribute.startswith("_"):
            mine, their = (getattr(km, attribute) for km in (ours, theirs))
            assert type(mine) is type(their), attribute
            assert getattr(mine, "dtype", None) == getattr(their, "dtype", None), attribute
            assert getattr(mine, "shape", None) == getattr(their, "shape", None), attribute


BAD = {
    "n_clusters": [0, 1.5, "a", None],
    "init": ["k-means", 3, None],
    "n_init": [0, 1.5, "many"],
    "max_iter": [0, -1, 2.5],
    "tol": [-1, np.inf, np.nan, "a"],
    "verbose": [-1, "a"],
    "random_state": [-1, "a", 2**32],
    "copy_x": [1, "a"],
    "algorithm": ["full", 1],
    "batch_size": [0, 1.5, "a", None],
    "compute_labels": [1, None],
    "max_no_improvement": [-1, 1.5],
    "init_size": [0, "a"],
    "reassignment_ratio": [-0.5, "a"],
    "bisecting_strategy": ["smallest", None],
}


BISECTING = {"init": [np.zeros((2, 2)), [0]], "n_init": ["auto", None]}


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [(n, p, v) for n in ESTIMATORS for p, values in BAD.items() if hasattr(getattr(kmu, n)(), p) for v in values]
    + [("BisectingKMeans", p, v) for p, values in BISECTING.items() for v in values],
)
def test_wrong_parameters_raise_what_scikit_learn_raises(name, parameter, value):
    said = []
    for kind in (getattr(kmu, name), THEIRS[name]):
        with pytest.raises(ValueError, match=f"The {parameter!r} parameter of {name} must be") as raised:
            kind().set_params(**{parameter: value}).fit(X)
        assert isinstance(raised.value, TypeError)
        said.append(re.sub(r"\{.*\}", "{..}", str(raised.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize("how", [{"n_threads": 0}, {"n_threads": 1.5}, {"max_seconds": 0}, {"max_seconds": "a"}])
def test_wrong_parameters_of_our_own(how):
    with pytest.raises(ValueError, match="parameter of KMeans must be"):
        KMeans(**how).fit(X)


def test_wrong_arguments_of_functions():
    for act, words in (
        (lambda f: f["kmeans_plusplus"](X, 0), "'n_clusters' parameter of kmeans_plusplus must be"),
        (lambda f: f["kmeans_plusplus"](X, 201), r"n_samples=200 should be >= n_clusters=201\."),
        (lambda f: f["kmeans_plusplus"](X, 2, n_local_trials=0), "'n_local_trials' parameter"),
        (lambda f: f["k_means"](3, 2), "The 'X' parameter of k_means must be an array-like or a sparse"),
        (lambda f: f["k_means"](X, 2, return_n_iter="a"), "'return_n_iter' parameter of k_means must be an instance of 'bool'"),
    ):
        for functions in (THEIRS, vars(kmu)):
            with pytest.raises(ValueError, match=words):
                act(functions)


def test_validation_can_be_skipped():
    with sklearn.config_context(skip_parameter_validation=True):
        KMeans(2, copy_x="yes").fit(X)


def test_candidates_are_as_many_as_the_definition_says():
    assert (
        kmeans_plusplus(X, 8, random_state=0, n_local_trials=4)[1].tolist() == kmeans_plusplus(X, 8, random_state=0)[1].tolist()
    )
    with pytest.raises(NotImplementedError, match="n_local_trials=1"):
        kmeans_plusplus(X, 8, n_local_trials=1)


def test_random_state():
    a, b = (KMeans(5, random_state=np.random.RandomState(3)).fit(X) for _ in range(2))
    assert a.cluster_centers_.tobytes() == b.cluster_centers_.tobytes()
    np.random.seed(1)  # noqa: NPY002
    a = KMeans(5, init="random", n_init=1, max_iter=1).fit(X)
    np.random.seed(1)  # noqa: NPY002
    b = KMeans(5, init="random", n_init=1, max_iter=1).fit(X)
    c = KMeans(5, init="random", n_init=1, max_iter=1).fit(X)
    assert a.cluster_centers_.tobytes() == b.cluster_centers_.tobytes()
    assert a.cluster_centers_.tobytes() != c.cluster_centers_.tobytes()
    assert KMeans(5, random_state=np.int64(3)).fit(X).inertia_ == KMeans(5, random_state=3).fit(X).inertia_


def test_verbose(capsys):
    KMeans(3, n_init=2, random_state=0, tol=0, verbose=1).fit(X)
    said = capsys.readouterr().out
    assert said.count("Initialization complete") == 2
    assert len(re.findall(r"Converged at iteration \d+: strict convergence\.", said)) == 2
    KMeans(3, init=lambda x, k, random_state: x[:k], n_init=2, tol=0.1, verbose=1).fit(X)
    said = capsys.readouterr().out
    assert len(re.findall(r"Converged at iteration \d+: center shift .* within tolerance 0.1", said)) == 2


def test_verbose_tells_the_inertia_that_scikit_learn_tells(capsys):
    """From the same start: that of the points with their nearest centroids, before these move."""
    told = []
    for name in (KMeans, THEIRS["KMeans"]):
        name(3, init=X[:3], n_init=1, max_iter=5, tol=0, verbose=1).fit(X)
        told.append([float(J) for J in re.findall(r"Iteration \d, inertia (.*)\.", capsys.readouterr().out)])
    assert len(told[0]) == 5
    assert told[0] == pytest.approx(told[1], rel=1e-12)


def test_max_seconds():
    km = KMeans(3, max_seconds=1e-9, random_state=0).fit(X)
    assert km.stop_reason_ in ("budget", "fixpoint")
    assert km.certificate_.holds
    assert KMeans(3, max_seconds=np.inf, random_state=0).fit(X).stop_reason_ != "budget"
    assert KMeans(3, max_iter=1, random_state=0).fit(X).stop_reason_ == "max_iter"
    runs = KMeans(3, init=lambda x, k, random_state: x[:k], max_seconds=1e-9, n_init=9).fit(X).trace_["run"]
    assert set(runs) == {0}


def test_copies_and_pickles_leave_the_points_behind():
    km = KMeans(3, random_state=0).fit(X)
    for other in (pickle.loads(pickle.dumps(km)), copy.deepcopy(km), copy.copy(km)):
        assert other.predict(X).tolist() == km.labels_.tolist()
        assert not hasattr(other, "certificate_")
        assert other.certify(X).holds
        assert other.trace_.tobytes() == km.trace_.tobytes()
    assert km.certificate_.holds
    assert copy.copy(km).certificate_ == km.certificate_
    assert not hasattr(clone(km), "labels_")
    assert not hasattr(clone(km), "certificate_")
    assert len(pickle.dumps(km)) < X.nbytes + 5000


def test_names_of_features():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    km = KMeans(3, random_state=0).set_output(transform="pandas").fit(frame)
    assert km.feature_names_in_.tolist() == ["a", "b", "c"]
    assert km.transform(frame).columns.tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    assert km.fit_transform(frame).index.tolist() == frame.index.tolist()
    with pytest.warns(UserWarning, match="X does not have valid feature names, but KMeans was fitted with feature names"):
        km.predict(X)
    with pytest.raises(ValueError, match="The feature names should match"):
        km.predict(frame.rename(columns={"a": "z"}))


def test_the_direct_path_of_predict_refuses_what_the_other_refuses():
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        KMeans().predict(X)
    km = KMeans(3, random_state=0).fit(X)
    for bad, words in (
        (X[0], "Expected 2D array, got 1D array instead"),
        (X[:, :2], "X has 2 features, but KMeans is expecting 3 features as input"),
        (X[:0], "Found array with 0 sample"),
        (np.array("a"), "."),
    ):
        with pytest.raises(ValueError, match=words):
            km.predict(bad)
    assert km.predict(X[:1].astype(int)).dtype == np.int32


def test_a_fit_that_fails_leaves_the_estimator_as_it_was():
    km = KMeans(3, random_state=0).fit(pd.DataFrame(X, columns=list("abc")))
    before = dict(vars(km))
    with pytest.raises(ValueError, match="NaN"):
        km.fit(np.full((9, 5), np.nan))
    assert vars(km).keys() == before.keys()
    assert all(vars(km)[name] is before[name] for name in before)


def test_patch():
    from sklearn.cluster import _bicluster, _spectral

    theirs = THEIRS["KMeans"]
    kmu.patch()
    kmu.patch()
    try:
        assert sklearn.cluster.KMeans is KMeans
        assert sklearn.cluster._kmeans.KMeans is KMeans
        assert _spectral.k_means is k_means
        assert [getattr(sklearn.cluster, name) for name in THEIRS] == [getattr(kmu, name) for name in THEIRS]
        assert _bicluster.MiniBatchKMeans is MiniBatchKMeans
    finally:
        kmu.unpatch()
    assert sklearn.cluster.KMeans is theirs
    assert _spectral.k_means is THEIRS["k_means"]
    assert [getattr(sklearn.cluster, name) for name in THEIRS] == list(THEIRS.values())
    kmu.unpatch()


def test_import_is_light():
    code = """
import sys, time, numpy
begin = time.perf_counter()
import kmu
took = time.perf_counter() - begin
assert "sklearn" not in sys.modules and "scipy" not in sys.modules, "scikit-learn is imported when it is needed"
assert sorted(dir(kmu)) == sorted(kmu.__all__)
print(took)
"""
    took = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(3)
    )
    assert took < 0.150


def test_the_version_is_the_librarys():
    from importlib.metadata import version

    assert kmu.__version__ == version("kmu")


def test_the_wheel_is_small_and_alone():
    wheels = sorted((Path(__file__).resolve().parents[2] / "build" / "python").glob("*.whl"))
    if not wheels:
        pytest.skip("no wheel in build/python")
    assert wheels[-1].name.split("-")[2:4] == ["cp311", "abi3"]
    assert wheels[-1].stat().st_size < 2_000_000
    with zipfile.ZipFile(wheels[-1]) as wheel:
        names = [n for n in wheel.namelist() if ".dist-info/" not in n]
    assert {n.split("/")[0] for n in names} == {"kmu"}
    assert "kmu/py.typed" in names
    extension = Path(kmu._core.__file__)
    needs = subprocess.run(["ldd", extension], capture_output=True, text=True, check=True).stdout
    assert not re.search("gomp|omp5|blas|libkmu", needs), needs


def test_too_few_distinct_points():
    with pytest.warns(
        sklearn.exceptions.ConvergenceWarning, match=r"Number of distinct clusters \(2\) found smaller than n_clusters \(3\)"
    ):
        KMeans(3).fit(np.array([[0.0], [0], [1]]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        KMeans(2).fit(np.array([[0.0], [0], [1]]))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n_clusters": 3}, "distinct clusters"),
        ({"n_clusters": 1, "algorithm": "elkan"}, "single cluster"),
        ({"n_clusters": 2, "init": [[0.0], [1.0]], "n_init": 2}, "only one init"),
    ],
)
def test_a_warning_names_the_line_that_asked_for_the_fit(given, said):
    with pytest.warns(match=said) as told:
        KMeans(**given).fit([[0], [0], [1], [1]])
    assert [one.filename for one in told] == [__file__]


def test_of_several_wrong_parameters_the_first_by_the_alphabet_is_told():
    """As scikit-learn does it; and a subclass may have parameters of its own."""

    class Mine(KMeans):
        def __init__(self, n_clusters=2, colour="red"):
            super().__init__(n_clusters)
            self.colour = colour

    assert Mine(colour="green").fit([[0], [1], [2]]).cluster_centers_.shape == (2, 1)
    with pytest.raises(ValueError, match="The 'max_iter' parameter"):
        KMeans(n_clusters=-1, tol=-1, max_iter=-1).fit([[0]])
