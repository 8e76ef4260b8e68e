"""Writes test/golden/training-torch.json: losses, gradients and running statistics of torchvision's networks in
training, for seeded weights and batches, and the losses of ten steps with PyTorch's optimisers.

Run from the project's root: python test/golden/make/training_torch.py (needs torch, torchvision, numpy).
"""
import platform

import numpy as np
import torch
import torch_state
import torchvision
import torchvision_layers
import training
from torch import nn

CLASSES = 10
V2, SMALL = "mobilenet_v2", "mobilenet_v3_small"

SGD = (training.SGD, {"learningRate": 2e-3})
# Clipped, and with decay of the kernels strong enough to show.
NESTEROV = (training.NESTEROV, {"learningRate": 2e-3, "weightDecay": 0.2, "clipNorm": 2})
ADAM = ({"kind": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3}, {"learningRate": 3e-4})

# Network, width multiplier, [height, width], batch size, seed of the batches, optimisers; see training_keras.py.
CASES = [
    (V2, 0.35, [48, 49], 8, 0, [SGD, NESTEROV]),
    (SMALL, 0.5, [65, 64], 8, 0, [SGD, ADAM]),
]


class Training:
    def __init__(self, network, alpha, size, batch_size, noise):
        model = getattr(torchvision.models, network)(width_mult=alpha, num_classes=CLASSES, dropout=0)
        self.model = model.to(getattr(torch, training.FLOATX))
        self.layers = torchvision_layers.layers(model)
        torch_state.seed(model, self.layers, training.parameter)
        self.start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        shape = (batch_size, *size, 3)
        self.batches = [training.batch(noise, i, shape, [-1, 1], CLASSES) for i in range(training.BATCHES)]

    def step(self, i):
        x, targets = (v.astype(training.FLOATX) for v in self.batches[i % training.BATCHES])
        loss = nn.functional.cross_entropy(self.model(torch_state.nchw(x)), torch.from_numpy(targets))
        self.model.zero_grad()
        loss.backward()
        return loss.item()

    def reset(self):
        self.model.load_state_dict(self.start)
        return self.model.train()

    def gradients(self):
        modules = dict(self.reset().named_modules())
        loss = self.step(0)
        gradients, statistics = {}, {}
        for layer, path in self.layers.items():
            module = modules[path]
            for name, parameter in module.named_parameters():
                key, values = torch_state.ours(layer, module, name, parameter.grad)
                gradients[key] = values
            if isinstance(module, nn.BatchNorm2d):
                for name in ("running_mean", "running_var"):
                    moved = getattr(module, name) - self.start[f"{path}.{name}"]
                    # PyTorch's momentum is the share of the new.
                    key, values = torch_state.ours(layer, module, name, moved / module.momentum)
                    statistics[key] = values
        return loss, gradients, statistics

    def run(self, optimiser, learningRate, weightDecay=0, clipNorm=None):
        parameters = list(self.reset().parameters())
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weightDecay},
            {"params": [p for p in parameters if p.ndim == 1]},
        ]
        steps = torch_optimiser(groups, learningRate, **optimiser)
        for i in range(training.STEPS):
            yield self.step(i)
            if clipNorm is not None:
                nn.utils.clip_grad_norm_(parameters, clipNorm)
            steps.step()


def torch_optimiser(groups, rate, kind, beta1=0, beta2=0, epsilon=0, **options):
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=rate, **options)
    return torch.optim.Adam(groups, lr=rate, betas=(beta1, beta2), eps=epsilon)


def case(network, alpha, size, batch_size, noise, optimisers):
    model = Training(network, alpha, size, batch_size, noise)
    options = {"flavor": "torchvision", "inputShape": [*size, 3], "alpha": alpha, "classes": CLASSES, "dropout": 0}
    return training.case(model, network, options, batch_size, noise, [-1, 1], optimisers)


training.write(
    "training-torch.json",
    {
        "by": "test/golden/make/training_torch.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "numpy": np.__version__,
    },
    [case(*c) for c in CASES],
)
