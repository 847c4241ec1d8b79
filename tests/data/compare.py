"""Fails unless two archives hold equal arrays: names in their order, dtypes, shapes, orders, bytes.

    python3 tests/data/compare.py A B [--any-order] [--any-endian]

Arrays of Python objects are compared as bytes. Differences in dtype metadata are left out.
"""

import sys

import numpy as np


def equal(x, y):
    """Whether all bytes are equal but those of padding, which NumPy does not load."""
    if x.dtype.names is not None:
        return all(equal(x[name], y[name]) for name in x.dtype.names)
    return x.tobytes() == y.tobytes()


def arrays(path):
    npz = np.load(path, max_header_size=1_000_000)
    for name in npz.files:
        try:
            a = npz[name]
        except ValueError as error:
            assert "object" in str(error).lower(), error
            a = npz.zip.read(f"{name}.npy")
        yield name, a


def main(a, b, any_order, any_endian):
    a, b = dict(arrays(a)), dict(arrays(b))
    assert list(a) == list(b), (list(a), list(b))
    for name, x in a.items():
        y = b[name]
        if isinstance(x, bytes):
            assert x == y, name
            continue
        if any_endian:
            assert x.dtype.newbyteorder("=") == y.dtype.newbyteorder("="), name
            # Of dates without a unit, NumPy would keep the byte order.
            is_other_date = y.dtype.kind in "mM" and y.dtype.str != x.dtype.str
            y = y.byteswap().view(x.dtype) if is_other_date else y.astype(x.dtype)
        assert x.dtype == y.dtype and x.dtype.str == y.dtype.str and x.dtype.descr == y.dtype.descr, name
        assert x.shape == y.shape, name
        assert any_order or (x.flags.c_contiguous, x.flags.f_contiguous) == (y.flags.c_contiguous, y.flags.f_contiguous), name
        assert equal(x, y), name
    print(f"{len(a)} arrays are equal")


if __name__ == "__main__":
    files = [arg for arg in sys.argv[1:] if not arg.startswith("--")]
    main(*files, "--any-order" in sys.argv, "--any-endian" in sys.argv)
