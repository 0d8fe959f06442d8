"""test_report.py - kmu report and --report: every kind of fit has a page, and bad input leaves the old one. What a browser makes
of it is in tests/report."""
import json
import re

import numpy as np
import pytest

from file_bytes import model, npy


def page(tmp_path, name="r.html"):
    return (tmp_path / name).read_bytes().decode()


def film(tmp_path):
    return json.loads(re.search(r'id="film">\n(.*?)</script>', page(tmp_path), re.S)[1])


@pytest.mark.parametrize("words", [
    "-k1", "-k3 --n-init=5", "-k9 --scale=robust", "-k4 --method=bisecting", "-k4 --method=minibatch", "-k5 --max-iter=2",
    "-k5 --max-iter=0", "-k3 --tol=0.1", "-k3 --columns=1", "-k3 --columns=1-2", "-k150", "-k3 --weights=w.csv",
    "-k3 --init=kmeans||", "-k2 --json", "-k2 --dtype=f32"])
def test_every_fit_has_a_page(kmu, write, iris, tmp_path, words):
    write("w.csv", "".join(f"{j % 3}\n" for j in range(150)))
    code, _, err = kmu("fit", iris, *words.split(), "-q", "--report=r.html", "-o", "m.kmu")
    assert (code, err) == (0, "")
    text = page(tmp_path)
    assert text.startswith("<!DOCTYPE html>") and text.endswith("</html>\n") and "nan" not in re.sub("<[^>]*>", "", text)
    args = [w for w in words.split() if w.startswith(("--columns", "--weights"))]
    assert kmu("report", iris, "-m", "m.kmu", "-o", "m.html", "-q", *args) == (0, "", "")
    assert page(tmp_path, "m.html").endswith("</html>\n")


def test_of_weighted_points_the_table_has_the_masses(kmu, fit, iris, write, tmp_path):
    write("w.csv", "".join(f"{j % 3}\n" for j in range(150)))
    masses = {}
    for words in ("-k4", "-k4 --weights=w.csv"):
        masses[words] = fit(iris, *words.split(), "-q", "--report=r.html")["masses"]
        heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page(tmp_path).split("cluster-table")[1].split("</thead>")[0])
        rows = re.findall(r"<tr><th.*?</svg>(\d+)</th>(.*?)</tr>", page(tmp_path))
        assert ("mass" in heads) == ("w" in words) and len(rows) == 4
        assert all(len(re.findall("<td", row)) == len(heads) - 1 for _, row in rows)
    said = {int(i): float(re.sub("<[^>]*>", "", re.split("</td>", row)[2])) for i, row in rows}
    assert [said[i] for i in range(4)] == pytest.approx(masses[words], rel=1e-5)


def test_the_words_fit_the_numbers(kmu, write, tmp_path):
    """One coordinate, thousands apart, shares of points, and what nothing sets apart."""
    write("x.csv", "".join(f"{j % 7},{1 + j % 3}\n" for j in range(1200)))
    kmu("fit", "x.csv", "-k1", "--columns=1", "--weights=2", "--report=r.html", "-o", "m.kmu", "-q")
    text = re.sub("<[^>]*>", " ", page(tmp_path))
    assert "1\u202f200 of 1 coordinate, f64" in text and "All points." in text
    assert "Share: of the points, whatever they weigh." in text and "&ndash;</td></tr>" in page(tmp_path)


@pytest.mark.parametrize("init", ["--n-init=7", "--init=first"])
def test_the_steps_are_those_of_the_run_kept(kmu, fit, iris, tmp_path, init):
    """J of the film is the trace's, of the best run, whichever it is; its last centroids are the result's."""
    runs = set()
    for seed in range(6):
        result = fit(iris, "-k7", "--init=random", f"--seed={seed}", init, "-q", "--report=r.html")
        best = min((t["J_update"], t["run"]) for t in result["trace"])[1]
        runs.add(best)
        trace = [t for t in result["trace"] if t["run"] == best]
        frames = film(tmp_path)["frames"]
        right = [("start", None)] + [(s, t[f]) for t in trace for s, f in (("A", "J_assign"), ("B", "J_update"))]
        assert [(f["s"], float(f["J"]) if "J" in f else None) for f in frames] == right + [("end", result["J"])]
    assert len(runs) > 1 or init != "--n-init=7"


