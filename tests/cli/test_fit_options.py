"""test_fit_options.py - how a fit is asked for: starts, weights, scales, stops, threads, and every spelling."""
import numpy as np
import pytest

from file_bytes import gz, npy
from judged import HOW, nearest, objective, without


@pytest.fixture
def points(write):
    """x.npy (f32), x8.npy (the same as f64) and x.csv: 80 points of 3 coordinates around 5 places."""
    draw = np.random.default_rng(11)
    x = (draw.standard_normal((80, 3)) + draw.integers(-4, 5, (5, 3))[draw.integers(0, 5, 80)]).astype("f4")
    write("x.npy", npy(x))
    write("x8.npy", npy(x.astype("f8")))
    write("x.csv", "".join(",".join(map(repr, row)) + "\n" for row in x.tolist()))
    return x


def test_a_start_from_a_file_is_the_start(fit, points, write, tmp_path):
    mu = points[[3, 14, 15, 9]]
    for name, content in {"c.npy": npy(mu), "c8.npy": npy(mu.astype("f8")), "c.csv": "\n".join(",".join(map(str, m)) for m in mu),
                          "c.csv.gz": gz("\n".join("\t".join(map(str, m)) for m in mu).encode())}.items():
        r = fit("x.npy", "--init", write(name, content), "--max-iter=0", "--labels=l.npy", "--centers=m.npy")
        assert (r["k"], r["iterations"], r["stop"], r["dtype"]) == (4, 0, "max_iter", "f32")
        assert np.array_equal(np.load(tmp_path / "m.npy"), mu)
        assert np.load(tmp_path / "l.npy").tolist() == nearest(points, mu)
        assert r["J"] == objective(points, mu, np.load(tmp_path / "l.npy"))


def test_a_start_of_more_digits_is_rounded_once_to_the_type_of_the_data(fit, points, write, tmp_path):
    third = np.full((1, 3), 1 / 3)
    write("tie.csv", "%s,1,1\n" % "1.000000059604644775390625000000001")  # just above the middle of two f32 numbers
    for name, content, want in (("c8.npy", npy(third), third.astype("f4")), ("c.csv", "0.1,1e-46,0.3\n", [["0.1", "0", "0.3"]]),
                                ("tie.csv", None, [[1 + 2**-23, 1, 1]])):
        fit("x.npy", "--init", write(name, content) if content else name, "--max-iter=0", "--centers=m.npy")
        assert np.array_equal(np.load(tmp_path / "m.npy"), np.array(want, "f4"))


def test_a_start_through_a_pipe_is_read_once(fit, points, tmp_path):
    texts = "1.000000059604644775390625000000001,1,1\n0.1,0.2,0.3\n".encode()  # the first: just above the middle of two f32
    for content, want in ((texts, [[1 + 2**-23, 1, 1], [0.1, 0.2, 0.3]]), (gz(texts), [[1 + 2**-23, 1, 1], [0.1, 0.2, 0.3]]),
                          (npy(points[:2]), points[:2]), (npy(points[:2].astype("f8")), points[:2])):
        for name in ("-", "/dev/stdin"):
            fit("x.npy", "--init", name, "--max-iter=0", "--centers=m.npy", input=content)
            assert np.array_equal(np.load(tmp_path / "m.npy"), np.array(want, "f4"))


@pytest.mark.parametrize("data", ["x.npy", "x8.npy", "x.csv"])
@pytest.mark.parametrize("scale", ["none", "z", "robust"])
def test_a_warm_start_at_a_fixpoint_stays_there(data, scale, fit, kmu, points, tmp_path):
    first = fit(data, "-k5", "--scale", scale, "-o", "m.kmu", "--labels=l.npy", "--centers=c.npy")
    again = fit(data, "--init", "m.kmu", "-o", "again.kmu", "--labels=l2.npy", "--centers=c2.npy")
    assert (again["iterations"], again["stop"], again["J"]) == (1, "fixpoint", first["J"])
    assert np.array_equal(np.load(tmp_path / "l.npy"), np.load(tmp_path / "l2.npy"))
    assert np.array_equal(np.load(tmp_path / "c.npy"), np.load(tmp_path / "c2.npy"))
    models = [(tmp_path / name).read_text().splitlines() for name in ("m.kmu", "again.kmu")]
    body = [[line for line in m if not line.startswith(("iterations ", "crc32 "))] for m in models]
    assert body[0] == body[1]


