"""test_predict_verify.py - labels, neighbours and distances of new points, and the proof or refutation of a fit, held
against fractions."""
import json

import numpy as np
import pytest

from file_bytes import gz, model, npy
from judged import is_nearest_float, nearest, objective, square


@pytest.fixture(params=["f4", "f8"])
def fitted(request, kmu, write, tmp_path):
    """x.npy, its model m.kmu, labels l.npy and centroids c.npy; a third of the points lies between two centroids."""
    draw = np.random.default_rng(3)
    x = draw.integers(-8, 9, (90, 3)).astype(request.param) / 4
    x[:30] += draw.standard_normal((30, 3)).astype(request.param)
    write("x.npy", npy(x))
    assert kmu("fit", "x.npy", "-k6", "-o", "m.kmu", "--labels=l.npy", "--centers=c.npy") == (0, "", "")
    return x


# ---- predict --------------------------------------------------------------------------------------------------------

def test_predict_gives_the_labels_of_the_fit(fitted, kmu, tmp_path):
    for how in ([], ["-t2"], ["--algorithm=plain"], ["--isa=plain"]):
        assert kmu("predict", "x.npy", "-m", "m.kmu", "-o", "p.npy", *how) == (0, "", "")
        assert (tmp_path / "p.npy").read_bytes() == (tmp_path / "l.npy").read_bytes()
    labels = "".join(f"{c}\n" for c in np.load(tmp_path / "l.npy"))
    assert kmu("predict", "x.npy", "-m", "m.kmu") == (0, labels, "")
    assert kmu("predict", "-", "--model=m.kmu", "--output=-", input=(tmp_path / "x.npy").read_bytes()) == (0, labels, "")


def test_a_model_and_points_of_two_types(fitted, kmu, write, tmp_path):
    """The centroids of a f64 model are not rounded for f32 points; --dtype f32 asks for it."""
    mu, x = np.load(tmp_path / "c.npy"), fitted
    other = "f8" if x.dtype == np.float32 else "f4"
    write("other.npy", npy(x.astype(other)))
    kmu("predict", "other.npy", "-m", "m.kmu", "-o", "p.npy")
    assert np.load(tmp_path / "p.npy").tolist() == nearest(x.astype(other), mu)
    assert kmu("predict", "other.npy", "-m", "m.kmu", "-o", "p.npy", "--dtype=f32", "-q") == (0, "", "")
    assert np.load(tmp_path / "p.npy").tolist() == nearest(x.astype("f4"), mu.astype("f4"))


def test_a_text_is_read_in_the_type_of_the_model(kmu, write):
    write("t.csv", "0\n1\n0.50000001\n"), write("cc.csv", "0\n1\n")
    labels = kmu("fit", "t.csv", "--init=cc.csv", "--max-iter=0", "--dtype=f32", "-o", "m.kmu", "--labels=-", "-q")[1]
    rounded = "kmu: 1 number was rounded to f32\n"
    assert labels == "0\n1\n0\n"
    assert kmu("predict", "t.csv", "-m", "m.kmu") == (0, labels, rounded)
    assert kmu("predict", "t.csv", "-m", "m.kmu", "--dtype=f32") == (0, labels, rounded)
    assert kmu("predict", "t.csv", "-m", "m.kmu", "--dtype=f64") == (0, "0\n1\n1\n", "")
    assert kmu("predict", "t.csv", "-m", "m.kmu", "--append", "-q") == (0, "0,0\n1,1\n0.50000001,0\n", "")


def test_the_nearest_centroids_come_in_order_and_ties_by_index(kmu, write, tmp_path):
    draw = np.random.default_rng(8)
    x, mu = draw.integers(-3, 4, (60, 2)).astype("f8"), draw.integers(-3, 4, (9, 2)).astype("f8")
    write("x.npy", npy(x)), write("m.kmu", model(mu))
    want = [sorted(range(9), key=lambda i: (square(row, mu[i]), i)) for row in x]
    for top in (1, 2, 5, 9):
        assert kmu("predict", "x.npy", "-m", "m.kmu", "--top", top, "-o", "t.npy")[0] == 0
        assert np.load(tmp_path / "t.npy").reshape(60, -1).tolist() == [row[:top] for row in want]
    assert kmu("predict", "x.npy", "-m", "m.kmu", "--top=2")[1].splitlines() == [f"{a},{b}" for a, b, *_ in want]


