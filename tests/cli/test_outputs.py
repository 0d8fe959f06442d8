"""test_outputs.py - outputs appear whole or not at all; what was there keeps its bytes, or its mode and its links."""
import itertools
import os
import resource
import signal
import stat
import subprocess

import pytest

from command import ENVIRONMENT, KMU, may_mount

ALL = ["-o", "m.kmu", "--labels=l.csv", "--centers=c.npy", "--trace=t.json"]
NAMES = {"m.kmu", "l.csv", "c.npy", "t.json"}
NO_SPACE = "cannot write: No space left on device"


@pytest.fixture(autouse=True)
def data(write):
    write("x.csv", "1,2\n3,4\n5,6\n7,9\n")


@pytest.fixture
def big(write):
    return write("big.csv", "".join(f"{j % 97},{j % 89}\n" for j in range(60000)))


@pytest.fixture
def old(write):
    """Outputs of before, which must not change."""
    for name in NAMES:
        write(name, "old " + name)


def test_every_output_appears_and_nothing_else(kmu, tmp_path):
    assert kmu("fit", "x.csv", "-k2", *ALL) == (0, "", "")
    assert {p.name for p in tmp_path.iterdir()} == NAMES | {"x.csv"}
    assert all((tmp_path / name).stat().st_size for name in NAMES)


def test_old_outputs_are_replaced_whole(kmu, old, tmp_path):
    reader = open(tmp_path / "l.csv")
    assert kmu("fit", "x.csv", "-k2", *ALL) == (0, "", "")
    assert reader.read() == "old l.csv", "who had it open reads the old file to its end"
    assert {p.name for p in tmp_path.iterdir()} == NAMES | {"x.csv"}
    assert not any((tmp_path / name).read_bytes().startswith(b"old") for name in NAMES)


@pytest.mark.parametrize("last, message", [
    ("/dev/full", f"/dev/full: {NO_SPACE}"), (".", ".: cannot write: Is a directory"),
    ("no/t.csv", "no/t.csv: cannot write: No such file or directory"),
], ids=["a full disk", "a directory", "no directory"])
def test_the_last_output_fails_and_the_others_stay_as_they_were(last, message, kmu, old, folder):
    before = folder()
    assert kmu("fit", "x.csv", "-k2", *ALL[:-1], "--trace", last) == (4, "", f"kmu: {message}\n")
    assert folder() == before
    assert kmu("predict", "x.csv", "-m", "m.kmu") == (7, "", "kmu: m.kmu: not a kmu model (kmu fit -o makes one)\n")


def test_a_first_run_that_fails_leaves_nothing(kmu, folder):
    before = folder()
    assert kmu("fit", "x.csv", "-k2", *ALL[:-1], "--trace=/dev/full") == (4, "", f"kmu: /dev/full: {NO_SPACE}\n")
    assert folder() == before


@pytest.mark.parametrize("line", [
    "fit x.csv -k2 --json", "fit x.csv -k2", "fit x.csv -k2 --labels -", "predict x.csv -m m", "predict x.csv -m m --append",
    "verify x.csv --centers c.csv --labels l", "verify x.csv --centers c.csv --labels l --json", "info x.csv", "info m",
    "convert x.csv -o -", "--help", "--version",
])
@pytest.mark.parametrize("closed", [False, True], ids=["full", "closed"])
def test_standard_output_that_cannot_be_written_is_an_error(line, closed, kmu, write, folder):
    kmu("fit", "x.csv", "-k2", "-o", "m", "--labels=l", "--centers=c.csv")
    before = folder()
    line += " --centers old.csv --trace new.csv -o old.kmu" * (line == "fit x.csv -k2 --json")
    with open("/dev/full", "w") as full:
        code, _, err = kmu(*line.split(), stdout=full, preexec_fn=(lambda: os.close(1)) if closed else None)
    why = "Bad file descriptor" if closed else "No space left on device"
    assert (code, err) == (4, f"kmu: standard output: cannot write: {why}\n")
    assert folder() == before


def test_a_file_does_not_become_standard_output_because_that_was_closed(kmu, tmp_path):
    assert kmu("fit", "x.csv", "-k2", "-o", "m") == (0, "", "")
    code, _, err = kmu("predict", "x.csv", "-m", "m", "-o", "-", "--distances=d.csv", preexec_fn=lambda: os.close(1))
    assert (code, err) == (4, "kmu: standard output: cannot write: Bad file descriptor\n")
    assert {p.name for p in tmp_path.iterdir()} == {"x.csv", "m"}
    assert kmu("fit", "x.csv", "-k2", "--labels=l.csv", preexec_fn=lambda: (os.close(0), os.close(1), os.close(2)))[0] == 0
    assert (tmp_path / "l.csv").read_text().split() in (["0", "0", "1", "1"], ["1", "1", "0", "0"])


