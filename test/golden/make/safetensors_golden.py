"""Writes test/golden/safetensors/*: files of the real safetensors library, and the values numpy reads in them.

Made with Python 3.11.2, safetensors 0.8.0, numpy 1.24.2 (pip install safetensors numpy); seed 7.
Run from the project's root: python test/golden/make/safetensors_golden.py
"""
import json
import pathlib

import numpy as np
from safetensors import TensorSpec, serialize

out = pathlib.Path("test/golden/safetensors")
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(7)


def integers(dtype, shape):
    info = np.iinfo(dtype)
    values = rng.integers(info.min, info.max, shape, dtype, endpoint=True)
    values.flat[0], values.flat[-1] = info.min, info.max
    return values


native = {
    "conv1/kernel": rng.standard_normal((3, 1, 2, 3)).astype("<f4"),
    "conv1/bias": rng.standard_normal(3).astype("<f4"),
    'größe "1"': rng.standard_normal(2).astype("<f8"),
    "scalar": np.array(-0.0, "<f4"),
    "empty": np.zeros((2, 0, 3), "<f4"),
    "i32": integers(np.int32, (2, 2)),
    "i16": integers(np.int16, (3,)),
    "u16": integers(np.uint16, (5,)),
    "i8": integers(np.int8, (7,)),
    "u8": integers(np.uint8, (1, 3)),
    "i64": integers(np.int64, (2,)),
}
f16 = np.array([0, -0.0, 1 / 3, 65504, 6e-8, -6.1e-5, np.inf, -2], "<f2")
# bfloat16 is the upper half of a float32.
bf16_bits = (np.array([1, -np.pi, 1e38, 1e-40, -np.inf, 0.1], "<f4").view("<u4") >> 16).astype("<u2").reshape(2, 3)


def spec(array, dtype=None):
    return TensorSpec(
        dtype=dtype or array.dtype.name, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes
    )


half = {"f16": spec(f16), "bf16": spec(bf16_bits, "bfloat16"), "u8": spec(native["u8"])}
metadata = {"format": 'np "1"\n'}
(out / "native.safetensors").write_bytes(serialize({k: spec(v) for k, v in native.items()}, metadata))
(out / "half.safetensors").write_bytes(serialize(half, None))


def listed(array):
    # As float64, which holds the values of every other type.
    values = array.ravel() if array.dtype == np.int64 else array.ravel().astype("f8")
    return {"shape": list(array.shape), "values": [str(v).replace("inf", "Infinity") for v in values.tolist()]}


expected = {
    "native": {k: listed(v) for k, v in native.items()},
    "half": {
        "f16": listed(f16),
        "bf16": listed((bf16_bits.astype("<u4") << 16).view("<f4")),
        "u8": listed(native["u8"]),
    },
}
(out / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
