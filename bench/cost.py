#!/usr/bin/env python3
"""Measure the constants of src/assign/cost.c: what a point costs a thread in a turn, in nanoseconds, by method.

    bench/cost.py [--kmu build/release/kmu] [--only dense,bounds,tree,filter] [--rounds 3]

Mixtures of Gaussians of many widths are fitted on one thread by each method; every turn of the trace is a measurement, of
repeated fits the least. Each formula of cost.c gets the constants that make its relative errors least, as a sum of squares, and
is printed with the worst of them. Needs numpy.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

NUMBERS = 8_000_000  # of a data set: no private cache holds them
WIDTHS = {"dense": (2, 4, 8, 16, 32, 64, 128, 256, 768), "bounds": (2, 8, 16, 32, 128), "tree": (2, 3, 4, 6, 8),
          "filter": (32, 64, 128, 256, 768)}
CLUSTERS = {"dense": (10, 50, 200, 800), "bounds": (20, 100), "tree": (20, 100, 400), "filter": (64, 256, 1024)}


def mixture(d, modes=80, seed=1):
    """Overlapping Gaussians of different width."""
    r = np.random.default_rng(seed)
    n = NUMBERS // d
    centre = r.normal(size=(modes, d)).astype("f4") * np.float32(4 / d**0.5)
    z, width = r.integers(0, modes, n), r.uniform(0.5, 1.5, modes).astype("f4")
    return centre[z] + r.standard_normal((n, d), dtype="f4") * width[z, None]


def fit(kmu, file, k, algorithm, turns):
    out = subprocess.run([kmu, "fit", file, "-k", str(k), "--init", "first", "--max-iter", str(turns), "-t", "1", "--algorithm",
                          algorithm, "--json", "-q"], capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def measure(args, file, d, k, algorithm):
    """Rows (d, k, pairs of a point, nanoseconds of a point) of the turns, and nanoseconds of a point before the first."""
    turns = 4 if algorithm == "dense" else 12
    fits = [fit(args.kmu, file, k, algorithm, turns) for _ in range(args.rounds)]
    n = fits[0]["n"]
    rows = []
    for t in range(len(fits[0]["trace"])):
        turn = fits[0]["trace"][t]
        seconds = min(f["trace"][t]["seconds"] for f in fits)
        if turn["method"] == algorithm:
            rows.append((d, k, turn["pairs"] / n, 1e9 * seconds / n))
    before = min(f["seconds"]["fit"] - sum(t["seconds"] for t in f["trace"]) for f in fits)
    return rows, 1e9 * before / n


def solve(terms, y):
    """The constants of the terms, none of them negative, and the worst relative error."""
    A, y = np.stack(terms, 1), np.asarray(y)
    kept = list(range(A.shape[1]))
    while True:
        x = np.zeros(A.shape[1])
        x[kept] = np.linalg.lstsq(A[:, kept] / y[:, None], np.ones(len(y)), rcond=None)[0]
        if (x >= 0).all():
            return x, np.abs(A @ x / y - 1).max()
        kept = [i for i in kept if x[i] > 0]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kmu", default="build/release/kmu")
    a.add_argument("--only", default="dense,bounds,tree,filter")
    a.add_argument("--rounds", type=int, default=3)
    args = a.parse_args()
    only = args.only.split(",")
    rows = {method: [] for method in WIDTHS}
    before = {method: {} for method in WIDTHS}
    with tempfile.TemporaryDirectory() as tmp:
        file = Path(tmp) / "x.npy"
        for d in sorted({d for method in only for d in WIDTHS[method]}):
            np.save(file, mixture(d))
            for method in only:
                for k in CLUSTERS[method] if d in WIDTHS[method] else ():
                    got, first = measure(args, file, d, k, method)
                    rows[method] += got[2:] if method == "dense" else got[1:]
                    before[method].setdefault(d, []).append(first)
    say = print
    column = {method: np.array(rows[method]).T for method in only}
    if "dense" in only:
        d, k, _, y = column["dense"]
        (p, q, r, s), worst = solve([d * k, k, d, np.ones_like(d)], y)
        say(f"dense    ({p:.4f} d + {q:.3f}) k + {r:.2f} d + {s:.1f}    worst {worst:.0%} of {len(y)} turns")
    if "bounds" in only:
        d, k, pairs, y = column["bounds"]
        (p, q, r, s), worst = solve([np.ones_like(d), d * pairs, pairs, (d + 5) * pairs / k], y)
        say(f"bounds   {p:.1f} + ((" f"{q:.4f} d + {r:.3f}) k + {s:.2f} (d + 5)) open    worst {worst:.0%} of {len(y)} turns")
    if "tree" in only:
        d, k, pairs, y = column["tree"]
        (p, q), worst = solve([np.ones_like(d), d], y)
        say(f"tree     {p:.1f} + {q:.2f} d    worst {worst:.0%} of {len(y)} turns")
        (p, q, r), worst = solve([np.ones_like(d), d, d * pairs], y)
        say(f"tree     {p:.1f} + {q:.2f} d + {r:.3f} d pairs    worst {worst:.0%}")
        d = np.array(list(before["tree"]))
        (p, q), worst = solve([np.ones(len(d)), d], [min(t) for t in before["tree"].values()])
        say(f"order    {p:.0f} + {q:.1f} d    worst {worst:.0%}")
    if "filter" in only:
        d, k, pairs, y = column["filter"]
        (p, q, r, s), worst = solve([np.ones_like(d), d * pairs, pairs, d], y)
        say(f"filter   {p:.0f} + ({q:.4f} d + {r:.2f}) pairs + {s:.2f} d    worst {worst:.0%} of {len(y)} turns")


if __name__ == "__main__":
    main()
