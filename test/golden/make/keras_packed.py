"""Writes Keras files that were packed anew, as zip tools and h5repack do, into test/golden/keras/packed.

Run from the project's root: KERAS_BACKEND=jax python test/golden/make/keras_packed.py
Needs keras, jax, h5py, numpy. A tiny model is saved by Keras; then its archive is compressed, and its HDF5 is written
again by h5py in chunks, shuffled and compressed by gzip. `chunks.h5` has datasets of many layouts, for the reader.
"""
import io
import json
import pathlib
import platform
import tempfile
import zipfile

import h5py
import keras
import numpy as np
import seeded

OUT = seeded.GOLDEN / "keras" / "packed"
PACKED = {"compression": "gzip", "compression_opts": 9, "shuffle": True}


def tiny():
    inputs = keras.Input((9, 8, 3))
    x = keras.layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.ReLU(6, name="relu")(x)
    x = keras.layers.DepthwiseConv2D(3, padding="same", name="deep")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(inputs, keras.layers.Dense(5, activation="softmax", name="classes")(x), name="tiny")
    model.set_weights([values(w, i) for i, w in enumerate(model.weights)])
    return model


def values(weight, i):
    """Multiples of 1/64 from 1/64 to 1 for variances, from -31/64 to 1/2 for others."""
    steps = (np.arange(np.prod(weight.shape), dtype=np.int64) * 37 + 11 * i) % 64 + 1
    return (steps.reshape(weight.shape).astype("float32") - (0 if "variance" in weight.path else 32)) / 64


def repack_h5(data):
    out = io.BytesIO()
    with h5py.File(io.BytesIO(data), "r") as old, h5py.File(out, "w") as new:
        copy(old, new)
    return out.getvalue()


def copy(old, new):
    for key, value in old.attrs.items():
        new.attrs[key] = value
    for name, member in old.items():
        if isinstance(member, h5py.Group):
            copy(member, new.create_group(name))
        elif member.shape == ():
            new[name] = member[()]
        else:
            new.create_dataset(name, data=member[()], **PACKED)


def repack_zip(data):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(zipfile.ZipInfo(info.filename), old.read(info), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def chunks(path):
    """Numbers that count up, in every layout the reader knows, and in some it refuses."""

    def counting(*shape, dtype="float32"):
        return np.arange(np.prod(shape), dtype="float32").reshape(shape).astype(dtype)

    with h5py.File(path, "w") as file:
        file.create_dataset("plain", data=counting(5, 7), chunks=(2, 3))
        file.create_dataset("gzip", data=counting(5, 7), chunks=(2, 3), compression="gzip")
        file.create_dataset("shuffled", data=counting(3, 3, 4, 5), chunks=(2, 3, 3, 5), **PACKED)
        file.create_dataset("one", data=counting(6), chunks=(6,), **PACKED)
        file.create_dataset("half", data=counting(4, 4, dtype="float16"), chunks=(3, 3), **PACKED)
        file.create_dataset("double", data=counting(4, 4, dtype="float64"), chunks=(3, 3), **PACKED)
        # More than a node of the index holds.
        file.create_dataset("many", data=counting(300), chunks=(1,))
        # A chunk that the filter could not shrink is stored without it.
        noise = np.random.default_rng(seeded.SEED).integers(0, 2**32, 16, dtype="uint32")
        file.create_dataset("noise", data=(noise % 2**24).astype("float32"), chunks=(16,), compression="gzip")
        file.create_dataset("growing", data=counting(4), maxshape=(None,), chunks=(3,))
        file.create_dataset("unwritten", shape=(4,), dtype="float32", chunks=(2,))
        file.create_dataset("checked", data=counting(4), chunks=(2,), fletcher32=True)
        file.create_dataset("lzf", data=counting(4), chunks=(4,), compression="lzf")


def narrow(path):
    """As many numbers of 16 and of 8 bits as a reader leaves in the file until they are wanted; 32 bits beside them."""
    numbers = np.arange(8192) % 64 - 32
    with h5py.File(path, "w") as file:
        for dtype in ["float16", "float32", "int8"]:
            file.create_dataset(dtype, data=numbers.astype(dtype).reshape(64, 128), chunks=(64, 128), **PACKED)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    model = tiny()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in ["tiny.keras", "tiny.h5"]:
            model.save(folder / name)
        archive = (folder / "tiny.keras").read_bytes()
        whole = (folder / "tiny.h5").read_bytes()
    (OUT / "tiny.keras").write_bytes(archive)
    (OUT / "deflated.keras").write_bytes(repack_zip(archive))
    (OUT / "gzip.h5").write_bytes(repack_h5(whole))
    chunks(OUT / "chunks.h5")
    narrow(OUT / "narrow.h5")
    for libver in ["v110", "latest"]:
        with h5py.File(OUT / f"{libver}.h5", "w", libver=libver) as file:
            file.create_dataset("gzip", data=np.arange(6, dtype="float32"), chunks=(4,), compression="gzip")
    x = seeded.pictures((1, 9, 8, 3), 0, 1)
    made = {
        "by": "test/golden/make/keras_packed.py",
        "python": platform.python_version(),
        "keras": keras.__version__,
        "h5py": h5py.__version__,
        "hdf5": h5py.version.hdf5_version,
        "numpy": np.__version__,
    }
    probabilities = [seeded.rounded(v) for v in model.predict(x, verbose=0)[0].tolist()]
    (OUT / "expected.json").write_text(json.dumps({"made": made, "seed": seeded.SEED, "probabilities": probabilities}) + "\n")


main()
