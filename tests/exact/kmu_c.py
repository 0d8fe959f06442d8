"""kmu_c.py - include/kmu.h through ctypes, for the tests: arrays in, arrays out, a status other than OK raised.

The structs are listed once, field by field in the header's order. The library is the file named by KMU_LIB, else
build/release/libkmu.so of the checkout."""
import ctypes as C
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path(os.environ.get("KMU_LIB") or ROOT / "build" / "release" / "libkmu.so")

# ---- the header ----------------------------------------------------------------------------------------------------

TYPES = {"f4": 1, "f8": 2, "f2": 3, "u1": 4, "i1": 5, "u2": 6, "i2": 7, "u4": 8, "i4": 9, "u8": 10, "i8": 11}
INITS = {"kmeans++": 0, "random": 1, "first": 2, "given": 3, "kmeans||": 4}
METHODS = {"lloyd": 0, "bisecting": 1, "minibatch": 2}
MASS_PARTS = 40
STOPS = ("fixpoint", "tolerance", "max_iter", "budget", "interrupted", "no_improvement")
GO, FINISH, ABANDON = 0, 1, 2
OK, EBUG, EUSAGE, EDATA, EIO, EMEMORY, EMODEL, EABANDONED = 0, 1, 2, 3, 4, 5, 7, 8


def struct(name, fields):
    return type(name, (C.Structure,), {"_fields_": fields})


pointer, size_t, i64, f64, enum = C.c_void_p, C.c_size_t, C.c_int64, C.c_double, C.c_int

Error = struct("Error", [("text", C.c_char * 512)])

Points = struct("Points", [
    ("size", size_t), ("type", enum), ("n", size_t), ("d", size_t), ("x", pointer),
    ("row", C.c_ssize_t), ("col", C.c_ssize_t), ("start", pointer), ("column", pointer), ("w", pointer)])

Turn = struct("Turn", [
    ("run", C.c_int32), ("method", C.c_int32), ("turn", i64), ("J_assign", f64), ("J_update", f64), ("moved", i64),
    ("shift", f64), ("pairs", i64), ("skipped", i64), ("certified", i64), ("exact", i64), ("seconds", f64)])

OnTurn = C.CFUNCTYPE(None, C.POINTER(Turn), C.c_void_p)
OnCentroids = C.CFUNCTYPE(None, C.c_int32, i64, C.POINTER(f64), C.c_void_p)
Poll = C.CFUNCTYPE(enum, C.c_void_p)
StartSplit = C.CFUNCTYPE(enum, C.POINTER(C.c_uint32), size_t, pointer, C.c_void_p)

Options = struct("Options", [
    ("size", size_t), ("k", size_t), ("init", enum), ("start_type", enum), ("start", pointer), ("n_init", i64),
    ("max_iter", i64), ("tol", f64), ("seed", C.c_uint64), ("threads", i64), ("algorithm", enum), ("isa", enum),
    ("max_seconds", f64), ("on_turn", OnTurn), ("poll", Poll), ("context", pointer), ("allocate", pointer),
    ("release", pointer), ("memory_context", pointer), ("method", enum), ("strategy", enum), ("start_split", StartSplit),
    ("batch_size", i64), ("init_size", i64), ("max_no_improvement", i64), ("reassignment_ratio", f64),
    ("unlabelled", C.c_int), ("on_centroids", OnCentroids)])

Result = struct("Result", [
    ("n", size_t), ("d", size_t), ("k", size_t), ("type", enum), ("mu", pointer), ("c", pointer), ("mass", pointer),
    ("count", pointer), ("J", f64), ("iterations", i64), ("stop", enum), ("run", C.c_int32), ("distinct", size_t),
    ("trace", C.POINTER(Turn)), ("turns", size_t), ("threads", i64), ("isa", enum), ("seconds_seed", f64),
    ("seconds_fit", f64), ("splits", size_t), ("child", pointer), ("split_mu", pointer),
    ("places", size_t), ("v", pointer), ("since", i64)])

State = struct("State", [("size", size_t), ("mu", pointer), ("v", pointer), ("steps", i64), ("since", i64)])

Verdict = struct("Verdict", [
    ("size", size_t), ("not_nearest", i64), ("ties_not_low", i64), ("first_not_nearest", i64), ("means_off", i64),
    ("means_ulps", f64), ("empty", i64), ("J", f64)])

Indices = struct("Indices", [
    ("size", size_t), ("k", size_t), ("distinct", size_t), ("J", f64), ("silhouette", f64), ("calinski_harabasz", f64),
    ("davies_bouldin", f64), ("bic", f64), ("stability", f64), ("gap", f64), ("gap_error", f64)])

