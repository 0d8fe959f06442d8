"""bad_binary.py - files of numbers that are damaged or hold none: what kmu fit says of them.

A row is (what, name of the file, its bytes, what follows "kmu: NAME", further options)."""
import struct

import numpy as np

from file_bytes import ZST, flipped, gz, idx, npy, npy_of, npy_shape, vecs

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
GZ = gz(b"1,2\n3,4\n" * 50)
DICT = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }"
NO_HEADER = ": the .npy header is no {'descr', 'fortran_order', 'shape'}"
NO_IDX = ": no idx file (it does not begin with 0, 0, a type and the number of dimensions)"


def dtype(name):
    return f": dtype '{name}' is no number kmu reads (f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8)"


NPY = [
    ("an empty file", b"", ": no .npy file (it does not begin with \\x93NUMPY)"),
    ("a bad magic", flipped(npy(X), 1), ": no .npy file (it does not begin with \\x93NUMPY)"),
    ("a text called .npy", b"1,2\n3,4\n", ": no .npy file (it does not begin with \\x93NUMPY)"),
    ("version 4", npy_of(DICT, X[0, :1].tobytes(), (4, 0)), ": .npy version 4.0 is not 1.0, 2.0 or 3.0"),
    ("version 1.1", npy_of(DICT, X[0, :1].tobytes(), (1, 1)), ": .npy version 1.1 is not 1.0, 2.0 or 3.0"),
    ("a header of 4 GiB", npy_of(DICT, b"", (2, 0), 2**32 - 1), ": a .npy header of 4294967295 bytes (at most 65536)"),
    ("a header cut short", npy(X)[:40], ": cut short in the .npy header"),
    ("a length cut short", npy(X)[:9], ": cut short in the .npy header"),
    ("a NUL byte in the header", npy_of(DICT.replace("<", "\0")), ": a NUL byte in the .npy header"),
    ("a header that is no dict", npy_of("[1, 2]"), NO_HEADER),
    ("a header without a shape", npy_of("{'descr': '<f8', 'fortran_order': False, }"), NO_HEADER),
    ("a header with another key", npy_of(DICT[:-1] + "'x': 1, }"), NO_HEADER),
    ("a header that says it twice", npy_of(DICT[:-1] + "'descr': '<f4', }"), NO_HEADER),
    ("an order that is no order", npy_of(DICT.replace("False", "Maybe")), NO_HEADER),
    ("a negative shape", npy_shape("(-1, 2)"), ": a negative number in the shape"),
    ("a shape that overflows", npy_shape(f"({2**63}, {2**63})"),
     f": {2**63} x {2**63} numbers of f64 are more than memory can hold"),
    ("a shape that overflows by its bytes", npy_shape(f"({2**61}, 1)"),
     f": {2**61} x 1 numbers of f64 are more than memory can hold"),
    ("a shape of 30 digits", npy_shape(f"({10**29}, 2)"), ": the shape is more than memory can hold"),
    ("a shape without numbers", npy_shape("(a, b)"), ": the .npy header has no valid 'shape'"),
    ("a shape that is a number", npy_shape("(3)", X[0].tobytes()), ": the .npy header has no valid 'shape'"),
    ("no rows", npy(X[:0]), ": no rows"),
    ("no columns", npy(X[:, :0]), ": no columns"),
    ("a single number", npy(np.float64(3)), ": a single number (shape ()) is no table"),
    ("three dimensions", npy(np.zeros((2, 2, 2))), ": an array of 3 dimensions; reshape it to (n, d)"),
    ("objects", npy(np.array([[None]])), dtype("|O")),
    ("complex numbers", npy(X.astype("c16")), dtype("<c16")),
    ("texts", npy(np.array([["a"]])), dtype("<U1")),
    ("truth values", npy(X > 2), dtype("|b1")),
    ("records", npy(np.zeros(2, [("a", "f8")])), ": records (a structured dtype) are no table of numbers"),
    ("a dtype that is no text", npy_shape("(1, 1)", descr="8"), ": the .npy header has no valid 'descr'"),
    ("numbers cut short", npy(X)[:-1], ": cut short: 47 of 48 bytes of numbers (3 x 2 f64)"),
    ("a great promise and few numbers", npy_shape(f"({2**40}, 2)", bytes(100)),
     f": cut short: 100 of {2**44} bytes of numbers ({2**40} x 2 f64)"),
    ("trailing bytes", npy(X) + b"\0", ": bytes follow the last number (3 x 2 f64)"),
    ("nan", npy(np.array([[1.0, 2.0], [np.nan, 4.0]])), ": row 2, column 1 is NaN; leave out the row or fill it in"),
    ("inf in f32", npy(np.array([[1, np.inf]], "f4")), ": row 1, column 2 is infinite; leave out the row or fill it in"),
    ("inf in f16", npy(np.array([[1, -np.inf]], "f2")), ": row 1, column 2 is infinite; leave out the row or fill it in"),
    ("an integer beyond 2^53", npy(np.array([[1], [2**53 + 1]])), ": row 2, column 1 is an integer beyond 2^53"),
]

