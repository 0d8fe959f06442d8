"""Parameters: what each may be, and scikit-learn's words where it is something else."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
import sklearn
from scipy import sparse

from kmu import _core


class InvalidParameterError(ValueError, TypeError):
    """A parameter of a wrong type or value; a ValueError and a TypeError, as scikit-learn's is."""


class Kind(NamedTuple):
    """A test that a value must pass, and what it may then be called."""

    holds: Callable[[Any], bool]
    called: tuple[str, ...]

    def __or__(self, other: "Kind") -> "Kind":
        """Either of the two."""
        return Kind(lambda v: self.holds(v) or other.holds(v), self.called + other.called)

    def __str__(self) -> str:
        """As scikit-learn says it."""
        *some, last = self.called
        return f"{', '.join(some)} or {last}" if some else last


def kind(holds: Callable[[Any], bool], called: str) -> Kind:
    """A Kind of one name."""
    return Kind(holds, (called,))


def integer(least: int, most: int | None = None) -> Kind:
    """An int from least to most."""
    above = "inf)" if most is None else f"{most}]"
    return kind(
        lambda v: isinstance(v, Integral) and least <= int(v) and (most is None or int(v) <= most),
        f"an int in the range [{least}, {above}",
    )


def name(*names: str) -> Kind:
    """One of some words."""
    return kind(lambda v: isinstance(v, str) and v in names, f"a str among {{{', '.join(map(repr, names))}}}")


def is_array_like(v: object) -> bool:
    """Whether v has a length or a shape, and is no text."""
    return any(hasattr(v, a) for a in ("__len__", "shape", "__array__")) and not isinstance(v, str | bytes)


NONE = kind(lambda v: v is None, "None")
REAL = kind(lambda v: isinstance(v, Real) and 0 <= float(v) < np.inf, "a float in the range [0.0, inf)")
POSITIVE = kind(lambda v: isinstance(v, Real) and float(v) > 0, "a float in the range (0.0, inf]")
FUNCTION = kind(callable, "a callable")
ARRAY = kind(is_array_like, "an array-like")
SPARSE = kind(sparse.issparse, "a sparse array or matrix")
PYTHON_BOOL = kind(lambda v: isinstance(v, bool), "an instance of 'bool'")
BOOL = PYTHON_BOOL | kind(lambda v: isinstance(v, np.bool_), "an instance of 'numpy.bool'")
STATE = kind(lambda v: isinstance(v, np.random.RandomState), "an instance of 'numpy.random.mtrand.RandomState'")

KINDS: dict[str, Kind] = {
    "n_clusters": integer(1),
    "init": name("k-means++", "random") | (FUNCTION | ARRAY),
    "n_init": name("auto") | integer(1),
    "max_iter": integer(1),
    "tol": REAL,
    "verbose": integer(0) | BOOL,
    "random_state": integer(0, 2**32 - 1) | (STATE | NONE),
    "copy_x": BOOL,
    "algorithm": name("lloyd", "elkan", *_core.ALGORITHMS),
    "batch_size": integer(1),
    "compute_labels": BOOL,
    "max_no_improvement": integer(0) | NONE,
    "init_size": integer(1) | NONE,
    "reassignment_ratio": REAL,
    "bisecting_strategy": name("biggest_inertia", "largest_cluster"),
    "n_threads": integer(1) | NONE,
    "max_seconds": POSITIVE | NONE,
    "X": ARRAY | SPARSE,
    "sample_weight": ARRAY | NONE,
    "x_squared_norms": ARRAY | NONE,
    "n_local_trials": integer(1) | NONE,
    "return_n_iter": PYTHON_BOOL,
}


def algorithm(name: str) -> str:
    """The library's name: of scikit-learn's two either leaves the choice to it."""
    return {"lloyd": "auto", "elkan": "auto"}.get(name, name)


def check(caller: str, values: Mapping[str, object], kinds: Mapping[str, Kind] | None = None) -> None:
    """Raise InvalidParameterError for the first of the values that is not what its name asks for."""
    if sklearn.get_config()["skip_parameter_validation"]:
        return
    for parameter, value in values.items():
        allowed = (kinds or KINDS)[parameter]
        if not allowed.holds(value):
            raise InvalidParameterError(f"The {parameter!r} parameter of {caller} must be {allowed}. Got {value!r} instead.")
