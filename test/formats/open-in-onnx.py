"""Opens what we write as ONNX in onnx.checker and in onnxruntime for Python, and compares the numbers.

Run from the project's root: python test/formats/open-in-onnx.py (needs onnx, onnxruntime, numpy, and node).
The four networks at full size, batch norms folded and kept; their logits must agree to 1e-4 of the largest.
"""
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnx
import onnxruntime

here = pathlib.Path(__file__).resolve().parent
folder = pathlib.Path(tempfile.mkdtemp())
node = ["node", "--import", "tsx", "--conditions", "source"]
subprocess.run([*node, str(here / "write-onnx.ts"), str(folder)], check=True, cwd=here.parent.parent)
print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)

for expected in sorted(folder.glob("*.json")):
    described = json.loads(expected.read_text())
    logits = np.array(described["logits"], np.float32).reshape(described["batch"], -1)
    pictures = np.frombuffer(expected.with_suffix(".input").read_bytes(), np.float32)
    pictures = pictures.reshape(-1, *described["inputShape"]).transpose(0, 3, 1, 2)
    for form in ["folded", "kept"]:
        path = expected.with_suffix(f".{form}.onnx")
        onnx.checker.check_model(onnx.load(path), full_check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (given,), (made,) = session.get_inputs(), session.get_outputs()
        # One by one, and together: the batch size is open.
        alone = [session.run(None, {given.name: picture[None]})[0] for picture in pictures]
        for found in [np.concatenate(alone), session.run(None, {given.name: np.ascontiguousarray(pictures)})[0]]:
            error = np.abs(found - logits).max() / np.abs(logits).max()
            same = (found.argmax(1) == logits.argmax(1)).all()
            assert error <= 1e-4 and same, (path.name, error)
        metadata = session.get_modelmeta().custom_metadata_map
        assert metadata["mobilenets.network"] == described["network"]
        print(f"{path.name}: {given.name} {given.shape} -> {made.name} {made.shape}, relative error {error:.1e}")
