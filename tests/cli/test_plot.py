"""test_plot.py - the pictures of kmu plot: what the marks say is true, and what comes from data does nothing."""
import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from file_bytes import model, npy

SVG = "{http://www.w3.org/2000/svg}"
POINTS = 10_000


def picture(tmp_path, name="p.svg"):
    return ET.parse(tmp_path / name).getroot()


def polygons(root):
    """The cells by cluster, as integers: millionths of a pixel."""
    cells = {}
    for group in root.iter(f"{SVG}g"):
        title, polygon = group.find(f"{SVG}title"), group.find(f"{SVG}polygon")
        if title is not None and polygon is not None:
            corners = [tuple(int(Fraction(v) * 10**6) for v in p.split(",")) for p in polygon.get("points").split()]
            cells[int(re.match(r"cluster (\d+)", title.text)[1])] = corners
    return cells


def area(root):
    """Left, top, right, bottom of where the points are."""
    xs, ys = zip(*(p for corners in polygons(root).values() for p in corners))
    return min(xs), min(ys), max(xs), max(ys)


def turn(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def words(root):
    return [t.text for t in root.iter(f"{SVG}text")]


def caption(root):
    return root.find(f"{SVG}desc").text


def to_plane(root, x, y, axis):
    """Coordinates of data from pixels, by the ticks of both axes."""
    left, top, right, bottom = (v / 1e6 for v in area(root))
    ticks = {0: [], 1: []}
    for t in root.iter(f"{SVG}text"):
        try:
            value = float(t.text)
        except ValueError:
            continue
        if t.get("text-anchor") == "end" and float(t.get("x")) < left:
            ticks[1].append((float(t.get("y")) - 5, value))
        elif float(t.get("y")) > bottom and t.get("text-anchor") == "middle":
            ticks[0].append((float(t.get("x")), value))
    (p0, v0), (p1, v1) = ticks[axis][0], ticks[axis][-1]
    return v0 + ((x if axis == 0 else y) - p0) * (v1 - v0) / (p1 - p0)


@pytest.mark.parametrize("k", [1, 2, 7, 60])
def test_random_points_fall_in_the_drawn_cell_of_their_nearest_centroid(kmu, write, tmp_path, k):
    draw = np.random.default_rng(k)
    x = draw.integers(-1000, 1001, (3 * k + 5, 2)).astype("f8")
    mu = draw.integers(-1000, 1001, (k, 2)).astype("f8")
    write("x.npy", npy(x)), write("m.kmu", model(mu))
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    root = picture(tmp_path)
    cells, (left, top, right, bottom) = polygons(root), area(root)
    for corners in cells.values():
        n = len(corners)
        assert all(turn(corners[a], corners[(a + 1) % n], corners[(a + 2) % n]) > 0 for a in range(n))
    px = np.stack([draw.uniform(left, right, POINTS), draw.uniform(top, bottom, POINTS)], 1)
    at = np.stack([to_plane(root, px[:, 0] / 1e6, px[:, 1] / 1e6, axis) for axis in (0, 1)], 1)
    squares = ((at[:, None] - mu[None]) ** 2).sum(-1)
    order = np.sort(squares, 1)
    sure = order[:, 1] - order[:, 0] > 1e-4 * order[:, 1] if k > 1 else np.ones(POINTS, bool)  # ticks are read from text
    assert sure.mean() > 0.99
    for p, i in zip(px[sure].astype(int).tolist(), squares.argmin(1)[sure].tolist(), strict=True):
        corners = cells[i]
        assert all(turn(a, b, p) >= 0 for a, b in zip(corners, corners[1:] + corners[:1], strict=True))


def test_the_cut_of_a_plane_through_more_columns(kmu, write, tmp_path):
    """Of points that lie in a plane of five columns, each is drawn in the cell of its cluster."""
    draw = np.random.default_rng(5)
    x = draw.uniform(-1, 1, (400, 2)) @ draw.normal(0, 1, (2, 5))
    write("x.npy", npy(x))
    assert kmu("fit", "x.npy", "-k9", "-o", "m.kmu", "--labels=l.npy")[0] == 0
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    root = picture(tmp_path)
    assert "principal axes of the centroids (100\u00a0% of their variance), of 5 columns" in caption(root)
    cells, labels = list(polygons(root).values()), np.load(tmp_path / "l.npy")
    paths = [p.get("d") for p in root.iter(f"{SVG}path")]
    assert len(paths) == len(cells) == 9
    for i, path in enumerate(paths):
        dots = [tuple(round(float(v) * 1e6) for v in p.removesuffix("h0").split()) for p in path.split("M")[1:]]
        assert len(dots) == (labels == i).sum()
        for p in dots:  # rounded to a hundredth of a pixel
            ends = zip(cells[i], cells[i][1:] + cells[i][:1], strict=True)
            assert all(turn(a, b, p) >= -1e4 * np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in ends)


def test_two_centroids_span_no_plane(kmu, iris, tmp_path):
    kmu("fit", iris, "-k2", "-o", "m.kmu", "-q")
    assert kmu("plot", iris, "-m", "m.kmu", "-o", "p.svg", "-q") == (0, "", "")
    assert "principal axes of the points" in caption(picture(tmp_path))


def test_one_column_is_a_strip_with_its_cuts(kmu, write, tmp_path):
    write("x.csv", "width\n0\n1\n9\n10\n30\n"), write("m.kmu", model([[0.5], [9.5], [30]]))
    assert kmu("plot", "x.csv", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    said = words(picture(tmp_path))
    assert {"5", "19.75", "width", "0", "1", "2"} <= set(said)


def test_an_index_is_nearer_to_its_own_circle_than_to_others(kmu, write, tmp_path):
    draw = np.random.default_rng(3)
    mu = draw.uniform(0, 100, (120, 2))
    write("x.npy", npy(np.repeat(mu, 3, axis=0) + draw.normal(0, 1, (360, 2)))), write("m.kmu", model(mu))
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    root = picture(tmp_path)
    circles = np.zeros((120, 3))
    for group in root.iter(f"{SVG}g"):
        title, circle = group.find(f"{SVG}title"), group.find(f"{SVG}circle")
        if circle is not None:
            circles[int(re.match(r"cluster (\d+)", title.text)[1])] = [float(circle.get(name)) for name in ("cx", "cy", "r")]
    left, top, right, bottom = (v / 1e6 for v in area(root))
    labels = 0
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        if not (text.text.isdigit() and left < x < right and top < y < bottom):
            continue
        wide = 0.645 * 15 * len(text.text)  # of DejaVu Sans, rounded up
        begin = x - {"start": 0, "middle": wide / 2, "end": wide}[text.get("text-anchor")]
        away = np.hypot(circles[:, 0] - np.clip(circles[:, 0], begin, begin + wide),
                        circles[:, 1] - np.clip(circles[:, 1], y - 0.73 * 15, y)) - circles[:, 2]
        assert away.argmin() == int(text.text)
        labels += 1
    assert 20 < labels < 120 and f"{120 - labels} indices had no room" in caption(root)


def test_many_points_are_a_density(kmu, write, tmp_path):
    write("x.npy", npy(np.random.default_rng(1).normal(0, 1, (6000, 2)).astype("f4")))
    kmu("fit", "x.npy", "-k3", "-o", "m.kmu")
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    root = picture(tmp_path)
    assert [i.get("class") for i in root.iter(f"{SVG}image")] == ["light", "dark"]
    assert not list(root.iter(f"{SVG}path"))
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg", "--theme=dark") == (0, "", "")
    assert len(list(picture(tmp_path).iter(f"{SVG}image"))) == 1
    assert "prefers-color-scheme" not in (tmp_path / "p.svg").read_text()


def test_a_tree_has_regions(kmu, iris, tmp_path):
    kmu("fit", iris, "-k5", "--method=bisecting", "--columns=1-2", "-o", "m.kmu", "-q")
    assert kmu("plot", iris, "-m", "m.kmu", "--columns=1-2", "-o", "p.svg", "-q") == (0, "", "")
    root = picture(tmp_path)
    assert "tree of splits" in caption(root) and len(polygons(root)) == 5


def test_standardised_axes_have_the_units_of_the_data(kmu, write, tmp_path):
    x = np.random.default_rng(2).uniform([1000, 0], [2000, 1], (50, 2))
    write("x.npy", npy(x))
    kmu("fit", "x.npy", "-k3", "--scale=z", "-o", "m.kmu")
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    assert {"1200", "1600", "0.4", "0.8"} <= set(words(picture(tmp_path)))


@pytest.mark.parametrize("columns", [1, 3])
def test_an_image_before_and_after(kmu, write, tmp_path, columns):
    x = np.random.default_rng(3).integers(0, 256, (12 * 20, columns)).astype("u1")
    write("x.npy", npy(x))
    kmu("fit", "x.npy", "-k4", "-o", "m.kmu")
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg", "--image=12,20") == (0, "", "")
    root = picture(tmp_path)
    assert len(list(root.iter(f"{SVG}image"))) == 3
    assert {"before", "after", "0", "1", "2", "3"} <= set(words(root))
    code, _, err = kmu("plot", "x.npy", "-m", "m.kmu", "-o", "q.svg", "--image=12,21")
    assert code == 3 and err.startswith("kmu: x.npy: 240 rows, but --image 12,21") and not (tmp_path / "q.svg").exists()


HOSTILE = ["<script>alert(1)</script>", "\"' onload=alert(1) x='", "]]>&amp;<!--", "\x1b[31mred\x07", "‮evil￿", "&lt;b&gt;"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_do_nothing(kmu, write, tmp_path, name):
    quoted = '"' + name.replace('"', '""') + '"'
    file = name.replace("/", "") + ".csv"
    write(file, f"{quoted},{quoted}\n" + "".join(f"{i},{i * i % 7}\n" for i in range(9)))
    assert kmu("fit", file, "-k2", "-o", "m.kmu", "--header=yes")[0] == 0
    assert kmu("plot", file, "-m", "m.kmu", "-o", "p.svg", "--header=yes") == (0, "", "")
    text = (tmp_path / "p.svg").read_text()
    root = picture(tmp_path)  # it is well-formed
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "title", "desc", "style", "g", "polygon", "polyline", "circle", "path", "text"}
    assert not any(a.startswith("on") or a in ("href", "style") for e in root.iter() for a in e.attrib)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f‪-‮⁦-⁩￾￿]", text)
    shown = name.replace("\x1b", "\\x1b").replace("\x07", "\\x07").replace("‮", "�").replace("￿", "�")
    assert shown in words(root)


def test_png_and_pdf(kmu, iris, tmp_path):
    kmu("fit", iris, "-k3", "-o", "m.kmu", "-q")
    code, _, err = kmu("plot", iris, "-m", "m.kmu", "-o", "p.png", "-q")
    if code == 2:
        assert "libcairo2-dev" in err and not (tmp_path / "p.png").exists()
        pytest.skip("kmu is built without cairo")
    pixels = {}
    for theme in ("light", "dark"):
        assert kmu("plot", iris, "-m", "m.kmu", "-o", "p.png", "-q", f"--theme={theme}") == (0, "", "")
        pixels[theme] = (tmp_path / "p.png").read_bytes()
        assert pixels[theme].startswith(b"\x89PNG\r\n\x1a\n") and pixels[theme].endswith(b"IEND\xaeB`\x82")
    assert pixels["light"] != pixels["dark"]
    once = [kmu("plot", iris, "-m", "m.kmu", "-o", "p.pdf", "-q") and (tmp_path / "p.pdf").read_bytes() for _ in range(2)]
    assert once[0].startswith(b"%PDF-") and once[0] == once[1] and b"CreationDate" not in once[0]


FIRST = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir>
<cachedir>cache</cachedir><alias binding="same"><family>sans-serif</family><prefer><family>DejaVu Serif</family></prefer></alias></fontconfig>"""


@pytest.mark.skipif(not Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf").exists(), reason="no fonts-dejavu-core")
def test_a_letter_that_one_font_lacks_comes_from_another(kmu, write, tmp_path):
    """DejaVu Serif has no Arabic, DejaVu Sans has."""
    write("fonts.conf", FIRST)
    for name, fonts in (("width", {b"Serif"}), ("\u0637\u0648\u0644", {b"Serif", b"Sans"})):
        write("x.csv", f"{name},y\n" + "".join(f"{i},{i * i % 7}\n" for i in range(9)))
        kmu("fit", "x.csv", "-k2", "-o", "m.kmu")
        code, _, err = kmu("plot", "x.csv", "-m", "m.kmu", "-o", "p.pdf", env={"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")})
        if code == 2 and "libcairo2-dev" in err:
            pytest.skip("kmu is built without cairo")
        assert code == 0
        assert set(re.findall(rb"/FontName /[A-Z]+\+DejaVu(Serif|Sans)", (tmp_path / "p.pdf").read_bytes())) == fonts


@pytest.mark.parametrize("words, code, said", [
    ("a.csv -o p.svg", 2, "-m is missing: which model?"),
    ("a.csv -m m.kmu", 2, "-o is missing: where to? (F.svg, F.png or F.pdf)"),
    ("a.csv -m m.kmu -o old.csv", 2, "old.csv: a picture is .svg, .png or .pdf"),
    ("a.csv -m m.kmu -o old.svg --theme=pink", 2, "--theme pink: not one of auto light dark"),
    ("a.csv -m m.kmu -o old.svg --image=3", 2, "--image 3: not N,D, two integers of at least 1"),
    ("a.csv -m m.kmu -o old.svg --image=2,2", 3, "a.csv: 2 columns; a pixel has 1 (grey) or 3 (red, green, blue)"),
    ("a.csv -m 3.kmu -o old.svg", 7, "a.csv: points of 2 columns for a model of 3"),
    ("a.csv -m a.csv -o old.svg", 7, "a.csv: not a kmu model (kmu fit -o makes one)"),
    ("nan.csv -m m.kmu -o old.svg", 3, "nan.csv:2:2: nan is not finite"),
    ("none.csv -m m.kmu -o old.svg", 4, "none.csv: "),
    ("a.csv -m m.kmu -o none/p.svg", 4, "none/p.svg: cannot write: No such file or directory"),
])
def test_bad_input_says_what_and_leaves_the_old_picture(kmu, write, folder, words, code, said):
    write("a.csv", "1,2\n3,4\n5,6\n"), write("nan.csv", "1,2\n3,nan\n"), write("old.svg", "old"), write("old.csv", "old")
    write("m.kmu", model([[1, 2], [5, 6]])), write("3.kmu", model([[1, 2, 3]]))
    before = folder()
    got = kmu("plot", *words.split())
    assert got[0] == code and got[2].startswith(f"kmu: {said}") and folder() == before


@pytest.mark.parametrize("weight, said", [("1e308", "mass beyond binary64"), ("2e307", "mass 1.2e+308, 33.3 %")])
def test_masses_at_the_edge_have_words(kmu, write, tmp_path, weight, said):
    write("x.csv", "".join(f"{j % 3},{j % 3},{weight}\n" for j in range(18)))
    kmu("fit", "x.csv", "-k3", "--weights=3", "-o", "m.kmu")
    assert kmu("plot", "x.csv", "--columns=1-2", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    assert {t.text.partition(": ")[2] for g in picture(tmp_path).iter(f"{SVG}g") for t in g.findall(f"{SVG}title")} == {said}


@pytest.mark.parametrize("x", [
    np.zeros((3, 2)), np.full((2, 1), 7.0), np.full((4, 3), -1e308), np.array([[1e308, -1e308], [-1e308, 1e308]]),
    np.array([[5e-324, 0], [0, 5e-324]]), np.array([[1.7e9, 1.7e9 + 1], [1.7e9 + 1e-6, 1.7e9]]), np.array([[1.0, 2, 3]])])
def test_numbers_at_the_edge_have_a_picture(kmu, write, tmp_path, x):
    write("x.npy", npy(x)), write("m.kmu", model(x[:2]))
    assert kmu("plot", "x.npy", "-m", "m.kmu", "-o", "p.svg") == (0, "", "")
    text = (tmp_path / "p.svg").read_text()
    assert len(polygons(picture(tmp_path))) >= 1 and not re.search(r"\b(nan|inf)\b|[-]?9223372036854", text)
