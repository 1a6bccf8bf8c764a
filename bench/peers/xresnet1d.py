# SPDX-License-Identifier: MIT
# needs: torch
"""model.type xresnet1d as a PyTorch user would write it."""
from torch import nn
from torch.nn import functional as F

from peer_signals import HEAD, BenchmarkHead, conv, norm, stages

INPUT = "channels"
OPTIONS = HEAD | {"width", "blocks", "kernels"}


class Block(nn.Module):
    def __init__(self, inputs, k, kernel, stride):
        super().__init__()
        relu = nn.ReLU(inplace=True)
        self.main = stages(conv(inputs, k, 1), norm(k), relu, conv(k, k, kernel, stride), norm(k),
                           relu, conv(k, 4 * k, 1), norm(4 * k))
        self.beside = stages(
            nn.AvgPool2d((1, 2), ceil_mode=True) if stride > 1 else None,
            *((conv(inputs, 4 * k, 1), norm(4 * k)) if inputs != 4 * k else ()))

    def forward(self, x):
        return F.relu(self.main(x) + self.beside(x), inplace=True)


class Network(nn.Module):
    def __init__(self, o):
        super().__init__()
        model = o["model"]
        k = model["width"]
        first, middle = model["kernels"]
        layers, c = [], o["leads"] * o["channels"]
        for i, outputs in enumerate((k // 2, k // 2, k)):
            layers += [conv(c, outputs, first, 1 if i else 2), norm(outputs), nn.ReLU(inplace=True)]
            c = outputs
        layers.append(nn.MaxPool2d((1, 3), (1, 2), (0, 1)))
        for i, n in enumerate(model["blocks"]):
            for j in range(n):
                layers.append(Block(c, k, middle, 2 if i and not j else 1))
                c = 4 * k
        self.body = stages(*layers)
        self.head = BenchmarkHead(model, c, o["outputs"])

    def forward(self, x):
        return self.head(self.body(x))


build = Network
