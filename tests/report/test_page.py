"""test_page.py - the report in a real browser: it says what the trace says, and what comes from data does nothing."""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pages import ROOT, WIDTHS, browser, colours, kmu, nothing_is_wrong, press, said  # noqa: F401

FASHION = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")


LOAD = "import numpy, sys; from sklearn.datasets import load_sample_image; numpy.save(sys.argv[1], load_sample_image('china.jpg')[::2, ::2])"


@pytest.fixture(scope="module")
def china(tmp_path_factory):
    """Every other pixel of china.jpg where scikit-learn is installed, here or in the venv of script/wheel; else an image of 60 x 80
    pixels that is like it: sky, roofs and their edges. Red, green and blue, and its height and width."""
    path = tmp_path_factory.mktemp("image") / "china.npy"
    for python in (sys.executable, ROOT / "build" / "python" / "venv" / "bin" / "python"):
        if Path(python).exists() and subprocess.run([python, "-c", LOAD, path], capture_output=True).returncode == 0:
            image = np.load(path)
            break
    else:
        draw = np.random.default_rng(0)
        y, x = np.mgrid[:60, :80] / 60
        roof = (y > 0.5 + 0.2 * np.sin(5 * x))[..., None]
        image = np.where(roof, [120, 70, 50], [170, 190, 220]) + 40 * y[..., None] * [1, -0.5, -1] + draw.normal(0, 9, (60, 80, 3))
    return np.clip(image, 0, 255).astype("u1").reshape(-1, 3), image.shape[:2]


@pytest.fixture(scope="module")
def reports(tmp_path_factory, china):
    """name -> (the page, the trace of its run) of three fits."""
    folder = tmp_path_factory.mktemp("reports")
    shutil.copy(ROOT / "examples" / "iris.csv", folder)
    np.save(folder / "china.npy", china[0])
    made = {}
    for name, *args in (("iris", "iris.csv", "-k3", "--n-init=10", "--id=species"), ("china", "china.npy", "-k12", "--max-iter=20"),
                        ("fashion", FASHION, "-k10", "--max-iter=15")):
        result = json.loads(kmu(folder, "fit", *args, "-q", "--json", "--report", f"{name}.html", "-o", f"{name}.kmu"))
        last = [t for t in result["trace"] if t["turn"] == 1 or t["run"]][-1]["run"]
        runs = {r: [t for t in result["trace"] if t["run"] == r] for r in range(last + 1)}
        kept = min(runs.values(), key=lambda turns: turns[-1]["J_update"])
        made[name] = (folder / f"{name}.html", kept, result["J"])
    return made


NAMES = ("iris", "china", "fashion")


@pytest.mark.parametrize("name", NAMES)
def test_the_steps_say_the_trace(browser, reports, name):
    """Forward and back: at every half-step the page has J with every digit of the trace."""
    path, trace, J = reports[name]
    browser.open(path)
    assert said(browser)[:2] == ["end", repr(J)]
    press(browser, "to the start")
    assert said(browser)[0] == "start"
    right = [(step, repr(t[field])) for t in trace for step, field in (("A", "J_assign"), ("B", "J_update"))] + [("end", repr(J))]
    seen = []
    for step, J_said in right:
        press(browser, "a step forward")
        got = said(browser)
        assert (got[0], float(got[1])) == (step, float(J_said)) and got[1] in got[2]
        seen.append(colours(browser))
    press(browser, "a step back")
    assert said(browser)[0] == "B"
    press(browser, "a step back")
    assert said(browser)[0] == "A" and colours(browser) == seen[-3]


def test_a_step_changes_as_many_colours_as_the_trace_says(browser, reports):
    """Of iris every point is shown: (A) changes `moved` colours, (B) none."""
    path, trace, _ = reports["iris"]
    browser.open(path)
    press(browser, "to the start")
    before = colours(browser)
    for turn in trace:
        press(browser, "a step forward")
        now = colours(browser)
        assert sum(a != b for a, b in zip(before, now, strict=True)) == turn["moved"]
        before = now
        press(browser, "a step forward")
        assert colours(browser) == before


