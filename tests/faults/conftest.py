"""conftest.py - the shim, the files that the scenes read, and a scene in a folder of its own (faulty.py)."""
import ctypes.util
import os
import subprocess
from pathlib import Path

import pytest
from faulty import ENVIRONMENT, KMU, SCENES, Ended, Scene, contents


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """shim.c as a library to be preloaded."""
    made = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    if b"__asan_init" in KMU.read_bytes() or not ctypes.util.find_library("c"):
        pytest.skip("a sanitizer has an allocator of its own")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.fixture
def run(shim, tmp_path_factory):
    """run(folder, words, call, at, do, on=False, file=None) -> Ended; see shim.c."""
    log = tmp_path_factory.mktemp("log") / "log"

    def start(folder, words, call="file", at=0, do="0", inside=None, **more):
        environment = {"LD_PRELOAD": str(shim), "FAULT_LOG": str(log)}
        more |= {"call": call, "at": str(at), "do": do}
        more["in"] = inside
        environment |= {"FAULT_" + name.upper(): str(value) for name, value in more.items() if value}
        return Ended(folder, words.split(), environment, log)

    return start


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """The files that SCENES read: 240 points around three centres, and what is made of them."""
    folder = tmp_path_factory.mktemp("inputs")
    rows = [f"{10 * (j % 3) + j % 7 / 8},{5 * (j % 2) + j % 11 / 16}\n" for j in range(240)]
    (folder / "x.csv").write_text("".join(rows))
    (folder / "w.csv").write_text("".join(f"{1 + j % 3}\n" for j in range(240)))
    for words in ("convert x.csv -o x.npy", "convert x.csv -o x.csv.gz", "convert x.csv -o x.raw", "convert x.npy -o x.csv.zst",
                  "convert x.csv --dtype=f32 -o x.fvecs", "convert x.npy -o x.idx",
                  "fit x.csv -k 3 -o start.kmu --centers=c.npy --labels=l.csv", "fit w.csv -k 3 -o w.kmu"):
        subprocess.run([KMU, *words.split()], cwd=folder, env=ENVIRONMENT, check=True)
    return contents(folder)


@pytest.fixture
def scene(inputs, run, tmp_path):
    """scene(name, old) -> a Scene of SCENES that knows what it leaves when nothing fails."""

    def make(name, old=True):
        words, outputs = SCENES[name]
        needed = {n: inputs[n] for n in inputs if any(n in w.split("=")[0] for w in words.split()) and n not in outputs.split()}
        s = Scene(tmp_path, words, outputs.split(), needed, old)
        s.reset()
        s.good = run(s.folder, words)
        assert s.good.code == 0, s.good
        s.after = contents(tmp_path)
        assert set(s.after) == set(needed) | set(s.outputs) and (not s.outputs or s.after != s.before)
        return s

    return make


def pytest_generate_tests(metafunc):
    if "old" in metafunc.fixturenames:
        metafunc.parametrize("old", [True, False], ids=["old", "new"])
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", os.environ.get("KMU_SCENES", ",".join(SCENES)).split(","))