LINES = [
    "fit big.csv -k5 --json -o new.kmu", "fit big.csv -k5 --labels - --centers old.csv", "predict big.csv -m m --append",
    "predict big.csv -m m -o - --distances new.npy", "convert big.csv -o -",
]


@pytest.mark.parametrize("line", LINES)
def test_a_reader_that_leaves_is_no_news(line, big, kmu, spawn, folder):
    kmu("fit", "x.csv", "-k2", "-o", "m", "--centers=old.csv")
    before = folder()
    process = spawn(*line.split())
    process.stdout.close()
    process.stdout = None
    assert process.communicate(timeout=30) == (None, b"")
    assert process.returncode == -signal.SIGPIPE
    assert folder() == before


@pytest.mark.parametrize("line", LINES[1:])
def test_a_reader_that_wants_one_line_gets_it_without_a_word(line, big, kmu, tmp_path, folder):
    kmu("fit", "x.csv", "-k2", "-o", "m", "--centers=old.csv")
    before = folder()
    shell = subprocess.run(["bash", "-c", f'"$0" {line} | head -n 1; exit "${{PIPESTATUS[0]}}"', KMU], cwd=tmp_path,
                           env=ENVIRONMENT, capture_output=True, timeout=30)
    assert (shell.returncode, shell.stderr, shell.stdout.count(b"\n")) == (128 + signal.SIGPIPE, b"", 1)
    assert folder() == before


def test_a_broken_pipe_is_an_error_where_it_is_ignored(big, spawn, kmu):
    process = spawn("convert", big, "-o", "-", restore_signals=False)
    process.stdout.close()
    process.stdout = None
    assert process.communicate(timeout=30) == (None, b"kmu: standard output: cannot write: Broken pipe\n")
    assert process.returncode == 4


@pytest.mark.parametrize("ignored", [True, False])
def test_a_file_that_may_not_grow_leaves_everything_as_it_was(ignored, big, kmu, old, folder):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    before = folder()
    answer = kmu("fit", big, "-k3", "--max-iter=1", *ALL, preexec_fn=limit)
    assert answer == (4, "", "kmu: l.csv: cannot write: File too large\n")
    assert folder() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_or_a_file_that_may_not_be_written(kmu, tmp_path, folder, write):
    (tmp_path / write("kept.csv", "kept")).chmod(0o444)
    assert kmu("fit", "x.csv", "-k2", "--labels=kept.csv") == (4, "", "kmu: kept.csv: cannot write: Permission denied\n")
    tmp_path.chmod(0o555)
    assert kmu("fit", "x.csv", "-k2", "--labels=l.csv") == (4, "", "kmu: l.csv: cannot write: Permission denied\n")
    tmp_path.chmod(0o755)
    assert set(folder()) == {"x.csv", "kept.csv"}


@pytest.mark.skipif(not may_mount(), reason="nothing may be mounted here")
@pytest.mark.parametrize("line", [
    "fit big.csv -k3 --max-iter=1 -o m.kmu --labels=disk/l.csv --centers=c.csv", "convert big.csv -o disk/y.csv.gz",
    "predict big.csv -m m -o disk/p.csv --distances=d.csv", "predict big.csv -m m --append -o disk/p.csv",
], ids=lambda line: line.split()[0])
@pytest.mark.parametrize("mounts, why", [
    ("mount -t tmpfs -o size=20k none disk", "No space left on device"),
    ("mount -t tmpfs -o size=20k none disk && head -c 4096 /dev/zero >disk/kept && mount -o remount,ro disk",
     "Read-only file system"),
], ids=["a full disk", "a disk that is only read"])
def test_a_disk_that_takes_no_more(mounts, why, line, big, kmu, folder, tmp_path):
    (tmp_path / "disk").mkdir()
    kmu("fit", "x.csv", "-k2", "-o", "m")
    before = folder()
    name = line.split("disk/")[1].split()[0]
    look = ' && ls -A disk >before; "$@"; code=$?; ls -A disk >after; cmp before after; rm before after; exit $code'
    assert kmu(*line.split(), mounts=mounts + look) == (4, "", f"kmu: disk/{name}: cannot write: {why}\n")
    assert folder() == before