def test_a_long_run_is_shown_from_its_start_and_at_its_end(kmu, fit, write, tmp_path):
    x = np.random.default_rng(0).uniform(0, 1, (20000, 2))
    write("x.npy", npy(x[np.argsort(x[:, 0])]))  # the first rows are at one side, so that the centroids have far to go
    result = fit("x.npy", "-k60", "--init=first", "--report=r.html")
    assert result["iterations"] > 101
    shown = film(tmp_path)["frames"]
    assert [f["s"] for f in shown[-4:]] == ["B", "A", "jump", "end"] and len(shown) < 2 * 101 + 5
    assert shown[-2]["t"] == result["iterations"] and float(shown[-1]["J"]) == result["J"]
    assert all(float(f["J"]) == result["trace"][f["t"] - 1][{"A": "J_assign"}.get(f["s"], "J_update")] for f in shown[1:])


LARGE = 1_000_000


@pytest.mark.parametrize("n, k, method", [(1_000_000, 50, "lloyd"), (50_000, 1000, "lloyd"), (30_000, 5000, "lloyd"),
                                          (20_000, 1500, "bisecting"), (30_000, 300, "minibatch")])
def test_many_points_and_clusters_make_a_small_page(kmu, write, tmp_path, n, k, method):
    write("x.npy", npy(np.random.default_rng(1).normal(0, 1, (n, 2)).astype("f4")))
    start = ["--init=random", "--max-iter=60"] if k > 1000 else ["--max-iter=60"]
    assert kmu("fit", "x.npy", f"-k{k}", f"--method={method}", *start, "--report=r.html", "-o", "m.kmu")[0] == 0
    assert (tmp_path / "r.html").stat().st_size < LARGE
    text = re.sub("<[^>]*>", "", page(tmp_path))
    assert (f"Of {k} cells and centroids the 1000 of the heaviest clusters, to keep the page small." in text) == (k > 1000)
    assert ("more than 1000 moving centroids are too many for the eye" in text) == (k > 1000)
    assert kmu("report", "x.npy", "-m", "m.kmu", "-o", "m.html", "-q")[0] == 0
    assert (tmp_path / "m.html").stat().st_size < LARGE


@pytest.mark.parametrize("n, d, k", [(600, 2000, 300), (4000, 300, 1000)])
def test_many_columns_of_long_names_make_a_small_page(kmu, write, tmp_path, n, d, k):
    """Names of many columns and rows, each letter of which takes five."""
    x = np.random.default_rng(1).normal(0, 1, (n, d))
    write("x.csv", "id," + ",".join("&" * 300 + str(l) for l in range(d)) + "\n" +
          "".join("&" * 300 + str(j) + "," + ",".join(f"{v:.3f}" for v in row) + "\n" for j, row in enumerate(x)))
    assert kmu("fit", "x.csv", f"-k{k}", "--id=id", "--header=yes", "--init=random", "--max-iter=8", "--report=r.html", "-q")[0] == 0
    assert (tmp_path / "r.html").stat().st_size < LARGE


def test_an_image_without_order_makes_a_small_page(kmu, write, tmp_path):
    """Noise, which no PNG makes smaller."""
    write("x.npy", npy(np.random.default_rng(3).integers(0, 256, (400 * 600, 3)).astype("u1")))
    assert kmu("fit", "x.npy", "-k90", "--max-iter=5", "-o", "m.kmu", "-q")[0] == 0
    assert kmu("report", "x.npy", "-m", "m.kmu", "-o", "r.html", "--image=400,600", "-q") == (0, "", "")
    assert (tmp_path / "r.html").stat().st_size < LARGE and "Shown as 200 x 300 pixels" in page(tmp_path)


