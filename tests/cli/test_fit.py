"""test_fit.py - what kmu fit says and writes: the table, the JSON, labels, centroids and traces in every format."""
import csv
import json
from fractions import Fraction

import numpy as np
import pytest

from file_bytes import npy, vecs
from judged import objective, without

BEST = 78.85144142614601  # the least J of iris with k = 3
ASIDE = 'kmu: column "species" holds no numbers and is set aside\n'


@pytest.fixture
def flowers(iris, tmp_path):
    return np.genfromtxt(tmp_path / iris, delimiter=",", skip_header=1, usecols=range(4))


def test_iris_is_clustered_and_a_table_printed(kmu, iris):
    code, out, err = kmu("fit", iris, "-k", "3", "--n-init", "32")
    assert (code, err) == (0, ASIDE)
    lines = out.splitlines()
    assert lines[0] == "iris.csv: 150 points of 4 coordinates (f64), 3 clusters"
    assert lines[2].split()[:5] == ["cluster", "rows", "share", "J_i", "radius"]
    assert lines[2].endswith(" sepal leng sepal widt petal leng petal widt")
    clusters = [line.split() for line in lines[3:6]]
    assert sorted(c[0] for c in clusters) == ["0", "1", "2"]
    assert [c[1:3] for c in clusters] == [["62", "41.3%"], ["50", "33.3%"], ["38", "25.3%"]]
    assert sum(float(c[3]) for c in clusters) == pytest.approx(BEST, rel=1e-5)
    assert ["5.006", "3.428", "1.462", "0.246"] in [c[5:] for c in clusters]
    assert lines[7].startswith(f"J = {BEST!r} after ") and lines[7].endswith("of 32 is the best)")
    assert lines[8].startswith("stopped at a fixpoint: ")
    assert len(lines) == 9


def test_one_of_each_is_said_as_one(kmu, write):
    write("x.csv", "7\n")
    assert kmu("fit", "x.csv", "-k1")[1].splitlines()[0] == "x.csv: 1 point of 1 coordinate (f64), 1 cluster"
    assert kmu("select", "x.csv", "-k1:1")[1].startswith("x.csv: 1 point of 1 coordinate (f64), k from 1 to 1, ")


def test_J_is_the_exact_sum_rounded_once(fit, iris, flowers, tmp_path):
    r = fit(iris, "-k3", "--n-init=32", "--centers=c.npy", "--labels=l.npy")
    c, mu = np.load(tmp_path / "l.npy"), np.load(tmp_path / "c.npy")
    assert r["J"] == BEST == objective(flowers, mu, c)
    assert r["sizes"] == np.bincount(c, minlength=3).tolist()


def test_the_json_has_every_field_on_one_line(kmu, iris):
    code, out, err = kmu("fit", iris, "-k3", "--n-init=2", "--json")
    assert (code, err) == (0, ASIDE)
    assert out.endswith("}\n") and out.count("\n") == 1
    r = json.loads(out)
    number = (int, float)
    fields = {"kmu": str, "n": int, "d": int, "k": int, "dtype": str, "J": number, "iterations": int, "stop": str,
              "distinct": int, "sizes": list, "masses": list, "left_out": list, "seed": int, "threads": int, "isa": str,
              "algorithm": str, "method": str, "peak_bytes": int, "seconds": dict, "trace": list}
    assert list(r) == list(fields)
    assert all(isinstance(r[key], kind) for key, kind in fields.items())
    assert list(r["seconds"]) == ["read", "seed", "fit", "write"] and all(s >= 0 for s in r["seconds"].values())
    turn = {"run": int, "turn": int, "method": str, "J_assign": number, "J_update": number, "moved": int, "shift": number,
            "pairs": int, "skipped": int, "certified": int, "exact": int, "seconds": number}
    assert all(list(t) == list(turn) and all(isinstance(t[key], kind) for key, kind in turn.items()) for t in r["trace"])
    assert (r["n"], r["d"], r["k"], r["dtype"], r["seed"], r["algorithm"]) == (150, 4, 3, "f64", 0, "auto")
    assert (r["stop"], r["distinct"], r["left_out"]) == ("fixpoint", 3, ["species"])
    assert sum(r["sizes"]) == 150 and r["masses"] == r["sizes"]
    assert {t["run"] for t in r["trace"]} == {0, 1}
    assert r["peak_bytes"] > 1 << 20 and r["isa"] != "auto" and r["threads"] >= 1


def test_J_falls_and_ends_where_the_result_stands(fit, iris):
    r = fit(iris, "-k5")
    J = [t[key] for t in r["trace"] for key in ("J_assign", "J_update")]
    assert J == sorted(J, reverse=True) and J[-1] == r["J"]
    assert [t["turn"] for t in r["trace"]] == list(range(1, r["iterations"] + 1))
    assert (r["trace"][-1]["moved"], r["trace"][-1]["shift"]) == (0, 0)


def test_numbers_in_the_json_read_back_to_the_same_bits(fit, kmu, write, tmp_path):
    x = np.random.default_rng(5).standard_normal((60, 3)) * 10.0 ** np.random.default_rng(6).integers(-30, 30, (60, 1))
    w = np.random.default_rng(7).random(60)
    r = fit(write("x.npy", npy(x)), "-k4", "--weights", write("w.npy", npy(w)), "--labels=l.npy", "--centers=c.npy")
    c, mu = np.load(tmp_path / "l.npy"), np.load(tmp_path / "c.npy")
    assert r["J"] == objective(x, mu, c, w)
    assert r["masses"] == [float(sum(map(Fraction, w[c == i]))) for i in range(4)]