def test_a_symbolic_link_is_followed(kmu, tmp_path, write):
    (tmp_path / "there").mkdir()
    (tmp_path / "link.csv").symlink_to("there/chain.csv")
    (tmp_path / "there" / "chain.csv").symlink_to("real.csv")
    for before in (None, "old"):
        assert kmu("fit", "x.csv", "-k2", "--labels=link.csv") == (0, "", "")
        assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "there" / "chain.csv").is_symlink()
        assert len((tmp_path / "there" / "real.csv").read_text().split()) == 4, before
        assert len(list((tmp_path / "there").iterdir())) == 2
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert kmu("fit", "x.csv", "-k2", "--labels=loop.csv")[::2] == (
        4, "kmu: loop.csv: cannot write: Too many levels of symbolic links\n")


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666, 0o755])
def test_the_mode_of_a_replaced_file_is_kept_and_of_a_new_one_the_umask_decides(mode, kmu, write, tmp_path):
    (tmp_path / write("l.csv", "old")).chmod(mode)
    assert kmu("fit", "x.csv", "-k2", "--labels=l.csv", "--centers=c.csv", preexec_fn=lambda: os.umask(0o027)) == (0, "", "")
    assert stat.S_IMODE((tmp_path / "l.csv").stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / "c.csv").stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_of_a_replaced_file_is_kept(kmu, write, tmp_path):
    os.chown(tmp_path / write("l.csv", "old"), 1234, 2345)
    assert kmu("fit", "x.csv", "-k2", "--labels=l.csv") == (0, "", "")
    s = (tmp_path / "l.csv").stat()
    assert (s.st_uid, s.st_gid, s.st_size) == (1234, 2345, 8)


def test_two_outputs_that_meet_behind_links_are_refused(kmu, tmp_path, folder):
    (tmp_path / "there").mkdir()
    (tmp_path / "here").symlink_to("there")
    (tmp_path / "link.csv").symlink_to("there/new.csv")  # to nothing yet
    before = folder()
    for first, second in itertools.permutations(["link.csv", "there/new.csv", "here/new.csv", tmp_path / "there" / "new.csv"], 2):
        for words in (["fit", "x.csv", "-k2", "--labels", first, "--centers", second],
                      ["predict", "x.csv", "-m", "m", "-o", first, "--distances", second]):
            assert kmu(*words) == (2, "", f"kmu: {second}: two outputs cannot go to one file\n")
    assert folder() == before
    assert kmu("fit", "x.csv", "-k2", "--labels=there/a.csv", "--centers=a.csv") == (0, "", "")
    os.link(tmp_path / "a.csv", tmp_path / "b.csv")
    assert kmu("fit", "x.csv", "-k2", "--labels=a.csv", "--centers=b.csv") == (0, "", ""), "they part"
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "there" / "a.csv").read_bytes() != (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("name", ["out.csv", "./out.csv", "/dev/stdout"])
def test_an_output_and_standard_output_that_meet_in_a_file_are_refused(name, kmu, tmp_path):
    for words in (["--json"], ["--centers=-"]):
        with open(tmp_path / "out.csv", "w") as out:
            answer = kmu("fit", "x.csv", "-k2", *words, "--labels", name, stdout=out)
        assert answer == (2, None, "kmu: standard output: two outputs cannot go there\n")
    with open(tmp_path / "out.csv", "w") as out:
        assert kmu("fit", "x.csv", "-k2", "--labels", name, stdout=out) == (0, None, "")
    assert len((tmp_path / "out.csv").read_text().split()) == 4


def test_what_is_no_regular_file_is_written_directly(kmu, spawn, tmp_path):
    labels = kmu("fit", "x.csv", "-k2", "--labels=-")[1]
    assert kmu("fit", "x.csv", "-k2", "--labels=/dev/stdout") == (0, labels, "")
    assert kmu("fit", "x.csv", "-k2", "--labels=/dev/null", "--centers=/dev/null") == (0, "", "")
    os.mkfifo(tmp_path / "pipe.csv")
    process = spawn("fit", "x.csv", "-k2", "--labels=pipe.csv")
    assert (tmp_path / "pipe.csv").read_text() == labels
    assert process.communicate(timeout=30) == (b"", b"") and process.returncode == 0
    assert (tmp_path / "pipe.csv").is_fifo()


def test_an_input_may_be_its_own_output(kmu, tmp_path):
    assert kmu("convert", "x.csv", "-o", "x.csv") == (0, "", "")
    assert (tmp_path / "x.csv").read_text() == "1,2\n3,4\n5,6\n7,9\n"
