"""Writes test/golden/article-alphas.json: the article's V3-small in Keras at widths other than 1.

Its code adds a block's input where that has the table's width, not the block's own, so that other widths have no
residual additions, or fail. Run from the project's root: python test/golden/make/article_alphas.py (needs keras 3).
"""
import platform

import keras
import keras_networks as networks
import seeded

INNER = ["batch_normalization_9", "depthwise_conv2d_10", "global_average_pooling2d_9"]


def case(alpha):
    options = {"flavor": "article", "inputShape": [96, 96, 3], "alpha": alpha, "classes": 3}
    model = networks.build(networks.SMALL, options)
    networks.fill(model)
    x = seeded.pictures((1, 96, 96, 3), -1, 1)
    tensors = [model.get_layer(name).output for name in INNER]
    *layers, outputs = keras.Model(model.inputs, [*tensors, *model.outputs]).predict(x, verbose=0)
    return {
        "network": networks.SMALL,
        "options": options,
        "batch": 1,
        "range": [-1, 1],
        "outputs": seeded.summary(outputs),
        "layers": {name: seeded.summary(y) for name, y in zip(INNER, layers)},
        "additions": sum(isinstance(layer, keras.layers.Add) for layer in model.layers),
    }


def fails(alpha):
    try:
        networks.build(networks.SMALL, {"flavor": "article", "inputShape": [96, 96, 3], "alpha": alpha})
    except ValueError:
        return True
    return False


made = f"make/article_alphas.py: Keras {keras.__version__} on {keras.backend.backend()}, Python {platform.python_version()}"
cases = [case(alpha) for alpha in [0.35, 0.5, 0.75, 1.02, 1.4, 2]]
seeded.write("article-alphas.json", made, cases=cases, fails=[alpha for alpha in [0.03, 0.5, 1.2, 1.21, 1.4] if fails(alpha)])
