"""Opens TFLite files that our writer wrote in LiteRT's interpreter, and compares what it computes.

  node --import tsx --conditions source test/formats/write-tflite.ts DIR
  PYTHONPATH=test/golden/make python test/formats/open-in-litert.py DIR

Needs ai-edge-litert, numpy. Each file runs with a batch of two, by the plain kernels and by the default delegate
(XNNPACK).
"""
import json
import pathlib
import sys

import numpy as np
import seeded
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TOLERANCE = 1e-4
RESOLVERS = {"plain": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, "default": OpResolverType.AUTO}

folder = pathlib.Path(sys.argv[1])
cases = json.loads((folder / "expected.json").read_text())
for case in cases:
    expected = np.array(case["results"])
    batch = seeded.pictures((2, *case["shape"]), *case["range"])
    for name, resolver in RESOLVERS.items():
        interpreter = Interpreter(str(folder / case["file"]), num_threads=1, experimental_op_resolver_type=resolver)
        (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
        assert list(given["shape_signature"]) == [-1, *case["shape"]], given
        interpreter.resize_tensor_input(given["index"], batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], batch)
        interpreter.invoke()
        found = interpreter.get_tensor(result["index"])
        assert found.size == expected.size and len(found) == 2, (case["file"], found.shape)
        error = np.abs(found.ravel() - expected).max() / np.abs(expected).max()
        print(f"{case['file']}, {name}: {error:.1e}")
        assert error < TOLERANCE, case["file"]
print(f"{len(cases)} files: largest difference below {TOLERANCE} of the largest result")
