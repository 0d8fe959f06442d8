"""k-means as functions: arrays in, arrays out."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite, check_array

from kmu import _core, _data, _params
from kmu._data import Array
from kmu._kmeans import KMeans


def k_means(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    init: Any = "k-means++",
    n_init: Any = "auto",
    max_iter: int = 300,
    verbose: bool = False,
    tol: float = 1e-4,
    random_state: Any = None,
    copy_x: bool = True,
    algorithm: str = "lloyd",
    return_n_iter: bool = False,
) -> tuple[Any, ...]:
    """k-means clustering with one right answer, as a function.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Points.
    n_clusters : int
        Clusters, at most n_samples.
    sample_weight, init, n_init, max_iter, verbose, tol, random_state, copy_x, algorithm
        As `KMeans` takes them.
    return_n_iter : bool, default=False
        Return the number of turns too.

    Returns
    -------
    centroid : ndarray of shape (n_clusters, n_features), float32 if X is, else float64
        `KMeans.cluster_centers_`.
    label : ndarray of shape (n_samples,), int32
        `KMeans.labels_`.
    inertia : float
        `KMeans.inertia_`.
    best_n_iter : int
        `KMeans.n_iter_`, if `return_n_iter`.

    Raises
    ------
    ValueError, MemoryError
        As `KMeans.fit`.

    See Also
    --------
    KMeans : The same as an estimator, with the sources.

    Examples
    --------
    >>> import numpy as np
    >>> from kmu import k_means
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> centroid, label, inertia = k_means(X, n_clusters=2, random_state=0)
    >>> label
    array([1, 1, 1, 0, 0, 0], dtype=int32)
    >>> inertia
    16.0
    """
    given = {"X": X, "sample_weight": sample_weight, "return_n_iter": return_n_iter}
    _params.check("k_means", given)
    est = KMeans(
        n_clusters=n_clusters,
        init=init,
        n_init=n_init,
        max_iter=max_iter,
        verbose=verbose,
        tol=tol,
        random_state=random_state,
        copy_x=copy_x,
        algorithm=algorithm,
    ).fit(X, sample_weight=sample_weight)
    found = (est.cluster_centers_, est.labels_, est.inertia_)
    return (*found, est.n_iter_) if return_n_iter else found


def kmeans_plusplus(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    x_squared_norms: Any = None,
    random_state: Any = None,
    n_local_trials: int | None = None,
) -> tuple[Array, Array]:
    """Rows of X to start from, by greedy k-means++.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Points.
    n_clusters : int
        Rows to draw, at most n_samples.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights, finite and not negative; a row of weight 0 is never drawn.
    x_squared_norms : array-like of shape (n_samples,), default=None
        Not needed; its length is checked.
    random_state : int, RandomState instance or None, default=None
        As `KMeans` takes it: `KMeans` with the same one starts from these rows.
    n_local_trials : int, default=None
        Candidates of a step, of which the best is taken. 2 + floor(ln k) is the only number there is as yet.

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features), of the dtype of X
        The rows. If there are fewer distinct ones, the first is repeated.
    indices : ndarray of shape (n_clusters,), int64
        Where they are in X; of equal rows the first that has weight.

    Raises
    ------
    ValueError
        For parameters out of their range, fewer rows than n_clusters, numbers that are not finite, weights that are negative
        or all 0.
    NotImplementedError
        For another n_local_trials.

    See Also
    --------
    KMeans : What starts from them.

    References
    ----------
    D. Arthur and S. Vassilvitskii, 2007, "k-means++: the advantages of careful seeding", doi:10.5555/1283383.1283494.

    Examples
    --------
    >>> import numpy as np
    >>> from kmu import kmeans_plusplus
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> centers, indices = kmeans_plusplus(X, n_clusters=2, random_state=0)
    >>> (centers == X[indices]).all()
    np.True_
    """
    given = {
        "X": X,
        "n_clusters": n_clusters,
        "sample_weight": sample_weight,
        "x_squared_norms": x_squared_norms,
        "random_state": random_state,
        "n_local_trials": n_local_trials,
    }
    _params.check("kmeans_plusplus", given)
    if n_local_trials is not None and n_local_trials != 2 + int(np.log(n_clusters)):
        raise NotImplementedError(f"n_local_trials={n_local_trials}: every step has 2 + floor(ln k) candidates")
    X = check_array(_data.native(X), accept_sparse="csr", dtype=_data.NUMBERS, ensure_all_finite=False)
    x = _data.points(X)
    w = _data.weights(sample_weight, x.shape[0])
    if x.shape[0] < n_clusters:
        raise ValueError(f"n_samples={x.shape[0]} should be >= n_clusters={n_clusters}.")
    if x_squared_norms is not None:
        norms = check_array(x_squared_norms, ensure_2d=False)
        if norms.shape[0] != x.shape[0]:
            raise ValueError(
                f"The length of x_squared_norms {norms.shape[0]} should be equal to the length of n_samples {x.shape[0]}."
            )
    options: dict[str, object] = {"k": n_clusters, "seed": _data.seed_of(random_state), "threads": _data.threads_of(None)}
    mu = np.empty((n_clusters, x.shape[1]), _data.number_type(x))
    try:
        _core.seed(x, w, mu, options)
    except _core.DataError:
        assert_all_finite(x, input_name="X")
        raise
    indices = _rows(x, w, mu)
    rows = x[indices]
    return (rows.toarray() if sparse.issparse(rows) else rows), indices


def _rows(x: Any, w: Array | None, mu: Array) -> Array:
    """The first row with weight that is equal to each of mu, which are rows of x."""
    c = np.empty(x.shape[0], np.int32)
    _core.assign(x, None, mu, c, _data.threads_of(None), False)
    if sparse.issparse(x):
        other = np.diff((x != sparse.csr_array(mu)[c]).tocsr().indptr)  # how many numbers differ
        rows = np.flatnonzero((other == 0) & (True if w is None else w > 0))
    else:
        rows = np.flatnonzero((x[:, 0] == mu[c, 0]) & (True if w is None else w > 0))
        rows = rows[(x[rows] == mu[c[rows]]).all(axis=1)]
    cluster, first = np.unique(c[rows], return_index=True)
    indices = np.full(len(mu), rows[first[0]])  # a repetition of the first has no cluster
    indices[cluster] = rows[first]
    return indices
