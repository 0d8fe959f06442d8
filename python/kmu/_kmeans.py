"""KMeans: Lloyd's alternation with one right answer."""

import time
import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from kmu import _core, _data, _params
from kmu._base import Centroids
from kmu._data import Array
from kmu._report import CALLER, OnTurn


class KMeans(Centroids):
    """k-means clustering with one right answer, with scikit-learn's parameters and attributes.

        J = sum_i sum_{x_j in C_i} w_j ||x_j - mu_i||^2

    is made small by Lloyd's alternation: every point goes to its nearest centroid, then every centroid becomes the mean of
    its points, until none moves. Both steps are exact, so the result is the same bits for every number of threads,
    instruction set, algorithm, memory layout and order of the rows, and `predict` on the points of the fit gives `labels_`.

    Parameters
    ----------
    n_clusters : int, default=8
        Clusters, at most n_samples.

    init : {'k-means++', 'random'}, callable or array-like of shape (n_clusters, n_features), default='k-means++'
        Where a run starts: greedy k-means++ (Arthur and Vassilvitskii, 2007); distinct rows drawn by weight; what
        `init(X, n_clusters, random_state=...)` returns; or these centroids.

    n_init : 'auto' or int, default='auto'
        Runs, of which the one with the least inertia is kept, the earliest on a tie. 'auto': 10 for 'random' and a
        callable, else 1.

    max_iter : int, default=300
        Most turns of a run.

    tol : float, default=1e-4
        Stop when the squared shift of the centroids is at most tol times the mean of the weighted variances of the
        features; both are compared exactly. 0: only when no centroid moves, which every run reaches.

    verbose : int, default=0
        Print a line a turn.

    random_state : int, RandomState instance or None, default=None
        An int is the seed itself: the same one gives the same bits, here and as `kmu fit --seed`. From a generator, or for
        None from NumPy's own, 64 bits are drawn.

    copy_x : bool, default=True
        Has no effect: X is never modified, and not copied when it can be read where it lies.

    algorithm : {'lloyd', 'elkan', 'auto', 'plain', 'dense', 'filter', 'tree', 'bounds'}, default='lloyd'
        How the nearest centroids are found. The answer is the same. 'lloyd', 'elkan' and 'auto' let the library choose.

    n_threads : int or None, default=None
        Threads. None: KMU_NUM_THREADS, else OMP_NUM_THREADS, else what affinity and cgroup allow. The answer is the same.

    max_seconds : float or None, default=None
        Seconds after which the best so far is returned, with `stop_reason_` 'budget'.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features), float32 if X is, else float64
        Centroids.

    labels_ : ndarray of shape (n_samples,), int32
        Nearest centroid of every row.

    inertia_ : float
        J of the two, exact, rounded once; inf beyond float64.

    n_iter_ : int
        Turns of the run kept.

    stop_reason_ : {'fixpoint', 'tolerance', 'max_iter', 'budget', 'interrupted'}
        Why the run kept ended; the last if a callback said so.

    trace_ : structured ndarray of shape (n_turns,)
        A record of every turn of every run: run, method, turn, J_assign (after the points went to their centroids), J_update
        (after the centroids moved), moved (labels that changed), shift (squared, of all centroids), pairs, skipped,
        certified, exact (distances computed fast, saved, certified in float64, decided in integers), seconds.

    certificate_ : Certificate
        Labels and centroids held against the definition; computed when asked.

    n_features_in_ : int
        Features of the fit.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    k_means : The same as a function.
    kmeans_plusplus : The start alone.

    Notes
    -----
    A row of weight w counts as w rows; a row of weight 0 gets a label and takes part in nothing else. Rows of a sparse
    matrix stay sparse.

    References
    ----------
    S. Lloyd, 1982, "Least squares quantization in PCM", doi:10.1109/TIT.1982.1056489. D. Arthur and S. Vassilvitskii,
    2007, "k-means++: the advantages of careful seeding", doi:10.5555/1283383.1283494.

    Examples
    --------
    >>> import numpy as np
    >>> from kmu import KMeans
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> km = KMeans(n_clusters=2, random_state=0).fit(X)
    >>> km.labels_
    array([1, 1, 1, 0, 0, 0], dtype=int32)
    >>> km.predict([[0, 0], [12, 3]])
    array([1, 0], dtype=int32)
    >>> km.cluster_centers_
    array([[10.,  2.],
           [ 1.,  2.]])
    >>> km.stop_reason_, km.certificate_.holds
    ('fixpoint', True)
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: Any = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        n_threads: int | None = None,
        max_seconds: float | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.n_threads = n_threads
        self.max_seconds = max_seconds

    def _check_params_vs_input(self, n_samples: int) -> None:
        super()._check_params_vs_input(n_samples)
        if self.algorithm == "elkan" and self.n_clusters == 1:
            warnings.warn(
                "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.",
                RuntimeWarning,
                stacklevel=CALLER,
            )

    def _warn(self) -> None:
        if self._distinct < self.n_clusters:
            warnings.warn(
                f"Number of distinct clusters ({self._distinct}) found smaller than n_clusters ({self.n_clusters}). Possibly "
                "due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=CALLER,
            )

    def _run(self, X: Any, x: Array, w: Array | None, on_turn: OnTurn | None) -> None:
        options = self._options() | {"algorithm": _params.algorithm(self.algorithm)}
        mu = np.empty((self.n_clusters, x.shape[1]), _data.number_type(x))
        c = np.empty(x.shape[0], np.int32)
        if callable(self.init):
            self._run_callable(X, x, w, mu, c, options, on_turn)
            return
        start = None
        if isinstance(self.init, str):
            options |= {"init": str(self.init), "n-init": self._n_init, "seed": _data.seed_of(self.random_state)}
        else:
            start = self._check_centers(self.init, x, self.n_clusters)
        self._take(mu, c, _core.fit(x, w, start, mu, c, options, on_turn))

    def _run_callable(
        self, X: Any, x: Array, w: Array | None, mu: Array, c: Array, options: dict[str, object], on_turn: OnTurn | None
    ) -> None:
        """Start every run where the callable says."""
        random_state = check_random_state(self.random_state)
        begin, traces = time.monotonic(), []
        for run in range(self._n_init):
            start = self._init_centroids(X, init=self.init, random_state=random_state)
            if self.max_seconds is not None:
                left = float(self.max_seconds) - (time.monotonic() - begin)
                if run and left <= 0:
                    break
                options["max-seconds"] = min(max(left, 1e-9), 1e15)
            told = (lambda _, *turn, run=run: on_turn(run, *turn)) if on_turn else None
            found = _core.fit(x, w, start, mu, c, options, told)
            traces.append(_data.records(found[5]))
            traces[-1]["run"] = run
            if run == 0 or self.inertia_ > found[0]:
                self._take(mu.copy(), c.copy(), found)
            if found[2] == "interrupted":
                break
        self.trace_ = np.concatenate(traces)

    def _take(self, mu: Array, c: Array, found: tuple[Any, ...]) -> None:
        """Take the outcome of a fit."""
        self.cluster_centers_, self.labels_ = mu, c
        self.inertia_, self.n_iter_, self.stop_reason_, _, self._distinct, raw, _ = found
        self.trace_ = _data.records(raw)