def test_many_turns_make_a_small_page(kmu, fit, write, tmp_path):
    """Of 20,000 batches a curve shows what can be seen: also the one that stands out."""
    write("x.npy", npy(np.random.default_rng(4).normal(0, 1, (1000, 2))))
    result = fit("x.npy", "-k3", "--method=minibatch", "--batch-size=5", "--max-iter=100", "--max-no-improvement=1000000",
                 "--report=r.html")
    assert result["iterations"] == 20_000 and (tmp_path / "r.html").stat().st_size < LARGE
    line = max(re.findall(r'<polyline points="([^"]*)"', page(tmp_path)), key=len)
    heights = [float(p.split(",")[1]) for p in line.split(" ")]
    J = [t["J_update"] for t in result["trace"]]
    assert len(heights) <= 1000 and np.argmin(heights) / len(heights) == pytest.approx(np.argmax(J) / len(J), abs=0.002)


def test_the_same_fit_has_the_same_page(kmu, iris, tmp_path):
    pages = []
    for threads in (1, 3):
        kmu("fit", iris, "-k4", "-q", f"-t{threads}", "--report=r.html")
        pages.append(re.sub(r"[\d.e-]+ for the start, [\d.e-]+ for the fit|\d threads?|<td>\d+\.\d{4}</td></tr>", "", page(tmp_path)))
    assert pages[0] == pages[1]


def test_a_report_of_an_image(kmu, write, tmp_path):
    write("x.npy", npy(np.random.default_rng(3).integers(0, 256, (240, 3)).astype("u1")))
    kmu("fit", "x.npy", "-k4", "-o", "m.kmu")
    assert kmu("report", "x.npy", "-m", "m.kmu", "-o", "r.html", "--image=12,20") == (0, "", "")
    assert "Before and after" in page(tmp_path)
    assert kmu("fit", "x.npy", "-k4", "--report=f.html", "--image=12,20") == (0, "", "")
    assert "Before and after" in page(tmp_path, "f.html") and "Step by step" in page(tmp_path, "f.html")


@pytest.mark.parametrize("x", [
    np.zeros((3, 2)), np.full((2, 1), 7.0), np.full((4, 3), -1e308), np.array([[1e308, -1e308], [-1e308, 1e308]]),
    np.array([[5e-324, 0], [0, 5e-324]]), np.array([[1.7e9, 1.7e9 + 1], [1.7e9 + 1e-6, 1.7e9]]), np.array([[1.0, 2, 3]])])
def test_numbers_at_the_edge_have_a_page(kmu, write, tmp_path, x):
    write("x.npy", npy(x))
    assert kmu("fit", "x.npy", f"-k{min(2, len(x))}", "--init=first", "--report=r.html", "-o", "m.kmu") == (0, "", "")
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]*>", "", page(tmp_path), flags=re.S)
    assert not re.search(r"\b(nan|inf)\b", text)
    assert "frames" in film(tmp_path)


@pytest.mark.parametrize("words, code, said", [
    ("report a.csv -o p.html", 2, "-m is missing: which model?"),
    ("report a.csv -m m.kmu", 2, "-o is missing: where to? (F.html)"),
    ("report a.csv -m m.kmu -o old.svg", 2, "old.svg: a report is .html"),
    ("fit a.csv -k2 --report old.svg", 2, "old.svg: a report is .html"),
    ("fit a.csv -k2 --report old.html --labels old.html", 2, "old.html: two outputs cannot go to one file"),
    ("report a.csv -m m.kmu -o old.html --image=2,2", 3, "a.csv: 2 columns; a pixel has 1 (grey) or 3 (red, green, blue)"),
    ("fit a.csv -k2 --report old.html --image=2,2", 3, "a.csv: 2 columns; a pixel has 1 (grey) or 3 (red, green, blue)"),
    ("fit a.csv -k2 --image=2,2", 2, "--image: it is shown in a report (--report F.html)"),
    ("report a.csv -m 3.kmu -o old.html", 7, "a.csv: points of 2 columns for a model of 3"),
    ("report nan.csv -m m.kmu -o old.html", 3, "nan.csv:2:2: nan is not finite"),
    ("fit nan.csv -k1 --report old.html", 3, "nan.csv:2:2: nan is not finite"),
    ("fit a.csv -k9 --report old.html", 3, "a.csv: "),
    ("report none.csv -m m.kmu -o old.html", 4, "none.csv: "),
    ("fit a.csv -k2 --report none/p.html", 4, "none/p.html: cannot write: No such file or directory"),
])
def test_bad_input_says_what_and_leaves_the_old_page(kmu, write, folder, words, code, said):
    write("a.csv", "1,2\n3,4\n5,6\n"), write("nan.csv", "1,2\n3,nan\n"), write("old.svg", "old"), write("old.html", "old")
    write("m.kmu", model([[1, 2], [5, 6]])), write("3.kmu", model([[1, 2, 3]]))
    before = folder()
    got = kmu(*words.split())
    assert got[0] == code and got[2].startswith(f"kmu: {said}") and folder() == before


