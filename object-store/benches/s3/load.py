"""What s3fs and np.load take for the same: `measure` or `write` of an endpoint."""

import io
import resource
import sys
import time

import numpy as np
import s3fs

endpoint = sys.argv[2]
fs = s3fs.S3FileSystem(
    endpoint_url=endpoint, client_kwargs={"region_name": "us-east-1"}, use_listings_cache=False
)


def row(what, name, act, runs=5):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        act(f"data/{name}.npz")
        times.append(time.perf_counter() - start)
    print(f"s3fs\t{what}\t{sorted(times)[len(times) // 2]:.4f}\t\t", flush=True)


def whole(path):
    """As one request, which is the fastest way there is."""
    return np.load(io.BytesIO(fs.cat_file(path)))


def opened(path):
    with fs.open(path) as file:
        np.load(file).files


def array(path, name="x"):
    with fs.open(path) as file:
        return np.load(file)[name]


if sys.argv[1] == "measure":
    fs.ls("data")
    for count in [1, 1_000, 10_000]:
        row(f"open {count}", f"small-{count}", opened)
    row("get a small array", "small-1000", lambda path: array(path, "x500"))
    row("get_all of 1,000", "small-1000", lambda path: dict(whole(path)))
    row("get_all of 10,000", "small-10000", lambda path: dict(whole(path)))
    for name in ["stored", "deflated"]:
        row(f"get 64 MiB {name}", name, lambda path: whole(path)["x"])
        row(f"get 64 MiB {name}, by fs.open", name, array)
        row(f"1 % of the rows, {name}", name, lambda path: array(path)[500:510])
        row(f"one column, {name}", name, lambda path: array(path)[:, 4000])
    row("get 1 GiB", "large", lambda path: whole(path)["x"], 3)
else:
    x = array("data/written.npz")
    assert x.shape == (16384, 8192) and x[3, 5] != 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with fs.open("data/python.npz", "wb") as file:
        np.savez(file, x=x)
    print(f"s3fs\twrite 1 GiB\t{time.perf_counter() - start:.4f}\t\t")
