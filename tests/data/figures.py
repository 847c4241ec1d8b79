"""Fails unless `npz stat` says of every array of numbers what NumPy does.

    python3 tests/data/figures.py NPZ FILE...

NPZ is the command. NaN and infinities are null in its JSON.
"""

import json
import subprocess
import sys

import numpy as np


def columns(name, a):
    """An array, or the fields of its records, by the names that `npz stat` gives them."""
    if a.dtype.names is None:
        yield name, a
    else:
        for field in a.dtype.names:
            yield from columns(f"{name}['{field}']", a[field])


def expected(a):
    """What NumPy says: (min, max, mean, std, NaN, infinities, zeros)."""
    x = a.astype("c16" if a.dtype.kind == "c" else "f8").ravel()
    nan, inf = int(np.isnan(x).sum()), int(np.isinf(x).sum())
    known = x[~np.isnan(x)]
    figures = [known.min(), known.max()] if known.size and a.dtype.kind != "c" else [None, None]
    figures += [known.mean(), known.std()] if known.size else [None, None]
    return [*figures, nan if a.dtype.kind in "fc" else None, inf if a.dtype.kind in "fc" else None, int((x == 0).sum())]


def equal(found, wanted):
    if isinstance(found, list):
        found = complex(*[np.nan if part is None else part for part in found])
    if found is None:
        return wanted is None or not np.isfinite(wanted)
    return wanted is not None and np.isclose(found, wanted, rtol=1e-12, atol=0)


def main(npz, files):
    compared = 0
    for file in files:
        found = {row["name"]: row for row in json.loads(subprocess.check_output([npz, "stat", "--json", file]))}
        arrays = np.load(file)
        for name in arrays.files:
            try:
                array = arrays[name]
            except ValueError:
                continue  # Python objects
            for name, a in columns(name, array):
                if a.dtype.kind not in "biufc" or a.dtype.itemsize // (2 if a.dtype.kind == "c" else 1) > 8:
                    continue
                with np.errstate(all="ignore"):
                    wanted = expected(a)
                row = found[name]
                figures = [row[key] for key in ("min", "max", "mean", "std", "nan", "inf", "zeros")]
                assert all(map(equal, figures, wanted)), (file, name, figures, wanted)
                if row["histogram"] is not None:
                    counted = sum(row["histogram"]["counts"])
                    assert counted == np.isfinite(a.astype("f8")).sum(), (file, name)
                compared += 1
    print(f"the figures of {compared} arrays are NumPy's")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
