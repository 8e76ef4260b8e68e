"""Writes test/golden/onnx/keras_*.onnx.gz and keras.json: keras.applications' MobileNets as tf2onnx writes them, by
itself and through Keras' own `export`, and what Keras computes with them.

Run from the project's root: python test/golden/make/onnx_keras.py (needs keras 3, tensorflow, tf2onnx, onnx, numpy).
"""
import os
import pathlib
import platform
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import onnx
import seeded
import tensorflow as tf
import tf2onnx
from onnx_coarse import coarse, store

V1, V2, SMALL, LARGE = "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"
POOLED = "global_average_pooling2d"
APPLICATIONS = {
    V1: keras.applications.MobileNet,
    V2: keras.applications.MobileNetV2,
    SMALL: keras.applications.MobileNetV3Small,
    LARGE: keras.applications.MobileNetV3Large,
}
PIXELS = [0, 255]
SIGNED = [-1, 1]

# File, network, [height, width], our options, Keras' for the same, range of the input, operator set (None: Keras'
# export), inner layers.
CASES = [
    ("keras_v1", V1, [96, 64], {}, {}, SIGNED, 17, ["conv_dw_2_bn", "conv_pw_7_relu", "conv_pw_13_bn", POOLED]),
    (
        "keras_v2_logits",
        V2,
        [96, 96],
        {"classifierActivation": None},
        {"classifier_activation": None},
        SIGNED,
        None,
        ["Conv1_relu", "block_2_add", "out_relu", POOLED],
    ),
    (
        "keras_v3_small",
        SMALL,
        [96, 96],
        {"includePreprocessing": True},
        {},
        PIXELS,
        15,
        ["expanded_conv_squeeze_excite_mul", "expanded_conv_2_add", "conv_1_bn", POOLED],
    ),
    (
        "keras_v3_large_minimalistic",
        LARGE,
        [97, 65],
        {"minimalistic": True, "includePreprocessing": False},
        {"minimalistic": True, "include_preprocessing": False},
        SIGNED,
        17,
        ["expanded_conv_project_bn", "expanded_conv_4_add", "conv_1_bn", POOLED],
    ),
]
KINDS = {"depthwise_kernel": "kernel"}


def fill(model):
    for layer in model.layers:
        for variable in layer.weights:
            kind = KINDS.get(variable.name, variable.name)
            epsilon = getattr(layer, "epsilon", None)
            shape = tuple(variable.shape)
            if kind == "kernel":
                # Drawn in PyTorch's order, outputs first: a depthwise kernel is [kh, kw, c, 1] here.
                axes = [2, 3, 0, 1] if variable.name == "depthwise_kernel" else [len(shape) - 1, *range(len(shape) - 1)]
                turned = coarse(f"{layer.name}/kernel", kind, tuple(shape[a] for a in axes))
                variable.assign(turned.transpose(np.argsort(axes)))
            else:
                variable.assign(coarse(f"{layer.name}/{variable.name}", kind, shape, epsilon))


def export(model, opset):
    path = pathlib.Path(tempfile.mkdtemp()) / "model.onnx"
    if opset is None:
        model.export(path, format="onnx", verbose=False)
    else:
        spec = (tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="input"),)
        call = tf.function(lambda x: model(x, training=False), input_signature=spec)
        tf2onnx.convert.from_function(call, input_signature=spec, opset=opset, output_path=str(path))
    return path.read_bytes()


def case(file, network, size, options, keras_options, pixels, opset, inner):
    keras.backend.clear_session()
    model = APPLICATIONS[network](input_shape=(*size, 3), alpha=0.25, classes=3, weights=None, **keras_options)
    fill(model)
    x = seeded.pictures((2, *size, 3), *pixels)
    every = keras.Model(model.input, [*[model.get_layer(name).output for name in inner], model.output])
    *values, outputs = [np.asarray(value) for value in every(x)]
    model(x)
    store(file, export(model, opset))
    return {
        "file": file,
        "network": network,
        "options": {
            "inputShape": [*size, 3],
            "flavor": "keras",
            "classes": 3,
            "alpha": 0.25,
            "classifierActivation": "softmax",
            **options,
        },
        "batch": 2,
        "range": pixels,
        "outputs": seeded.summary(outputs),
        "layers": {layer: seeded.summary(value) for layer, value in zip(inner, values)},
    }


seeded.write(
    "onnx/keras.json",
    {
        "by": "test/golden/make/onnx_keras.py",
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "tf2onnx": tf2onnx.__version__,
        "onnx": onnx.__version__,
        "numpy": np.__version__,
    },
    cases=[case(*c) for c in CASES],
)
