"""Opens in real Keras what we write: every network and flavour, as `.weights.h5` and as `.h5`, loaded into the network
that Keras itself builds; each weight must arrive where it belongs, bit by bit.

Run from the project's root: python test/formats/open-in-keras.py (needs keras 3 and jax, or TensorFlow 2.15 with its
Keras 2, and node).
"""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

if not importlib.util.find_spec("tensorflow"):
    os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden" / "make"))

import keras
import numpy as np
import seeded

IS_KERAS3 = keras.__version__.startswith("3")
if IS_KERAS3:
    import article_networks

    # Every weight is loaded below; drawing it first would compile a program for each shape.
    keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None: np.zeros(shape, "float32")

APPLICATIONS = {
    "mobilenet_v1": keras.applications.MobileNet,
    "mobilenet_v2": keras.applications.MobileNetV2,
    "mobilenet_v3_small": keras.applications.MobileNetV3Small,
    "mobilenet_v3_large": keras.applications.MobileNetV3Large,
}
KERAS_NAMES = {
    "inputShape": "input_shape",
    "depthMultiplier": "depth_multiplier",
    "includeTop": "include_top",
    "includePreprocessing": "include_preprocessing",
}


def build(network, options):
    keras.backend.clear_session()  # automatic names start anew
    kwargs = {KERAS_NAMES.get(name, name): value for name, value in options.items()}
    if kwargs.pop("flavor", "keras") == "article":
        return getattr(article_networks, network)(**kwargs)
    return APPLICATIONS[network](weights=None, **kwargs)


def check(model, params):
    """Our parameters stand in the order of Keras' layers and of their weights."""
    weights = [variable for layer in model.layers for variable in layer.weights]
    assert len(weights) == len(params), (len(weights), len(params))
    for variable, name in zip(weights, params):
        layer, weight = name.rsplit("/", 1)
        expected = seeded.parameter(layer, weight, tuple(variable.shape))
        np.testing.assert_array_equal(np.asarray(variable), expected, name)


with tempfile.TemporaryDirectory() as folder:
    node = ["node", "--import", "tsx", "--conditions", "source", "test/formats/write-for-keras.ts", folder]
    subprocess.run(node, check=True)
    for written in json.loads((pathlib.Path(folder) / "written.json").read_text()):
        network, options = written["network"], written["options"]
        if not IS_KERAS3 and options.get("flavor") == "article":
            continue
        for file in written["files"]:
            # Keras 2 calls some layers otherwise, so that it can only go by order.
            by_name = [False, True] if IS_KERAS3 and not file.endswith(".weights.h5") else [False]
            for by in by_name:
                model = build(network, options)
                model.load_weights(f"{folder}/{file}", **({"by_name": True} if by else {}))
                check(model, written["params"])
                print("ok", file, "by name" if by else "", network, json.dumps(options), flush=True)