def test_a_start_in_units_of_the_data_is_scaled_with_them(fit, points, tmp_path):
    first = fit("x8.npy", "-k5", "--scale=z", "--centers=c.npy")
    again = fit("x8.npy", "--init=c.npy", "--scale=z", "--labels=l.npy")
    assert again["J"] == pytest.approx(first["J"], rel=1e-12) and again["iterations"] <= 2
    fit("x8.npy", "-k5", "-o", "plain.kmu", "--labels=p.npy", "--centers=pc.npy")
    scaled = fit("x8.npy", "--init=plain.kmu", "--scale=z", "--max-iter=0", "--centers=sc.npy")
    assert scaled["J"] < 5 * first["J"]
    assert np.allclose(np.load(tmp_path / "sc.npy"), np.load(tmp_path / "pc.npy"), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("scale", ["z", "robust"])
@pytest.mark.parametrize("data", ["x.npy", "x8.npy", "x.csv"])
def test_scaled_columns_count_alike_and_come_back_in_their_units(data, scale, fit, kmu, points, tmp_path):
    r = fit(data, "-k4", "--scale", scale, "-o", "m.kmu", "--labels=l.npy", "--centers=c.npy")
    x, c, mu = points.astype("f8"), np.load(tmp_path / "l.npy"), np.load(tmp_path / "c.npy")
    quartiles = np.quantile(x, [0.75, 0.25], axis=0, method="averaged_inverted_cdf")
    shift, unit = (x.mean(0), x.std(0)) if scale == "z" else (np.median(x, 0), np.subtract(*quartiles))
    y = (x - shift) / unit
    assert r["dtype"] == "f64" and mu.dtype == np.float64
    assert np.allclose(mu, [x[c == i].mean(0) for i in range(4)], rtol=1e-12)
    assert r["J"] == pytest.approx(sum(((y[c == i] - y[c == i].mean(0)) ** 2).sum() for i in range(4)), rel=1e-12)
    assert kmu("predict", data, "-m", "m.kmu", "-o", "p.npy") == (0, "", "")
    assert np.array_equal(np.load(tmp_path / "p.npy"), c)


def test_a_scale_bears_columns_of_any_size(fit, write, tmp_path):
    x = np.array([[1e308, 5, 1e-320], [-1.7e308, 5, 3e-320], [1.7e308, 5, 2e-320]])
    for scale in ("z", "robust"):
        fit(write("x.npy", npy(x)), "-k3", "--scale", scale, "--centers=c.npy", "--labels=l.npy")
        mu, c = np.load(tmp_path / "c.npy"), np.load(tmp_path / "l.npy")
        assert sorted(c) == [0, 1, 2] and np.allclose(mu[c][:, :2], x[:, :2], rtol=1e-12)


@pytest.mark.parametrize("scale", ["z", "robust"])
def test_a_number_that_is_none_is_named_where_it_stands_under_a_scale_too(scale, kmu, write):
    for bad, name in ((np.nan, "NaN"), (-np.inf, "infinite")):
        write("x.npy", npy(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, bad]])))
        assert kmu("fit", "x.npy", "-k2", "--scale", scale) == (3, "", f"kmu: x.npy: row 3, column 2 is {name}; leave out the row or fill it in\n")
        write("w.npy", npy(np.array([1e-300, 1e-300, 1])))
        assert kmu("fit", "x.npy", "-k2", "--scale", scale, "--weights=w.npy")[2] == f"kmu: x.npy: row 3, column 2 is {name}; leave out the row or fill it in\n"
        write("x.npy", npy(np.full((2, 1), bad)))
        assert kmu("fit", "x.npy", "-k2", "--scale", scale) == (3, "", f"kmu: x.npy: row 1, column 1 is {name}; leave out the row or fill it in\n")


def test_weights_in_a_file_a_row_or_a_column_are_repeated_rows(fit, points, write, tmp_path):
    w = np.random.default_rng(2).integers(0, 4, 80)
    rows = points.astype("f8")
    start = write("c.npy", npy(rows[[0, 20, 40]]))
    write("heavy.csv", "x,y,heft,z\n" + "".join(f"{a!r},{b!r},{m},{c!r}\n" for (a, b, c), m in zip(rows.tolist(), w)))
    write("many.npy", npy(np.repeat(rows, w, axis=0)))
    write("w.npy", npy(w)), write("w.csv", "weight\n" + "".join(f"{m}\n" for m in w)), write("row.csv", ",".join(map(str, w)))
    many = fit("many.npy", "--init", start)
    for data, weights in (("x8.npy", "w.npy"), ("x8.npy", "w.csv"), ("x8.npy", "row.csv"), ("heavy.csv", "heft"),
                          ("heavy.csv", "3"), ("x8.npy", "-")):
        r = fit(data, "--init", start, "--weights", weights, "--labels=l.npy", input=npy(w))
        assert (r["J"], r["masses"], r["iterations"]) == (many["J"], many["sizes"], many["iterations"])
        assert r["sizes"] == np.bincount(np.load(tmp_path / "l.npy"), minlength=3).tolist()


