"""The five best classes that LiteRT's own interpreter finds in each photograph with each quantised file of ../shared, by
its optimised kernels (`top5`) and by its reference kernels (`reference`), which round otherwise.

    python3 -m venv venv && venv/bin/pip install ai-edge-litert==2.3.0 pillow==13.0.0 numpy==2.4.6
    venv/bin/python test/golden/make/litert_top5.py ../shared/fixtures > test/golden/litert-top5.json

Each file gets the whole picture, resized to its square (antialiased bilinear) and rounded to the bytes that it takes, as
Coral's and TensorFlow Lite's own tools do it. Classes are ranked by the logits before the softmax, whose bytes are too
coarse to tell most classes from zero; logits come in steps of a tenth, and equal ones stand in order of their number.
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image


def pixels(path, height, width):
    planes = [
        np.asarray(plane.convert("F").resize((width, height), Image.Resampling.BILINEAR))
        for plane in Image.open(path).convert("RGB").split()
    ]
    return np.rint(np.stack(planes, axis=-1)).clip(0, 255).astype(np.uint8)


def top5(interpreter, picture):
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], picture[None])
    interpreter.invoke()
    (logits,) = (
        tensor
        for tensor in interpreter.get_tensor_details()
        if list(tensor["shape"]) == [1, 1001] and tensor["index"] != result["index"]
    )
    steps = interpreter.get_tensor(logits["index"])[0].astype(int)
    scale, zero = logits["quantization"]
    best = np.argsort(-steps, kind="stable")[:5]
    return [[int(i), round(float((steps[i] - zero) * scale), 3)] for i in best]


KERNELS = {"top5": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, "reference": OpResolverType.BUILTIN_REF}


def interpreter_of(file, kernels):
    interpreter = Interpreter(
        str(file), num_threads=1, experimental_op_resolver_type=kernels, experimental_preserve_all_tensors=True
    )
    interpreter.allocate_tensors()
    return interpreter


def main(fixtures):
    cases = []
    for file in sorted((fixtures / "tflite").glob("*.tflite")):
        interpreters = {name: interpreter_of(file, kernels) for name, kernels in KERNELS.items()}
        _, height, width, _ = interpreters["top5"].get_input_details()[0]["shape"]
        for image in sorted((fixtures / "images").iterdir()):
            picture = pixels(image, height, width)
            best = {name: top5(interpreter, picture) for name, interpreter in interpreters.items()}
            cases.append({"file": file.name, "image": image.name, **best})
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("ai-edge-litert", "pillow", "numpy"))
    lines = ",\n".join(json.dumps(case) for case in cases)
    print(f'{{"madeBy": "test/golden/make/litert_top5.py, {versions}", "cases": [\n{lines}\n]}}')


main(pathlib.Path(sys.argv[1]))
