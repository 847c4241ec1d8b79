"""Writes the files of Python objects of this folder, with NumPy.

    python3 tests/data/make_objects.py

objects.npz has arrays of objects of every kind, as each protocol of pickles holds them ("ints 4"), and
objects.txt what they are, a line for each kind. Written with NumPy 2.4.6 and Python 3.11.
"""

import collections
import datetime
import decimal
import io
import pathlib
import pickle
import sys
import warnings
import zipfile

import numpy as np

import make

warnings.simplefilter("ignore")


class Plain:
    """A class of which nobody else knows."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Point(tuple):
    """A tuple that `__new__` makes, with arguments."""

    def __getnewargs__(self):
        return (tuple(self),)


class Bag(list):
    """A kind of list."""


for own in (Plain, Point, Bag):
    own.__module__ = "lab.things"
sys.modules["lab"] = sys.modules["lab.things"] = sys.modules[__name__]


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def kinds():
    """Arrays of objects, each with a name."""
    yield "none", objects(None, None)
    yield "bools", objects(True, False)
    ints = [0, 1, -1, 255, 256, 65535, 65536, -129, 2**31, -(2**31) - 1, 2**63, -(2**63), 2**64 + 1, 10**40, -(10**40)]
    yield "ints", objects(*ints, 2**127 - 1, 2**127, -(2**127), -(2**127) - 1, 2**2100)
    yield "floats", objects(0.0, -0.0, 1.5, 1e300, 5e-324, 1e16, 1e-5, float("inf"), float("nan"))
    yield "complex", objects(1 + 2j, complex(0, -1))
    yield "texts", objects("", "a", "naïve", "猫😀", "it's \"\\\n\t\x1b\u202e", "x" * 300)
    yield "bytes", objects(b"", b"csr", bytes(range(256)), bytearray(b"abc"), b"x" * 300)
    yield "lists", objects([], [1, [2, [3, None]]], ["a"] * 1100)
    yield "tuples", objects((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, (4,)))
    yield "sets", objects(set(), {1, 2}, frozenset({3}), frozenset())
    yield "dicts", objects({}, {"a": 1, 2: {"b": None}}, {str(i): i for i in range(1100)})
    yield "ordered", objects(collections.OrderedDict([("b", 1), ("a", 2)]))
    yield "ranges", objects(range(3), range(5, -5, -2))
    shared = [1, 2]
    yield "shared", objects(shared, [shared, shared], "a", "a")

    for name, dtype in make.RECORDS.items():
        yield f"records {name}", objects(make.patterned(np.dtype(dtype), (2,)))
    for dtype in [d for d in make.SCALARS if d != "V4"] + ["V4"]:
        for endian in "<>":
            array = make.patterned(endian + dtype, (3,))
            yield f"arrays {endian}{dtype}", objects(array, array[:0], make.patterned(endian + dtype, ()))
            yield f"scalars {endian}{dtype}", objects(array[0], array[1])
    fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    yield "orders", objects(fortran, fortran.T, fortran[:, ::2], np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2))
    yield "ragged", objects(np.arange(3.0), np.arange(5.0), np.zeros(0))
    yield "ragged lists", objects([1, 2, 3], [4], [])
    yield "rectangular", np.array([[1.5, 2.5], [3.5, 4.5]], object)
    yield "kinds of arrays", objects(np.matrix([[1, 2], [3, 4]]), np.arange(2.0).view(np.memmap), np.rec.array([(1, "a")]))
    # As DataFrame.to_records makes them.
    yield "kind of records", np.rec.array([(1.5, "a"), (2.5, None)], [("x", "f8"), ("what", object)])
    yield "matrices", objects(np.eye(2, dtype="f4"), np.zeros((3, 1), "f4"))
    yield "nested", objects(objects(1, "a"), objects(np.arange(2), objects()))
    yield "dict", np.array({"x": np.arange(3.0), "name": "run 7", "n": 3, "sub": {"y": None}}, object)
    yield "arrays by name", np.array({"x": np.arange(3.0), "y": np.ones(2)}, object)
    yield "Fortran", np.asfortranarray(np.array([[1, "a", None], [2, "b", 0.5]], object))
    yield "names", objects("alpha", "beta", "", "猫")
    yield "two dimensions of names", np.array([["a", "bc"], ["d", "ef"], ["g", ""]], object)
    yield "empty", np.zeros((0, 3), object)
    yield "records of objects", np.array([(1.5, "a"), (2.5, [None])], [("x", "f8"), ("what", object)])
    inner = {"names": ["b", "a"], "formats": [object, "i4"], "offsets": [8, 0], "itemsize": 16}
    records = np.array([(((1, 2), 3), 4.5), (("x", -1), 0)], [("in", inner), ("x", "f8")])
    yield "records of objects in records", objects(records.reshape(2, 1), records[0])
    yield "mixed numbers", objects(1, 2.5, True, np.float32(0.5))
    yield "StringDType", np.array([["a", "naïve"], ["", "猫😀" * 99]], np.dtypes.StringDType())
    yield "StringDType with None", np.array(["a", None], np.dtypes.StringDType(na_object=None))

    yield "time", objects(datetime.timedelta(days=1, seconds=30), datetime.date(2024, 2, 29))
    yield "decimal", objects(decimal.Decimal("1.5"))
    yield "plain", objects(Plain(x=1, y=[2]), Plain())
    yield "point", objects(Point((1, 2)))
    yield "bag", objects(Bag([1, 2]))
    yield "default", objects(collections.defaultdict(list, {"a": [1]}))
    yield "classes", objects(int, np.float64, len, Plain)
    yield "masked", objects(np.ma.masked_array([1.0, 2.0], [False, True]))
    yield "dtype", objects(np.dtype(">i2"))
    yield "surrogate", objects("a\ud800")


def text(value):
    """What tests/all/objects.rs writes of the same object, too."""
    if type(value) in (np.ndarray, np.matrix, np.memmap, np.recarray):
        return f"array({items(np.asarray(value))})"
    if isinstance(value, np.void) and value.dtype.hasobject:
        return text(named(value.item(), value.dtype))
    if isinstance(value, np.generic):
        return f"scalar({items(np.array(value))})"
    inner = lambda values: ", ".join(map(text, values))
    match value:
        case collections.defaultdict():
            return repr_of(value, [text(value.default_factory)], entries=value)
        case Bag():
            return repr_of(value, [], items=value)
        case Point():
            return repr_of(value, [text(tuple(value))])
        case list():
            return f"[{inner(value)}]"
        case tuple():
            return f"({inner(value)},)" if len(value) == 1 else f"({inner(value)})"
        case set() | frozenset():
            return f"{{{inner(value)}}}" if value else "set()"
        case dict():
            return "{" + ", ".join(f"{text(key)}: {text(item)}" for key, item in value.items()) + "}"
        case bytearray():
            return repr(bytes(value))
        case float() | int() | complex() | None | str() | bytes() | range():
            return "builtins.str(" + repr(value.encode("utf-8", "surrogatepass")) + ")" if value == "a\ud800" else repr(value)
        case datetime.timedelta():
            return f"datetime.timedelta({value.days}, {value.seconds}, {value.microseconds})"
        case datetime.date():
            return f"datetime.date({value.__reduce__()[1][0]!r})"
        case decimal.Decimal():
            return f"decimal.Decimal({str(value)!r})"
        case Plain():
            return repr_of(value, [], state=value.__dict__ or None)
        case type():
            return f"<class '{value.__module__}.{value.__qualname__}'>"
    return "other"


def repr_of(value, arguments, **rest):
    arguments += [f"{key}={text(list(it) if key == 'items' else dict(it) if it else it)}" for key, it in rest.items() if it]
    return f"{type(value).__module__}.{type(value).__qualname__}({', '.join(arguments)})"


def items(array):
    """Type, shape, order and elements of an array, in C order; of records, and of floats that Python
    has none of, their bytes in that order."""
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    if array.dtype.kind == "T":
        values = array.ravel().tolist()
        kind = "object" if None in values else "U"
    elif array.dtype.hasobject:
        values, kind = [named(value, array.dtype) for value in array.ravel().tolist()], "object"
    elif array.dtype.char in "VegG":
        values, kind = array.tobytes("A"), np.lib.format.dtype_to_descr(array.dtype)
    else:
        values = array.view(array.dtype.str[0] + "i8") if array.dtype.kind in "mM" else array
        values = values.ravel().tolist()
        kind = array.dtype.kind if array.dtype.kind in "US" else array.dtype.newbyteorder("=").str
    return f"{kind}, {array.shape}, {order}, {text(values)}"


def named(value, dtype):
    """The dict of a record."""
    if dtype.names is None:
        return value
    return {name: named(inner, dtype[name]) for name, inner in zip(dtype.names, value)}


def header(array):
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, np.lib.format.header_data_from_array_1_0(array))
    return out.getvalue()


class Python2(pickle._Pickler):
    """Writes what Python 2 wrote: there, `str` is bytes, and this text is all ASCII."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        self.write_str(value)
        self.memoize(value)

    def write_str(self, value):
        if self.proto == 0:
            quoted = "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in value)
            self.write(b"S'" + quoted.encode() + b"'\n")
        elif len(value) < 256:
            self.write(pickle.SHORT_BINSTRING + bytes([len(value)]) + value)
        else:
            self.write(pickle.BINSTRING + len(value).to_bytes(4, "little") + value)

    def save_str(self, value):
        if value.isascii():
            self.write_str(value.encode())
            self.memoize(value)
        else:
            super().save_str(value)

    dispatch[bytes] = save_bytes
    dispatch[str] = save_str


