"""What an estimator with centroids can do once it has them, and what it checks before it looks for them."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils import Tags, assert_all_finite, check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from kmu import _core, _data, _params, _report, _repr
from kmu._data import Array

# Distances below this number are found by one thread in less time than it takes to ask how many there are.
FEW = 100_000


@dataclass(frozen=True)
class Certificate:
    """What holding labels and centroids against the definition has shown.

    Attributes
    ----------
    not_nearest : int
        Rows with a centroid strictly nearer than their own, over the real numbers.
    ties_not_low : int
        Rows whose centroid is nearest, but not the first of the nearest.
    first_not_nearest : int
        The first row that is not with its nearest centroid, or -1.
    means_off : int
        Coordinates of centroids that are not the rounded mean of their cluster. After a fixpoint 0.
    means_ulps : float
        The farthest of them, in units in the last place.
    empty : int
        Clusters without mass.
    J : float
        The exact sum of weighted squared distances, rounded once.
    """

    not_nearest: int
    ties_not_low: int
    first_not_nearest: int
    means_off: int
    means_ulps: float
    empty: int
    J: float

    @property
    def holds(self) -> bool:
        """Whether every row is with a nearest centroid."""
        return self.not_nearest == 0


class Centroids(
    _repr.Shown,
    _report.CallbackSupportMixin,  # type: ignore[misc]
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """The base of kmu's estimators."""

    _PARAMETERS: tuple[str, ...]
    _KINDS: Mapping[str, _params.Kind] = _params.KINDS
    _default_n_init = 10

    # ---- before the fit ----------------------------------------------------------------------------------------------

    @contextmanager
    def _unchanged_on_error(self) -> Iterator[None]:
        """Leave the estimator as it was when a fit fails or is interrupted."""
        found = dict(self.__dict__)
        try:
            yield
        except BaseException:
            found |= {name: value for name, value in self.__dict__.items() if name in _report.UNDER_WAY}
            self.__dict__.clear()
            self.__dict__.update(found)
            raise

    def _check_data(self, X: Any, *, reset: bool) -> Any:
        """Shape, names and type as scikit-learn checks them; whether all is finite the library sees."""
        return validate_data(
            self,
            _data.native(X),
            accept_sparse="csr",
            dtype=_data.NUMBERS,
            ensure_all_finite=False,
            reset=reset,
        )

    @contextmanager
    def _scikit_learn_words(self, x: Array) -> Iterator[None]:
        """Points that are not finite raise what scikit-learn raises."""
        try:
            yield
        except _core.DataError:
            assert_all_finite(x, input_name="X", estimator_name=type(self).__name__)
            raise

    def _check_params(self) -> None:
        _params.check(type(self).__name__, {name: getattr(self, name) for name in self._PARAMETERS}, self._KINDS)

    def _check_params_vs_input(self, n_samples: int) -> None:
        """Set _n_init, and refuse or warn of what does not go together."""
        if n_samples < self.n_clusters:
            raise ValueError(f"n_samples={n_samples} should be >= n_clusters={self.n_clusters}.")
        given = not isinstance(self.init, str) and not callable(self.init)
        if self.n_init == "auto":
            self._n_init = 1 if given or (isinstance(self.init, str) and self.init == "k-means++") else self._default_n_init
        else:
            self._n_init = int(self.n_init)
        if given and self._n_init != 1:
            warnings.warn(
                f"Explicit initial center position passed: performing only one init in {type(self).__name__} instead of "
                f"n_init={self._n_init}.",
                RuntimeWarning,
                stacklevel=3,
            )
            self._n_init = 1

    def _check_centers(self, centers: Any, X: Any, n_clusters: int) -> Array:
        """Initial centroids that a caller gave, of the right shape; the library rounds them to the type of X."""
        centers = check_array(_data.native(centers), dtype=[np.float64, np.float32], order="C")
        for at, count, what in ((0, n_clusters, "clusters"), (1, X.shape[1], "features of the data")):
            if centers.shape[at] != count:
                raise ValueError(
                    f"The shape of the initial centers {centers.shape} does not match the number of {what} {count}."
                )
        return _data.readable(centers)

    def _init_centroids(
        self,
        X: Any,
        x_squared_norms: Any = None,
        init: Any = None,
        random_state: Any = None,
        sample_weight: Any = None,
        init_size: int | None = None,
        n_centroids: int | None = None,
    ) -> Array:
        """Where a run would start: scikit-learn's method of this name; the norms are not needed."""
        n_clusters = self.n_clusters if n_centroids is None else n_centroids
        if init_size is not None and init_size < X.shape[0]:
            rows = random_state.randint(0, X.shape[0], init_size)
            X, sample_weight = X[rows], None if sample_weight is None else sample_weight[rows]
        if isinstance(init, str):
            x = _data.points(X)
            mu = np.empty((n_clusters, x.shape[1]), _data.number_type(x))
            options = {"k": n_clusters, "init": init, "seed": _data.seed_of(random_state), "threads": self._threads()}
            _core.seed(x, _data.weights(sample_weight, x.shape[0]), mu, options)
            return mu
        centers = init(X, n_clusters, random_state=random_state) if callable(init) else init
        return self._check_centers(centers, X, n_clusters)

    def _threads(self) -> int:
        return _data.threads_of(self.n_threads)

    def _tasks(self) -> tuple[int, int | None]:
        """How many runs there may be, and how many turns of each; None: not known."""
        return self._n_init, int(self.max_iter)

    def _reporter(self) -> Any:
        """What prints the turns, if anything does."""
        return _report.Report(self.tol, self.max_iter) if self.verbose else None

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> None:
        """Check everything, then make the runs."""
        with self._unchanged_on_error():
            self._check_params()
            X = self._check_data(X, reset=True)
            x = _data.points(X)
            self._check_params_vs_input(x.shape[0])
            w = _data.weights(sample_weight, x.shape[0])
            runs, turns = self._tasks()
            tasks = _report.Tasks(self, runs, turns, X=X, y=y, metadata=None if w is None else {"sample_weight": w})
            report = self._reporter()
            with self._scikit_learn_words(x):
                self._run(X, x, w, _report.tell(report, tasks if tasks.wanted else None))
            if report:
                report.end(self.stop_reason_)
            self._keep(X, w)
            self._n_features_out = len(self.cluster_centers_)
            tasks.end()

    def _run_options(self) -> dict[str, object]:
        """What the library is to know of a run of Lloyd's alternation."""
        names = {"lloyd": "auto", "elkan": "auto"}
        options: dict[str, object] = {
            "k": int(self.n_clusters),
            "max-iter": int(self.max_iter),
            "tol": min(float(self.tol), 1e308),
            "threads": self._threads(),
            "algorithm": names.get(self.algorithm, self.algorithm),
        }
        if self.max_seconds is not None:
            options["max-seconds"] = min(float(self.max_seconds), 1e15)
        return options

    def _run(self, X: Any, x: Array, w: Array | None, on_turn: _report.OnTurn | None) -> None:
        """Make the runs, and keep the best."""
        raise NotImplementedError

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find centroids."""
        raise NotImplementedError

    # ---- after it ----------------------------------------------------------------------------------------------------

    def _model(self, X: Any, centers: Any = None) -> tuple[Array, Array]:
        """Points and centroids of one type, the wider of the two."""
        x, centers = _data.points(X), np.asarray(self.cluster_centers_ if centers is None else centers)
        if centers.dtype != np.float32 and x.dtype == np.float32:
            x = x.astype(np.float64)
        return x, _data.readable(np.ascontiguousarray(centers, dtype=_data.number_type(x)))

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Array:
        """Fit, and return the labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, finite and not negative; None: every weight is 1.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int32
            `labels_`.
        """
        labels: Array = self.fit(X, sample_weight=sample_weight).labels_
        return labels

    def predict(self, X: Any) -> Array:
        """Nearest centroid of every row: the true argmin over the real numbers, on a tie the lower index.

        On the rows of the fit it gives `labels_`, always.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int32
            0 to n_clusters - 1.
        """
        if type(X) is np.ndarray and "feature_names_in_" not in self.__dict__:
            try:  # an array that the extension reads where it lies needs no other check than its own
                centers = self.cluster_centers_
                labels = np.empty(len(X), np.int32)
                threads = 1 if X.size * len(centers) < FEW else self._threads()
                _core.assign(X, None, centers, labels, threads, False)
            except (AttributeError, TypeError, ValueError, BufferError):
                pass
            else:
                return labels
        check_is_fitted(self)
        x, centers = self._model(self._check_data(X, reset=False))
        labels = np.empty(x.shape[0], np.int32)
        with self._scikit_learn_words(x):
            _core.assign(x, None, centers, labels, self._threads(), False)
        return labels

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Minus the sum of weighted squared distances to the nearest centroids: exact, rounded once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, finite and not negative; None: every weight is 1.

        Returns
        -------
        score : float
            In the square of the unit of X.
        """
        check_is_fitted(self)
        x, centers = self._model(self._check_data(X, reset=False))
        w = _data.weights(sample_weight, x.shape[0])
        with self._scikit_learn_words(x):
            return -_core.assign(x, w, centers, np.empty(x.shape[0], np.int32), self._threads(), True)

    def transform(self, X: Any) -> Array:
        """Distance of every row to every centroid: exact, rounded once.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_clusters), float32 if X and the centroids are, else float64
            Distances (not squared), in the unit of X.
        """
        check_is_fitted(self)
        return self._transform(self._check_data(X, reset=False))

    def _transform(self, X: Any) -> Array:
        x, centers = self._model(X)
        out = np.empty((x.shape[0], len(centers)), centers.dtype)
        with self._scikit_learn_words(x):
            _core.distances(x, centers, out, self._threads())
        return out

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> Array:
        """Fit, and return the distances of X to the centroids.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, finite and not negative; None: every weight is 1.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_clusters)
            As `transform` gives them.
        """
        distances: Array = self.fit(X, sample_weight=sample_weight).transform(X)
        return distances

    @property
    def certificate_(self) -> Certificate:
        """`labels_` and `cluster_centers_` held against the definition, with the points of the fit; computed when asked.

        The estimator keeps a reference to them for that, no copy; a pickled or copied one does not.
        """
        check_is_fitted(self)
        if "_certificate" not in self.__dict__:
            if "_points" not in self.__dict__:
                raise AttributeError("The points of the fit are not copied or pickled with it: certify(X, sample_weight).")
            self._certificate = self._certify(*self._points)
        certificate: Certificate = self._certificate
        return certificate

    def certify(self, X: Any, sample_weight: Any = None) -> Certificate:
        """Hold `labels_` and `cluster_centers_` against the definition.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The points of the fit.
        sample_weight : array-like of shape (n_samples,), default=None
            Their weights.

        Returns
        -------
        certificate : Certificate
            How many labels are not nearest, how many means are off, and the exact J.

        Raises
        ------
        ValueError
            If X has another number of rows than `labels_`.
        """
        check_is_fitted(self)
        X = self._check_data(X, reset=False)
        return self._certify(X, _data.weights(sample_weight, X.shape[0]))

    def _certify(self, X: Any, w: Array | None) -> Certificate:
        x, centers = self._model(X)
        with self._scikit_learn_words(x):
            return Certificate(**_core.verify(x, w, centers, _data.readable(np.asarray(self.labels_)), self._threads()))

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_points"}

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _keep(self, X: Any, w: Array | None) -> None:
        """Keep a reference to the points for the certificate; sparse ones as they came."""
        self.__dict__.pop("_certificate", None)
        self._points = (X, w)
