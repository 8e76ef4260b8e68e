"""Writes test/golden/onnx/torch_*.onnx.gz and torch.json: torchvision's MobileNets as torch.onnx.export writes them,
and what PyTorch computes with them.

Run from the project's root: python test/golden/make/onnx_torch.py
(needs torch, torchvision, onnx, onnxconverter-common, numpy).
"""
import io
import platform

import numpy as np
import onnx
import onnxconverter_common
import seeded
import torch
import torchvision
from onnx_coarse import coarse, store
from torch import nn
from torch.onnx import TrainingMode

V2, SMALL, LARGE = "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"
POOLED = "global_average_pooling2d"
KEPT = {"training": TrainingMode.PRESERVE, "do_constant_folding": False}

# File, network, [height, width], whether batch norms are kept, operator set, whether in 16-bit floats.
CASES = [
    ("torch_v2_folded", V2, [96, 96], False, 17, False),
    ("torch_v2_kept", V2, [96, 64], True, 13, False),
    ("torch_v3_small_kept", SMALL, [97, 65], True, 17, False),
    ("torch_v3_small_half", SMALL, [96, 96], False, 17, True),
    ("torch_v3_large_folded", LARGE, [64, 96], False, 11, False),
]

# Our layers by torchvision's modules.
LAYERS = {
    V2: {"features.0": "Conv1_relu", "features.3": "block_2_add", "features.18": "out_relu"},
    SMALL: {"features.1": "expanded_conv_project_bn", "features.3": "expanded_conv_2_add", "features.12.1": "conv_1_bn"},
    LARGE: {"features.1": "expanded_conv_add", "features.5": "expanded_conv_4_add", "features.16.1": "conv_1_bn"},
}
KINDS = {"running_mean": "moving_mean", "running_var": "moving_variance", "bias": "beta"}


def fill(model, folded):
    for path, module in model.named_modules():
        norm = isinstance(module, nn.BatchNorm2d)
        for name, value in {**module._parameters, **module._buffers}.items():
            if value is None or name == "num_batches_tracked":
                continue
            kind = KINDS.get(name, "gamma" if norm else "kernel")
            epsilon = module.eps if norm and folded else None
            value.data = torch.from_numpy(coarse(f"{path}.{name}", kind, tuple(value.shape), epsilon).astype(np.float32))


def nhwc(tensor):
    # A copy: the activation that follows may write in place.
    return (tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor).detach().double().numpy().copy()


def case(file, network, size, kept, opset, half):
    model = getattr(torchvision.models, network)(weights=None, width_mult=0.25, num_classes=3).eval()
    fill(model, not kept)
    data = io.BytesIO()
    torch.onnx.export(
        model,
        torch.zeros(1, 3, *size),
        data,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
        opset_version=opset,
        **(KEPT if kept else {}),
    )
    exported = data.getvalue()
    if half:
        converted = onnxconverter_common.convert_float_to_float16(onnx.load_from_string(exported), keep_io_types=True)
        exported = converted.SerializeToString()
    store(file, exported)

    values = {}
    for path, layer in LAYERS[network].items():
        hook = lambda _, __, y, layer=layer: values.update({layer: nhwc(y)})
        model.get_submodule(path).register_forward_hook(hook)
    model.classifier.register_forward_pre_hook(lambda _, inputs: values.update({POOLED: nhwc(inputs[0])}))
    x = seeded.pictures((2, *size, 3), -1, 1)
    with torch.no_grad():
        logits = model.double()(torch.from_numpy(x.transpose(0, 3, 1, 2).astype(np.float64)))
    return {
        "file": file,
        "network": network,
        "options": {
            "inputShape": [*size, 3],
            "flavor": "torchvision",
            "classes": 3,
            "alpha": 0.25,
            "classifierActivation": None,
        },
        "batch": 2,
        "range": [-1, 1],
        "outputs": seeded.summary(logits),
        "layers": {layer: seeded.summary(value) for layer, value in values.items()},
    }


seeded.write(
    "onnx/torch.json",
    {
        "by": "test/golden/make/onnx_torch.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "onnx": onnx.__version__,
        "onnxconverter-common": onnxconverter_common.__version__,
        "numpy": np.__version__,
    },
    cases=[case(*c) for c in CASES],
)
