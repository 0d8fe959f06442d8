"""MiniBatchKMeans: centroids follow batches of points drawn at random."""

import warnings
from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state

from kmu import _core, _data
from kmu._base import Centroids
from kmu._data import Array
from kmu._report import CALLER, OnTurn, StepReport


class MiniBatchKMeans(Centroids):
    """Mini-batch k-means with one right answer, with scikit-learn's parameters and attributes.

    A batch is drawn from the distinct rows by weight. Each of its points goes to its nearest centroid, and a centroid becomes
    the mean of all points that it has taken in so far: exact, rounded once. So the result is the same bits for every number
    of threads, instruction set and order of the rows, a row of weight 2 is two rows, and `predict` on the points of the fit
    gives `labels_`. Below, N is the number of distinct rows of positive weight.

    Parameters
    ----------
    n_clusters : int, default=8
        Clusters, at most n_samples.

    init : {'k-means++', 'random'}, callable or array-like of shape (n_clusters, n_features), default='k-means++'
        The start: greedy k-means++ (Arthur and Vassilvitskii, 2007) of a sample; distinct rows of it drawn by weight; what
        `init(X, n_clusters, random_state=...)` returns; or these centroids.

    max_iter : int, default=100
        Batches of max_iter N points together are drawn at most.

    batch_size : int, default=1024
        Draws of a batch; N if that is less.

    verbose : int, default=0
        Print a line a step.

    compute_labels : bool, default=True
        Find `labels_` and the exact `inertia_` in the end.

    random_state : int, RandomState instance or None, default=None
        An int is the seed itself: the same one gives the same bits, here and as `kmu fit --method minibatch --seed`. From a
        generator, or for None from NumPy's own, 64 bits are drawn.

    tol : float, default=0.0
        Stop when the squared shift of the centroids in a step is at most tol times the mean of the weighted variances of the
        features; both are compared exactly. 0: never.

    max_no_improvement : int or None, default=10
        Stop after so many steps in succession without a lower smoothed inertia. None: never.

    init_size : int or None, default=None
        Draws of the sample that a start is made from. None: 3 times batch_size. 3 n_clusters if it is less than n_clusters;
        all points if it is N or more.

    n_init : 'auto' or int, default='auto'
        Starts, of which the one with the least inertia on another such sample (of a callable's, on X) is taken, the earliest
        on a tie. 'auto': 3 for 'random' and a callable, else 1.

    reassignment_ratio : float, default=0.01
        Now and then, centroids that have taken in less than this part of the largest go to points of the batch.

    n_threads : int or None, default=None
        Threads. None: KMU_NUM_THREADS, else OMP_NUM_THREADS, else what affinity and cgroup allow. The answer is the same.

    max_seconds : float or None, default=None
        Seconds after which what there is is returned, with `stop_reason_` 'budget'.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features), float32 if X is, else float64
        Centroids.

    labels_ : ndarray of shape (n_samples,), int32
        Nearest centroid of every row; after `partial_fit`, of the rows of that call. With `compute_labels` only.

    inertia_ : float
        J of the two, exact, rounded once. Without `compute_labels` the batches' smoothed one, times the sum of weights.

    n_iter_ : int
        Passes over N points that were begun.

    n_steps_ : int
        Batches.

    counts_ : ndarray of shape (n_clusters,), float64
        The weight that each centroid has taken in: exact, rounded once.

    stop_reason_ : {'tolerance', 'no_improvement', 'max_iter', 'budget', 'interrupted'}
        Why the fit ended; the last if a callback said so.

    trace_ : structured ndarray of shape (n_steps_,)
        A record of every step, as `KMeans` has of every turn; J_assign and J_update are those of the batch.

    certificate_ : Certificate
        Labels held against the definition; computed when asked. Centroids are not the means of their clusters.

    n_features_in_ : int
        Features of the fit.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all are strings.

    See Also
    --------
    KMeans : All points in every turn.

    References
    ----------
    D. Sculley, 2010, "Web-scale k-means clustering", doi:10.1145/1772690.1772862.

    Examples
    --------
    >>> import numpy as np
    >>> from kmu import MiniBatchKMeans
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> km = MiniBatchKMeans(n_clusters=2, batch_size=4, random_state=0).fit(X)
    >>> km.labels_
    array([1, 1, 1, 0, 0, 0], dtype=int32)
    >>> km.counts_.sum() == 4 * km.n_steps_
    np.True_
    >>> km = MiniBatchKMeans(n_clusters=2, random_state=0)
    >>> for batch in X[::2], X[1::2]:
    ...     km = km.partial_fit(batch)
    >>> km.counts_
    array([3., 3.])
    """

    _default_n_init = 3

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        max_iter: int = 100,
        batch_size: int = 1024,
        verbose: int = 0,
        compute_labels: bool = True,
        random_state: Any = None,
        tol: float = 0.0,
        max_no_improvement: int | None = 10,
        init_size: int | None = None,
        n_init: Any = "auto",
        reassignment_ratio: float = 0.01,
        n_threads: int | None = None,
        max_seconds: float | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.verbose = verbose
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.tol = tol
        self.max_no_improvement = max_no_improvement
        self.init_size = init_size
        self.n_init = n_init
        self.reassignment_ratio = reassignment_ratio
        self.n_threads = n_threads
        self.max_seconds = max_seconds

    def _check_params_vs_input(self, n_samples: int) -> None:
        """Set _init_size too, as scikit-learn does: with n_samples, of which N may be fewer."""
        super()._check_params_vs_input(n_samples)
        size, least = self.init_size, self.n_clusters
        if size is not None and size < least:
            warnings.warn(
                f"init_size={size} should be larger than n_clusters={least}. Setting it to min(3*n_clusters, n_samples)",
                RuntimeWarning,
                stacklevel=CALLER,
            )
        size = 3 * min(self.batch_size, n_samples) if size is None else size
        self._init_size = min(3 * least if size < least else size, n_samples)

    def _tasks(self) -> tuple[int, int | None]:
        return 1, None

    def _reporter(self) -> StepReport | None:
        return StepReport() if self.verbose else None

    def _options(self) -> dict[str, object]:
        most = 2**31 - 1  # of the library
        options = super()._options() | {
            "method": "minibatch",
            "seed": self._seed,
            "batch-size": min(int(self.batch_size), most),
            "init-size": 0 if self.init_size is None else min(int(self.init_size), most),
            "max-no-improvement": 2**62 if self.max_no_improvement is None else int(self.max_no_improvement),
            "reassignment-ratio": min(float(self.reassignment_ratio), 1e308),
        }
        if isinstance(self.init, str):
            options |= {"init": str(self.init), "n-init": self._n_init}
        return options

    def _start(self, X: Any, x: Array, w: Array | None, n_init: int) -> Array | None:
        """The centroids that were given, or of those that a callable gives the ones with the least inertia."""
        if isinstance(self.init, str):
            return None
        if not callable(self.init):
            return self._check_centers(self.init, x, self.n_clusters)
        labels, best, least = np.empty(x.shape[0], np.int32), None, np.inf
        random_state = check_random_state(self.random_state)
        for _ in range(n_init):
            start = self._init_centroids(X, init=self.init, random_state=random_state)
            start = np.ascontiguousarray(start, _data.number_type(x))
            J = _core.assign(x, w, start, labels, self._threads(), True) if n_init > 1 else 0.0
            if best is None or least > J:
                best, least = start, J
        return best

    def _run(self, X: Any, x: Array, w: Array | None, on_turn: OnTurn | None) -> None:
        self._seed = _data.seed_of(self.random_state)
        mu = np.empty((self.n_clusters, x.shape[1]), _data.number_type(x))
        c = np.empty(x.shape[0], np.int32) if self.compute_labels else None
        start = self._start(X, x, w, self._n_init)
        found = _core.fit(x, w, start, mu, c, self._options(), on_turn)
        self.inertia_, self.n_steps_, self.stop_reason_, _, _, raw, own = found
        self.trace_ = _data.records(raw)
        self.n_iter_ = -(-self.n_steps_ * min(int(self.batch_size), own["places"]) // own["places"])
        masses = np.zeros((self.n_clusters, _core.MASS_PARTS))
        masses[:, 0] = np.frombuffer(own["v"])
        self._take(mu, masses, own["since"], c)

    def _take(self, mu: Array, masses: Array, since: int, labels: Array | None) -> None:
        """Take what the next step begins with, and the labels if they were asked for."""
        self.cluster_centers_, self.counts_ = mu, masses[:, 0].copy()
        self._masses, self._since = masses, since
        self.__dict__.pop("labels_", None)
        if labels is not None:
            self.labels_ = labels

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Make one step: X is the batch. It goes on from `partial_fit` or `fit`, if there was one.

        What comes of it depends on the calls and on nothing else: not on the order or the repetition of the rows in a call.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Points of the batch; at least n_clusters in the first call. Of X and the centroids the wider type is computed in.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, finite and not negative, of any total; None: every weight is 1.

        Returns
        -------
        self : object
            The estimator, one step further. When it fails or is interrupted (Ctrl-C), it is as it was before.

        Raises
        ------
        ValueError, MemoryError
            As `fit`, and for other features than those of the call before.
        """
        with self._unchanged_on_error():
            self._check_params()
            first = not hasattr(self, "cluster_centers_")
            X = self._check_data(X, reset=first)
            x = _data.points(X)
            w = _data.weights(sample_weight, x.shape[0])
            with self._scikit_learn_words(x):
                self._step(X, x, w, first)
            self._keep(X, w)
        return self

    def _step(self, X: Any, x: Array, w: Array | None, first: bool) -> None:
        start = None
        if first:
            self._check_params_vs_input(x.shape[0])
            self._seed = _data.seed_of(self.random_state)
            self.n_steps_, self._since = 0, 0
            mu = np.empty((self.n_clusters, x.shape[1]), _data.number_type(x))
            masses = np.zeros((self.n_clusters, _core.MASS_PARTS))
            start = self._start(X, x, w, 1)
        else:
            x, model = self._model(X)
            mu, masses = model.copy(), self._masses.copy()
        _, since = _core.partial_fit(x, w, start, mu, masses, self.n_steps_, self._since, self._options())
        labels = None
        if self.compute_labels:
            labels = np.empty(x.shape[0], np.int32)
            self.inertia_ = _core.assign(x, w, mu, labels, self._threads(), True)
        self.n_steps_ += 1
        self._take(mu, masses, since, labels)
