"""Writes the files of this folder, with NumPy and Python's zipfile.

    python3 tests/data/make.py

They are checked in, so that the tests need no Python; tests/all/live.rs compares them with
what the NumPy at hand writes today. Written with NumPy 2.4.6 and Python 3.11.
"""

import io
import itertools
import pathlib
import sys
import warnings
import zipfile

import numpy as np

DTYPES = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
SHAPES = [(), (0,), (1,), (5,), (0, 3), (3, 4), (1, 5), (5, 1), (1, 1), (2, 3, 4), (3, 1, 2), (2, 0, 2), (2, 3, 2, 2)]
LAYOUTS = ["C", "F", "strided", "fstrided", "reversed", "permuted", "broadcast"]


def values(dtype, shape):
    """Values that tests/common/mod.rs makes too."""
    index = np.arange(np.prod(shape, dtype=np.int64), dtype=np.uint64)
    kind = np.dtype(dtype).kind
    if kind == "b":
        flat = index % np.uint64(3) == 0
    elif kind in "iu":
        flat = ((index + np.uint64(1)) * np.uint64(0x0123456789ABCDEF)).astype(dtype)
    else:
        flat = ((index.astype("f8") - 3) * 0.37).astype(dtype)
    return flat.astype(dtype).reshape(shape)


def lay_out(a, layout):
    """The same array (but for `broadcast`) in another layout, or None where there is none."""
    if layout == "C":
        return a
    if layout == "F":
        return np.array(a, order="F")
    if a.ndim == 0:
        return None
    if layout in ("strided", "fstrided"):
        order = "F" if layout == "fstrided" else "C"
        wide = np.zeros(a.shape[:-1] + (2 * a.shape[-1],), a.dtype, order=order)
        wide[..., ::2] = a
        return wide[..., ::2]
    if layout == "reversed":
        return a[::-1].copy()[::-1]
    if layout == "permuted":
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 0, -1)), -1, 0)
    if layout == "broadcast":
        return np.broadcast_to(a[:1], a.shape) if a.shape[0] else None


def cases():
    for dtype, endian, shape, layout in itertools.product(DTYPES, "<>", SHAPES, LAYOUTS):
        if dtype.endswith("1") and endian == ">":
            continue
        a = lay_out(values(endian + dtype, shape), layout)
        if a is not None:
            name = f"{endian}{dtype} {layout} {'x'.join(map(str, shape))}"
            yield name.replace("<", "little ").replace(">", "big "), a


def every_dtype():
    """One small array of every dtype that NumPy has."""
    record = np.dtype([("id", "<u4"), ("pos", "<f8", (3,)), ("tag", "S3"), ("inner", [("a", "<i2"), ("b", "?")])])
    aligned = np.dtype([("flag", "u1"), ("x", "<f8")], align=True)
    titled = np.dtype([(("a title", "x"), "<f8")])
    for dtype in DTYPES + ["f2", "c8", "c16", "S5", "U3", "V4", "M8[ns]", "m8[25s]", "M8[D]", "M8"]:
        for endian in "<>":
            yield f"{endian}{dtype}", np.zeros(3, endian + dtype)
    yield "long double", np.zeros(2, np.longdouble)
    yield "record", np.zeros((2, 2), record)
    yield "aligned", np.zeros(2, aligned)
    yield "titled", np.zeros(2, titled)
    yield "unicode field", np.zeros(1, [("粒子", "<f8")])
    yield "wide record", np.zeros(1, [(f"field_{i}", "<f8") for i in range(5000)])
    for n in range(1, 65):  # headers of every length around a multiple of 64
        shape = [(), (10 ** (n % 5),), (3, 4), (12, 0)][n % 4]
        yield f"name of {n}", np.zeros(shape, [("x" * n, "<f4")])
        yield f"Fortran, name of {n}", np.zeros((2, 11), [("x" * n, "|u1")], order="F")
    yield "object", np.array([{}, None], dtype=object)
    yield "StringDType", np.array(["a"], dtype=np.dtypes.StringDType())
    yield "record of object", np.zeros(2, [("a", "<f8"), ("b", object)])


