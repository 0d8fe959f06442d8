"""test_bad_input.py - what cannot be read or asked for is refused with one line that says where, what and what to do;
nothing is printed, no file appears and none changes. The cases are in the tables of bad_*.py."""
import os
import platform
import re
import resource
import shlex

import pytest

from bad_binary import FILES, X
from bad_models import MODELS, edited
from bad_pairs import FIT, OTHERS, OUTPUTS, PAGES
from bad_text import TEXTS
from bad_words import COMMANDS, FILES as PLAIN, KEEP, VALUES
from file_bytes import npy

WRITES = {"fit": "fit -o old.kmu --labels new.csv ", "predict": "predict -o old.csv ", "convert": "convert -o old.npy "}


def with_outputs(line, message):
    """A command line that names no output, made to write into what is there already."""
    command, _, rest = line.partition(" ")
    named = any(word in line for word in (" -o", "--labels", "--centers", "--trace", "--distances"))
    return line if named or command not in WRITES or "-o is missing" in message else WRITES[command] + rest


def cases():
    """(files, command line, exit code, message) of every case, under its name."""
    for what, content, message, *more in TEXTS:
        code = 2 if "are both" in message else 3
        yield pytest.param({"t.csv": content}, " ".join(["fit t.csv -k 1", *more]), code, f"t.csv{message}", id=what)
    for what, name, content, message, *more in FILES:
        yield pytest.param({name: content}, " ".join([f"fit {name} -k 1", *more]), 3, f"{name}{message}", id=f"{name}: {what}")
    for old, new, message in MODELS:
        message = message.replace(": ", ": a damaged kmu model: ", 1)
        yield pytest.param(PLAIN | {"x.kmu": edited(old, new)}, "predict a.csv -m x.kmu", 7, f"x.kmu{message}", id=f"x.kmu: {old} {new}")
    for line, code, message in COMMANDS + FIT + OTHERS + PAGES + OUTPUTS:
        yield pytest.param(PLAIN, line, code, message, id=line)
    for options, message in VALUES:
        yield pytest.param(PLAIN, f"fit a.csv -k 2 {options}", 2, message, id=options)


@pytest.mark.parametrize("files, line, code, message", cases())
def test_bad_input_is_refused_and_nothing_changes(files, line, code, message, kmu, write, folder):
    for name, content in (files | KEEP).items():
        write(name, content)
    before = folder()
    got, out, err = kmu(*shlex.split(with_outputs(line, message)))
    assert err == f"kmu: {message}\n"
    assert (got, out) == (code, "")
    assert folder() == before


def test_every_option_and_every_format_has_a_case(kmu):
    lines = [param.values[1] for param in cases()]
    options = re.findall(r"^  (-[a-z])?,? +(--[a-z-]+)|^  (-k) ", kmu("--help")[1], re.M)
    letters = {letter: name for letter, name, k in options}
    names = {name or k for letter, name, k in options} - {"--help", "--version"}
    words = [word for line in lines for word in shlex.split(line)]
    used = {word.partition("=")[0] if word.startswith("--") else letters.get(word[:2], word[:2]) for word in words}
    assert len(names) > 40 and names - used == set()
    suffixes = (".csv", ".npy", ".fvecs", ".bvecs", ".ivecs", "-idx2-ubyte", ".raw", ".bin", ".gz", ".zst", ".kmu")
    assert all(any(word.endswith(suffix) for word in words) for suffix in suffixes)
    print(f"{len(lines)} cases of bad input")
    assert len(lines) >= 300


def refused(answer, code, message):
    got, out, err = answer
    assert err == f"kmu: {message}\n"
    assert (got, out) == (code, "")


@pytest.mark.parametrize("line", ["fit nowhere.csv -k 2", "predict nowhere.csv -m m", "verify nowhere.csv --centers c --labels l"])
def test_instructions_that_this_cpu_lacks_are_refused_before_anything_is_read(line, kmu):
    other = "avx2" if platform.machine() == "aarch64" else "neon"
    refused(kmu(*line.split(), f"--isa={other}"), 2, f"--isa {other}: this CPU has no such instructions")


def test_no_command_prints_the_help_and_then_what_is_missing(kmu):
    code, out, err = kmu()
    assert (code, out) == (2, "")
    assert err.startswith("kmu: k-means") and err.endswith("\nkmu: a command is missing\n")


@pytest.mark.parametrize("line, message", [
    (b"1" * 100_000_000, f"t.csv:2:1: {'1' * 40}... is beyond the range of f64"),
    (b"x" * 100_000_000, f't.csv:2:1: "{"x" * 40}..." is not a number'),
    (b"1," * 50_000_000, "t.csv:2:2: the row has more than 1 field"),
    (b'"' + b"1" * 100_000_000, "t.csv:2:1: a quote that is never closed"),
], ids=["a number", "a text", "fields", "a quote"])
def test_a_line_of_100_megabytes(line, message, kmu, tmp_path):
    with open(tmp_path / "t.csv", "wb") as f:
        f.write(b"1\n")
        f.write(line)
        f.write(b"\n")
    answer = kmu("fit", "t.csv", "-k1")
    (tmp_path / "t.csv").unlink()
    refused(answer, 3, message)


def test_a_pipe_that_ends_too_early(kmu):
    refused(kmu("fit", "-", "-k1", input=npy(X)[:-8]), 3, "standard input: cut short: 40 of 48 bytes of numbers (3 x 2 f64)")


def test_a_file_that_shrinks_while_it_is_read(spawn, tmp_path):
    """A pipe as file: kmu has read the header when the rest does not come."""
    os.mkfifo(tmp_path / "x.npy")
    process = spawn("fit", "x.npy", "-k1")
    with open(tmp_path / "x.npy", "wb", buffering=0) as pipe:
        pipe.write(npy(X)[:130])
        pipe.write(npy(X)[130:140])
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, b"")
    assert err == b"kmu: x.npy: cut short: 12 of 48 bytes of numbers (3 x 2 f64)\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(kmu, write, tmp_path):
    (tmp_path / write("a.csv", "1\n2\n")).chmod(0)
    refused(kmu("fit", "a.csv", "-k1"), 4, "a.csv: cannot open: Permission denied")


def test_no_memory(kmu, tmp_path):
    with open(tmp_path / "x.raw", "wb") as f:
        f.truncate(400 << 20)

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))

    answer = kmu("info", "x.raw", "--shape", f"{50 << 20},1", "--dtype=f64", preexec_fn=limit)
    refused(answer, 5, "x.raw: not enough memory")


def test_a_message_is_one_line_whatever_it_shows(kmu):
    refused(kmu("fit", "a\nkmu: all is well\n\x9b.csv", "-k1"), 4,
            "a\\x0akmu: all is well\\x0a\\xc2\\x9b.csv: cannot open: No such file or directory")


def test_a_long_path_is_shown_by_its_end(kmu):
    path = "/".join(["no"] * 300) + "/a.csv"
    refused(kmu("fit", path, "-k1"), 4, f"...{path[-160:]}: cannot open: No such file or directory")