def test_distances_are_rounded_once(fitted, kmu, tmp_path):
    mu, c = np.load(tmp_path / "c.npy"), np.load(tmp_path / "l.npy")
    assert kmu("predict", "x.npy", "-m", "m.kmu", "--distances=d.npy") == (0, "", "")
    d = np.load(tmp_path / "d.npy")
    assert d.dtype == fitted.dtype and d.shape == (90,)
    assert all(is_nearest_float(d[j], square(fitted[j], mu[c[j]]), d.dtype.type) for j in range(90))
    assert kmu("predict", "x.npy", "-m", "m.kmu", "--top=3", "--distances=d3.npy", "-o", "t.npy") == (0, "", "")
    d3, top = np.load(tmp_path / "d3.npy"), np.load(tmp_path / "t.npy")
    assert np.array_equal(d3[:, 0], d) and np.array_equal(top[:, 0], c)
    assert all(is_nearest_float(d3[j, a], square(fitted[j], mu[top[j, a]]), d.dtype.type) for j in range(90) for a in range(3))
    text = kmu("predict", "x.npy", "-m", "m.kmu", "--distances=-")[1].split()
    assert np.array_equal(np.array(text, d.dtype), d)


@pytest.mark.parametrize("x", [0.1, 1e-300, 1e300, 5e-324, 3e-162], ids=str)
def test_distances_of_any_size_are_rounded_once(x, kmu, write):
    write("m.kmu", model([[0.0, 0.0, x / 3]]))
    out = kmu("predict", write("x.csv", f"{x!r},{x / 7!r},{-x!r}\n"), "-m", "m.kmu", "--distances=-")[1]
    assert is_nearest_float(float(out), square([x, x / 7, -x], [0, 0, x / 3]), np.float64)


@pytest.mark.parametrize("content, delimiter", [
    ("name,x,y\nann,1,2\nbob,7,9\n", ","),
    ("1,2\n7.000,+9e0\n 1 , 2\n", ","),
    ('x;y;"no""te;";" b "\n1;2;"a;b""c";\n7;9;;z\n', ";"),
    ("x\ty\n1\t2\n007\t9.\n", "\t"),
    ('note,x,y\n"two\nlines",1,2\n,7,9', ","),
], ids=["header", "plain", "quotes", "tabs", "line in a quote"])
def test_append_gives_the_rows_back_as_they_were_written(content, delimiter, kmu, write, tmp_path):
    write("m.kmu", model([[7, 9], [1, 2]]))
    write("x.csv", content)
    code, out, _ = kmu("predict", "x.csv", "-m", "m.kmu", "--append")
    labels = iter(kmu("predict", "x.csv", "-m", "m.kmu", "-q")[1].splitlines())
    rows = content.rstrip("\n").replace("two\nlines", "two lines").split("\n")
    want = [f"{row}{delimiter}{'cluster' if 'x' in row else next(labels)}" for row in rows]
    assert code == 0 and out == "\n".join(want).replace("two lines", "two\nlines") + "\n"
    write("x.csv", b"\xef\xbb\xbf" + content.replace("\n", "\r\n").replace("two\r", "two").encode())
    assert kmu("predict", "x.csv", "-m", "m.kmu", "--append")[1] == out
    assert kmu("predict", "x.csv", "-m", "m.kmu", "--append", "-o", "y.csv", "--distances=d.csv", "-q") == (0, "", "")
    assert (tmp_path / "y.csv").read_text() == out and (tmp_path / "d.csv").exists()
    assert kmu("predict", "x.csv", "-m", "m.kmu", "--append", "--distances=d.csv", "-q") == (0, out, "")


def test_append_writes_numbers_of_a_binary_file_as_text(fitted, kmu, write, tmp_path):
    c = np.load(tmp_path / "l.npy")
    kmu("predict", "x.npy", "-m", "m.kmu", "--append", "-o", "y.csv")
    rows = [line.split(",") for line in (tmp_path / "y.csv").read_text().splitlines()]
    assert np.array_equal(np.array([row[:-1] for row in rows], fitted.dtype), fitted)
    assert [int(row[-1]) for row in rows] == c.tolist()
    write("s.kmu", model([[0, 0, 0], [1, 1, 1]], "type f64\nscale z\nshift 1 2 3\nunit 2 2 2\n"))
    kmu("predict", "x.npy", "-m", "s.kmu", "--append", "-o", "s.csv")
    scaled = [line.split(",")[:-1] for line in (tmp_path / "s.csv").read_text().splitlines()]
    assert np.array_equal(np.array(scaled, fitted.dtype), fitted)


