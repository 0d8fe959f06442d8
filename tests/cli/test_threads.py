"""test_threads.py - how many threads read a text and compute: those asked for, else what affinity and cgroup allow."""
import json
import os
import subprocess

import pytest

from command import may_mount
from file_bytes import model


def threads_that_read(process):
    """How many threads a process has while it reads a text that does not end."""
    with process.stdin as pipe:
        for _ in range(1000):
            pipe.write(b"1,2\n" * 1000)
        count = len(os.listdir(f"/proc/{process.pid}/task"))
        process.kill()
    process.stdin = None
    process.communicate(timeout=30)
    return count


READERS = ["convert - -o y.npy", "info -", "fit - -k2", "predict - -m m.kmu", "verify - --labels l --centers c"]


@pytest.mark.parametrize("line", READERS)
def test_a_text_is_read_by_as_many_threads_as_the_cpus_allow_or_as_were_asked_for(line, spawn, write):
    write("m.kmu", model([[1, 2]]))

    def threads(*how, cpus=None):
        own = {} if cpus is None else {"preexec_fn": lambda: os.sched_setaffinity(0, cpus)}
        return threads_that_read(spawn(*line.split(), "--header=no", *how, stdin=subprocess.PIPE, bufsize=0, **own))

    cpus = os.sched_getaffinity(0)
    assert [threads("-t", asked) for asked in (1, 2, 5)] == [1, 2, 5]
    assert threads() == threads("-t0") == min(len(cpus), 8)
    assert threads(cpus={min(cpus)}) == 1 and threads("-t3", cpus={min(cpus)}) == 3


@pytest.fixture
def within(spawn, write, tmp_path):
    """within(files, own, *args) -> a kmu that sees files under /sys/fs/cgroup and is in the cgroups that own names."""
    def begin(files, own, *args):
        for name, content in files.items():
            (tmp_path / "cgroups" / name).parent.mkdir(parents=True, exist_ok=True)
            write(f"cgroups/{name}", content)
        write("own", own)
        mounts = "mount --bind cgroups /sys/fs/cgroup && mount --bind own /proc/$$/cgroup"
        return spawn(*args, mounts=mounts, stdin=subprocess.PIPE, bufsize=0)

    if not may_mount():
        pytest.skip("nothing may be mounted here")
    return begin


ONE = "100000 100000\n"
V1 = {"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "150000\n"}
CGROUPS = {
    "version 2, a root": ({"cpu.max": ONE}, "0::/\n"),
    "version 2, above": ({"a/cpu.max": ONE, "a/b/cpu.max": "max 100000\n"}, "0::/a/b\n"),
    "version 2, below": ({"cpu.max": "400000 100000\n", "a/b/cpu.max": "1 100000\n"}, "0::/a/b\n"),
    "version 2, the path of a host": ({"cpu.max": ONE}, "0::/docker/4711\n"),
    "version 1, a root": (V1, "2:memory:/m\n1:cpu,cpuacct:/\n0::/\n"),
    "version 1, above": (V1 | {
        "cpu/a/b/cpu.cfs_quota_us": "-1\n", "cpu/a/b/cpu.cfs_period_us": "100000\n"}, "3:cpuacct,cpu:/a/b\n"),
    "version 1, below": ({"cpu/a/cpu.cfs_quota_us": "99\n", "cpu/a/cpu.cfs_period_us": "1000\n"}, "3:cpu:/a\n"),
}
NONE = {
    "no quota": ({
        "cpu.max": "max 100000\n", "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, "1:cpu:/\n0::/\n"),
    "one of another": ({"other/cpu.max": ONE, "cpuset/cpu.cfs_quota_us": "1\n"}, "1:cpuset:/other\n0::/a\n"),
    "no cgroups": ({"empty": ""}, ""),
    "nonsense": ({"cpu.max": "0 0\n", "a/cpu.max": "9223372036854775807 1\n"}, "0::/a\n::\n:\n\n"),
}


def computing(process):
    out, err = process.communicate(b"1,2\n3,4\n" * 5000, timeout=30)  # of less one thread makes all
    assert process.returncode == 0, err
    return json.loads(out)["threads"]


@pytest.mark.parametrize("files, own", CGROUPS.values(), ids=CGROUPS)
def test_the_quota_of_the_cgroup_cuts_the_threads(files, own, within):
    assert computing(within(files, own, "fit", "-", "-k2", "--json")) == 1
    assert threads_that_read(within(files, own, "info", "-", "--header=no")) == 1
    assert threads_that_read(within(files, own, "info", "-", "--header=no", "-t3")) == 3


@pytest.mark.parametrize("files, own", NONE.values(), ids=NONE)
def test_no_quota_cuts_nothing(files, own, within):
    cpus = len(os.sched_getaffinity(0))
    assert computing(within(files, own, "fit", "-", "-k2", "--json")) == cpus
    assert threads_that_read(within(files, own, "info", "-", "--header=no")) == min(cpus, 8)


def test_few_points_are_worth_one_thread_and_get_those_asked_for(spawn):
    small = [spawn("fit", "-", "-k2", "--json", *how, stdin=subprocess.PIPE, bufsize=0) for how in ([], ["-t3"])]
    outs = [process.communicate(b"1,2\n3,4\n", timeout=30)[0] for process in small]
    assert [json.loads(out)["threads"] for out in outs] == [1, 3]


@pytest.mark.parametrize("line", READERS)
def test_every_command_reads_by_the_quota(line, within, write):
    write("m.kmu", model([[1, 2]]))
    assert threads_that_read(within({"cpu.max": ONE}, "0::/\n", *line.split(), "--header=no")) == 1
