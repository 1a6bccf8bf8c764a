# SPDX-License-Identifier: MIT
# needs: torch torchvision
"""model.type resnet as a PyTorch user would write it: torchvision's."""
import torchvision
from torch import nn

INPUT = "channels"
OPTIONS = {"depth", "width", "head", "head_norm", "dropout"}


def build(o):
    model = o["model"]
    if model["head"] != "linear" or model["head_norm"] or model["dropout"] or model["width"] != 64:
        raise SystemExit("the peer of a resnet has model.head: linear and model.width: 64, no more")
    net = getattr(torchvision.models, f"resnet{model['depth']}")(weights=None)
    channels = o["leads"] * o["channels"]
    if channels != 3:
        net.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
    net.fc = nn.Linear(net.fc.in_features, o["outputs"])
    return net