FUNCTIONS = {  # name: what it returns, what it takes
    "kmu_options_init": (None, [C.POINTER(Options), size_t]),
    "kmu_options_set": (enum, [C.POINTER(Options), C.c_char_p, C.c_char_p, C.POINTER(Error)]),
    "kmu_fit": (enum, [C.POINTER(Points), C.POINTER(Options), C.POINTER(C.POINTER(Result)), C.POINTER(Error)]),
    "kmu_result_free": (None, [C.POINTER(Result)]),
    "kmu_seed": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, C.POINTER(Error)]),
    "kmu_assign": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, pointer, C.POINTER(f64), C.POINTER(Error)]),
    "kmu_update": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, pointer, C.POINTER(Error)]),
    "kmu_verify": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, pointer, C.POINTER(Verdict),
                          C.POINTER(Error)]),
    "kmu_nearest": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, size_t, pointer, pointer, C.POINTER(Error)]),
    "kmu_partial_fit": (enum, [C.POINTER(Points), C.POINTER(Options), C.POINTER(State), C.POINTER(f64), C.POINTER(Error)]),
    "kmu_walk": (enum, [C.POINTER(Points), C.POINTER(Options), size_t, pointer, pointer, pointer, pointer,
                        C.POINTER(Error)]),
    "kmu_distances": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, pointer, C.POINTER(Error)]),
    "kmu_describe": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, pointer, pointer, pointer,
                            C.POINTER(Error)]),
    "kmu_silhouette": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, pointer, pointer, C.POINTER(f64),
                              C.POINTER(Error)]),
    "kmu_silhouette_sampled": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, size_t, C.POINTER(f64),
                                      C.POINTER(f64), C.POINTER(Error)]),
    "kmu_judge": (enum, [C.POINTER(Points), C.POINTER(Options), pointer, C.POINTER(Indices), C.POINTER(Error)]),
    "kmu_select": (enum, [C.POINTER(Points), C.POINTER(Options), size_t, size_t, C.POINTER(Indices), C.POINTER(Error)]),
    "kmu_version": (C.c_char_p, []),
}

_loaded = None


def library():
    """The loaded library."""
    global _loaded
    if _loaded is None:
        _loaded = C.CDLL(str(LIBRARY))
        for name, (returns, takes) in FUNCTIONS.items():
            function = getattr(_loaded, name)
            function.restype, function.argtypes = returns, takes
    return _loaded


class KmuError(Exception):
    """A status other than KMU_OK, with the text the library wrote."""

    def __init__(self, status, text):
        super().__init__(f"status {status}: {text}")
        self.status, self.text = status, text


def call(name, *arguments):
    error = Error()
    status = getattr(library(), name)(*arguments, C.byref(error))
    if status != OK:
        raise KmuError(status, error.text.decode())


# ---- arrays --------------------------------------------------------------------------------------------------------


class Csr:
    """Rows of which some numbers are stored: row j has x[start[j] : start[j + 1]] in the columns column[..]."""

    def __init__(self, x, start, column, d):
        self.x, self.d = np.ascontiguousarray(x), d
        self.start, self.column = np.ascontiguousarray(start, "i8"), np.ascontiguousarray(column, "i4")


def number_type(x):
    return np.dtype("f4") if x.dtype == np.float32 else np.dtype("f8")


