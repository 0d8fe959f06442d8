"""test_bad_input.py - what cannot be read or asked for is refused with one line that says where, what and what to do;
nothing is printed, no file appears and none changes. The cases are in the tables of bad_*.py."""
import shlex

import pytest

from bad_binary import FILES
from bad_text import TEXTS


def cases():
    """(files, command line, exit code, message) of every case, under its name."""
    for what, content, message, *more in TEXTS:
        code = 2 if "--" in message and "are both" in message else 3
        yield pytest.param({"t.csv": content}, " ".join(["fit t.csv -k 1", *more]), code, f"t.csv{message}", id=what)
    for what, name, content, message, *more in FILES:
        yield pytest.param({name: content}, " ".join([f"fit {name} -k 1", *more]), 3, f"{name}{message}", id=f"{name}: {what}")


@pytest.mark.parametrize("files, line, code, message", cases())
def test_bad_input_is_refused_and_nothing_changes(files, line, code, message, kmu, write, folder):
    for name, content in files.items():
        write(name, content)
    args = shlex.split(line)
    before = folder()
    got, out, err = kmu(*args)
    assert err == f"kmu: {message}\n"
    assert (got, out) == (code, "")
    assert folder() == before
