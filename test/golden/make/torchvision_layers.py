"""Path of torchvision's module for each of our layers with parameters."""
from torchvision.ops.misc import SqueezeExcitation


def layers(model):
    paths = {module: path for path, module in model.named_modules()}
    named = v2(model) if hasattr(model.features[1], "conv") else v3(model)
    return {layer: paths[module] for layer, module in named}


def v2(model):
    first, *blocks, last = model.features
    yield from zip(["Conv1", "bn_Conv1"], first)
    for i, block in enumerate(blocks):
        prefix = f"block_{i}_" if i else "expanded_conv_"
        *convs, project, norm = block.conv
        for part, conv in zip(["expand", "depthwise"][-len(convs) :], convs):
            yield from zip([f"{prefix}{part}", f"{prefix}{part}_BN"], conv)
        yield f"{prefix}project", project
        yield f"{prefix}project_BN", norm
    yield from zip(["Conv_1", "Conv_1_bn"], last)
    yield "predictions", model.classifier[1]


def v3(model):
    first, *blocks, last = model.features
    yield from zip(["conv", "conv_bn"], first)
    for i, block in enumerate(blocks):
        prefix = f"expanded_conv_{i}_" if i else "expanded_conv_"
        convs = [child for child in block.block if not isinstance(child, SqueezeExcitation)]
        for part, conv in zip(["expand", "depthwise", "project"][-len(convs) :], convs):
            yield from zip([f"{prefix}{part}", f"{prefix}{part}_bn"], conv)
        for child in block.block:
            if isinstance(child, SqueezeExcitation):
                yield f"{prefix}squeeze_excite_conv", child.fc1
                yield f"{prefix}squeeze_excite_conv_1", child.fc2
    yield from zip(["conv_1", "conv_1_bn"], last)
    yield "conv_2", model.classifier[0]
    yield "logits", model.classifier[3]
