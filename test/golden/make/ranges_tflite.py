"""Writes test/golden/heads/tflite-ranges.json and its .br files: models of 8 bits whose tensors end at their ranges, as
TensorFlow's converter makes them, and what TensorFlow Lite computes with them. It gives joined tensors the range of one of them;
and a model that was calibrated with faint pictures cuts off what others make.

Run from the project's root: python test/golden/make/ranges_tflite.py (needs tensorflow with Keras 3, numpy; and node for
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


def vectors():
    inputs, x = stem()
    x = L.GlobalAveragePooling2D()(x)
    joined = [L.Dense(4)(x), L.Dense(4, activation="tanh")(x), L.Dense(4)(L.Dense(4, activation="relu")(x))]
    return keras.Model(inputs, L.Dense(3)(L.Concatenate()(joined)))


def maps():
    inputs, x = stem()
    joined = [L.MaxPooling2D(2)(x), L.AveragePooling2D(2)(L.Conv2D(4, 3, padding="same")(x))]
    return keras.Model(inputs, L.Dense(3)(L.GlobalAveragePooling2D()(L.Concatenate()(joined))))


def limits():
    inputs, x = stem()
    x = L.GlobalAveragePooling2D()(x)
    both = [L.Dense(6)(x), L.ReLU(2.0)(L.Dense(6)(x))]
    return keras.Model(inputs, L.Dense(3)(L.Add()([L.Minimum()(both), L.Maximum()(both)])))


def residual():
    inputs, x = stem()
    x = L.Add()([x, L.Conv2D(8, 3, padding="same")(x)])
    return keras.Model(inputs, L.Dense(3, activation="softmax")(L.GlobalMaxPooling2D()(x)))


def fill(model):
    for layer in model.layers:
        for variable in layer.weights:
            shape = tuple(variable.shape)
            value = coarse(f"{layer.name}/{variable.name}", shape)
            variable.assign(value * 2 / np.sqrt(np.prod(shape[:-1])) if variable.name == "kernel" else value)
    return model


def convert(model, path, light):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([np.roll(pattern(SIZE), i * 17) * np.float32(light)] for i in range(6))
    path.write_bytes(converter.convert())
    # Without XNNPACK, which refuses a TANH of such a range.
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = tf.lite.Interpreter(str(path), experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pattern(SIZE))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel().tolist()


cases = []
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "model.tflite"
    for build in (vectors, maps, limits, residual):
        for kind, light in {"int8": 1, "faint": 0.3}.items():
            keras.backend.clear_session()
            outputs = convert(fill(build()), path, light)
            cases.append(golden_case(f"tflite-ranges-{build.__name__}-{kind}", path, outputs, {}, tolerance=0.02))

made = {
    "by": "test/golden/make/ranges_tflite.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "tensorflow": tf.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/tflite-ranges.json", made, cases=cases)
