#!/usr/bin/env python3
"""Draw the figures of docs/theory.md that are no pictures of cells, from what the command says: script/figures.py FOLDER.

    mean.svg       J of one cluster, wherever its centroid is (T3): every J is one that kmu verify computed
    falling.svg    J at each half-step of a fit (T4), as kmu fit --trace has it
    stopping.svg   all ways to part a few points in two, and those that a fit visits (T6)

Standard library only. Where the command says otherwise than the theorem, nothing is drawn: the script fails.
"""
import itertools
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KMU = ROOT / "build" / "release" / "kmu"
sys.path.insert(0, str(ROOT / "bench"))
from pictures import bar, curve, dot, line, svg, text  # noqa: E402

BLUE, ORANGE, GREY, INK = "#0072b2", "#d55e00", "#999999", "#222222"


def kmu(*args):
    return subprocess.run([KMU, *map(str, args)], check=True, capture_output=True, text=True).stdout


def table(folder, name, rows):
    """A file of numbers."""
    (folder / name).write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return folder / name


def ring(x, y, radius, colour):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="{colour}"/>'


def mean(folder):
    """Five points and, for centroids on a line through their mean, J: a parabola; for all of the plane, rings."""
    points, a = [(0, 0), (1, 3), (2, 1), (4, 2), (3, 4)], (2, 2)
    data, labels = table(folder, "points.csv", points), table(folder, "labels.csv", [(0,)] * len(points))
    measured = []
    for half in range(-2, 11):
        v = (half / 2, a[1])
        args = ("--centers", table(folder, "v.csv", [v]), "--labels", labels)
        verdict = json.loads(kmu("verify", data, *args, "--header=no", "--json"))
        assert verdict["J"] == 20 + len(points) * (v[0] - a[0]) ** 2 and (verdict["means_off"] == 0) == (v == a)
        measured.append((v[0], verdict["J"]))
    left = lambda x, y: (60 + 45 * x, 290 - 45 * y)  # noqa: E731
    right = lambda v, J: (400 + 45 * (v + 1), 300 - 3.2 * J)  # noqa: E731
    marks = [text(12, 44, "Where is J how large? The rings: J = 25, 40, 65", size=12)]
    marks += [ring(*left(*a), 45 * r, GREY) for r in (1, 2, 3)]
    marks += [text(left(*a)[0], left(*a)[1] - 45 * r - 4, str(20 + 5 * r * r), "middle", 11) for r in (1, 2, 3)]
    marks += [line(*left(-1, a[1]), *left(5, a[1]), "#dddddd")]
    marks += [dot(*left(*p), INK) for p in points] + [dot(*left(*a), ORANGE, 7)]
    marks += [text(left(*a)[0] + 10, left(*a)[1] + 16, "the mean: J = 20", size=11)]
    marks += [text(400, 44, "J along the line through the mean", size=12), line(*right(-1, 0), *right(5, 0), GREY)]
    marks += [text(*(p + 14 * i for i, p in enumerate(right(v, 0))), str(v), "middle", 11) for v in range(-1, 6)]
    marks += [line(*right(2, 0), *right(2, 20), ORANGE), line(*right(-1, 20), *right(5, 20), "#dddddd")]
    marks += [text(right(2, 0)[0] - 6, right(2, 9)[1], "20, of the mean itself", "end", 11)]
    marks += [line(*right(4, 20), *right(4, 40), BLUE)]
    marks += [text(right(4, 0)[0] + 6, right(0, 26)[1], "5 (v \u2212 2)\u00b2", size=11, colour=BLUE)]
    marks += [curve([right(v, J) for v, J in ((i / 20, 20 + 5 * (i / 20 - 2) ** 2) for i in range(-20, 101))], GREY)]
    marks += [dot(*right(v, J), BLUE) for v, J in measured] + [dot(*right(2, 20), ORANGE, 6)]
    return svg(700, 340, "The mean is the best centroid: J grows with the square of the distance from it", marks)


