"""command.py - the command under test: the file that KMU names, else build/release/kmu of the checkout."""
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KMU = Path(os.environ.get("KMU") or ROOT / "build" / "release" / "kmu").resolve()
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # the tests are a job in the background: kmu is not to inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(folder, *args, **how):
    """A kmu that runs in folder, as subprocess.Popen starts it."""
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    return subprocess.Popen([KMU, *map(str, args)], cwd=folder, env=ENVIRONMENT, **how)
