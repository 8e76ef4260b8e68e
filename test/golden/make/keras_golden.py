"""Writes test/golden/keras-outputs.json and keras-layers.json: keras.applications' MobileNets and the article's,
for seeded weights and pictures, and their layers.

Run from the project's root: python test/golden/make/keras_golden.py (needs keras 3, jax, numpy).
Computed in float64, so that the goldens carry no rounding of their own.
"""
import math
import os
import platform

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import article_networks
import jax
import keras
import numpy as np
import seeded

keras.config.set_floatx("float64")
# Every weight is set below; drawing it first would compile a program for each shape.
keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None: np.zeros(shape)

V1, V2, SMALL, LARGE = "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"
APPLICATIONS = {
    V1: keras.applications.MobileNet,
    V2: keras.applications.MobileNetV2,
    SMALL: keras.applications.MobileNetV3Small,
    LARGE: keras.applications.MobileNetV3Large,
}
ARTICLE = {
    V1: article_networks.mobilenet_v1,
    V2: article_networks.mobilenet_v2,
    SMALL: article_networks.mobilenet_v3_small,
}

LOGITS = {"classes": 10, "classifierActivation": None}
AVG = {"includeTop": False, "pooling": "avg"}
MAX = {"includeTop": False, "pooling": "max"}
RAW = {"includePreprocessing": False}


# Drives values far beyond the 6 of ReLU6.
LOUD = [-40, 40]


# Options in our spelling.
def shaped(height, width, channels=3, **options):
    return {"inputShape": [height, width, channels], **options}


# Network, options, pictures in the batch, and their range where it is not the one the network expects.
CASES = [
    (V1, shaped(96, 96), 1),
    (V1, shaped(97, 131, alpha=0.25, **LOGITS), 1, LOUD),
    (V1, shaped(64, 96, 1, alpha=0.5, **AVG), 1),
    (V1, shaped(96, 64, alpha=0.75, **MAX), 1),
    (V1, shaped(65, 64, alpha=0.5, depthMultiplier=2, **LOGITS), 2),
    (V1, shaped(33, 47, alpha=0.5, includeTop=False), 1),
    (V2, shaped(96, 96), 1),
    (V2, shaped(97, 131, alpha=0.35, **LOGITS), 1),
    (V2, shaped(64, 96, 1, alpha=0.5, **AVG), 1),
    (V2, shaped(96, 64, alpha=0.75, **MAX), 1),
    (V2, shaped(65, 64, alpha=1.3, **LOGITS), 2),
    (V2, shaped(64, 63, alpha=1.4, **LOGITS), 1),
    (V2, shaped(224, 224, classifierActivation=None), 1),
    (SMALL, shaped(96, 96), 1),
    (SMALL, shaped(97, 131, **LOGITS, **RAW), 1),
    (SMALL, shaped(64, 96, 1, alpha=0.25, **AVG), 1),
    (SMALL, shaped(97, 131, minimalistic=True, **LOGITS), 1),
    (SMALL, shaped(65, 64, alpha=1.4, dropout=0, **LOGITS, **RAW), 2),
    (LARGE, shaped(96, 96), 1),
    (LARGE, shaped(97, 131, alpha=0.75, **LOGITS, **RAW), 1),
    (LARGE, shaped(64, 96, 1, alpha=0.35, **MAX, **RAW), 1),
    (LARGE, shaped(97, 131, alpha=0.5, minimalistic=True, **LOGITS, **RAW), 2),
    (LARGE, shaped(64, 65, alpha=1.3, **LOGITS), 1),
    (V1, shaped(96, 96, flavor="article"), 1),
    (V1, shaped(97, 131, flavor="article", depthMultiplier=2, classes=10), 1),
    (V2, shaped(96, 96, flavor="article"), 1),
    (V2, shaped(97, 131, flavor="article", classes=10), 2),
    (SMALL, shaped(96, 96, flavor="article"), 1),
    (SMALL, shaped(97, 131, flavor="article", classes=10), 2, LOUD),
]

# Compared beside the output, where the network has them.
V3_INNER = [
    "rescaling",
    "conv_bn",
    "expanded_conv_1_depthwise",
    "expanded_conv_3_depthwise_pad",
    "multiply_1",
    "expanded_conv_3_squeeze_excite_mul",
    "expanded_conv_5_add",
    "conv_1_bn",
    "conv_2",
]
INNER = {
    V1: ["conv1_relu", "conv_dw_2", "conv_dw_6_bn", "conv_pw_11_relu", "global_average_pooling2d"],
    V2: ["Conv1_relu", "block_1_depthwise", "block_6_project_BN", "block_15_add", "out_relu"],
    SMALL: V3_INNER,
    LARGE: V3_INNER,
}
ARTICLE_SMALL_INNER = ["activation", "depthwise_conv2d_3", "multiply_4", "add_2", "batch_normalization_33", "reshape_9"]