SCALARS = DTYPES + ["f2", "c8", "c16", "S1", "S5", "U1", "U3", "V4"]
SCALARS += [f"{kind}8[{unit}]" for kind in "Mm" for unit in "Y M W D h m s ms us ns ps fs as 25s 10Y".split()] + ["M8", "m8"]

# The dtypes of the record arrays in numpy/lib/tests/test_format.py.
PLAIN = [("x", "i4", (2,)), ("y", "f8", (2, 2)), ("z", "u1")]
NESTED = [
    ("x", "i4", (2,)),
    (
        "Info",
        [
            ("value", "c16"),
            ("y2", "f8"),
            ("Info2", [("name", "S2"), ("value", "c16", (2,)), ("y3", "f8", (2,)), ("z3", "u4", (2,))]),
            ("name", "S2"),
            ("z2", "b1"),
        ],
    ),
    ("color", "S2"),
    ("info", [("Name", "U8"), ("Value", "c16")]),
    ("y", "f8", (2, 2)),
    ("z", "u1"),
]
RECORDS = {
    "plain": PLAIN,
    "nested": NESTED,
    "aligned": np.dtype([("flag", "u1"), ("x", "f8"), ("y", "i2")], align=True),
    "gaps": {"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [3, 16], "itemsize": 40},
    "titled": [(("a title", "x"), "f8"), ("when", "M8[us]")],
    "named in latin-1": [("é", "f4")],
    "named in Greek": [("λ", "f4")],
}


OTHERS = [("tag", "S3"), ("mass", ">f8"), ("flag", "?"), ("pos", ">f8", 3), ("id", ">u8")]
OTHERS = np.dtype(OTHERS, align=True)


def patterned(dtype, shape):
    """An array of valid, different elements of any dtype."""
    dtype = np.dtype(dtype)
    if dtype.names is not None:
        a = np.zeros(shape, dtype)
        for i, name in enumerate(dtype.names):
            base, inner = dtype[name].subdtype or (dtype[name], ())
            a[name] = patterned(base, a.shape + inner)
        return a
    count = int(np.prod(shape))
    index = np.arange(count) + 3
    if dtype.kind == "U":
        flat = ["é猫x😀"[i % 4] * (i % (dtype.itemsize // 4 + 1)) for i in index]
    elif dtype.kind == "S":
        flat = [bytes([i % 255 + 1]) * (i % (dtype.itemsize + 1)) for i in index]
    elif dtype.kind == "V":
        flat = [bytes([i % 256]) * dtype.itemsize for i in index]
    elif dtype.kind in "mM":
        flat = np.where(index % 5 == 0, np.iinfo("i8").min, index * 1001 - 4000)
        return flat.astype("i8").view(dtype.newbyteorder("=")).astype(dtype).reshape(shape)
    elif dtype.kind == "c":
        flat = index / 8 - 1j * index
    else:
        flat = index % 2 if dtype.kind == "b" else index / 8 if dtype.kind == "f" else index
    return zeroed(flat, dtype).reshape(shape)


def zeroed(values, dtype):
    """The array of `values`, with zeros where its dtype has padding."""
    a = np.zeros(np.shape(values), dtype)
    a[...] = values
    if a.dtype.kind in "fc" and a.dtype.itemsize not in (2, 4, 8) and a.dtype != "c16":
        a.reshape(-1).view("u1").reshape(-1, 16)[:, 10:] = 0  # x87: 80 bits in 16 bytes
    return a


def ordered(a, order):
    """A copy of all bytes of the elements, padding included, in another order."""
    void = f"V{a.dtype.itemsize}"
    copy = np.zeros(a.shape, void, order=order)
    copy[...] = a.view(void)
    return copy.view(a.dtype)


def every():
    """Every dtype × byte order × order × 0-d, empty, 1-d, 3-d, with elements that differ."""
    dtypes = {f"{endian}{dtype}": endian + dtype for dtype in SCALARS for endian in "<>"}
    for name, dtype in RECORDS.items():
        dtypes[f"<{name}"] = np.dtype(dtype)
        dtypes[f">{name}"] = np.dtype(dtype).newbyteorder(">")
    dtypes |= {"long double": "g", "complex long double": "G", "record of long double": [("x", "g")]}
    for name, dtype in dtypes.items():
        for shape in [(), (0,), (3,), (2, 3, 2)]:
            for order in "CF" if len(shape) > 1 else "C":
                yield f"{name} {order} {'x'.join(map(str, shape))}", ordered(patterned(dtype, shape), order)


def npy(a, **kwargs):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.lib.format.write_array(out, a, **kwargs)
    return out.getvalue()


class Pipe(io.RawIOBase):
    """A file that cannot seek, which makes zipfile write data descriptors."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.bytes += data
        return len(data)


def archive(folder, name, members, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(folder / name, "w", **kwargs) as out:
            for member, data in members:
                out.writestr(zipfile.ZipInfo(member), data, compress_type=kwargs.get("compression"))


def main(folder):
    np.savez(folder / "cases.npz", **dict(cases()))
    x = values("<f8", (3, 4))
    np.savez(folder / "stored.npz", x, x.T, name=values("<i4", (5,)), **{"a//b": np.float64(0.5), "é": np.True_, "": x})
    np.savez_compressed(folder / "compressed.npz", x, x.T, big=np.arange(100_000) % 251)
    np.savez(folder / "empty.npz")
    np.savez(folder / "dtypes.npz", **dict(every_dtype()))
    np.save(folder / "x.npy", x)
    np.savez(folder / "every.npz", **dict(every()))
    np.savez(
        folder / "values.npz",
        text=np.array(["a", "naïve", "", "猫😀"]),
        big_text=np.array([["a", "naïve"], ["", "猫😀"]], ">U7"),
        bytes=np.array([b"csr", b"", b"a\0b"]),
        title=np.array("run 7"),
        days=np.array(["2024-02-29", "NaT", "1969-12-31"], "M8[D]"),
        steps=np.array([1, -2, "NaT"], ">m8[ms]"),
        quarters=np.array([0, 4], "M8[25s]"),
        generic=np.array([7, "NaT"], "m8"),
        halves=np.array([0.5, -2, np.inf], ">f2"),
        spectrum=np.array([1 + 2j, -0.5j], ">c8"),
        particles=np.array([(7, [0, 0.5, 1], 1.5), (8, [1, 2, 3], 2.5)], [("id", "u8"), ("pos", "f8", 3), ("mass", "f8")]),
        # The same fields in another order and byte order, at other offsets, with others.
        others=zeroed(np.array([("x", 1.5, True, [0, 0.5, 1], 7), ("y", 2.5, False, [1, 2, 3], 8)], OTHERS), OTHERS),
        nested=patterned(NESTED, (2,)),
        long_double=zeroed([1.5, 2], "g"),
    )

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as out:
        out.writestr(zipfile.ZipInfo("x.npy"), npy(x), compress_type=zipfile.ZIP_DEFLATED)
        out.writestr(zipfile.ZipInfo("y.npy"), npy(x.T))
    (folder / "streamed.npz").write_bytes(pipe.bytes)

    one = npy(x)
    archive(folder, "versions.npz", [("v2.npy", npy(x, version=(2, 0))), ("v3.npy", npy(x, version=(3, 0)))])
    others = [("README.txt", b"not an array"), ("x.npy", one), ("folder/", b""), ("__MACOSX/._x", b"\0"), ("bare", one)]
    archive(folder, "others.npz", others)
    archive(folder, "only_others.npz", [("README.txt", b"not an array")])
    archive(folder, "bzip2.npz", [("x.npy", one)], compression=zipfile.ZIP_BZIP2)
    archive(folder, "lzma.npz", [("x.npy", one)], compression=zipfile.ZIP_LZMA)
    archive(folder, "twice.npz", [("x.npy", one), ("x.npy", one)])
    (folder / "prefixed.npz").write_bytes(b"#!/bin/sh\n" + (folder / "stored.npz").read_bytes())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
