"""Writes test/golden/heads/onnx.json and its .br files: what ONNX Runtime makes of the float models in test/golden/onnx
when it quantises them (dynamically, as QDQ pairs, as QLinear operators) or optimises them, and what it computes with them.

Run from the project's root: python test/golden/make/heads_onnx.py (needs onnx, onnxruntime, numpy; and node for Brotli).
The input is x[i] = (i * 37 mod 256) / 127.5 - 1 over NCHW.
"""
import gzip
import pathlib
import platform
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
import seeded
from heads_pack import golden_case, pattern
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Pictures(CalibrationDataReader):
    def __init__(self, name, shape):
        self.left = [{name: np.roll(pattern(shape), i * 17)} for i in range(6)]

    def get_next(self):
        return self.left.pop() if self.left else None


def run(path, shape):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: pattern(shape)})[0].ravel().tolist()


cases = []
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for source, shape in [("torch_v2_folded", (1, 3, 96, 96)), ("torch_v3_small_kept", (1, 3, 97, 65))]:
        plain, prepared = folder / f"{source}.onnx", folder / f"{source}-prepared.onnx"
        plain.write_bytes(gzip.decompress((seeded.GOLDEN / "onnx" / f"{source}.onnx.gz").read_bytes()))
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        name = ort.InferenceSession(str(plain)).get_inputs()[0].name
        target = folder / "model.onnx"

        def add(kind, tolerance):
            # Rounding of activations to 8 bits, which the float form leaves out, is the tolerance.
            cases.append(golden_case(f"{source}-{kind}", target, run(target, shape), {}, layout="NCHW", tolerance=tolerance))

        quantize_dynamic(str(prepared), str(target), weight_type=QuantType.QUInt8)
        add("dynamic", 0.03)
        for kind, form in [("qdq", QuantFormat.QDQ), ("qoperator", QuantFormat.QOperator)]:
            per_channel = kind == "qdq"
            quantize_static(str(prepared), str(target), Pictures(name, shape), quant_format=form, per_channel=per_channel,
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
            add(kind, 0.04)
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(target)
        ort.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])
        add("optimised", 1e-4)

made = {
    "by": "test/golden/make/heads_onnx.py",
    "python": platform.python_version(),
    "onnx": onnx.__version__,
    "onnxruntime": ort.__version__,
    "numpy": np.__version__,
}
seeded.write("heads/onnx.json", made, cases=cases)