@pytest.mark.parametrize("kind", ["two columns", "two scales", "a plane of five columns"])
def test_every_point_shown_is_in_its_cell(browser, tmp_path, kind):
    """After (A) each point has the colour of the cell it is drawn in: also where the axes differ in scale, and where the first
    centroids are not in the plane of the points."""
    draw = np.random.default_rng(2)
    x = draw.normal(0, [1, 100 if kind == "two scales" else 1], (300, 2))
    if kind == "a plane of five columns":
        x = x @ draw.normal(0, 1, (2, 5))
    start = x[:7] + (draw.normal(0, 1, (7, 5)) if x.shape[1] == 5 else 0)
    np.save(tmp_path / "x.npy", x), np.save(tmp_path / "start.npy", start)
    kmu(tmp_path, "fit", "x.npy", "-k7", "--init=start.npy", "--report=x.html")
    browser.open(tmp_path / "x.html")
    press(browser, "to the start")
    for _ in range(3):
        press(browser, "a step forward")
        assert browser.ask(INSIDE) == [0, True]
        press(browser, "a step forward")


def test_a_dot_goes_down_with_J(browser, reports):
    path, trace, _ = reports["iris"]
    browser.open(path)
    press(browser, "to the start")
    dot = browser.driver.find_element(By.CSS_SELECTOR, "#player svg[aria-hidden] circle")
    assert not dot.is_displayed()
    J, height = [t[name] for t in trace for name in ("J_assign", "J_update")], []
    for _ in J:
        press(browser, "a step forward")
        assert dot.is_displayed()
        height.append(float(dot.get_attribute("cy")))
    assert np.interp(J, [min(J), max(J)], [max(height), min(height)]) == pytest.approx(height) and max(height) > min(height) + 30


def test_of_equal_centroids_the_first_has_the_cell(browser, tmp_path):
    np.save(tmp_path / "x.npy", np.full((9, 2), 3.25))
    kmu(tmp_path, "fit", "x.npy", "-k3", "--report=x.html")
    browser.open(tmp_path / "x.html")
    cells = browser.ask("return [...document.querySelectorAll('#player svg > g:first-of-type polygon')].map(e => e.points.length)")
    assert cells == [4, 0, 0]


INSIDE = """
  const svg = document.querySelector('#player svg');
  const [cells, points] = svg.querySelectorAll(':scope > g');
  let wrong = 0, right = 0;
  for (const c of points.children) {
    const p = svg.createSVGPoint();
    p.x = c.cx.baseVal.value; p.y = c.cy.baseVal.value;
    const own = [...cells.children].filter(e => e.isPointInFill(p) && !e.isPointInStroke(p));
    right += own.length === 1;
    wrong += own.length > 1 || (own.length === 1 && !own[0].getAttribute('class').startsWith(c.getAttribute('class') + ' '));
  }
  return [wrong, right > 250];"""


@pytest.fixture(scope="module")
def descents(tmp_path_factory):
    """Reports of a tree of splits and of batches, of 300 points in the plane, and their traces."""
    folder = tmp_path_factory.mktemp("descents")
    np.save(folder / "x.npy", np.random.default_rng(7).normal(0, 1, (300, 2)))
    made = {}
    for name, *args in (("bisecting", "--n-init=2"), ("minibatch", "--batch-size=40", "--max-iter=3")):
        result = json.loads(kmu(folder, "fit", "x.npy", "-k7", "--method", name, *args, "-q", "--json", "--report", f"{name}.html"))
        made[name] = (folder / f"{name}.html", result)
    return made


