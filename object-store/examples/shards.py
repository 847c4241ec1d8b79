"""Reads the set of shards that shards.rs has written as one dask.array, and writes another one.

Its argument is the address of an S3 server. The key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

import json
import sys
import zlib

import dask
import dask.array as da
import numpy as np
import s3fs

fs = s3fs.S3FileSystem(endpoint_url=sys.argv[1])


def read_shards(location, name):
    """The array `name` of a set as a dask.array, of one chunk a shard."""
    index = json.loads(fs.cat_file(f"{location}.json"))
    folder = location.rpartition("/")[0]

    @dask.delayed
    def load(key):
        with fs.open(f"{folder}/{key}") as file:
            return np.load(file)[name]

    parts = [(load(shard["key"]), shard["arrays"][name]) for shard in index["shards"]]
    return da.concatenate([da.from_delayed(x, part["shape"], part["dtype"]) for x, part in parts])


def write_shards(location, name, x):
    """Writes a dask.array as a set, by one task a chunk of rows; the index last."""
    of, (folder, _, base) = x.numblocks[0], location.rpartition("/")

    @dask.delayed
    def save(rank, block):
        key = f"{base}-{rank:05}-of-{of:05}.npz"
        with fs.open(f"{folder}/{key}", "wb") as file:
            np.savez(file, **{name: block})
        data = fs.cat_file(f"{folder}/{key}")
        arrays = {name: {"dtype": block.dtype.str, "shape": block.shape}}
        checksum = zlib.crc32(data[-65536:])
        return {"key": key, "rank": rank, "of": of, "size": len(data), "tail_crc32": checksum, "arrays": arrays}

    blocks = x.rechunk({axis: -1 for axis in range(1, x.ndim)}).to_delayed().ravel()
    shards = dask.compute(*[save(rank, block) for rank, block in enumerate(blocks)])
    start = 0
    for shard in shards:
        shard["start"] = {name: start}
        start += shard["arrays"][name]["shape"][0]
    arrays = {name: {"dtype": x.dtype.str, "shape": x.shape}}
    index = {"version": 1, "arrays": arrays, "shards": shards}
    fs.pipe_file(f"{location}.json", json.dumps(index).encode())


x = read_shards("data/run/x", "x")
assert x.shape == (1000, 50) and x.numblocks == (4, 1), x
expected = np.arange(50_000.0).reshape(1000, 50)
assert (x[::7, 3].compute() == expected[::7, 3]).all()
assert (x.mean(axis=0).compute() == expected.mean(axis=0)).all()
write_shards("data/run/y", "y", (2 * x).rechunk((300, 50)))
print("Dask has read 4 shards and written 4")
