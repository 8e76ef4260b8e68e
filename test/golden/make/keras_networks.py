"""Networks of keras.applications and of the article, built by options in our spelling, with seeded weights."""
import article_networks
import keras
import numpy as np
import seeded

# Every weight is set by `fill`; drawing it first would compile a program for each shape.
keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None: np.zeros(shape)

V1, V2, SMALL, LARGE = "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"
APPLICATIONS = {
    V1: keras.applications.MobileNet,
    V2: keras.applications.MobileNetV2,
    SMALL: keras.applications.MobileNetV3Small,
    LARGE: keras.applications.MobileNetV3Large,
}
ARTICLE = {
    V1: article_networks.mobilenet_v1,
    V2: article_networks.mobilenet_v2,
    SMALL: article_networks.mobilenet_v3_small,
}

KERAS_NAMES = {
    "inputShape": "input_shape",
    "depthMultiplier": "depth_multiplier",
    "includeTop": "include_top",
    "classifierActivation": "classifier_activation",
    "includePreprocessing": "include_preprocessing",
}


def build(network, options):
    keras.backend.clear_session()  # automatic names start anew
    kwargs = {KERAS_NAMES.get(name, name): value for name, value in options.items()}
    if kwargs.pop("flavor", "keras") == "article":
        return ARTICLE[network](**kwargs)
    if network in (SMALL, LARGE) and "dropout" in kwargs:
        kwargs["dropout_rate"] = kwargs.pop("dropout")
    return APPLICATIONS[network](weights=None, **kwargs)


def fill(model, parameter=seeded.parameter):
    for layer in model.layers:
        for variable in layer.weights:
            weight = variable.name
            if isinstance(layer, keras.layers.DepthwiseConv2D) and weight == "kernel":
                weight = "depthwise_kernel"  # the name of Keras 1 and 2, and of their files
            variable.assign(parameter(layer.name, weight, tuple(variable.shape)))


def expected_range(network, options):
    """V3 of keras.applications takes 0 to 255 and rescales by itself, unless told not to."""
    article = options.get("flavor") == "article"
    raw = network in (SMALL, LARGE) and not article and options.get("includePreprocessing", True)
    return [0, 255] if raw else [-1, 1]
