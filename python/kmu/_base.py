"""What kmu's estimators have in common before they have centroids: what is checked, and how a fit begins and ends."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
from sklearn.utils import check_array

from kmu import _core, _data, _params, _report, _repr
from kmu._data import Array
from kmu._fitted import Fitted


class Centroids(_repr.Shown, _report.CallbackSupportMixin, Fitted):  # type: ignore[misc]
    """The base of kmu's estimators, which differ in how they look for centroids: `_run`."""

    _KINDS: Mapping[str, _params.Kind] = _params.KINDS
    _default_n_init = 10

    @_report.with_callbacks
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find centroids and labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points: finite numbers. float32 is computed in float32, everything else in float64; integers beyond 2^53 are an
            error.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, finite and not negative, of any total; None: every weight is 1.

        Returns
        -------
        self : object
            The estimator, fitted. When the fit fails or is interrupted (Ctrl-C), it is as it was before.

        Raises
        ------
        ValueError
            For what has no answer: parameters out of their range, fewer rows than clusters, numbers that are not finite,
            integers beyond 2^53, weights that are negative or all 0.
        MemoryError
            If there is too little of it.
        """
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
            tasks.end()
        self._warn()
        return self

    def _run(self, X: Any, x: Array, w: Array | None, on_turn: _report.OnTurn | None) -> None:
        """Look for centroids, and keep the best."""
        raise NotImplementedError

    def _warn(self) -> None:
        """Warn of what is odd in the outcome."""

    def _tasks(self) -> tuple[int, int | None]:
        """How many runs there may be, and how many turns of each; None: not known."""
        return self._n_init, int(self.max_iter)

    def _reporter(self) -> Any:
        """What prints the turns, if anything does."""
        return _report.Report(self.tol, self.max_iter) if self.verbose else None

    def _options(self) -> dict[str, object]:
        """What the library is to know of any fit."""
        options: dict[str, object] = {
            "k": int(self.n_clusters),
            "max-iter": int(self.max_iter),
            "tol": min(float(self.tol), 1e308),
            "threads": self._threads(),
        }
        if self.max_seconds is not None:
            options["max-seconds"] = min(float(self.max_seconds), 1e15)
        return options

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

    def _check_params(self) -> None:
        """Refuse a parameter that is of no use, the first by the alphabet."""
        found = vars(self)
        _params.check(type(self).__name__, {name: found[name] for name in sorted(self._KINDS) if name in found}, self._KINDS)

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
                stacklevel=_report.CALLER + 1,
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
