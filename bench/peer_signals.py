# SPDX-License-Identifier: MIT
# needs: torch
"""What the networks on signals of bench/peers/ share: (N, C, 1, W), and the head of the PTB-XL
benchmark. Rows of one line rather than Conv1d, which has no channels-last layout; contiguous they
are the same to PyTorch."""
import torch
from torch import nn
from torch.nn import functional as F

HEAD = {"head", "head_norm", "dropout", "head_features", "head_dropout"}


def conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, (1, kernel), (1, stride), (0, kernel // 2), bias=False)


def norm(channels):
    return nn.BatchNorm2d(channels)


def stages(*layers):
    return nn.Sequential(*[layer for layer in layers if layer is not None])


class BenchmarkHead(nn.Module):
    """[maximum, mean] of each channel, or with `last` [mean, maximum, last]; norm, dropout, hidden
    layer, ReLU, norm, dropout, outputs."""

    def __init__(self, model, channels, outputs, last=False):
        super().__init__()
        kind = "benchmark-last" if last else "benchmark"
        if model["head"] != kind or model["head_norm"] or model["dropout"]:
            raise RuntimeError(f"the peer of a network on signals has model.head: {kind}, no more")
        features, hidden = (3 if last else 2) * channels, model["head_features"]
        self.last, self.dropout = last, model["head_dropout"]
        self.norm1, self.linear1 = nn.BatchNorm1d(features), nn.Linear(features, hidden)
        self.norm2, self.linear2 = nn.BatchNorm1d(hidden), nn.Linear(hidden, outputs)

    def forward(self, x):
        x = x.flatten(2)
        pooled = [x.mean(2), x.amax(2), x[:, :, -1]] if self.last else [x.amax(2), x.mean(2)]
        x = F.dropout(self.norm1(torch.cat(pooled, 1)), self.dropout / 2, self.training)
        x = self.norm2(F.relu(self.linear1(x)))
        return self.linear2(F.dropout(x, self.dropout, self.training))


class Recurrent(nn.Module):
    """Layers of nn.LSTM or nn.GRU, as nn.LSTM(num_layers=) has them where their widths are one."""

    def __init__(self, kind, o):
        super().__init__()
        model, hidden = o["model"], o["model"]["hidden"]
        inputs = o["leads"] * o["channels"]
        if len(set(hidden)) == 1:
            cells = [kind(inputs, hidden[0], len(hidden))]
        else:
            cells = [kind(a, b) for a, b in zip([inputs, *hidden], hidden)]
        self.cells = nn.ModuleList(cells)
        self.head = BenchmarkHead(model, hidden[-1], o["outputs"], last=True)

    def forward(self, x):
        x = x.flatten(2).permute(2, 0, 1)
        for cell in self.cells:
            x, _ = cell(x)
        return self.head(x.permute(1, 2, 0))