@pytest.mark.parametrize("suffix", ["csv", "json", "csv.gz"])
@pytest.mark.parametrize("words", ["-k3 --n-init=6 --seed=3", "-k5 --max-iter=3 --n-init=2", "-k4 --method=minibatch", "-k4 --tol=0.01"])
def test_a_trace_brings_the_turns_back(kmu, fit, iris, tmp_path, words, suffix):
    """A report of a model with its trace has the curves and the table of the report of the fit."""
    fit(iris, *words.split(), "-q", f"--trace=t.{suffix}", "-o", "m.kmu", "--report=fit.html")
    assert kmu("report", iris, "-m", "m.kmu", f"--trace=t.{suffix}", "-o", "m.html", "-q") == (0, "", "")
    turns = [re.search('<section id="turns">.*?</section>', page(tmp_path, name), re.S)[0] for name in ("fit.html", "m.html")]
    turns = [re.sub(r"<td>[\d.]+</td></tr>", "", text) for text in turns]  # seconds, rounded twice
    assert turns[0] == turns[1] and "seconds</th>" in turns[0]


def test_a_trace_of_another_order_and_more_columns(kmu, fit, iris, write, tmp_path):
    trace = fit(iris, "-k3", "-q", "-o", "m.kmu")["trace"]
    names = ["moved", "seen", "J_update", "turn", "run", "J_assign"]
    write("t.csv", ",".join(names) + "\r\n" + "".join(",".join(repr(t.get(n, "x")) for n in names) + "\r\n" for t in trace))
    write("t.json", json.dumps([{n: t.get(n, "x") for n in names} for t in trace], indent=1))
    for name in ("t.csv", "t.json"):
        assert kmu("report", iris, "-m", "m.kmu", "--trace", name, "-o", "r.html", "-q") == (0, "", "")
        assert all(f"<td>{t['J_update']!r}</td>" in page(tmp_path) for t in trace)


RECORD = '{"run":0,"turn":1,"J_assign":9,"J_update":8,"moved":0}'


