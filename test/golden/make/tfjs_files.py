"""TensorFlow.js graph models as its converter writes them of small keras.applications networks with seeded weights, and
what TensorFlow computes with those of seeded pictures.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu==2.15.1 'numpy<2'
    venv/bin/pip install --no-deps tensorflowjs==4.22.0 tensorflow-hub==0.16.1 tf-keras==2.15.1 && venv/bin/pip install six packaging
    venv/bin/python test/golden/make/tfjs_files.py

The converter imports jax, flax and tensorflow_decision_forests without using them here: empty modules of these names do.
"""

import os
import shutil
import sys
import tempfile
import types
from importlib.metadata import version

from seeded import GOLDEN, parameter, pictures, summary, write

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
for name in ("jax", "jax.experimental", "jax.experimental.jax2tf", "flax", "tensorflow_decision_forests"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

import tensorflow as tf  # noqa: E402
from tensorflowjs.converters import tf_saved_model_conversion_v2 as converter  # noqa: E402

FOLDER = GOLDEN / "tfjs"
SMALL = {"inputShape": [96, 96, 3], "alpha": 0.1, "classes": 10}

CASES = [
    {
        "file": "v1-float32",
        "network": "mobilenet_v1",
        "options": SMALL,
        "layers": ["conv1_relu", "conv_pw_6_relu", "conv_pw_13_relu", "global_average_pooling2d"],
    },
    {
        "file": "v2-uint8",
        "network": "mobilenet_v2",
        "options": {**SMALL, "classifierActivation": None},
        # Weights stored in 8 bits give other numbers; the exact ones are those TensorFlow.js itself finds in the file.
        "quantise": {"uint8": "*"},
        "layers": [],
    },
]


def main():
    builders = {"mobilenet_v1": tf.keras.applications.MobileNet, "mobilenet_v2": tf.keras.applications.MobileNetV2}
    results = []
    for case in CASES:
        options = case["options"]
        tf.keras.backend.clear_session()
        model = builders[case["network"]](
            input_shape=options["inputShape"],
            alpha=options["alpha"],
            classes=options["classes"],
            classifier_activation=options.get("classifierActivation", "softmax"),
            weights=None,
        )
        for layer in model.layers:
            names = [weight.name.rsplit("/", 1)[1].split(":")[0] for weight in layer.weights]
            layer.set_weights([parameter(layer.name, n, w.shape) for n, w in zip(names, layer.weights)])
        folder = FOLDER / case["file"]
        shutil.rmtree(folder, ignore_errors=True)
        with tempfile.TemporaryDirectory() as saved:
            model.save(saved)
            converter.convert_tf_saved_model(saved, str(folder), quantization_dtype_map=case.get("quantise"))
        batch = pictures((2, *options["inputShape"]), -1, 1)
        layers = [model.get_layer(name).output for name in case["layers"]]
        outputs = tf.keras.Model(model.input, [model.output, *layers])(batch)
        outputs = outputs if case["layers"] else [outputs]
        results.append(
            {
                "network": case["network"],
                "options": options,
                "file": case["file"],
                "batch": len(batch),
                "range": [-1, 1],
                "outputs": summary(outputs[0]),
                "layers": {name: summary(value) for name, value in zip(case["layers"], outputs[1:])},
            }
        )
    write("tfjs/expected.json", {p: version(p) for p in ("tensorflowjs", "tensorflow-cpu")}, cases=results)


main()
