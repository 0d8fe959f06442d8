#!/usr/bin/env python3
"""Hold the kernels against bench/kernels.tsv: none may have lost a fifth of its share of the machine's peak.

    bench/kernels.py [--build build/release]              ends with 1 and names those that have
    bench/kernels.py --record                             writes the table anew

Both measure with BUILD/bench/kernels, for every instruction set here. The table holds for the CPU whose vendor, family and
model it names; on another one there is nothing to hold against, and that is said. A kernel that seems slow is measured twice
more before it is blamed.
"""
import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

TABLE = Path(__file__).with_name("kernels.tsv")
ISAS = ("base", "avx2", "avx512", "neon")
COLUMNS = ("isa", "kernel", "d", "unit", "rate", "peak", "share")
LOST = 0.8  # of its share, below which a kernel has lost too much


def cpu():
    """Vendor, family and model, as the kernel of the system tells them."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    found = [re.search(rf"^{key}\s*: (.*)$", text, re.M) for key in ("vendor_id", "cpu family", "model")]
    return " ".join(m.group(1) if m else "unknown" for m in found)


def parse(text):
    """Comments by their first word, and rows by (isa, kernel, d)."""
    said, rows = {}, {}
    for line in text.splitlines():
        if line.startswith("# "):
            word, _, rest = line[2:].partition(": ")
            said[word] = rest
        elif line and not line.startswith("isa\t"):
            isa, kernel, d, unit, rate, peak, share = line.split("\t")
            rows[isa, kernel, int(d)] = {"unit": unit, "rate": float(rate), "peak": float(peak), "share": float(share)}
    return said, rows


def measure(build, isas=ISAS, only=""):
    """What the program says, or nothing of an instruction set that is not here."""
    text = ""
    for isa in isas:
        ran = subprocess.run([Path(build) / "bench" / "kernels", "--isa", isa, "--only", only], capture_output=True, text=True)
        if ran.returncode not in (0, 2):
            raise SystemExit(ran.stderr)
        text += ran.stdout
    return text


def slow(table, rows):
    """The kernels that have lost too much, or are not there any more."""
    return [key for key, was in table.items() if key not in rows or rows[key]["share"] < LOST * was["share"]]


def best_of(texts):
    """The lines with the greatest share of each kernel."""
    best = {}
    for line in "".join(texts).splitlines():
        key, share = tuple(line.split("\t")[:3]), float(line.split("\t")[-1])
        if key not in best or share > best[key][0]:
            best[key] = share, line
    return "".join(line + "\n" for _, line in best.values())


def record(build):
    """The table, as text: the best of three measurements."""
    compiler = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", (Path(build) / "CMakeCache.txt").read_text(), re.M).group(1)
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return (f"# made by: bench/kernels.py --record\n# date: {datetime.date.today()}\n# cpu: {cpu()}\n# compiler: {version}\n"
            + "\t".join(COLUMNS) + "\n" + best_of(measure(build) for _ in range(3)))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--build", default="build/release")
    a.add_argument("--record", action="store_true")
    args = a.parse_args()
    if args.record:
        TABLE.write_text(record(args.build))
        return
    said, table = parse(TABLE.read_text())
    if said["cpu"] != cpu():
        print(f"{TABLE.name} is of {said['cpu']}; this is {cpu()}: nothing to hold against")
        return
    _, rows = parse(measure(args.build))
    for isa, kernel, _ in slow(table, rows) * 2:
        _, again = parse(measure(args.build, [isa], kernel))
        rows |= {key: row for key, row in again.items() if row["share"] > rows.get(key, row)["share"]}
    lost = slow(table, rows)
    for key in lost:
        print("%s: %s of %d columns:" % key, f"{rows[key]['share']:.3f} of the peak, was {table[key]['share']:.3f}" if key in rows
              else "is gone")
    print(f"{len(table)} kernels measured, {len(lost)} too slow")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
