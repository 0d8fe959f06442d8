"""test_file_faults.py - each call of files fails in turn: one message, exit 4, the old outputs as they were, and no leftovers."""
import errno
import os

import pytest
from faulty import contents, each_scene, inputs, old_or_new, one_line, run, scene, shim  # noqa: F401

ERRNOS = [getattr(errno, name) for name in os.environ.get("KMU_ERRNOS", "EIO").split(",")]
SAID = ("cannot open", "cannot read", "cannot write")


def is_refusal(ended, why):
    """One line that says what could not be done, and why."""
    return ended.code == 4 and ended.out == b"" and one_line(ended, "") and (
        ended.err.endswith(f": {os.strerror(why)}\n") and any(text in ended.err for text in SAID))


@pytest.mark.parametrize("why", ERRNOS, ids=errno.errorcode.get)
@each_scene
@old_or_new
def test_any_call_may_fail(name, old, why, scene, run):
    """It says so and changes nothing, or can do without and does everything."""
    s = scene(name, old)
    renamed = 0
    for n in range(1, s.good.calls + 1):
        s.reset()
        ended = run(s.folder, s.words, at=n, do=why)
        assert ended.code in (0, 4), (n, ended)
        if ended.code == 0:
            assert s.all_done() and (ended.out, ended.err) == (s.good.out, s.good.err), (n, ended, contents(s.folder).keys())
        else:
            assert is_refusal(ended, why), (n, ended)
            renamed += not s.nothing_changed()
            assert s.whole(), (n, ended, contents(s.folder).keys())
    assert renamed < max(1, len(s.outputs)), "only a rename that fails after another may leave new files"


@pytest.mark.parametrize("call", ["open", "read", "write", "fsync", "rename"])
@each_scene
def test_what_cannot_be_done_without_is_an_error(name, call, scene, run):
    s = scene(name)
    count = run(s.folder, s.words, call=call).calls
    if call in ("open", "fsync"):
        count -= len(s.outputs)  # of the directories, which are known to hold the new names, or will
    for n in range(1, count + 1):
        s.reset()
        ended = run(s.folder, s.words, call=call, at=n, do=errno.EIO)
        assert is_refusal(ended, errno.EIO), (n, ended)
        assert s.nothing_changed() or (call == "rename" and n > 1 and s.whole()), (n, ended)


@each_scene
def test_a_disk_that_stays_full(name, scene, run):
    s = scene(name)
    for n in range(1, run(s.folder, s.words, call="write").calls + 1):
        s.reset()
        assert is_refusal(run(s.folder, s.words, call="write", at=n, do=errno.ENOSPC, on=1), errno.ENOSPC), n
        assert s.nothing_changed()


@pytest.mark.parametrize("call", ["read", "write"])
@pytest.mark.parametrize("do", ["some", "intr"])
@each_scene
def test_short_and_interrupted_calls_are_gone_on_with(name, call, do, scene, run):
    s = scene(name)
    s.reset()
    ended = run(s.folder, s.words, call=call, at=1, do=do, on=1)
    assert (ended.code, ended.out, ended.err) == (0, s.good.out, s.good.err)
    assert s.all_done()


@pytest.mark.parametrize("file, words", [
    ("x.csv", "convert x.csv -o y.npy"), ("x.npy", "convert x.npy -o y.csv"), ("x.csv.gz", "convert x.csv.gz -o y.npy"),
    ("x.csv.zst", "convert x.csv.zst -o y.npy"), ("x.raw", "convert x.raw --shape=240,2 --dtype=f64 -o y.npy"),
    ("x.fvecs", "convert x.fvecs -o y.npy"), ("x.idx", "convert x.idx -o y.npy"), ("x.csv", "fit x.csv -k2 -o y.npy"),
    ("start.kmu", "predict x.csv -m start.kmu -o y.npy"), ("start.kmu", "info start.kmu"),
    ("w.csv", "fit x.csv -k2 --weights=w.csv -o y.npy"), ("c.npy", "fit x.csv --init=c.npy -o y.npy"),
    ("l.csv", "verify x.csv --centers=c.npy --labels=l.csv"),
])
@pytest.mark.parametrize("do", ["truncate", "append", "overwrite"])
def test_a_file_that_changes_while_it_is_read(do, file, words, inputs, run, tmp_path):
    """At any read: what comes of it is said, or it is that of the old file, or of the new one, but never of a mixture."""

    def outcome(**fault):
        (tmp_path / "y.npy").write_bytes(b"old")
        ended = run(tmp_path, words, call="read", do=do, file=file, **fault)
        return ended.code, ended.out, ended.err, contents(tmp_path)["y.npy"], ended.calls

    for name, content in inputs.items():
        (tmp_path / name).write_bytes(content)
    *old, count = outcome()
    seen = []
    for n in range(1, count + 1):
        (tmp_path / file).write_bytes(inputs[file])
        seen.append(outcome(at=n)[:4])
    new = outcome()[:4]
    said = (4, b"", f"kmu: {file}: changed while it was read; take a copy that rests\n", b"old")
    assert set(seen) <= {said, tuple(old), new} and said in seen
