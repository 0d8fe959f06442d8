"""test_examples.py - the examples in docstrings, README.md and docs/python.md run, and say what they show."""

import doctest
from pathlib import Path

import pytest

import kmu
from kmu import _bisecting, _functions, _kmeans, _minibatch, _patch

ROOT = Path(__file__).resolve().parents[2]
FINDER, PARSER = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestParser()
DOCSTRINGS = [
    t for m in (kmu, _bisecting, _functions, _kmeans, _minibatch, _patch) for t in FINDER.find(m, m.__name__) if t.examples
]
PAGES = [
    PARSER.get_doctest((ROOT / name).read_text().replace("\n```", "\n\n```"), {}, name, name, 0)
    for name in ("README.md", "docs/python.md")
]


@pytest.mark.parametrize("example", DOCSTRINGS + PAGES, ids=lambda t: t.name)
def test_an_example_says_what_it_shows(example, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert example.examples
    runner = doctest.DocTestRunner()
    runner.run(example)
    assert runner.failures == 0, capsys.readouterr().out
