"""Writes test/golden/keras/article-sizes.json: the article's networks in real Keras at three sizes of pictures, V1 with depth
multipliers 1 and 2, V2, V3-small at alphas 0.5, 0.75, 1 and 2, and alphas at which the article's own code fails; and the
files of those that keras_files.py does not write, whole and weights alone, in test/golden/keras/*.br.

Run from the project's root: python test/golden/make/article_sizes.py (needs keras 3 with any backend, numpy, h5py; and node
for Brotli). With `--full DIR` it writes a whole file for each size, unpacked, and its outputs, into DIR.
"""
import argparse
import json
import pathlib
import platform
import subprocess
import tempfile

import article_networks
import h5py
import keras
import numpy as np
import seeded
from heads_pack import BROTLI, coarse
from keras.src.legacy.saving import legacy_h5_format

V1, V2, SMALL = "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small"
SIZES = [(96, 96), (97, 131), (160, 128)]
WHOLE, STORE, LEGACY = FILES = ["model.keras", "model.weights.h5", "weights.h5"]

# Name, network, what its function takes, and what ours calls that; whether keras_files.py writes its files.
CASES = [
    ("article-v1", V1, {}, {}, True),
    ("article-v1-depth-2", V1, {"depth_multiplier": 2}, {"depthMultiplier": 2}, False),
    ("article-v2", V2, {}, {}, True),
    ("article-v3-small", SMALL, {}, {}, True),
    *((f"article-v3-small-{a}", SMALL, {"alpha": a}, {"alpha": a}, False) for a in [0.5, 0.75, 2]),
]
FAILS = [0.03, 1.2, 1.21]


def build(network, size, kwargs):
    keras.backend.clear_session()  # automatic names start anew
    return getattr(article_networks, network)((*size, 3), classes=3, **kwargs)


def power_of_two(x):
    return 2.0 ** round(np.log2(x))


def fill(model):
    """Coarse numbers, so that files pack well; norms undo what kernels grow by."""
    layers = [layer for layer in model.layers if layer.weights]
    variance = 1.0
    for layer, following in zip(layers, [*layers[1:], None]):
        for variable in layer.weights:
            name, shape = variable.name, tuple(variable.shape)
            value = coarse(f"{layer.name}/{name}", shape)
            if name == "kernel":
                depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
                fan_in = np.prod(shape[:2] if depthwise else shape[:-1])
                if isinstance(following, keras.layers.BatchNormalization):
                    variance = power_of_two(fan_in / 3)
                else:
                    value = value / power_of_two(np.sqrt(fan_in))
            elif name == "gamma":
                value = 1 + value / 2
            elif name == "moving_variance":
                value = variance * (1 + value / 2)
            else:
                value = value / 2
            variable.assign(value)


def save(model, folder):
    model.save(folder / WHOLE)
    model.save_weights(folder / STORE)
    with h5py.File(folder / LEGACY, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


UNPACK = 'process.stdout.write(require("node:zlib").brotliDecompressSync(require("node:fs").readFileSync(0)))'


def node(script, data):
    return subprocess.run(["node", "-e", script], input=data, stdout=subprocess.PIPE, check=True).stdout


def unpacked(name, folder):
    """A file of weights that keras_files.py has packed."""
    cases = json.loads((seeded.GOLDEN / "keras" / "files.json").read_text())["cases"]
    files = next(case["files"] for case in cases if case["name"] == name)
    data = node(UNPACK, (seeded.GOLDEN / "keras" / f"{name}.br").read_bytes())
    at = 0
    for file, size in files:
        (folder / file).write_bytes(data[at : at + size])
        at += size
    return [[file, size] for file, size in files]


def case(name, network, kwargs, options, packed, full):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if packed:
            files = unpacked(name, folder)
        else:
            model = build(network, SIZES[1], kwargs)
            fill(model)
            save(model, folder)
            files = [[file, (folder / file).stat().st_size] for file in FILES]
            data = node(BROTLI, b"".join((folder / file).read_bytes() for file in FILES))
            (seeded.GOLDEN / "keras" / f"{name}.br").write_bytes(data)
            print(name, len(data), flush=True)
        sizes = []
        for size in SIZES:
            model = build(network, size, kwargs)
            model.load_weights(folder / STORE)
            x = seeded.pictures((1, *size, 3), -1, 1)
            outputs = model.predict(x, verbose=0)
            sizes.append({"inputShape": [*size, 3], "outputs": seeded.summary(outputs)})
            if full:
                model.save(full / f"{name}-{size[0]}x{size[1]}.keras")
    return {"name": name, "network": network, "options": {"classes": 3, **options}, "files": files, "sizes": sizes}


def fails(alpha):
    try:
        build(SMALL, SIZES[0], {"alpha": alpha})
    except ValueError:
        return True
    return False


parser = argparse.ArgumentParser()
parser.add_argument("--full", metavar="DIR", type=pathlib.Path)
full = parser.parse_args().full
made = {
    "by": "test/golden/make/article_sizes.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "backend": keras.backend.backend(),
    "numpy": np.__version__,
}
cases = [case(*c, full) for c in CASES]
assert all(fails(alpha) for alpha in FAILS)
seeded.write("keras/article-sizes.json", made, cases=cases, fails=FAILS)
