"""Writes test/golden/heads/torch-siblings.json and its .br files: small checkpoints of kinds that heads_torch.py has others
of, and the numbers that PyTorch computes with them.

Run from the project's root: python test/golden/make/siblings_torch.py (needs torch, torchvision, timm, numpy; and node for
Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW.
"""
import collections
import copy
import dataclasses
import enum
import functools
import pathlib
import platform
import tempfile

import numpy as np
import seeded
import timm
import torch
import torchvision
from heads_pack import coarse, golden_case, pattern
from timm.models import mobilenetv3
from torch import nn

SIZE = 64


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


def small():
    config, channel = torchvision.models.mobilenetv3._mobilenet_v3_conf("mobilenet_v3_small", width_mult=0.25)
    norm = functools.partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
    return torchvision.models.mobilenetv3.MobileNetV3(config, channel, num_classes=3, norm_layer=norm)


cases = []


def add(name, state, model, options=None):
    with torch.no_grad():
        outputs = model(torch.from_numpy(pattern((1, 3, SIZE, SIZE)))).flatten().tolist()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.pth"
        torch.save(state, path)
        told = {"inputShape": [SIZE, SIZE, 3], "classifierActivation": "linear", **(options or {})}
        cases.append(golden_case(f"sibling-{name}", path, outputs, told, layout="NCHW"))


class BothPools(nn.Module):
    """fastai's AdaptiveConcatPool2d."""

    def forward(self, x):
        return torch.cat([nn.functional.adaptive_max_pool2d(x, 1), nn.functional.adaptive_avg_pool2d(x, 1)], 1)


features = small().features[-1][0].out_channels
head = [BothPools(), nn.Flatten(), nn.BatchNorm1d(2 * features), nn.Dropout(), nn.Linear(2 * features, 8, bias=False), nn.ReLU()]
head += [nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 3, bias=False)]
fastai = fill(nn.Sequential(nn.Sequential(small().features), nn.Sequential(*head)))
add("fastai", {"model": fastai.state_dict(), "opt": {"hypers": [{"lr": 0.001}]}}, fastai)

plain = fill(small())
norm_first = fill(small())
norm_first.classifier = nn.Sequential(nn.Linear(features, 8), nn.LayerNorm(8), nn.ReLU(), nn.BatchNorm1d(8, affine=False), nn.Linear(8, 3))
add("norm-before-relu", fill(norm_first).state_dict(), norm_first)
norm_last = small()
norm_last.classifier = nn.Sequential(nn.Linear(features, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 3))
add("relu-before-norm", fill(norm_last).state_dict(), norm_last)


class Longer(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = small()
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        return self.head(torch.relu(self.backbone(x)))


longer = fill(Longer())
add("behind-classifier", longer.state_dict(), longer)


@dataclasses.dataclass
class Config:
    lr: float = 0.1


class Mode(enum.Enum):
    TRAIN = 1


# Objects of classes of a script's own, a loss, integers of any length, bytes, and a tensor with an attribute.
state = collections.OrderedDict((key, tensor.clone()) for key, tensor in plain.state_dict().items())
state["classifier.3.bias"].origin = "here"
beside = {"config": Config(), "mode": Mode.TRAIN, "loss": nn.CrossEntropyLoss(), "seed": 2**200, "raw": bytearray(b"x" * 300)}
add("objects", {**beside, "runs": [{"best": {}}], "trainer": {"state": {"weights_of": state}}}, plain)

student, teacher = plain, copy.deepcopy(plain)
with torch.no_grad():
    teacher.classifier[3].bias.add_(1)
both = {f"{name}.{key}": tensor for name, model in [("teacher", teacher), ("student", student)] for key, tensor in model.state_dict().items()}
add("teacher", {"state_dict": both}, teacher, {"stateDict": "teacher"})

flat = torch.cat([tensor.permute(0, 2, 3, 1).flatten() if tensor.dim() == 4 else tensor.flatten().float() for tensor in plain.state_dict().values()])
views, at = {}, 0
for key, tensor in plain.state_dict().items():
    part = flat[at : at + tensor.numel()]
    at += tensor.numel()
    if tensor.dim() == 4:
        o, i, h, w = tensor.shape
        views[key] = part.view(o, h, w, i).permute(0, 3, 1, 2)
    else:
        views[key] = part.view(tensor.shape)
add("one-storage", views, plain)

ported = fill(mobilenetv3._gen_mobilenet_v3("mobilenetv3_small_100", 0.25, bn_eps=1e-3, pad_type="same", num_classes=3))
add("arch", {"arch": "tf_mobilenetv3_small_100", "state_dict": ported.state_dict()}, ported)

# ReLU for ReLU6, under the names of the plain network; norms so wide that it shows.
quantizable = torchvision.models.quantization.mobilenet_v2(quantize=False, num_classes=3, width_mult=0.1)
fill(quantizable)
for module in quantizable.modules():
    if isinstance(module, nn.Sequential) and len(module) == 3 and isinstance(module[2], nn.ReLU):
        module[1].weight.data.mul_(4)
add("quantizable", quantizable.state_dict(), quantizable, {"flavor": "torchvision_quantizable"})

made = {
    "by": "test/golden/make/siblings_torch.py",
    "python": platform.python_version(),
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "timm": timm.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/torch-siblings.json", made, cases=cases)