def falling(folder):
    """J after (A) and after (B) of every turn."""
    kmu("fit", ROOT / "examples" / "iris.csv", "-k6", "--init=random", "--seed=7", "-q", "--trace", folder / "t.json")
    trace = json.loads((folder / "t.json").read_text())
    J = [t[name] for t in trace for name in ("J_assign", "J_update")]
    assert J == sorted(J, reverse=True)
    top, bottom, left, step = 70, 300, 80, 560 / len(J)
    height = lambda y: bottom - (bottom - top) * (y - 35) / (max(J) - 35)  # noqa: E731
    marks = [bar(12, 36, 10, 10, BLUE), text(28, 45, "(A): every point goes to its nearest centroid", size=11),
             bar(290, 36, 10, 10, ORANGE), text(306, 45, "(B): every centroid moves to the mean of its points", size=11)]
    for y in range(40, int(max(J)) + 1, 20):
        marks += [line(left, height(y), left + 560, height(y)), text(left - 6, height(y) + 4, str(y), "end", 11)]
    for i, y in enumerate(J):
        x, colour = left + i * step, ORANGE if i % 2 else BLUE
        if i:
            marks.append(f'<line x1="{x:.1f}" y1="{height(J[i - 1]):.1f}" x2="{x:.1f}" y2="{height(y):.1f}" stroke="{colour}" '
                         'stroke-width="4"/>')
        marks.append(curve([(x, height(y)), (x + step, height(y))], colour))
        if i % 2 == 0:
            marks.append(text(x + step, bottom + 18, str(i // 2 + 1), "middle", 11))
    marks.append(text(left + 560, bottom + 34, "turn", "end", 11))
    return svg(680, 345, f"J falls in two half-steps a turn, {J[0]:.4g} to {J[-1]:.4g}, and never rises", marks)


def stopping(folder):
    """J of every way to part seven points in two, by size, and the path of a fit."""
    x = (0, 1, 3, 4, 6, 11, 13)
    data, start = table(folder, "x.csv", [(v,) for v in x]), table(folder, "start.csv", [(0,), (1,)])

    def J(labels):
        parts = [[v for v, c in zip(x, labels, strict=True) if c == i] for i in (0, 1)]
        return sum(sum((v - Fraction(sum(p), len(p))) ** 2 for v in p) for p in parts if p)

    ways = sorted({(c if c[0] == 0 else tuple(1 - i for i in c)) for c in itertools.product((0, 1), repeat=7) if 0 < sum(c) < 7},
                  key=lambda c: (-J(c), c))
    path = []
    while len(path) < 2 or path[-1] != path[-2]:
        kmu("fit", data, "--header=no", "--init", start, f"--max-iter={len(path)}", "-q", "--labels", folder / "c.csv")
        path.append(tuple(map(int, (folder / "c.csv").read_text().split())))
    path.pop()
    falls = [J(c) for c in path]
    assert len(set(path)) == len(path) and falls == sorted(falls, reverse=True)
    left, top, bottom, step = 60, 70, 290, 600 / len(ways)
    at = lambda c: (left + step * (ways.index(c) + 0.5), bottom - (bottom - top) * float(J(c) / J(ways[0])))  # noqa: E731
    marks = [text(12, 44, f"Bars: J of the {len(ways)} ways to part seven points of a line in two, each at its means; orange: where a fit "
                          "goes", size=11)]
    for y in range(0, int(J(ways[0])) + 1, 50):
        height = bottom - (bottom - top) * y / float(J(ways[0]))
        marks += [line(left, height, left + 600, height), text(left - 6, height + 4, str(y), "end", 11)]
    marks += [bar(at(c)[0] - step / 2 + 1, at(c)[1], step - 2, bottom - at(c)[1], ORANGE if c in path else "#cccccc") for c in ways]
    for i, c in enumerate(path):
        words = "the end" if i + 1 == len(path) else f"after {i} turn{'s' * (i != 1)}" if i else "the start"
        beside = text(left + 610, at(c)[1] + 4, words, size=11) if i else text(at(c)[0], at(c)[1] - 9, words, "middle", 11)
        marks += [dot(*at(c), ORANGE), beside]
    marks.append(curve([at(c) for c in path], ORANGE))
    marks.append(text(left + 600, bottom + 18, "from the largest J to the least", "end", 11))
    return svg(750, 320, "It stops: every turn goes to a way with less J, so none comes twice, and there are finitely many", marks)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for draw in (mean, falling, stopping):
            (Path(sys.argv[1]) / f"{draw.__name__}.svg").write_text(draw(Path(name)))
