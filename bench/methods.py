#!/usr/bin/env python3
"""Time every method on data of every kind: the table of the chooser.

    bench/methods.py [--kmu build/release/kmu] [--cells geo:100,sift:1024] [--data .bench-cache] [--rounds 3] [--turns 20] [--isa auto] [--record]

Every method makes the same turns from the same start, one after the other, round by round; of the rounds the least counts. Time
is seconds.fit of kmu fit --json: orders, bytes and packing included. A single method that takes more than twice as long as auto
is stopped, and its time stands with a >. Prints a line a cell, tab by tab, and with --record puts them into bench/methods.tsv:

    auto .. tree     seconds; - where the method left all turns to others
    ratio            auto's time over that of the best single method
    one              auto's time on one thread
    used             how many turns auto gave to whom
    asked f64 exact  the parts of all pairs of a point and a centroid that auto computed at all, certified in binary64, decided in
                     integers
"""
import argparse
import datetime
import json
import subprocess
from collections import Counter
from pathlib import Path

import data

METHODS = ("auto", "dense", "bounds", "filter", "tree")
CELLS = ("small:10 geo:100 pixels:64 pixels:256 m3:2000 table8:20 table16:50 m20:200 sift:1024 fashion:10 fashion:100 "
         "fashion:1000 e384:4096 embed768:1000 embed1536:256 flat128:256 heavy32:100 scores:50 bin64:64 lat2:100 d1:50")
COLUMNS = ("data", "n", "d", "k", "turns", *METHODS, "ratio", "one", "used", "asked", "f64", "exact")
TABLE = Path(__file__).with_name("methods.tsv")


def fit(args, name, k, method, *more):
    command = [args.kmu, "fit", data.file(name, args.data), "-k", k, "--init", data.start(name, k, args.data), "--max-iter",
               args.turns, "--algorithm", method, "--isa", args.isa, "--json", "-q", *more]
    return json.loads(subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout)


def rank(got):
    """Fits in the order in which they are wanted: those that came to an end, by seconds."""
    return got["stop"] == "budget", got["seconds"]["fit"]


def time_cell(args, name, k):
    """The best fit of every method by seconds, and auto's on one thread."""
    best = {}
    for _ in range(args.rounds):
        for method in METHODS:
            limit = ("--max-seconds", 2 * best["auto"]["seconds"]["fit"] + 0.05) if method != "auto" else ()
            got = fit(args, name, k, method, *limit)
            if method not in best or rank(got) < rank(best[method]):
                best[method] = got
    return best, fit(args, name, k, "auto", "-t", 1)


def line(k, best, one):
    auto = best["auto"]
    times, single = [], []
    for method in METHODS:
        got = best[method]
        seconds, stopped = got["seconds"]["fit"], got["stop"] == "budget"
        own = method == "auto" or not got["trace"] or any(t["method"] == method for t in got["trace"])
        assert stopped or got["J"] == auto["J"], (method, got["J"], auto["J"])
        if own and not stopped and method != "auto":
            single.append(seconds)
        times.append((">" if stopped else "") + f"{seconds:.4f}" if own else "-")
    trace = auto["trace"]
    pairs = sum(t["pairs"] + t["skipped"] for t in trace)
    used = " ".join(f"{method} {count}" for method, count in Counter(t["method"] for t in trace).items())
    parts = [f"{sum(t[what] for t in trace) / pairs:.2e}" for what in ("pairs", "certified", "exact")]
    ratio = auto["seconds"]["fit"] / min(single) if single else 0.5  # at most: all others were stopped
    return [auto["n"], auto["d"], k, len(trace), *times, f"{ratio:.2f}", f"{one['seconds']['fit']:.4f}", used, *parts]


def keep(rows, args):
    """The table with these rows in the place of what it had of their cells."""
    was = [text.split("\t") for text in TABLE.read_text().splitlines()] if TABLE.exists() else []
    rows = {f"{row[0]}:{row[3]}": "\t".join(row) for row in was if len(row) == len(COLUMNS) and row[0] != "data"} | rows
    order = CELLS.split()
    ordered = sorted(rows, key=lambda cell: order.index(cell) if cell in order else len(order))
    head = [f"# made by: bench/methods.py --record --rounds {args.rounds}", f"# date: {datetime.date.today()}", "\t".join(COLUMNS)]
    TABLE.write_text("\n".join(head + [rows[cell] for cell in ordered]) + "\n")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--kmu", default="build/release/kmu")
    a.add_argument("--cells", default=CELLS.replace(" ", ","))
    a.add_argument("--data", default=".bench-cache")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--turns", type=int, default=20)
    a.add_argument("--isa", default="auto")
    a.add_argument("--record", action="store_true")
    args = a.parse_args()
    print(*COLUMNS, sep="\t")
    rows = {}
    for cell in args.cells.split(","):
        name, k = cell.split(":")
        best, one = time_cell(args, name, int(k))
        rows[cell] = "\t".join(map(str, [name, *line(int(k), best, one)]))
        print(rows[cell], flush=True)
    if args.record:
        keep(rows, args)


if __name__ == "__main__":
    main()
