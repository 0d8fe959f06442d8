#!/usr/bin/env python3
"""Draw the pictures of docs/benchmarks.md, docs/pictures/*.svg, and write its table, from what bench/ recorded.

    bench/pictures.py

The same numbers give the same bytes; tests/test_measured.py holds pictures and table against them. Standard library only.
"""
import math
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parent / "docs" / "pictures"
PAGE = HERE.parent / "docs" / "benchmarks.md"
COLOUR = {"auto": "#222222", "dense": "#0072b2", "bounds": "#009e73", "filter": "#d55e00", "tree": "#cc79a7", "grey": "#999999"}

METHODS = ("dense", "bounds", "filter", "tree")


def read(name):
    """The rows of a table as dicts of text."""
    lines = [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("# ")]
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]


# ---- marks -------------------------------------------------------------------------------------------------------------


def text(x, y, words, anchor="start", size=12, colour="#222222", more=""):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{more}>{words}</text>'


def bar(x, y, width, height, colour):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def line(x1, y1, x2, y2, colour="#dddddd"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def curve(points, colour):
    at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2"/>'


def dot(x, y, colour, radius=4):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'


# What colours are for who reads on a dark ground.
DARK = {"#ffffff": "#14171c", "#222222": "#eceef1", "#999999": "#8b929e", "#cccccc": "#4b525d", "#dddddd": "#353b45", "#eeeeee": "#2b3038",
        "#f2f2f2": "#22272f", "#0072b2": "#4ba7e3", "#009e73": "#2db88d", "#d55e00": "#ee7b30", "#cc79a7": "#d68bb5"}


def svg(width, height, title, marks):
    dark = "".join(f'[{part}="{light}"]{{{part}:{colour}}}' for light, colour in DARK.items() for part in ("fill", "stroke"))
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="sans-serif" role="img"><title>{title}</title>\n<style>@media screen and (prefers-color-scheme:dark){{{dark}}}'
            f'</style>\n<rect width="{width}" height="{height}" fill="#ffffff"/>')
    return "\n".join([head, text(12, 22, title, size=14), *marks, "</svg>"]) + "\n"


# ---- pictures ----------------------------------------------------------------------------------------------------------


def kernels():
    """A bar a kernel: its share of the peak, by unit."""
    rows = [r for r in read("kernels.tsv") if r["isa"] == "avx512"]
    left, right, top, step = 200, 700, 60, 16
    colour = {"f32": COLOUR["dense"], "f64": COLOUR["tree"], "u8": COLOUR["filter"], "B": COLOUR["grey"]}
    names = {"f32": "of f32 FMA", "f64": "of f64 FMA", "u8": "of products of bytes", "B": "of reads from the second-level cache"}
    bottom = top + step * len(rows)
    marks = []
    for tenth in range(0, 11, 2):
        x = left + (right - left) * tenth / 10
        marks += [line(x, top - 4, x, bottom), text(x, bottom + 14, f"{10 * tenth} %", "middle", 11)]
    for i, (unit, words) in enumerate(names.items()):
        x = 12 + (0, 110, 220, 390)[i]
        marks += [bar(x, 34, 10, 10, colour[unit]), text(x + 14, 43, words, size=11)]
    for i, r in enumerate(rows):
        y, share = top + i * step, float(r["share"])
        marks += [text(left - 6, y + 11, f"{r['kernel']}, {r['d']}", "end", 11),
                  bar(left, y + 2, (right - left) * share, step - 4, colour[r["unit"]]),
                  text(left + (right - left) * share + 4, y + 11, f"{100 * share:.0f}", size=10)]
    return svg(740, bottom + 24, "Kernels on one thread, as shares of this machine's peak (AVX-512)", marks)


def methods():
    """A row a data set: every method's time over that of the best single one."""
    rows = read("methods.tsv")
    left, right, top, step, most = 250, 700, 66, 20, 4
    place = lambda ratio: left + (right - left) * math.log(min(ratio, most) / 0.8) / math.log(most / 0.8)  # noqa: E731
    bottom = top + step * len(rows)
    marks = [bar(place(1), top - 6, place(1.15) - place(1), bottom - top + 6, "#eeeeee")]
    for ratio in (1, 1.15, 1.5, 2, 3, 4):
        marks += [line(place(ratio), top - 6, place(ratio), bottom), text(place(ratio), bottom + 14, f"{ratio:g}", "middle", 11)]
    for i, name in enumerate(("auto", *METHODS)):
        marks += [dot(18 + 80 * i, 42, COLOUR[name]), text(26 + 80 * i, 46, name, size=11)]
    marks.append(text(430, 46, "open: more than that, stopped", size=11))
    for i, r in enumerate(rows):
        y = top + i * step + 8
        marks += [text(left - 8, y + 4, f"{r['data']}: {int(r['n']):,} x {r['d']}, k = {r['k']}", "end", 11),
                  line(left, y, right, y, "#f2f2f2")]
        best = min(float(r[name]) for name in METHODS if r[name][0].isdigit())
        for name in (*METHODS, "auto"):
            if r[name] == "-":
                continue
            x, colour = place(float(r[name].lstrip(">")) / best), COLOUR[name]
            marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#ffffff" stroke="{colour}"/>' if r[name][0] == ">"
                         else dot(x, y, colour, 5 if name == "auto" else 4))
    return svg(740, bottom + 24, "Seconds of a fit of 20 turns, over those of the best single method (two threads)", marks)


