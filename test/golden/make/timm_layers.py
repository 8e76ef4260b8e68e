"""Our layer names to timm's modules, and timm's networks of any width."""
import timm
from timm.models import efficientnet, mobilenetv3

V1, V2, SMALL, LARGE = "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"
LITE0 = "efficientnet_lite0"


def build(network, alpha, **options):
    """A network of timm's own. Its registered models have fixed widths; the functions they call take any."""
    if network == V1:
        return efficientnet._gen_mobilenet_v1("mobilenetv1_100", alpha, **options)
    if network == V2:
        return efficientnet._gen_mobilenet_v2("mobilenetv2_100", alpha, **options)
    if network == LITE0:
        return efficientnet._gen_efficientnet_lite("efficientnet_lite0", alpha, **options)
    return mobilenetv3._gen_mobilenet_v3(f"{network.replace('mobilenet_', 'mobilenet')}_100", alpha, **options)


def registered(name, **options):
    return timm.create_model(name, **options)


def block_paths(model):
    return [(f"blocks.{s}.{b}", block) for s, stage in enumerate(model.blocks) for b, block in enumerate(stage)]


def layers(network, model):
    """Path of every module with parameters by our layer name, in the order of the data."""
    if network == V1:
        names = {"conv1": "conv_stem", "conv1_bn": "bn1"}
        for i, (path, _) in enumerate(block_paths(model), 1):
            names |= {f"conv_dw_{i}": f"{path}.conv_dw", f"conv_dw_{i}_bn": f"{path}.bn1"}
            names |= {f"conv_pw_{i}": f"{path}.conv_pw", f"conv_pw_{i}_bn": f"{path}.bn2"}
        return names | {"predictions": "classifier"}
    if network == V2:
        names = {"Conv1": "conv_stem", "bn_Conv1": "bn1"}
        for i, (path, block) in enumerate(block_paths(model)):
            prefix = f"block_{i}_" if i else "expanded_conv_"
            names |= separable(prefix, path, "BN") if i == 0 else inverted(prefix, path, block, "BN")
        return names | {"Conv_1": "conv_head", "Conv_1_bn": "bn2", "predictions": "classifier"}
    if network == LITE0:
        names = {"stem_conv": "conv_stem", "stem_bn": "bn1"}
        for path, block in block_paths(model):
            _, stage, i = path.split(".")
            names |= efficientnet_block(f"block{int(stage) + 1}{'abcd'[int(i)]}_", path, block)
        return names | {"top_conv": "conv_head", "top_bn": "bn2", "predictions": "classifier"}
    names = {"conv": "conv_stem", "conv_bn": "bn1"}
    *blocks, (last, _) = block_paths(model)
    for i, (path, block) in enumerate(blocks):
        prefix = f"expanded_conv_{i}_" if i else "expanded_conv_"
        names |= separable(prefix, path, "bn", block) if i == 0 else inverted(prefix, path, block, "bn")
    names |= {"conv_1": f"{last}.conv", "conv_1_bn": f"{last}.bn1"}
    return names | {"conv_2": "conv_head", "logits": "classifier"}


def separable(prefix, path, norm, block=None):
    names = {f"{prefix}depthwise": f"{path}.conv_dw", f"{prefix}depthwise_{norm}": f"{path}.bn1"}
    names |= squeeze(prefix, path, block)
    return names | {f"{prefix}project": f"{path}.conv_pw", f"{prefix}project_{norm}": f"{path}.bn2"}


def inverted(prefix, path, block, norm):
    names = {f"{prefix}expand": f"{path}.conv_pw", f"{prefix}expand_{norm}": f"{path}.bn1"}
    names |= {f"{prefix}depthwise": f"{path}.conv_dw", f"{prefix}depthwise_{norm}": f"{path}.bn2"}
    names |= squeeze(prefix, path, block)
    return names | {f"{prefix}project": f"{path}.conv_pwl", f"{prefix}project_{norm}": f"{path}.bn3"}


def efficientnet_block(prefix, path, block):
    """An InvertedResidual, or the first block, which does not expand."""
    expands = hasattr(block, "conv_pwl")
    names = {f"{prefix}expand_conv": f"{path}.conv_pw", f"{prefix}expand_bn": f"{path}.bn1"} if expands else {}
    names |= {f"{prefix}dwconv": f"{path}.conv_dw", f"{prefix}bn": f"{path}.bn{2 if expands else 1}"}
    names |= {f"{prefix}project_conv": f"{path}.conv_pw{'l' if expands else ''}"}
    return names | {f"{prefix}project_bn": f"{path}.bn{3 if expands else 2}"}


def squeeze(prefix, path, block):
    if not hasattr(getattr(block, "se", None), "conv_reduce"):
        return {}
    return {
        f"{prefix}squeeze_excite_conv": f"{path}.se.conv_reduce",
        f"{prefix}squeeze_excite_conv_1": f"{path}.se.conv_expand",
    }
