"""Saves the weights of a network of torchvision as model.pth. Needs torch and torchvision."""

import torch
import torchvision

model = torchvision.models.mobilenet_v3_small(weights="DEFAULT")
torch.save(model.state_dict(), "model.pth")
