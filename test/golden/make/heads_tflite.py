"""Writes test/golden/heads/tflite.json and its .br files: small models with the layers that no MobileNet has, as TensorFlow's
converter writes them in floats and in 8 bits, and what TensorFlow Lite computes with them.

Run from the project's root: python test/golden/make/heads_tflite.py (needs tensorflow with Keras 3, numpy; and node for
Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NHWC.
"""
import pathlib
import platform
import tempfile

import keras
import numpy as np
import seeded
import tensorflow as tf
from heads_pack import coarse, golden_case, pattern
from keras import layers as L

SIZE = (1, 32, 32, 3)


def stem():
    inputs = keras.Input(SIZE[1:])
    return inputs, L.Conv2D(8, 3, strides=2, padding="same", activation="relu6")(inputs)


def activations():
    inputs, x = stem()
    x = L.GlobalAveragePooling2D()(x)
    for bend in [L.LeakyReLU(0.1), "elu", "tanh", "gelu", "silu", "hard_silu", lambda v: keras.ops.gelu(v, approximate=True)]:
        x = L.Dense(8)(x)
        x = L.Activation(bend)(x) if not isinstance(bend, L.Layer) else bend(x)
    return keras.Model(inputs, L.Dense(3, activation="softmax")(x))


def maps():
    inputs = keras.Input(SIZE[1:])
    x = L.Resizing(40, 36)(inputs)
    x = L.CenterCrop(32, 28)(x)
    x = L.Conv2D(8, 3, strides=2, padding="same", activation="relu6")(x)
    a = L.MaxPooling2D(3, 2, padding="same")(x)
    b = L.AveragePooling2D(3, 2, padding="same")(x)
    x = L.Concatenate()([a, b])
    x = L.Resizing(15, 13, interpolation="nearest")(x)
    x = L.AveragePooling2D(2)(x)
    return keras.Model(inputs, L.Dense(3)(L.GlobalMaxPooling2D()(x)))


def fill(model):
    for layer in model.layers:
        for variable in layer.weights:
            shape = tuple(variable.shape)
            value = coarse(f"{layer.name}/{variable.name}", shape)
            if variable.name == "kernel":
                value = value * 2 / np.sqrt(np.prod(shape[:-1]))
            elif variable.name == "gamma":
                value = 1 + value / 2
            variable.assign(value)
    return model


def convert(model, path, int8=False):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([np.roll(pattern(SIZE), i * 17)] for i in range(6))
    path.write_bytes(converter.convert())
    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pattern(SIZE))
    interpreter.invoke()
    ops = {op["op_name"] for op in interpreter._get_ops_details()}
    print(sorted(ops), flush=True)
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel().tolist()


cases = []
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "model.tflite"
    for build in (activations, maps):
        keras.backend.clear_session()
        model = fill(build())
        name = f"tflite-{build.__name__}"
        cases.append(golden_case(name, path, convert(model, path), {}))
        cases.append(golden_case(f"{name}-int8", path, convert(model, path, True), {}, tolerance=0.05))

made = {
    "by": "test/golden/make/heads_tflite.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "tensorflow": tf.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/tflite.json", made, cases=cases)
