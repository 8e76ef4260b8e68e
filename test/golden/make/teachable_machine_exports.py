"""The Keras and TFLite archives that Teachable Machine exports, of the model in test/golden/teachable-machine, and what
TensorFlow computes with them of a seeded picture.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu==2.21.0 tf_keras==2.21.0
    TF_USE_LEGACY_KERAS=1 venv/bin/python test/golden/make/teachable_machine_exports.py

Its Keras exports are written by Keras 2: a Sequential of two, the first of which holds the network.
"""

import io
import json
import os
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np
import tensorflow as tf
import tf_keras
from seeded import GOLDEN, uniform

FOLDER = GOLDEN / "teachable-machine"
LABELS = "0 Cat\n1 Dog\n2 Nothing"
SIZE = 96


def restored():
    model_json = json.loads((FOLDER / "model.json").read_text())
    model = tf_keras.models.model_from_json(json.dumps(model_json["modelTopology"]))
    data = (FOLDER / "weights.bin").read_bytes()
    values, at = {}, 0
    for weight in model_json["weightsManifest"][0]["weights"]:
        count = int(np.prod(weight["shape"]))
        values[weight["name"]] = np.frombuffer(data, "<f4", count, at).reshape(weight["shape"])
        at += 4 * count
    assert at == len(data)
    own = {variable.name.split(":")[0]: variable for variable in model.weights}
    assert own.keys() == values.keys(), (own.keys() ^ values.keys())
    for name, variable in own.items():
        variable.assign(values[name])
    return model


def picture():
    return np.floor(uniform("picture", SIZE * SIZE * 3) * 256).reshape(1, SIZE, SIZE, 3).astype(np.uint8)


def pack(name, model_name, model):
    # The date is part of the archive; ours is the same each time.
    with zipfile.ZipFile(FOLDER / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in [(model_name, model), ("labels.txt", LABELS.encode())]:
            info = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def interpret(model, pixels):
    interpreter = tf.lite.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(given["index"], pixels.astype(given["dtype"]))
    interpreter.invoke()
    output = interpreter.get_tensor(wanted["index"])[0]
    scale, zero = wanted["quantization"]
    return [float(x) for x in (scale * (output.astype(np.float64) - zero) if scale else output)]


model = restored()
pixels = picture()
signed = pixels.astype(np.float32) / 127.5 - 1
in_page = pixels.astype(np.float32) / 127 - 1
expected = {"made": {"tensorflow": tf.__version__, "tf_keras": tf_keras.__version__}}

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "keras_model.h5")
    model.save(path, include_optimizer=False)
    pack("converted_keras.zip", "keras_model.h5", open(path, "rb").read())
outputs = lambda x: [float(y) for y in model(x).numpy()[0]]
expected["converted_keras.zip"] = {"signed": outputs(signed), "inPage": outputs(in_page)}

converter = tf.lite.TFLiteConverter.from_keras_model(model)
plain = converter.convert()
pack("converted_tflite.zip", "model_unquant.tflite", plain)
expected["converted_tflite.zip"] = {"signed": interpret(plain, signed), "inPage": interpret(plain, in_page)}

converter.optimizations = [tf.lite.Optimize.DEFAULT]
near = np.clip(signed + 0.1 * (uniform("near", 8 * signed.size).reshape(8, *signed.shape) - 0.5), -1, 1)
converter.representative_dataset = lambda: ([x.astype(np.float32)] for x in [signed, *near])
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = converter.inference_output_type = tf.uint8
quantised = converter.convert()
pack("converted_tflite_quantized.zip", "model.tflite", quantised)
expected["converted_tflite_quantized.zip"] = {"bytes": interpret(quantised, pixels), "float": expected["converted_keras.zip"]["signed"]}
(FOLDER / "exports.json").write_text(json.dumps(expected, indent=1) + "\n")