def test_a_step_is_a_split(browser, descents):
    """Every part is a region of the tree, each split makes one more, J falls to that of the fit."""
    path, result = descents["bisecting"]
    browser.open(path)
    press(browser, "to the start")
    J = [float(said(browser)[1])]
    assert said(browser)[0] == "start" and len(set(colours(browser))) == 1
    for split in range(1, 7):
        press(browser, "a step forward")
        step, now, text = said(browser)
        J.append(float(now))
        assert step == "split" and f"Split {split}" in text
        assert browser.ask(INSIDE) == [0, True]
        there = "return [...document.querySelectorAll('#player svg > g:nth-of-type(3) circle')].filter(c => c.checkVisibility()).length"
        assert browser.ask(there) == split + 1
    assert J == sorted(J, reverse=True) and J[-1] == result["J"]
    x = np.load(path.parent / "x.npy")
    assert J[0] == pytest.approx(((x - x.mean(0)) ** 2).sum(), rel=1e-5)
    for split in range(1, 6):
        kmu(path.parent, "fit", "x.npy", f"-k{split + 1}", "--method=bisecting", "--n-init=2", "-q", "-o", "few.kmu")
        assert J[split] == pytest.approx(json.loads(kmu(path.parent, "info", "few.kmu", "--json"))["J"], rel=1e-5)
    press(browser, "a step forward")
    assert said(browser)[:2] == ["end", repr(result["J"])]


def test_a_step_is_a_batch(browser, descents):
    path, result = descents["minibatch"]
    browser.open(path)
    press(browser, "to the start")
    assert said(browser)[0] == "start"
    for turn in result["trace"]:
        press(browser, "a step forward")
        assert said(browser)[0] == "batch" and float(said(browser)[1]) == turn["J_update"]
        assert browser.ask(INSIDE) == [0, True]
    press(browser, "a step forward")
    assert said(browser)[:2] == ["end", repr(result["J"])]


def test_play_goes_to_the_end_and_keys_go_step_by_step(browser, reports):
    browser.open(reports["iris"][0])
    play = browser.driver.find_element(By.XPATH, "//button[text()='Play']")
    play.click()
    assert play.text == "Pause" and said(browser)[0] == "start"
    play.click()
    assert play.text == "Play"
    live = "return document.getElementById('step-said').getAttribute('aria-live')"
    assert browser.ask(live) == "polite"
    play.click()
    assert browser.ask(live) == "off"
    slider = browser.driver.find_element(By.CSS_SELECTOR, "#steps input[type=range]")
    slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT)
    assert said(browser)[0] == "A" and "(A)" in slider.get_attribute("aria-valuetext")
    slider.send_keys(Keys.END)
    assert said(browser)[0] == "end" and browser.ask(live) == "polite"


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_sorted_by_any_column(browser, reports, name):
    browser.open(reports[name][0])
    table = browser.driver.find_element(By.ID, "cluster-table")
    for column in (0, 1, 2, 3, 4, 5, 6, 7):
        for order in ("ascending", "descending"):
            table.find_elements(By.CSS_SELECTOR, "thead button")[column].click()
            assert table.find_elements(By.CSS_SELECTOR, "thead th")[column].get_attribute("aria-sort") == order
            cells = browser.ask("return [...document.querySelectorAll('#cluster-table tbody tr')].map(r => "
                                "r.cells[arguments[0]].textContent.replace(/[^-+.\\deE]/g, ''))", column)
            numbers = list(map(float, cells))
            assert numbers == sorted(numbers, reverse=order == "descending")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read(browser, reports, name, theme):
    path = reports[name][0]
    for width in WIDTHS:
        browser.open(path, width, theme)
        assert browser.wide() == [], f"{width} px"
        assert browser.faint() == [], f"{width} px"
        assert browser.smallest() >= 11, f"{width} px"
    assert browser.overlapping() == []
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("letters", ["=", "<+>", "VAKZX", "AB#~", "mW@%", "width ", "\u0448\u0438\u0440\u0438\u043d\u0430 ", "\u9ad8"])
def test_names_stay_on_the_sheet(browser, tmp_path, letters):
    """Whatever letters a name is of, it is cut where the picture ends, and not much before."""
    name = (letters * 60)[:60]
    (tmp_path / "x.csv").write_text(f'"{name}","y"\n' + "".join(f"{i},{i * i % 7}\n" for i in range(9)))
    kmu(tmp_path, "fit", "x.csv", "-k2", "--header=yes", "-o", "m.kmu")
    kmu(tmp_path, "plot", "x.csv", "--header=yes", "-m", "m.kmu", "-o", "x.svg")
    browser.open(tmp_path / "x.svg")
    left, right = browser.ask("""const box = [...document.querySelectorAll("text")].find(e => e.textContent.endsWith("...")).getBBox();
        return [box.x, box.x + box.width];""")
    assert left >= 12 and right <= 449 and right - left > 230


