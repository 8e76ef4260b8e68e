"""Writes test/golden/torchvision-outputs.json: what torchvision's MobileNets give for seeded weights and pictures.

Run from the project's root: python test/golden/make/torchvision_golden.py (needs torch, torchvision, numpy).
Computed in float64, so that the goldens carry no rounding of their own.
"""
import platform

import numpy as np
import seeded
import torch
import torchvision
from torch import nn
from torchvision.ops.misc import SqueezeExcitation

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

# Compared beside the logits.
INNER = {
    V2: ["Conv1_relu", "block_1_depthwise", "block_6_project_BN", "block_15_add", "out_relu", POOLED],
    SMALL: [
        "conv_bn",
        "expanded_conv_squeeze_excite_mul",
        "expanded_conv_3_depthwise",
        "expanded_conv_10_add",
        POOLED,
        "conv_2",
    ],
    LARGE: [
        "conv_bn",
        "expanded_conv_1_depthwise",
        "expanded_conv_3_squeeze_excite_mul",
        "expanded_conv_14_add",
        POOLED,
        "conv_2",
    ],
}


def v2_names(model):
    """Our layer names to torchvision's modules."""
    first, *blocks, last = model.features
    yield from zip(["Conv1", "bn_Conv1", "Conv1_relu"], first)
    for i, block in enumerate(blocks):
        prefix = f"block_{i}_" if i else "expanded_conv_"
        *convs, project, project_bn = block.conv
        for part, conv in zip(["expand", "depthwise"][-len(convs) :], convs):
            yield from zip([f"{prefix}{part}", f"{prefix}{part}_BN", f"{prefix}{part}_relu"], conv)
        yield f"{prefix}project", project
        yield f"{prefix}project_BN", project_bn
        if block.use_res_connect:
            yield f"{prefix}add", block
    yield from zip(["Conv_1", "Conv_1_bn", "out_relu"], last)
    yield "predictions", model.classifier[1]


def v3_names(model):
    first, *blocks, last = model.features
    yield from zip(["conv", "conv_bn"], first)
    for i, block in enumerate(blocks):
        prefix = f"expanded_conv_{i}_" if i else "expanded_conv_"
        convs = [child for child in block.block if not isinstance(child, SqueezeExcitation)]
        for part, conv in zip(["expand", "depthwise", "project"][-len(convs) :], convs):
            yield from zip([f"{prefix}{part}", f"{prefix}{part}_bn"], conv)
        for child in block.block:
            if isinstance(child, SqueezeExcitation):
                yield f"{prefix}squeeze_excite_conv", child.fc1
                yield f"{prefix}squeeze_excite_conv_1", child.fc2
                yield f"{prefix}squeeze_excite_mul", child
        if block.use_res_connect:
            yield f"{prefix}add", block
    yield from zip(["conv_1", "conv_1_bn"], last)
    yield "conv_2", model.classifier[0]
    yield "logits", model.classifier[3]


def parameters(layer, module):
    """Our values for each tensor of a module, in PyTorch's layouts: OIHW, and [out, in] for Linear."""

    def ours(weight, shape):
        return seeded.parameter(layer, weight, shape)

    if isinstance(module, nn.BatchNorm2d):
        names = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
        return {theirs: ours(name, (module.num_features,)) for theirs, name in names.items()}
    if isinstance(module, nn.Conv2d) and module.groups > 1:
        weight = ours("depthwise_kernel", (*module.kernel_size, module.out_channels, 1)).transpose(2, 3, 0, 1)
    elif isinstance(module, nn.Conv2d):
        weight = ours("kernel", (*module.kernel_size, module.in_channels, module.out_channels)).transpose(3, 2, 0, 1)
    elif isinstance(module, nn.Linear):
        weight = ours("kernel", (module.in_features, module.out_features)).T
    else:
        return {}
    return {"weight": weight} if module.bias is None else {"weight": weight, "bias": ours("bias", weight.shape[:1])}


def nhwc(tensor):
    # A copy: the activation that follows may write in place.
    return (tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor).detach().numpy().copy()


def build(network, alpha, classes):
    return getattr(torchvision.models, network)(weights=None, width_mult=alpha, num_classes=classes).double().eval()


def case(network, alpha, size, classes, batch):
    torch.manual_seed(seeded.SEED)
    model = build(network, alpha, classes)
    modules = dict((v2_names if network == V2 else v3_names)(model))
    paths = {module: path for path, module in model.named_modules()}
    state = {
        f"{paths[module]}.{name}": torch.from_numpy(np.ascontiguousarray(value, np.float64))
        for layer, module in modules.items()
        for name, value in parameters(layer, module).items()
    }
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)

    values = {}
    for layer in INNER[network]:
        if layer == POOLED:
            model.classifier.register_forward_pre_hook(lambda _, inputs: values.update({POOLED: nhwc(inputs[0])}))
        else:
            modules[layer].register_forward_hook(lambda _, __, y, layer=layer: values.update({layer: nhwc(y)}))
    pixels = [-1, 1]
    x = seeded.pictures((batch, *size, 3), *pixels)
    with torch.no_grad():
        logits = model(torch.from_numpy(x.transpose(0, 3, 1, 2).astype(np.float64)))
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
        "layers": {layer: seeded.summary(values[layer]) for layer in INNER[network]},
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