def scale_of(path):
    """shift and unit of a model."""
    lines = dict(line.split(" ", 1) for line in path.read_text().splitlines() if line.startswith(("shift ", "unit ")))
    return np.array([lines["shift"].split(), lines["unit"].split()], "f8")


@pytest.mark.parametrize("scale", ["z", "robust"])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7, 80])
def test_a_scale_takes_weights_for_repeated_rows(n, scale, fit, write, tmp_path):
    draw = np.random.default_rng(n)
    x, w = np.column_stack([draw.standard_normal((n, 2)), draw.integers(-2, 3, n)]), draw.integers(0, 4, n)
    w[0] += 1
    start = write("c.npy", npy(x[:1]))
    write("x.npy", npy(x)), write("many.npy", npy(np.repeat(x, w, axis=0)))
    many = fit("many.npy", "--init", start, "--scale", scale, "-o", "many.kmu")
    for unit in (1.0, 2.0**-1060, 2.0**1000):
        r = fit("x.npy", "--init", start, "--scale", scale, "--weights", write("w.npy", npy(w * unit)), "-o", "m.kmu")
        assert r["J"] == pytest.approx(many["J"] * unit, rel=1e-12)
        assert np.allclose(scale_of(tmp_path / "m.kmu"), scale_of(tmp_path / "many.kmu"), rtol=1e-14 if scale == "z" else 0, atol=0)


@pytest.mark.parametrize("scale", ["z", "robust"])
def test_a_scale_depends_on_neither_the_unit_of_the_weights_nor_rows_without_one(scale, fit, points, write, tmp_path):
    fit("x8.npy", "-k2", "--scale", scale, "-o", "plain.kmu")
    for w in (0.1, 1 / 80, 5e-324, 1.7e308):
        fit("x8.npy", "-k2", "--scale", scale, "--weights", write("w.npy", npy(np.full(80, w))), "-o", "m.kmu")
        assert np.allclose(scale_of(tmp_path / "m.kmu"), scale_of(tmp_path / "plain.kmu"), rtol=1e-14, atol=0), w
    write("far.npy", npy(np.vstack([points.astype("f8"), np.full((1, 3), 1e300)])))
    fit("far.npy", "-k2", "--scale", scale, "--weights", write("w.npy", npy(np.repeat([1.0, 0.0], [80, 1]))), "-o", "m.kmu")
    assert np.array_equal(scale_of(tmp_path / "m.kmu"), scale_of(tmp_path / "plain.kmu"))


def test_the_best_of_several_runs_is_kept(fit, points):
    r = fit("x.npy", "-k6", "--init=random", "--n-init=5")
    ends = {turn["run"]: turn["J_update"] for turn in r["trace"]}
    assert list(ends) == [0, 1, 2, 3, 4] and r["J"] == min(ends.values()) and len(set(ends.values())) > 1
    best = min(ends, key=ends.get)
    assert r["iterations"] == max(turn["turn"] for turn in r["trace"] if turn["run"] == best)


def test_seeds_are_kept_apart_and_repeat(fit, points):
    results = [without(fit("x.npy", "-k8", "--init=random", "--seed", seed)) for seed in (1, 2, 1, 2**64 - 1)]
    assert results[0] == results[2] and results[3]["seed"] == 2**64 - 1
    assert len({str(r["trace"]) for r in results}) == 3


def test_where_a_fit_stops(fit, kmu, points):
    whole = fit("x.npy", "-k6", "--init=random")
    assert whole["stop"] == "fixpoint" and whole["iterations"] > 2
    cut = fit("x.npy", "-k6", "--init=random", "--max-iter=2")
    assert (cut["stop"], cut["iterations"]) == ("max_iter", 2)
    assert without(cut, HOW)["trace"] == without(whole, HOW)["trace"][:2]
    loose = fit("x.npy", "-k6", "--init=random", "--tol=1e-1")
    variance = points.astype("f8").var(0).mean()
    stopped = [t["shift"] <= 0.1 * variance for t in loose["trace"]]
    assert loose["stop"] == "tolerance" and stopped == [False] * (len(stopped) - 1) + [True]
    for words in (["--max-iter=2"], ["--tol=0.1"], ["--max-iter=0"]):
        assert fit("x.npy", "-k6", "--init=random", "--strict", *words, code=6)["stop"] != "fixpoint"
    assert kmu("fit", "x.npy", "-k6", "-o", "m.kmu", "--strict") == (0, "", "")