def test_on_a_long_logarithmic_axis_no_word_stands_in_another(browser, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(1).normal(0, 1, (100_000, 2)).astype("f4"))
    kmu(tmp_path, "fit", "x.npy", "-k20", "--max-iter=4", "--report=x.html")
    browser.open(tmp_path / "x.html")
    assert browser.overlapping() == []


def test_a_fit_of_one_turn_has_its_numbers_in_the_middle(browser, tmp_path):
    np.save(tmp_path / "x.npy", np.repeat([[0.0, 0], [0, 1], [1, 0]], 4, axis=0))
    kmu(tmp_path, "fit", "x.npy", "-k3", "--report=x.html")
    browser.open(tmp_path / "x.html")
    moved = "#turns figure:nth-of-type(2) svg"
    assert browser.ask("return [...document.querySelectorAll(arguments[0] + ' text[text-anchor=middle]')].map(e => e.textContent)", moved) == ["1"]
    mark, left, right = browser.ask("""const svg = document.querySelector(arguments[0]), axis = svg.querySelector("polyline.s4");
        const ends = axis.getAttribute("points").split(" ").map(p => Number(p.split(",")[0]));
        return [svg.querySelector("circle").cx.baseVal.value, ...ends];""", moved)
    assert mark == pytest.approx((left + right) / 2, abs=0.1)


def test_without_its_script_the_page_is_whole(browser, reports):
    browser.open(reports["iris"][0], script=False)
    headings = [h.text for h in browser.driver.find_elements(By.TAG_NAME, "h2")]
    assert headings == ["Cells", "Step by step", "Why it stopped, and what is certain", "J falls", "Clusters", "Silhouette",
                        "Centroids", "What was asked"]
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "button")
    assert len(colours(browser)) == 150 and "f3" not in colours(browser)
    browser.open(reports["iris"][0])


def test_who_does_not_see_is_told(browser, reports):
    """Every picture has a title and a description, every control a name, and headings go down one by one."""
    browser.open(reports["china"][0])
    nameless = browser.ask("""return [...document.querySelectorAll("svg[role=img]")].filter(s => !s.querySelector("title").textContent ||
        !s.querySelector("desc").textContent).length + [...document.querySelectorAll("button, input")].filter(
        b => !(b.textContent || b.getAttribute("aria-label"))).length + [...document.querySelectorAll("svg:not([role=img])")].filter(
        s => s.getAttribute("aria-hidden") !== "true").length""")
    assert nameless == 0
    levels = browser.ask("return [...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:]))
    assert browser.ask("return document.documentElement.lang") == "en"


def test_it_prints_on_a4(browser, reports):
    browser.open(reports["iris"][0])
    pdf = browser.printed()
    sizes = {tuple(round(float(v)) for v in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)}
    assert {(w, h) for _, _, w, h in sizes} <= {(595, 842), (596, 842), (595, 841)} and sizes


def test_paper_is_white(browser, reports):
    browser.open(reports["iris"][0], theme="dark")
    grounds = "return [...document.querySelectorAll('svg.kmu[role=img] > polygon:first-of-type')].map(e => getComputedStyle(e).fill)"
    assert "rgb(255, 255, 255)" not in browser.ask(grounds)
    browser.take_paper()
    assert set(browser.ask(grounds)) == {"rgb(255, 255, 255)"} and browser.faint() == []
    assert not browser.ask("return document.querySelector('details').checkVisibility()")


def test_the_head_of_a_table_is_on_every_sheet(browser, reports):
    """What chromium asks for to repeat it."""
    browser.open(reports["iris"][0])
    browser.take_paper()
    style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    assert browser.ask(style, "#cluster-table thead", "breakInside") == "avoid"
    assert browser.ask(style, "#cluster-table thead button", "display") == "contents"


def test_a_report_of_a_model(browser, reports):
    path, _, J = reports["iris"]
    kmu(path.parent, "report", "iris.csv", "-m", "iris.kmu", "-o", "model.html", "--id=species")
    browser.open(path.parent / "model.html")
    text = browser.ask("return document.body.innerText")
    assert repr(J) in text and "every coordinate of every centroid is the exact mean" in text
    assert not browser.driver.find_elements(By.ID, "steps") and not browser.driver.find_elements(By.ID, "turns")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_image_before_and_after(browser, reports, china, theme):
    folder, (height, width) = reports["china"][0].parent, china[1]
    kmu(folder, "report", "china.npy", "-m", "china.kmu", "-o", "image.html", "-q", f"--image={height},{width}")
    for window in WIDTHS:
        browser.open(folder / "image.html", window, theme)
        assert (browser.wide(), browser.faint()) == ([], []) and browser.smallest() >= 11, f"{window} px"
    shown = browser.ask("return [...document.querySelectorAll('#cells image')].map(i => i.getBoundingClientRect().width > 100)")
    assert shown == [True, True, True] and (folder / "image.html").stat().st_size < 1_000_000


HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='alert(1)", "]]>&amp;<!--", "</title></svg>",
           "\x1b[31mred\x07", "\u202eevil\uffff", "&lt;b&gt;", "</script><script>alert(1)</script>", "x" * 3000]


