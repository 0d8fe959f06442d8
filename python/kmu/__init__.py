"""k-means with one right answer, behind scikit-learn's interface.

    >>> import numpy as np
    >>> from kmu import KMeans
    >>> X = np.array([[1, 2], [1, 4], [1, 0], [10, 2], [10, 4], [10, 0]])
    >>> km = KMeans(n_clusters=2, random_state=0).fit(X)
    >>> km.inertia_, km.stop_reason_
    (16.0, 'fixpoint')

A label is the true argmin over the real numbers (ties go to the lower index), a centroid is the exact mean rounded once,
the inertia is the exact sum rounded once: the same bits for every number of threads, instruction set, algorithm, memory
layout and order of the rows.

`KMeans`, `MiniBatchKMeans`, `BisectingKMeans`, `k_means` and `kmeans_plusplus` take what scikit-learn's take; `patch` puts
them into `sklearn.cluster` for code that imports them there. `KMeansDisplay` and `plot.voronoi` draw with matplotlib.
scikit-learn is imported when one of them is first named, matplotlib when something is drawn.
"""

import importlib
from typing import TYPE_CHECKING

from kmu._core import VERSION as __version__
from kmu._core import DataError

if TYPE_CHECKING:
    from kmu import plot
    from kmu._bisecting import BisectingKMeans
    from kmu._functions import k_means, kmeans_plusplus
    from kmu._kmeans import KMeans
    from kmu._minibatch import MiniBatchKMeans
    from kmu._patch import patch, unpatch
    from kmu.plot import KMeansDisplay

__all__ = [
    "BisectingKMeans", "DataError", "KMeans", "KMeansDisplay", "MiniBatchKMeans", "__version__", "k_means", "kmeans_plusplus",
    "patch", "plot", "unpatch",
]  # fmt: skip

_home = {
    "BisectingKMeans": "_bisecting",
    "KMeans": "_kmeans",
    "KMeansDisplay": "plot",
    "MiniBatchKMeans": "_minibatch",
    "k_means": "_functions",
    "kmeans_plusplus": "_functions",
    "patch": "_patch",
    "unpatch": "_patch",
}


def __getattr__(name: str) -> object:
    """Import what a name needs when it is first asked for."""
    if name == "plot":
        return importlib.import_module("kmu.plot")
    if name not in _home:
        raise AttributeError(f"module 'kmu' has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"kmu.{_home[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
