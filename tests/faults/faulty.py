"""faulty.py - kmu in a world where one call fails (shim.c), and what has to be true afterwards."""
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from command import ENVIRONMENT, KMU, start  # noqa: E402, F401


def contents(folder):
    """The files by name, but for what clocks said, and a trace of how it was computed, which is free to differ."""
    how = rb'"(seconds|pairs|skipped|certified|exact)":[0-9.e+-]+|"method":"[a-z]+"'
    return {p.name: re.sub(how, b"", p.read_bytes()) for p in folder.iterdir()}


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
