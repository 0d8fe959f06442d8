"""test_memory_faults.py - each allocation of the command fails in turn: it says so, gives back what it took, and writes nothing;
or it does without, and everything is right. (Of the library's own calls, unit/test_memory.c.)"""
import errno
import resource
import subprocess

import numpy as np
import pytest
from faulty import BY_CAIRO, ENVIRONMENT, KMU, contents, each_scene, inputs, one_line, run, scene, shim  # noqa: F401


def held(s, ended, n):
    assert ended.code in (0, 5), (n, ended)
    assert ended.blocks <= s.good.blocks, f"allocation {n} fails: {ended.blocks - s.good.blocks} blocks are not given back"
    if ended.code == 0:
        assert s.all_done() and (ended.out, ended.err) == (s.good.out, s.good.err), (n, ended)
    else:
        assert ended.out == b"" and one_line(ended, "") and "memory" in ended.err and s.nothing_changed(), (n, ended)
    return ended.code == 5


@pytest.mark.parametrize("on", [0, 1], ids=["once", "from then on"])
@each_scene
def test_any_allocation_may_fail(name, on, scene, run):
    s = scene(name)
    inside = None if name in BY_CAIRO else "*"  # cairo and fontconfig do not survive that: docs/reliability.md
    count = run(s.folder, s.words, call="memory", inside=inside).calls
    refused = 0
    for n in range(1, count + 1):
        s.reset()
        refused += held(s, run(s.folder, s.words, call="memory", inside=inside, at=n, do=errno.ENOMEM, on=on), n)
    assert refused > count / 4, "the test has gone blind"


@pytest.mark.parametrize("on", [0, 1], ids=["once", "from then on"])
def test_any_allocation_of_fribidi_in_a_picture_may_fail(on, run, tmp_path):
    """It says so, but at a pair of brackets: docs/reliability.md."""
    (tmp_path / "x.csv").write_text("\u0637\u0648\u0644 \u05d0 a [12 %,y\n1,2\n3,4\n5,7\n", encoding="utf-8")
    (tmp_path / "p.pdf").write_text("old")
    assert run(tmp_path, "fit x.csv -k 2 -o m.kmu").code == 0
    before = contents(tmp_path)
    good = run(tmp_path, "plot x.csv -m m.kmu -o p.pdf", call="memory", inside="fribidi")
    assert good.code == 0 and good.calls > 20
    for n in range(1, good.calls + 1):
        (tmp_path / "p.pdf").write_text("old")
        ended = run(tmp_path, "plot x.csv -m m.kmu -o p.pdf", call="memory", inside="fribidi", at=n, do=errno.ENOMEM, on=on)
        assert ended.code == 5 and ended.out == b"" and ended.err == "kmu: not enough memory\n", (n, ended)
        assert ended.blocks <= good.blocks and contents(tmp_path) == before, (n, ended)


@pytest.mark.parametrize("on", [0, 1], ids=["once", "from then on"])
@pytest.mark.parametrize("words", ["fit x.csv -k 20 --max-iter=3 -o y.npy", "predict x.csv -m m -o y.npy", "convert x.csv -o y.npy"])
def test_any_thread_may_be_refused(words, on, run, tmp_path):
    """The work is done by those that there are, and is the same."""
    (tmp_path / "x.csv").write_text("".join(f"{j % 97},{j % 89}\n" for j in range(60000)))
    assert run(tmp_path, "fit x.csv -k 20 --max-iter=3 -o m").code == 0
    words += " -t 4"
    good = run(tmp_path, words, call="thread", inside="*")
    right = contents(tmp_path)
    assert good.code == 0 and good.calls >= 3
    for n in range(1, min(good.calls, 12) + 1):
        (tmp_path / "y.npy").unlink()
        ended = run(tmp_path, words, call="thread", inside="*", at=n, do=errno.EAGAIN, on=on)
        assert (ended.code, ended.out, ended.err) == (0, good.out, good.err) and contents(tmp_path) == right, (n, ended)


@pytest.mark.parametrize("words", ["fit big.npy -k 8 -o y.npy", "fit big.npy -k 8 --labels=y.npy --algorithm=dense",
                                   "convert big.npy -o y.npy.gz", "predict big.npy -m m -o y.npy --distances=d.npy"])
def test_a_process_with_little_memory(words, tmp_path):
    """As little as it starts with, and more: exit 5 and nothing written, until there is enough of it."""
    np.save(tmp_path / "big.npy", np.random.default_rng(1).random((50000, 16)))
    subprocess.run([KMU, "fit", "big.npy", "-k8", "--max-iter=1", "-o", "m"], cwd=tmp_path, check=True, env=ENVIRONMENT)
    (tmp_path / "y.npy").write_bytes(b"old")
    before = contents(tmp_path)
    codes = []
    for megabytes in range(8, 200, 4):
        limit = megabytes << 20
        ended = subprocess.run([KMU, *words.split(), "--max-iter=3" if "fit" in words else "-t1", "-t1"], cwd=tmp_path,
                               env=ENVIRONMENT, capture_output=True, text=True,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        if ended.returncode == 127:
            continue  # not even its libraries have room
        codes.append(ended.returncode)
        if ended.returncode == 0:
            break
        assert ended.returncode == 5 and "memory" in ended.stderr and ended.stderr.count("\n") == 1, (megabytes, ended)
        assert contents(tmp_path) == before
    assert codes[0] == 5 and codes[-1] == 0, codes
