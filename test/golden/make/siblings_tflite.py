"""Writes test/golden/heads/tflite-siblings.json and its .br files: norms of rows, and other layers that TensorFlow writes out
in arithmetic, as its converter writes them for TensorFlow Lite and, through tensorflowjs, as graph models; a model of
several results. What TensorFlow Lite, and Keras, compute with them.

Run from the project's root: python test/golden/make/siblings_tflite.py (needs tensorflow with Keras 3, numpy, and the contents
of the wheel of tensorflowjs 4.22 on PYTHONPATH; and node for Brotli). Its converter imports jax, flax and more without using them
here: empty modules of these names do. The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NHWC.
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
import tensorflow as tf  # noqa: E402
from heads_pack import coarse, golden_case, pattern  # noqa: E402
from keras import layers as L  # noqa: E402

for name in ("jax", "jax.experimental", "jax.experimental.jax2tf", "flax", "tensorflow_decision_forests", "tensorflow_hub", "tf_keras"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

from tensorflowjs.converters import tf_saved_model_conversion_v2 as graphs  # noqa: E402

SIZE = (1, 16, 16, 3)


def model(*layers):
    stem = [L.Conv2D(8, 3, strides=2, padding="same", activation="relu6")]
    return keras.Sequential([keras.Input(SIZE[1:]), *stem, *layers])


def pooled(*layers):
    return model(L.GlobalAveragePooling2D(), *layers)


def bounded():
    x = keras.Input(SIZE[1:])
    features = L.GlobalAveragePooling2D()(L.Conv2D(6, 3)(x))
    both = [L.Dense(6)(features), L.ReLU(2.0)(L.Dense(6)(features))]
    return keras.Model(x, L.Dense(3)(L.Add()([L.Minimum()(both), L.Maximum()(both)])))


def results():
    x = keras.Input(SIZE[1:])
    features = L.GlobalAveragePooling2D()(L.Conv2D(6, 3)(x))
    return keras.Model(x, [L.Dense(3)(features), L.Dense(2)(features)])


def inception(x):
    return L.Concatenate()([L.MaxPooling2D(2, padding="same")(x), L.AveragePooling2D(2, padding="same")(x)])


def windows():
    x = keras.Input(SIZE[1:])
    y = inception(L.Conv2D(6, 3, activation=lambda x: keras.ops.clip(x, -1.0, 1.0))(L.ZeroPadding2D(((1, 2), (0, 3)))(x)))
    return keras.Model(x, L.Dense(3)(L.GlobalMaxPooling2D()(y)))


def gated():
    x = keras.Input(SIZE[1:])
    y = L.SeparableConv2D(8, 3, activation="hard_silu")(L.CenterCrop(14, 14)(L.Rescaling(0.5, offset=0.25)(x)))
    gate = L.Dense(8, activation="sigmoid")(L.Dense(2, activation="relu")(L.GlobalAveragePooling2D()(y)))
    y = L.Multiply()([y, L.Reshape((1, 1, 8))(gate)])
    return keras.Model(x, L.Dense(3, activation="softmax")(L.LeakyReLU(0.125)(L.Dense(8)(L.GlobalAveragePooling2D()(y)))))


MODELS = {
    "layer-norm": lambda: pooled(L.LayerNormalization(), L.Dense(8), L.LayerNormalization(center=False, epsilon=1e-5), L.Dense(3)),
    "layer-norm-map": lambda: model(L.LayerNormalization(scale=False), L.GlobalAveragePooling2D(), L.Dense(3)),
    "unit-norm": lambda: pooled(L.Dense(8), L.UnitNormalization()),
    "slopes": lambda: model(L.PReLU(shared_axes=[1, 2]), L.GlobalAveragePooling2D(), L.Dense(8), L.PReLU(), L.Dense(3)),
    "bounded": bounded,
    "results": results,
    "windows": windows,
    "gated": gated,
    "upsampled": lambda: model(L.UpSampling2D(2, interpolation="bilinear"), L.Cropping2D(1), L.GlobalAveragePooling2D(), L.Dense(3, activation="tanh")),
}


def fill(model):
    for variable in model.variables:
        shape = tuple(variable.shape)
        name = variable.path.split("/")[-1]
        value = coarse(variable.path.split("/", 1)[-1], shape)
        if name == "kernel":
            value = value * 2 / np.sqrt(np.prod(shape[:-1]))
        elif name == "gamma":
            value = 1 + value / 2
        else:
            value = value / 2
        variable.assign(value)
    return model


def convert(model, path):
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pattern(SIZE))
    interpreter.invoke()
    print(sorted({op["op_name"] for op in interpreter._get_ops_details()}), flush=True)
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel().tolist()


def export(model, folder, path):
    model.export(str(folder / "saved"), verbose=False)
    graphs.convert_tf_saved_model(str(folder / "saved"), str(folder / "web"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for part in sorted((folder / "web").iterdir()):
            file.write(part, part.name)
    y = model.predict(pattern(SIZE), verbose=0)
    return (y[0] if isinstance(y, list) else y).ravel().tolist()


cases = []
for name, build in MODELS.items():
    keras.backend.clear_session()
    made = fill(build())
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        cases.append(golden_case(f"sibling-tflite-{name}", folder / "model.tflite", convert(made, folder / "model.tflite"), {}))
        y = export(made, folder, folder / "model.zip")
        cases.append(golden_case(f"sibling-graph-{name}", folder / "model.zip", y, {}))

about = {
    "by": "test/golden/make/siblings_tflite.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "tensorflow": tf.__version__,
    "tensorflowjs": "4.22.0",
    "numpy": np.__version__,
}
seeded.write("heads/tflite-siblings.json", about, cases=cases)
