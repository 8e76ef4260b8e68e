"""Weights for the ONNX goldens, and what they keep of a network's results.

All values are a few small multiples of powers of two, drawn by the rule of seeded.py, so that a file compresses to a
tenth; where an exporter folds batch norms, their scales are powers of two, and folding keeps it so.
"""
import gzip
import math

import numpy as np
import seeded

FOLDER = seeded.GOLDEN / "onnx"


def coarse(name, kind, shape, epsilon=None):
    """`kind` is our name of the weight; with an epsilon, the batch norm's root is 1."""
    u = seeded.uniform(f"onnx:{name}", math.prod(shape)).reshape(shape)
    if kind == "kernel":
        # Levels -3 to 3 in steps whose power of two comes closest to He's variance.
        return (np.round(u * 6) - 3) * 2.0 ** round(math.log2(math.sqrt(2 / fan_in(shape)) / 1.9))
    if kind == "gamma":
        return 2.0 ** (np.round(u) - 1) if epsilon else 0.5 + np.round(u * 16) / 16
    if kind == "moving_variance":
        return np.full(shape, 1 - epsilon) if epsilon else 0.5 + np.round(u * 16) / 16
    return np.round(u * 16) / 16 - 0.5


def fan_in(shape):
    """Of kernels in PyTorch's layouts, where outputs come first."""
    return math.prod(shape[1:])


def store(name, data):
    FOLDER.mkdir(exist_ok=True)
    packed = gzip.compress(data, 9, mtime=0)
    (FOLDER / f"{name}.onnx.gz").write_bytes(packed)
    print(name, len(data), "bytes, packed", len(packed))
