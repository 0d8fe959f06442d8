"""test_kills.py - kill -9 at any moment: every output is the old file or the new one, whole, and the next run leaves no
other file. KMU_KILLS moments are drawn (200)."""
import os
import random
import signal
import time

import pytest
from faulty import contents, each_scene, inputs, old_or_new, run, scene, shim, start  # noqa: F401


@each_scene
@old_or_new
def test_a_kill_before_any_call_of_files(name, old, scene, run):
    s = scene(name, old)
    left = 0
    for n in range(1, s.good.calls + 1):
        s.reset()
        killed = run(s.folder, s.words, at=n, do="kill")
        assert killed.code == -signal.SIGKILL and s.whole(leftovers=True), (n, killed, contents(s.folder).keys())
        left += not s.whole()
        again = run(s.folder, s.words)
        assert again.code == 0 and s.all_done(), (n, again, contents(s.folder).keys())
    assert left or not s.outputs, "the test has gone blind: no kill left a temporary file"


WORDS = "fit x.csv -k 3 -t 2 -o m.kmu --labels=l.csv.gz --centers=c.npy --trace=t.json --max-iter 5"


def test_a_kill_at_any_moment(inputs, tmp_path):
    rows = inputs["x.csv"] * 40
    (tmp_path / "x.csv").write_bytes(rows)
    seed = time.time_ns() % 10**6
    draw = random.Random(seed)
    begin = time.monotonic()
    assert start(tmp_path, *WORDS.split()).wait(30) == 0
    long = time.monotonic() - begin
    new = contents(tmp_path)
    outputs = sorted(set(new) - {"x.csv"})
    old = {"x.csv": rows} | {name: b"old " + name.encode() for name in outputs}
    killed = 0
    for _ in range(int(os.environ.get("KMU_KILLS", 200))):
        for name in outputs:
            (tmp_path / name).write_bytes(old[name])
        process = start(tmp_path, *WORDS.split())
        time.sleep(long * draw.random())
        process.kill()
        killed += process.wait(30) == -signal.SIGKILL
        now = contents(tmp_path)
        assert all(now[name] in (old[name], new[name]) for name in outputs), seed
        assert start(tmp_path, *WORDS.split()).wait(30) == 0
        assert contents(tmp_path) == new, seed
    assert killed


def test_a_file_that_another_kmu_is_writing_is_left_alone(inputs, tmp_path):
    """Two at once, with the same outputs: both succeed, whoever comes last has its files there, and no other file stays."""
    (tmp_path / "x.csv").write_bytes(inputs["x.csv"] * 40)
    for _ in range(20):
        both = [start(tmp_path, *WORDS.split()) for _ in range(3)]
        assert [p.communicate(timeout=30) + (p.returncode,) for p in both] == [(b"", b"", 0)] * 3
        assert set(contents(tmp_path)) == {"x.csv", "m.kmu", "l.csv.gz", "c.npy", "t.json"}


def test_leftovers_of_several_are_taken_away_by_one(scene, run):
    s = scene("convert")
    s.reset()
    for n in range(1, s.good.calls + 1):
        run(s.folder, s.words, at=n, do="kill")
        left = [p for p in s.folder.iterdir() if p.name.startswith(".kmu-")]
        if left:
            break
    for i in range(1, 5):
        left[0].with_name(left[0].name[:-1] + str(i)).write_bytes(b"of another one")
    assert run(s.folder, s.words).code == 0 and s.all_done()


@pytest.mark.parametrize("made", ["pipe", "folder", "link", "empty"])
def test_what_only_looks_like_a_leftover(made, scene, run):
    """Nothing that is not kmu's is touched; an empty file of that name could be, and goes."""
    s = scene("convert")
    s.reset()
    for n in range(1, s.good.calls + 1):
        run(s.folder, s.words, at=n, do="kill")
        left = [p for p in s.folder.iterdir() if p.name.startswith(".kmu-")]
        if left:
            break
    left[0].unlink()
    (s.folder / "kept").write_bytes(b"kept")
    {"pipe": os.mkfifo, "folder": os.mkdir, "link": lambda p: os.symlink("kept", p), "empty": lambda p: p.touch()}[made](left[0])
    assert run(s.folder, s.words).code == 0
    assert os.path.lexists(left[0]) == (made != "empty") and (s.folder / "kept").read_bytes() == b"kept"
