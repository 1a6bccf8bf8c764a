# SPDX-License-Identifier: MIT
# needs: torch
"""model.type cnn as a PyTorch user would write it."""
from torch import nn

from peer_layers import HEAD, STEM, ConvNorm, Head, stem, stem_side

INPUT = "channels"
OPTIONS = STEM | HEAD | {"hidden", "kernel"}


class Network(nn.Module):
    def __init__(self, o):
        super().__init__()
        model = o["model"]
        hidden = model["hidden"]
        layers, channels = stem(model, o["leads"] * o["channels"])
        for a, b in zip([channels, *hidden], hidden):
            layers += [ConvNorm(a, b, model["kernel"]), nn.MaxPool2d(2)]
        self.body = nn.Sequential(*layers)
        size = [stem_side(model, o[side]) >> len(hidden) for side in ("height", "width")]
        self.head = Head(model, hidden[-1], size[0] * size[1], o["outputs"])

    def forward(self, x):
        return self.head(self.body(x).unsqueeze(1))


build = Network
