"""test_choice_page.py - the page of kmu select in a real browser: it says what the JSON says, and what comes from data does
nothing."""
import json
import re
import shutil

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pages import ROOT, WIDTHS, browser, kmu, nothing_is_wrong  # noqa: F401

COLUMNS = ("k", "distinct", "silhouette", "calinski_harabasz", "davies_bouldin", "bic", "gap", "gap_error", "stability", "J")


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    """The page of iris, and what the same call says as JSON."""
    folder = tmp_path_factory.mktemp("choice")
    shutil.copy(ROOT / "examples" / "iris.csv", folder)
    result = json.loads(kmu(folder, "select", "iris.csv", "-k1:8", "--json", "--report=choice.html", "-q"))
    return folder / "choice.html", result


def test_the_recommendation_its_reason_and_its_doubts(browser, chosen):
    path, result = chosen
    browser.open(path)
    advice = browser.ask("return document.getElementById('advice').textContent")
    assert browser.ask("return document.getElementById('recommended').textContent") == f"k = {result['recommended']}"
    assert result["reason"] in advice
    assert [e.text for e in browser.driver.find_elements(By.CSS_SELECTOR, "#doubts li")] == result["doubts"]
    votes = browser.ask("return [...document.querySelectorAll('#advice dl > div')].map(e => [...e.children].map(c => c.textContent))")
    assert dict(votes) == {name: f"k = {k}" if k else "no vote" for name, k in result["votes"].items()}


def test_the_table_is_that_of_the_json_and_is_sorted(browser, chosen):
    path, result = chosen
    browser.open(path)
    rows = browser.ask("return [...document.querySelectorAll('#index-table tbody tr')].map(r => [...r.cells].map(c => c.textContent))")
    assert len(rows) == len(result["table"])
    for row, right in zip(rows, result["table"], strict=True):
        for cell, name in zip(row, COLUMNS, strict=True):
            assert cell == "\u2013" if right[name] is None else float(cell) == pytest.approx(right[name], rel=6e-3, abs=1e-3)
    assert browser.ask("return document.querySelector('tr.chosen th').textContent") == str(result["recommended"])
    button = browser.driver.find_elements(By.CSS_SELECTOR, "#index-table thead button")[2]
    button.click(), button.click()
    first = browser.ask("return [...document.querySelectorAll('#index-table tbody th')].map(e => Number(e.textContent))")
    right = sorted((row for row in result["table"] if row["silhouette"] is not None), key=lambda row: -row["silhouette"])
    assert first[: len(right)] == [row["k"] for row in right]


@pytest.mark.parametrize("k, words", [(1, "k-means with 1 cluster."), (3, "k-means with 3 clusters.")])
def test_of_one_k_there_are_no_curves(browser, chosen, k, words):
    folder = chosen[0].parent
    kmu(folder, "select", "iris.csv", f"-k{k}:{k}", "--report=one.html", "-q")
    browser.open(folder / "one.html")
    assert browser.ask("return document.querySelector('header p').textContent").startswith(words)
    assert "What each criterion says" not in [h.text for h in browser.driver.find_elements(By.TAG_NAME, "h2")]


def test_every_criterion_has_a_curve_and_a_ring_at_its_choice(browser, chosen):
    path, result = chosen
    browser.open(path)
    figures = browser.driver.find_elements(By.CSS_SELECTOR, "#criteria figure svg")
    assert len(figures) == 7
    said = browser.ask("return [...document.querySelectorAll('#criteria svg')].map(s => [s.querySelector('title').textContent, "
                       "s.querySelector('desc').textContent, s.querySelectorAll('circle[r=\"8\"]').length])")
    for title, words, rings in said:
        vote = next((k for name, k in result["votes"].items() if title.lower() == f"{name} by k".lower()), None)
        assert rings == (vote is not None) and (vote is None or f"k = {vote} is best by it" in words)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read(browser, chosen, theme):
    for width in WIDTHS:
        browser.open(chosen[0], width, theme)
        assert (browser.wide(), browser.faint()) == ([], []) and browser.smallest() >= 11, f"{width} px"


def test_it_is_for_the_keyboard_and_for_paper(browser, chosen):
    """Tab reaches the first head of the table, and Enter sorts by it; the page prints on A4."""
    browser.open(chosen[0])
    browser.ask("document.querySelector('#table .wide').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.TAB, Keys.NULL)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.ask("return document.querySelector('#index-table th').getAttribute('aria-sort')") == "ascending"
    sizes = {tuple(round(float(v)) for v in box.split()[2:]) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", browser.printed())}
    assert sizes and sizes <= {(595, 842), (596, 842), (595, 841)}


def test_without_its_script_the_page_is_whole(browser, chosen):
    browser.open(chosen[0], script=False)
    headings = [h.text for h in browser.driver.find_elements(By.TAG_NAME, "h2")]
    assert headings == ["Which k", "What each criterion says", "All numbers", "What was asked"]
    browser.open(chosen[0])


def test_names_do_nothing(browser, tmp_path):
    name = "<script>alert(1)<script>\x1b[31m\u202e'\"&.csv"
    (tmp_path / name).write_text('"<img src=x onerror=alert(1)>",b\n' + "".join(f"{i},{i * i % 7}\n" for i in range(20)))
    kmu(tmp_path, "select", name, "-k2:3", "--header=yes", "--report=h.html", "-q")
    text = (tmp_path / "h.html").read_bytes().decode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", text) and len(re.findall("<script", text)) == 1
    browser.open(tmp_path / "h.html", 360)
    assert browser.ask("return [document.scripts.length, document.images.length]") == [1, 0] and browser.wide() == []


def test_a_large_range_makes_a_small_page(browser, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(0, 1, (750, 2)))
    kmu(tmp_path, "select", "x.npy", "-k1:700", "--n-init=1", "--max-iter=1", "--references=0", "--init=random", "--report=r.html", "-q")
    assert (tmp_path / "r.html").stat().st_size < 1_000_000
    browser.open(tmp_path / "r.html", 360)
    assert browser.wide() == [] and "The first 500 of 700." in browser.ask("return document.body.textContent")
