"""Weights, pictures and summaries shared by the golden scripts; test/oracles/seeded.ts repeats the rules.

A tensor named `n` is drawn by mulberry32 from the FNV-1a hash of `<SEED>:<n>`, row-major, in our layouts
(kernels HWIO, pictures NHWC), so that goldens need not hold weights.
"""
import json
import math
import pathlib

import numpy as np

SEED = 7
GOLDEN = pathlib.Path(__file__).resolve().parent.parent

# Width multipliers whose parameter counts are compared: the published ones and some at which rounding is delicate.
ALPHAS = [0.1, 0.2, 0.25, 0.35, 0.5, 0.56, 0.6, 0.75, 0.9, 1, 1.1, 1.25, 1.3, 1.4, 2, 2.5]


def fnv1a(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniform(name, count):
    """Numbers from 0 to below 1 (float64). Mulberry32's state is seed + i * step, so all of them come at once."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x6D2B79F5)
    s = (steps + np.uint64(fnv1a(f"{SEED}:{name}"))).astype(np.uint32)
    t = (s ^ (s >> 15)) * (s | 1)
    t ^= t + (t ^ (t >> 7)) * (t | 61)
    return (t ^ (t >> 14)) / 2**32


def parameter(layer, weight, shape):
    """Kernels He-uniform, batch norm's parameters all random.

    Kernels that widen get half the variance: in V2 and V3 no activation halved it before them.
    """
    u = uniform(f"{layer}/{weight}", math.prod(shape)).reshape(shape)
    if weight in ("kernel", "depthwise_kernel"):
        fan_in = math.prod(shape[:2] if weight == "depthwise_kernel" else shape[:-1])
        widens = weight == "kernel" and shape[-1] > shape[-2]
        values = (2 * u - 1) * math.sqrt((3 if widens else 6) / fan_in)
    elif weight in ("gamma", "moving_variance"):
        values = 0.5 + u
    else:
        values = u - 0.5
    return values.astype(np.float32)


def pictures(shape, low, high):
    u = uniform("input", math.prod(shape)).reshape(shape)
    return (low + (high - low) * u).astype(np.float32)


def summary(values):
    """Of a whole tensor: size, mean, root mean square, largest magnitude, and some values all over it."""
    flat = np.asarray(values, np.float64).ravel()
    # A prime step visits other channels, rows and columns each time.
    samples = [flat[i * 7919 % flat.size] for i in range(min(24, flat.size))]
    # A layer that is dead or drowns in its own saturation would test nothing.
    largest = np.abs(flat).max()
    assert flat.std() > 0.01 * largest and largest < 1e3, (flat.std(), largest)
    numbers = {"mean": flat.mean(), "rms": math.sqrt((flat**2).mean()), "largest": largest}
    return {
        "size": flat.size,
        **{name: rounded(value) for name, value in numbers.items()},
        "samples": [rounded(value) for value in samples],
    }


def rounded(value):
    return float(f"{value:.7g}")


def write(name, made, **parts):
    """JSON with a line for each entry of each part, so that a change shows as a line."""

    def entries(part):
        if isinstance(part, list):
            return "[\n" + ",\n".join(json.dumps(x, separators=(",", ":")) for x in part) + "\n]"
        lines = (json.dumps(k) + ":" + json.dumps(v, separators=(",", ":")) for k, v in part.items())
        return "{\n" + ",\n".join(lines) + "\n}"

    body = ",\n".join(f"{json.dumps(k)}:{entries(v)}" for k, v in parts.items())
    (GOLDEN / name).write_text(f'{{"made":{json.dumps(made)},\n"seed":{SEED},\n{body}}}\n')
