"""Writes test/golden/heads/keras-siblings.json and its .br files: small Keras models of kinds that heads_keras.py has others
of, and what Keras computes with them.

Run from the project's root: python test/golden/make/siblings_keras.py (needs keras 3, tensorflow, numpy; and node for
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
from heads_pack import coarse, golden_case, pattern
from keras import ops

L = keras.layers
SHAPE = (12, 12, 3)


def fill(model):
    for variable in model.variables:
        shape = tuple(variable.shape)
        if not np.issubdtype(np.dtype(variable.dtype), np.floating):
            continue
        name = variable.path.split("/")[-1]
        value = coarse(variable.path.split("/", 1)[-1], shape)
        if name in ("kernel", "depthwise_kernel"):
            fan_in = np.prod(shape[:2]) if "depthwise" in variable.path or "conv_dw" in variable.path else np.prod(shape[:-1])
            value = value * 2 / np.sqrt(fan_in)
        elif name in ("gamma", "moving_variance"):
            value = 1 + value / 2
        else:
            value = value / 2
        variable.assign(value)
    return model


def functional(f):
    x = keras.Input(SHAPE)
    return keras.Model(x, f(x))


def conv(x):
    return L.Conv2D(6, 3, strides=2, padding="same")(x)


def functions(x):
    """Functions of keras.ops and operators, which a config has as layers."""
    x = ops.image.resize(ops.cast(x, "float32"), (10, 10))
    x = conv((1.0 - x) * 0.5)
    y = L.Dense(8)(ops.mean(ops.relu6(x), axis=[1, 2]))
    z = L.Dense(8)(ops.max(-x, axis=(1, 2)))
    y = ops.normalize(y * ops.sigmoid(y)) + ops.clip(z, -0.5, 1.5)
    return L.Dense(3)(ops.reshape(ops.gelu(y), (-1, 8)))


def per_channel(x):
    mean, deviation = np.array([0.1, 0.2, 0.3], "float32"), np.array([0.5, 0.6, 0.7], "float32")
    x = L.Rescaling([0.5, 1.5, 2.5], offset=[-0.1, 0.2, 0.4])((x - mean) / deviation)
    return L.Dense(3)(L.GlobalAveragePooling2D()(conv(L.UpSampling2D(2, interpolation="bilinear")(x))))


def slopes(x):
    x = L.PReLU(shared_axes=[1, 2])(conv(x))
    a, b = L.Dense(8)(L.GlobalAveragePooling2D()(x)), L.Dense(8)(L.GlobalMaxPooling2D()(L.UpSampling2D((1, 3))(x)))
    return L.Dense(3)(L.PReLU()(L.Minimum()([a, b])))


def other_activations(x):
    x = L.Activation("hard_tanh")(conv(x))
    x = L.Dense(8, activation="soft_shrink")(L.GlobalAveragePooling2D()(L.Activation("log_sigmoid")(x)))
    x = L.Dense(8, activation="tanh_shrink")(L.Dense(8, activation="hard_shrink")(x))
    # Keras takes the shape of a glu for that of its input: nothing can follow it.
    return L.Activation("glu")(L.Dense(6, activation="sparse_plus")(L.Dense(8, activation="squareplus")(x)))


def thresholds(x):
    x = L.ReLU(threshold=0.25, negative_slope=0.125)(conv(x))
    y = ops.hard_shrink(L.Dense(8)(L.GlobalAveragePooling2D()(x)), threshold=0.25)
    return L.Dense(3)(ops.squareplus(L.Dense(8)(L.ReLU(threshold=0.125)(y)), b=2.0) + ops.tanh_shrink(y))


class Own(keras.Model):
    """What a config does not describe."""

    def __init__(self):
        super().__init__()
        self.backbone = keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.05, include_top=False, weights=None)
        self.pool = L.GlobalAveragePooling2D()
        self.head = keras.Sequential([L.Dense(8, activation="relu"), L.Dropout(0.1)])
        self.top = L.Dense(3)

    def call(self, x):
        return self.top(self.head(self.pool(self.backbone(x))))


def of_own_class():
    model = Own()
    model(np.zeros((1, 32, 32, 3), "float32"))
    return model


def two_results(x):
    features = L.GlobalAveragePooling2D()(conv(x))
    species = L.Dense(3, activation="softmax", name="species")(L.Dense(4, activation="gelu")(features))
    return {"species": species, "age": L.Dense(1, name="age")(L.PReLU()(L.Dense(2)(features)))}


def front(*layers):
    base = keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.05, include_top=False, weights=None)
    return keras.Sequential([keras.Input((32, 32, 3)), *layers, base, L.GlobalAveragePooling2D(), L.Dense(3)])


cases = []


def add(name, model, file="model.keras", result=None, options=None, of=None, shape=None):
    fill(model)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / file
        model.save_weights(path) if file.endswith(".weights.h5") else model.save(path)
        y = (of or model).predict(pattern((1, *(shape or model.input_shape[1:]))), verbose=0)
        y = y[result] if isinstance(y, dict) else y
        cases.append(golden_case(f"sibling-{name}", path, y.ravel().tolist(), options or {}))


NETS = [("functions", functions), ("per-channel", per_channel), ("slopes", slopes)]
NETS += [("other-activations", other_activations), ("thresholds", thresholds)]
for name, build in NETS:
    keras.backend.clear_session()
    add(name, functional(build))
add("first-result", functional(two_results), result="species")
keras.backend.clear_session()
add("named-result", functional(two_results), result="age", options={"output": "age"})
keras.backend.clear_session()
# What stands in front is in no file of weights: the numbers are those without it, and a note says so.
told = {"inputShape": [32, 32, 3], "classifierActivation": "linear"}
whole = front(L.Rescaling(1 / 255))
add("rescaled-weights", whole, "model.weights.h5", options=told, of=keras.Sequential([keras.Input((32, 32, 3)), *whole.layers[1:]]))
keras.backend.clear_session()
add("own-class-weights", of_own_class(), "model.weights.h5", options=told, shape=(32, 32, 3))

made = {
    "by": "test/golden/make/siblings_keras.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/keras-siblings.json", made, cases=cases)
