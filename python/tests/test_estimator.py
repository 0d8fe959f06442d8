"""test_estimator.py - KMeans is an estimator: scikit-learn's own checks, none of them expected to fail."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from kmu import KMeans


@parametrize_with_checks(
    [KMeans(n_clusters=2), KMeans(init="random"), KMeans(n_clusters=3, algorithm="elkan", tol=0, n_threads=2)]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learns_checks(estimator, check):
    check(estimator)