FILES = [(what, "x.npy", *rest) for what, *rest in NPY] + [
    ("f64 numbers beyond f32", "x.npy", npy(X * 1e300), ": row 1, column 1: 1e+300 is beyond the range of f32", "--dtype f32"),
    # vectors
    ("no vectors", "x.fvecs", b"", ": no rows"),
    ("vectors of no length", "x.fvecs", vecs([], []), ": vector 1 has length 0"),
    ("vectors of negative length", "x.bvecs", struct.pack("<i", -3) + b"abc", ": vector 1 has length -3"),
    ("changing lengths", "x.fvecs", vecs([1, 2], [3, 4], [5]), ": vector 3 has length 1, those before it have 2"),
    ("changing lengths of bytes", "x.bvecs", vecs([1, 2], [3], kind="B"), ": vector 2 has length 1, those before it have 2"),
    ("a vector cut short", "x.fvecs", vecs([1, 2], [3, 4])[:-2], ": cut short in vector 2"),
    ("a length of a vector cut short", "x.ivecs", vecs([1, 2], kind="i") + b"\2\0", ": cut short in vector 2"),
    ("two bytes of vectors", "x.fvecs", b"\2\0", ": cut short in vector 1"),
    ("a first vector cut short", "x.fvecs", struct.pack("<i", 2**31 - 1), ": cut short in vector 1"),
    ("a nan in a vector", "x.fvecs", vecs([1, 2], [3, np.nan]), ": row 2, column 2 is NaN; leave out the row or fill it in"),
    # idx
    ("a wrong magic", "x-idx2-ubyte", flipped(idx(X.astype("u1")), 0), NO_IDX),
    ("a wrong type", "x-idx2-ubyte", flipped(idx(X.astype("u1")), 2, 1), NO_IDX),
    ("no dimensions", "x-idx2-ubyte", bytes([0, 0, 8, 0]), NO_IDX),
    ("a magic cut short", "x-idx2-ubyte", b"\0\0\x08", NO_IDX),
    ("sizes cut short", "x-idx2-ubyte", idx(X.astype("u1"))[:10], ": cut short in the sizes of its 2 dimensions"),
    ("a size too large", "x-idx2-ubyte", flipped(idx(X.astype("u1")), 7, 2), ": cut short: 6 of 14 bytes of numbers (7 x 2 u8)"),
    ("a size too small", "x-idx2-ubyte", flipped(idx(X.astype("u1")), 7, 1), ": bytes follow the last number (1 x 2 u8)"),
    ("no rows of images", "x-idx3-ubyte", idx(np.zeros((0, 2, 2), "u1")), ": no rows"),
    ("images of no pixels", "x-idx3-ubyte", idx(np.zeros((2, 2, 0), "u1")), ": no columns"),
    ("sizes that overflow", "x-idx4-ubyte", b"\0\0\x08\4" + b"\xff" * 16,
     f": {2**32 - 1} x {2**64 - 1} numbers of u8 are more than memory can hold"),
    # raw
    ("a raw file that is too short", "x.raw", bytes(9),
     ": cut short: 9 of 16 bytes of numbers (2 x 2 f32)", "--shape 2,2 --dtype f32"),
    ("a raw file that is too long", "x.bin", bytes(17), ": bytes follow the last number (2 x 2 f32)", "--shape 2,2 --dtype f32"),
    ("an empty raw file", "x.raw", b"", ": cut short: 0 of 4 bytes of numbers (2 x 2 u8)", "--shape 2,2 --dtype u8"),
    # packed
    ("a gzip stream cut short", "x.csv.gz", GZ[:-12], ": the gzip stream is cut short"),
    ("a gzip stream without its end", "x.csv.gz", GZ[:-1], ": the gzip stream is cut short"),
    ("a gzip stream with a bad checksum", "x.csv.gz", flipped(GZ, -8), ": the gzip stream is damaged (incorrect data check)"),
    ("a gzip stream with a bad length", "x.csv.gz", flipped(GZ, -1), ": the gzip stream is damaged (incorrect length check)"),
    ("bytes behind a gzip stream", "x.csv.gz", GZ + b"1,2\n", ": other bytes follow the end of the gzip stream"),
    ("a packed .npy cut short", "x.npy.gz", gz(npy(X))[:-9], ": the gzip stream is cut short"),
    ("a packed nothing", "x.csv.gz", gz(b""), ": no rows"),
    ("a zstd stream cut short", "x.csv.zst", ZST[:-5], ": the zstd stream is cut short"),
    ("a zstd stream without its end", "x.csv.zst", ZST[:-1], ": the zstd stream is cut short"),
    ("a zstd stream with a bad checksum", "x.csv.zst", flipped(ZST, -1),
     ": the zstd stream is damaged (Restored data doesn't match checksum)"),
    ("bytes behind a zstd stream", "x.csv.zst", ZST + b"1,2\n", ": other bytes follow the end of the zstd stream"),
    # what kmu does not read
    ("a Parquet file", "x.parquet", b"PAR1\x15\x04", ": is a Parquet file, which kmu does not read"),
    ("an .npz", "x.npz", b"PK\x03\x04\x14\0", ": is a zip archive (.npz, .xlsx), which kmu does not read"),
    ("an HDF5 file", "x.h5", b"\x89HDF\r\n\x1a\n", ": is an HDF5 file, which kmu does not read"),
    ("a file packed by bzip2", "x.csv.bz2", b"BZh91AY&SY", ": is packed by bzip2, which kmu does not read"),
    ("a file packed by xz", "x.csv.xz", b"\xfd7zXZ\0", ": is packed by xz, which kmu does not read"),
]
