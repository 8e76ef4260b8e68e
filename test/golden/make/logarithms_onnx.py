"""Writes test/golden/heads/logarithms-onnx.json and its .br files: ONNX models that end in logarithms of probabilities, and
what ONNX Runtime computes with them.

Run from the project's root: python test/golden/make/logarithms_onnx.py (needs onnx, onnxruntime, numpy; and node for Brotli).
Two are networks that PyTorch exported (own_onnx.py, siblings_onnx.py), with behind them what it exports of
`nn.LogSoftmax(dim=1)` and of `torch.log(torch.softmax(x, 1))`. The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW.
"""
import pathlib
import platform
import subprocess
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
import seeded
from heads_pack import coarse, golden_case, pattern
from onnx import TensorProto, helper, numpy_helper

UNPACK = "process.stdout.write(require('node:zlib').brotliDecompressSync(require('node:fs').readFileSync(0)))"

cases = []


def add(name, model, shape):
    onnx.checker.check_model(model)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        onnx.save(model, str(path))
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        y = session.run(None, {session.get_inputs()[0].name: pattern(shape)})[0].ravel().tolist()
        cases.append(golden_case(f"logarithms-onnx-{name}", path, y, {}, layout="NCHW"))


def exported(name, *ends):
    """@param ends operators behind the golden's result"""
    packed = (seeded.GOLDEN / "heads" / f"{name}.br").read_bytes()
    model = onnx.load_from_string(subprocess.run(["node", "-e", UNPACK], input=packed, stdout=subprocess.PIPE, check=True).stdout)
    last = model.graph.node[-1]
    result = last.output[0]
    assert result == model.graph.output[0].name
    last.output[0] = "logits"
    values = ["logits", *(f"/{op}_output_0" for op, _ in ends[:-1]), result]
    for i, (op, attributes) in enumerate(ends):
        model.graph.node.append(helper.make_node(op, [values[i]], [values[i + 1]], f"/{op}", **attributes))
    return model


def small(opset, nodes, **weights):
    """A convolution of 6 channels, and nodes from value `features` to value `y`."""
    stem = {"k": coarse("k", (6, 3, 3, 3)) / 3, "b": coarse("b", (6,))}
    constants = [numpy_helper.from_array(np.asarray(value, value.dtype if value.dtype == np.int64 else "float32"), name) for name, value in {**stem, **weights}.items()]
    conv = helper.make_node("Conv", ["x", "k", "b"], ["features"], strides=[2, 2])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 32, 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "classes"])
    graph = helper.make_graph([conv, *nodes], "small", [x], [y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


add("torch-v2", exported("onnx-v2-width-0.33", ("LogSoftmax", {"axis": 1})), (1, 3, 64, 64))
add("torch-v2-log", exported("sibling-onnx-maxima", ("Softmax", {"axis": 1}), ("Log", {})), (1, 3, 64, 64))
node = helper.make_node
head = {"w": coarse("w", (6, 4)) * 2, "c": coarse("c", (4,))}
pool = [node("GlobalAveragePool", ["features"], ["pool"]), node("Flatten", ["pool"], ["flat"])]
dense = node("Gemm", ["flat", "w", "c"], ["logits"])
# Without an axis it is 1 up to operator set 12, and the last from then on.
add("old-default", small(11, [*pool, dense, node("LogSoftmax", ["logits"], ["y"])], **head), (1, 3, 32, 32))
add("default", small(17, [*pool, dense, node("LogSoftmax", ["logits"], ["y"])], **head), (1, 3, 32, 32))
add("old-pixel", small(11, [node("GlobalAveragePool", ["features"], ["pool"]), node("LogSoftmax", ["pool"], ["logs"]), node("Flatten", ["logs"], ["y"])]), (1, 3, 32, 32))
# Along the channels of a map, and the logarithm of a layer's results.
pixels = [node("LogSoftmax", ["features"], ["logs"], axis=1), node("Softplus", ["logs"], ["above"]), node("Log", ["above"], ["bent"])]
mean = [node("GlobalAveragePool", ["bent"], ["pool"]), node("Flatten", ["pool"], ["flat"])]
add("map", small(17, [*pixels, *mean, dense, node("LogSoftmax", ["logits"], ["y"], axis=-1)], **head), (1, 3, 32, 32))

made = {
    "by": "test/golden/make/logarithms_onnx.py",
    "python": platform.python_version(),
    "onnx": onnx.__version__,
    "onnxruntime": ort.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/logarithms-onnx.json", made, cases=cases)
