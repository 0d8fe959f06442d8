"""test_select.py - kmu select: the table is that of the library, the recommendation follows from it, and bad input says so."""
import json
import re
import signal
import time

import numpy as np
import pytest

from judged import objective

CRITERIA = ["silhouette", "Calinski-Harabasz", "Davies-Bouldin", "BIC", "gap"]


@pytest.fixture
def select(kmu):
    """select(*args) -> the result of kmu select --json as a dict."""

    def run(*args, **how):
        code, out, err = kmu("select", "--json", *args, **how)
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def blobs(tmp_path):
    """blobs.npy: three clusters far apart, 300 points."""
    r = np.random.default_rng(3)
    np.save(tmp_path / "blobs.npy", np.array([[0, 0], [30, 0], [0, 30]])[r.integers(3, size=300)] + r.normal(size=(300, 2)))
    return "blobs.npy"


def votes_of(table):
    """What each criterion takes, by its rule."""
    def best(name, sign):
        rows = [row for row in table if row[name] is not None]
        return max(rows, key=lambda row: (sign * row[name], -row["k"]))["k"] if rows else None
    gap = next((a["k"] for a, b in zip(table, table[1:]) if a["gap"] is not None and a["gap"] >= b["gap"] - b["gap_error"]), None)
    return dict(zip(CRITERIA, [best("silhouette", 1), best("calinski_harabasz", 1), best("davies_bouldin", -1), best("bic", 1), gap]))


def test_the_table_is_that_of_the_fits(select, fit, iris):
    r = select(iris, "-k2:6", "--seed=3")
    assert [row["k"] for row in r["table"]] == [2, 3, 4, 5, 6] and (r["n"], r["d"], r["n_init"], r["references"]) == (150, 4, 5, 10)
    for row in r["table"]:
        assert row["J"] == fit(iris, f"-k{row['k']}", "--seed=3", "--n-init=5")["J"]
        assert row["gap_error"] > 0 and -1 <= row["silhouette"] <= 1 and row["stability"] <= 1
    assert r == select(iris, "-k=2:6", "--seed=3", "--threads=3", "--algorithm=plain") | {"table": r["table"]}


@pytest.mark.parametrize("range_", ["1:6", "2:10", "3:3"])
def test_the_recommendation_has_most_votes(select, iris, range_):
    r = select(iris, "-k", range_)
    assert r["votes"] == votes_of(r["table"])
    cast = [k for k in r["votes"].values() if k]
    most = max(cast.count(k) for k in cast)
    rows = {row["k"]: row["silhouette"] for row in r["table"]}
    equal = [k for k in rows if cast.count(k) == most]
    assert r["recommended"] == max(equal, key=lambda k: -2 if rows[k] is None else rows[k])
    for name, k in r["votes"].items():
        assert (name in r["reason"]) == (k == r["recommended"])
        if k and k != r["recommended"]:
            assert any(f"{name} takes {k}" in doubt for doubt in r["doubts"])


def test_clusters_far_apart_are_found_without_doubt(kmu, select, blobs):
    r = select(blobs, "-k", "1:8")
    assert (r["recommended"], r["doubts"], set(r["votes"].values())) == (3, [], {3})
    code, out, err = kmu("select", blobs, "-k", "1:8")
    assert (code, err) == (0, "")
    assert "k = 3 is recommended: silhouette, Calinski-Harabasz, Davies-Bouldin, BIC and gap choose it (5 of 5 votes)" in out
    assert "nothing here speaks against it" in out
    lines = out.splitlines()
    assert all(len(line) < 80 for line in lines[2:-3])
    rows = [line.split() for line in lines if re.match(r" +\d", line)]
    assert [int(row[0]) for row in rows] == list(range(1, 9))
    for words, row in zip(rows, r["table"]):
        shown = [row[name] for name in ("J", "silhouette", "calinski_harabasz", "davies_bouldin", "bic", "gap", "gap_error", "stability")]
        for word, value in zip(words[1:], shown):
            assert word == "-" if value is None else float(word) == pytest.approx(value, rel=1e-3, abs=6e-3)


@pytest.mark.parametrize("args, doubt", [
    (["-k2:3", "--n-init=1"], "whether other starts find the same clusters was not measured (--n-init 2 or more)"),
    (["-k2:3", "--references=0"], "the gap to data without clusters was not measured (--references 10)"),
    (["-k2:3"], "it is the largest k that was tried: a larger one may be better"),
    (["-k3:8"], "it is the smallest k that was tried: a smaller one may be better"),
    (["-k2:3"], "the gap still grows at the end of the range")])
def test_doubts(select, blobs, args, doubt):
    assert doubt in select(blobs, *args)["doubts"]


def test_noise_is_doubted(select, tmp_path):
    np.save(tmp_path / "noise.npy", np.random.default_rng(5).normal(size=(400, 8)))
    r = select("noise.npy", "-k2:6")
    assert any("silhouette" in doubt for doubt in r["doubts"]) and any("agree by" in doubt for doubt in r["doubts"])


def test_clusters_that_own_no_point_are_named(select, write):
    r = select(write("two.csv", "1\n1\n1\n5\n5\n5\n9\n9\n"), "-k4:4")
    assert r["table"][0]["distinct"] == 3 and "only 3 of its 4 clusters own a point" in r["doubts"]
    assert select("two.csv", "-k=1:1", "--references=0")["votes"]["silhouette"] is None


