"""Writes test/golden/heads/torch.json and its .br files: checkpoints of PyTorch as scripts save them, with heads of their
own, features alone, and models of timm and transformers, and the numbers that PyTorch computes with them.

Run from the project's root: python test/golden/make/heads_torch.py (needs torch, torchvision, timm, safetensors, numpy; and
node for Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW. Files of transformers are made by hand, of the
names in modeling_mobilenet_v1.py and modeling_mobilenet_v2.py: their numbers are those of the same network of timm with
TensorFlow's padding.
"""
import argparse
import collections
import pathlib
import platform
import tempfile

import numpy as np
import seeded
import timm
import torch
import torchvision
from heads_pack import coarse, golden_case, pattern
from safetensors.torch import save_file
from timm.models import efficientnet, mobilenetv3
from torch import nn


def fill(model):
    """Coarse numbers, so that files pack well; kernels small enough that values neither explode nor fade."""
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        value = coarse(name, tuple(tensor.shape))
        if tensor.dim() >= 2:
            value = value * 2 / np.sqrt(np.prod(tensor.shape[1:]))
        elif name.endswith("running_var") or (name.endswith("weight") and tensor.dim() == 1):
            value = 1 + value / 2
        else:
            value = value / 2
        tensor.copy_(torch.from_numpy(value.astype(np.float32)))
    return model.eval()


def run(model, size=64):
    with torch.no_grad():
        return model(torch.from_numpy(pattern((1, 3, size, size)))).flatten().tolist()


def save(name, obj, outputs, file="model.pth", size=64, options=None, config=None):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / file
        if file.endswith(".safetensors"):
            save_file({key: value.contiguous() for key, value in obj.items()}, path)
        else:
            torch.save(obj, path)
        told = {"inputShape": [size, size, 3], **(options or {"classifierActivation": "linear"})}
        return golden_case(name, path, outputs, told, layout="NCHW")


def v2(width=0.1):
    return torchvision.models.mobilenet_v2(width_mult=width, num_classes=3)


def v3(width=0.25):
    from functools import partial

    config, channel = torchvision.models.mobilenetv3._mobilenet_v3_conf("mobilenet_v3_small", width_mult=width)
    return torchvision.models.mobilenetv3.MobileNetV3(config, channel, num_classes=3, norm_layer=partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01))


def with_head(model, head):
    model.classifier = head
    return fill(model)


cases = []


def add(name, model, wrap=lambda state: state, size=64, **more):
    cases.append(save(name, wrap(model.state_dict()), run(model, size), size=size, **more))


