"""replay_cases.py - the named fits of tests/exact as files for replay.c, and the answers that come back.

    replay_cases.py write CASES ANSWERS        every case, and the checker's answers, unless the files are up to date
    replay_cases.py compare CASES RIGHT GOT    a line for every case that differs; status 1 if one does
    replay_cases.py name CASES RIGHT BYTE      the case that this byte of the answers belongs to

replay.c says what the files are made of."""
import struct
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "exact"))

import kmu_c  # noqa: E402
from cases import all_cases, answer  # noqa: E402

COMMON = "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"


def raw(a, dtype=None):
    """The numbers of an array in C order, little-endian."""
    a = np.ascontiguousarray(a, dtype)
    return a.astype(a.dtype.newbyteorder("<")).tobytes()


def pack_case(case):
    name = case.name.encode()
    start = None if case.start is None else np.asarray(case.start)
    if start is not None and start.dtype != np.float32:
        start = start.astype("f8")
    start_type = 0 if start is None else kmu_c.TYPES[start.dtype.str[1:]]
    n, d = case.x.shape
    assert case.x.dtype.str[1:] in COMMON
    return b"".join([
        struct.pack("<I", len(name)), name,
        struct.pack("<4I", kmu_c.TYPES[case.x.dtype.str[1:]], kmu_c.INITS[case.init], start_type, case.w is not None),
        struct.pack("<6Qd", n, d, case.k, case.n_init, case.max_iter, case.seed, case.tol), raw(case.x),
        b"" if case.w is None else raw(case.w, "f8"), b"" if start is None else raw(start)])


def pack_answer(fit):
    """What replay.c writes after status 0."""
    turns = [struct.pack("<3Q2d", t["run"], t["turn"], t["moved"], t["J_assign"], t["J_update"]) for t in fit.trace]
    return b"".join([
        struct.pack("<2I3Qd", kmu_c.STOPS.index(fit.stop), fit.run, fit.iterations, fit.distinct, len(fit.trace), fit.J),
        raw(fit.labels, "i4"), raw(fit.mu), raw(fit.mass, "f8"), raw(fit.count, "i8"), *turns])


def up_to_date(*files):
    here = Path(__file__).resolve().parents[1]
    sources = [*here.glob("exact/*.py"), *here.glob("replay/*.py")]
    return all(Path(f).exists() and Path(f).stat().st_mtime > max(s.stat().st_mtime for s in sources) for f in files)


def write(cases, answers):
    if up_to_date(cases, answers):
        return
    names = list(all_cases())
    packed = [pack_case(all_cases()[name]) for name in names]
    right = [struct.pack("<I", 0) + pack_answer(answer(name)) for name in names]
    for path, parts in ((cases, packed), (answers, right)):
        Path(path).write_bytes(struct.pack("<I", len(names)) + b"".join(parts))


class Reader:
    """Numbers from a file, one after another."""

    def __init__(self, path):
        self.bytes, self.at = Path(path).read_bytes(), 0

    def take(self, form):
        v = struct.unpack_from("<" + form, self.bytes, self.at)
        self.at += struct.calcsize("<" + form)
        return v

    def array(self, dtype, count):
        a = np.frombuffer(self.bytes, dtype, count, self.at)
        self.at += a.nbytes
        return a


def shapes(path):
    """Of every case: name, n, d, k and the bytes of a coordinate of mu."""
    r = Reader(path)
    widths = {number: int(name[1]) for name, number in kmu_c.TYPES.items()}
    for _ in range(r.take("I")[0]):
        name = r.array("u1", r.take("I")[0]).tobytes().decode()
        type_, _, start_type, weighted = r.take("4I")
        n, d, k = r.take("6Qd")[:3]
        r.at += n * d * widths[type_] + 8 * n * weighted + k * d * widths.get(start_type, 0)
        yield name, n, d, k, 4 if type_ == kmu_c.TYPES["f4"] else 8


def read_answer(r, n, d, k, width):
    """{field: its bits}."""
    status, = r.take("I")
    if status:
        return {"status": status}
    a = dict(zip(("stop", "run", "iterations", "distinct", "turns", "J"), r.take("2I3QQ")))
    a["labels"], a["mu"] = r.array("<i4", n), r.array(f"<u{width}", k * d)
    a["mass"], a["count"] = r.array("<u8", k), r.array("<u8", k)
    a["trace"] = r.array("<u8", 5 * a["turns"])  # run, turn, moved, J_assign, J_update
    return a


def compare(cases, right, got):
    """A line for every case whose answer is not the right one."""
    right, got, wrong = Reader(right), Reader(got), []
    assert right.take("I") == got.take("I"), "another number of answers"
    for name, *shape in shapes(cases):
        a, b = read_answer(right, *shape), read_answer(got, *shape)
        differ = [f for f in {**a, **b} if f not in a or f not in b or not np.array_equal(a[f], b[f])]
        if differ:
            wrong.append(f"{name}: {', '.join(differ)}")
    return wrong


def name_of(cases, right, byte):
    """The case whose answer has this byte, counted from 0."""
    right = Reader(right)
    right.take("I")
    for name, *shape in shapes(cases):
        read_answer(right, *shape)
        if right.at > byte:
            return name
    return "none"


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(*sys.argv[2:])
    elif sys.argv[1] == "name":
        print(name_of(*sys.argv[2:4], int(sys.argv[4])))
    else:
        wrong = compare(*sys.argv[2:])
        print("\n".join(wrong))
        sys.exit(bool(wrong))
