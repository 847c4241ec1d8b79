"""Writes arrays of random objects, the same each time, for tests/all/live_objects.rs.

    python3 tests/data/random_objects.py FOLDER

Each of three folders in FOLDER has an objects.npz and an objects.txt as make_objects.py writes them:
`pickled` has the arrays in every protocol, `savez` and `savez_compressed` what those functions write.
"""

import collections
import pathlib
import random
import struct
import sys
import warnings
import zipfile

import numpy as np

import make
import make_objects

ARRAYS = 300
# The dtypes of which any bits are an element, and others. Those with gaps are in make_objects.py: when NumPy
# copies them, it leaves any bytes there.
PLAIN = [dtype for dtype in make.SCALARS if dtype != "b1" and dtype[0] != "U"]
OTHERS = ["b1", "U1", "U3", *(dtype for name, dtype in make.RECORDS.items() if name not in ("aligned", "gaps"))]

pick = random.Random(2026)
# Whatever has been made can be referred to again.
made = []


def text():
    return "".join(pick.choices("abz09 é猫😀\0\x1b\x7f\x85\xad\u202e\u2028'\"\\\n\r\t", k=pick.choice([0, 1, 3, 12, 300])))


def number():
    bits = pick.choice([1, 8, 16, 31, 32, 63, 64, 127, 128, 129, 1000, 2040, 3000])
    return pick.choice([-1, 1]) * (2**bits - pick.choice([0, 1, 2, pick.getrandbits(bits)]))


def real():
    return pick.choice([0.0, -0.0, 1.0, 0.1, pick.random(), struct.unpack("<d", pick.randbytes(8))[0]])


def simple():
    """An object that can be the key of a dict."""
    kinds = [
        lambda: None,
        lambda: pick.choice([True, False]),
        number,
        real,
        lambda: complex(real(), real()),
        text,
        lambda: pick.randbytes(pick.choice([0, 1, 5, 300])),
        lambda: tuple(simple() for _ in range(pick.randrange(4))),
        lambda: frozenset(simple() for _ in range(pick.randrange(3))),
        lambda: range(pick.randrange(9), pick.randrange(9), pick.choice([-2, 1, 3])),
    ]
    return pick.choice(kinds)()


def elements(shape):
    """An array that is not of objects, in either byte order."""
    if pick.random() < 0.7:
        dtype = np.dtype(pick.choice("<>") + pick.choice(PLAIN))
        return np.frombuffer(pick.randbytes(int(np.prod(shape)) * dtype.itemsize), dtype).reshape(shape)
    return make.patterned(np.dtype(pick.choice(OTHERS)).newbyteorder(pick.choice("<>")), shape)


def shape():
    # Small, so that all of an array is displayed.
    return tuple(pick.choices([0, 1, 2, 3, 4], k=pick.choice([0, 1, 1, 2, 2, 3])))


def lay_out(array):
    """The array, or its elements in another order in memory."""
    layouts = [
        lambda: array,
        lambda: np.array(array, order="F"),
        lambda: array.T,
        lambda: np.moveaxis(array, 0, -1) if array.ndim else array,
        lambda: array[..., ::-1] if array.ndim else array,
    ]
    return pick.choice(layouts)()


def objects(depth):
    array = np.empty(shape(), object)
    for index in range(array.size):
        array.reshape(-1)[index] = thing(depth - 1)
    return array


def thing(depth):
    """An object, with others in it up to this depth."""
    if depth <= 0 or pick.random() < 0.3:
        return pick.choice([simple, simple, lambda: elements((1,))[0]])()
    if made and pick.random() < 0.15:
        return pick.choice(made)
    items = lambda: [thing(depth - 1) for _ in range(pick.choice([0, 1, 2, 3, 6]))]
    entries = lambda: {simple(): item for item in items()}
    kinds = [
        items,
        lambda: tuple(items()),
        lambda: {simple() for _ in range(pick.randrange(5))},
        entries,
        lambda: collections.OrderedDict(entries()),
        lambda: bytearray(pick.randbytes(5)),
        lambda: lay_out(elements(shape())),
        lambda: lay_out(elements(shape())),
        lambda: lay_out(objects(depth)),
    ]
    made.append(pick.choice(kinds)())
    return made[-1]


def main(folder):
    arrays = {}
    for index in range(ARRAYS):
        arrays[f"random{index}"] = lay_out(objects(4))
        # References stay within one array, which would grow without end otherwise.
        made.clear()
    for name in ("pickled", "savez", "savez_compressed"):
        (folder / name).mkdir()
        make_objects.describe(folder / name, arrays.items())
    with zipfile.ZipFile(folder / "pickled" / "objects.npz", "w") as out:
        for name, array in arrays.items():
            for protocol in range(6):
                out.writestr(f"{name} {protocol}.npy", make_objects.dump(array, protocol))
    for save in (np.savez, np.savez_compressed):
        named = {f"{name} {save.__name__}": array for name, array in arrays.items()}
        save(folder / save.__name__ / "objects.npz", **named)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(pathlib.Path(sys.argv[1]))
