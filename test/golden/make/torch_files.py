"""Writes state dicts of real torchvision and timm networks as torch.save and the safetensors library write them.

Run from the project's root:
  python test/golden/make/torch_files.py        two small files with their logits, and tiny ones, into test/golden/torch
  python test/golden/make/torch_files.py DIR    full-size files of every kind; check them with
    node --import tsx --conditions source test/formats/torch-files.ts DIR

Needs torch, torchvision, timm, safetensors, numpy. Weights are seeded, so that tensors can be compared exactly.
"""
import copy
import json
import pathlib
import platform
import sys

import numpy as np
import safetensors
import seeded
import timm
import timm_layers
import torch
import torchvision
import torchvision_layers
from safetensors.torch import save_file
from timm.models._hub import save_for_hf
from timm_layers import LARGE, SMALL, V1, V2
from torch_state import nchw, seed

SIZE = [96, 96]
PORT = {"flavor": "keras", "includePreprocessing": False}


def tv(network, alpha=1, classes=10):
    model = getattr(torchvision.models, network)(width_mult=alpha, num_classes=classes)
    seed(model, torchvision_layers.layers(model))
    return model, network, {"flavor": "torchvision", "alpha": alpha}


def own(network, alpha=1, classes=10, **options):
    model = timm_layers.build(network, alpha, num_classes=classes, **options)
    seed(model, timm_layers.layers(network, model))
    return model, network, {"flavor": "timm", "alpha": alpha}


def port(name, network, **options):
    model = timm_layers.registered(name, num_classes=10)
    seed(model, timm_layers.layers(network, model))
    return model, network, {**PORT, "alpha": 1, **options}


def in_dict(key, prefix=""):
    """A training script's checkpoint."""

    def save(model, path):
        state = {f"{prefix}{name}": value for name, value in model.state_dict().items()}
        trained = copy.deepcopy(model)
        optimizer = torch.optim.Adam(trained.parameters())
        for parameter in trained.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()  # fills the optimizer's state
        torch.save({"epoch": 3, "arch": "m", key: state, "optimizer": optimizer.state_dict(), "ema": None}, path)

    return save


def first_weight(model):
    return next(iter(model.state_dict()))


def plain(model, path):
    torch.save(model.state_dict(), path)


def protocol4(model, path):
    torch.save(model.state_dict(), path, pickle_protocol=4)


def legacy(model, path):
    """As before PyTorch 1.6."""
    torch.save(model.state_dict(), path, _use_new_zipfile_serialization=False)


def channels_last(model, path):
    torch.save(model.to(memory_format=torch.channels_last).state_dict(), path)


def as_safetensors(model, path):
    save_file(model.state_dict(), path, {"format": "pt"})


def for_hub(model, path):
    """timm's own export: a folder with config.json beside the weights."""
    save_for_hf(model, path.parent, safe_serialization=True)
    (path.parent / "model.safetensors").rename(path)


MINIMAL = port("tf_mobilenetv3_small_minimal_100", SMALL, minimalistic=True)

# File, network, how it is saved, precision.
FULL = [
    ("mobilenet_v2.pth", tv(V2, classes=1000), plain, "float"),
    ("mobilenet_v2_legacy.pth", tv(V2, classes=1000), legacy, "float"),
    ("mobilenet_v2_half.pth", tv(V2, 0.5), plain, "half"),
    ("mobilenet_v2_double.pth", tv(V2, 0.5), plain, "double"),
    ("mobilenet_v3_small.pth", tv(SMALL), in_dict("state_dict", "module."), "float"),
    ("mobilenet_v3_large.pt", tv(LARGE), channels_last, "float"),
    ("mobilenet_v3_small_075.safetensors", tv(SMALL, 0.75), as_safetensors, "float"),
    ("mobilenetv1_100.pth", own(V1, classes=1000), plain, "float"),
    ("mobilenetv1_025_grey.pth", own(V1, 0.25, in_chans=1), protocol4, "float"),
    ("mobilenetv2_050.safetensors", own(V2, 0.5), as_safetensors, "bfloat16"),
    ("mobilenetv2_140.pth", own(V2, 1.4), in_dict("model"), "bfloat16"),
    ("mobilenetv3_small_050.pth", own(SMALL, 0.5), in_dict("model_state_dict"), "float"),
    ("mobilenetv3_large_100.safetensors", own(LARGE, classes=1000), as_safetensors, "float"),
    ("tf_mobilenetv3_small_100.pth", port("tf_mobilenetv3_small_100", SMALL), plain, "float"),
    ("minimal.safetensors", MINIMAL, as_safetensors, "float"),
    ("hub/tf/any.safetensors", port("tf_mobilenetv3_large_075", LARGE, alpha=0.75), for_hub, "float"),
    ("hub/own/any.safetensors", own(SMALL, 0.75), for_hub, "float"),
]

