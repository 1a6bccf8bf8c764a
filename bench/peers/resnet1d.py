# SPDX-License-Identifier: MIT
# needs: torch
"""model.type resnet1d as a PyTorch user would write it."""
from torch import nn
from torch.nn import functional as F

from peer_signals import HEAD, BenchmarkHead, conv, norm, stages

INPUT = "channels"
OPTIONS = HEAD | {"width", "blocks", "kernels"}


class Block(nn.Module):
    def __init__(self, k, kernels, stride):
        super().__init__()
        self.main = stages(conv(k, k, kernels[0], stride), norm(k), nn.ReLU(inplace=True),
                           conv(k, k, kernels[1]), norm(k))
        self.beside = stages(conv(k, k, 1, stride), norm(k)) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.main(x) + self.beside(x), inplace=True)


class Network(nn.Module):
    def __init__(self, o):
        super().__init__()
        model = o["model"]
        k = model["width"]
        blocks = [Block(k, model["kernels"], 2 if i and not j else 1)
                  for i, n in enumerate(model["blocks"]) for j in range(n)]
        self.body = stages(conv(o["leads"] * o["channels"], k, 7), norm(k), nn.ReLU(inplace=True),
                           *blocks)
        self.head = BenchmarkHead(model, k, o["outputs"])

    def forward(self, x):
        return self.head(self.body(x))


build = Network
