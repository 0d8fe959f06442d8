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

Numbers = NDArray[Any]
Labels = NDArray[np.int32]
Weights = NDArray[np.float64]

class DataError(ValueError): ...

def fit(
    x: Numbers,
    w: Weights | None,
    start: Numbers | Callable[[bytes], Numbers] | None,
    mu: Numbers,
    c: Labels | None,
    options: dict[str, object],
    on_turn: Callable[[int, int, float, float, float], object] | None,
    /,
) -> tuple[float, int, str, int, int, bytes | None, dict[str, Any]]: ...
def seed(x: Numbers, w: Weights | None, mu: Numbers, options: dict[str, object], /) -> None: ...
def assign(x: Numbers, w: Weights | None, mu: Numbers, c: Labels, threads: int, objective: bool, /) -> float: ...
def update(x: Numbers, w: Weights | None, c: Labels, mu: Numbers, threads: int, /) -> None: ...
def verify(x: Numbers, w: Weights | None, mu: Numbers, c: Labels, threads: int, /) -> dict[str, Any]: ...
def distances(x: Numbers, mu: Numbers, out: Numbers, threads: int, /) -> None: ...
def partial_fit(
    x: Numbers,
    w: Weights | None,
    start: Numbers | None,
    mu: Numbers,
    v: Weights,
    steps: int,
    since: int,
    options: dict[str, object],
    /,
) -> tuple[float, int]: ...
def walk(x: Numbers, child: Labels, split_mu: Numbers, c: Labels, threads: int, /) -> None: ...
