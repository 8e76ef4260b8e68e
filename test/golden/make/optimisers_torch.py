"""Writes test/golden/optimisers.json: a dense layer trained for some steps by PyTorch's optimisers and losses.

Run from the project's root: python test/golden/make/optimisers_torch.py (needs torch, numpy).
In float64. PyTorch's RMSprop has epsilon outside the root, so TensorFlow's form is written out.
"""
import platform

import numpy as np
import seeded
import torch
from torch import nn

INPUTS, CLASSES, EXAMPLES = 6, 4, 5
# Other rates from step to step: what momentum remembers must be free of them.
RATES = [0.1, 0.3, 0.2, 0.05, 0.1, 0.4]

SOFTMAX, SIGMOID, MSE = "softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error"
SGD = {"kind": "sgd", "momentum": 0.9}
NESTEROV = {**SGD, "nesterov": True}
RMSPROP = {"kind": "rmsprop", "rho": 0.9, "momentum": 0.9, "epsilon": 0.01}
ADAM = {"kind": "adam", "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
ADAMW = {**ADAM, "decoupled": True}

# Targets, loss, optimiser, settings of the updates, of the step, and batches per update.
CASES = [
    ("labels", SOFTMAX, {"kind": "sgd", "momentum": 0}),
    ("labels", SOFTMAX, SGD),
    ("labels", SOFTMAX, NESTEROV),
    ("labels", SOFTMAX, SGD, {"weightDecay": 0.1}),
    ("labels", SOFTMAX, NESTEROV, {"weightDecay": 0.1}),
    ("labels", SOFTMAX, RMSPROP),
    ("labels", SOFTMAX, {**RMSPROP, "epsilon": 1}, {"weightDecay": 0.1}),
    ("labels", SOFTMAX, ADAM),
    ("labels", SOFTMAX, {**ADAM, "epsilon": 0.1}),
    ("labels", SOFTMAX, ADAM, {"weightDecay": 0.1}),
    ("labels", SOFTMAX, ADAMW, {"weightDecay": 0.1}),
    ("labels", SOFTMAX, SGD, {"clipNorm": 0.3}),
    ("labels", SOFTMAX, SGD, {"clipNorm": 0.3, "weightDecay": 0.1}),
    ("labels", SOFTMAX, ADAM, {"clipNorm": 0.3}),
    ("labels", SOFTMAX, SGD, {}, {"biasRate": 0.25}),
    ("labels", SOFTMAX, ADAMW, {"weightDecay": 0.1}, {"biasRate": 0.25}),
    ("labels", SOFTMAX, SGD, {}, {}, 3),
    ("labels", SOFTMAX, ADAM, {"clipNorm": 0.3}, {}, 2),
    ("smooth", SOFTMAX, SGD),
    ("weighted", SOFTMAX, SGD),
    ("several", SIGMOID, SGD),
    ("values", MSE, SGD),
]


def uniform(name, *shape):
    return torch.from_numpy(seeded.uniform(name, int(np.prod(shape))).reshape(shape))


def batch(i):
    """float32 numbers, for both sides to begin with the same."""
    labels = (uniform(f"{i}/labels", EXAMPLES) * CLASSES).long()
    return (2 * uniform(f"{i}/inputs", EXAMPLES, INPUTS) - 1).float().double(), labels


def class_weights():
    return (0.5 + uniform("weights", CLASSES)).float().double()


def one_hot(labels):
    return nn.functional.one_hot(labels, CLASSES).double()


def several(labels, i):
    return (uniform(f"{i}/several", EXAMPLES, CLASSES) < 0.4).double()


def values(labels, i):
    return (4 * uniform(f"{i}/values", EXAMPLES, CLASSES) - 2).float().double()


def weighted(y, labels):
    """The mean over examples, where PyTorch's own is over their weights."""
    return nn.functional.cross_entropy(y, labels, weight=class_weights(), reduction="sum") / EXAMPLES


def as_labels(labels, i):
    return labels


# By kind of targets: PyTorch's loss, what it takes, and the rows of targets that say the same.
OBJECTIVES = {
    "labels": (nn.CrossEntropyLoss(), as_labels, lambda labels, i: one_hot(labels)),
    "smooth": (
        nn.CrossEntropyLoss(label_smoothing=0.1),
        as_labels,
        lambda labels, i: 0.9 * one_hot(labels) + 0.1 / CLASSES,
    ),
    "weighted": (weighted, as_labels, lambda labels, i: one_hot(labels) * class_weights()),
    "several": (nn.BCEWithLogitsLoss(), several, several),
    "values": (nn.MSELoss(), values, values),
}


class RMSprop:
    """As TensorFlow has it: epsilon inside the root, momentum over the finished steps."""

    def __init__(self, groups, lr, rho, momentum, epsilon):
        self.param_groups = [{"lr": lr, "weight_decay": 0, **group} for group in groups]
        self.rho, self.momentum, self.epsilon = rho, momentum, epsilon
        self.state = {}

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                gradient = p.grad + group["weight_decay"] * p
                square, velocity = self.state.get(p, (0, 0))
                square = self.rho * square + (1 - self.rho) * gradient**2
                velocity = self.momentum * velocity + gradient / (square + self.epsilon).sqrt()
                p -= group["lr"] * velocity
                self.state[p] = square, velocity


def optimiser(groups, kind, beta1=0, beta2=0, epsilon=0, decoupled=False, **options):
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=1, **options)
    if kind == "rmsprop":
        return RMSprop(groups, lr=1, epsilon=epsilon, **options)
    adam = torch.optim.AdamW if decoupled else torch.optim.Adam
    return adam(groups, lr=1, betas=(beta1, beta2), eps=epsilon)