NAMES = 'that of m.kmu is "height" (--columns chooses and orders them)'


@pytest.mark.parametrize("header, message", [
    ("height,age,width", None),
    ("width,height,age", f'coordinate 1 is "width", {NAMES}'),
    ("height,width,age", 'coordinate 2 is "width", that of m.kmu is "age" (--columns chooses and orders them)'),
    ("Height,age,width", f'coordinate 1 is "Height", {NAMES}'),
    ("height ft,age,width", f'coordinate 1 is "height ft", {NAMES}'),
    ("h,age,width", f'coordinate 1 is "h", {NAMES}'),
    (",age,width", f'coordinate 1 is "", {NAMES}'),
    ("\x1b[2J,age,width", f'coordinate 1 is "\\x1b[2J", {NAMES}'),
    ("x" * 50 + ",age,width", f'coordinate 1 is "{"x" * 40}...", {NAMES}'),
])
def test_columns_are_those_of_the_fit_by_name(header, message, kmu, write, folder):
    write("x.csv", "height,age,width\n1,2,3\n4,5,6\n7,8,8\n"), write("old.csv", "old")
    assert kmu("fit", "x.csv", "-k2", "-o", "m.kmu") == (0, "", "")
    write("y.csv", header + "\n1,2,3\n3,4,4\n")
    before = folder()
    for words in (["predict", "-m", "m.kmu"], ["fit", "--init", "m.kmu"]):
        for name, input in (("y.csv", None), ("-", (header + "\n1,2,3\n3,4,4\n").encode())):
            answer = kmu(*words, name, input=input)
            place = "y.csv" if input is None else "standard input"
            assert answer == ((3, "", f"kmu: {place}: {message}\n") if message else (0, answer[1], ""))
        assert kmu(*words, "y.csv", "-o", "old.csv")[0] == (3 if message else 0)
        assert folder() == before or not message


def test_columns_are_put_into_the_order_of_the_fit_by_name(kmu, write):
    write("x.csv", "height,width\n1,2\n3,9\n9,3\n"), write("y.csv", "name,width,height\nann,2,1\nbob,9,3\ncat,3,9\n")
    assert kmu("fit", "x.csv", "-k3", "-o", "m.kmu") == (0, "", "")
    labels = kmu("predict", "x.csv", "-m", "m.kmu")[1]
    assert kmu("predict", "y.csv", "-m", "m.kmu", "--columns=height,width") == (0, labels, "")
    assert kmu("predict", "y.csv", "-m", "m.kmu", "-q")[0] == kmu("fit", "y.csv", "--init=m.kmu", "-q")[0] == 3
    again = kmu("fit", "y.csv", "--init=m.kmu", "--columns=height,width", "--labels=-")
    assert again == (0, labels, "")


def test_columns_without_names_fit_any_model(kmu, write):
    write("x.csv", "height,width\n1,2\n3,9\n9,3\n"), write("plain.csv", "1,2\n3,9\n9,3\n")
    write("y.csv", "a,b\n1,2\n3,9\n9,3\n")
    assert kmu("fit", "x.csv", "-k3", "-o", "named.kmu") == kmu("fit", "plain.csv", "-k3", "-o", "plain.kmu") == (0, "", "")
    labels = kmu("predict", "x.csv", "-m", "named.kmu")[1]
    assert kmu("predict", "plain.csv", "-m", "named.kmu") == kmu("predict", "y.csv", "-m", "plain.kmu") == (0, labels, "")
    for data, start in (("plain.csv", "named.kmu"), ("y.csv", "plain.kmu")):
        assert kmu("fit", data, "--init", start, "--labels=-") == (0, labels, "")


# ---- verify ---------------------------------------------------------------------------------------------------------

def test_verify_proves_a_fit(fitted, kmu, tmp_path):
    mu, c = np.load(tmp_path / "c.npy"), np.load(tmp_path / "l.npy")
    words = ["verify", "x.npy", "--centers=c.npy", "--labels=l.npy"]
    code, out, err = kmu(*words, "--strict")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "proved: every one of 90 points is with a nearest centroid"
    assert lines[1] == "means:  every coordinate is the exact mean of its cluster, rounded once"
    assert lines[2:] == [f"J = {objective(fitted, mu, c)!r}"]
    r = json.loads(kmu(*words, "--json")[1])
    assert list(r) == ["kmu", "n", "d", "k", "holds", "not_nearest", "ties_not_low", "means_off", "means_ulps", "empty", "J"]
    assert [r[key] for key in list(r)[1:]] == [90, 3, 6, True, 0, 0, 0, 0, 0, objective(fitted, mu, c)]


