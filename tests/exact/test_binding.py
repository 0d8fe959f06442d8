"""test_binding.py - the structs that the tests hand over are those of include/kmu.h, field by field."""
import ctypes as C
import re

import pytest

import kmu_c

HEADER = (kmu_c.ROOT / "include" / "kmu.h").read_text()
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)
SIZES = {"size_t": C.c_size_t, "ptrdiff_t": C.c_ssize_t, "int64_t": C.c_int64, "uint64_t": C.c_uint64,
         "int32_t": C.c_int32, "double": C.c_double, "char": C.c_char}


def declared(name):
    """(field, size in bytes) of a struct of the header, in order."""
    body = re.search(rf"typedef struct kmu_{name} {{(.*?)}} kmu_{name};", CODE, re.S).group(1)
    for line in filter(str.strip, body.split(";")):
        if "(" in line:
            yield re.search(r"\(\*(\w+)\)", line).group(1), C.sizeof(C.c_void_p)
            continue
        kind, names = re.match(r"\s*(?:const )?(\w+)\s*(.*)", line.strip(), re.S).groups()
        for field in names.split(","):
            field = field.strip()
            size = C.sizeof(C.c_void_p) if "*" in field else C.sizeof(SIZES.get(kind, C.c_int))
            many = re.search(r"\[(\d+)\]", field)
            yield re.sub(r"\[.*|\W", "", field), size * int(many.group(1) if many else 1)


@pytest.mark.parametrize("name", ("error", "points", "turn", "options", "result", "verdict", "state", "indices"))
def test_structs_are_the_headers(name):
    ours = [(field, C.sizeof(kind)) for field, kind in getattr(kmu_c, name.capitalize())._fields_]
    assert ours == list(declared(name))


@pytest.mark.parametrize("prefix, names", [
    ("method", kmu_c.METHODS), ("stop", {n: i for i, n in enumerate(kmu_c.STOPS)}), ("init", kmu_c.INITS), ("type", kmu_c.TYPES)])
def test_enums_are_the_headers(prefix, names):
    body = re.search(rf"typedef enum kmu_{prefix} {{(.*?)}}", CODE, re.S).group(1)
    assert sorted(int(v) for v in re.findall(r"= (\d+)", body)) == sorted(names.values())
