"""Writes test/golden/training-keras.json: losses, gradients and moving statistics of Keras' and the article's networks
in training, for seeded weights and batches, and the losses of ten steps with Keras' optimisers.

Run from the project's root: python test/golden/make/training_keras.py (needs keras 3, torch, numpy).
On PyTorch, as it needs no compiling; JAX would take minutes for each network.
"""
import math
import os
import platform
import types

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
import training
from keras.src.layers.convolutional import base_depthwise_conv
from keras.src.layers.normalization import batch_normalization
from keras_networks import SMALL, V1, V2, build, expected_range, fill

keras.config.set_floatx(training.FLOATX)
# On a machine with other work, OpenMP's threads spend their time waiting for each other.
torch.set_num_threads(1)


def depthwise_conv(x, kernel, strides, padding, **_):
    """The sum of shifted pictures. PyTorch's own takes minutes in float64, a convolution per channel."""
    height, width, channels, multiplier = kernel.shape
    stride, _ = (strides, strides) if isinstance(strides, int) else strides
    if padding == "same":
        # TensorFlow's rule: the odd zero at the bottom and right.
        total = [max((math.ceil(n / stride) - 1) * stride + k - n, 0) for n, k in zip(x.shape[1:3], kernel.shape)]
        (top, left), (bottom, right) = [t // 2 for t in total], [t - t // 2 for t in total]
        x = torch.nn.functional.pad(x, (0, 0, left, right, top, bottom))
    rows, columns = (x.shape[1] - height) // stride + 1, (x.shape[2] - width) // stride + 1
    shifted = [
        x[:, i : i + (rows - 1) * stride + 1 : stride, j : j + (columns - 1) * stride + 1 : stride, :, None] * kernel[i, j]
        for i in range(height)
        for j in range(width)
    ]
    return sum(shifted).reshape(-1, rows, columns, channels * multiplier)


def check_depthwise_conv():
    generator = torch.Generator().manual_seed(1)
    x, kernel = (torch.randn(shape, generator=generator) for shape in [(2, 7, 8, 4), (3, 3, 4, 2)])
    for strides in (1, 2):
        for padding in ("same", "valid"):
            expected = keras.ops.depthwise_conv(x, kernel, strides, padding)
            assert torch.allclose(depthwise_conv(x, kernel, strides, padding), expected, atol=1e-5)


check_depthwise_conv()
if training.FLOATX == "float64":
    base_depthwise_conv.ops = types.SimpleNamespace(**{**vars(keras.ops), "depthwise_conv": depthwise_conv})
# Keras' batch norm would go down to float32 for its statistics.
batch_normalization.backend = types.SimpleNamespace(result_type=lambda *_: training.FLOATX)

CLASSES = 10


def shaped(height, width, **options):
    return {"inputShape": [height, width, 3], "classes": CLASSES, **options}


article = {"flavor": "article"}
logits = {"classifierActivation": None}
SGD = (training.SGD, {"learningRate": 1e-3})
# With the papers' epsilon, and with one so small that the root matters.
PAPER = (training.rmsprop(1), {"learningRate": 1e-3})
FINE = (training.rmsprop(1e-3), {"learningRate": 3e-4})

# Network, options, batch size, seed of the batches, settings of the step, optimisers with their learning rates.
# The seeds are some at which no value comes so close to a kink that float32 would land on its other side.
# Sizes odd and even, as stride 2 pads them differently; the article's three end in their softmax.
CASES = [
    (V1, shaped(48, 49, **article, dropout=0), 8, 1, {}, [SGD, PAPER]),
    (V2, shaped(33, 32, **article), 8, 21, {}, [SGD, PAPER]),
    (SMALL, shaped(48, 48, **article), 8, 0, {}, [SGD, PAPER]),
    (V1, shaped(49, 65, alpha=0.25, depthMultiplier=2, dropout=0, **logits), 6, 5, {}, [SGD, PAPER]),
    (V2, shaped(48, 47, alpha=0.35, **logits), 8, 2, {}, [SGD, FINE]),
    (SMALL, shaped(64, 49, alpha=0.25, dropout=0), 8, 0, {}, [SGD, FINE]),
    (V2, shaped(48, 48, alpha=0.35), 4, 0, {"freezeNorms": True}, []),
    (V2, shaped(48, 48, alpha=0.35), 8, 8, {"freezeUntil": "block_15_add"}, []),
]


def keras_optimiser(kind, nesterov=False, **settings):
    return {"sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop}[kind](
        **settings, **({"nesterov": True} if nesterov else {})
    )


def ours(layer, variable):
    if isinstance(layer, keras.layers.DepthwiseConv2D) and variable.name == "kernel":
        return f"{layer.name}/depthwise_kernel"
    return f"{layer.name}/{variable.name}"


class Training:
    def __init__(self, network, options, batch_size, pixels, noise, freezeNorms=False, freezeUntil=None):
        self.model = build(network, options)
        fill(self.model, training.parameter)
        layers = self.model.layers
        last = [layer.name for layer in layers].index(freezeUntil) if freezeUntil else -1
        for i, layer in enumerate(layers):
            # Frozen batch norms of Keras use their moving statistics.
            layer.trainable = i > last and not (freezeNorms and isinstance(layer, keras.layers.BatchNormalization))
        self.variables = {ours(layer, v): v for layer in layers for v in layer.weights}
        self.momentum = {layer.name: layer.momentum for layer in layers if hasattr(layer, "momentum")}
        self.start = {name: array(v) for name, v in self.variables.items()}
        shape = (batch_size, *options["inputShape"])
        self.batches = [training.batch(noise, i, shape, pixels, options["classes"]) for i in range(training.BATCHES)]
        self.softmax = options.get("classifierActivation", "softmax") == "softmax"

    def step(self, i):
        """Loss and gradients by name. Norms move their statistics."""
        x, targets = (torch.from_numpy(v.astype(training.FLOATX)) for v in self.batches[i % training.BATCHES])
        y = self.model(x, training=True)
        logp = torch.log(y) if self.softmax else torch.log_softmax(y, -1)
        loss = -(targets * logp).sum(-1).mean()
        trainable = {name: v.value for name, v in self.variables.items() if v.trainable}
        gradients = torch.autograd.grad(loss, list(trainable.values()))
        return loss.item(), dict(zip(trainable, gradients))

    def gradients(self):
        loss, gradients = self.step(0)
        # Only those that moved: frozen norms keep theirs.
        statistics = {
            name: (array(v) - self.start[name]) / (1 - self.momentum[name.split("/")[0]])
            for name, v in self.variables.items()
            if name.split("/")[1].startswith("moving") and np.any(array(v) != self.start[name])
        }
        return loss, gradients, statistics

    def run(self, optimiser, learningRate):
        for name, v in self.variables.items():
            v.assign(self.start[name])
        optimiser = keras_optimiser(**optimiser, learning_rate=learningRate)
        for i in range(training.STEPS):
            loss, gradients = self.step(i)
            with torch.no_grad():
                optimiser.apply(list(gradients.values()), [self.variables[name] for name in gradients])
            yield loss


def array(variable):
    return variable.value.detach().numpy().copy()


def case(network, options, batch_size, noise, settings, optimisers):
    pixels = expected_range(network, options)
    model = Training(network, options, batch_size, pixels, noise, **settings)
    return training.case(model, network, options, batch_size, noise, pixels, optimisers, **settings)


training.write(
    "training-keras.json",
    {
        "by": "test/golden/make/training_keras.py",
        "python": platform.python_version(),
        "keras": keras.__version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
    },
    [case(*c) for c in CASES],
)
