"""checker.py - the fit, defined exactly, in Python integers: the judge of every fast path.

    J = sum_i sum_{x_j in C_i} w_j ||x_j - mu_i||^2

x = X 2^-s, mu = M 2^-t and w = W 2^-r with integers X, M, W (grids.py), so the whole fit is integer arithmetic; only a
mean (a ratio) and a reported J are rounded, each once.

    (A)  c_j = argmin_i ||x_j - mu_i||^2, the smallest i on a tie
    (B)  mu_i = S_i / m_i,    S_i = sum_{C_i} w_j x_j,    m_i = sum_{C_i} w_j
    J_i = Q_i - 2 mu_i.S_i + m_i ||mu_i||^2,    Q_i = sum_{C_i} w_j ||x_j||^2

Time a turn O(n k d) times the square of the digits of x; memory O(n k) times their number."""
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grids import (argmin_distance, bits_of, digit_bits, digits, dyadic, fine, integers, machine, nearest,
                   nearest_root, number_type, to24, to_f64)

# ---- points, tally, fill, (B) --------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Per cluster the integers S 2^(r+s), m 2^r and Q 2^(r+2s)."""

    S: list
    m: list
    Q: list


class Points:
    """n rows with weights, as integers; places are the distinct rows of positive weight in lexicographic order."""

    def __init__(self, x, w=None):
        self.type = number_type(x)
        self.x = np.asarray(x).astype(self.type) + self.type.type(0)  # -0 is +0
        self.n, self.d = self.x.shape
        w = np.ones(self.n) if w is None else np.asarray(w, "f8")
        self.s, self.r, self.b = fine(self.x), fine(w), digit_bits(self.d)
        self.X, self.W = integers(self.x, self.s), integers(w, self.r)
        self.X_digits = digits(self.X, self.b) or {0: np.zeros((self.n, self.d))}
        each = self.W[:, None] * self.X
        self.each_S = machine(each, bits_of(each) + self.n.bit_length())
        square = 2 * bits_of(self.X) + self.d.bit_length()
        X = machine(self.X, square)
        self.each_Q = self.W * (X * X).sum(1).astype(object)
        order = [j for j in np.lexsort(self.x.T[::-1]).tolist() if self.W[j]]
        new = np.r_[True, (self.x[order[1:]] != self.x[order[:-1]]).any(1)]
        self.place = np.full(self.n, -1)  # of each row; -1 for weight 0
        self.place[order] = new.cumsum() - 1
        self.first_row = np.array(order)[new]  # of each place

    def grid(self, *mus):
        """t for all mus: at least as fine as x, and 2^(t-s+1) a whole number of digits."""
        t = max([self.s] + [fine(mu) for mu in mus])
        return t + -(t - self.s + 1) % self.b

    def assign(self, mu):
        """(A): c, and for each row which centroids are nearest."""
        t = self.grid(mu)
        return argmin_distance(self.X_digits, integers(mu, t), (t - self.s + 1) // self.b, self.b)

    def tally(self, c, k):
        order = np.argsort(c, kind="stable")
        own, begin = np.unique(c[order], return_index=True)
        t = Tally([[0] * self.d for _ in range(k)], [0] * k, [0] * k)
        S = np.add.reduceat(self.each_S[order], begin).tolist()
        m, Q = (np.add.reduceat(v[order], begin).tolist() for v in (self.W, self.each_Q))
        for a, i in enumerate(own.tolist()):
            t.S[i], t.m[i], t.Q[i] = S[a], m[a], Q[a]
        return t

    def objective(self, tally, mu):
        """The exact share of every cluster in J."""
        t = self.grid(mu)
        J = []
        for S, m, Q, M in zip(tally.S, tally.m, tally.Q, integers(mu, t).tolist()):
            cross = sum(a * b for a, b in zip(S, M))
            square = sum(a * a for a in M)
            J.append((Q << 2 * (t - self.s)) - (cross << (t - self.s + 1)) + m * square)
        return [dyadic(v, self.r + 2 * t) for v in J]

    def fill(self, c, mu, m):
        """Each empty cluster in turn takes the farthest place among the clusters of two places or more."""
        empty = [i for i, v in enumerate(m) if not v]
        if not empty:
            return c
        t = self.grid(mu)
        rows = self.first_row
        apart = (self.X[rows] << t - self.s) - integers(mu, t)[c[rows]]
        far = (apart * apart).sum(1).tolist()
        own, size = c[rows].tolist(), np.bincount(c[rows], minlength=len(mu)).tolist()
        for i in empty:
            able = [(far[p], -p) for p in range(len(rows)) if size[own[p]] > 1 and far[p]]
            if not able:
                break
            p = -max(able)[1]
            size[own[p]] -= 1
            own[p], size[i], far[p] = i, 1, 0
        return np.where(self.place < 0, c, np.array(own)[self.place])

    def means(self, tally, mu):
        """(B): the exact mean of every cluster with mass, rounded once."""
        new = mu.copy()
        for i, (S, m) in enumerate(zip(tally.S, tally.m)):
            if m:
                p, q = max(-self.s, 0), m << max(self.s, 0)
                new[i] = [nearest(v << p, q, self.type) for v in S]
        return new

    def variance(self):
        """V: the weighted variance of the columns, averaged over the columns."""
        t = self.tally(np.zeros(self.n, int), 1)
        W = t.m[0]
        return dyadic(W * t.Q[0] - sum(v * v for v in t.S[0]), 2 * self.s + 2 * self.r) / (
            self.d * dyadic(W, self.r) ** 2)


# ---- the fit -------------------------------------------------------------------------------------------------------


@dataclass
class Fit:
    """What a fit answers; J, mass and J_cluster are rounded once, exact_J is not."""

    labels: np.ndarray
    mu: np.ndarray
    J: float
    iterations: int
    stop: str
    run: int
    trace: list
    mass: list
    count: list
    J_cluster: list
    distinct: int
    exact_J: Fraction


def to_type(mu, dtype):
    """A start rounded once to the type, with +0 for -0."""
    return np.array(mu).astype(dtype) + np.dtype(dtype).type(0)


def turn_of(points, mu):
    """(A), fill, (B): labels, the new mu, J_assign, J_update."""
    k = len(mu)
    c, _ = points.assign(mu)
    tally = points.tally(c, k)
    J_assign = sum(points.objective(tally, mu))
    filled = points.fill(c, mu, tally.m)
    if filled is not c:
        tally = points.tally(filled, k)
    new = points.means(tally, mu)
    return filled, new, J_assign, sum(points.objective(tally, new))


def shift_of(points, new, mu):
    """sum_i ||new_i - mu_i||^2."""
    t = points.grid(new, mu)
    return dyadic(sum(v * v for v in (integers(new, t) - integers(mu, t)).ravel().tolist()), 2 * t)


def lloyd(points, start, max_iter, tol=0.0, run=0):
    """One run from a start."""
    mu = to_type(start, points.type)
    trace, before, stop = [], None, "max_iter"
    limit = Fraction(float(tol)) * points.variance() if tol > 0 else None
    for turn in range(1, max_iter + 1):
        c, new, J_assign, J_update = turn_of(points, mu)
        shift = shift_of(points, new, mu)
        moved = points.n if before is None else int((c != before).sum())
        trace.append({"run": run, "turn": turn, "J_assign": to_f64(J_assign), "J_update": to_f64(J_update),
                      "moved": moved, "shift": to_f64(shift), "exact": (J_assign, J_update)})
        before, mu = c, new
        if not shift:
            stop = "fixpoint"
            break
        if limit is not None and shift <= limit:
            stop = "tolerance"
            break
    if stop != "fixpoint":
        c, _ = points.assign(mu)
    tally = points.tally(c, len(mu))
    J = points.objective(tally, mu)
    return Fit(labels=c, mu=mu, J=to_f64(sum(J)), iterations=len(trace), stop=stop, run=run, trace=trace,
               mass=[to_f64(dyadic(m, points.r)) for m in tally.m], count=np.bincount(c, minlength=len(mu)).tolist(),
               J_cluster=[to_f64(v) for v in J], distinct=sum(m > 0 for m in tally.m), exact_J=sum(J))


def fit(x, k, w=None, init="kmeans++", start=None, n_init=1, max_iter=300, tol=0.0, seed=0):
    """The best of n_init runs: the least exact J, the earliest on a tie. The trace holds every run's turns."""
    points = Points(x, w)
    best, trace = None, []
    for run in range(n_init if init in SEEDING else 1):  # runs from one start are one run
        one = lloyd(points, start_of(points, k, init, start, seed, run), max_iter, tol, run)
        trace += one.trace
        if best is None or one.exact_J < best.exact_J:
            best = one
    best.trace = trace
    return best


def assign(x, mu, w=None):
    """(A) alone: c, and J rounded once."""
    points = Points(x, w)
    mu = to_type(mu, points.type)
    c, _ = points.assign(mu)
    return c, to_f64(sum(points.objective(points.tally(c, len(mu)), mu)))


def update(x, c, mu, w=None):
    """fill and (B) alone, for labels c assigned by mu: c and mu."""
    points, k = Points(x, w), len(mu)
    mu, c = to_type(mu, points.type), np.asarray(c)
    c = points.fill(c, mu, points.tally(c, k).m)
    return c, points.means(points.tally(c, k), mu)


def verify(x, c, mu, w=None):
    """Somebody's c and mu held against the definition."""
    points, k = Points(x, w), len(mu)
    mu, c = to_type(mu, points.type), np.asarray(c)
    low, least = points.assign(mu)
    wrong = ~least[np.arange(points.n), c]
    tally = points.tally(c, k)
    return {"not_nearest": int(wrong.sum()), "ties_not_low": int((~wrong & (c != low)).sum()),
            "first_not_nearest": int(wrong.argmax()) if wrong.any() else -1,
            "means_off": int((points.means(tally, mu) != mu).sum()), "empty": sum(m == 0 for m in tally.m),
            "J": to_f64(sum(points.objective(tally, mu)))}


def ranking(x, mu, m):
    """The m nearest centroids of every point, nearest first, equally near ones by index, and their distances."""
    points = Points(x)
    mu = to_type(mu, points.type)
    t = points.grid(mu)
    X, M = points.X << t - points.s, integers(mu, t)
    D = np.stack([((X - row) ** 2).sum(1) for row in M], 1).tolist()
    index = [sorted(range(len(mu)), key=row.__getitem__)[:m] for row in D]
    distance = [[nearest_root(row[i], 2 * t, points.type) for i in best] for row, best in zip(D, index)]
    return np.array(index, "i4"), np.array(distance).astype(points.type)


# ---- seeding -------------------------------------------------------------------------------------------------------

SEEDING = {"kmeans++": 1, "random": 2, "kmeans||": 7}  # the purpose in Philox's counter
M32, M64 = 2**32 - 1, 2**64 - 1


def philox(key, counter):
    """Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405): four words from a counter of four and a key."""
    a, b, c, d = counter
    low, high = key & M32, key >> 32
    for _ in range(10):
        p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (q >> 32) ^ b ^ low, q & M32, (p >> 32) ^ d ^ high, p & M32
        low, high = low + 0x9E3779B9 & M32, high + 0xBB67AE85 & M32
    return a, b, c, d


def units(P):
    """floor(P 2^(62-e)) with 2^(e-1) <= max P < 2^e."""
    up = 62 - max(P).bit_length()
    return [v << up for v in P] if up >= 0 else [v >> -up for v in P]


def draw(u, R):
    """The first place whose prefix sum exceeds floor(R sum(u) / 2^64)."""
    at = R * sum(u) >> 64
    for p, v in enumerate(u):
        at -= v
        if at < 0:
            return p
    raise AssertionError("no mass to draw from")


def potentials(X, W):
    """W_p ||x_p - x_q||^2 of all places, to 24 bits, as a function of q; all stand on one grid, so they stay integers."""
    def of(q):
        apart = X - X[q]
        return [to24(a * b) for a, b in zip(W, (apart * apart).sum(1).tolist())]

    return of


def draw_kmeanspp(X, W, k, word):
    """k of the places X of weight W, in order; the first again when places run out."""
    cost = potentials(X, W)
    P = [to24(v) for v in W]
    chosen = [draw(units(P), word("kmeans++", 0, 0))]
    P = cost(chosen[0])
    for step in range(1, k):
        if not any(P):
            return chosen + [chosen[0]] * (k - step)
        u, up, best = units(P), 62 - max(P).bit_length(), None
        for t in range(2 + math.floor(math.log(k))):
            q = draw(u, word("kmeans++", step, t))
            Q = [min(a, b) for a, b in zip(P, cost(q))]
            potential = sum(v << up if up >= 0 else v >> -up for v in Q)
            if best is None or potential < best[0]:
                best = potential, q, Q
        chosen.append(best[1])
        P = best[2]
    return chosen


def draw_kmeans_parallel(X, W, k, word):
    """Rounds that take each place by its own word, then k-means++ among those taken, weighed by whose potential they left."""
    cost = potentials(X, W)
    P = [to24(v) for v in W]
    taken = [draw(units(P), word("kmeans||", 0, 0))]
    P, owner = cost(taken[0]), [taken[0]] * len(W)
    rounds = 0
    while any(P) and (rounds < 5 or len(taken) < k):
        rounds += 1
        u = units(P)
        U = sum(u)
        fresh = [p for p, v in enumerate(u) if v and word("kmeans||", rounds, p) * U < 2 * k * v << 64]
        for q in fresh:
            for p, v in enumerate(cost(q)):
                if v < P[p]:
                    P[p], owner[p] = v, q
        taken += fresh
    mass = dict.fromkeys(sorted(taken), 0)
    for p, q in enumerate(owner):
        mass[q] += W[p]
    places = list(mass)
    return [places[i] for i in draw_kmeanspp(X[places], list(mass.values()), k, word)]


def draw_random(X, W, k, word):
    """k places by weight, without replacement; the first again when places run out."""
    P, chosen = [to24(v) for v in W], []
    for step in range(k):
        if not any(P):
            return chosen + [chosen[0]] * (k - step)
        chosen.append(draw(units(P), word("random", step, 0)))
        P[chosen[-1]] = 0
    return chosen


def seed_places(points, k, init, seed, run):
    """The places that k seeds stand on, in order."""
    rows = points.first_row
    W = [0] * len(rows)
    for p, v in zip(points.place.tolist(), points.W.tolist()):
        if v:
            W[p] += v
    X = machine(points.X[rows], 2 * bits_of(points.X) + points.d.bit_length() + 2)

    def word(purpose, step, t=0):
        a = philox(seed & M64, (run, SEEDING[purpose], step, t))
        return a[0] | a[1] << 32

    draws = {"kmeans++": draw_kmeanspp, "kmeans||": draw_kmeans_parallel, "random": draw_random}
    return draws[init](X, W, k, word)


def start_of(points, k, init, start=None, seed=0, run=0):
    """Where a run's mu starts."""
    if init == "given":
        return to_type(start, points.type)
    if init == "first":
        return points.x[:k].copy()
    return points.x[points.first_row[seed_places(points, k, init, seed, run)]]


def seed_centroids(x, k, w=None, init="kmeans++", start=None, seed=0):
    """The start of run 0."""
    return start_of(Points(x, w), k, init, start, seed)
