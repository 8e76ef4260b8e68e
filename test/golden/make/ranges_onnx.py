"""Writes test/golden/heads/onnx-ranges.json and its .br files: small networks that ONNX Runtime quantised with pictures too
faint, so that results end at the ranges of their integers, and what ONNX Runtime computes with them.

Run from the project's root: python test/golden/make/ranges_onnx.py (needs onnx, onnxruntime; and node for Brotli). The input
is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW.
"""
import pathlib
import platform
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
import seeded
from heads_pack import coarse, golden_case, pattern
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

SHAPE = (1, 3, 32, 32)


class Pictures(CalibrationDataReader):
    def __init__(self, light):
        self.left = [{"x": np.roll(pattern(SHAPE), i * 17) * np.float32(light)} for i in range(6)]

    def get_next(self):
        return self.left.pop() if self.left else None


def network(path):
    """A convolution, a residual, two poolings joined, two dense layers."""
    weights, nodes = [], []

    def weight(name, *shape):
        value = coarse(name, shape) * (2 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.5)
        weights.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def add(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def conv(x, name, size, out, stride):
        inputs = [x, weight(f"{name}.w", out, size, 3, 3), weight(f"{name}.b", out)]
        return add("Conv", inputs, name, strides=[stride, stride], pads=[1, 1, 1, 1], kernel_shape=[3, 3])

    y = add("Relu", [conv("x", "stem", 3, 8, 2)], "stem.relu")
    y = add("Add", [y, conv(y, "branch", 8, 8, 1)], "sum")
    joined = add("Concat", [add("GlobalAveragePool", [y], "mean"), add("GlobalMaxPool", [y], "most")], "joined", axis=1)
    y = add("Flatten", [joined], "flat")
    y = add("Relu", [add("Gemm", [y, weight("a.w", 6, 16), weight("a.b", 6)], "a", transB=1)], "a.relu")
    add("Gemm", [y, weight("c.w", 3, 6), weight("c.b", 3)], "y", transB=1)
    x, out = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in [("x", SHAPE), ("y", [1, 3])])
    graph = helper.make_graph(nodes, "ranges", [x], [out], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def run(path):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": pattern(SHAPE)})[0].ravel().tolist()


cases = []
with tempfile.TemporaryDirectory() as folder:
    plain, target = pathlib.Path(folder) / "plain.onnx", pathlib.Path(folder) / "model.onnx"
    network(plain)
    print("floats", run(plain))
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        for kind in (QuantType.QUInt8, QuantType.QInt8):
            quantize_static(str(plain), str(target), Pictures(0.3), quant_format=form, activation_type=kind,
                            weight_type=QuantType.QInt8)
            outputs = run(target)
            name = f"onnx-ranges-{form.name.lower()}-{kind.name.lower()[1:]}"
            cases.append(golden_case(name, target, outputs, {}, layout="NCHW", tolerance=0.03))
            print(outputs)

made = {
    "by": "test/golden/make/ranges_onnx.py",
    "python": platform.python_version(),
    "onnx": onnx.__version__,
    "onnxruntime": ort.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/onnx-ranges.json", made, cases=cases)