def fresh_layer():
    layer = nn.Linear(INPUTS, CLASSES).double()
    with torch.no_grad():
        layer.weight.copy_((2 * uniform("kernel", INPUTS, CLASSES) - 1).float().T)
        layer.bias.copy_((2 * uniform("bias", CLASSES) - 1).float())
    return layer


def weights(layer):
    return {"kernel": numbers(layer.weight.T), "bias": numbers(layer.bias)}


def case(targets, loss, how, update={}, step={}, batches=1):
    layer = fresh_layer()
    criterion, given, _ = OBJECTIVES[targets]
    groups = [
        {"params": [layer.weight], "weight_decay": update.get("weightDecay", 0), "factor": 1},
        {"params": [layer.bias], "weight_decay": 0, "factor": step.get("biasRate", 1)},
    ]
    steps = optimiser(groups, **how)
    losses, norms = [], []
    for i, rate in enumerate(RATES):
        layer.zero_grad()
        for j in range(batches):
            x, labels = batch(i * batches + j)
            value = criterion(layer(x), given(labels, i * batches + j))
            (value / batches).backward()
            losses.append(value.item())
        if "clipNorm" in update:
            norms.append(nn.utils.clip_grad_norm_(layer.parameters(), update["clipNorm"]).item())
        for group in steps.param_groups:
            group["lr"] = rate * group["factor"]
        steps.step()
    return {
        "targets": targets,
        "loss": loss,
        "optimiser": how,
        "update": update,
        "step": step,
        "batches": batches,
        "losses": numbers(losses),
        "norms": numbers(norms),
        **weights(layer),
    }


def numbers(values):
    return [float(f"{v:.8g}") for v in torch.as_tensor(values).detach().flatten().tolist()]


LONGEST = len(RATES) * max(c[5] if len(c) > 5 else 1 for c in CASES)
BATCHES = [(i, *batch(i)) for i in range(LONGEST)]
seeded.write(
    "optimisers.json",
    {
        "by": "test/golden/make/optimisers_torch.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    },
    start={"rates": RATES, **weights(fresh_layer())},
    inputs=[numbers(x) for _, x, _ in BATCHES],
    targets={kind: [numbers(rows(labels, i)) for i, _, labels in BATCHES] for kind, (_, _, rows) in OBJECTIVES.items()},
    cases=[case(*c) for c in CASES],
)
