"""test_equality.py - the library's fit is the checker's, bit for bit, for every algorithm, ISA and thread count.

    KMU_ALGORITHMS=auto,plain   KMU_THREADS=1,2   KMU_ISAS=            comma lists; an empty one leaves the option alone

The checker answers a case once; every combination is held against that answer."""
import itertools
import os

import numpy as np
import pytest

import kmu_c
from cases import all_cases, answer
from conftest import compared


def chosen(name, standard):
    return [v.strip() for v in os.environ.get(name, standard).split(",") if v.strip()]


COMBINATIONS = list(itertools.product(
    chosen("KMU_ALGORITHMS", "auto,plain"), chosen("KMU_ISAS", "") or [None],
    [int(v) for v in chosen("KMU_THREADS", "1,2")]))

FIELDS = ("J", "iterations", "stop", "run", "mass", "count", "distinct")
RECORD = ("run", "turn", "J_assign", "J_update", "moved")  # of every turn


def bits(v):
    """Floats by their bits, so that 0 and -0 differ and nothing is lost in print."""
    return float(v).hex() if isinstance(v, float) else v


def of_lists(name, ours, right):
    """One line for the first place where two lists differ, or None."""
    a, b = [bits(v) for v in ours], [bits(v) for v in right]
    if a == b:
        return None
    at = next((i for i, (u, v) in enumerate(zip(a, b)) if u != v), None)
    if at is None:
        return f"{name}: {len(a)} of them, not {len(b)}"
    return f"{name}[{at}]: {ours[at]!r} ({a[at]}), not {right[at]!r} ({b[at]})"


def of_arrays(name, ours, right):
    """The same for arrays."""
    if ours.shape != right.shape or ours.dtype != right.dtype:
        return f"{name}: {ours.dtype}{ours.shape}, not {right.dtype}{right.shape}"
    unsigned = f"u{right.dtype.itemsize}"
    at = np.argwhere(np.ascontiguousarray(ours).view(unsigned) != np.ascontiguousarray(right).view(unsigned))
    if not len(at):
        return None
    place = tuple(at[0].tolist())
    a, b = ours[place], right[place]
    return f"{name}{list(place)}: {a!r} ({bits(a.item())}), not {b!r} ({bits(b.item())}); {len(at)} differ"


def differences(got, right, but=()):
    """A line for every field, `but` those named, in which a fit differs from the right one."""
    said = {"labels": of_arrays("labels", got.labels.astype("i4"), right.labels.astype("i4")),
            "mu": of_arrays("mu", got.mu, right.mu)}
    for field in FIELDS:
        a, b = getattr(got, field), getattr(right, field)
        said[field] = of_lists(field, a, b) if isinstance(a, list) else of_lists(field, [a], [b])
    for field in RECORD:
        name = f"trace {field}"
        said[name] = of_lists(name, *([t[field] for t in f.trace] for f in (got, right)))
    return [line for name, line in said.items() if line and name not in but]


def told(case):
    """What to know about a case that fails."""
    n, d = case.x.shape
    shown = {f: v for f, v in case.options().items() if f != "start"}
    return f"{case.name}: n={n} d={d} k={case.k} {case.x.dtype} {shown}"


@pytest.mark.parametrize("name", all_cases())
def test_fit_is_the_definition(kmu, name):
    case, right = all_cases()[name], answer(name)
    wrong = []
    for algorithm, isa, threads in COMBINATIONS:
        try:
            got = kmu.fit(case.x, case.k, case.w, threads=threads, algorithm=algorithm, isa=isa, **case.options())
            said = differences(got, right)
        except kmu_c.KmuError as e:
            said = [str(e)]
        compared["runs"] += 1
        compared["cases"].add(name)
        wrong += [f"  {algorithm}, isa {isa}, {threads} threads: {line}" for line in said]
    assert not wrong, "\n".join([told(case), *wrong])


@pytest.mark.parametrize("name", list(all_cases())[::9])
def test_shift_is_the_distance_moved(kmu, name):
    """shift is a record in f64, not a defined number: right to a part in 10^9 where f64 can hold its terms."""
    case = all_cases()[name]
    got = kmu.fit(case.x, case.k, case.w, **case.options())
    for t, u in zip(got.trace, answer(name).trace):
        if u["shift"] == 0 or 1e-200 < u["shift"] < 1e200:
            assert t["shift"] == pytest.approx(u["shift"], rel=1e-9, abs=0), (told(case), t["turn"])
