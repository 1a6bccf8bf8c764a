# SPDX-License-Identifier: MIT
# needs: torch
"""model.type convlstm as a PyTorch user would write it."""
import torch
from torch import nn

from peer_layers import HEAD, STEM, Head, stem, stem_side

INPUT = "sequence"
OPTIONS = STEM | HEAD | {"hidden", "kernel", "bias", "forget_bias", "cell_norm", "recurrent_init",
                         "pool_time"}


class Cell(nn.Module):
    """(T, N, C, H, W) to h of every step; gates in the order i f o g."""

    def __init__(self, model, inputs, hidden):
        super().__init__()
        kernel = model["kernel"]
        self.hidden = hidden
        self.gates = nn.Conv2d(inputs + hidden, 4 * hidden, kernel, padding=kernel // 2,
                               bias=model["bias"])
        layer = model["cell_norm"] == "layer"
        self.norm = nn.GroupNorm(4, 4 * hidden) if layer else None  # of each gate, a record
        with torch.no_grad():
            shift = self.norm.bias if layer else self.gates.bias
            if model["forget_bias"]:
                shift[hidden:2 * hidden] += model["forget_bias"]
            if model["recurrent_init"] == "orthogonal":
                self.turn(inputs, kernel)

    def turn(self, inputs, kernel):
        """Weights from h: a rotation at the kernel's centre."""
        self.gates.weight[:, inputs:] = 0
        for gate in self.gates.weight.chunk(4):
            gate[:, inputs:, kernel // 2, kernel // 2] = nn.init.orthogonal_(
                torch.empty(self.hidden, self.hidden))

    def forward(self, x):
        h = c = x.new_zeros(x.shape[1], self.hidden, *x.shape[3:])
        steps = []
        for x_t in x:
            gates = self.gates(torch.cat([x_t, h], 1))
            if self.norm is not None:
                gates = self.norm(gates)
            i, f, o, g = gates.chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps.append(h)
        return steps


class Network(nn.Module):
    def __init__(self, o):
        super().__init__()
        model = o["model"]
        layers, channels = stem(model, o["channels"])
        hidden = model["hidden"]
        self.stem = nn.Sequential(*layers)
        self.cells = nn.ModuleList(Cell(model, a, b) for a, b in zip([channels, *hidden], hidden))
        self.all_steps = model["pool_time"]
        steps = o["leads"] if self.all_steps else 1
        size = stem_side(model, o["height"]) * stem_side(model, o["width"])
        self.head = Head(model, hidden[-1], steps * size, o["outputs"])

    def forward(self, x):
        if len(self.stem):
            y = self.stem(x.flatten(0, 1))
            x = y.view(x.shape[0], x.shape[1], *y.shape[1:])
        for cell in self.cells:
            steps = cell(x)
            x = steps if cell is self.cells[-1] else torch.stack(steps)
        return self.head(torch.stack(x, 1) if self.all_steps else x[-1].unsqueeze(1))


build = Network
