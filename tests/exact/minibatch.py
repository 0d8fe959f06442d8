"""minibatch.py - the definition of mini-batch k-means as a program, exact, slow and short: where words and it differ, it decides.

A batch is b = min(batch_size, N) draws with replacement from the N places by their weight, as in seeding, each of weight 1.
One step, on any points with weights:

    c_j = argmin_i ||x_j - mu_i||^2,    mu_i := (v_i mu_i + S_i) / (v_i + m_i) from exact values, rounded once,    v_i := v_i + m_i

for the i with m_i > 0; v_i is the exact mass that mu_i has seen. J is that of the batch, exact, before and after. Where
scikit-learn 1.9 leaves things to floating point, rows or a stream of numbers, this is what they are here:

- Centroids are looked over when some v_i was 0 before the step, or 10 k points have come since it was last done; points are b a
  step in a fit, the places of the batch in a partial fit. Of little mass are those with v_i < ratio max v, over the real
  numbers, but for the first with the largest; of them at most half as many as the batch has places, the least v first, the
  lower i on a tie. In ascending i they take places of the batch, drawn by weight without replacement, and the least v of the
  others.
- The moving average is in f64, in the order written below; without labels, J is that times the sum of all weights, in f64. `tol` compares the shift with tol V over the real numbers.
- The start is seeded on max(3 b, ..) draws, as a fit of these rows would be; of n_init starts the one with the least exact J on
  as many other draws is taken, the earliest on a tie.

A word of the random stream is that of (run, purpose, step, t), run that of the start taken; 0 in a partial fit."""
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

import checker
from grids import dyadic, nearest, to24, to_f64

BATCH, SAMPLE, JUDGE, REASSIGN = 3, 4, 5, 6  # purposes


@dataclass
class State:
    """What goes from step to step; v is exact."""

    mu: np.ndarray = None
    v: list = None
    steps: int = 0
    since: int = 0
    trace: list = field(default_factory=list)
    average: float = None


def word(seed, run, purpose, step, t):
    a = checker.philox(seed & checker.M64, (run, purpose, step, t))
    return a[0] | a[1] << 32


def weights_of_places(points):
    W = [0] * len(points.first_row)
    for p, v in zip(points.place.tolist(), points.W.tolist()):
        if v:
            W[p] += v
    return [to24(v) for v in W]


def drawn(points, units, seed, run, purpose, step, count):
    """Rows drawn with replacement, each of weight 1."""
    places = [checker.draw(units, word(seed, run, purpose, step, t)) for t in range(count)]
    return checker.Points(points.x[points.first_row[places]])


def start(points, k, b, init, given, init_size, n_init, seed):
    """The start, and the run it comes from."""
    u, N = checker.units(weights_of_places(points)), len(points.first_row)
    m = init_size or 3 * b
    m = min(m if m >= k else 3 * k, N)
    best = None
    for run in range(n_init if init in checker.SEEDING else 1):
        sample = drawn(points, u, seed, run, SAMPLE, 0, m) if m < N and init in checker.SEEDING else points
        mu = checker.start_of(sample, k, init, given, seed, run)
        if n_init == 1 or init not in checker.SEEDING:
            return mu, 0
        judges = drawn(points, u, seed, 0, JUDGE, 0, m)
        J = sum(judges.objective(judges.tally(judges.assign(mu)[0], k), mu))
        if best is None or J < best[0]:
            best = J, mu, run
    return best[1:]


