"""kmu in the place of scikit-learn's own, for code that imports from sklearn.cluster."""

import sys
from typing import Any

import sklearn.cluster

import kmu

NAMES = ("KMeans", "MiniBatchKMeans", "BisectingKMeans", "k_means", "kmeans_plusplus")
_replaced: list[tuple[Any, str, Any]] = []  # module, name, what was there


def patch() -> None:
    """Put kmu's estimators and functions into `sklearn.cluster`, in the place of those of the same name, until `unpatch`.

    Modules of scikit-learn that have imported them already (SpectralClustering's, GaussianMixture's, ..) get kmu's too.
    Code of others that has imported them before keeps what it has. Calling it twice is calling it once.

    Examples
    --------
    >>> import kmu
    >>> kmu.patch()
    >>> from sklearn.cluster import KMeans
    >>> KMeans.__module__
    'kmu._kmeans'
    >>> kmu.unpatch()
    """
    if _replaced:
        return
    originals = {name: getattr(sklearn.cluster, name) for name in NAMES}
    for module in [m for key, m in sys.modules.items() if key.partition(".")[0] == "sklearn" and m is not None]:
        for name, original in originals.items():
            if module.__dict__.get(name) is original:
                _replaced.append((module, name, original))
                setattr(module, name, getattr(kmu, name))


def unpatch() -> None:
    """Put back what `patch` has replaced."""
    while _replaced:
        module, name, original = _replaced.pop()
        setattr(module, name, original)
