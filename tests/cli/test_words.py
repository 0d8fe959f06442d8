"""test_words.py - man and the shells know every option of every command, and nothing else (cmake/words.sh)."""
import re
import shutil
import subprocess

import pytest
from command import KMU, ROOT

HELP = subprocess.run([KMU, "--help"], capture_output=True, text=True, check=True).stdout
COMMANDS = re.findall(r"^  kmu (\w+) ", HELP, re.M)


@pytest.fixture(scope="module")
def words():
    """words(kind) -> what cmake/words.sh makes."""
    made = {}

    def make(kind):
        if kind not in made:
            done = subprocess.run([ROOT / "cmake" / "words.sh", KMU, kind], capture_output=True, text=True, check=True)
            assert done.stderr == ""
            made[kind] = done.stdout
        return made[kind]

    return make


def options(command):
    """What the help of a command lists: --labels, -o, .."""
    text = subprocess.run([KMU, command, "--help"], capture_output=True, text=True, check=True).stdout
    left = [line[:31] for line in text.splitlines() if re.match(" +-", line)]
    return {word for line in left for word in re.findall(r"(?<!\S)--?[a-z][a-z-]*", line)}


def complete(script, *typed):
    """What bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in ("kmu", *typed))
    program = f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(typed)}; _kmu; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_bash_offers_commands_options_values_and_files(words):
    script = words("bash")
    assert complete(script, "") == {*COMMANDS, "--help", "--version"}
    for command in COMMANDS:
        assert complete(script, command, "-") == options(command), command
    assert complete(script, "fit", "x.csv", "--algorithm", "d") == {"dense"}
    assert complete(script, "fit", "x.csv", "--algorithm", "=", "b") == {"bounds"}
    assert complete(script, "plot", "--theme", "") == {"auto", "light", "dark"}
    assert complete(script, "fit", "x.csv", "-k", "") == set()
    assert complete(script, "fit", f"{ROOT}/READ") == {f"{ROOT}/README.md"} == complete(script, "fit", "-o", f"{ROOT}/READ")


def test_the_manual_has_every_option_of_every_command(words):
    page = words("man")
    for command in COMMANDS:
        section = page.split(f".SH OPTIONS OF KMU {command.upper()}\n")[1].split(".SH ")[0]
        left = [line.replace("\\-", "-").split("\\fI")[0] for line in section.splitlines() if line.startswith("\\fB")]
        assert {word for line in left for word in re.findall(r"(?<=\\fB)--?[a-z][a-z-]*", line)} == options(command)
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["zsh", "fish"])
def test_other_shells_know_every_option(kind, words):
    text = words(kind)
    for command in COMMANDS:
        if kind == "zsh":
            part = text.split(f"\n{command})\n")[1].split(";;")[0]
            known = {word.rstrip("=+") for word in re.findall(r"^ +'(--?[a-z][a-z-]*[=+]?)", part, re.M)}
        else:
            part = re.findall(rf"'__fish_seen_subcommand_from {command}'((?: -[sl] \S+)+)", text)
            known = {"-" * (1 if s == "s" else 2) + name for line in part for s, name in re.findall(r"-([sl]) (\S+)", line)}
        assert known == options(command), command
    if shutil.which(kind):
        assert subprocess.run([kind, "-n"], input=text, capture_output=True, text=True).returncode == 0
