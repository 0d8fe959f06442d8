"""test_measured.py - what bench/ says of its own tables: the check sees a kernel that has become slow, and no slow machine; the
pictures of the documents are those of the recorded numbers."""
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"


def load(name):
    """A script of bench/ as a module."""
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


kernels, pictures = load("kernels"), load("pictures")


def table(*rows):
    return "# cpu: any\n" + "\t".join(kernels.COLUMNS) + "\n" + "".join(
        f"avx2\tdense nearest\t{d}\tf32\t{rate}\t{peak}\t{rate / peak:.3f}\n" for d, rate, peak in rows)


def test_a_kernel_that_loses_a_fifth_of_its_share_is_seen():
    _, was = kernels.parse(table((32, 50, 100), (128, 90, 100)))
    _, now = kernels.parse(table((32, 39, 100), (128, 73, 100)))
    assert kernels.slow(was, now) == [("avx2", "dense nearest", 32)]


def test_a_slow_machine_is_not_a_slow_kernel():
    _, was = kernels.parse(table((32, 50, 100)))
    _, now = kernels.parse(table((32, 21, 50)))
    assert kernels.slow(was, now) == []


def test_a_kernel_that_is_gone_is_seen():
    _, was = kernels.parse(table((32, 50, 100), (128, 90, 100)))
    _, now = kernels.parse(table((32, 50, 100)))
    assert kernels.slow(was, now) == [("avx2", "dense nearest", 128)]


def test_the_best_of_some_measurements_is_kept():
    first, second = (f"avx2\ttree load\t2\tB\t{rate}\t100\t{rate / 100}\n" for rate in (30, 40))
    assert kernels.best_of([first, second]) == kernels.best_of([second, first]) == second


def test_the_table_names_every_kernel():
    said, rows = kernels.parse(kernels.TABLE.read_text())
    assert {"made by", "date", "cpu", "compiler"} <= set(said)
    loops = re.findall(r'^    \{"([a-z ]+)", (\d+), (?:F32|F64|U8|BYTES), \w+\},$', (BENCH / "loops.c").read_text(), re.M)
    assert len(loops) > 30
    best = {(kernel, d) for isa, kernel, d in rows if isa == "avx512"}
    assert best == {(kernel, int(d)) for kernel, d in loops}


@pytest.mark.parametrize("name", sorted(pictures.ALL))
def test_a_picture_is_that_of_the_recorded_numbers(name):
    assert (pictures.PICTURES / name).read_text() == pictures.ALL[name](), "bench/pictures.py draws them anew"


def test_the_page_has_the_recorded_table_and_every_picture():
    written = pictures.PAGE.read_text()
    assert written == pictures.page() and "| data |" in written, "bench/pictures.py writes it anew"
    shown = set(re.findall(r"\]\(pictures/(\S+\.svg)\)", written))
    assert shown == set(pictures.ALL)
