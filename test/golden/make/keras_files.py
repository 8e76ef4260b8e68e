"""Writes the files test/golden/keras/*.br: networks that real Keras built, filled and saved, and what it computes with
them (test/golden/keras/files.json).

Run from the project's root: python test/golden/make/keras_files.py (needs keras 3, jax, numpy, h5py; and node for
Brotli). With `--full DIR` it writes files of the published widths into DIR instead, unpacked, for
test/formats/keras-full.ts. Under TensorFlow 2.15, `--keras2` writes test/golden/keras/keras2.json and its files: what
Keras 2 saves.

Computed in float64, so that the goldens carry no rounding of their own. A network's files lie one after the other in
one .br.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("--full", metavar="DIR", type=pathlib.Path)
parser.add_argument("--keras2", action="store_true")
args = parser.parse_args()
if not args.keras2:
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["JAX_ENABLE_X64"] = "1"

import h5py
import keras
import numpy as np
import seeded

K = keras.backend
if not args.keras2:
    import article_networks

    # Every weight is set below; drawing it first would compile a program for each shape.
    keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None: np.zeros(shape)

V1, V2, SMALL, LARGE = "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"
APPLICATIONS = {
    V1: keras.applications.MobileNet,
    V2: keras.applications.MobileNetV2,
    SMALL: keras.applications.MobileNetV3Small,
    LARGE: keras.applications.MobileNetV3Large,
}
KERAS_NAMES = {
    "inputShape": "input_shape",
    "depthMultiplier": "depth_multiplier",
    "includeTop": "include_top",
    "classifierActivation": "classifier_activation",
    "includePreprocessing": "include_preprocessing",
}


def shaped(height, width, channels=3, **options):
    return {"inputShape": [height, width, channels], **options}


LOGITS = {"classes": 3, "classifierActivation": None}
AVG = {"includeTop": False, "pooling": "avg"}
ARTICLE = {"flavor": "article", "classes": 3}
MINIMAL = {"minimalistic": True, "includePreprocessing": False}

V1_INNER = ["conv_dw_2", "conv_pw_6_bn", "conv_pw_11_relu"]
V2_INNER = ["block_1_depthwise", "block_6_project_BN", "block_15_add", "out_relu"]
V3_INNER = ["expanded_conv_1_depthwise", "expanded_conv_3_squeeze_excite_mul", "expanded_conv_5_add", "conv_1_bn"]
MINIMAL_INNER = ["conv_bn", "expanded_conv_3_depthwise_pad", "expanded_conv_5_add", "conv_1_bn"]
ARTICLE_SMALL_INNER = ["depthwise_conv2d_3", "multiply_4", "add_2", "global_average_pooling2d_9"]
POOLED = ["global_average_pooling2d"]

# The four ways Keras has had to save a model or its weights. The last are those of Keras 2, in a plain .h5.
WHOLE, WHOLE_H5, STORE, LEGACY = FILES = ["model.keras", "model.h5", "model.weights.h5", "weights.h5"]
WEIGHTS_BOTH_WAYS = [WHOLE, STORE, LEGACY]

# File name, network, options, inner layers compared beside the output, files.
SMALL_CASES = [
    ("v1", V1, shaped(96, 96, alpha=0.25, classes=3), [*V1_INNER, *POOLED], FILES),
    ("v1-grey", V1, shaped(97, 131, 1, alpha=0.25, **AVG), V1_INNER, [WHOLE, STORE]),
    ("v2", V2, shaped(97, 131, alpha=0.35, **LOGITS), [*V2_INNER, *POOLED], WEIGHTS_BOTH_WAYS),
    ("v3-small", SMALL, shaped(96, 96, alpha=0.35, **LOGITS), V3_INNER, FILES),
    ("v3-small-minimal", SMALL, shaped(97, 131, alpha=0.25, **LOGITS, **MINIMAL), MINIMAL_INNER, WEIGHTS_BOTH_WAYS),
    ("v3-large", LARGE, shaped(97, 131, alpha=0.25, classes=3, dropout=0), V3_INNER, WEIGHTS_BOTH_WAYS),
    # Keras is asked for no size.
    ("v3-large-any-size", LARGE, {"alpha": 0.35, **LOGITS, **MINIMAL}, MINIMAL_INNER, [WHOLE]),
    ("article-v1", V1, shaped(96, 96, **ARTICLE), [*V1_INNER, "conv_preds"], WEIGHTS_BOTH_WAYS),
    ("article-v2", V2, shaped(97, 131, **ARTICLE), V2_INNER, WEIGHTS_BOTH_WAYS),
    ("article-v3-small", SMALL, shaped(96, 96, **ARTICLE), ARTICLE_SMALL_INNER, FILES),
    ("transfer-v2", None, shaped(96, 96), ["block_1_depthwise", "out_relu", "hidden"], [WHOLE, WHOLE_H5]),
    (
        "transfer-v3",
        None,
        shaped(96, 64),
        ["expanded_conv_3_squeeze_excite_mul", "conv_1_bn", "hidden"],
        [WHOLE, WHOLE_H5],
    ),
]
FULL_CASES = [
    *((f"v1-{a}", V1, shaped(s, s, alpha=a, **LOGITS), V1_INNER, FILES) for a, s in [(0.5, 128), (1, 224)]),
    *((f"v2-{a}", V2, shaped(s, s, alpha=a, **LOGITS), V2_INNER, FILES) for a, s in [(0.5, 160), (1, 224), (1.4, 224)]),
    *((f"v3-small-{a}", SMALL, shaped(224, 224, alpha=a, **LOGITS), V3_INNER, FILES) for a in [0.75, 1]),
    *((f"v3-large-{a}", LARGE, shaped(224, 224, alpha=a, **LOGITS), V3_INNER, FILES) for a in [0.75, 1]),
    ("v3-large-minimal", LARGE, shaped(224, 224, **LOGITS, **MINIMAL), MINIMAL_INNER, FILES),
    ("v2-no-top", V2, shaped(224, 224, includeTop=False), V2_INNER, FILES),
]
KERAS2_CASES = [
    ("keras2-v1", V1, shaped(96, 96, alpha=0.25, classes=3), [], [WHOLE, STORE]),
    ("keras2-v3-small", SMALL, shaped(97, 131, alpha=0.25, **LOGITS), [], [WHOLE_H5, LEGACY]),
    ("keras2-transfer-v2", None, shaped(96, 96), ["hidden"], [WHOLE_H5]),
]


def build(name, network, options):
    keras.backend.clear_session()  # automatic names start anew
    kwargs = {KERAS_NAMES.get(key, key): value for key, value in options.items()}
    if network is None:
        return (transfer_v3 if "v3" in name else transfer_v2)(kwargs["input_shape"])
    if kwargs.pop("flavor", "keras") == "article":
        return getattr(article_networks, network)(**kwargs)
    if network in (SMALL, LARGE) and "dropout" in kwargs:
        kwargs["dropout_rate"] = kwargs.pop("dropout")
    return APPLICATIONS[network](weights=None, **kwargs)


def transfer_v2(input_shape):
    """What tutorials make of it: augmentation, operators, a backbone whose first half is frozen, a head."""
    inputs = keras.Input(input_shape, name="picture")
    backbone = keras.applications.MobileNetV2(input_shape=input_shape, alpha=0.35, include_top=False, weights=None)
    for layer in backbone.layers[:60]:
        layer.trainable = False
    x = keras.layers.RandomFlip("horizontal")(inputs)
    x = backbone(x / 127.5 - 1, training=False)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Dense(7, name="hidden")(x)
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax", name="head")(x))


def transfer_v3(input_shape):
    backbone = keras.applications.MobileNetV3Small(
        input_shape=input_shape, alpha=0.25, include_top=False, pooling="avg", weights=None
    )
    head = [keras.layers.Dense(7, activation="hard_silu", name="hidden"), keras.layers.Dense(3, name="head")]
    return keras.Sequential([keras.Input(input_shape), backbone, *head])


# Weights repeat one pattern of coarse numbers, so that files pack well; its length is prime, so that no two rows,
# columns or channels of a kernel are alike.
PATTERN = np.round((2 * seeded.uniform("pattern", 509) - 1) * 128) / 128


def coarse(name, shape):
    offset = seeded.fnv1a(name) % PATTERN.size
    return PATTERN[(np.arange(np.prod(shape, dtype=int)) + offset) % PATTERN.size].reshape(shape)


def power_of_two(x):
    return 2.0 ** round(np.log2(x))


def fill_coarse(model):
    """Norms undo what kernels grow by, so that values neither explode nor fade; other layers shrink their kernels."""
    layers = [layer for layer in leaves(model) if layer.weights]
    variance = 1.0
    for layer, following in zip(layers, [*layers[1:], None]):
        for variable in layer.weights:
            name, shape = weight(variable), tuple(variable.shape)
            value = coarse(f"{layer.name}/{name}", shape)
            if name.endswith("kernel"):
                depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
                fan_in = np.prod(shape[:2] if depthwise else shape[:-1])
                if isinstance(following, keras.layers.BatchNormalization):
                    variance = power_of_two(fan_in / 3)
                else:
                    value = value / power_of_two(np.sqrt(fan_in))
            elif name == "gamma":
                value = 1 + value / 2
            elif name == "moving_variance":
                value = variance * (1 + value / 2)
            else:
                value = value / 2
            variable.assign(value)


def fill_seeded(model):
    for layer in leaves(model):
        for variable in layer.weights:
            name = weight(variable)
            if isinstance(layer, keras.layers.DepthwiseConv2D) and name == "kernel":
                name = "depthwise_kernel"
            variable.assign(seeded.parameter(layer.name, name, tuple(variable.shape)))


def weight(variable):
    return variable.name.split("/")[-1].split(":")[0]


def leaves(model):
    for layer in model.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else [layer]


def save(model, folder):
    model.save(folder / WHOLE)
    model.save(folder / WHOLE_H5)
    model.save_weights(folder / STORE)
    if args.keras2:
        model.save_weights(folder / LEGACY)
        return
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(folder / LEGACY, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def case(name, network, options, inner, files, fill, folder):
    K.set_floatx("float32")
    model = build(name, network, options)
    fill(model)
    save(model, folder)
    values = model.get_weights()

    K.set_floatx("float64")
    model = build(name, network, options)
    model.set_weights(values)
    size = options.get("inputShape", [224, 224, 3])
    article = options.get("flavor") == "article"
    raw = network is None or (network in (SMALL, LARGE) and not article and options.get("includePreprocessing", True))
    pixels = [0, 255] if raw else [-1, 1]
    x = seeded.pictures((1, *size), *pixels)
    outputs, layers = run(model, x, inner)
    K.set_floatx("float32")
    return {
        "name": name,
        **({"network": network, "options": options} if network else {}),
        "batch": 1,
        "range": pixels,
        "outputs": seeded.summary(outputs),
        "layers": {layer: seeded.summary(y) for layer, y in layers.items()},
        "files": [[file, (folder / file).stat().st_size] for file in files],
    }


def run(model, x, inner):
    """The model's result, and inner layers'. A model in the model has tensors of its own, so it is run by itself."""
    layers = {}
    for layer in model.layers:
        if hasattr(layer, "layers"):
            fed = x if layer is model.layers[0] else predict(model, fed_to(layer), x)
            layers |= run(layer, fed, [name for name in inner if name not in layers])[1]
    own = {op.name: op.output for op in getattr(model, "operations", model.layers) if op.name in inner}
    *values, outputs = predict(model, [*own.values(), model.outputs[0]], x)
    layers |= dict(zip(own, values))
    return outputs, {name: layers[name] for name in inner if name in layers}


def predict(model, tensors, x):
    return keras.Model(model.inputs, tensors).predict(x, verbose=0)


def fed_to(layer):
    tensors = layer._inbound_nodes[-1].input_tensors
    return tensors[0] if isinstance(tensors, list) else tensors


BROTLI = """
const { brotliCompressSync, constants: c } = require("node:zlib");
const data = require("node:fs").readFileSync(0);
const params = { [c.BROTLI_PARAM_QUALITY]: 10, [c.BROTLI_PARAM_LGWIN]: 24 };
process.stdout.write(brotliCompressSync(data, { params }));
"""


def pack(folder, files):
    data = b"".join((folder / file).read_bytes() for file in files)
    return subprocess.run(["node", "-e", BROTLI], input=data, stdout=subprocess.PIPE, check=True).stdout


MADE = {
    "by": "test/golden/make/keras_files.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "numpy": np.__version__,
    "h5py": h5py.__version__,
}
if args.full:
    cases = []
    for c in FULL_CASES:
        folder = args.full / c[0]
        folder.mkdir(parents=True, exist_ok=True)
        cases.append(case(*c, fill_seeded, folder))
        (args.full / "files.json").write_text(json.dumps({"made": MADE, "seed": seeded.SEED, "cases": cases}))
        print(c[0], flush=True)
else:
    cases = []
    for c in KERAS2_CASES if args.keras2 else SMALL_CASES:
        with tempfile.TemporaryDirectory() as folder:
            cases.append(case(*c, fill_coarse, pathlib.Path(folder)))
            packed = pack(pathlib.Path(folder), c[4])
        (seeded.GOLDEN / "keras" / f"{c[0]}.br").write_bytes(packed)
        print(c[0], len(packed), flush=True)
    seeded.write("keras/keras2.json" if args.keras2 else "keras/files.json", MADE, cases=cases)
