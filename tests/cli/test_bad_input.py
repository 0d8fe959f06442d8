"""test_bad_input.py - what cannot be read or asked for is refused with one line that says where, what and what to do;
nothing is printed, no file appears and none changes. The cases are in the tables of bad_*.py."""
import shlex

import pytest

from bad_text import TEXTS


def cases():
    for what, content, message, *more in TEXTS:
        yield pytest.param({"t.csv": content}, f"fit t.csv -k 1 {''.join(more)}", 3 if "both" not in message else 2, f"t.csv{message}", id=what)


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
