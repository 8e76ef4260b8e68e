"""Opens what our writers wrote in real torchvision and timm, and compares logits.

  node --import tsx --conditions source test/formats/write-torch.ts DIR
  PYTHONPATH=test/golden/make python test/formats/open-in-torch.py DIR

Needs torch, torchvision, timm, safetensors, numpy. Every parameter must be there (strict) and every value be used.
"""
import json
import pathlib
import sys

import seeded
import timm
import timm.models.efficientnet
import timm.models.mobilenetv3
import torch
import torchvision
from safetensors import safe_open
from torch_state import nchw

TOLERANCE = 1e-4

folder = pathlib.Path(sys.argv[1])
cases = json.loads((folder / "expected.json").read_text())
for case in cases:
    with safe_open(folder / case["file"], "pt") as file:
        # Our own writer's note of how the network is made.
        call = file.metadata()["open_with"]
        state = {name: file.get_tensor(name) for name in file.keys()}
    model = eval(call, {"timm": timm, "torchvision": torchvision}).eval()
    model.load_state_dict(state, strict=True)
    x = seeded.pictures((1, *case["shape"]), -1, 1)
    with torch.no_grad():
        logits = model.double()(nchw(x).double())[0]
    expected = torch.tensor(case["logits"], dtype=torch.double)
    assert logits.shape == expected.shape, (case["file"], logits.shape, expected.shape)
    error = ((logits - expected).abs().max() / expected.abs().max()).item()
    print(f"{case['file']}: {call}: {error:.1e}")
    assert error < TOLERANCE, case["file"]
print(f"{len(cases)} files: strict loading, largest difference below {TOLERANCE} of the largest logit")
