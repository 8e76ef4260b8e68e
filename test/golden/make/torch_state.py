"""Seeded weights for PyTorch modules, shared by the scripts that make goldens with timm and torchvision."""
import numpy as np
import seeded
import torch
from torch import nn

NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


def parameters(layer, module, parameter=seeded.parameter):
    """Our values for each tensor of a module, in PyTorch's layouts: OIHW, and [out, in] for Linear."""

    def ours(weight, shape):
        return parameter(layer, weight, shape)

    if isinstance(module, nn.BatchNorm2d):
        return {theirs: ours(name, (module.num_features,)) for theirs, name in NORM.items()}
    if isinstance(module, nn.Conv2d) and module.groups > 1:
        weight = ours("depthwise_kernel", (*module.kernel_size, module.out_channels, 1)).transpose(2, 3, 0, 1)
    elif isinstance(module, nn.Conv2d):
        weight = ours("kernel", (*module.kernel_size, module.in_channels, module.out_channels)).transpose(3, 2, 0, 1)
    else:
        weight = ours("kernel", (module.in_features, module.out_features)).T
    return {"weight": weight} if module.bias is None else {"weight": weight, "bias": ours("bias", weight.shape[:1])}


def ours(layer, module, name, tensor):
    """The way back for one tensor of a module: our name and layout."""
    if isinstance(module, nn.BatchNorm2d):
        return f"{layer}/{NORM[name]}", tensor
    if name == "bias":
        return f"{layer}/bias", tensor
    if isinstance(module, nn.Conv2d) and module.groups > 1:
        return f"{layer}/depthwise_kernel", tensor.permute(2, 3, 0, 1)
    return f"{layer}/kernel", tensor.permute(2, 3, 1, 0) if isinstance(module, nn.Conv2d) else tensor.T


def seed(model, layers, parameter=seeded.parameter):
    """Fills a model with seeded weights. `layers`: path of each module with parameters by our layer name."""
    modules = dict(model.named_modules())
    state = {
        f"{path}.{name}": torch.from_numpy(np.ascontiguousarray(value))
        for layer, path in layers.items()
        for name, value in parameters(layer, modules[path], parameter).items()
    }
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)


def nhwc(tensor):
    # A copy: the activation that follows may write in place.
    return (tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor).detach().numpy().copy()


def nchw(pictures):
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
