"""Fails unless NumPy and zipfile read the same arrays after whatever the command does to an archive.

    python3 tests/data/operations.py NPZ

NPZ is the command. One of the arrays is so large that it is copied block by block.
"""

import os
import subprocess
import sys
import tempfile
import zipfile

import numpy as np


def run(*arguments):
    return subprocess.check_output([NPZ, *arguments])


def check(path, expected):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, path
    npz = np.load(path, allow_pickle=True)
    assert npz.files == list(expected), (npz.files, list(expected))
    for name, x in expected.items():
        y = npz[name]
        assert y.dtype == x.dtype and y.shape == x.shape and (y == x).all(), (path, name)
    run("verify", "--quiet", path)


def in_endian(arrays, endian):
    return {name: x if x.dtype == object else x.astype(x.dtype.newbyteorder(endian)) for name, x in arrays.items()}


def repack(arrays):
    run("repack", "in.npz", "out.npz")
    check("out.npz", arrays)
    run("repack", "in.npz", "out.npz", "--endian", "big")
    check("out.npz", in_endian(arrays, ">"))
    run("repack", "out.npz", "out.npz", "--endian", "little", "--level", "1")
    check("out.npz", arrays)
    run("repack", "out.npz", "out.npz", "--order", "f", "--level", "0")
    check("out.npz", arrays)
    assert np.load("out.npz")["large"].flags.f_contiguous
    run("repack", "out.npz", "out.npz", "--order", "c")
    check("out.npz", arrays)
    assert np.load("out.npz")["fortran"].flags.c_contiguous
    with open("stream.npz", "wb") as file:
        file.write(run("repack", "in.npz", "-", "--level", "3"))
    check("stream.npz", arrays)
    casts = "--cast", "large=f4", "--cast", "objects=f8"
    run("repack", "in.npz", "out.npz", "large", "objects", *casts, "--rename", "large=small")
    check("out.npz", {"small": arrays["large"].astype("f4"), "objects": arrays["objects"].astype("f8")})


def members(arrays):
    run("repack", "in.npz", "out.npz", "--drop", "fortran")
    arrays = {name: x for name, x in arrays.items() if name != "fortran"}
    check("out.npz", arrays)
    run("mv", "out.npz", "large", "größe 粒")
    arrays = {"größe 粒" if name == "large" else name: x for name, x in arrays.items()}
    check("out.npz", arrays)
    run("rm", "out.npz", "r*", "text")
    arrays = {name: x for name, x in arrays.items() if name not in ("records", "text")}
    check("out.npz", arrays)
    new = np.arange(12.0).reshape(3, 4)
    np.save("new.npy", new)
    run("add", "out.npz", "new.npy", "objects=new.npy", "--level", "6")
    del arrays["objects"]
    check("out.npz", {**arrays, "new": new, "objects": new})


def files(arrays):
    run("unpack", "in.npz", "folder")
    for name, x in arrays.items():
        assert (np.load(f"folder/{name}.npy", allow_pickle=True) == x).all(), name
    run("pack", "out.npz", *[f"folder/{name}.npy" for name in arrays])
    check("out.npz", arrays)
    run("pack", "out.npz", "q=in.npz", "--level", "1")
    check("out.npz", {f"q/{name}": x for name, x in arrays.items()})
    run("unpack", "in.npz", "raw", "large", "--to", "raw")
    shape = ",".join(map(str, arrays["large"].shape))
    run("pack", "out.npz", "raw/large.raw", "--dtype", "f8", "--shape", shape)
    check("out.npz", {"large": arrays["large"]})
    run("unpack", "in.npz", "csv", "records", "--to", "csv")
    run("pack", "out.npz", "csv/records.csv")
    check("out.npz", {name: arrays["records"][name].astype("i8" if name == "b" else "f8") for name in ("a", "b")})


def main():
    rng = np.random.default_rng(0)
    records = np.zeros(1000, [("a", "<f8"), ("b", "<i4")])
    records["a"], records["b"] = rng.normal(size=1000), np.arange(1000)
    arrays = {
        "large": rng.normal(size=(4300, 1000)),
        "fortran": np.asfortranarray(rng.normal(size=(20, 30))),
        "records": records,
        "objects": np.array([1, 2.5, 3], dtype=object),
        "text": np.array(["a", "bcd", "粒子"]),
    }
    np.savez("in.npz", **arrays)
    for operations in (repack, members, files):
        operations(arrays)
    print("NumPy reads the same arrays after each operation")


if __name__ == "__main__":
    NPZ = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main()
        os.chdir("/")