def panel(x0, y0, wide, high, series, ticks, label):
    """Curves on two logarithmic axes: series of (name, colour, [(x, y)]), ticks of x."""
    xs, ys = [p[0] for s in series for p in s[2]], [p[1] for s in series for p in s[2]]
    low, up = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    at_x = lambda x: x0 + wide * math.log(x / min(xs)) / math.log(max(xs) / min(xs))  # noqa: E731
    at_y = lambda y: y0 + high - high * (math.log10(y) - low) / (up - low)  # noqa: E731
    marks = [text(x0, y0 - 8, label, size=12)]
    for e in range(low, up + 1):
        marks += [line(x0, at_y(10.0**e), x0 + wide, at_y(10.0**e)), text(x0 - 4, at_y(10.0**e) + 4, f"{10.0**e:g}", "end", 10)]
    for tick in ticks:
        marks += [line(at_x(tick), y0, at_x(tick), y0 + high), text(at_x(tick), y0 + high + 13, f"{tick:,}", "middle", 10)]
    under = -math.inf  # names do not cover one another
    for name, colour, points in sorted(series, key=lambda s: -s[2][-1][1]):
        under = max(under + 11, at_y(points[-1][1]) + 4)
        marks += [curve([(at_x(x), at_y(y)) for x, y in points], colour), text(x0 + wide + 4, under, name, size=10)]
    return marks


def turns():
    """Milliseconds of a turn against n, d, k, and from turn to turn."""
    rows = read("turns.tsv")
    shades = (("1", "#0072b2"), ("5", "#009e73"), ("20", "#d55e00"))
    marks = []
    for i, (changed, ticks) in enumerate((("n", (12500, 50000, 200000, 800000)), ("d", (2, 8, 32, 128)), ("k", (10, 100, 1000)))):
        series = [(f"turn {turn}", colour, [(int(r[changed]), float(r["ms"])) for r in rows
                                            if r["changed"] == changed and r["turn"] == turn]) for turn, colour in shades]
        marks += panel(50 + 370 * (i % 2), 70 + 230 * (i // 2), 260, 160, series, ticks, f"ms of a turn by {changed}")
    series = [(f"k = {k}", colour, [(int(r["turn"]), float(r["ms"])) for r in rows if r["changed"] == "k" and r["k"] == k])
              for k, colour in (("10", "#0072b2"), ("100", "#009e73"), ("1000", "#d55e00"))]
    marks += panel(50 + 370, 70 + 230, 260, 160, series, (1, 2, 5, 10, 20), "ms of a turn, turn by turn")
    return svg(760, 500, "What a turn costs: 200,000 x 32, k = 100, two threads, but for what is changed", marks)


def percent(part):
    """Two digits of it, none behind the point from 10 on."""
    digits = max(0, 1 - math.floor(math.log10(100 * part))) if part else 0
    return f"{100 * part:.{digits}f} %"


def page():
    """The page, with the table of the methods between its two marks."""
    table = ["| data | n x d | k | auto | dense | bounds | filter | tree | auto / best | one thread | used | asked | in f64 |",
             "|" + "---|" * 13]
    for r in read("methods.tsv"):
        cells = [r["data"], f"{int(r['n']):,} x {r['d']}", r["k"], f"**{r['auto']}**", *(r[name] for name in METHODS), r["ratio"],
                 r["one"], r["used"], percent(float(r["asked"])), percent(float(r["f64"]))]
        table.append("| " + " | ".join(cells) + " |")
    return re.sub(r"(?<=<!-- bench/methods.tsv -->\n).*?(?=\n<!-- end -->)", "\n".join(table), PAGE.read_text(), flags=re.S)


ALL = {"kernels.svg": kernels, "methods.svg": methods, "turns.svg": turns}

if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, draw in ALL.items():
        (PICTURES / name).write_text(draw())
    PAGE.write_text(page())
