"""test_methods.py - --method: what is computed besides Lloyd's alternation, its model, its words."""
import json
import zlib

import numpy as np
import pytest

from file_bytes import npy
from judged import HOW, nearest, objective, square, without


@pytest.fixture
def parts(kmu, write, tmp_path):
    """x.npy split in 7, m.kmu its model, l.npy labels and c.npy centroids; some rows are nearer to another part's centroid."""
    draw = np.random.default_rng(12)
    x = (draw.normal(size=(300, 2)) + 4 * draw.normal(size=(9, 2))[draw.integers(0, 9, 300)]).astype("f4")
    write("x.npy", npy(x))
    words = ["fit", "x.npy", "-k7", "--method=bisecting", "-o", "m.kmu", "--labels=l.npy", "--centers=c.npy"]
    assert kmu(*words) == (0, "", "")
    return x


def walked(x, text):
    """The label of every row by the tree of a model file, with fractions."""
    rows = [line.split() for line in text.partition("\nsplits\n")[2].splitlines()[:-1]]
    child, mu = [int(row[0]) for row in rows], [list(map(float, row[1:])) for row in rows]
    labels = []
    for row in x:
        s = 0
        while s <= 0:
            at = -2 * s + int(square(row, mu[1 - 2 * s]) < square(row, mu[-2 * s]))
            s = child[at] if child[at] < 0 else 1
        labels.append(child[at])
    return labels


def test_predict_follows_the_tree(parts, kmu, tmp_path, write):
    c, mu = np.load(tmp_path / "l.npy"), np.load(tmp_path / "c.npy")
    text = (tmp_path / "m.kmu").read_text()
    assert "\nmethod bisecting\n" in text and walked(parts, text) == c.tolist() != nearest(parts, mu)
    for how in ([], ["-t2"], ["--isa=plain"], ["--distances=d.npy"]):
        assert kmu("predict", "x.npy", "-m", "m.kmu", "-o", "p.npy", *how) == (0, "", "")
        assert (tmp_path / "p.npy").read_bytes() == (tmp_path / "l.npy").read_bytes()
    assert np.allclose(np.load(tmp_path / "d.npy"), np.linalg.norm(parts - mu[c], axis=1), rtol=1e-6, atol=0)
    other = np.random.default_rng(13).normal(size=(50, 2)).astype("f8") * 4
    kmu("predict", write("y.npy", npy(other)), "-m", "m.kmu", "-o", "q.npy")
    assert np.load(tmp_path / "q.npy").tolist() == walked(other, text)
    assert kmu("predict", "x.npy", "-m", "m.kmu", "--top=2") == (
        2, "", "kmu: --top 2: the tree of m.kmu names one cluster a row\n")


def test_a_model_of_a_tree_is_a_start(parts, kmu, fit):
    assert fit("x.npy", "--init=m.kmu")["J"] < fit("x.npy", "-k7", "--method=bisecting")["J"]


def test_verify_holds_labels_against_the_tree(parts, kmu, write, tmp_path):
    c, mu = np.load(tmp_path / "l.npy"), np.load(tmp_path / "c.npy")
    wrong = [j for j, i in enumerate(nearest(parts, mu)) if i != c[j]]
    lines = ["proved: every one of 300 points is where the tree sends it",
             f"        {len(wrong)} of them have a nearer centroid than their own, row {wrong[0] + 1} first",
             "means:  every coordinate is the exact mean of its cluster, rounded once", f"J = {objective(parts, mu, c)!r}"]
    for words in (["-m", "m.kmu"], ["-m", "m.kmu", "--labels=l.npy", "--strict"]):
        assert kmu("verify", "x.npy", *words) == (0, "\n".join(lines) + "\n", "")
        r = json.loads(kmu("verify", "x.npy", *words, "--json")[1])
        assert (r["holds"], r["not_by_tree"], r["not_nearest"]) == (True, 0, len(wrong))
    assert kmu("verify", "x.npy", "--centers=c.npy", "--labels=l.npy")[0] == 6
    moved = c.copy()
    moved[[4, 9]] = (c[[4, 9]] + 1) % 7
    code, out, err = kmu("verify", "x.npy", "-m", "m.kmu", "--labels", write("moved.npy", npy(moved)))
    assert (code, err) == (6, "") and out.splitlines()[0] == (
        "refuted: 2 of 300 points are not where the tree sends them, row 5 first")


def test_verify_takes_any_model(kmu, write, iris):
    assert kmu("fit", iris, "-k3", "--scale=z", "-o", "m.kmu", "--labels=l.csv", "-q") == (0, "", "")
    for words in ([], ["--labels=l.csv"]):
        code, out, _ = kmu("verify", iris, "-m", "m.kmu", "--strict", "-q", *words)
        assert code == 0 and out.splitlines()[0] == "proved: every one of 150 points is with a nearest centroid"
    write("c.csv", "1,2,3,4\n")
    assert kmu("verify", iris, "-m", "m.kmu", "--centers=c.csv")[::2] == (
        2, "kmu: --centers c.csv: -m has centroids of its own\n")
    assert kmu("verify", write("x.csv", "1,2\n"), "-m", "m.kmu")[::2] == (
        7, "kmu: x.csv: points of 2 columns for a model of 4\n")