def test_names_from_right_to_left_do_not_turn_numbers(browser, tmp_path):
    name = "\u0637\u0648\u0644 \u0627\u0644\u0648\u0631\u0642\u0629"
    (tmp_path / "x.csv").write_text(f"id,{name} 1,{name} 2\n" + "".join(f"{name},{i},{i * i % 7}\n" for i in range(20)))
    kmu(tmp_path, "fit", "x.csv", "-k3", "--id=1", "--report=x.html", "-q")
    browser.open(tmp_path / "x.html")
    beside = """return [...document.querySelectorAll("#cluster-table bdi")].map(e => {
      const number = document.createRange();
      number.selectNode(e.nextSibling);
      return [e.textContent, number.getBoundingClientRect().left >= e.getBoundingClientRect().right - 1];
    })"""
    found = browser.ask(beside)
    assert {text[:len(name)] for text, _ in found} == {name} and len(found) >= 4 and all(right for _, right in found)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_do_nothing(browser, tmp_path, name):
    quoted = '"' + name.replace('"', '""') + '"'
    file = name.replace("/", "")[:100] + ".csv"
    (tmp_path / file).write_text(f"id,{quoted},{quoted}\n" + "".join(f"{quoted},{i},{i * i % 7}\n" for i in range(20)))
    kmu(tmp_path, "fit", file, "-k3", "--header=yes", "--id=1", "--report=h.html", "-q")
    text = (tmp_path / "h.html").read_bytes().decode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text)
    assert len(re.findall("<script", text)) == 2 and len(re.findall("<title>", text)) >= 1
    browser.open(tmp_path / "h.html", 360)
    assert browser.ask("return [document.scripts.length, document.images.length]") == [2, 0]
    assert not browser.ask("return [...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => "
                           "a.name.startsWith('on') || a.name === 'style'))")
    heading = browser.ask("return document.querySelector('h1').textContent")
    assert heading[:20] == re.sub("[\u202e\uffff]", "\ufffd", file.replace("\x1b", "\\x1b").replace("\x07", "\\x07"))[:20]
    assert browser.wide() == []


def test_the_policy_lets_no_other_script_run(browser, reports, tmp_path):
    """The page with a script of somebody else's in it: the browser does not run it, and says so."""
    text = reports["iris"][0].read_text()
    (tmp_path / "p.html").write_text(text.replace("<main>", "<main><script>document.title = 'run'</script>", 1))
    browser.open(tmp_path / "p.html")
    assert browser.ask("return document.title") == "iris.csv \u2013 kmu"
    assert any("Content Security Policy" in c for c in browser.complaints())
