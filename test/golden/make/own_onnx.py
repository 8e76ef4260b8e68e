"""Writes test/golden/heads/own-onnx.json and its .br files: networks with heads of their own, embeddings and widths of their
own as PyTorch exports them to ONNX, and what ONNX Runtime computes with them; some of them quantised or optimised by it.

Run from the project's root: python test/golden/make/own_onnx.py (needs torch, torchvision, timm, onnx, onnxruntime, numpy;
and node for Brotli). The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW.
"""
import pathlib
import platform
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
import seeded
import timm
import torch
import torchvision
from heads_pack import coarse, golden_case, pattern
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from timm.models import efficientnet, mobilenetv3
from torch import nn

SIZE = 64


def fill(model):
    """Coarse numbers, which exported norms, folded, leave coarse: files pack well. Values neither explode nor fade."""
    epsilons = {name: module.eps for name, module in model.named_modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)}
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        module = name.rpartition(".")[0]
        value = coarse(name, tuple(tensor.shape))
        if tensor.dim() >= 2:
            value = value * 2.0 ** round(np.log2(2 / np.sqrt(np.prod(tensor.shape[1:]))))
        elif name.endswith("running_var"):
            value = np.full(value.shape, 1 - epsilons[module])
        elif module in epsilons and name.endswith("weight"):
            value = 1 + np.sign(value) / 2
        else:
            value = value / 2
        tensor.copy_(torch.from_numpy(value.astype(np.float32)))
    return model.eval()


def v2(width=0.1):
    return torchvision.models.mobilenet_v2(width_mult=width, num_classes=3)


def headed(head, width=0.1):
    model = v2(width)
    model.classifier = head
    return model


class Net(nn.Module):
    """A backbone, and what becomes of its features."""

    def __init__(self, forward, backbone=None, **layers):
        super().__init__()
        self.backbone = backbone or v2().features
        self.run = forward
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x):
        return self.run(self, self.backbone(x))


def small():
    return mobilenetv3._gen_mobilenet_v3("mobilenetv3_small_100", 0.25, num_classes=3)


mean = lambda x: x.mean([2, 3])
EMBEDDING = {
    "normalised": Net(lambda m, x: nn.functional.normalize(mean(x), dim=1)),
    "by-norm": Net(lambda m, x: mean(x) / mean(x).norm(dim=1, keepdim=True)),
    "projected": Net(lambda m, x: nn.functional.normalize(m.fc(mean(x)), p=2, dim=-1), fc=nn.Linear(1280, 12, bias=False)),
}
HEADS = {
    "mlp": headed(nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 16), nn.ReLU(), nn.Linear(16, 3))),
    "mlp-norm": headed(nn.Sequential(nn.Linear(1280, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3), nn.Softmax(dim=1))),
    "layer-norm": headed(nn.Sequential(nn.LayerNorm(1280), nn.Linear(1280, 3))),
    "gelu": headed(nn.Sequential(nn.Linear(1280, 8), nn.GELU(), nn.Linear(8, 3))),
    "silu": headed(nn.Sequential(nn.Linear(1280, 8), nn.SiLU(), nn.Linear(8, 8), nn.Mish(), nn.Linear(8, 3))),
    "leaky": headed(nn.Sequential(nn.Linear(1280, 8), nn.LeakyReLU(0.1), nn.Linear(8, 8), nn.ELU(), nn.Linear(8, 8), nn.Tanh(),
                                  nn.Linear(8, 8), nn.Softplus(), nn.Linear(8, 8), nn.SELU(), nn.Linear(8, 8), nn.PReLU(),
                                  nn.Linear(8, 8), nn.Hardtanh(), nn.Linear(8, 8), nn.Hardsigmoid(), nn.Linear(8, 3))),
    "flatten": Net(lambda m, x: m.fc(x.view(x.size(0), -1)), fc=nn.Linear(1280 * 4, 3)),
    "pools": Net(lambda m, x: m.fc(torch.cat([x.mean([2, 3]), x.amax([2, 3])], 1)), fc=nn.Linear(2560, 3)),
    "convolved": Net(lambda m, x: m.conv(nn.functional.max_pool2d(x, 2, 1)).flatten(1), conv=nn.Conv2d(1280, 3, 1)),
    "upsampled": Net(lambda m, x: nn.functional.interpolate(m.conv(x), scale_factor=2, mode="bilinear").mean([2, 3]), conv=nn.Conv2d(1280, 3, 1)),
    "sigmoid": Net(lambda m, x: torch.sigmoid(m.fc(mean(x))), fc=nn.Linear(1280, 1)),
}
TIMM = {
    "timm-v3-embedding": mobilenetv3._gen_mobilenet_v3("mobilenetv3_small_100", 0.25, num_classes=0),
    "timm-110d": efficientnet._gen_mobilenet_v2("mobilenetv2_110d", 0.1, depth_multiplier=1.2, fix_stem_head=True, num_classes=3),
    "tf-v3-mlp": Net(lambda m, x: m.b(torch.relu(m.a(mean(x)))), a=nn.Linear(1024, 8), b=nn.Linear(8, 3),
                     backbone=mobilenetv3._gen_mobilenet_v3("tf_mobilenetv3_small_100", 0.25, num_classes=0, global_pool="", pad_type="same", bn_eps=1e-3)),
    "v2-width-0.33": v2(0.33),
}


class Pictures(CalibrationDataReader):
    def __init__(self):
        self.left = [{"input": np.roll(pattern((1, 3, SIZE, SIZE)), i * 17)} for i in range(6)]

    def get_next(self):
        return self.left.pop() if self.left else None


def run(path):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": pattern((1, 3, SIZE, SIZE))})[0].ravel().tolist()


cases = []
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    path, prepared, target = folder / "model.onnx", folder / "prepared.onnx", folder / "out" / "model.onnx"
    target.parent.mkdir()

    def export(model, opset=16, **more):
        torch.onnx.export(fill(model), torch.from_numpy(pattern((1, 3, SIZE, SIZE))), str(path), input_names=["input"],
                          output_names=["output"], opset_version=opset, **more)

    def add(name, file, tolerance=1e-4):
        cases.append(golden_case(f"onnx-{name}", file, run(file), {}, layout="NCHW", tolerance=tolerance))

    for name, model in {**EMBEDDING, **HEADS, **TIMM}.items():
        export(model, 11 if name in ("mlp", "projected") else 16,
               dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}} if name in ("flatten", "mlp") else None)
        add(name, path)
    for name in ("mlp-norm", "gelu"):
        export(HEADS[name])
        quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(str(prepared), str(target), weight_type=QuantType.QUInt8)
        add(f"{name}-dynamic", target, 0.05)
        for kind, form in [("qdq", QuantFormat.QDQ), ("qoperator", QuantFormat.QOperator)]:
            quantize_static(str(prepared), str(target), Pictures(), quant_format=form, per_channel=kind == "qdq",
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
            add(f"{name}-{kind}", target, 0.06)
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(target)
        ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        add(f"{name}-optimised", target)

made = {
    "by": "test/golden/make/own_onnx.py",
    "python": platform.python_version(),
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
    "timm": timm.__version__,
    "onnx": onnx.__version__,
    "onnxruntime": ort.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/own-onnx.json", made, cases=cases)
