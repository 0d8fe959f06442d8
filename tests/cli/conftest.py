"""conftest.py - the command as a function, and what a folder holds before and after."""
import json
import shutil
import subprocess

import pytest

from command import ROOT, start


@pytest.fixture
def spawn(tmp_path):
    """spawn(*args, **how): start() with tmp_path; what still runs at the end of the test is stopped."""
    running = []

    def begin(*args, **how):
        running.append(start(tmp_path, *args, **how))
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def kmu(spawn):
    """kmu(*args, input=None) -> (exit code, standard output, standard error), in tmp_path, within 30 seconds."""

    def text(b):
        return None if b is None else b.decode("utf-8", "surrogateescape")

    def run(*args, input=None, **how):
        if input is not None:
            how["stdin"] = subprocess.PIPE
        process = spawn(*args, **how)
        out, err = process.communicate(input, timeout=30)
        return process.returncode, text(out), text(err)

    return run


@pytest.fixture
def write(tmp_path):
    """write(name, content) -> the name: a file of bytes, or of text."""

    def put(name, content):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    return put


@pytest.fixture
def folder(tmp_path):
    """folder() -> all that tmp_path holds: names, contents, modes, inodes and times."""

    def look():
        seen = {}
        for path in tmp_path.rglob("*"):
            s = path.lstat()
            content = path.read_bytes() if path.is_file() else None
            seen[str(path.relative_to(tmp_path))] = (content, s.st_mode, s.st_ino, s.st_mtime_ns)
        return seen

    return look


@pytest.fixture
def fit(kmu):
    """fit(*args) -> the result of kmu fit --json as a dict; the exit code has to be `code`."""

    def run(*args, code=0, input=None):
        got, out, err = kmu("fit", "--json", *args, input=input)
        assert got == code, err
        return json.loads(out)

    return run


@pytest.fixture
def iris(tmp_path):
    """iris.csv in tmp_path: 150 flowers, four lengths and the species."""
    shutil.copy(ROOT / "examples" / "iris.csv", tmp_path)
    return "iris.csv"
