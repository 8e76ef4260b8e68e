"""Writes test/golden/timm-outputs.json: what timm's networks give for seeded weights and pictures.

Run from the project's root: python test/golden/make/timm_golden.py (needs timm, torch, numpy).
Computed in float64, so that the goldens carry no rounding of their own.
"""
import platform

import numpy as np
import seeded
import timm
import timm_layers
import torch
from timm_layers import LARGE, LITE0, SMALL, V1, V2
from torch_state import nchw, nhwc, seed

def pooled(network):
    """Our name of the pooled features."""
    return "avg_pool" if network == LITE0 else "global_average_pooling2d"


# timm's own models: network, width multiplier, [height, width], classes, pictures in the batch.
OWN = [
    (V1, 1, [96, 96], 10, 1),
    (V1, 0.25, [97, 131], 10, 2),
    (V1, 1.25, [65, 64], 10, 1),
    (V2, 1, [96, 96], 1000, 1),
    (V2, 0.5, [97, 131], 10, 2),
    (V2, 0.35, [65, 64], 10, 1),
    (SMALL, 1, [96, 96], 1000, 1),
    (SMALL, 0.5, [97, 131], 10, 2),
    (SMALL, 0.75, [65, 64], 10, 1),
    (SMALL, 0.35, [64, 96], 10, 1),
    (LARGE, 1, [97, 131], 1000, 1),
    (LARGE, 0.75, [96, 64], 10, 2),
    (LARGE, 1.3, [65, 64], 10, 1),
    (LITE0, 1, [96, 96], 1000, 1),
    (LITE0, 0.5, [97, 131], 10, 2),
    (LITE0, 1.1, [65, 64], 10, 1),
]

# Its `tf_` models are the networks of keras.applications, and EfficientNet-Lite's of its authors.
TENSORFLOW = [
    ("tf_mobilenetv3_small_100", SMALL, {}, [97, 131], 10, 1),
    ("tf_mobilenetv3_small_075", SMALL, {"alpha": 0.75}, [96, 64], 10, 2),
    ("tf_mobilenetv3_small_minimal_100", SMALL, {"minimalistic": True}, [97, 131], 10, 1),
    ("tf_mobilenetv3_large_075", LARGE, {"alpha": 0.75}, [97, 131], 10, 1),
    ("tf_mobilenetv3_large_minimal_100", LARGE, {"minimalistic": True}, [65, 64], 10, 1),
    ("tf_efficientnet_lite0", LITE0, {}, [96, 96], 1000, 1),
    ("tf_efficientnet_lite0", LITE0, {}, [97, 131], 10, 2),
]

# Compared beside the logits: results of modules by our layer names. timm's norms include the activation.
INNER = {
    V1: {"conv1_relu": "bn1", "conv_dw_2": "blocks.1.0.conv_dw", "conv_pw_11_relu": "blocks.3.5.bn2"},
    V2: {
        "Conv1_relu": "bn1",
        "block_1_depthwise": "blocks.1.0.conv_dw",
        "block_15_add": "blocks.5.2",
        "out_relu": "bn2",
    },
    SMALL: {
        "conv": "conv_stem",
        "expanded_conv_squeeze_excite_mul": "blocks.0.0.se",
        "expanded_conv_3_depthwise": "blocks.2.0.conv_dw",
        "expanded_conv_10_add": "blocks.4.2",
        "conv_2": "conv_head",
    },
    LARGE: {
        "conv": "conv_stem",
        "expanded_conv_3_squeeze_excite_mul": "blocks.2.0.se",
        "expanded_conv_6_depthwise": "blocks.3.0.conv_dw",
        "expanded_conv_14_add": "blocks.5.2",
        "conv_2": "conv_head",
    },
    LITE0: {
        "stem_activation": "bn1",
        "block2a_dwconv": "blocks.1.0.conv_dw",
        "block5c_add": "blocks.4.2",
        "block6a_dwconv": "blocks.5.0.conv_dw",
        "top_activation": "bn2",
    },
}


def case(network, options, model, size, classes, batch):
    model = model.double().eval()
    seed(model, timm_layers.layers(network, model))
    values = {}
    modules = dict(model.named_modules())
    squeezes = not options.get("minimalistic")
    inner = {name: path for name, path in INNER[network].items() if squeezes or ".se" not in path}
    for layer, path in inner.items():
        modules[path].register_forward_hook(lambda _, __, y, layer=layer: values.update({layer: nhwc(y)}))
    model.global_pool.register_forward_hook(lambda _, __, y: values.update({pooled(network): nhwc(y)}))
    pixels = [-1, 1]
    x = seeded.pictures((batch, *size, 3), *pixels)
    with torch.no_grad():
        logits = model(nchw(x.astype(np.float64)))
    return {
        "network": network,
        "options": {**options, "inputShape": [*size, 3], "classes": classes, "classifierActivation": None},
        "batch": batch,
        "range": pixels,
        "outputs": seeded.summary(logits),
        "layers": {layer: seeded.summary(values[layer]) for layer in [*inner, pooled(network)]},
    }


def own(network, alpha, size, classes, batch):
    model = timm_layers.build(network, alpha, num_classes=classes)
    return case(network, {"flavor": "timm", "alpha": alpha}, model, size, classes, batch)


def tensorflow(name, network, options, size, classes, batch):
    model = timm_layers.registered(name, num_classes=classes)
    flavor = {"flavor": "tensorflow"} if network == LITE0 else {"flavor": "keras", "includePreprocessing": False}
    options = {**flavor, **options}
    return case(network, options, model, size, classes, batch)


def trainable(network, alpha):
    return sum(p.numel() for p in timm_layers.build(network, alpha).parameters())


seeded.write(
    "timm-outputs.json",
    {
        "by": "test/golden/make/timm_golden.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "timm": timm.__version__,
        "numpy": np.__version__,
    },
    cases=[own(*c) for c in OWN] + [tensorflow(*c) for c in TENSORFLOW],
    trainable={name: [[a, trainable(name, a)] for a in seeded.ALPHAS] for name in [V1, V2, SMALL, LARGE, LITE0]},
)
