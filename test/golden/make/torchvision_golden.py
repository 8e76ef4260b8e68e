"""Writes test/golden/torchvision-outputs.json: what torchvision's MobileNets give for seeded weights and pictures.

Run from the project's root: python test/golden/make/torchvision_golden.py (needs torch, torchvision, numpy).
Computed in float64, so that the goldens carry no rounding of their own.
"""
import platform

import numpy as np
import seeded
import torch
import torchvision
import torchvision_layers
from torch_state import nchw, nhwc, seed

V2, SMALL, LARGE = "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"

# Network, width multiplier, [height, width], classes, pictures in the batch.
CASES = [
    (V2, 1, [96, 96], 1000, 1),
    (V2, 0.75, [97, 131], 10, 1),
    (V2, 0.35, [64, 96], 10, 2),
    (V2, 1.4, [64, 64], 10, 1),
    (V2, 1, [224, 224], 1000, 1),
    (SMALL, 1, [96, 96], 1000, 1),
    (SMALL, 0.75, [97, 131], 10, 1),
    (SMALL, 0.35, [64, 96], 10, 2),
    (SMALL, 0.1, [65, 64], 10, 1),
    (LARGE, 1, [96, 96], 1000, 1),
    (LARGE, 0.75, [97, 131], 10, 1),
    (LARGE, 0.35, [64, 96], 10, 2),
    (LARGE, 1.3, [65, 64], 10, 1),
]

POOLED = "global_average_pooling2d"

# Compared beside the logits: results of modules by our layer names.
INNER = {
    V2: {
        "Conv1_relu": "features.0.2",
        "block_1_depthwise": "features.2.conv.1.0",
        "block_6_project_BN": "features.7.conv.3",
        "block_15_add": "features.16",
        "out_relu": "features.18.2",
    },
    SMALL: {
        "conv_bn": "features.0.1",
        "expanded_conv_squeeze_excite_mul": "features.1.block.1",
        "expanded_conv_3_depthwise": "features.4.block.1.0",
        "expanded_conv_10_add": "features.11",
        "conv_2": "classifier.0",
    },
    LARGE: {
        "conv_bn": "features.0.1",
        "expanded_conv_1_depthwise": "features.2.block.1.0",
        "expanded_conv_3_squeeze_excite_mul": "features.4.block.2",
        "expanded_conv_14_add": "features.15",
        "conv_2": "classifier.0",
    },
}


def build(network, alpha, classes):
    return getattr(torchvision.models, network)(weights=None, width_mult=alpha, num_classes=classes).double().eval()


def case(network, alpha, size, classes, batch):
    model = build(network, alpha, classes)
    seed(model, torchvision_layers.layers(model))
    modules = dict(model.named_modules())
    values = {}
    for layer, path in INNER[network].items():
        modules[path].register_forward_hook(lambda _, __, y, layer=layer: values.update({layer: nhwc(y)}))
    model.classifier.register_forward_pre_hook(lambda _, inputs: values.update({POOLED: nhwc(inputs[0])}))
    pixels = [-1, 1]
    x = seeded.pictures((batch, *size, 3), *pixels)
    with torch.no_grad():
        logits = model(nchw(x.astype(np.float64)))
    return {
        "network": network,
        "options": {
            "flavor": "torchvision",
            "inputShape": [*size, 3],
            "alpha": alpha,
            "classes": classes,
            "classifierActivation": None,
        },
        "batch": batch,
        "range": pixels,
        "outputs": seeded.summary(logits),
        "layers": {layer: seeded.summary(value) for layer, value in values.items()},
    }


def trainable(model):
    return sum(p.numel() for p in model.parameters())


seeded.write(
    "torchvision-outputs.json",
    {
        "by": "test/golden/make/torchvision_golden.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "numpy": np.__version__,
    },
    cases=[case(*c) for c in CASES],
    trainable={name: [[a, trainable(build(name, a, 1000))] for a in seeded.ALPHAS] for name in [V2, SMALL, LARGE]},
)
