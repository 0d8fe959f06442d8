"""judged.py - what a result has to be, by exact arithmetic (Python's fractions), and two results held side by side."""
from fractions import Fraction

import numpy as np

MEASURED = {"seconds", "peak_bytes"}
HOW = MEASURED | {"threads", "isa", "algorithm", "method", "pairs", "skipped", "certified", "exact"}


def without(result, keys=MEASURED):
    """A --json result without what is measured, its turns too."""
    kept = {key: value for key, value in result.items() if key not in keys}
    if "trace" in kept:
        kept["trace"] = [{key: value for key, value in turn.items() if key not in keys} for turn in kept["trace"]]
    return kept


def square(x, mu):
    """||x - mu||^2."""
    return sum((Fraction(float(a)) - Fraction(float(b))) ** 2 for a, b in zip(x, mu))


def nearest(x, mu):
    """The label of every row: the nearest centroid, the first of equally near ones."""
    return [min(range(len(mu)), key=lambda i: (square(row, mu[i]), i)) for row in x]


def objective(x, mu, c, w=None):
    """J, rounded once."""
    return float(sum(Fraction(float(1 if w is None else w[j])) * square(x[j], mu[c[j]]) for j in range(len(x))))


def is_nearest_float(d, D, dtype):
    """Whether d is the number of dtype nearest to sqrt(D): D lies between the squares of the midpoints around d."""
    d = dtype(d)
    below, above = (Fraction(float(np.nextafter(d, dtype(to)))) for to in (-np.inf, np.inf))
    own = Fraction(float(d))
    low, high = (own + below) / 2, (own + above) / 2
    return (low < 0 or low**2 <= D) and D <= high**2
