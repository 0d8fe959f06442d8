"""test_signals.py - a fit that is interrupted, or whose time is up, returns the best so far: a result like any other, the
one that --max-iter would give. A second signal stops at once and writes nothing; no signal leaves a temporary file."""
import itertools
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from judged import HOW, without

OUTPUTS = ["-o", "m.kmu", "--labels=l.npy", "--centers=c.npy", "--trace=t.json"]
FILES = ("l.npy", "c.npy")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
LONG = ["-k256", "--init=random", "--seed=4"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """200000 points of 64 coordinates without any clusters: hundreds of turns."""
    path = tmp_path_factory.mktemp("signals") / "x.npy"
    np.save(path, np.random.default_rng(17).standard_normal((200_000, 64), dtype="f4"))
    yield path
    path.unlink()


def until(process, text):
    """Reads standard error up to a line that holds text."""
    for line in process.stderr:
        if text in line:
            return
    raise AssertionError(f"{text} never came")


def begun(process, folder, count):
    """Waits until folder holds count files: the outputs are begun."""
    while len(list(folder.iterdir())) < count:
        assert process.poll() is None
        time.sleep(0.01)


def model_of(path):
    """The lines of a model that do not say how its fit ended."""
    return [line for line in path.read_text().splitlines() if not line.startswith(("stop ", "crc32 "))]


def check_equals_max_iter(r, data, kmu, tmp_path):
    """The result r and its files are those of a run of as many turns, and kmu verify proves them."""
    own = [(tmp_path / name).read_bytes() for name in FILES] + [model_of(tmp_path / "m.kmu")]
    words = ["verify", data, "--labels=l.npy", "--centers=c.npy"]
    code, out, _ = kmu(*words, "--json")
    verdict = json.loads(out)
    assert code == 0 and verdict["not_nearest"] == verdict["ties_not_low"] == 0 and verdict["J"] == r["J"]
    code, out, err = kmu("fit", data, *LONG, *OUTPUTS, "--json", f"--max-iter={r['iterations']}")
    assert (code, err) == (0, "")
    other = json.loads(out)
    assert other["stop"] == "max_iter"
    assert without(r, HOW | {"stop"}) == without(other, HOW | {"stop"})
    assert own == [(tmp_path / name).read_bytes() for name in FILES] + [model_of(tmp_path / "m.kmu")]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_a_fit_with_the_best_so_far(number, data, kmu, spawn, tmp_path):
    process = spawn("fit", data, *LONG, *OUTPUTS, "--json", "--progress=json")
    until(process, b'"turn":2,')
    begin = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - begin < 10
    assert process.returncode == 128 + number
    assert b"kmu:" not in err
    r = json.loads(out)
    assert r["stop"] == "interrupted" and 2 <= r["iterations"] == len(r["trace"])
    assert without({"trace": json.loads((tmp_path / "t.json").read_text())}) == {"trace": without(r)["trace"]}
    assert "stop interrupted" in (tmp_path / "m.kmu").read_text()
    check_equals_max_iter(r, data, kmu, tmp_path)


def test_a_fit_whose_time_is_up_returns_the_best_so_far(data, fit, kmu, tmp_path):
    begin = time.monotonic()
    r = fit(data, *LONG, *OUTPUTS, "--max-seconds=0.3")
    assert time.monotonic() - begin < 10
    assert r["stop"] == "budget" and r["iterations"] == len(r["trace"])
    assert 0.3 <= r["seconds"]["seed"] + r["seconds"]["fit"] < 10
    check_equals_max_iter(r, data, kmu, tmp_path)


def test_no_time_at_all_is_one_assignment_to_the_start(data, fit, kmu, tmp_path):
    r = fit(data, *LONG, *OUTPUTS, "--max-seconds=1e-9")
    assert (r["stop"], r["iterations"], r["trace"]) == ("budget", 0, [])
    check_equals_max_iter(r, data, kmu, tmp_path)


def test_an_interrupted_fit_prints_its_table(data, spawn):
    process = spawn("fit", data, *LONG, "-v")
    until(process, b"turn 2 ")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.decode().splitlines()[-1] == "interrupted: this is the best so far"


@pytest.mark.parametrize("first, second", itertools.permutations(SIGNALS, 2))
def test_a_second_signal_stops_at_once_and_nothing_is_written(first, second, data, spawn, write, folder, tmp_path):
    write("m.kmu", "old")
    before = folder()
    process = spawn("fit", data, *LONG, *OUTPUTS, "--json", "--algorithm=plain", "--isa=plain", "-t1")  # seconds a turn
    begun(process, tmp_path, 1 + 4)
    time.sleep(0.2)
    process.send_signal(first)
    process.send_signal(second)
    begin = time.monotonic()
    assert process.communicate(timeout=30) == (b"", b"")
    assert time.monotonic() - begin < 1.5
    assert process.returncode in (128 + first, 128 + second)
    assert folder() == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_is_ignored_stays_ignored(number, data, spawn, tmp_path):
    ignore = {"preexec_fn": lambda: signal.signal(number, signal.SIG_IGN)}
    process = spawn("fit", data, *LONG, "-o", "m.kmu", "--json", "--max-seconds=1", **ignore)
    begun(process, tmp_path, 1)
    process.send_signal(number)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and json.loads(out)["stop"] == "budget"


@pytest.mark.parametrize("count", [2, 3])
def test_a_fit_that_waits_for_a_reader_heeds_the_second_signal(count, data, spawn, folder, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    before = set(folder())
    process = spawn("fit", data, "-k2", "--init=first", "--max-iter=0", "-o", "m.kmu", "--labels=pipe.csv")
    with open(tmp_path / "pipe.csv", "rb", buffering=0) as pipe:
        assert pipe.read(1)
        while state_of(process) != "S":
            time.sleep(0.05)
        for number in SIGNALS[:count]:  # two of one kind may arrive as one
            process.send_signal(number)
        assert process.communicate(timeout=5) == (b"", b"")
    assert process.returncode - 128 in SIGNALS or count == 3 and -process.returncode in SIGNALS
    assert set(folder()) == before


def test_somebody_who_insists_leaves_no_temporary_file(data, spawn, folder, tmp_path):
    """The third signal ends the process even where nothing else would: here it is stopped while the three arrive."""
    process = spawn("fit", data, *LONG, *OUTPUTS, "--algorithm=plain", "--isa=plain", "-t1")
    begun(process, tmp_path, 4)
    process.send_signal(signal.SIGSTOP)
    for number in SIGNALS:
        process.send_signal(number)
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=5) == (b"", b"")
    assert -process.returncode in SIGNALS
    assert not folder()


def test_a_signal_while_reading_stops_at_once(spawn, write, folder):
    before = folder()
    process = spawn("fit", "-", "-k2", *OUTPUTS, stdin=subprocess.PIPE)
    process.stdin.write(b"1,2\n3,4\n" * 50_000)  # more than a pipe holds: it has begun to read
    process.send_signal(signal.SIGINT)
    process.wait(timeout=5)
    assert process.returncode == -signal.SIGINT and folder() == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_predict_and_nothing_is_left(number, data, kmu, spawn, write, folder, tmp_path):
    assert kmu("fit", data, *LONG, "--max-iter=0", "-o", "m.kmu") == (0, "", "")
    write("p.npy", "old")
    before = folder()
    process = spawn("predict", data, "-m", "m.kmu", "-o", "p.npy", "--distances=d.npy", "--top=256", "-t1")
    begun(process, tmp_path, 2 + 2)
    process.send_signal(number)
    begin = time.monotonic()
    assert process.communicate(timeout=30) == (b"", b"")
    assert time.monotonic() - begin < 2
    assert process.returncode == 128 + number
    assert folder() == before


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_a_signal_stops_convert_and_nothing_is_left(number, name, data, spawn, write, folder, tmp_path):
    write(name, "old")
    before = folder()
    process = spawn("convert", data, "-o", name)
    begun(process, tmp_path, 1 + 1)
    process.send_signal(number)
    begin = time.monotonic()
    assert process.communicate(timeout=30) == (b"", b"")
    assert time.monotonic() - begin < 1
    assert process.returncode == 128 + number
    assert folder() == before


@pytest.mark.parametrize("words", [["convert", "-o", "pipe.csv"], ["predict", "-m", "m.kmu", "-o", "pipe.csv"]],
                         ids=lambda words: words[0])
@pytest.mark.parametrize("reader", [False, True], ids=["nobody reads", "somebody stops reading"])
def test_a_signal_ends_a_wait_for_a_reader(words, reader, data, kmu, spawn, tmp_path):
    assert kmu("fit", data, "-k2", "--init=first", "--max-iter=0", "-o", "m.kmu") == (0, "", "")
    os.mkfifo(tmp_path / "pipe.csv")
    process = spawn(words[0], data, *words[1:])
    if reader:
        with open(tmp_path / "pipe.csv", "rb", buffering=0) as pipe:
            assert pipe.read(1)
            end_while_waiting(process)
    else:
        end_while_waiting(process)


def state_of(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def end_while_waiting(process):
    """Sends a signal once the process sleeps, which it then does for nothing else."""
    while state_of(process) != "S":
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=5) == (b"", b"")
    assert process.returncode == 128 + signal.SIGTERM


def test_a_bar_comes_after_a_second_and_goes_at_the_end(data, kmu, write):
    words = ["-k128", "--progress=bar", "-o", "m.kmu"]
    code, out, err = kmu("fit", data, *LONG, *words, "--max-seconds=1.6")
    assert (code, out) == (0, "") and err.startswith("\rkmu: run 1 turn ") and err.endswith("\r\x1b[K") and "\n" not in err
    assert 1 <= err.count(" moved ") <= 8  # not more than ten a second
    assert kmu("fit", data, *LONG, *words, "--max-seconds=0.3") == (0, "", "")
    assert kmu("fit", data, *LONG, "-o", "m.kmu", "--max-seconds=1.6") == (0, "", ""), "only a terminal gets it unasked"
