"""bisecting.py - the definition of bisecting k-means as a program, exact, slow and short: where words and it differ, it decides.

Points are split in two again and again, each time by a fit with k = 2 (checker.py) of the rows of one part alone. The part to
split is, of those with J > 0, the one with the largest exact J, or for `largest_cluster` the largest exact mass; the first on a
tie, by the order of labels. Where every J is 0 there are fewer places than k: the first part with mass is split, and what comes
off is empty. Split s has the runs s n_init .. s n_init + n_init - 1 of the random stream; the least exact J is kept, the
earliest on a tie. Its two parts stand where the part stood, the nearer to the first centroid first, so labels count the leaves
of the tree from left to right.

    split s: x goes to child[s][0], or to child[s][1] if mu[s][1] is strictly nearer than mu[s][0]

A child >= 0 is a label, a child < 0 is split -child; split 0 holds all points. Without a split (k = 1) the one part has label 0 and
its exact mean, rounded once, for a centroid."""
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

import checker
from grids import dyadic, to_f64

STOPS = ("fixpoint", "tolerance", "max_iter")


@dataclass
class Part:
    """Some rows, what they add to J and weigh (both exact), their centroid, and where the tree names them: (split, side)."""

    rows: np.ndarray
    J: Fraction
    mass: Fraction
    mu: np.ndarray
    named: tuple = None


def part_to_split(parts, strategy):
    """Which part comes next; Python's max takes the first of equals."""
    able = [a for a, p in enumerate(parts) if p.J > 0] or [a for a, p in enumerate(parts) if p.mass > 0][:1]
    return max(able, key=lambda a: parts[a].mass if strategy == "largest_cluster" else parts[a].J)


def split(x, w, rows, init, n_init, max_iter, tol, seed, s):
    """The best 2-means of some rows, and every turn of its runs."""
    points, best, trace = checker.Points(x[rows], w[rows]), None, []
    for run in range(s * n_init, s * n_init + (n_init if init in checker.SEEDING else 1)):
        one = checker.lloyd(points, checker.start_of(points, 2, init, None, seed, run), max_iter, tol, run)
        trace += one.trace
        if best is None or one.exact_J < best.exact_J:
            best = one
    return points, best, trace


def fit(x, k, w=None, init="kmeans++", n_init=1, max_iter=300, tol=0.0, seed=0, strategy="biggest_inertia"):
    """x (n, d): labels, mu (k, d), J, masses and counts, the tree (child, split_mu) and the turns of all splits."""
    x, w = np.asarray(x), np.ones(len(x)) if w is None else np.asarray(w, "f8")
    points = checker.Points(x, w)
    all_rows = points.tally(np.zeros(len(x), int), 1)
    mean = points.means(all_rows, np.zeros((1, points.d), points.type))
    parts = [Part(np.arange(len(x)), sum(points.objective(all_rows, mean)), dyadic(all_rows.m[0], points.r), mean[0])]
    child, split_mu, trace, turns, stop = [], [], [], 0, "fixpoint"
    for s in range(k - 1):
        a = 0 if s == 0 else part_to_split(parts, strategy)
        whole = parts[a]
        points, best, more = split(x, w, whole.rows, init, n_init, max_iter, tol, seed, s)
        tally = points.tally(best.labels, 2)
        J = points.objective(tally, best.mu)
        parts[a:a + 1] = [Part(whole.rows[best.labels == side], J[side], dyadic(tally.m[side], points.r), best.mu[side], (s, side))
                          for side in (0, 1)]
        if whole.named:
            child[whole.named[0]][whole.named[1]] = -s
        child.append([None, None])
        split_mu.append(best.mu)
        trace += more
        turns += best.iterations
        stop = max(stop, best.stop, key=STOPS.index)
    labels = np.empty(len(x), "i4")
    for i, p in enumerate(parts):
        labels[p.rows] = i
        if p.named:
            child[p.named[0]][p.named[1]] = i
    J = sum(p.J for p in parts)
    return checker.Fit(
        labels=labels, mu=np.array([p.mu for p in parts]), J=to_f64(J), iterations=turns, stop=stop, run=0, trace=trace,
        mass=[to_f64(p.mass) for p in parts], count=[len(p.rows) for p in parts], J_cluster=[to_f64(p.J) for p in parts],
        distinct=sum(p.mass > 0 for p in parts), exact_J=J), child, np.array(split_mu)


def walk(x, child, split_mu):
    """Every row's label by the tree, and the centroid it ends at, as (split, side)."""
    labels, at = np.zeros(len(x), "i4"), [None] * len(x)
    for j in range(len(x)):
        s = 0
        while child:
            side = int(checker.assign(x[j:j + 1], split_mu[s])[0][0])
            at[j], labels[j] = (s, side), max(child[s][side], 0)
            if child[s][side] >= 0:
                break
            s = -child[s][side]
    return labels, at
