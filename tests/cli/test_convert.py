"""test_convert.py - numbers keep their bits from format to format, texts are read in every dialect, and info says what is
there."""
import csv
import gzip
import io
import json
import os
import subprocess

import numpy as np
import pytest

from file_bytes import ZST, gz, idx, model, npy, npy_of, vecs
from judged import without

INTEGERS = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]


def any_floats(dtype, n=300, d=3):
    """Finite numbers of all bit patterns, and the special ones: zeros, the least and the greatest, powers of two and ten."""
    f = np.finfo(dtype)
    word = {2: "u2", 4: "u4", 8: "u8"}[f.bits // 8]
    x = np.random.default_rng(f.bits).integers(0, 2**f.bits, n * d, dtype=word).view(dtype)
    special = [0.0, -0.0, f.smallest_subnormal, -f.smallest_subnormal, f.tiny, f.max, -f.max, f.eps, 1 / 3, 0.1, 1e3, 123456]
    with np.errstate(over="ignore"):
        x[:len(special)] = np.array(special).astype(dtype)
    x[len(special):len(special) + 12] = [np.nextafter(dtype(2.0**e), dtype(0)) for e in range(12)]
    return np.where(np.isfinite(x), x, dtype(1)).reshape(n, d)


def any_integers(dtype, n=50, d=4):
    i = np.iinfo(dtype)
    x = np.random.default_rng(1).integers(i.min, i.max, (n, d), dtype=dtype, endpoint=True)
    x[0, :4] = [i.min, i.max, 0, 7]
    return x


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@pytest.fixture
def convert(kmu, tmp_path):
    """convert(source, target, ...) -> the bytes of the target. A text read as f32 rounds, and says so, unless it is quiet."""

    def run(source, target, *how):
        assert kmu("convert", source, "-o", target, *how) == (0, "", "")
        return (tmp_path / target).read_bytes()

    return run


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["f32", "f64"])
@pytest.mark.parametrize("through", ["t.csv", "t.tsv", "t.txt", "t.csv.gz", "t.tsv.zst", "t.npy", "t.npy.gz", "t.npy.zst",
                                     "t.fvecs", "t.fvecs.gz", "t.raw", "t.idx", "t-idx2-ubyte.gz"])
def test_floats_keep_their_bits(dtype, through, kmu, convert, write):
    x = any_floats(dtype)
    if through.startswith("t.fvecs") and dtype is np.float64:
        x = np.where(np.abs(x) < 1e30, x, 1).astype("f4").astype("f8")  # what binary32 holds
    write("x.npy", npy(x))
    convert("x.npy", through)
    name = "f32" if dtype is np.float32 else "f64"
    shape = ["--shape=300,3"] if through == "t.raw" else []
    assert same_bits(np.load(io.BytesIO(convert(through, "y.npy", f"--dtype={name}", "-q", *shape))), x)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_keep_their_type_and_every_digit(dtype, convert, write):
    x = any_integers(dtype)
    write("x.npy", npy(x))
    assert convert("x.npy", "x.csv") == "".join(",".join(map(str, row)) + "\n" for row in x.tolist()).encode()
    assert same_bits(np.load(io.BytesIO(convert("x.npy", "y.npy"))), x)
    assert convert("x.npy", "x.raw") == x.tobytes()
    assert same_bits(np.load(io.BytesIO(convert("x.raw", "z.npy", "--shape=50,4", f"--dtype={dtype[0]}{8 * int(dtype[1])}"))), x)
    if dtype in ("u1", "i1", "i2", "i4"):
        assert convert("x.npy", "x-idx2-ubyte") == idx(x)
        assert same_bits(np.load(io.BytesIO(convert("x-idx2-ubyte", "z.npy"))), x)
    if dtype in ("u1", "i1", "u2", "i2", "i4"):
        assert convert("x.npy", "x.ivecs") == vecs(*x.tolist(), kind="i")
        assert same_bits(np.load(io.BytesIO(convert("x.ivecs", "z.npy"))), x.astype("i4"))
    if dtype == "u1":
        assert convert("x.npy", "x.bvecs") == vecs(*x.tolist(), kind="B")
        assert same_bits(np.load(io.BytesIO(convert("x.bvecs", "z.npy"))), x)


def test_halves_keep_their_value(convert, write):
    x = any_floats(np.float16)
    write("x.npy", npy(x))
    assert same_bits(np.load(io.BytesIO(convert("x.npy", "y.npy"))), x)
    convert("x.npy", "x.csv")
    assert same_bits(np.load(io.BytesIO(convert("x.csv", "z.npy", "--dtype=f32"))), x.astype("f4"))
    assert same_bits(np.load(io.BytesIO(convert("x.csv", "z.npy"))), x.astype("f8"))


