"""The extension: include/kmu.h for arrays. What comes in is checked by the package; see python/core/."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION: str
ALGORITHMS: list[str]  # by kmu_turn.method
TURN: list[tuple[str, int, str]]  # name, offset, type of the fields of a record in fit's trace
TURN_BYTES: int
MASS_PARTS: int

_Numbers = NDArray[Any]
_Labels = NDArray[np.int32]
_Weights = NDArray[np.float64]

class DataError(ValueError): ...

def fit(
    x: _Numbers,
    w: _Weights | None,
    start: _Numbers | Callable[[bytes], _Numbers] | None,
    mu: _Numbers,
    c: _Labels | None,
    options: dict[str, object],
    on_turn: Callable[[int, int, float, float, float], object] | None,
    /,
) -> tuple[float, int, str, int, int, bytes | None, dict[str, Any]]: ...
def seed(x: _Numbers, w: _Weights | None, mu: _Numbers, options: dict[str, object], /) -> None: ...
def assign(x: _Numbers, w: _Weights | None, mu: _Numbers, c: _Labels, threads: int, objective: bool, /) -> float: ...
def update(x: _Numbers, w: _Weights | None, c: _Labels, mu: _Numbers, threads: int, /) -> None: ...
def verify(x: _Numbers, w: _Weights | None, mu: _Numbers, c: _Labels, threads: int, /) -> dict[str, Any]: ...
def distances(x: _Numbers, mu: _Numbers, out: _Numbers, threads: int, /) -> None: ...
def partial_fit(
    x: _Numbers,
    w: _Weights | None,
    start: _Numbers | None,
    mu: _Numbers,
    v: _Weights,
    steps: int,
    since: int,
    options: dict[str, object],
    /,
) -> tuple[float, int]: ...
def walk(x: _Numbers, child: _Labels, split_mu: _Numbers, c: _Labels, threads: int, /) -> None: ...
