"""Small .npy files as NumPy writes them, and what they hold, for the reader in packages/mobilenets/src/search.

    python3 test/golden/make/npy_files.py

Writes test/golden/npy/*.npy and test/golden/npy/expected.json. NumPy alone is needed; made with 1.24.2. The numbers are the
same in every file that can hold them, so there is no seed.
"""

import json
import pathlib
import warnings

import numpy as np
from numpy.lib import format as npy

OUT = pathlib.Path(__file__).resolve().parent.parent / "npy"

FLOATS = np.array([[0.0, -1.5, 0.1], [65504.0, 6e-8, -3.25]])
"""Halves and singles round the third; the fourth and fifth are the ends of float16's range."""
BYTES = np.array([[0, 1, 127], [-128, -1, 5]])

READ = {
    "f4": FLOATS.astype("<f4"),
    "f2": FLOATS.astype("<f2"),
    "f8": np.array([[0.0, -1.5, 0.1], [1e-300, 1e300, np.pi]], "<f8"),
    "i1": BYTES.astype("|i1"),
    "u1": (BYTES % 256).astype("|u1"),
    "not-finite": np.array([np.nan, np.inf, -np.inf], "<f4"),
    "scalar": np.array(2.5, "<f4"),
    "vector": np.array([1.0, 2.0, 3.0], "<f4"),
    "maps": np.arange(24, dtype="<f4").reshape(2, 3, 2, 2),
    "no-rows": np.zeros((0, 5), "<f4"),
}

REFUSED = {
    "fortran": np.asfortranarray(FLOATS.astype("<f4")),
    "big-endian": FLOATS.astype(">f4"),
    "i8": BYTES.astype("<i8"),
    "bool": BYTES > 0,
    "complex": FLOATS.astype("<c8"),
    "text": np.array(["cat", "dog"]),
    "records": np.array([(1.0, 2)], dtype=[("score", "<f4"), ("count", "<i4", (2, 3))]),
    "objects": np.array([{"a": 1}, None], dtype=object),
}


def save(name, array, version=None):
    with open(OUT / f"{name}.npy", "wb") as file, warnings.catch_warnings():
        # It would rather have 1.0 where 1.0 is enough.
        warnings.simplefilter("ignore", UserWarning)
        npy.write_array(file, array, version=version)


def values(array):
    """As float32, which the reader gives; what JSON has no number for as text."""
    with np.errstate(over="ignore"):
        singles = array.astype("<f4").reshape(-1)
    return [float(x) if np.isfinite(x) else str(float(x)) for x in singles]


def main():
    OUT.mkdir(exist_ok=True)
    files = {}
    for name, array in READ.items():
        save(name, array)
        files[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "values": values(array)}
    for version in [(2, 0), (3, 0)]:
        for name in ["f4", "f2"]:
            versioned = f"{name}-version-{version[0]}"
            save(versioned, READ[name], version)
            files[versioned] = files[name]
    for name, array in REFUSED.items():
        save(name, array)
    made_by = f"test/golden/make/npy_files.py, numpy {np.__version__}"
    text = json.dumps({"madeBy": made_by, "files": files, "refused": sorted(REFUSED)}, indent=1)
    (OUT / "expected.json").write_text(text + "\n")


main()
