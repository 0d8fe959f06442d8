"""Each allocation of the extension fails in turn: MemoryError, or the right answer; Python and the next call are as before."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHIM = Path(__file__).parents[2] / "tests" / "faults" / "shim.c"

PROGRAM = """
import ctypes
import numpy as np
import scipy.sparse
import kmu
shim = ctypes.CDLL(None)
x = np.random.default_rng(1).standard_normal((60, 3))
y = np.asfortranarray(x[::2])
many = np.tile(x, (200, 1))  # a few rows need no memory
model = kmu.KMeans(3, random_state=0, n_init=1).fit(x)
sparse = scipy.sparse.csr_matrix(np.where(x > 0, x, 0))
long = scipy.sparse.vstack([sparse] * 200).tocsr()
calls = {
    "fit": lambda: kmu.KMeans(3, random_state=0, n_init=2).fit(x).labels_,
    "fit of strided numbers": lambda: kmu.KMeans(3, random_state=0, n_init=1).fit(y.astype("i2")).cluster_centers_,
    "fit of sparse rows": lambda: kmu.KMeans(3, random_state=0, n_init=1).fit(sparse).labels_,
    "bisecting sparse rows": lambda: kmu.BisectingKMeans(3, random_state=0).fit(sparse).labels_,
    "predict of sparse rows": lambda: model.predict(long),
    "mini-batch": lambda: kmu.MiniBatchKMeans(3, random_state=0, n_init=1, batch_size=16).fit(x).cluster_centers_,
    "bisecting": lambda: kmu.BisectingKMeans(3, random_state=0).fit(x).labels_,
    "predict": lambda: model.predict(many),
    "transform": lambda: model.transform(many),
    "kmeans_plusplus": lambda: kmu.kmeans_plusplus(x, 3, random_state=0)[1],
}
for name, call in calls.items():
    right, failed, n = call(), 0, 0
    while True:
        n += 1
        shim.fault_arm(b"memory", b"_core.abi3", ctypes.c_long(n), b"12")
        try:
            got = call()
        except MemoryError as error:
            shim.fault_disarm()
            failed += 1
            assert "memory" in str(error), (name, n, error)
        else:
            count = shim.fault_disarm()
            assert np.array_equal(got, right), (name, n)
            if count < n:
                break
    assert np.array_equal(call(), right), name
    assert failed, f"{name}: the test has gone blind"
    print(name, failed, n - 1)
"""


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="the shim is for glibc")
def test_any_allocation_of_the_extension_may_fail(tmp_path):
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", tmp_path / "shim.so", SHIM, "-ldl"], check=True)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"LD_PRELOAD": str(tmp_path / "shim.so"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