def test_a_J_beyond_binary64_is_infinite_and_valid_json(kmu, write):
    code, out, _ = kmu("fit", write("x.csv", "1e300\n-1e300\n3e300\n"), "-k1", "--json", "--progress=json")
    assert code == 0 and '"J":1e999,' in out
    assert json.loads(out)["J"] == float("inf")


def test_the_share_of_a_cluster_beyond_binary64_is_infinite_too(kmu, write):
    code, out, _ = kmu("fit", write("x.csv", "1e308\n-1e308\n1.7e308\n"), "-k2")
    rows = [line.split() for line in out.splitlines()]
    assert code == 0 and ["0", "2", "66.7%", "inf", "inf", "1.35e+308"] in rows and ["1", "1", "33.3%", "0", "0", "-1e+308"] in rows


def test_progress_is_json_too(kmu, write):
    code, _, err = kmu("fit", write("x.csv", "1e300\n-1e300\n3e300\n5e300\n"), "-k2", "-o", "m.kmu", "--progress=json")
    turns = [json.loads(line) for line in err.splitlines()]
    assert code == 0 and [t["turn"] for t in turns] == list(range(1, len(turns) + 1))
    assert all(list(t) == ["run", "turn", "J", "moved"] and t["J"] == float("inf") for t in turns)


def test_a_trace_in_a_file_is_the_trace_of_the_json(fit, kmu, iris, tmp_path):
    trace = without(fit(iris, "-k4", "--n-init=2", "--trace=t.csv"))["trace"]
    with open(tmp_path / "t.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    assert [list(row) for row in rows] == [[*turn, "seconds"] for turn in trace]
    assert [{key: type(turn[key])(row[key]) for key in turn} for row, turn in zip(rows, trace)] == trace
    assert kmu("fit", iris, "-k4", "--n-init=2", "--trace=t.json", "-q")[0] == 0
    written = (tmp_path / "t.json").read_text()
    assert written.endswith("]\n") and written.count("\n") == 1
    assert without({"trace": json.loads(written)})["trace"] == trace
    assert kmu("fit", iris, "-k4", "--n-init=2", "--trace=-", "-q")[1].splitlines()[0] == ",".join([*trace[0], "seconds"])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_labels_and_centroids_are_the_same_in_every_format(dtype, kmu, write, tmp_path):
    x = np.random.default_rng(1).standard_normal((50, 3)).astype(dtype)
    write("x.npy", npy(x))

    def made(option, name):
        assert kmu("fit", "x.npy", "-k4", option, name) == (0, "", "")
        return (tmp_path / name).read_bytes()

    made("--labels", "l.npy"), made("--centers", "c.npy")
    c, mu = np.load(tmp_path / "l.npy"), np.load(tmp_path / "c.npy")
    assert (c.dtype, c.shape, mu.dtype, mu.shape) == (np.int32, (50,), np.dtype(dtype), (4, 3))
    assert made("--labels", "l.csv") == "".join(f"{label}\n" for label in c).encode()
    assert made("--labels", "l.ivecs") == vecs(*[[label] for label in c], kind="i")
    assert made("--centers", "c.raw") == mu.tobytes()
    text = made("--centers", "c.tsv").decode()
    assert np.array_equal(np.array([line.split("\t") for line in text.splitlines()], dtype), mu)
    assert made("--centroids", "c.csv").decode() == text.replace("\t", ",")
    if dtype == "f4":
        assert made("--centers", "c.fvecs") == vecs(*mu)


def test_names_of_columns_are_kept_in_centroids_and_the_json_is_utf8_whatever_they_are(kmu, write, tmp_path):
    header = '"a,b","say ""x""",Größe,'.encode() + b"\xe9t\xe9,\"tab\there\"\n"
    code, out, err = kmu("fit", write("t.csv", header + b"1,2,p,q,r\n3,4,p,q,r\n"), "-k1", "--json", "--centers", "c.csv")
    assert json.loads(out)["left_out"] == ["Größe", "\\xe9t\\xe9", "tab\there"]
    assert (tmp_path / "c.csv").read_bytes() == b'"a,b","say ""x"""\n2,3\n'
    assert err.splitlines()[1:] == ['kmu: column "\\xe9t\\xe9" holds no numbers and is set aside',
                                    'kmu: column "tab\\x09here" holds no numbers and is set aside']


def test_what_could_steer_a_terminal_is_shown_in_the_table(kmu, write):
    code, out, _ = kmu("fit", write("t\x1b[2J.csv", "\x1b[2J,größe ßßßßßßß\n1,2\n3,4\n"), "-k1")
    assert code == 0 and "\x1b" not in out
    assert out.splitlines()[0].startswith("t\\x1b[2J.csv: ") and out.splitlines()[2].endswith("    \\x1b[2J größe ßßßß")


def test_the_table_ends_at_forty_clusters(kmu, write):
    code, out, _ = kmu("fit", write("t.csv", "".join(f"{j * j}\n" for j in range(45))), "-k45")
    assert code == 0 and len(out.splitlines()) == 3 + 40 + 1 + 3 and out.splitlines()[43] == "    ... and 5 smaller ones"


def test_rounded_numbers_are_counted(kmu, write):
    code, _, err = kmu("fit", write("t.csv", "0.1,1\n0.25,2\n"), "-k1", "--dtype=f32")
    assert (code, err) == (0, "kmu: 1 number was rounded to f32\n")


def test_quiet_says_nothing(kmu, iris):
    assert kmu("fit", iris, "-k3", "-q", "-o", "m.kmu", "--tol=1e9", "--strict") == (6, "", "")
