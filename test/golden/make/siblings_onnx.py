"""Writes test/golden/heads/onnx-siblings.json and its .br files: what PyTorch exports of a small MobileNetV2 with other
operators about its last layer, in half precision, and with several results; and what ONNX Runtime computes with them.

Run from the project's root: python test/golden/make/siblings_onnx.py (needs torch with numpy 1, torchvision, onnx, onnxruntime
with its transformers tools; and node for Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW.
"""
import pathlib
import platform
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
import seeded
import torch
import torchvision
from heads_pack import coarse, golden_case, pattern
from onnxruntime.transformers import float16
from torch import nn

SHAPE = (1, 3, 64, 64)
# Batch norms stay layers of their own, whose coarse numbers pack well.
KEPT = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}


def fill(model):
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


class Net(nn.Module):
    def __init__(self, head, end=lambda features, head: head(features.mean((2, 3)))):
        super().__init__()
        self.features = torchvision.models.mobilenet_v2(width_mult=0.1).features
        self.head = head
        self.end = end

    def forward(self, x):
        return self.end(self.features(x), self.head)


cases = []


def add(name, model, names=("output",), result=0, options=None, half=False, tolerance=1e-4):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        torch.onnx.export(fill(model), torch.from_numpy(pattern(SHAPE)), str(path), input_names=["input"], output_names=list(names), opset_version=14, **KEPT)
        if half:
            onnx.save(float16.convert_float_to_float16(onnx.load(str(path)), keep_io_types=True), str(path))
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        y = session.run(None, {"input": pattern(SHAPE)})[result].ravel().tolist()
        cases.append(golden_case(f"sibling-onnx-{name}", path, y, options or {}, layout="NCHW", tolerance=tolerance))


# A network of ours but for how its features are pooled, and for what becomes of its logits: not told by layers with weights.
add("maxima", Net(nn.Linear(1280, 3), lambda f, head: head(f.amax((2, 3)))))
add("limits", Net(nn.Linear(1280, 8), lambda f, head: head(f.mean((2, 3))).clamp(-1, 2)))
add("least", Net(nn.Linear(1280, 8), lambda f, head: head(f.mean((2, 3))).clamp(min=-0.5)))
add("pixel", Net(nn.Linear(1280, 3), lambda f, head: head(nn.functional.adaptive_avg_pool2d(f, 1)[:, :, 0, 0])))
gelu = nn.Sequential(nn.Linear(1280, 8), nn.GELU(), nn.Linear(8, 8), nn.PReLU(8), nn.Linear(8, 3))
add("half", Net(gelu), half=True, tolerance=2e-2)
both = lambda f, head: (head(f.mean((2, 3))), torch.sigmoid(f.mean((2, 3))[:, :1280]))
add("second", Net(nn.Linear(1280, 3), both), names=("logits", "gates"), result=1, options={"output": "gates"})

made = {
    "by": "test/golden/make/siblings_onnx.py",
    "python": platform.python_version(),
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "onnx": onnx.__version__,
    "onnxruntime": ort.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/onnx-siblings.json", made, cases=cases)
