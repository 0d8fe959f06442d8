"""file_bytes.py - files of numbers as bytes, made without kmu: whole ones, and the parts to break them with."""
import gzip
import io
import struct
import zlib

import numpy as np

# "1,2\n3,4\n" as kmu convert packs it: a zstd frame with a checksum in its last four bytes
ZST = bytes.fromhex("28b52ffd2408410000312c320a332c340a0e73ba36")


def npy(array):
    """What numpy.save writes."""
    f = io.BytesIO()
    np.save(f, array)
    return f.getvalue()


def npy_of(header, numbers=b"", version=(1, 0), length=None):
    """A .npy with any text as header; length: what the file says the header takes."""
    text = header.encode() + b"\n"
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes(version) + size + text + numbers


def npy_shape(shape, numbers=b"", descr="'<f8'"):
    return npy_of(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}", numbers)


def vecs(*rows, kind="f"):
    """.fvecs ("f"), .ivecs ("i") or .bvecs ("B"): each row behind its length."""
    return b"".join(struct.pack(f"<i{len(r)}{kind}", len(r), *r) for r in rows)


def idx(array):
    code = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}[array.dtype.str[1:]]
    sizes = b"".join(struct.pack(">I", n) for n in array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def gz(content):
    return gzip.compress(content, mtime=0)


def flipped(content, at, bit=0):
    """content with one bit of byte `at` turned; at may count from the end."""
    b = bytearray(content)
    b[at] ^= 1 << bit
    return bytes(b)


def model(rows, head="type f64\nscale none\n", version=1, masses=None):
    """A kmu model of these centroids (docs/model-file.md)."""
    rows = np.atleast_2d(np.asarray(rows, float))
    lines = [f"kmu-model {version}", f"d {rows.shape[1]}", f"k {len(rows)}", head + "centroids"]
    lines += [" ".join(map(repr, [m, *r])) for m, r in zip(masses or [1.0] * len(rows), rows.tolist())]
    text = ("\n".join(lines) + "\n").encode()
    return text + b"crc32 %08x\n" % zlib.crc32(text)