@pytest.mark.parametrize("text, code, said", [
    ("", 3, "t: no run of 3 turns that ends at the J of the model: a trace of another fit"),
    ("run,turn\n0,1\n", 3, "t: record 1: J_assign is missing; kmu fit --trace writes it"),
    ("run,turn,J_assign,J_update,moved\n0,1,9,8,0\n0,2,x,8,0\n", 3, "t: record 2: \"x\" is no value of J_assign"),
    ("run,turn,J_assign,J_update,moved\n0,1,nan,8,0\n", 3, "t: record 1: \"nan\" is no value of J_assign"),
    ("run,turn,J_assign,J_update,moved\n0,1,-9,8,0\n", 3, "t: record 1: its J make no sense"),
    ("run,turn,J_assign,J_update,moved\n0,0,9,8,0\n", 3, "t: record 1: its counts make no sense"),
    ("run,turn,J_assign,J_update,moved\n0,1.5,9,8,0\n", 3, "t: record 1: \"1.5\" is no value of turn"),
    ("run,turn,J_assign,J_update,moved\n9999999999,1,9,8,0\n", 3, "t: record 1: \"9999999999\" is no value of run"),
    ("run,turn,J_assign,J_update,moved,method\n0,1,9,8,0,\x1b[31m\n", 3, "t: record 1: \"\\x1b[31m\" is no value of method"),
    ("run,turn,J_assign,J_update,moved,seconds\n0,1,9,8,0,1e999\n", 3, "t: record 1: its shift or its seconds make no sense"),
    ("run,turn,J_assign,J_update,moved,shift\n0,1,9,8,0,-1\n", 3, "t: record 1: its shift or its seconds make no sense"),
    ("run,turn,J_assign,J_update,moved\n0,1,0x9,8,0\n", 3, "t: record 1: \"0x9\" is no value of J_assign"),
    ("[" + RECORD + "]", 3, "t: no run of 3 turns that ends at the J of the model: a trace of another fit"),
    ("[" + RECORD, 3, "t: record 1: what follows it is no record of kmu fit --trace"),
    ("[" + RECORD + "] x", 3, "t: record 1: what follows it is no record of kmu fit --trace"),
    ("[" + RECORD + ",3]", 3, "t: record 2: no record of kmu fit --trace"),
    ("[{\"run\":[0]}]", 3, "t: record 1: no record of kmu fit --trace"),
    ("[{\"run\":0", 3, "t: record 1: no record of kmu fit --trace"),
    ("a\0b", 3, "t: no trace: it holds a NUL byte"),
])
def test_what_is_no_trace_of_the_model(kmu, write, folder, text, code, said):
    write("a.csv", "0\n1\n9\n10\n"), write("start.csv", "0\n1\n")
    assert kmu("fit", "a.csv", "--init=start.csv", "-q", "-o", "m.kmu")[0] == 0
    write("t", text)
    before = folder()
    assert kmu("report", "a.csv", "-m", "m.kmu", "--trace=t", "-o", "r.html") == (code, "", f"kmu: {said}\n") and folder() == before


def test_counts_of_a_trace_may_be_as_large_as_they_like(kmu, write, tmp_path):
    write("a.csv", "0\n1\n9\n10\n"), write("start.csv", "0\n1\n")
    assert kmu("fit", "a.csv", "--init=start.csv", "-q", "-o", "m.kmu")[0] == 0
    most = str(2**63 - 1)
    write("t.csv", "run,turn,J_assign,J_update,moved,pairs,exact\n" + "".join(
        f"0,{t},9,{1 if t == 3 else 8},{most},{most},{most}\n" for t in (1, 2, 3)))
    assert kmu("report", "a.csv", "-m", "m.kmu", "--trace=t.csv", "-o", "r.html", "-q") == (0, "", "")
    assert page(tmp_path).count(f"<td>{most}</td>") == 9 and "(100&#8239;%) exactly, in integers" in page(tmp_path)


def test_a_J_beyond_f64_is_said_in_words(kmu, write, tmp_path):
    write("x.npy", npy(np.array([[1e308, -1e308], [-1e308, 1e308], [1e308, 1e308]])))
    assert kmu("fit", "x.npy", "-k2", "--init=first", "--report=r.html", "-q") == (0, "", "")
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]*>", " ", page(tmp_path), flags=re.S)
    assert "J stays beyond binary64 in 2 turns" in text and not re.search(r"\b(nan|inf)\b", text)


def test_a_trace_of_another_fit_or_a_tree(kmu, iris, tmp_path):
    kmu("fit", iris, "-k3", "-q", "-o", "m.kmu", "--trace=3.csv"), kmu("fit", iris, "-k4", "-q", "--trace=4.csv")
    kmu("fit", iris, "-k3", "-q", "--method=bisecting", "-o", "tree.kmu", "--trace=tree.csv")
    assert "a trace of another fit" in kmu("report", iris, "-m", "m.kmu", "--trace=4.csv", "-o", "r.html", "-q")[2]
    lines = (tmp_path / "3.csv").read_text().splitlines()
    last = lines[-1].split(",")
    last[4] = repr(np.nextafter(float(last[4]), np.inf))  # J_update
    (tmp_path / "near.csv").write_text("\n".join(lines[:-1] + [",".join(last)]))
    assert "a trace of another fit" in kmu("report", iris, "-m", "m.kmu", "--trace=near.csv", "-o", "r.html", "-q")[2]
    assert kmu("report", iris, "-m", "tree.kmu", "--trace=tree.csv", "-o", "r.html", "-q")[0] == 2