def test_a_result_says_its_method(parts, kmu, fit):
    r = fit("x.npy", "-k7", "--method=bisecting", "--bisecting-strategy=largest_cluster")
    assert (r["method"], r["k"], r["stop"], r["iterations"]) == ("bisecting", 7, "fixpoint", len(r["trace"]))
    assert [t["run"] for t in r["trace"]] == sorted(t["run"] for t in r["trace"]) and r["trace"][-1]["run"] == 5
    for how in (["-t2"], ["--algorithm=plain"], ["--isa=plain"]):
        again = fit("x.npy", "-k7", "--method=bisecting", "--strategy=largest_cluster", *how)
        assert without(again, HOW) == without(r, HOW)
    assert fit("x.npy", "-k7")["method"] == "lloyd"
    out = kmu("fit", "x.npy", "-k7", "--method=bisecting")[1].splitlines()
    assert out[-2].endswith(" turns of 6 splits")
    assert out[-1] == "every split ended at a fixpoint; a point may have a nearer centroid in another part (kmu verify)"
    assert " fitted to 300 points by bisecting\n" in kmu("info", "m.kmu")[1]
    assert json.loads(kmu("info", "m.kmu", "--json")[1])["method"] == "bisecting"


def test_strict_wants_every_split_at_a_fixpoint(parts, kmu):
    words = ["fit", "x.npy", "-k7", "--method=bisecting", "--strict", "-o", "s.kmu"]
    assert kmu(*words) == (0, "", "")
    assert kmu(*words, "--max-iter=1") == (6, "", "kmu: --strict: not at a fixpoint with k clusters\n")


def test_minibatch_ends_with_the_nearest_centroids(parts, kmu, fit, tmp_path):
    words = ["x.npy", "-k7", "--method=minibatch", "--batch-size=50", "--n-init=3", "--seed=4"]
    r = fit(*words, "-o", "b.kmu", "--labels=b.npy", "--centers=bc.npy")
    c, mu = np.load(tmp_path / "b.npy"), np.load(tmp_path / "bc.npy")
    assert (r["method"], r["stop"], r["iterations"]) == ("minibatch", "no_improvement", len(r["trace"]))
    assert c.tolist() == nearest(parts, mu) and r["J"] == objective(parts, mu, c)
    assert all(t["moved"] == 50 and t["J_update"] <= t["J_assign"] for t in r["trace"])
    for how in (["-t2"], ["--algorithm=plain"], ["--isa=plain"]):
        assert without(fit(*words, *how), HOW) == without(r, HOW)
    assert kmu("predict", "x.npy", "-m", "b.kmu", "-o", "p.npy") == (0, "", "")
    assert (tmp_path / "p.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    assert kmu("verify", "x.npy", "-m", "b.kmu")[0] == 0
    out = kmu("fit", *words)[1].splitlines()
    assert out[-2] == f"J = {r['J']!r} after {r['iterations']} batches (start {r['trace'][0]['run'] + 1} of 3 is the best)"
    assert out[-1] == "stopped by --max-no-improvement: the smoothed J of the batches no longer falls"
    assert fit("x.npy", "--init=b.kmu", "--method=minibatch", "--max-iter=0")["J"] == r["J"]
    few = fit("x.npy", "-k7", "--method=minibatch", "--batch-size=50", "--max-iter=2", "--max-no-improvement=1000")
    assert (few["stop"], few["iterations"]) == ("max_iter", 12)


@pytest.mark.parametrize("words, message", [
    ("--method=magic", "--method magic: not one of lloyd bisecting minibatch"),
    ("--method=bisecting --bisecting-strategy=both", "--strategy both: not one of biggest_inertia largest_cluster"),
    ("--bisecting-strategy=largest_cluster",
     "--strategy: --method lloyd has no use for it; it is for bisecting"),
    ("--method=bisecting --batch-size=9", "--batch-size: --method bisecting has no use for it; it is for minibatch"),
    ("--method=minibatch --batch-size=0", "--batch-size 0: not an integer from 1 to 2147483647"),
    ("--method=minibatch --reassignment-ratio=-1", "--reassignment-ratio -1: not a number of at least 0"),
    ("--method=minibatch --strict", "--strict: mini-batch has no fixpoint to stop at"),
    ("--method=bisecting --init=c.npy", "--init c.npy: bisecting starts every split anew, and takes no centroids"),
    ("--method=bisecting --n-init=2147483647",
     "n_init = 2147483647 runs of each of 6 splits are more than 2^31 - 1"),
])
def test_what_does_not_fit_the_method_is_refused(words, message, parts, kmu, folder):
    before = folder()
    assert kmu("fit", "x.npy", "-k7", *words.split(), "-o", "m.kmu") == (2, "", f"kmu: {message}\n")
    assert folder() == before


@pytest.mark.parametrize("old, new, message", [
    (b"splits\n", b"splits \n", "21: there are lines behind the centroids"),
    (b"\n-1 ", b"\n-6 ", "23: a split is no child and d numbers"),
    (b"\n-1 ", b"\n0 ", None),
    (b"\n-1 ", b"\n-0x ", "23: a split is no child and d numbers"),
    (b"\n-5 ", b"\n-1 ", "29: a split is no child and d numbers"),
    (b"\n-1 ", b"\n7 ", "23: a split is no child and d numbers"),
    (b"\n-1 ", b"\n-1 1 ", "23: a split is no child and d numbers"),
    (b"crc32", b"0 1 2\ncrc32", "34: there are lines behind the splits"),
    (b"splits\n", b"splits\n\n", "22: splits are missing"),
    (b"k 7\n", b"k 7\nmethod Bisecting\n", '7: the value of "method" makes no sense'),
])
def test_a_tree_that_makes_no_sense_is_refused(old, new, message, parts, kmu, write, tmp_path):
    body = (tmp_path / "m.kmu").read_bytes()
    assert old in body
    body = body.replace(old, new, 1)
    body = body[:body.rindex(b"crc32 ")]
    code, out, err = kmu("predict", "x.npy", "-m", write("bad.kmu", body + b"crc32 %08x\n" % zlib.crc32(body)))
    line, _, why = (message or "").partition(": ")
    assert (code, err) == ((7, f"kmu: bad.kmu:{line}: a damaged kmu model: {why}\n") if message else (0, ""))
