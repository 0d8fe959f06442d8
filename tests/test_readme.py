"""test_readme.py - the README's quick start does what it says: its commands run, its program is the example, its table is the output."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "release"
README = (ROOT / "README.md").read_text()
QUICK_START = README.split("\n## Quick start\n", 1)[1].split("\n## ", 1)[0]


def blocks(language):
    """The fenced blocks of the quick start in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", QUICK_START, re.S | re.M)


def shell(script, where):
    """What a script prints on standard output, run in `where` with the command in the PATH."""
    path = f"{BUILD}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(["sh", "-euc", script], cwd=where, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert ran.returncode == 0, f"{script}\nended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of what the quick start reads, to write into."""
    if not (BUILD / "kmu").exists():
        pytest.skip(f"no command at {BUILD}")
    where = tmp_path_factory.mktemp("clone")
    for folder in ("examples", "include", "src"):
        shutil.copytree(ROOT / folder, where / folder)
    return where


def test_the_commands_run(clone):
    said = [shell(script, clone) for script in blocks("sh")]
    assert len(said) == 3, "first fit, files and verify, the program"
    assert said[0].split() == blocks("text")[0].split(), "the table that the README shows"
    assert "proved" in said[1] and "fixpoint" in said[2]


def test_the_program_is_the_example():
    assert blocks("c") == [(ROOT / "examples" / "quickstart.c").read_text()]
