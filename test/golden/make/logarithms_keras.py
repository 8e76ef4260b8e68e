"""Writes test/golden/heads/logarithms-keras.json and its .br files: small Keras models that end in logarithms of probabilities,
as Keras saves them and as TensorFlow's converter writes them for TensorFlow Lite, and what these compute.

Run from the project's root: python test/golden/make/logarithms_keras.py (needs tensorflow with Keras 3, numpy; and node for
Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NHWC.
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import pathlib
import platform
import tempfile

import keras
import numpy as np
import seeded
import tensorflow as tf
from heads_pack import coarse, golden_case, pattern
from keras import ops

L = keras.layers
SHAPE = (12, 12, 3)


def fill(model):
    for variable in model.variables:
        value = coarse(variable.path.split("/", 1)[-1], tuple(variable.shape))
        variable.assign(value * 2 / np.sqrt(np.prod(variable.shape[:-1])) if variable.path.endswith("kernel") else value / 2)
    return model


def head(*layers):
    stem = [L.Conv2D(6, 3, strides=2, activation="relu"), L.GlobalAveragePooling2D()]
    return keras.Sequential([keras.Input(SHAPE), *stem, *layers])


def functions():
    """Functions of keras.ops, on a map and behind the classifier."""
    x = keras.Input(SHAPE)
    y = ops.log_softmax(L.Conv2D(6, 3, strides=2)(x))
    y = L.GlobalAveragePooling2D()(ops.log(ops.softplus(y)))
    return keras.Model(x, ops.log_softmax(L.Dense(4)(y), axis=-1))


def log_of_softmax():
    x = keras.Input(SHAPE)
    y = L.GlobalAveragePooling2D()(L.Conv2D(6, 3, activation="relu")(x))
    return keras.Model(x, ops.log(L.Dense(4, activation="softmax")(y)))


MODELS = {
    "dense": lambda: head(L.Dense(4, activation="log_softmax")),
    "activation": lambda: head(L.Dense(4), L.Activation("log_softmax")),
    "functions": functions,
    "log-of-softmax": log_of_softmax,
}
SHAPE_OF_ONE = (1, *SHAPE)
cases = []


def add(name, path, y):
    cases.append(golden_case(f"logarithms-{name}", path, y.ravel().tolist(), {}))


def lite(model, path, name):
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pattern(SHAPE_OF_ONE))
    interpreter.invoke()
    print(sorted({op["op_name"] for op in interpreter._get_ops_details()}), flush=True)
    add(name, path, interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


for name, build in MODELS.items():
    keras.backend.clear_session()
    model = fill(build())
    y = model.predict(pattern(SHAPE_OF_ONE), verbose=0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for file in ("model.keras", "model.h5"):
            # Keras' own reader cannot read functions of keras.ops from .h5.
            if file == "model.h5" and name not in ("dense", "activation"):
                continue
            model.save(folder / file)
            add(f"{file.split('.')[1]}-{name}", folder / file, y)
        lite(model, folder / "model.tflite", f"tflite-{name}")

made = {
    "by": "test/golden/make/logarithms_keras.py",
    "python": platform.python_version(),
    "tensorflow": tf.__version__,
    "keras": keras.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/logarithms-keras.json", made, cases=cases)
