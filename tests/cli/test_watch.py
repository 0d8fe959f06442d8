"""test_watch.py - fit --watch: J and the moved points as they fall, on a terminal of any width and elsewhere; the result is that
of a fit that nobody watches."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import termios

import numpy as np
import pytest

import command
from judged import without


@pytest.fixture
def data(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(4).normal(size=(3000, 2)))
    return "x.npy"


class Terminal:
    """A terminal of so many columns that a kmu writes its standard error to."""

    def __init__(self, columns):
        self.ours, self.theirs = pty.openpty()
        self.resize(columns)

    def resize(self, columns):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, enough=lambda seen: False, timeout=30):
        """What is written until `enough`, or until nobody has it open any more."""
        seen = b""
        while not enough(seen):
            assert select.select([self.ours], [], [], timeout)[0], "nothing came"
            try:
                more = os.read(self.ours, 65536)
            except OSError:  # EIO: closed on the other side
                more = b""
            if not more:
                break
            seen += more
        return seen

    def close(self):
        os.close(self.ours)


def watched(tmp_path, columns, *args, utf8=True, monkeypatch):
    """Lines as they stand in the end, every state that was drawn, the exit code and standard output."""
    monkeypatch.setitem(command.ENVIRONMENT, "LC_ALL", "C.UTF-8" if utf8 else "C")
    terminal = Terminal(columns)
    with open(tmp_path / "out", "w") as out:  # a pipe would fill while the terminal is read
        process = command.start(tmp_path, "fit", *args, "--watch", stderr=terminal.theirs, stdout=out)
    os.close(terminal.theirs)
    text = terminal.read().decode()
    process.wait(timeout=30)
    out = (tmp_path / "out").read_text()
    terminal.close()
    states = [line.replace("\033[K", "").strip("\r") for run in text.split("\n") for line in run.split("\r") if line.strip("\r\n")]
    final = [line.replace("\033[K", "").rstrip("\r").split("\r")[-1] for line in text.split("\n") if line.strip()]
    return final, states, process.returncode, out


def parse(line):
    run, turn, J, moved = re.match(r"run (\d+) turn (\d+)  J (\S+) .*?  moved (\d+) ", line + " ").groups()
    return int(run), int(turn), float(J), int(moved)


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("utf8", [True, False])
def test_a_terminal_shows_the_last_turn_of_every_run(data, tmp_path, columns, utf8, monkeypatch):
    words = [data, "-k12", "--n-init=3", "--init=random", "--json"]
    final, states, code, out = watched(tmp_path, columns, *words, utf8=utf8, monkeypatch=monkeypatch)
    trace = json.loads(out)["trace"]
    assert code == 0 and all(len(state) < columns for state in states)
    assert len(final) == 3
    last = [max((t for t in trace if t["run"] == run), key=lambda t: t["turn"]) for run in range(3)]
    for line, t in zip(final, last):
        assert line.startswith(f"run {t['run'] + 1} turn {t['turn']}"[: columns - 1])
        if columns >= 80:
            run, turn, J, moved = parse(line)
            assert (turn, moved) == (t["turn"], t["moved"]) and J == pytest.approx(t["J_update"], rel=1e-5)


def curves_of(trace, wide):
    """The levels of J and of moved points that a curve of so many columns has."""
    stride = 1
    while len(trace[::stride]) > 512:
        stride *= 2
    kept = trace[::stride] + trace[-1:] * ((len(trace) - 1) % stride > 0)
    if len(kept) > wide:
        kept = [kept[a * (len(kept) - 1) // (wide - 1)] for a in range(wide)]
    J, now, moved = max(t["J_update"] for t in trace), trace[-1]["J_update"], max(t["moved"] for t in trace)

    def level(share):
        return int(share * 7 + 0.5) if 0 <= share <= 1 else 7

    def height(t):
        return max(1 + np.log10((t["J_update"] - now) / (J - now)) / 6, 0) if t["J_update"] > now else 0
    return [[level(height(t)) for t in kept], [level(np.log1p(t["moved"]) / np.log1p(moved)) for t in kept]]


def drawn(line):
    return [["▁▂▃▄▅▆▇█".index(c) for c in curve] for curve in re.findall("[▁▂▃▄▅▆▇█]+", line)]


def test_the_curves_fall_as_the_turns_do(data, tmp_path, monkeypatch):
    final, _, _, out = watched(tmp_path, 400, data, "-k12", "--init=random", "--json", monkeypatch=monkeypatch)
    trace = json.loads(out)["trace"]
    levels = drawn(final[0])
    assert 10 < len(trace) < 150 and levels == curves_of(trace, 150)
    assert levels[0] == sorted(levels[0], reverse=True) and (levels[0][0], levels[0][-1]) == (7, 0)


def test_a_long_run_is_seen_whole(tmp_path, monkeypatch):
    """More turns than are kept: every second goes, and again."""
    np.save(tmp_path / "long.npy", np.random.default_rng(6).normal(size=(3000, 3)))
    words = ["long.npy", "-k8", "--method=minibatch", "--batch-size=10", "--max-no-improvement=100000", "--max-iter=5", "--json"]
    final, _, _, out = watched(tmp_path, 400, *words, monkeypatch=monkeypatch)
    trace = json.loads(out)["trace"]
    levels = drawn(final[0])
    assert len(trace) > 1100 and len(levels[0]) > 100 and levels == curves_of(trace, len(levels[0]))


def test_elsewhere_every_turn_is_a_line(data, kmu):
    code, out, err = kmu("fit", data, "-k5", "--n-init=2", "--watch", "--json")
    trace = json.loads(out)["trace"]
    lines = [re.fullmatch(r"kmu: run (\d+) turn (\d+)  J (\S+)  (\d+) moved", line).groups() for line in err.splitlines()]
    assert [(int(r), int(t), float(J), int(m)) for r, t, J, m in lines] == [
        (t["run"] + 1, t["turn"], t["J_update"], t["moved"]) for t in trace]


@pytest.mark.parametrize("method", ["lloyd", "bisecting", "minibatch"])
def test_nothing_of_it_changes_the_result(data, tmp_path, kmu, method, monkeypatch):
    words = [data, "-k6", f"--method={method}"]
    alone = kmu("fit", *words, "--json", "--labels=a.npy", "-o", "a.kmu")
    _, states, code, out = watched(tmp_path, 80, *words, "--json", "--labels=b.npy", "-o", "b.kmu", monkeypatch=monkeypatch)
    assert alone[0] == code == 0 and without(json.loads(alone[1])) == without(json.loads(out)) and states
    for end in (".npy", ".kmu"):
        assert (tmp_path / ("a" + end)).read_bytes() == (tmp_path / ("b" + end)).read_bytes()
    assert kmu("fit", *words)[1] == watched(tmp_path, 80, *words, monkeypatch=monkeypatch)[3]


def test_it_follows_the_width_and_heeds_an_interrupt(tmp_path, spawn):
    np.save(tmp_path / "long.npy", np.random.default_rng(5).normal(size=(100_000, 32)).astype("f4"))
    terminal = Terminal(120)
    process = spawn("fit", "long.npy", "-k200", "--init=random", "--watch", "--json", stderr=terminal.theirs)
    os.close(terminal.theirs)

    def lines(seen):
        return [line.decode() for line in seen.replace(b"\033[K", b"").split(b"\r") if line]

    wide = terminal.read(lambda seen: len(lines(seen)) >= 3)
    terminal.resize(60)
    narrow = terminal.read(lambda seen: len(lines(seen)) >= 4)
    assert {len(line) for line in lines(wide)[:-1]} <= {118, 119}
    assert {len(line) for line in lines(narrow)[2:-1]} <= {58, 59}
    process.send_signal(signal.SIGINT)
    rest = narrow + terminal.read()
    out = process.communicate(timeout=30)[0]
    terminal.close()
    r = json.loads(out)
    assert process.returncode == 130 and r["stop"] == "interrupted"
    assert parse(lines(rest.replace(b"\n", b""))[-1])[1] == r["iterations"] and rest.endswith(b"\n")


@pytest.mark.parametrize("word, text", [
    ("-v", "--watch: -v has it otherwise"), ("-q", "--watch: -q has it otherwise"),
    ("--progress=json", "--watch: --progress json has it otherwise"), ("--watch=1", "--watch takes no value")])
def test_bad_words(data, kmu, word, text):
    assert kmu("fit", data, "-k3", "--watch", word) == (2, "", f"kmu: {text}\n")
