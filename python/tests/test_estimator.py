"""test_estimator.py - kmu's classes are estimators: scikit-learn's own checks, none of them expected to fail."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from kmu import BisectingKMeans, KMeans, MiniBatchKMeans


@parametrize_with_checks(
    [
        KMeans(n_clusters=2),
        KMeans(init="random"),
        KMeans(n_clusters=3, algorithm="elkan", tol=0, n_threads=2),
        MiniBatchKMeans(n_clusters=2),
        MiniBatchKMeans(n_clusters=3, batch_size=10, init="random", tol=1e-3, max_no_improvement=None, max_iter=5),
        BisectingKMeans(n_clusters=3),
        BisectingKMeans(n_clusters=2, init="k-means++", n_init=2, bisecting_strategy="largest_cluster", n_threads=2),
    ]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learns_checks(estimator, check):
    check(estimator)