mlp = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
add("mlp", with_head(v2(), mlp))
normed = nn.Sequential(nn.Linear(1280, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
add("mlp-norm", with_head(v2(), normed), lambda s: {"model_state": s, "best_acc1": torch.tensor(71.5), "loss": 0.3})
add("layer-norm", with_head(v2(), nn.Sequential(nn.LayerNorm(1280), nn.Linear(1280, 3))), lambda s: {"net": s})
add("two-linear", with_head(v2(), nn.Sequential(nn.Linear(1280, 8), nn.Linear(8, 3))))
features = v3().features[-1][0].out_channels
add("v3-linear", with_head(v3(), nn.Linear(features, 3)))
v3head = nn.Sequential(nn.Linear(features, 20), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(20, 3))
add("v3-own-width", with_head(v3(), v3head), lambda s: {"state_dict": collections.OrderedDict((f"model._orig_mod.{k}", t) for k, t in s.items())})


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = v2().features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(1280, 3)

    def forward(self, x):
        return self.fc(self.pool(self.backbone(x)).flatten(1))


add("attribute", fill(Net()), lambda s: {"model": s, "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("a")),
                                         "meter": collections.Counter(a=1), "seen": collections.defaultdict(list),
                                         "epoch": np.int64(3), "curve": np.arange(4.0)})
chain = nn.Sequential(v2().features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 3))
add("sequential", fill(chain))
parameters = fill(v2())
add("parameters", parameters, lambda s: {"state_dict": collections.OrderedDict((k, nn.Parameter(t, requires_grad=False)) for k, t in s.items())})
swa = torch.optim.swa_utils.AveragedModel(fill(v2()))
add("averaged", swa.eval())
plain, ema = fill(v2()), fill(v2())
with torch.no_grad():
    ema.classifier[1].bias.add_(1)
cases.append(save("ema", {"state_dict": plain.state_dict(), "state_dict_ema": ema.state_dict(), "arch": "mobilenetv2"}, run(ema),
                  options={"classifierActivation": "linear", "stateDict": "state_dict_ema"}))
flat = fill(v2())
pooled = nn.Sequential(flat.features, nn.AdaptiveAvgPool2d(1))
only = {"includeTop": False, "pooling": "avg"}
cases.append(save("features", flat.features.state_dict(), run(pooled), options=only))
cases.append(save("features-of-head", with_head(v2(), nn.Sequential(nn.Linear(1280, 8), nn.ReLU(), nn.Linear(8, 3))).state_dict(),
                  run(nn.Sequential(fill(v2()).features, nn.AdaptiveAvgPool2d(1))), options=only))

# timm
tiny = {"num_classes": 3}
add("timm-v1", fill(efficientnet._gen_mobilenet_v1("mobilenetv1_100", 0.1, num_classes=3)))
add("timm-v2-embedding", fill(efficientnet._gen_mobilenet_v2("mobilenetv2_100", 0.1, num_classes=0)), file="model.safetensors", options=only)
add("timm-v3-embedding", fill(mobilenetv3._gen_mobilenet_v3("mobilenetv3_small_100", 0.25, num_classes=0)), file="model.safetensors",
    options={"flavor": "timm"})
v3timm = mobilenetv3._gen_mobilenet_v3("mobilenetv3_large_100", 0.1, num_classes=3)
v3timm.classifier = nn.Sequential(nn.Linear(1280, 8), nn.ReLU(), nn.Linear(8, 3))
add("timm-v3-mlp", fill(v3timm), options={"flavor": "timm", "classifierActivation": "linear"})
for name, model in [
    ("timm-110d", efficientnet._gen_mobilenet_v2("mobilenetv2_110d", 0.1, depth_multiplier=1.2, fix_stem_head=True, num_classes=3)),
    ("timm-120d", efficientnet._gen_mobilenet_v2("mobilenetv2_120d", 0.1, depth_multiplier=1.4, fix_stem_head=True, num_classes=3)),
    ("timm-150d", mobilenetv3._gen_mobilenet_v3("mobilenetv3_large_150d", 0.1, depth_multiplier=1.2, num_classes=3)),
    ("timm-100h", efficientnet._gen_mobilenet_v1("mobilenetv1_100h", 0.1, head_conv=True, num_classes=3)),
]:
    add(name, fill(model), file="model.safetensors")


# transformers
def renamed_v1(state):
    names = {"conv_stem": "mobilenet_v1.conv_stem", "bn1": "mobilenet_v1.conv_stem"}
    result, layer = {}, -1
    for key, tensor in state.items():
        module, weight = key.rsplit(".", 1)
        if module == "classifier":
            result[key] = tensor
            continue
        if module in names:
            path, kind = names[module], "convolution" if module == "conv_stem" else "normalization"
        else:
            part = module.rsplit(".", 1)[-1]
            layer += part in ("conv_dw", "conv_pw")
            path, kind = f"mobilenet_v1.layer.{layer}", "convolution" if part.startswith("conv") else "normalization"
        result[f"{path}.{kind}.{weight}"] = tensor
    return result


def renamed_v2(state):
    parts = {"conv_pw": "expand_1x1", "bn1": "expand_1x1", "conv_dw": "conv_3x3", "bn2": "conv_3x3", "conv_pwl": "reduce_1x1", "bn3": "reduce_1x1"}
    stem = {"conv_stem": "first_conv", "bn1": "first_conv"}
    first = {"conv_dw": "conv_3x3", "bn1": "conv_3x3", "conv_pw": "reduce_1x1", "bn2": "reduce_1x1"}
    blocks = []
    result = {}
    for key, tensor in state.items():
        module, weight = key.rsplit(".", 1)
        kind = "normalization" if "bn" in module.split(".")[-1] else "convolution"
        if module == "classifier":
            result[key] = tensor
            continue
        if module in ("conv_head", "bn2"):
            path = "conv_1x1"
        elif module in stem:
            path = f"conv_stem.{stem[module]}"
        else:
            _, stage, block, part = module.split(".")
            if (stage, block) == ("0", "0"):
                path = f"conv_stem.{first[part]}"
            else:
                if (stage, block) not in blocks:
                    blocks.append((stage, block))
                path = f"layer.{blocks.index((stage, block))}.{parts[part]}"
        result[f"mobilenet_v2.{path}.{kind}.{weight}"] = tensor
    return result


ported = {"num_classes": 3, "bn_eps": 1e-3, "pad_type": "same"}
add("transformers-v1", fill(efficientnet._gen_mobilenet_v1("mobilenetv1_100", 0.25, **ported)), renamed_v1, file="model.safetensors")
add("transformers-v2", fill(efficientnet._gen_mobilenet_v2("mobilenetv2_100", 0.1, **ported)), renamed_v2, file="model.safetensors")
headless = fill(efficientnet._gen_mobilenet_v2("mobilenetv2_100", 0.1, **{**ported, "num_classes": 0}))
add("transformers-v2-model", headless, lambda s: {k.removeprefix("mobilenet_v2."): t for k, t in renamed_v2(s).items()}, file="model.safetensors", options=only)

made = {
    "by": "test/golden/make/heads_torch.py",
    "python": platform.python_version(),
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "timm": timm.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/torch.json", made, cases=cases)
