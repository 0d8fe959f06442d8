"""faulty.py - kmu in a world where one call fails (shim.c), and what has to be true afterwards."""
import ctypes.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from command import ENVIRONMENT, KMU, start  # noqa: E402, F401


# What clocks said, and how it was computed, which is free to differ: of a trace, of a page.
HOW = re.compile(rb'"(seconds|pairs|skipped|certified|exact)":[0-9.e+-]+|"method":"[a-z]+"|'
                 rb"<dd>[0-9.e+-]+ for the start, [0-9.e+-]+ for the fit</dd>|<td>[a-z]+</td>|(<td>[0-9]+</td>){4}<td>[0-9.]+</td></tr>|"
                 rb"<li>[^<]* by (bounds|the first, fast stage alone)[^<]*</li>|Work by turn(?s:.*?)</figure>")


def contents(folder):
    """The files by name, but for HOW."""
    return {p.name: HOW.sub(b"", p.read_bytes()) for p in folder.iterdir()}


class Scene:
    """A command in a folder of its own, where its inputs are; before each run its outputs are as they were."""

    def __init__(self, folder, words, outputs, inputs, old):
        self.folder, self.words, self.outputs = folder, words, outputs
        self.before = inputs | ({name: b"old " + name.encode() for name in outputs} if old else {})
        self.after = None

    def reset(self):
        for path in self.folder.iterdir():
            if path.name not in self.before:
                path.unlink()
        for name, content in self.before.items():
            path = self.folder / name
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def nothing_changed(self):
        return contents(self.folder) == self.before

    def all_done(self):
        return contents(self.folder) == self.after

    def whole(self, leftovers=False):
        """Every file is as before or as it is to be, and there is no other."""
        now = contents(self.folder)
        return all(now.get(name) in (self.before.get(name), self.after.get(name)) for name in self.before | self.after) and (
            leftovers or set(now) <= set(self.before) | set(self.after))


SCENES = {
    "fit": ("fit x.csv -k 3 -t 2 -o m.kmu --labels=l.npy --centers=c.csv.gz --trace=t.json", "m.kmu l.npy c.csv.gz t.json"),
    "fit from a model": ("fit x.npy --init start.kmu -t 2 --labels=l.csv.zst", "l.csv.zst"),
    "fit from centroids": ("fit x.csv --init c.npy --weights w.csv --scale z -t 2 -o m.kmu", "m.kmu"),
    "predict": ("predict x.csv -m start.kmu -t 2 --append -o p.csv --distances=d.tsv", "p.csv d.tsv"),
    "verify": ("verify x.csv --centers c.npy --labels l.csv -t 2", ""),
    "verify a model": ("verify x.csv -m start.kmu -t 2", ""),
    "convert": ("convert x.csv.gz -o y.npy", "y.npy"),
    "info": ("info start.kmu", ""),
    "plot": ("plot x.csv -m start.kmu -t 2 -o p.svg", "p.svg"),
    "plot a column": ("plot w.csv -m w.kmu -t 2 -o p.svg", "p.svg"),
    "plot png": ("plot x.csv -m start.kmu -t 2 -o p.png", "p.png"),
    "plot pdf": ("plot x.csv -m start.kmu -t 2 -o p.pdf", "p.pdf"),
    "report": ("report x.csv -m start.kmu -t 2 -o r.html", "r.html"),
    "report with a trace": ("report x.csv -m start.kmu --trace start.csv -t 2 -o r.html", "r.html"),
    # dense keeps nothing that it could do without: the page counts the work
    "fit with a report": ("fit x.csv -k 3 -t 2 -q --algorithm dense -o m.kmu --report=r.html", "m.kmu r.html"),
    "select": ("select x.csv -k 2:4 --n-init 2 --references 2 -t 2 --scale z", ""),
    "select with a report": ("select x.csv -k 2:4 --n-init 2 --references 1 -t 2 --report=r.html", "r.html"),
}


class Ended:
    """How a run ended: code, out, err; of counted calls their number, and the blocks that were not given back."""

    def __init__(self, folder, words, environment, log):
        ended = subprocess.run([KMU, *words], cwd=folder, env=ENVIRONMENT | environment, stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=60)
        self.code, self.out, self.err = ended.returncode, ended.stdout, ended.stderr.decode()
        self.calls, self.blocks = map(int, log.read_text().split()) if log.exists() else (None, None)
        log.unlink(missing_ok=True)

    def __repr__(self):
        return f"exit {self.code}, {self.out!r}, {self.err!r}"


def one_line(ended, beginning):
    return ended.err.startswith("kmu: " + beginning) and ended.err.count("\n") == 1 and ended.err.endswith("\n")


old_or_new = pytest.mark.parametrize("old", [True, False], ids=["old", "new"])
BY_CAIRO = ("plot png", "plot pdf")
each_scene = pytest.mark.parametrize("name", os.environ.get("KMU_SCENES", ",".join(SCENES)).split(","))


# ---- fixtures: a module that uses them imports them, and those they use

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
                  "fit x.csv -k 3 -o start.kmu --trace=start.csv --centers=c.npy --labels=l.csv", "fit w.csv -k 3 -o w.kmu"):
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