def reassign(points, state, new, ratio, seed, run):
    """Centroids of little mass go to places of the batch."""
    v, first = state.v, state.v.index(max(state.v))
    P = weights_of_places(points)
    low = [i for i in range(len(v)) if v[i] < Fraction(ratio) * v[first] and i != first]
    low = sorted(sorted(low, key=lambda i: (v[i], i))[:len(P) // 2])
    rest = min(v[i] for i in range(len(v)) if i not in low)
    for t, i in enumerate(low):
        place = checker.draw(checker.units(P), word(seed, run, REASSIGN, t, state.steps))
        P[place] = 0
        new[i], v[i] = points.x[points.first_row[place]], rest


def step(points, state, size, ratio, seed, run):
    """One batch; returns its J, rounded once, and the exact shift."""
    k = len(state.mu)
    state.since += size
    look = min(state.v) == 0 or state.since >= 10 * k
    if look:
        state.since = 0
    tally = points.tally(points.assign(state.mu)[0], k)
    new = state.mu.copy()
    for i in range(k):
        if tally.m[i]:
            m = dyadic(tally.m[i], points.r)
            for l in range(points.d):
                mean = (state.v[i] * Fraction(float(new[i, l])) + dyadic(tally.S[i][l], points.r + points.s)) / (state.v[i] + m)
                new[i, l] = nearest(mean.numerator, mean.denominator, points.type)
            state.v[i] += m
    J = [to_f64(sum(points.objective(tally, mu))) for mu in (state.mu, new)]
    if look and ratio > 0:
        reassign(points, state, new, ratio, seed, run)
    shift = checker.shift_of(points, new, state.mu)
    state.mu, state.steps = new, state.steps + 1
    state.trace.append({"run": run, "turn": state.steps, "J_assign": J[0], "J_update": J[1], "moved": points.n,
                        "shift": to_f64(shift)})
    return J[0], shift


def fit(x, k, w=None, init="kmeans++", start_=None, n_init=1, max_iter=100, tol=0.0, seed=0, batch_size=1024, init_size=0,
        max_no_improvement=10, reassignment_ratio=0.01):
    """A fit: steps until one of its stops, then (A) of all points. Returns it and the state."""
    points = checker.Points(x, w)
    N = len(points.first_row)
    b = min(batch_size, N)
    mu, run = start(points, k, b, init, start_, init_size, n_init, seed)
    state, u = State(mu, [Fraction(0)] * k), checker.units(weights_of_places(points))
    limit = Fraction(tol) * points.variance()
    least, worse, stop = None, 0, "max_iter"
    for i in range(min(max_iter * N // b, 2**32 - 1)):
        batch = drawn(points, u, seed, run, BATCH, i, b)
        J, shift = step(batch, state, b, reassignment_ratio, seed, run)
        mean = J / b
        if i < 2:
            state.average = mean
        else:
            alpha = min(b * 2.0 / (N + 1), 1.0)
            state.average = state.average * (1 - alpha) + mean * alpha
        if i == 0:
            continue  # of the start
        if tol > 0 and shift <= limit:
            stop = "tolerance"
            break
        if least is None or state.average < least:
            worse, least = 0, state.average
        else:
            worse += 1
        if worse >= max_no_improvement:
            stop = "no_improvement"
            break
    c, _ = points.assign(state.mu)
    tally = points.tally(c, k)
    J = points.objective(tally, state.mu)
    return checker.Fit(
        labels=c, mu=state.mu, J=to_f64(sum(J)), iterations=state.steps, stop=stop, run=run, trace=state.trace,
        mass=[to_f64(dyadic(m, points.r)) for m in tally.m], count=np.bincount(c, minlength=k).tolist(),
        J_cluster=[to_f64(v) for v in J], distinct=sum(m > 0 for m in tally.m), exact_J=sum(J)), state


def partial_fit(x, k, state, w=None, init="kmeans++", start_=None, seed=0, batch_size=1024, init_size=0,
                reassignment_ratio=0.01):
    """One call: the points are the batch, with their weights. Returns J of the batch at the centroids before it."""
    points = checker.Points(x, w)
    N = len(points.first_row)
    if state.steps == 0:
        state.mu, state.v = start(points, k, min(batch_size, N), init, start_, init_size, 1, seed)[0], [Fraction(0)] * k
    return step(points, state, N, reassignment_ratio, seed, 0)[0]