@pytest.mark.parametrize("header", ["", "a,b\n", "2019,2020\n", '"",1e5\n', '"a;b","""q"""\n', '"two\nlines"," pad "\n'])
@pytest.mark.parametrize("how", [[], ["--dtype=f32"], ["--dtype=f64"]], ids=lambda how: how[0] if how else "as it is")
@pytest.mark.parametrize("centers, labels", [("c.csv", "l.csv"), ("c.npy", "l.npy"), ("c.tsv.gz", "l.ivecs")])
def test_verify_proves_a_fit_of_a_text_whatever_it_is_stored_as(header, how, centers, labels, fit, kmu, write, tmp_path):
    """Text is f64 unless --dtype says otherwise, for both; none of these numbers is one of binary32."""
    x = np.random.default_rng(7).standard_normal((50, 2))
    write("x.csv", header + "".join(f"{a!r},{b!r}\n" for a, b in x.tolist()))
    words = ["x.csv", "-q", "--centers", centers, "--labels", labels, *how] + ["--header=yes"] * bool(header)
    r = fit(*words, "-k4")
    code, out, err = kmu("verify", *words, "--json", "--strict")
    verdict = json.loads(out)
    assert (code, err, verdict["holds"], verdict["means_off"], verdict["J"]) == (0, "", True, 0, r["J"])
    if centers == "c.npy":
        mu, c = np.load(tmp_path / centers), np.load(tmp_path / labels)
        assert r["J"] == objective(x.astype(mu.dtype), mu, c) and mu.dtype == ("f4" if how == ["--dtype=f32"] else "f8")


def test_names_that_are_numbers_are_no_centroid(kmu, write, fit):
    write("x.csv", "2019,2020\n1,2\n3,4\n9,9\n"), write("plain.csv", "1,2\n3,4\n9,9\n")
    assert kmu("fit", "x.csv", "--header=yes", "-k3", "--init=first", "--centers=c.csv") == (0, "", "")
    assert fit("x.csv", "--header=yes", "--init=c.csv")["k"] == 3
    assert kmu("fit", "plain.csv", "--init=c.csv")[::2] == (3, "kmu: plain.csv: k = 4 clusters for n = 3 points\n")


def test_verify_refutes_a_changed_label_and_names_its_row(fitted, kmu, write, tmp_path):
    mu, c = np.load(tmp_path / "c.npy"), np.load(tmp_path / "l.npy")
    j = next(j for j in range(40, 90) if square(fitted[j], mu[(c[j] + 1) % 6]) > square(fitted[j], mu[c[j]]))
    c[[j, 88]] = (c[[j, 88]] + 1) % 6
    wrong = [i for i in (j, 88) if square(fitted[i], mu[c[i]]) > min(square(fitted[i], m) for m in mu)]
    words = ["verify", "x.npy", "--centers=c.npy", "--labels", write("l.npy", npy(c))]
    code, out, err = kmu(*words)
    assert (code, err) == (6, "")
    assert out.splitlines()[0] == (f"refuted: {len(wrong)} of 90 points have a nearer centroid than their own, "
                                   f"row {j + 1} first")
    code, out, _ = kmu(*words, "--json")
    assert code == 6 and (json.loads(out)["holds"], json.loads(out)["not_nearest"]) == (False, len(wrong))


def test_verify_measures_a_moved_centroid_in_units_in_the_last_place(fitted, kmu, write, tmp_path):
    mu = np.load(tmp_path / "c.npy")
    for steps in (1, 3):
        moved = mu.copy()
        i, l = np.unravel_index(np.argmax(np.abs(mu)), mu.shape)
        for _ in range(steps):
            moved[i, l] = np.nextafter(moved[i, l], moved.dtype.type(0))
        words = ["verify", "x.npy", "--labels=l.npy", "--centers", write("moved.npy", npy(moved))]
        r = json.loads(kmu(*words, "--json")[1])
        assert (r["means_off"], r["means_ulps"]) == (1, steps)
        assert (f"means:  1 of 18 coordinates are not the rounded mean of their cluster; the farthest is off by {steps} "
                "units in the last place") in kmu(*words)[1]
        assert kmu(*words, "--strict")[0] == 6


