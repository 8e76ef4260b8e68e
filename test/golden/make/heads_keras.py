"""Writes test/golden/heads/keras.json and its .br files: Keras models with heads and fronts of their own, saved whole and
as weights alone, and what Keras computes with them.

Run from the project's root: python test/golden/make/heads_keras.py (needs keras 3, tensorflow, h5py, numpy; and node for
Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NHWC.
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import pathlib
import platform
import tempfile

import h5py
import keras
import numpy as np
import seeded
from heads_pack import coarse, golden_case, pattern

L = keras.layers
A = keras.applications


def fill(model):
    """Coarse numbers, so that files pack well; kernels small enough that values neither explode nor fade."""
    for variable in model.variables:
        shape = tuple(variable.shape)
        if not np.issubdtype(np.dtype(variable.dtype), np.floating):
            continue
        name = variable.path.split("/")[-1]
        value = coarse(variable.path.split("/", 1)[-1], shape)
        if name in ("kernel", "depthwise_kernel", "pointwise_kernel"):
            fan_in = np.prod(shape[:2]) if "depthwise" in variable.path or "conv_dw" in variable.path else np.prod(shape[:-1])
            value = value * 2 / np.sqrt(fan_in)
        elif name in ("gamma", "moving_variance", "variance"):
            value = 1 + value / 2
        else:
            value = value / 2
        variable.assign(value)


def small(*layers, shape=(12, 12, 3)):
    """A convolution with its norm, and what is asked for on it."""
    stem = [L.Conv2D(6, 3, strides=2, padding="same", use_bias=False), L.BatchNormalization(), L.ReLU(6)]
    return keras.Sequential([keras.Input(shape), *stem, *layers])


def pooled(*layers):
    return small(L.GlobalAveragePooling2D(), *layers)


def front(*layers, shape):
    stem = [L.Conv2D(6, 3, strides=2, padding="same"), L.GlobalAveragePooling2D(), L.Dense(3)]
    return keras.Sequential([keras.Input(shape), *layers, *stem])


def two_branches():
    x = keras.Input((12, 12, 3))
    y = L.Conv2D(6, 3, strides=2, padding="same", activation="silu")(x)
    z = L.Conv2D(5, 1, strides=2, activation="tanh")(x)
    both = L.Concatenate()([y, z, y])
    both = L.Average()([both, L.Conv2D(17, 1, activation="mish")(both)])
    both = L.Maximum()([both, L.Conv2D(17, 1)(both)])
    both = L.Subtract()([both, L.Conv2D(17, 1, activation="elu")(both)])
    vectors = [L.GlobalAveragePooling2D()(both), L.GlobalMaxPooling2D()(both)]
    return keras.Model(x, L.Dense(3)(L.Concatenate()(vectors)))


ACTIVATIONS = ["silu", "gelu", "elu", "selu", "tanh", "leaky_relu", "mish", "softplus", "softsign", "exponential"]


def many_activations():
    return pooled(*[L.Dense(8, activation=name) for name in ACTIVATIONS], L.Dense(3))


def random_layers():
    pipeline = L.Pipeline([L.RandomFlip(), L.RandomRotation(0.1), L.RandomGaussianBlur()])
    return front(pipeline, L.RandAugment(), L.AugMix(), L.RandomElasticTransform(), L.GaussianNoise(0.1), shape=(12, 12, 3))


def adapted():
    layer = L.Normalization()
    layer.adapt(np.random.RandomState(1).normal(0.3, 2, (4, 12, 12, 3)).astype("float32"))
    return front(layer, shape=(12, 12, 3))


def frontless(name, alpha=0.05, size=32):
    make = {"v1": A.MobileNet, "v2": A.MobileNetV2, "v3": A.MobileNetV3Small}[name]
    extra = {"include_preprocessing": False} if name == "v3" else {}
    return make(input_shape=(size, size, 3), alpha=alpha, include_top=False, weights=None, **extra)


def nested(name, *head, size=32, alpha=0.05):
    return keras.Sequential([keras.Input((size, size, 3)), frontless(name, alpha, size), *head])


def flat(name, *head, size=32, alpha=0.05):
    base = frontless(name, alpha, size)
    x = base.output
    for layer in head:
        x = layer(x)
    return keras.Model(base.input, x)


def pool(*layers):
    return [L.GlobalAveragePooling2D(), *layers]


WHOLE = [
    ("activations", many_activations),
    ("leaky-elu-relu", lambda: pooled(L.Dense(8), L.LeakyReLU(0.1), L.Dense(8), L.ELU(0.7), L.Dense(8), L.ReLU(1.5), L.Dense(8),
                                      L.ReLU(2, negative_slope=0.2), L.Dense(4, activation=L.LeakyReLU(0.3)), L.Dense(3))),
    ("approximate-gelu-softmax", lambda: pooled(L.Dense(6), L.UnitNormalization(), L.Dense(6, activation="gelu"), L.Dense(3), L.Softmax())),
    ("norms", lambda: pooled(L.LayerNormalization(), L.Dense(8), L.LayerNormalization(epsilon=1e-5, center=False), L.Dense(8),
                             L.BatchNormalization(scale=False), L.Dense(8), L.BatchNormalization(center=False), L.Dense(3))),
    ("branches", two_branches),
    ("pools", lambda: small(L.MaxPooling2D(3, strides=1, padding="same"), L.AveragePooling2D(2, padding="valid"), L.Conv2D(4, 1),
                            L.AveragePooling2D(2, strides=1, padding="same"), L.MaxPooling2D(2), L.Flatten(), L.Dense(3))),
    ("separable", lambda: small(L.SeparableConv2D(8, 3, padding="same", activation="relu"),
                                L.SeparableConv2D(4, 3, depth_multiplier=2, use_bias=False, activation="silu"), L.Dense(5), L.Flatten(), L.Dense(3))),
    ("resize-up", lambda: front(L.Resizing(17, 13), shape=(12, 9, 3))),
    ("resize-nearest", lambda: front(L.Resizing(7, 8, interpolation="nearest"), shape=(12, 10, 3))),
    ("resize-crop", lambda: front(L.Resizing(8, 10, crop_to_aspect_ratio=True), shape=(15, 11, 3))),
    ("resize-pad", lambda: front(L.Resizing(8, 10, pad_to_aspect_ratio=True), shape=(15, 11, 3))),
    ("center-crop", lambda: front(L.CenterCrop(9, 8), L.Cropping2D(((1, 0), (0, 2))), shape=(14, 13, 3))),
    ("center-crop-small", lambda: front(L.CenterCrop(16, 8), shape=(12, 13, 3))),
    ("random-layers", random_layers),
    ("normalization-given", lambda: front(L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 0.5]), shape=(12, 12, 3))),
    ("normalization-one", lambda: front(L.Normalization(mean=0.1, variance=4.0, axis=None), shape=(12, 12, 3))),
    ("normalization-adapted", adapted),
]
WEIGHTS = [
    ("flat-v1", lambda: flat("v1", *pool(L.Dense(16, activation="relu"), L.Dense(3, activation="softmax"))), {}),
    ("flat-v2-norm", lambda: flat("v2", *pool(L.Dense(16, activation="relu"), L.BatchNormalization(), L.Dropout(0.2), L.Dense(1, activation="sigmoid")), alpha=0.1), {}),
    ("flat-v1-flatten", lambda: flat("v1", L.Flatten(), L.Dense(3), size=64), {"classifierActivation": "linear"}),
    ("flat-v3", lambda: flat("v3", *pool(L.Dense(3)), alpha=0.1), {"classifierActivation": "linear", "includePreprocessing": False}),
    ("nested-v1", lambda: nested("v1", *pool(L.Dense(3, activation="softmax"))), {}),
    ("nested-v2", lambda: nested("v2", *pool(L.Dropout(0.2), L.Dense(16, activation="relu"), L.Dense(3)), alpha=0.1), {"classifierActivation": "linear"}),
    ("nested-v1-norm-relu", lambda: nested("v1", *pool(L.Dense(16), L.BatchNormalization(), L.ReLU(), L.Dense(3, activation="softmax"))), {}),
    ("nested-v1-max-layer-norm", lambda: nested("v1", L.GlobalMaxPooling2D(), L.LayerNormalization(), L.Dense(3)), {"classifierActivation": "linear"}),
]


def save_whole(model, path):
    model.save(path)


def save_weights(model, path):
    model.save_weights(path)


def save_legacy(model, path):
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def outputs(model):
    return model.predict(pattern((1, *model.input_shape[1:])), verbose=0).ravel().tolist()


def case(name, make, options, file, save, quantize=False):
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = make()
    if "adapted" not in name:
        fill(model)
    else:
        fill(model.layers[-1])
    if quantize:
        model.quantize("int8")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / file
        save(model, path)
        return golden_case(name, path, outputs(model), options, **({"tolerance": quantize} if quantize else {}))


cases = [case(name, make, {}, "model.keras", save_whole) for name, make in WHOLE]
for name, make, options in WEIGHTS:
    size = make().input_shape[1]
    told = {"inputShape": [size, size, 3], **options}
    cases.append(case(f"{name}-weights", make, told, "model.weights.h5", save_weights))
    if name in ("flat-v1", "nested-v2", "flat-v1-flatten"):
        cases.append(case(f"{name}-legacy", make, told, "weights.h5", save_legacy))
for name, make in [("int8-head", lambda: nested("v1", *pool(L.Dense(16, activation="relu"), L.Dense(3)))),
                   ("int8-no-bias", lambda: pooled(L.Dense(8, activation="relu", use_bias=False), L.Dense(3, use_bias=False)))]:
    # Keras rounds what goes into such a layer to 8 bits too: a step of that is the tolerance.
    cases.append(case(name, make, {}, "model.keras", save_whole, quantize=0.03))
made = {
    "by": "test/golden/make/heads_keras.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/keras.json", made, cases=cases)