def points_of(x, w=None):
    """kmu_points over x as it lies in memory (Csr, or any strides, one of 0 apart), and the arrays to keep alive."""
    if isinstance(x, Csr):
        w = None if w is None else np.ascontiguousarray(w, "f8")
        p = Points(size=C.sizeof(Points), type=TYPES[x.x.dtype.str[1:]], n=len(x.start) - 1, d=x.d, x=x.x.ctypes.data,
                   start=x.start.ctypes.data, column=x.column.ctypes.data, w=None if w is None else w.ctypes.data)
        return p, (x.x, x, w)
    x = np.asarray(x)
    if 0 in x.strides or any(s % x.itemsize for s in x.strides):
        x = x.copy()
    w = None if w is None else np.ascontiguousarray(w, "f8")
    row, col = (s // x.itemsize for s in x.strides)
    p = Points(size=C.sizeof(Points), type=TYPES[x.dtype.str[1:]], n=x.shape[0], d=x.shape[1], x=x.ctypes.data,
               row=row, col=col, w=None if w is None else w.ctypes.data)
    return p, (x, w)


def options(k, init="kmeans++", start=None, n_init=1, max_iter=300, tol=0.0, seed=0, threads=1, algorithm="auto",
            isa=None, max_seconds=0.0, poll=None, on_turn=None, method="lloyd", start_split=None, unlabelled=False,
            on_centroids=None, **named):
    """kmu_options; `keep` holds what it points to. poll(), on_turn(dict), start_split(rows) and on_centroids(run, turn, mu) are
    Python functions. What is named besides is set as text."""
    o = Options()
    library().kmu_options_init(C.byref(o), C.sizeof(Options))
    o.k, o.init, o.n_init, o.max_iter, o.tol = k, INITS[init], n_init, max_iter, tol
    o.seed, o.threads, o.max_seconds = seed, threads, max_seconds
    o.method, o.unlabelled = METHODS[method], unlabelled
    for name, value in {"algorithm": algorithm, "isa": isa or "auto", **named}.items():
        call("kmu_options_set", C.byref(o), name.replace("_", "-").encode(), str(value).encode())
    o.keep = []
    if start is not None:
        start = np.asarray(start)
        start = np.ascontiguousarray(start, "f4" if start.dtype == np.float32 else "f8")
        o.start_type, o.start = TYPES[start.dtype.str[1:]], start.ctypes.data
        o.keep.append(start)
    if poll:
        o.poll = Poll(lambda _: poll())
    if start_split:
        o.start_type = TYPES["f8"]

        def start(rows, count, out, _):
            mu = np.ascontiguousarray(start_split(np.ctypeslib.as_array(rows, (count,)).copy()), "f8")
            C.memmove(out, mu.ctypes.data, mu.nbytes)
            return GO
        o.start_split = StartSplit(start)
    if on_turn:
        o.on_turn = OnTurn(lambda turn, _: on_turn(as_dict(turn.contents)))
    if on_centroids:
        o.on_centroids = OnCentroids(lambda run, turn, mu, _: on_centroids(run, turn, mu))
    return o


def as_dict(s):
    return {name: getattr(s, name) for name, _ in s._fields_}


def array(address, dtype, *shape):
    """A copy of an array of the library."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(C.string_at(address, size), dtype).reshape(shape)


# ---- the verbs -----------------------------------------------------------------------------------------------------


def fit(x, k, w=None, **chosen):
    """kmu_fit: labels, mu, J, iterations, stop, run, trace (a dict a turn), mass, count, distinct."""
    p, keep = points_of(x, w)
    o = options(k, **chosen)
    r = C.POINTER(Result)()
    call("kmu_fit", C.byref(p), C.byref(o), C.byref(r))
    try:
        s = r.contents
        assert (s.n, s.d) == (p.n, p.d) and s.k <= k, "the result's n, d, k"
        assert s.type == TYPES[number_type(keep[0]).str[1:]], "the result's type"
        return SimpleNamespace(
            labels=array(s.c, "i4", s.n) if s.c else None, mu=array(s.mu, number_type(keep[0]), s.k, s.d), J=s.J,
            iterations=s.iterations, stop=STOPS[s.stop], run=s.run, mass=array(s.mass, "f8", s.k).tolist() if s.mass else None,
            count=array(s.count, "i8", s.k).tolist() if s.count else None,
            distinct=s.distinct, trace=[as_dict(s.trace[t]) for t in range(s.turns)], threads=s.threads,
            seconds_seed=s.seconds_seed, seconds_fit=s.seconds_fit,
            places=s.places, v=array(s.v, "f8", k).tolist() if s.v else [], since=s.since,
            child=array(s.child, "i4", s.splits, 2) if s.splits else [],
            split_mu=array(s.split_mu, number_type(keep[0]), s.splits, 2, s.d) if s.splits else [])
    finally:
        library().kmu_result_free(r)


class PartialFit:
    """A kmu_state and its arrays; a call with points is a kmu_partial_fit, and returns J."""

    def __init__(self, k, d, dtype, **chosen):
        self.mu, self.v = np.full((k, d), np.nan, dtype), np.zeros((k, MASS_PARTS))
        self.state = State(size=C.sizeof(State), mu=self.mu.ctypes.data, v=self.v.ctypes.data)
        self.chosen = chosen

    def __call__(self, x, w=None):
        p, keep = points_of(x, w)
        o, J = options(len(self.mu), **self.chosen), f64()
        call("kmu_partial_fit", C.byref(p), C.byref(o), C.byref(self.state), C.byref(J))
        return J.value


def seed(x, k, w=None, init="kmeans++", start=None, seed=0, threads=1):
    """kmu_seed: the start a fit would use."""
    p, keep = points_of(x, w)
    o = options(k, init, start, seed=seed, threads=threads)
    mu = np.empty((k, p.d), number_type(keep[0]))
    call("kmu_seed", C.byref(p), C.byref(o), mu.ctypes.data)
    return mu


def assign(x, mu, w=None, **chosen):
    """kmu_assign: c and J."""
    p, keep = points_of(x, w)
    mu = np.ascontiguousarray(mu, number_type(keep[0]))
    o = options(len(mu), **chosen)
    c, J = np.empty(p.n, "i4"), f64()
    call("kmu_assign", C.byref(p), C.byref(o), mu.ctypes.data, c.ctypes.data, C.byref(J))
    return c, J.value


def update(x, c, mu, w=None, **chosen):
    """kmu_update: c after fill, and the new mu."""
    p, keep = points_of(x, w)
    mu = np.array(mu, number_type(keep[0]), order="C")
    c = np.array(c, "i4")
    o = options(len(mu), **chosen)
    call("kmu_update", C.byref(p), C.byref(o), c.ctypes.data, mu.ctypes.data)
    return c, mu


def verify(x, c, mu, w=None, **chosen):
    """kmu_verify: the verdict as a dict."""
    p, keep = points_of(x, w)
    mu, c = np.ascontiguousarray(mu, number_type(keep[0])), np.ascontiguousarray(c, "i4")
    o = options(len(mu), **chosen)
    v = Verdict(size=C.sizeof(Verdict))
    call("kmu_verify", C.byref(p), C.byref(o), mu.ctypes.data, c.ctypes.data, C.byref(v))
    return as_dict(v)


def nearest(x, mu, m, **chosen):
    """kmu_nearest: the m nearest centroids of every point, and how far they are."""
    p, keep = points_of(x)
    mu = np.ascontiguousarray(mu, number_type(keep[0]))
    o = options(len(mu), **chosen)
    index, distance = np.empty((p.n, m), "i4"), np.empty((p.n, m), mu.dtype)
    call("kmu_nearest", C.byref(p), C.byref(o), mu.ctypes.data, m, index.ctypes.data, distance.ctypes.data)
    return index, distance


def walk(x, child, split_mu, far=True, **chosen):
    """kmu_walk: labels by a tree, and where that is wanted the distance to the last centroid met."""
    p, keep = points_of(x)
    child = np.ascontiguousarray(child, "i4")
    mu = np.ascontiguousarray(split_mu, number_type(keep[0]))
    o = options(1, **chosen)
    c, distance = np.empty(p.n, "i4"), np.empty(p.n, mu.dtype) if far else None
    call("kmu_walk", C.byref(p), C.byref(o), len(child), child.ctypes.data, mu.ctypes.data, c.ctypes.data,
         distance.ctypes.data if far else None)
    return c, distance


def distances(x, mu, **chosen):
    """kmu_distances: n x k."""
    p, keep = points_of(x)
    mu = np.ascontiguousarray(mu, number_type(keep[0]))
    o = options(len(mu), **chosen)
    distance = np.empty((p.n, len(mu)), mu.dtype)
    call("kmu_distances", C.byref(p), C.byref(o), mu.ctypes.data, distance.ctypes.data)
    return distance


def describe(x, c, mu, w=None, **chosen):
    """kmu_describe: of each cluster its share of J and its radius, in f64."""
    p, keep = points_of(x, w)
    mu, c = np.ascontiguousarray(mu, number_type(keep[0])), np.ascontiguousarray(c, "i4")
    o = options(len(mu), **chosen)
    J, radius = np.empty(len(mu)), np.empty(len(mu))
    call("kmu_describe", C.byref(p), C.byref(o), mu.ctypes.data, c.ctypes.data, J.ctypes.data, radius.ctypes.data)
    return J, radius


def silhouette(x, c, mu, w=None, **chosen):
    """kmu_silhouette: the mean of each cluster and of all."""
    p, keep = points_of(x, w)
    mu, c = np.ascontiguousarray(mu, number_type(keep[0])), np.ascontiguousarray(c, "i4")
    o = options(len(mu), **chosen)
    cluster, mean = np.empty(len(mu)), f64()
    call("kmu_silhouette", C.byref(p), C.byref(o), mu.ctypes.data, c.ctypes.data, cluster.ctypes.data, C.byref(mean))
    return cluster, mean.value


def silhouette_sampled(x, c, k, sample, w=None, **chosen):
    """kmu_silhouette_sampled: the mean and its standard error."""
    p, keep = points_of(x, w)
    c = np.ascontiguousarray(c, "i4")
    o = options(k, **chosen)
    mean, error = f64(), f64()
    call("kmu_silhouette_sampled", C.byref(p), C.byref(o), c.ctypes.data, sample, C.byref(mean), C.byref(error))
    return mean.value, error.value


def judge(x, c, k, w=None, **chosen):
    """kmu_judge: the indices of labels as a dict."""
    p, keep = points_of(x, w)
    c = np.ascontiguousarray(c, "i4")
    o, v = options(k, **chosen), Indices(size=C.sizeof(Indices))
    call("kmu_judge", C.byref(p), C.byref(o), c.ctypes.data, C.byref(v))
    return as_dict(v)


def select(x, low, high, w=None, references=0, **chosen):
    """kmu_select: the indices of every k from low to high, a dict each."""
    p, keep = points_of(x, w)
    o, v = options(low, **chosen), (Indices * (max(high - low, 0) + 1))()
    v[0].size = C.sizeof(Indices)
    call("kmu_select", C.byref(p), C.byref(o), high, references, v)
    return [as_dict(row) for row in v]
