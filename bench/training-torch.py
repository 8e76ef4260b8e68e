"""The peer of training.ts: trains V1 or V2 in PyTorch, eager, float32, channels_last, on the CPU.

Usage: training-torch.py <network> <threads> <batch> <size>. Prints a line of JSON about itself once it is ready; then
answers each line with a number n by a line with the milliseconds of n steps.
"""
import json
import os
import sys
import time

network, threads, batch, size = sys.argv[1], *map(int, sys.argv[2:])
os.environ["OMP_NUM_THREADS"] = str(threads)

import torch
from torch import nn

torch.set_num_threads(threads)
torch.manual_seed(1)


def conv(inputs, outputs, kernel=1, stride=1, groups=1, activation=nn.ReLU6):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))


def v1(classes=1000):
    table = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    layers, channels = [conv(3, 32, 3, 2)], 32
    for filters, stride in table:
        layers += [conv(channels, channels, 3, stride, groups=channels), conv(channels, filters)]
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        inner = inputs * expansion
        self.adds = stride == 1 and inputs == outputs
        self.layers = nn.Sequential(
            *([conv(inputs, inner)] if expansion > 1 else []),
            conv(inner, inner, 3, stride, groups=inner),
            conv(inner, outputs, activation=None),
        )

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


def v2(classes=1000):
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    layers, channels = [conv(3, 32, 3, 2)], 32
    for expansion, outputs, repeats, stride in table:
        for i in range(repeats):
            layers.append(InvertedResidual(channels, outputs, stride if i == 0 else 1, expansion))
            channels = outputs
    return nn.Sequential(*layers, conv(channels, 1280), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, classes))


model = {"mobilenet_v1": v1, "mobilenet_v2": v2}[network]().to(memory_format=torch.channels_last).train()
optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
images = torch.randn(batch, 3, size, size).to(memory_format=torch.channels_last)
labels = torch.randint(1000, (batch,))


def step():
    optimiser.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimiser.step()
    return loss.item()


about = {
    "version": torch.__version__,
    "threads": torch.get_num_threads(),
    "onednn": torch.backends.mkldnn.is_available(),
    "parameters": sum(p.numel() for p in model.parameters()),
}
print(json.dumps(about), flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps(times), flush=True)