SMALL_FILES = [
    ("timm-v1.safetensors", own(V1, 0.05, 5), as_safetensors, "float"),
    ("timm-v1-legacy.pth", own(V1, 0.05, 5), legacy, "half"),
    ("torchvision-v3-small.pth", tv(SMALL, 0.15, 5), plain, "half"),
]

# Networks whose parameters are listed.
LISTED = [
    *[tv(V2, 0.5), tv(SMALL), own(V1, 0.5), own(V2, 0.5), own(LARGE)],
    MINIMAL,
]


def write(folder, name, made, save, precision):
    model, network, options = made
    model = getattr(model, precision)().eval()
    channels = model.state_dict()[first_weight(model)].shape[1]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save(model, path)
    # In float64, but with the weights as they were rounded for the file.
    model = model.double().eval()
    x = seeded.pictures((1, *SIZE, channels), -1, 1)
    with torch.no_grad():
        logits = model(nchw(x.astype(np.float64)))[0]
    classes = len(logits)
    inputs = {"inputShape": [*SIZE, channels], "classes": classes, "classifierActivation": None}
    return {
        "file": name,
        "network": network,
        "options": {**options, **inputs},
        "precision": precision,
        "logits": [seeded.rounded(v) for v in logits.tolist()[:20]],
    }


def listing(model, network, options):
    """Names and shapes in the order of `state_dict()`."""
    parameters = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    library = type(model).__module__.split(".")[0]
    return {"library": library, "network": network, "options": options, "parameters": parameters}


def tiny(folder):
    """Everything a state dict can be made of, in a few numbers."""
    base = torch.arange(12, dtype=torch.float32)
    tensors = torch.nn.Module().state_dict()  # an OrderedDict with the _metadata of real ones
    tensors["float"] = torch.tensor([[1.5, -2.0], [0.0, 3e38]])
    tensors["half"] = torch.tensor([0.5, -65504.0], dtype=torch.half)
    tensors["bfloat16"] = torch.tensor([1.0, -3e38], dtype=torch.bfloat16)
    tensors["double"] = torch.tensor([0.1, 1e300], dtype=torch.double)
    tensors["long"] = torch.tensor([-(2**63), 2**63 - 1])
    tensors["scalar"] = torch.tensor(7.0)
    tensors["empty"] = torch.zeros(2, 0, 3)
    tensors["offset"] = base[5:8]
    tensors["transposed"] = base.view(3, 4).t()
    tensors["strided"] = base.view(2, 6)[:, ::2]
    tensors["channels_last"] = torch.arange(24.0).view(1, 2, 3, 4).contiguous(memory_format=torch.channels_last)
    values = {
        "int": [0, 255, 256, 65535, 65536, -1, 2**31 - 1, -(2**31), 2**40, -(2**40)],
        "float": 0.1,
        "none": None,
        "bools": (True, False),
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "text": "größe 模型",
        "size": torch.Size([2, 3]),
        "nested": {"a": {"b": [{}]}},
        3: "number",
    }
    torch.save({"tensors": tensors, "values": values}, folder / "tiny.pth")
    torch.save({"tensors": tensors, "values": values}, folder / "tiny-protocol4.pth", pickle_protocol=4)
    torch.save(
        {"tensors": tensors, "values": values}, folder / "tiny-legacy.pth", _use_new_zipfile_serialization=False
    )


def main():
    full = len(sys.argv) > 1
    folder = pathlib.Path(sys.argv[1]) if full else seeded.GOLDEN / "torch"
    folder.mkdir(parents=True, exist_ok=True)
    if not full:
        tiny(folder)
    made = {
        "by": "test/golden/make/torch_files.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "timm": timm.__version__,
        "safetensors": safetensors.__version__,
        "numpy": np.__version__,
    }
    files = [write(folder, *row) for row in (FULL if full else SMALL_FILES)]
    listings = [] if full else [listing(*row) for row in LISTED]
    rows = {"files": files, "listings": listings}
    lines = {key: ",\n".join(json.dumps(row, separators=(",", ":")) for row in part) for key, part in rows.items()}
    body = ",\n".join(f'"{key}":[\n{part}\n]' for key, part in lines.items())
    (folder / "expected.json").write_text(f'{{"made":{json.dumps(made)},\n"seed":{seeded.SEED},\n{body}}}\n')


main()
