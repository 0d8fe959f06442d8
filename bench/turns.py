#!/usr/bin/env python3
"""What a turn costs by n, d, k, turn and threads: bench/turns.tsv.

    bench/turns.py [--kmu build/release/kmu] [--rounds 3] [--record]

From a mixture of Gaussians of 200,000 x 32 with k = 100 on two threads, one number at a time is changed; --algorithm auto makes
20 turns. A line a fit and turn, tab by tab: what was changed, n, d, k, threads, turn, method, the least milliseconds of the
rounds, the part of the pairs that was computed, the part of the points that moved. Needs numpy.
"""
import argparse
import datetime
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import data

TABLE = Path(__file__).with_name("turns.tsv")
COLUMNS = ("changed", "n", "d", "k", "threads", "turn", "method", "ms", "asked", "moved")
BASE = {"n": 200_000, "d": 32, "k": 100, "threads": 2}
CHANGES = {"n": (12_500, 25_000, 50_000, 100_000, 200_000, 400_000, 800_000), "d": (2, 4, 8, 16, 32, 64, 128, 256),
           "k": (10, 30, 100, 300, 1000, 3000), "threads": (1, 2)}
TURNS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20)


def measure(kmu, file, k, threads, rounds):
    command = [kmu, "fit", file, "-k", k, "--init", "first", "--max-iter", 20, "-t", threads, "--json", "-q"]
    fits = [json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout)
            for _ in range(rounds)]
    for t in TURNS:
        if t <= len(fits[0]["trace"]):
            turn = fits[0]["trace"][t - 1]
            ms = 1e3 * min(f["trace"][t - 1]["seconds"] for f in fits)
            yield t, turn["method"], f"{ms:.4g}", f"{turn['pairs'] / (turn['pairs'] + turn['skipped']):.3g}", \
                f"{turn['moved'] / fits[0]['n']:.3g}"


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kmu", default="build/release/kmu")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--record", action="store_true")
    args = a.parse_args()
    lines = [f"# made by: bench/turns.py --record --rounds {args.rounds}", f"# date: {datetime.date.today()}", "\t".join(COLUMNS)]
    with tempfile.TemporaryDirectory() as tmp:
        file = Path(tmp) / "x.npy"
        made = None
        for changed, values in CHANGES.items():
            for value in values:
                c = BASE | {changed: value}
                if made != (c["n"], c["d"]):
                    made = c["n"], c["d"]
                    np.save(file, data.mixture(*made, 300, 5 / c["d"]**0.5, 1))
                for row in measure(args.kmu, file, c["k"], c["threads"], args.rounds):
                    lines.append("\t".join(map(str, [changed, *c.values(), *row])))
                    print(lines[-1])
    if args.record:
        TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
