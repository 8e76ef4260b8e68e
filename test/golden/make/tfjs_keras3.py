"""Writes test/golden/heads/tfjs-keras3.json and its .br files: layers models that tensorflowjs makes of files of Keras 3, of
`.keras` and of `.h5`, as zip archives; and what Keras computes with them.

Run from the project's root: python test/golden/make/tfjs_keras3.py (needs tensorflow with Keras 3, numpy, and the contents of
the wheel of tensorflowjs 4.22 on PYTHONPATH; and node for Brotli). Its converter imports jax, flax and more without using them
here: empty modules of these names do. The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NHWC, also for
models that rescale.
"""
import os
import pathlib
import platform
import sys
import tempfile
import types
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import seeded  # noqa: E402
from heads_pack import coarse, golden_case, pattern  # noqa: E402
from keras import layers as L  # noqa: E402

for name in ("jax", "jax.experimental", "jax.experimental.jax2tf", "flax", "tensorflow_decision_forests", "tensorflow_hub", "tf_keras"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

from tensorflowjs.converters import converter  # noqa: E402

SHAPE = (32, 32, 3)


def leaves(model):
    for layer in model.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else [layer]


def fill(model):
    for layer in leaves(model):
        for variable in layer.weights:
            shape = tuple(variable.shape)
            value = coarse(f"{layer.name}/{variable.name}", shape)
            if variable.name == "kernel":
                depthwise = isinstance(layer, L.DepthwiseConv2D)
                value = value * 2.0 ** round(np.log2(2 / np.sqrt(np.prod(shape[:2] if depthwise else shape[:-1]))))
            elif variable.name in ("gamma", "moving_variance"):
                value = 1 + value / 2
            else:
                value = value / 2
            variable.assign(value)
    return model


def v1():
    return keras.applications.MobileNet(input_shape=SHAPE, alpha=0.1, classes=3, weights=None)


def v2_leaky():
    base = keras.applications.MobileNetV2(input_shape=SHAPE, alpha=0.1, include_top=False, pooling="avg", weights=None)
    return keras.Model(base.input, L.Dense(3, activation="softmax")(L.LeakyReLU(0.1)(L.Dense(8)(base.output))))


def nested():
    base = keras.applications.MobileNetV2(input_shape=SHAPE, alpha=0.1, include_top=False, weights=None)
    head = [L.GlobalAveragePooling2D(), L.Dropout(0.2), L.Dense(8, activation="relu"), L.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input(SHAPE), L.Rescaling(1 / 127.5, offset=-1), base, *head])


def v3():
    return keras.applications.MobileNetV3Small(input_shape=SHAPE, alpha=0.1, classes=3, weights=None)


def headed(*layers):
    return keras.Sequential([keras.Input(SHAPE), L.Conv2D(6, 3, strides=2), L.BatchNormalization(), *layers, L.Dense(3)])


def activations():
    heads = [L.Dense(6, activation=name) for name in ("squareplus", "log_sigmoid", "hard_sigmoid", "soft_shrink", "celu")]
    return headed(L.Activation("hard_tanh"), L.GlobalAveragePooling2D(), *heads)


def thresholds():
    return headed(L.ReLU(threshold=0.25, negative_slope=0.125), L.GlobalAveragePooling2D(), L.Dense(6), L.ReLU(threshold=0.125))


def windows():
    crops = [L.Cropping2D(1), L.ZeroPadding2D(((1, 2), (0, 3)))]
    pools = [L.MaxPooling2D(2), L.SeparableConv2D(6, 3, activation="relu"), L.AveragePooling2D(2, padding="same")]
    return headed(*crops, *pools, L.PReLU(shared_axes=[1, 2]), L.GlobalMaxPooling2D(), L.LayerNormalization())


def archive(folder, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for part in sorted(folder.iterdir()):
            file.write(part, part.name)


cases = []
for build in (v1, v2_leaky, nested, v3, activations, thresholds, windows):
    for ending in ("keras", "h5"):
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        model = fill(build())
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            (folder / "in").mkdir()
            saved = folder / "in" / f"model.{ending}"
            model.save(saved)
            out = folder / "out"
            out.mkdir()
            if ending == "keras":
                converter.dispatch_keras_keras_to_tfjs_layers_model_conversion(str(saved), str(out))
            else:
                converter.dispatch_keras_h5_to_tfjs_layers_model_conversion(str(saved), str(out))
            archive(out, folder / "model.zip")
            y = model.predict(pattern((1, *SHAPE)), verbose=0).ravel().tolist()
            name = f"tfjs-{build.__name__.replace('_', '-')}-{ending}"
            cases.append(golden_case(name, folder / "model.zip", y, {}))

made = {
    "by": "test/golden/make/tfjs_keras3.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "tensorflowjs": "4.22.0",
    "numpy": np.__version__,
}
seeded.write("heads/tfjs-keras3.json", made, cases=cases)
