#!/usr/bin/env python3
"""A whole turn of the dense method in which nothing moves, as a share of the FMA peak: rows packed, all pairs, the two largest kept.

    bench/still.py [--build build/release] [--k 1024] [--rounds 3]

Gaussians far apart, one of their points each as start, so that the second turn is at a fixpoint. Prints columns, threads,
milliseconds of that turn, its share of the peak (that of one thread, measured at the same time, times threads), and tab by tab
what the second thread gains. Needs numpy.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SIZES = {32: 400_000, 128: 200_000, 768: 40_000}


def far_apart(n, d, k):
    r = np.random.default_rng(d)
    centre = r.normal(size=(k, d)).astype("f4") * np.float32(3)
    which = np.concatenate([np.arange(k), r.integers(0, k, n - k)])
    return centre[which] + r.standard_normal((n, d), dtype="f4") * np.float32(0.3)


def still_turn(build, file, k, threads):
    """Seconds of the last turn, in which nothing moves."""
    command = [Path(build) / "kmu", "fit", file, "-k", k, "--init", "first", "--algorithm", "dense", "-t", threads, "--json", "-q"]
    trace = json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout)["trace"]
    assert trace[-1]["moved"] == 0
    return trace[-1]["seconds"]


def peak(build):
    out = subprocess.run([Path(build) / "bench" / "kernels", "--only", "dense nearest"], capture_output=True, text=True, check=True)
    return 1e9 * max(float(line.split("\t")[5]) for line in out.stdout.splitlines())


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--build", default="build/release")
    a.add_argument("--k", type=int, default=1024)
    a.add_argument("--rounds", type=int, default=3)
    args = a.parse_args()
    most = peak(args.build)
    with tempfile.TemporaryDirectory() as tmp:
        file = Path(tmp) / "x.npy"
        for d, n in SIZES.items():
            np.save(file, far_apart(n, d, args.k))
            seconds = {t: min(still_turn(args.build, file, args.k, t) for _ in range(args.rounds)) for t in (1, 2)}
            for t, s in seconds.items():
                print(d, t, f"{1e3 * s:.1f}", f"{n * args.k * d / s / (most * t):.3f}", f"{seconds[1] / s:.2f}", sep="\t")


if __name__ == "__main__":
    main()
