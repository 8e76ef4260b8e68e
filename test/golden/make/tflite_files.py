"""TFLite files as TensorFlow's own converter writes them of small keras.applications networks with seeded weights, and
what LiteRT's interpreter computes with them of seeded pictures.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu==2.15.1 'numpy<2'
    python3 -m venv litert && litert/bin/pip install ai-edge-litert==2.3.0
    venv/bin/python test/golden/make/tflite_files.py convert
    litert/bin/python test/golden/make/tflite_files.py run

Two environments, since the interpreter wants a newer numpy than TensorFlow 2.15, the last with Keras 2, has.
"""

import os
import sys

import numpy as np
from seeded import GOLDEN, parameter, pictures, summary, write

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
FOLDER = GOLDEN / "tflite"
SMALL = {"inputShape": [96, 96, 3], "alpha": 0.1, "classes": 10}

# Inner layers by our names, and how the name of the file's tensor begins.
CASES = [
    {
        "file": "v1-float32",
        "network": "mobilenet_v1",
        "options": SMALL,
        "range": [-1, 1],
        "layers": {
            "conv1_relu": "mobilenet_0.10_96/conv1_relu/Relu6",
            "conv_pw_6_relu": "mobilenet_0.10_96/conv_pw_6_relu/Relu6",
            "conv_pw_13_relu": "mobilenet_0.10_96/conv_pw_13_relu/Relu6",
            "global_average_pooling2d": "mobilenet_0.10_96/global_average_pooling2d",
        },
    },
    {
        "file": "v3-small-float32",
        "network": "mobilenet_v3_small",
        "options": {**SMALL, "includeTop": False, "pooling": "avg"},
        "range": [0, 255],
        "layers": {
            "expanded_conv_squeeze_excite_mul": "MobilenetV3small/expanded_conv/squeeze_excite/Mul",
            "expanded_conv_3_squeeze_excite_relu": "MobilenetV3small/expanded_conv_3/squeeze_excite/Relu/Relu",
            "expanded_conv_8_project_bn": "MobilenetV3small/expanded_conv_8/project/BatchNorm",
            "expanded_conv_10_add": "MobilenetV3small/expanded_conv_10/Add",
        },
    },
    {
        # Here hard sigmoid multiplies by 1/6 as a 16-bit float, which is no network of ours: its layers keep their names.
        "file": "v3-small-float16",
        "network": "mobilenet_v3_small",
        "unnamed": True,
        "options": {**SMALL, "includeTop": False, "pooling": "avg"},
        "range": [0, 255],
        "layers": {
            name: name
            for name in (
                "MobilenetV3small/expanded_conv/squeeze_excite/Mul/mul",
                "MobilenetV3small/expanded_conv_3/squeeze_excite/Relu/Relu",
                "MobilenetV3small/expanded_conv_10/Add/add",
            )
        },
    },
    {
        "file": "v2-int8",
        "network": "mobilenet_v2",
        "options": {**SMALL, "classifierActivation": None},
        "range": [-1, 1],
        "layers": {},
    },
]


def convert():
    import tensorflow as tf

    builders = {
        "mobilenet_v1": tf.keras.applications.MobileNet,
        "mobilenet_v2": tf.keras.applications.MobileNetV2,
        "mobilenet_v3_small": tf.keras.applications.MobileNetV3Small,
    }
    FOLDER.mkdir(exist_ok=True)
    for case in CASES:
        options = case["options"]
        # Keras counts its layers of one kind across models.
        tf.keras.backend.clear_session()
        model = builders[case["network"]](
            input_shape=options["inputShape"],
            alpha=options["alpha"],
            classes=options["classes"],
            classifier_activation=options.get("classifierActivation", "softmax"),
            include_top=options.get("includeTop", True),
            pooling=options.get("pooling"),
            weights=None,
        )
        for layer in model.layers:
            names = [weight.name.rsplit("/", 1)[1].split(":")[0] for weight in layer.weights]
            layer.set_weights([parameter(layer.name, n, w.shape) for n, w in zip(names, layer.weights)])
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if case["file"].endswith("float16"):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        if case["file"].endswith("int8"):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([seeded_pictures(case)[i : i + 1]] for i in range(2))
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        (FOLDER / f"{case['file']}.tflite").write_bytes(converter.convert())


def seeded_pictures(case):
    return pictures((2, *case["options"]["inputShape"]), *case["range"])


def run():
    from importlib.metadata import version

    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    results = []
    for case in CASES:
        interpreter = Interpreter(
            str(FOLDER / f"{case['file']}.tflite"),
            num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
        batch = seeded_pictures(case)
        interpreter.resize_tensor_input(given["index"], batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], quantised(batch, given))
        interpreter.invoke()
        tensors = interpreter.get_tensor_details()

        def value(tensor):
            return real(interpreter.get_tensor(tensor["index"]), tensor)

        def layer(prefix):
            # The converter also calls the weights of a fused layer by all its parts.
            found = [t for t in tensors if t["name"].startswith(prefix) and len(t["shape"]) and t["shape"][0] == len(batch)]
            return max(found, key=lambda t: t["index"])

        made = {
            **{key: value for key, value in case.items() if key != "layers"},
            "batch": len(batch),
            "outputs": summary(value(result)),
            "layers": {name: summary(value(layer(prefix))) for name, prefix in case["layers"].items()},
        }
        if case["file"].endswith("int8"):
            made["stored"] = {
                name: stored(tensors, interpreter, part)
                for name, part in {
                    "Conv1/kernel": "mobilenetv2_0.10_96/Conv1/Conv2D",
                    "block_3_expand/kernel": "mobilenetv2_0.10_96/block_3_expand/Conv2D",
                    "predictions/kernel": "mobilenetv2_0.10_96/predictions/MatMul",
                }.items()
            }
        results.append(made)
    write("tflite/expected.json", {"ai-edge-litert": version("ai-edge-litert"), "tensorflow": "2.15.1"}, cases=results)


def quantised(values, details):
    scale, zero = details["quantization"]
    if scale == 0:
        return values
    return np.clip(np.rint(values / scale) + zero, -128, 127).astype(np.int8)


def real(values, details):
    scale, zero = details["quantization"]
    return values if scale == 0 else (values.astype(np.float64) - zero) * scale


def stored(tensors, interpreter, name):
    """A kernel's integers in our order (outputs last), some of its scales, and the sum of all its numbers."""
    (tensor,) = (t for t in tensors if t["name"] == name)
    values = interpreter.get_tensor(tensor["index"])
    scales = tensor["quantization_parameters"]["scales"]
    ours = np.moveaxis(values, 0, -1)
    return {
        "shape": list(ours.shape),
        "integers": ours.ravel()[:48].tolist(),
        "sum": int(values.astype(int).sum()),
        "scales": [float(s) for s in scales],
    }


if __name__ == "__main__":
    {"convert": convert, "run": run}[sys.argv[1]]()