def dump(array, protocol, python2=False):
    out = io.BytesIO()
    (Python2 if python2 else pickle.Pickler)(out, protocol).dump(array)
    pickled = out.getvalue()
    if python2:
        pickled = pickled.replace(b"numpy._core.", b"numpy.core.")
    return header(array) + pickled


PYTHON_2 = "none bools ints floats texts lists tuples dicts ordered ragged dict Fortran nested".split()
PYTHON_2 += ["arrays <f8", "arrays >i2", "arrays <U3", "arrays <S5", "arrays <M8[25s]", "records nested", "scalars <f4"]


def protocols(name):
    """The protocols that an array is written in. What differs between dtypes does not between all of them."""
    if name.startswith(("arrays >", "scalars >")):
        return (4,)
    if name.startswith(("arrays <", "scalars <")):
        return (0, 4, 5)
    # Protocols 0 and 1 write kinds of lists and tuples otherwise.
    return range(2, 6) if name in ("bag", "point") else range(6)


def members():
    """Name and bytes of each array."""
    for name, array in kinds():
        for protocol in protocols(name):
            yield f"{name} {protocol}", dump(array, protocol)
        if name in PYTHON_2:
            for protocol in range(3):
                yield f"{name} of Python 2 {protocol}", dump(array, protocol, python2=True)


def describe(folder, arrays):
    """Writes objects.txt: the name of each array, and what it is."""
    lines = [f"{name}\t{items(array)}\n" for name, array in arrays]
    (folder / "objects.txt").write_text("".join(lines), "utf-8")


def main(folder):
    np.save(folder / "objects.npy", np.array([{"rate": 0.5, "n": 3}, None, [1, 2.5, "a"]], object))
    np.save(folder / "opaque.npy", np.array(datetime.timedelta(days=1, seconds=30), object))
    # That of the documentation.
    np.savez(
        folder / "study.npz",
        tracks=np.array([np.array([0.0, 0.5, 1.0]), np.array([2.0, 2.5])], object),
        config={"rate": 0.5, "layers": [64, 32], "weights": np.eye(2)},
        names=np.array(["alpha", "beta"], object),
        notes=np.array([None, "restarted", datetime.timedelta(seconds=90)], object),
    )
    with zipfile.ZipFile(folder / "objects.npz", "w") as out:
        for name, data in members():
            out.writestr(zipfile.ZipInfo(f"{name}.npy"), data, zipfile.ZIP_DEFLATED)
    describe(folder, kinds())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