def test_weights_count_as_rows(select, write):
    lines = [("0,1", 1), ("2,0", 3), ("9,9", 2), ("8,7", 1), ("20,1", 2), ("21,0", 1)]
    once = write("once.csv", "x,y,w\n" + "".join(f"{x},{w}\n" for x, w in lines))
    spelt = write("spelt.csv", "x,y\n" + "".join(f"{x}\n" * w for x, w in lines))
    for a, b in zip(select(once, "-k2:4", "--weights=w", "--references=0")["table"], select(spelt, "-k2:4", "--references=0")["table"]):
        assert a == pytest.approx(b, rel=1e-9)


def test_scaled_columns_are_those_of_fit(select, fit, iris):
    for row in select(iris, "-k2:3", "--scale=z")["table"]:
        assert row["J"] == fit(iris, f"-k{row['k']}", "--scale=z", "--n-init=5")["J"]


def test_many_points_are_spared_the_gap_unless_asked(select, tmp_path):
    np.save(tmp_path / "many.npy", np.random.default_rng(6).normal(size=(20_001, 2)).astype("f4"))
    r = select("many.npy", "-k2:3", "--n-init=1")
    assert r["references"] == 0 and r["table"][0]["gap"] is None and r["votes"]["gap"] is None
    assert select("many.npy", "-k2:3", "--n-init=1", "--references=1", "--max-iter=2")["table"][0]["gap"] is not None


@pytest.mark.parametrize("args, code, text", [
    ([], 2, "-k is missing: which range? (-k 2:20)"),
    (["-k5"], 2, "-k 5: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k2-9"], 2, "-k 2-9: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k2:"], 2, "-k 2:: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k", ":9"], 2, "-k :9: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k0:9"], 2, "-k 0:9: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k2:9:3"], 2, "-k 2:9:3: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k2:x"], 2, "-k 2:x: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k2:99999999999"], 2, "-k 2:99999999999: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k00000000000000000000000002:3"], 2, "-k 00000000000000000000000002:3: not LOW:HIGH, two integers of at least 1, such as 2:20"),
    (["-k9:2"], 2, "-k 9:2: the range is reversed; LOW:HIGH, such as 2:20"),
    (["-k2:301"], 3, "blobs.npy: k up to 301 clusters for n = 300 points"),
    (["-k2:3", "--references=-1"], 2, "--references -1: not an integer of at least 0"),
    (["-k2:3", "--references="], 2, "--references : not an integer of at least 0"),
    (["-k2:3", "--init=blobs.npy"], 2, "--init blobs.npy: centroids in a file are of one k"),
    (["-k2:3", "--method=bisecting"], 2, "there is no option --method; see kmu select --help"),
    (["-k2:3", "--report=x.svg"], 2, "x.svg: a report is .html"),
    (["-k2:3", "--report=-", "--json"], 2, "standard output: two outputs cannot go there"),
    (["-k2:3", "--report=none/x.html"], 4, "none/x.html: cannot write: No such file or directory"),
    (["-k2:301", "--report=x.html"], 3, "blobs.npy: k up to 301 clusters for n = 300 points"),
    (["-k2:3", "-o", "x"], 2, "there is no option --output; see kmu select --help")])
def test_bad_words(kmu, blobs, folder, args, code, text):
    before = folder()
    assert kmu("select", blobs, *args) == (code, "", f"kmu: {text}\n")
    assert folder() == before


def test_fit_takes_one_k(kmu, blobs):
    code, out, err = kmu("fit", blobs, "-k2:5")
    assert (code, out) == (2, "") and "2:5" in err
    assert kmu("fit", blobs, "--clusters=3")[0] == kmu("fit", blobs, "-k=3")[0] == 0


def test_a_report_beside_the_table_or_in_its_place(kmu, blobs, tmp_path):
    code, table, _ = kmu("select", blobs, "-k2:4")
    assert kmu("select", blobs, "-k2:4", "--report=r.html") == (code, table, "")
    text = (tmp_path / "r.html").read_text()
    assert "Recommended is <strong id=\"recommended\">k = 3</strong>" in text
    assert kmu("select", blobs, "-k2:4", "--report=-") == (0, text, "")


def test_an_interrupt_ends_it_without_a_table(spawn, tmp_path):
    np.save(tmp_path / "long.npy", np.random.default_rng(7).normal(size=(100_000, 16)).astype("f4"))
    process = spawn("select", "long.npy", "-k2:60", "--progress=bar", bufsize=0)
    assert process.stderr.read(10) == b"\rkmu: fit "
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"") and time.monotonic() - begin < 5
    assert b"of 295" in err and err.endswith(b"\r\033[K")


def test_J_is_that_of_the_labels(select, fit, write, tmp_path):
    """One exact J, by Python's fractions."""
    x = np.random.default_rng(8).integers(0, 9, size=(40, 2)).astype("f8")
    np.savetxt(tmp_path / "x.csv", x, "%d", delimiter=",")
    row = select("x.csv", "-k3:3")["table"][0]
    fit("x.csv", "-k3", "--n-init=5", "--labels=c.csv", "--centers=m.npy")
    assert row["J"] == objective(x, np.load(tmp_path / "m.npy"), np.loadtxt(tmp_path / "c.csv", dtype=int))