def test_strict_says_what_is_not_met_and_the_outputs_are_there(kmu, points, tmp_path):
    answer = kmu("fit", "x.npy", "-k6", "-o", "m.kmu", "--strict", "--max-iter=1")
    assert answer == (6, "", "kmu: --strict: not at a fixpoint with k clusters\n")
    assert (tmp_path / "m.kmu").read_bytes().startswith(b"kmu-model 1\n")


def test_fewer_distinct_points_than_clusters(kmu, fit, write):
    write("x.csv", "1,1\n1,1\n2,2\n2,2\n")
    r = fit("x.csv", "-k3", "--strict", code=6)
    assert (r["J"], r["stop"], r["distinct"], sorted(r["sizes"])) == (0, "fixpoint", 2, [0, 2, 2])
    code, out, err = kmu("fit", "x.csv", "-k3")
    assert (code, err) == (0, "") and "\nonly 2 of 3 clusters own a point: " in out


@pytest.mark.parametrize("one, other", [
    ("-k3", "-k 3"), ("-k3", "-k=3"), ("-k3", "--k=3"), ("-k3", "--n-clusters 3"), ("-k3", "--clusters=3"), ("-k3", "-k 9 -k 3"),
    ("-k3 --n-init 3", "-k3 --restarts=3"), ("-k3 --n-init 3", "-k3 --nstart 3"), ("-k3 --n-init 3", "--nredo 3 -k3"),
    ("-k3 --max-iter 2", "-k3 --max-iterations=2"), ("-k3 --max-iter 2", "-k3 --niter 2"),
    ("-k3 --seed 7", "-k3 --random-state 7"), ("-k3", "-k3 --init=k-means++"), ("-k3", "-k3 --init kmeans++"),
    ("-k3 --init kmeans||", "-k3 --init=k-means||"),
    ("-k3", "-k3 --algorithm=auto --isa=auto --scale=none --tol=0 --max-seconds=0 --progress=none"),
    ("-k3 -t2", "-k3 -t 2"), ("-k3 -t2", "-k3 --threads=2"), ("-k3", "-q -k3"),
])
def test_spellings_of_one_wish(one, other, fit, points):
    assert without(fit("x.npy", *one.split())) == without(fit(*other.split(), "x.npy"))


def test_two_dashes_end_the_options_and_one_is_standard_input_and_output(fit, kmu, points, write, tmp_path):
    write("-k9.csv", (tmp_path / "x.csv").read_bytes())
    want = without(fit("x.csv", "-k3"))
    assert without(fit("-k3", "--", "-k9.csv")) == without(fit("-k3", "./-k9.csv")) == want
    for name in ("x.csv", "x8.npy"):
        assert without(fit("-", "-k3", input=(tmp_path / name).read_bytes())) == want
        assert without(fit("-k3", "-", input=gz((tmp_path / name).read_bytes()))) == want
    assert kmu("fit", "x.csv", "-k3", "--labels=-")[1] == "".join(f"{c}\n" for c in nearest(points, printed_centers(kmu)))


def printed_centers(kmu):
    """The centroids that a fit writes to standard output."""
    return np.array([line.split(",") for line in kmu("fit", "x.csv", "-k3", "--centers=-")[1].splitlines()], "f8")


@pytest.mark.parametrize("data", ["x.npy", "x8.npy"])
def test_every_way_of_computing_gives_the_same_bits(data, fit, points, tmp_path):
    def made(*how):
        r = fit(data, "-k7", "--init=random", "-o", "m.kmu", "--labels=l.npy", "--centers=c.npy", *how)
        return without(r, HOW), *((tmp_path / name).read_bytes() for name in ("m.kmu", "l.npy", "c.npy"))

    want = made()
    for how in (["-t1"], ["-t2"], ["-t7"], ["--algorithm=plain"], ["--algorithm=dense"], ["--algorithm=filter"], ["--algorithm=tree"], ["--isa=plain"], ["--isa=base"],
                ["--isa=plain", "--algorithm=plain", "-t3"]):
        assert made(*how) == want, how


@pytest.mark.parametrize("words, first", [
    (["--help"], "kmu: k-means with one right answer\n"), (["help"], "kmu: k-means with one right answer\n"),
    (["fit", "--help"], "kmu fit DATA -k K "), (["predict", "-h"], "kmu predict DATA -m MODEL "), (["help", "fit"], "kmu fit DATA "),
    (["fit", "nowhere.csv", "-k", "x", "--help"], "kmu fit DATA -k K "), (["--version"], "kmu 0."),
])
def test_help_and_version_are_answers(words, first, kmu):
    code, out, err = kmu(*words)
    assert (code, err) == (0, "") and out.startswith(first) and out.endswith("\n")
