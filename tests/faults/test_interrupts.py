"""test_interrupts.py - SIGINT and SIGTERM at any time: before the work they end the process, during it they end with the best so
far, which kmu verify proves; KMU_SIGNALS times are drawn (20). The latencies are printed (pytest -s)."""
import os
import random
import signal
import subprocess
import time

import numpy as np
from faulty import ENVIRONMENT, KMU, contents, start

WORDS = ["fit", "x.npy", "-k64", "--init=random", "-o", "m.kmu", "--labels=l.npy", "--centers=c.npy"]
BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, float("inf"))  # of the histogram, in milliseconds


def test_a_signal_at_any_time(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(17).standard_normal((50_000, 32), dtype="f4"))
    begin = time.monotonic()
    assert start(tmp_path, *WORDS).wait(60) == 0
    long = time.monotonic() - begin
    seed = time.time_ns() % 10**6
    draw = random.Random(seed)
    latencies, ends = [], {}
    for _ in range(int(os.environ.get("KMU_SIGNALS", 20))):
        for name in ("m.kmu", "l.npy", "c.npy"):
            (tmp_path / name).write_bytes(b"old")
        number = draw.choice([signal.SIGINT, signal.SIGTERM])
        process = start(tmp_path, *WORDS)
        time.sleep(long * draw.random())
        begin = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        latency = 1000 * (time.monotonic() - begin)
        code = process.returncode
        assert (out, err) == (b"", b"") and code in (0, -number, 128 + number), (seed, code, err)
        files = contents(tmp_path)
        assert set(files) == {"x.npy", "m.kmu", "l.npy", "c.npy"}, seed
        if code == -number:  # it had not begun
            assert {files[name] for name in ("m.kmu", "l.npy", "c.npy")} == {b"old"}, seed
        else:
            words = [KMU, "verify", "x.npy", "--centers=c.npy", "--labels=l.npy"]
            assert subprocess.run(words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True).returncode == 0, seed
        ends[code] = ends.get(code, 0) + 1
        if code == 128 + number:
            latencies.append(latency)
    print(f"\n{long:.2f} s a fit; ends {ends}; latency of {len(latencies)} in ms, most {max(latencies):.1f}:")
    for low, high in zip((0, *BOUNDS), BOUNDS):
        print(f"  < {high:5}  {sum(low <= v < high for v in latencies)}")
    assert latencies and sorted(latencies)[len(latencies) // 2] < 100
