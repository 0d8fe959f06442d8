"""BisectingKMeans: points are split in two, part by part."""

from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from kmu import _core, _data, _params
from kmu._base import Centroids
from kmu._data import Array
from kmu._report import OnTurn


class BisectingKMeans(Centroids):
    """Bisecting k-means with one right answer, with scikit-learn's parameters and attributes.

    As long as there are fewer than n_clusters parts, the one with the largest inertia is split by the best of n_init fits with
    two clusters. Everything is exact, so the result is the same bits for every number of threads, instruction set, algorithm
    and order of the rows, and `predict` on the points of the fit gives `labels_`: a point goes down the tree of splits, each
    time to the nearer of two centroids, so there may be another cluster whose centroid is still nearer.

    Parameters
    ----------
    n_clusters : int, default=8
        Clusters, at most n_samples.

    init : {'k-means++', 'random'} or callable, default='random'
        Where a split starts: greedy k-means++ (Arthur and Vassilvitskii, 2007); two distinct rows drawn by weight; or what
        `init(X, 2, random_state=...)` returns for the rows X of the part.

    n_init : int, default=1
        Runs of each split, of which the one with the least inertia is kept, the earliest on a tie.

    random_state : int, RandomState instance or None, default=None
        An int is the seed itself: the same one gives the same bits, here and as `kmu fit --method bisecting --seed`. From a
        generator, or for None from NumPy's own, 64 bits are drawn.

    max_iter : int, default=300
        Most turns of a run.

    verbose : int, default=0
        Print a line a turn.

    tol : float, default=1e-4
        Stop a run when the squared shift of the centroids is at most tol times the mean of the weighted variances of the
        features of the part; both are compared exactly. 0: only when no centroid moves, which every run reaches.

    copy_x : bool, default=True
        Has no effect: X is never modified, and not copied when it can be read where it lies.

    algorithm : {'lloyd', 'elkan', 'auto', 'plain', 'dense', 'filter', 'tree', 'bounds'}, default='lloyd'
        How the nearer centroid is found. The answer is the same. 'lloyd', 'elkan' and 'auto' let the library choose.

    bisecting_strategy : {'biggest_inertia', 'largest_cluster'}, default='biggest_inertia'
        The part that is split next: that with the largest inertia, or weight, the first on a tie; none without inertia as
        long as there is one with it.

    n_threads : int or None, default=None
        Threads. None: KMU_NUM_THREADS, else OMP_NUM_THREADS, else what affinity and cgroup allow. The answer is the same.

    max_seconds : float or None, default=None
        Seconds after which the parts that there are are returned, with `stop_reason_` 'budget': they may be fewer than
        n_clusters.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features), float32 if X is, else float64
        Centroids, in the order of the tree.

    labels_ : ndarray of shape (n_samples,), int32
        The part of every row.

    inertia_ : float
        J of the two, exact, rounded once; inf beyond float64.

    n_iter_ : int
        Turns of all splits together, of the runs kept.

    stop_reason_ : {'fixpoint', 'tolerance', 'max_iter', 'budget', 'interrupted'}
        Why the splits ended: of several reasons the last in this list.

    trace_ : structured ndarray of shape (n_turns,)
        A record of every turn, as `KMeans` has it; run r of split s (from 0) is s n_init + r, and J is that of its part.

    certificate_ : Certificate
        Labels and centroids held against the definition of k-means; computed when asked. `not_nearest` is how many rows have
        a nearer centroid than their part's.

    n_features_in_ : int
        Features of the fit.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    KMeans : All clusters at once.

    References
    ----------
    M. Steinbach, G. Karypis and V. Kumar, 2000, "A comparison of document clustering techniques", KDD workshop on text
    mining.

    Examples
    --------
    >>> import numpy as np
    >>> from kmu import BisectingKMeans
    >>> X = np.array([[1, 1], [10, 1], [3, 1], [10, 0], [2, 1], [10, 2], [10, 8], [10, 9], [10, 10]])
    >>> km = BisectingKMeans(n_clusters=3, random_state=0).fit(X)
    >>> km.cluster_centers_
    array([[ 2.,  1.],
           [10.,  1.],
           [10.,  9.]])
    >>> km.predict([[0, 0], [12, 3]])
    array([0, 1], dtype=int32)
    >>> km.certificate_.not_nearest
    0
    """

    _KINDS = _params.KINDS | {"init": _params.name("k-means++", "random") | _params.FUNCTION, "n_init": _params.integer(1)}

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "random",
        n_init: int = 1,
        random_state: Any = None,
        max_iter: int = 300,
        verbose: int = 0,
        tol: float = 1e-4,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        bisecting_strategy: str = "biggest_inertia",
        n_threads: int | None = None,
        max_seconds: float | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.random_state = random_state
        self.max_iter = max_iter
        self.verbose = verbose
        self.tol = tol
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.bisecting_strategy = bisecting_strategy
        self.n_threads = n_threads
        self.max_seconds = max_seconds

    def _tasks(self) -> tuple[int, int | None]:
        return (self.n_clusters - 1) * self._n_init, int(self.max_iter)

    def _run(self, X: Any, x: Array, w: Array | None, on_turn: OnTurn | None) -> None:
        options = self._options() | {
            "method": "bisecting",
            "n-init": self._n_init,
            "algorithm": _params.algorithm(self.algorithm),
            "strategy": self.bisecting_strategy,
        }
        start = None
        if callable(self.init):
            random_state = check_random_state(self.random_state)

            def start(rows: bytes) -> Array:
                part = X[np.frombuffer(rows, np.uint32)]
                centers = self._init_centroids(part, init=self.init, random_state=random_state, n_centroids=2)
                return np.ascontiguousarray(centers, np.float64)
        else:
            options |= {"init": str(self.init), "seed": _data.seed_of(self.random_state)}
        mu = np.empty((self.n_clusters, x.shape[1]), _data.number_type(x))
        c = np.empty(x.shape[0], np.int32)
        found = _core.fit(x, w, start, mu, c, options, on_turn)
        self.inertia_, self.n_iter_, self.stop_reason_, _, _, raw, own = found
        self.trace_ = _data.records(raw)
        self.cluster_centers_, self.labels_ = mu[: own["k"]], c
        self._child = np.frombuffer(own["child"] or b"", np.int32).reshape(-1, 2)
        self._split_centers = np.frombuffer(own["split_mu"] or b"", mu.dtype).reshape(-1, mu.shape[1])

    def predict(self, X: Any) -> Array:
        """Part of every row: down the tree of splits, each time to the nearer centroid, on a tie to the first.

        On the rows of the fit it gives `labels_`, always.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points.

        Returns
        -------
        labels : ndarray of shape (n_samples,), int32
            0 to n_clusters - 1.

        Raises
        ------
        NotFittedError, ValueError
            As `KMeans.predict`.
        """
        check_is_fitted(self)
        if not len(self._child):
            return super().predict(X)
        x, centers = self._model(self._check_data(X, reset=False), self._split_centers)
        labels = np.empty(x.shape[0], np.int32)
        with self._scikit_learn_words(x):
            _core.walk(x, self._child, centers, labels, self._threads())
        return labels
