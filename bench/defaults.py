#!/usr/bin/env python3
"""All defaults, end to end: kmu's KMeans() beside scikit-learn's MiniBatchKMeans() and KMeans().

    bench/defaults.py [--cells geo:100,sift:1024] [--who kmu,minibatch,kmeans] [--seeds 10] [--keep out/defaults.tsv]
                      [--data .bench-cache] [--fresh] [--table]

Of the defaults only n_clusters and random_state = 0 .. seeds - 1 are given. Seconds are those of fit(x), binary32 data in memory,
after a small fit that has started the pool of threads; contestants take turns, seed by seed. J is that of the centroids over the
real numbers, whatever inertia_ says: kmu's J_assign of a turn from them. Every fit is a line in the file --keep as soon as it is
over, and a fit that stands there is not made again, so the table can be had cell by cell and over days (scikit-learn's KMeans takes
minutes a seed of sift); --fresh makes it again, and the last line counts; --table makes none. Prints a line a contestant, tab by
tab:

    seconds    the median of the seeds
    J  se      the mean of the seeds and its standard error
    over       how many standard errors (of the difference of the means) J is above that of scikit-learn's KMeans
    below      on how many seeds J is below that of scikit-learn's MiniBatchKMeans, of those that both have

In the Python of build/python/venv, with pillow for the pixels of china.jpg.
"""
import argparse
import math
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
import sklearn.cluster

import data
import kmu

CELLS = "geo:100 china:64 fashion:100 sift:1024 embed768:1000"
WHO = {"kmu": kmu.KMeans, "minibatch": sklearn.cluster.MiniBatchKMeans, "kmeans": sklearn.cluster.KMeans}
KEPT = ("data", "k", "who", "seed", "seconds", "J", "iterations")
COLUMNS = ("data", "k", "who", "seeds", "seconds", "J", "se", "over", "below")


def objective(x, centers):
    """The exact J of the rows and their nearest centroids, rounded once."""
    return kmu.KMeans(len(centers), init=centers, n_init=1, max_iter=1).fit(x).trace_["J_assign"][0]


def fit(x, k, who, seed):
    estimator = WHO[who](n_clusters=k, random_state=seed)
    begin = time.perf_counter()
    estimator.fit(x)
    seconds = time.perf_counter() - begin
    return f"{seconds:.4f}", repr(float(objective(x, estimator.cluster_centers_))), estimator.n_iter_


def kept(path):
    """By data, k, who and seed: seconds and J of the fits that were made."""
    rows = (line.split("\t") for line in path.read_text().splitlines()) if path.exists() else ()
    return {(name, int(k), who, int(seed)): (float(seconds), float(J)) for name, k, who, seed, seconds, J, _ in rows}


def run(args, name, k):
    """Make the fits of a cell that are not there yet."""
    there = {} if args.fresh else kept(args.keep)
    todo = [(name, k, who, seed) for seed in range(args.seeds) for who in args.who if (name, k, who, seed) not in there]
    if not todo:
        return
    x = np.load(data.file(name, args.data))
    for who in args.who:
        WHO[who](2, max_iter=2).fit(x[:1000])
    for one in todo:
        with args.keep.open("a") as out:
            print(*one, *fit(x, *one[1:]), sep="\t", file=out)


def error(J):
    """The standard error of a mean."""
    return statistics.stdev(J) / math.sqrt(len(J)) if len(J) > 1 else math.nan


def lines(fits, name, k):
    """The lines of a cell."""
    of = {who: {seed: fits[name, k, who, seed] for n, kk, w, seed in fits if (n, kk, w) == (name, k, who)} for who in WHO}
    J = {who: [J for _, J in made.values()] for who, made in of.items()}
    for who, made in of.items():
        if not made:
            continue
        mean, se, over, below = statistics.fmean(J[who]), error(J[who]), "-", "-"
        if who != "kmeans" and J["kmeans"]:
            over = f"{(mean - statistics.fmean(J['kmeans'])) / math.hypot(se, error(J['kmeans'])):.2f}"
        if who != "minibatch" and of["minibatch"]:
            both = made.keys() & of["minibatch"].keys()
            below = f"{sum(made[s][1] < of['minibatch'][s][1] for s in both)} of {len(both)}"
        seconds = statistics.median(seconds for seconds, _ in made.values())
        yield name, k, who, len(made), f"{seconds:.3f}", f"{mean:.7g}", f"{se:.2g}", over, below


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--cells", default=CELLS.replace(" ", ","))
    a.add_argument("--who", default=",".join(WHO), type=lambda text: [who for who in WHO if who in text.split(",")])
    a.add_argument("--seeds", type=int, default=10)
    a.add_argument("--keep", default="out/defaults.tsv", type=Path)
    a.add_argument("--data", default=".bench-cache")
    a.add_argument("--fresh", action="store_true")
    a.add_argument("--table", action="store_true")
    args = a.parse_args()
    warnings.simplefilter("ignore", sklearn.exceptions.ConvergenceWarning)
    args.keep.parent.mkdir(parents=True, exist_ok=True)
    cells = [(name, int(k)) for name, k in (cell.split(":") for cell in args.cells.split(","))]
    print(*COLUMNS, sep="\t")
    for cell in cells:
        if not args.table:
            run(args, *cell)
        for line in lines(kept(args.keep), *cell):
            print(*line, sep="\t", flush=True)


if __name__ == "__main__":
    main()