def test_halves_give_the_same_fit_through_a_text(convert, fit, write):
    x = np.random.default_rng(2).standard_normal((40, 3)).astype("f2")
    write("x.npy", npy(x))
    convert("x.npy", "x.csv")
    assert without(fit("x.csv", "-k3")) == without(fit("x.npy", "-k3"))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("ends", ["<", ">"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", *INTEGERS])
def test_npy_of_every_order_is_read(order, ends, dtype, convert, write):
    x = any_floats(np.dtype(dtype).type) if dtype[0] == "f" else any_integers(dtype)
    write("x.npy", npy(np.asarray(x.astype(ends + dtype), order=order)))
    assert same_bits(np.load(io.BytesIO(convert("x.npy", "y.npy"))), x)


def test_npy_of_every_version_and_one_dimension(convert, kmu, write):
    for version in ((1, 0), (2, 0), (3, 0)):
        header = "{'shape': (2L, 1), 'fortran_order':False,\"descr\" : '=f8'}"
        write("x.npy", npy_of(header, np.array([1.5, 2]).tobytes(), version))
        assert convert("x.npy", "y.csv") == b"1.5\n2\n"
    write("x.npy", npy(np.array([1.5, 2])))
    assert convert("x.npy", "y.npy") == npy(np.array([1.5, 2]))
    assert kmu("convert", "x.npy", "-o", "-") == (0, "1.5\n2\n", "")


@pytest.mark.parametrize("content, how", [
    (b"1.5,2\n3,-4e1\n", ""),
    (b"\xef\xbb\xbf1.5,2\n3,-4e1\n", ""),
    (b"1.5,2\r\n3,-4e1\r\n", ""),
    (b"1.5,2\n3,-4e1", ""),
    (b"\n1.5,2\n\n3,-4e1\n \r\n\n", ""),
    (b" 1.5 ,\t2\n +3.,-40.0 \n", ""),
    (b'"1.5","2"\n"3", "-4e1" \n', ""),
    (b"1.5;2\n3;-4e1\n", ""),
    (b"1.5\t2\n3\t-4e1\n", ""),
    (b"1.5  2\n 3 -4e1 \n", ""),
    (b"1.5|2\n3|-4e1\n", ""),
    (b"1.5:2\n3:-4e1\n", "--delimiter=:"),
    (b"1,5;2\n3;-4,0e1\n", "--decimal=,"),
    (b'"1,5";2\n3;"-40,0"\n', "--decimal=,"),
    (b"ann,1.5,2\nbob,3,-4e1\n", "--id=1"),
    (b"1.5,x,2\n3,y,-4e1\n", "--columns=1,3"),
    (b"2,1.5\n-4e1,3\n", "--columns=2,1"),
    (b"1500000000000000000000e-21,0.00002e5\n3000e-3,-0004e1\n", ""),
    (gz(b"1.5,2\n") + gz(b"3,-4e1\n"), ""),
])
def test_texts_of_every_dialect(content, how, kmu, write):
    code, out, err = kmu("convert", write("x.csv", content), "-o", "-", *how.split())
    assert (code, out.replace("ann,", "").replace("bob,", ""), err) == (0, "1.5,2\n3,-40\n", "")


def test_headers_names_and_columns(kmu, write):
    write("x.csv", 'name,"w, kg",h,note\nann,1,2,x\nbob,3,4.5,y\n')
    aside = ['kmu: column "name" holds no numbers and is set aside', 'kmu: column "note" holds no numbers and is set aside']
    code, out, err = kmu("convert", "x.csv", "-o", "-")
    assert (code, out, err.splitlines()) == (0, '"w, kg",h\n1,2\n3,4.5\n', aside)
    assert kmu("convert", "x.csv", "-o", "-", "--id=name", "--columns=h,2") == (0, 'id,h,"w, kg"\nann,2,1\nbob,4.5,3\n', "")
    assert kmu("convert", "x.csv", "-o", "-", "--columns=2-3", "-q") == (0, '"w, kg",h\n1,2\n3,4.5\n', "")
    write("y.csv", "2020,2021\n1,2\n")
    assert kmu("convert", "y.csv", "-o", "-")[1] == "2020,2021\n1,2\n"
    assert kmu("convert", "y.csv", "-o", "-", "--header=yes", "--columns=2021")[1] == "2021\n2\n"


@pytest.mark.parametrize("delimiter", [",", "\t", " "], ids=["comma", "tab", "blank"])
def test_names_come_back_from_a_text_whatever_they_are(delimiter, kmu, write, tmp_path):
    names = ["\ttab before", "tab behind\t", " blank before", "blank behind ", "\t", " ", "", 'say "x"', "a,b", "a\tb", "two\nlines"]
    x = "".join(delimiter.join(str(j + l) for l in range(len(names))) + "\n" for j in range(2))
    write("x.csv", delimiter.join('"' + name.replace('"', '""') + '"' for name in names) + "\n" + x)
    how = ["--delimiter", delimiter]
    for made in ("y.csv", "y.tsv"):
        assert kmu("convert", "x.csv", "-o", made, *how) == (0, "", "")
        with open(tmp_path / made, newline="") as f:
            assert next(csv.reader(f, delimiter="\t" if made == "y.tsv" else ",")) == names
        assert kmu("convert", made, "-o", "z.csv") == (0, "", "")
        assert kmu("convert", "x.csv", "-o", "-", *how)[1] == (tmp_path / "z.csv").read_text()
    assert kmu("fit", "x.csv", "-k1", "-o", "m.kmu", *how) == (0, "", "")
    assert kmu("predict", "x.csv", "-m", "m.kmu", "--append", "-o", "a.csv", *how) == (0, "", "")
    assert kmu("convert", "a.csv", "-o", "b.csv", "--columns", f"1-{len(names)}", *how) == (0, "", "")
    assert (tmp_path / "b.csv").read_text() == (tmp_path / "z.csv").read_text()


def test_the_name_of_a_single_column_may_be_nothing(kmu, write):
    assert kmu("convert", write("x.csv", '""\n1\n2\n'), "-o", "-") == (0, '""\n1\n2\n', "")


def test_a_format_is_known_by_suffix_by_its_first_bytes_or_by_name(kmu, write):
    x = np.array([[1, 2], [3, 4]], "u1")
    for name, content in {"a.npy": npy(x), "b": npy(x), "c.txt.gz": gz(npy(x)), "d": idx(x), "e.bvecs": vecs(*x, kind="B"),
                          "f-idx2-ubyte.gz": gz(idx(x)), "g": b"1 2\n3 4\n", "h.dat": ZST, "i.NPY": npy(x)}.items():
        how = ["--format=npy"] if name == "c.txt.gz" else []
        assert kmu("convert", write(name, content), "-o", "-", *how) == (0, "1,2\n3,4\n", ""), name
    assert kmu("convert", write("j", vecs(*x, kind="B")), "-o", "-", "--format=bvecs") == (0, "1,2\n3,4\n", "")
    images = np.arange(12, dtype="u1").reshape(2, 2, 3)
    assert kmu("convert", write("k-idx3-ubyte", idx(images)), "-o", "-")[1] == "0,1,2,3,4,5\n6,7,8,9,10,11\n"


def test_packing_gives_the_same_bytes_every_time(convert, write, kmu):
    write("x.csv", "1,2\n3,4\n")
    for name in ("y.csv.gz", "y.csv.zst"):
        assert convert("x.csv", name) == convert("x.csv", name)
    assert gzip.decompress(convert("x.csv", "y.csv.gz")) == b"1,2\n3,4\n"
    assert kmu("convert", "y.csv.zst", "-o", "-") == (0, "1,2\n3,4\n", "")


def test_a_text_of_many_blocks_is_the_same_for_every_number_of_threads(convert, fit, kmu, write):
    x = np.random.default_rng(3).standard_normal((40_000, 5))
    write("x.npy", npy(x))
    convert("x.npy", "x.csv")
    assert same_bits(np.load(io.BytesIO(convert("x.csv", "y.npy"))), x)
    for threads in (1, 2, 5):
        assert same_bits(np.load(io.BytesIO(convert("x.csv", "y.npy", "-t", threads))), x)
        assert kmu("info", "x.csv", "-t", threads) == kmu("info", "x.csv")
    J = {fit(name, "-k2", "--init=first", "--max-iter=2", "-t", t)["J"] for t in (1, 2, 5) for name in ("x.csv", "x.npy")}
    assert len(J) == 1


def test_rounding_is_counted_and_happens_once(kmu, write, tmp_path):
    write("x.csv", "1.000000059604644775390625000000001,1\n0.1,0.5\n")  # just above the middle of two f32 numbers
    assert kmu("convert", "x.csv", "-o", "y.npy", "--dtype=f32") == (0, "", "kmu: 2 numbers were rounded to f32\n")
    assert np.load(tmp_path / "y.npy").tolist() == [[1 + 2**-23, 1], [float(np.float32(0.1)), 0.5]]
    write("x.npy", npy(np.array([[2**24 + 1, 2**53 + 1, 3]])))
    assert kmu("convert", "x.npy", "-o", "y.npy", "--dtype=f64") == (0, "", "kmu: 1 number was rounded to f64\n")
    assert kmu("convert", "x.npy", "-o", "y.npy", "--dtype=f32") == (0, "", "kmu: 2 numbers were rounded to f32\n")


def test_info_of_data(kmu, write):
    write("x.csv", "a,b\n1,-2.5\n3,4\n")
    code, out, err = kmu("info", "x.csv")
    assert (code, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        "x.csv: 2 rows of 2 columns (f64)".split(), [], "column least mean most name".split(), ["1", "1", "2", "3", "a"],
        ["2", "-2.5", "0.75", "4", "b"]]
    for name, content, kind in (("x.npy", npy(np.ones((3, 2), "u2")), "u16"), ("x.fvecs", vecs([1, 2]), "f32")):
        n = 3 if kind == "u16" else 1
        r = json.loads(kmu("info", write(name, content), "--json")[1])
        assert list(r) == ["kmu", "kind", "n", "d", "dtype"]
        assert [r[key] for key in list(r)[1:]] == ["data", n, 2, kind]
