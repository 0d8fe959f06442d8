"""command.py - the command under test: the file that KMU names, else build/release/kmu of the checkout."""
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KMU = Path(os.environ.get("KMU") or ROOT / "build" / "release" / "kmu").resolve()
ENVIRONMENT = {"LC_ALL": os.environ.get("KMU_LOCALE", "C"), "PATH": "/usr/bin:/bin"}
ENVIRONMENT |= {name: os.environ[name] for name in ("LSAN_OPTIONS", "LOCPATH") if name in os.environ}  # of sanitizers, script/locales

for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, lambda number, frame: None)):
    if signal.getsignal(number) is signal.SIG_IGN:  # the tests are a job in the background: kmu is not to inherit that
        signal.signal(number, handler)


def start(folder, *args, mounts=None, env=None, **how):
    """A kmu that runs in folder, as subprocess.Popen starts it, with the mounts that a shell command makes for it alone."""
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    alone = ["unshare", "-rm", "sh", "-c", mounts + ' && exec "$@"', "sh"] if mounts else []
    return subprocess.Popen([*alone, KMU, *map(str, args)], cwd=folder, env=ENVIRONMENT | (env or {}), **how)


def may_mount():
    """Whether start() can make mounts."""
    try:
        return not subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/tmp"], capture_output=True).returncode
    except OSError:
        return False
