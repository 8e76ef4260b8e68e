"""The article's three networks in Keras 3, layer for layer.

Two slips of the article are mended: V2's calls say `filters` where the block's parameter is `pointwise_filters`, and
`backend` is never imported. `K.relu(x, max_value=6)`, which Keras 3 has no more, is `keras.activations.relu`.
"""
import keras
from keras.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    Input,
    Multiply,
    Reshape,
    ZeroPadding2D,
)


def relu6(x):
    return keras.activations.relu(x, max_value=6)


def hard_swish(x):
    return x * keras.activations.relu(x + 3.0, max_value=6.0) / 6.0


def mobilenet_v1(input_shape, classes=1000, depth_multiplier=1, dropout=1e-3):
    def norm(x, name):
        return Activation(relu6, name=f"{name}_relu")(BatchNormalization(name=f"{name}_bn")(x))

    inputs = Input(input_shape)
    x = norm(Conv2D(32, (3, 3), padding="same", use_bias=False, strides=(2, 2), name="conv1")(inputs), "conv1")
    widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
    for i, filters in enumerate(widths, 1):
        stride = 2 if i in (2, 4, 6, 12) else 1
        dw, pw = f"conv_dw_{i}", f"conv_pw_{i}"
        x = DepthwiseConv2D(
            (3, 3), padding="same", depth_multiplier=depth_multiplier, strides=stride, use_bias=False, name=dw
        )(x)
        x = norm(x, dw)
        x = norm(Conv2D(filters, (1, 1), padding="same", use_bias=False, strides=(1, 1), name=pw)(x), pw)
    x = GlobalAveragePooling2D()(x)
    x = Reshape((1, 1, 1024), name="reshape_1")(x)
    x = Dropout(dropout, name="dropout")(x)
    x = Conv2D(classes, (1, 1), padding="same", name="conv_preds")(x)
    x = Activation("softmax", name="act_softmax")(x)
    return keras.Model(inputs, Reshape((classes,), name="reshape_2")(x))


def mobilenet_v2(input_shape, classes=1000):
    def norm(x, name):
        return BatchNormalization(epsilon=1e-3, momentum=0.999, name=name)(x)

    def block(inputs, expansion, stride, pointwise_filters, block_id):
        prefix, channels, x = f"block_{block_id}_", inputs.shape[-1], inputs
        if block_id:
            x = Conv2D(expansion * channels, kernel_size=1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
            x = Activation(relu6, name=f"{prefix}expand_relu")(norm(x, f"{prefix}expand_BN"))
        else:
            prefix = "expanded_conv_"
        if stride == 2:
            x = ZeroPadding2D(padding=(1, 1), name=f"{prefix}pad")(x)
        padding = "same" if stride == 1 else "valid"
        x = DepthwiseConv2D(3, strides=stride, use_bias=False, padding=padding, name=f"{prefix}depthwise")(x)
        x = Activation(relu6, name=f"{prefix}depthwise_relu")(norm(x, f"{prefix}depthwise_BN"))
        x = Conv2D(pointwise_filters, kernel_size=1, padding="same", use_bias=False, name=f"{prefix}project")(x)
        x = norm(x, f"{prefix}project_BN")
        return Add(name=f"{prefix}add")([inputs, x]) if channels == pointwise_filters and stride == 1 else x

    inputs = Input(input_shape)
    x = ZeroPadding2D(padding=(1, 1), name="Conv1_pad")(inputs)
    x = Conv2D(32, kernel_size=3, strides=(2, 2), padding="valid", use_bias=False, name="Conv1")(x)
    x = Activation(relu6, name="Conv1_relu")(norm(x, "bn_Conv1"))
    widths = [16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320]
    for i, filters in enumerate(widths):
        x = block(x, 6 if i else 1, 2 if i in (1, 3, 6, 13) else 1, filters, i)
    x = Conv2D(1280, kernel_size=1, use_bias=False, name="Conv_1")(x)
    x = Activation(relu6, name="out_relu")(norm(x, "Conv_1_bn"))
    x = GlobalAveragePooling2D()(x)
    return keras.Model(inputs, Dense(classes, activation="softmax", use_bias=True, name="Logits")(x))


def mobilenet_v3_small(input_shape, classes=1000, alpha=1):
    def activation(x, nl):
        return Activation(hard_swish if nl == "HS" else relu6)(x)

    def conv_block(x, filters, kernel, strides, nl):
        return activation(BatchNormalization()(Conv2D(filters, kernel, padding="same", strides=strides)(x)), nl)

    def squeeze(inputs):
        channels = inputs.shape[-1]
        x = Dense(int(channels / 4))(GlobalAveragePooling2D()(inputs))
        x = Dense(channels)(Activation(relu6)(x))
        x = Reshape((1, 1, channels))(Activation(hard_swish)(x))
        return Multiply()([inputs, x])

    def bottleneck(inputs, filters, kernel, up_dim, stride, sq, nl):
        x = conv_block(inputs, up_dim, (1, 1), (1, 1), nl)
        x = DepthwiseConv2D(kernel, strides=(stride, stride), depth_multiplier=1, padding="same")(x)
        x = activation(BatchNormalization()(x), nl)
        if sq:
            x = squeeze(x)
        # The article compares with the unscaled filters, so that other alphas have no residual additions.
        x = BatchNormalization()(Conv2D(int(alpha * filters), (1, 1), strides=(1, 1), padding="same")(x))
        return Add()([x, inputs]) if stride == 1 and inputs.shape[3] == filters else x

    inputs = Input(input_shape)
    x = conv_block(inputs, 16, (3, 3), (2, 2), "HS")
    x = bottleneck(x, 16, (3, 3), up_dim=16, stride=2, sq=True, nl="RE")
    x = bottleneck(x, 24, (3, 3), up_dim=72, stride=2, sq=False, nl="RE")
    x = bottleneck(x, 24, (3, 3), up_dim=88, stride=1, sq=False, nl="RE")
    x = bottleneck(x, 40, (5, 5), up_dim=96, stride=2, sq=True, nl="HS")
    x = bottleneck(x, 40, (5, 5), up_dim=240, stride=1, sq=True, nl="HS")
    x = bottleneck(x, 40, (5, 5), up_dim=240, stride=1, sq=True, nl="HS")
    x = bottleneck(x, 48, (5, 5), up_dim=120, stride=1, sq=True, nl="HS")
    x = bottleneck(x, 48, (5, 5), up_dim=144, stride=1, sq=True, nl="HS")
    x = bottleneck(x, 96, (5, 5), up_dim=288, stride=2, sq=True, nl="HS")
    x = bottleneck(x, 96, (5, 5), up_dim=576, stride=1, sq=True, nl="HS")
    x = bottleneck(x, 96, (5, 5), up_dim=576, stride=1, sq=True, nl="HS")
    x = conv_block(x, 576, (1, 1), (1, 1), "HS")
    x = Reshape((1, 1, 576))(GlobalAveragePooling2D()(x))
    x = activation(Conv2D(1024, (1, 1), padding="same")(x), "HS")
    x = Conv2D(classes, (1, 1), padding="same", activation="softmax")(x)
    return keras.Model(inputs, Reshape((classes,))(x))