# Whose every layer is listed.
LISTED = [
    (V1, shaped(96, 96)),
    (V2, shaped(96, 96)),
    (SMALL, shaped(96, 96)),
    (SMALL, shaped(96, 96, minimalistic=True)),
    (LARGE, shaped(96, 96)),
    (LARGE, shaped(97, 131, minimalistic=True, **RAW)),
    (V1, shaped(96, 96, flavor="article")),
    (V2, shaped(96, 96, flavor="article")),
    (SMALL, shaped(96, 96, flavor="article")),
]

KERAS_NAMES = {
    "inputShape": "input_shape",
    "depthMultiplier": "depth_multiplier",
    "includeTop": "include_top",
    "classifierActivation": "classifier_activation",
    "includePreprocessing": "include_preprocessing",
}


def build(network, options):
    keras.backend.clear_session()  # automatic names start anew
    kwargs = {KERAS_NAMES.get(name, name): value for name, value in options.items()}
    if kwargs.pop("flavor", "keras") == "article":
        return ARTICLE[network](**kwargs)
    if network in (SMALL, LARGE) and "dropout" in kwargs:
        kwargs["dropout_rate"] = kwargs.pop("dropout")
    return APPLICATIONS[network](weights=None, **kwargs)


def fill(model):
    for layer in model.layers:
        for variable in layer.weights:
            weight = variable.name
            if isinstance(layer, keras.layers.DepthwiseConv2D) and weight == "kernel":
                weight = "depthwise_kernel"  # the name of Keras 1 and 2, and of their files
            variable.assign(seeded.parameter(layer.name, weight, tuple(variable.shape)))


def expected_range(network, options):
    """V3 of keras.applications takes 0 to 255 and rescales by itself, unless told not to."""
    article = options.get("flavor") == "article"
    raw = network in (SMALL, LARGE) and not article and options.get("includePreprocessing", True)
    return [0, 255] if raw else [-1, 1]


def case(network, options, batch, pixels=None):
    model = build(network, options)
    fill(model)
    article = options.get("flavor") == "article"
    inner = ARTICLE_SMALL_INNER if article and network == SMALL else INNER[network]
    values = {op.name: op.output for op in model.operations if op.name in inner}
    output = model.operations[-1].name
    pixels = pixels or expected_range(network, options)
    x = seeded.pictures((batch, *options["inputShape"]), *pixels)
    *layers, result = keras.Model(model.inputs, [*values.values(), *model.outputs]).predict(x, verbose=0)
    return {
        "network": network,
        "options": options,
        "batch": batch,
        "range": pixels,
        "params": counts(model),
        "output": output,
        "outputs": seeded.summary(result),
        "layers": {name: seeded.summary(y) for name, y in zip(values, layers)},
    }


def counts(model):
    """All weights, and those of them that train."""
    return [model.count_params(), sum(math.prod(v.shape) for v in model.trainable_variables)]


def kind(op):
    """The class, and the activation function if there is one: `Activation:hard_swish`, `Conv2D`."""
    if isinstance(op, keras.layers.ReLU):
        function = {6: "relu6", None: "relu"}[op.max_value]
    else:
        function = getattr(getattr(op, "activation", None), "__name__", "linear")
    function = {"hard_silu": "hard_swish"}.get(function, function)
    return type(op).__name__ + ("" if function == "linear" else f":{function}")


def listing(network, options):
    """A line for each layer, anonymous ops too: name, kind, output shape."""
    operations = build(network, options).operations
    layers = [f"{op.name} {kind(op)} {'x'.join(map(str, op.output.shape[1:]))}" for op in operations]
    return {"network": network, "options": options, "layers": layers}


MADE = {
    "by": "test/golden/make/keras_golden.py",
    "python": platform.python_version(),
    "keras": keras.__version__,
    "jax": jax.__version__,
    "numpy": np.__version__,
}
seeded.write("keras-outputs.json", MADE, cases=[case(*c) for c in CASES])
seeded.write(
    "keras-layers.json",
    MADE,
    listings=[listing(*c) for c in LISTED],
    params={
        network: [[alpha, *counts(build(network, {"alpha": alpha}))] for alpha in seeded.ALPHAS]
        for network in APPLICATIONS
    },
)