def test_verify_counts_ties_that_are_not_broken_low(kmu, write):
    write("x.csv", "0\n1\n2\n"), write("c.csv", "0\n2\n"), write("low.csv", "0\n0\n1\n"), write("high.csv", "0\n1\n1\n")
    low, high = (json.loads(kmu("verify", "x.csv", "--centers=c.csv", "--labels", f"{name}.csv", "--json")[1])
                 for name in ("low", "high"))
    assert (low["not_nearest"], low["ties_not_low"], high["not_nearest"], high["ties_not_low"]) == (0, 0, 0, 1)
    code, out, _ = kmu("verify", "x.csv", "--centers=c.csv", "--labels=high.csv")
    assert code == 0 and "\n        1 of them tie with a centroid of lower index\n" in out
    assert kmu("verify", "x.csv", "--centers=c.csv", "--labels=high.csv", "--strict")[0] == 6


def test_f64_centroids_for_f32_data_are_judged_as_they_are(kmu, write):
    x = np.array([[1], [2], [4]], "f4")
    write("x.npy", npy(x)), write("l.csv", "0\n0\n0\n")
    answers = {}
    for name, content in {"f64.npy": npy(np.array([[7 / 3]])), "f32.npy": npy(np.array([[7 / 3]], "f4")),
                          "wide.npy": npy(np.array([[np.float32(7 / 3)]], "f8")), "text.csv": f"{7 / 3!r}\n"}.items():
        r = json.loads(kmu("verify", "x.npy", "--labels=l.csv", "--centers", write(name, content), "--json")[1])
        answers[name] = r["means_off"]
    assert answers == {"f64.npy": 0, "f32.npy": 0, "wide.npy": 1, "text.csv": 0}


def test_centroids_through_a_pipe_are_verified(fitted, kmu, write, tmp_path):
    mu = np.load(tmp_path / "c.npy")
    text = "".join(",".join(map(str, row)) + "\n" for row in mu).encode()
    for content in (text, gz(text), npy(mu), npy(mu.astype("f8"))):
        code, out, err = kmu("verify", "x.npy", "--centers=-", "--labels=l.npy", input=content)
        assert (code, err) == (0, "") and out.startswith("proved: every one of 90 points is with a nearest centroid\n")


def test_f32_points_and_centroids_of_any_type_are_judged_in_one(kmu, write):
    x = np.array([[1], [2], [4], [90], [91]], "f4")
    write("x.npy", npy(x)), write("l.csv", "0\n0\n0\n1\n1\n"), write("c8.npy", npy(np.array([[7 / 3], [90.5]])))
    words = ["verify", "x.npy", "--labels=l.csv", "--json"]
    r = json.loads(kmu(*words, "--centers", write("c.npy", npy(np.array([[2], [91]], "u1"))))[1])
    assert (r["holds"], r["means_off"], r["J"]) == (True, 2, 1 + 0 + 4 + 1 + 0)
    r = json.loads(kmu(*words, "--centers=c8.npy", "--dtype=f32")[1])
    assert (r["holds"], r["means_off"], r["J"]) == (True, 0, objective(x, [[np.float32(7 / 3)], [90.5]], [0, 0, 0, 1, 1]))


def test_verify_knows_weights_and_clusters_without_mass(kmu, write):
    write("x.csv", "0\n4\n9\n"), write("w.csv", "3\n1\n0\n"), write("c.csv", "1\n9\n100\n"), write("l.csv", "0\n0\n1\n")
    code, out, err = kmu("verify", "x.csv", "--centers=c.csv", "--labels=l.csv", "--weights=w.csv")
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == ["means:  every coordinate is the exact mean of its cluster, rounded once",
                                    "empty:  2 of 3 clusters", "J = 12"]


def test_labels_of_any_format_and_packed(fitted, kmu, write, tmp_path):
    c = np.load(tmp_path / "l.npy")
    for name, content in {"l.csv": "cluster\n" + "\n".join(map(str, c)), "l64.npy": npy(c.astype("i8")), "lf.npy": npy(c * 1.0),
                          "l.csv.gz": gz("\n".join(map(str, c)).encode())}.items():
        assert kmu("verify", "x.npy", "--centroids=c.npy", "--labels", write(name, content))[0] == 0
    assert kmu("fit", "x.npy", "-k6", "--labels=l.ivecs", "--centers=c.csv.gz") == (0, "", "")
    assert kmu("verify", "x.npy", "--centers=c.csv.gz", "--labels=l.ivecs", "--strict")[0] == 0
