"""What the scripts that make goldens of training share: batches, what is kept of a tensor, and float32's own error.

Each script runs twice, in float64 for the goldens and in float32, so that they tell how far that is off by itself.
"""
import json
import math
import os
import subprocess
import sys

import numpy as np
import seeded

FLOATX = os.environ.get("FLOATX", "float64")
STEPS = 10
PATCH = 8
# The steps take turns with these.
BATCHES = 2
# Optimisers by name. RMSProp as step.ts documents it, epsilon inside the root; Keras has the same.
SGD = {"kind": "sgd", "momentum": 0.9}
NESTEROV = {"kind": "sgd", "momentum": 0.9, "nesterov": True}


def rmsprop(epsilon):
    return {"kind": "rmsprop", "rho": 0.9, "momentum": 0.9, "epsilon": epsilon}


def batch(noise, i, shape, pixels, classes):
    """Pictures of random patches, and one-hot rows of random labels; both float32.

    Of finer noise little but the mean would reach the last layers. Their batch norms would make much of the tiny
    differences that are left, and gradients explode.
    """
    low, high = pixels
    n, height, width, channels = shape
    rows, columns = math.ceil(height / PATCH), math.ceil(width / PATCH)
    patches = seeded.uniform(f"{noise}/{i}/images", n * rows * columns * channels).reshape(n, rows, columns, channels)
    patches = (low + (high - low) * patches).astype(np.float32)
    x = patches.repeat(PATCH, 1).repeat(PATCH, 2)[:, :height, :width]
    labels = np.floor(seeded.uniform(f"{noise}/{i}/labels", shape[0]) * classes).astype(int)
    return x, np.eye(classes, dtype=np.float32)[labels]


def parameter(layer, weight, shape):
    """As in `seeded`, but for batch norms that keep nearly all values between the kinks of their activations, and
    some channels at the upper one.

    At a kink the gradient jumps: where float32 lands on its other side, single gradients differ by percents. With
    norms as in `seeded` that happens in every step, and losses part ways after three.
    """
    u = seeded.uniform(f"{layer}/{weight}", math.prod(shape)).reshape(shape)
    if weight == "gamma":
        return (0.25 + 0.5 * u).astype(np.float32)
    if weight == "beta":
        return np.where(u < 0.97, 0.2 + u, 6).astype(np.float32)
    return seeded.parameter(layer, weight, shape)


def row(name, values, samples):
    """Of a whole tensor in our layout: largest magnitude, norm, product with a random vector, and some elements."""
    flat = np.asarray(values, np.float64).ravel()
    direction = 2 * seeded.uniform(f"{name}/direction", flat.size) - 1
    # A prime step visits other channels, rows and columns each time.
    some = [flat[i * 7919 % flat.size] for i in range(min(samples, flat.size))]
    return [rounded(v) for v in [np.abs(flat).max(), np.linalg.norm(flat), flat @ direction, *some]]


def rounded(value):
    # Five digits are a hundred times finer than what is asked of the gradients.
    return float(f"{value:.5g}")


def case(model, network, options, batch_size, noise, pixels, optimisers, **settings):
    """
    `gradients`: of the first batch's loss. `statistics`: the batch's means and variances less the moving ones, as the
    step has moved these by (1 - momentum) of that.
    `runs`: losses of STEPS steps each, from the same start.
    """
    loss, gradients, statistics = model.gradients()
    return {
        "network": network,
        "options": options,
        "batch": batch_size,
        "noise": noise,
        "range": pixels,
        **settings,
        "loss": float(f"{loss:.7g}"),
        "gradients": {name: row(name, g, 8) for name, g in gradients.items()},
        "statistics": {name: row(name, s, 3) for name, s in statistics.items()},
        "runs": [
            {"optimiser": optimiser, **update, "losses": [float(f"{v:.7g}") for v in model.run(optimiser, **update)]}
            for optimiser, update in optimisers
        ],
    }


def deviation(a, b):
    """Of one run of a case from another: the largest differences, relative as the test has it."""
    largest = max(row[0] for row in a["gradients"].values())

    def tensors(kind):
        return max((difference(row, b[kind][name]) for name, row in a[kind].items()), default=0)

    def difference(expected, found):
        scale = max(expected[0], FLOOR * largest)
        return max(abs(e - f) / scale for e, f in zip(expected[3:], found[3:]))

    runs = [(x, y) for p, q in zip(a["runs"], b["runs"]) for x, y in zip(p["losses"], q["losses"])]
    deviations = {
        "loss": abs(a["loss"] / b["loss"] - 1),
        "gradients": tensors("gradients"),
        "statistics": tensors("statistics"),
        "runs": max((abs(x / y - 1) for x, y in runs), default=0),
    }
    return {name: float(f"{value:.1e}") for name, value in deviations.items()}


# A bias before a batch norm has no gradient but rounding: what is below this share of the network's largest counts as
# that.
FLOOR = 1e-3


def write(name, made, cases):
    """Writes the golden, or, run by itself for float32, prints the cases."""
    if FLOATX != "float64":
        print(json.dumps(cases))
        return
    environment = {**os.environ, "FLOATX": "float32"}
    single = subprocess.run([sys.executable, *sys.argv], env=environment, capture_output=True, check=True, text=True)
    others = json.loads(single.stdout.splitlines()[-1])
    seeded.write(name, made, cases=[{**a, "float32": deviation(a, b)} for a, b in zip(cases, others)])
