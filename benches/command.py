"""How long the command takes, beside NumPy in one run.

    cargo build --release --features cli
    python3 benches/command.py [FOLDER]

It needs NumPy, and 4 GiB in FOLDER. Seconds, medians of five runs of the whole process, with files in
the page cache. What is done to the same file is measured in turns.
"""

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

NPZ = Path(__file__).parents[1] / "target/release/npz"
LOAD = "import numpy as np; x = np.load({x!r})['x']"
FIGURES = "; print(x.size, x.min(), x.max(), x.mean(), x.std(), np.isnan(x).sum(), np.isinf(x).sum(), (x == 0).sum())"


def files(folder):
    rng = np.random.default_rng(0)
    small = {f"layer{i}/weight": rng.normal(size=(8, 8)) for i in range(10_000)}
    np.savez(folder / "many.npz", **small)
    np.savez_compressed(folder / "many compressed.npz", **small)
    x = rng.normal(size=1 << 27)
    np.savez(folder / "f8.npz", x=x)
    np.savez(folder / "f4.npz", x=np.tile(x.astype("f4"), 2))
    x[12345] += 1
    np.savez(folder / "f8 again.npz", x=x)


def cases(folder):
    def npz(command, *names):
        return [NPZ, command, *[folder / f"{name}.npz" for name in names]]

    def python(code, **names):
        return [sys.executable, "-c", code.format(**{key: str(folder / f"{name}.npz") for key, name in names.items()})]

    equal = LOAD + "; y = np.load({y!r})['x']; print(np.array_equal(x, y))"
    return {
        "10,000 members: npz ls": npz("ls", "many"),
        "10,000 members, compressed: npz ls": npz("ls", "many compressed"),
        "1 GiB: npz ls": npz("ls", "f8"),
        "1 GiB: npz show": npz("show", "f8"),
        "1 GiB: npz verify": npz("verify", "f8"),
        "1 GiB of f8: np.load": python(LOAD, x="f8"),
        "1 GiB of f8: npz stat": npz("stat", "f8"),
        "1 GiB of f8: the same in NumPy": python(LOAD + FIGURES, x="f8"),
        "1 GiB of f4: np.load": python(LOAD, x="f4"),
        "1 GiB of f4: npz stat": npz("stat", "f4"),
        "1 GiB of f4: the same in NumPy": python(LOAD + FIGURES, x="f4"),
        "2 x 1 GiB: npz diff": npz("diff", "f8", "f8 again"),
        "2 x 1 GiB: np.array_equal": python(equal, x="f8", y="f8 again"),
    }


def main(folder):
    files(folder)
    what = lambda case: case[0].partition(":")[0]
    for _, beside_each_other in itertools.groupby(cases(folder).items(), what):
        beside_each_other = dict(beside_each_other)
        times = {name: [] for name in beside_each_other}
        for _ in range(5):
            for name, command in beside_each_other.items():
                start = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL)
                times[name].append(time.perf_counter() - start)
        for name, seconds in times.items():
            print(f"{name:<40} {statistics.median(seconds):.3f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        main(Path(folder))
