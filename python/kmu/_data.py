"""The door for data: what users have, as arrays that the extension reads where they lie."""

import os
from numbers import Integral, Number
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import check_array, check_random_state

from kmu import _core

Array = NDArray[Any]

# What the library reads; anything else becomes the first. scikit-learn's validation takes such a list.
NUMBERS = [
    np.float64, np.float32, np.float16,
    np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64,
]  # fmt: skip


def number_type(x: Any) -> type[np.floating[Any]]:
    """The type of results for points of this dtype: binary32 for binary32, else binary64."""
    return np.float32 if x.dtype == np.float32 else np.float64


def native(x: Any) -> Any:
    """Return x, or for an array of the other byte order or one that only DLPack gives, an array that NumPy computes with.

    scikit-learn's validation would turn such binary32 into binary64.
    """
    if hasattr(x, "__dlpack__") and not hasattr(x, "__array__"):
        x = np.from_dlpack(x)
    if isinstance(x, np.ndarray) and not x.dtype.isnative and x.dtype.kind in "fiu":
        x = x.astype(x.dtype.newbyteorder("="))
    return x


def readable(x: Array) -> Array:
    """Return x where it lies if the extension can read it there, which takes whole strides, else a copy."""
    strides = zip(x.shape, x.strides, strict=True)
    if x.dtype.isnative and x.flags.aligned and all(n < 2 or (s and s % x.itemsize == 0) for n, s in strides):
        return x
    return np.array(x, dtype=x.dtype.newbyteorder("="), order="C")


def points(x: Any) -> Any:
    """Validated points as the extension takes them: an array, or CSR rows in which no column stands twice."""
    if not sparse.issparse(x):
        return readable(x)
    matrix: Any = x
    if not matrix.dtype.isnative:
        matrix = matrix.astype(matrix.dtype.newbyteorder("="))
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    return matrix


def weights(sample_weight: Any, n_samples: int) -> NDArray[np.float64] | None:
    """Weights as binary64, never rounded, or None for None; errors in scikit-learn's words."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Number):
        sample_weight = np.full(n_samples, sample_weight)
    w = check_array(
        sample_weight, accept_sparse=False, ensure_2d=False, dtype=np.float64, order="C", input_name="sample_weight"
    )
    if w.ndim != 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, got {w.ndim}D array. Expected either a scalar value or a 1D "
            f"array of length {n_samples}."
        )
    if w.shape != (n_samples,):
        raise ValueError(f"sample_weight.shape == {w.shape}, expected {(n_samples,)}!")
    if not w.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return readable(w)


def seed_of(random_state: Any) -> int:
    """An int is kmu's seed itself; from a generator, or NumPy's own, 64 bits are drawn."""
    generator = check_random_state(random_state)
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(generator.randint(0, 2**64, dtype=np.uint64))


def threads_of(n_threads: int | None) -> int:
    """The threads asked for, here or by KMU_NUM_THREADS or else OMP_NUM_THREADS; 0: as many as the machine allows."""
    if n_threads is not None:
        return min(int(n_threads), 4096)
    for variable in ("KMU_NUM_THREADS", "OMP_NUM_THREADS"):
        word = os.environ.get(variable, "").partition(",")[0].strip()
        if word.isdecimal() and int(word):
            return min(int(word), 4096)
    return 0


TRACE = np.dtype([(field, "U6" if field == "method" else kind) for field, _, kind in _core.TURN])


def records(raw: bytes | None) -> Array:
    """The turns of a fit as a structured array, with the name of the method that was used for each."""
    layout = np.dtype(
        {
            "names": [field for field, _, _ in _core.TURN],
            "offsets": [offset for _, offset, _ in _core.TURN],
            "formats": [kind for _, _, kind in _core.TURN],
            "itemsize": _core.TURN_BYTES,
        }
    )
    turns = np.frombuffer(raw or b"", layout)
    trace = np.empty(len(turns), TRACE)
    for field, _, _ in _core.TURN:
        trace[field] = np.array(_core.ALGORITHMS)[turns[field]] if field == "method" else turns[field]
    return trace
