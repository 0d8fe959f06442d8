"""test_process.py - a fit among threads, forks and signals."""

import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from kmu import KMeans, _core, _data

X = np.random.default_rng(0).normal(size=(20_000, 16)).astype("f4")
LARGE = np.random.default_rng(1).normal(size=(200_000, 32)).astype("f4")


def centers(seed=0, n_threads=2):
    """What a worker sends back."""
    return KMeans(20, random_state=seed, n_threads=n_threads, max_iter=20).fit(X).cluster_centers_.tobytes()


def test_the_gil_is_not_held():
    """Another thread counts while a fit of one thread works."""
    counted, over = 0, threading.Event()

    def work():
        KMeans(200, random_state=0, n_threads=1, max_iter=10, init="random", n_init=1, algorithm="plain").fit(LARGE)
        over.set()

    thread = threading.Thread(target=work)
    begin = time.perf_counter()
    thread.start()
    gaps, last = [], begin
    while not over.is_set():
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
        counted += 1
        time.sleep(0.001)
    thread.join()
    took = time.perf_counter() - begin
    assert took > 0.3, "long enough to tell"
    assert counted > 20 * took
    assert sorted(gaps)[len(gaps) // 2] < 0.05


def test_eight_fits_at_once():
    right = [centers(seed) for seed in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(centers, range(8))) == right


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_workers_fit(method):
    """After a fit in the parent (defect 7: others never return)."""
    right = centers()
    rounds = 10 if method == "fork" else 1
    for _ in range(rounds):
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map_async(centers, [0, 0]).get(60) == [right, right]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_defect_7_a_fit_in_a_forked_child():
    right = centers()
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, b"y" if centers() == right else b"n")
        os._exit(0)
    os.close(write)
    alarm = threading.Timer(60, os.kill, (child, signal.SIGKILL))
    alarm.start()
    said = os.read(read, 1)
    os.waitpid(child, 0)
    alarm.cancel()
    assert said == b"y"


def test_joblib_does_not_start_more_threads_than_there_are_cores(monkeypatch):
    joblib = pytest.importorskip("joblib")
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(_data.threads_of)(None) for _ in range(4))
    assert all(1 <= threads <= max(1, joblib.cpu_count() // 2) for threads in found)


@pytest.mark.parametrize(
    ("ours", "openmp", "threads"),
    [
        (None, None, 0),
        ("3", None, 3),
        (None, "2", 2),
        ("3", "2", 3),
        (None, "4,2", 4),
        ("zero", "5", 5),
        ("0", None, 0),
        (None, "-1", 0),
    ],
)
def test_threads_of_the_environment(monkeypatch, ours, openmp, threads):
    for variable, value in (("KMU_NUM_THREADS", ours), ("OMP_NUM_THREADS", openmp)):
        monkeypatch.delenv(variable, raising=False)
        if value is not None:
            monkeypatch.setenv(variable, value)
    assert _data.threads_of(None) == threads
    assert _data.threads_of(7) == 7


CTRL_C = """
import os, signal, sys, threading, time
import numpy as np
from kmu import BisectingKMeans, KMeans, MiniBatchKMeans
x = np.random.default_rng(0).normal(size=(400_000, 32)).astype("f4")
km = {kind}(300, random_state=0, tol=0, {how}).fit(x[:1000])
before = dict(vars(km))
sent = []
def send():
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Timer({after}, send).start()
try:
    km.fit(x)
    print("finished")
except KeyboardInterrupt:
    late = time.perf_counter() - sent[0]
    print(late, vars(km).keys() == before.keys() and all(vars(km)[a] is before[a] for a in before))
"""


@pytest.mark.parametrize("after", [0.05, 0.6, 1.5])
@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("KMeans", "n_threads=2"),
        ("KMeans", "n_threads=1, algorithm='plain'"),
        ("KMeans", "n_init=50, init='random'"),
        ("MiniBatchKMeans", "max_no_improvement=None, init='random'"),
        ("BisectingKMeans", "n_init=50, algorithm='plain'"),
    ],
)
def test_ctrl_c_ends_a_fit_within_a_fifth_of_a_second(after, kind, how):
    ran = subprocess.run(
        [sys.executable, "-c", CTRL_C.format(kind=kind, how=how, after=after)], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    late, unchanged = ran.stdout.split()
    assert unchanged == "True"
    assert float(late) < 0.2


def test_an_exception_in_a_callback_ends_the_fit():
    def on_turn(run, turn, *J_and_shift):
        raise RuntimeError(f"turn {turn}")

    mu, c = np.empty((5, 16), "f4"), np.empty(len(X), np.int32)
    with pytest.raises(RuntimeError, match="turn 1"):
        _core.fit(X, None, None, mu, c, {"k": 5}, on_turn)


def test_a_signal_handler_that_does_not_raise_does_not_stop_a_fit():
    seen = []
    found = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        km = KMeans(100, random_state=0, n_threads=1, max_iter=5, algorithm="plain", init="random", n_init=1).fit(LARGE)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, found)
    assert km.stop_reason_ == "max_iter"
    assert seen
