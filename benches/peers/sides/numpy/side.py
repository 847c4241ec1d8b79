"""The side of NumPy. The protocol is that of common/src/serve.rs.

It also answers `versions`. Its `check load` refuses an array of another shape or dtype
than the set's, which is how files are verified that the other sides wrote.
"""

import platform
import sys
import time
import zlib

import numpy as np


def rows(x):
    """As `middle` in common/src/set.rs."""
    count = -(-len(x) // 100)
    first = (len(x) - count) // 2
    return x[first : first + count]


CUTS = {
    "whole": lambda x: x,
    "permuted": lambda x: x.transpose(1, 0, 2),
    "strided": lambda x: x[:, ::2, ::-1],
    "transposed": lambda x: x.T[:, ::2, ::-1],
    "rows": rows,
}


def index():
    sets = {}
    with open("sets.txt", encoding="ascii") as lines:
        for line in lines:
            name, dtype, n0, n1, n2, file = line.split()
            sets[name] = np.dtype(dtype), (int(n0), int(n1), int(n2)), file
    return sets


SETS = index()
kept = None, None


def keep(name, make):
    """What `make` makes, unless it was made last time."""
    global kept
    if kept[0] != name:
        kept = None, None
        kept = name, make()
    return kept[1]


def load_set(name):
    dtype, shape, file = SETS[name]
    x = np.fromfile(file, dtype)
    count = np.prod(shape)
    return (x if len(x) == count else np.resize(x, count)).reshape(shape)


def like(name, cut):
    """The shape and the dtype of a set's view, without its data."""
    dtype, shape, _ = SETS[name]
    return CUTS[cut](np.broadcast_to(np.zeros((), dtype), shape))


def checksum(parts):
    """common::checksum of arrays, one after the other."""
    total, place = 0, 1
    for part in parts:
        bits = np.ascontiguousarray(part).reshape(-1)
        word = {"U": 4, "S": 1}.get(bits.dtype.kind, bits.itemsize)
        bits = bits.view(f"u{word}").astype(np.uint64, copy=False)
        places = np.arange(place, place + len(bits), dtype=np.uint64)
        total += int(np.sum(bits * places, dtype=np.uint64))
        place += len(bits)
    return total % 2**64


def task(words):
    """What to do, and what gives the result's size and checksum."""
    match words:
        case ["save", method, name, cut, file]:
            save = np.savez_compressed if method == "deflated" else np.savez
            x = CUTS[cut](keep(name, lambda: load_set(name)))
            return lambda: save(file, x=x), lambda _: (0, lambda: 0)
        case ["load", name, cut, file]:
            expected = like(name, cut)

            def load():
                with np.load(file) as npz:
                    return rows(npz["x"]).copy() if cut == "rows" else npz["x"]

            def about(x):
                assert x.shape == expected.shape and x.dtype == expected.dtype, (x.shape, x.dtype)
                return x.nbytes, lambda: checksum(x)

            keep(None, lambda: None)
            return load, about
        case ["text", element, file]:
            # Python's objects, if it is about such, else an array.
            is_list = element in ("String", "Bytes")
            dtype = "S10" if "Bytes" in element else "U10"

            def load_text():
                with np.load(file) as npz:
                    return npz["x"].ravel().tolist() if is_list else npz["x"]

            return load_text, lambda x: (0, lambda: checksum([np.array(x, dtype)]))
        case ["save-many", file]:
            small = keep(
                "many as arrays",
                lambda: {f"arr_{i}": x[0].copy() for i, x in enumerate(load_set("many"))},
            )
            return lambda: np.savez(file, **small), lambda _: (0, lambda: 0)
        case ["load-many", file]:
            names = [f"arr_{i}" for i in range(SETS["many"][1][0])]

            def load_many():
                with np.load(file) as npz:
                    return [npz[name] for name in names]

            return load_many, lambda arrays: (0, lambda: checksum(arrays))
        case ["open", file]:
            return lambda: np.load(file), lambda npz: (0, lambda: len(npz.files))
    raise ValueError(f"no task `{words}`")


def status(key):
    """A line of the process's status, in bytes."""
    with open("/proc/self/status", encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    raise ValueError(f"no `{key}` in the process's status")


def wake():
    """As `wake` in common/src/serve.rs."""
    start = time.perf_counter()
    while time.perf_counter() < start + 0.05:
        pass


def answer(words):
    if words == ["versions"]:
        return f"NumPy {np.__version__}, Python {platform.python_version()}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
    measure, *words = words
    work, about = task(words)
    match measure:
        case "time":
            wake()
            start = time.perf_counter()
            result = work()
            taken = time.perf_counter() - start
            del result
            return f"{taken:.9f}"
        case "peak":
            with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
                refs.write("5")
            before = status("VmRSS:")
            result = work()
            peak = status("VmHWM:") - before
            return max(0, peak - about(result)[0])
        case "check":
            return about(work())[1]()
    raise ValueError(f"no measure `{measure}`")


for line in sys.stdin:
    try:
        print(answer(line.split()), flush=True)
    except Exception as error:
        print("error:", " ".join(repr(error).split()), flush=True)
