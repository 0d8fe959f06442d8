"""test_pictures.py - the pictures of the documents are those that their scripts draw, and every one is shown."""
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
MEASURED = {"kernels.svg", "methods.svg", "turns.svg"}  # bench/pictures.py, held by test_measured.py


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    if not (ROOT / "build" / "release" / "kmu").exists():
        pytest.skip("no command in build/release")
    folder = tmp_path_factory.mktemp("pictures")
    subprocess.run([ROOT / "script" / "pictures", folder], check=True)
    return folder


def test_every_picture_has_a_script(drawn):
    assert {p.name for p in PICTURES.iterdir()} == MEASURED | {p.name for p in drawn.iterdir()}


def test_the_script_still_draws_them(drawn):
    for picture in drawn.iterdir():
        assert picture.read_text() == (PICTURES / picture.name).read_text(), f"script/pictures draws {picture.name} anew"


def test_every_picture_is_shown(drawn):
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"pictures/([a-z-]+\.svg)\)", page.read_text())}
    assert shown >= {p.name for p in drawn.iterdir()}
